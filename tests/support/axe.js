(selector => axe.run(document.querySelector(selector), { iframes: false }).then(result => {
  // A page on which hardly anything was looked at says nothing.
  if (result.passes.length < 5) return [`axe-core looked at ${result.passes.length} rules only`];
  return result.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').flatMap(v =>
    v.nodes.map(n => `${v.id} (${v.impact}): ${n.html.slice(0, 110)} ${n.failureSummary.split('\n')[1] || ''}`));
}))