// What must not be seen on a phone's screen; gives a list of sentences. Run inside the page, with the language in use.
(language => {
  // Debug builds put a tool of their own beside the app.
  const found = [];
  const phone = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - phone;
  if (over > 0) found.push(`the page is ${over} px wider than the phone`);
  const shown = e => {
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    return style.visibility === 'visible' && box.width > 0 && box.height > 0;
  };
  const name = e => e.outerHTML.slice(0, 100).replace(/\s+/g, ' ');
  const sideways = e => {
    for (let up = e; up; up = up.parentElement) {
      const x = getComputedStyle(up).overflowX;
      if (x === 'auto' || x === 'scroll') { if (!up.classList.contains('scroll')) return true; }
    }
    return false;
  };
  for (const e of document.querySelectorAll('#main *')) {
    const box = e.getBoundingClientRect();
    if (box.width > 0 && box.right > phone + 1 && shown(e) && !sideways(e) && e.id !== 'camera-input')
      found.push(`sticks out by ${Math.round(box.right - phone)} px: ${name(e)}`);
  }
  const touched = 'button, a[href], input, select, textarea, summary, [role=button], [role=tab], [role=switch]';
  for (const e of document.querySelectorAll(`#main :is(${touched})`)) {
    if (!shown(e) || e.id === 'camera-input') continue;
    const label = e.matches('input[type=checkbox], input[type=radio]') && e.closest('label');
    const box = (label || (e.tagName === 'INPUT' && e.closest('.field')) || e).getBoundingClientRect();
    if (box.height < 47.5 || box.width < 47.5)
      found.push(`too small to touch, ${Math.round(box.width)} × ${Math.round(box.height)}: ${name(e)}`);
    const words = e.getAttribute('aria-label') || e.innerText || e.labels && [...e.labels].map(l => l.innerText).join() ||
      e.getAttribute('aria-labelledby') || e.getAttribute('placeholder') || '';
    if (!words.trim()) found.push(`has no name for a screen reader: ${name(e)}`);
  }
  // Data stands in <bdi> or under dir or lang; everything else is the app's own words.
  const key = /\b[a-z]+(?:_[a-z]+)+\b|undefined|\bNaN\b|\[object|\{\w*\}/;
  const foreign = language === 'en' ? /[㐀-鿿]/ : /[A-Za-z]{3,}[ ,.]+[A-Za-z]{2,}[ ,.]+[A-Za-z]{2,}/;
  const check = (text, e) => {
    if (key.test(text)) found.push(`a key instead of words: ${text.trim().slice(0, 80)}`);
    if (foreign.test(text)) found.push(`not translated: ${text.trim().slice(0, 80)}`);
  };
  const walker = document.createTreeWalker(document.getElementById('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (e && !e.closest('script, style, bdi, [dir], body [lang]') && shown(e)) check(walker.currentNode.textContent, e);
  }
  for (const e of document.querySelectorAll('#main :is([aria-label], [placeholder], [title], [alt])'))
    for (const attribute of ['aria-label', 'placeholder', 'title', 'alt'])
      if (e.hasAttribute(attribute) && shown(e) && !e.matches('bdi, [dir=auto]:not(input):not(textarea)'))
        // A name in a sentence of ours stays in its own language.
        if (language !== 'en' || !/[A-Za-z]/.test(e.getAttribute(attribute))) check(e.getAttribute(attribute), e);
  // Words that run into something to touch: what is clipped or scrolled away does not count.
  const seen = (box, e) => {
    let { left, top, right, bottom } = box;
    for (let up = e; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflow === 'visible') continue;
      const edge = up.getBoundingClientRect();
      left = Math.max(left, edge.left); right = Math.min(right, edge.right);
      top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
    }
    return { left, top, right, bottom };
  };
  const targets = [...document.querySelectorAll(`#main :is(${touched})`)].filter(e => shown(e) && e.id !== 'camera-input')
    .map(e => [e, seen(e.getBoundingClientRect(), e.parentElement)]);
  const texts = document.createTreeWalker(document.getElementById('main'), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !e || !shown(e)) continue;
    if (e.closest('details:not([open])') && !e.closest('summary')) continue;
    range.selectNodeContents(texts.currentNode);
    for (const raw of range.getClientRects()) {
      const text = seen(raw, e);
      for (const [target, box] of targets) {
        if (target.contains(e) || e.contains(target)) continue;
        const across = Math.min(text.right, box.right) - Math.max(text.left, box.left);
        const down = Math.min(text.bottom, box.bottom) - Math.max(text.top, box.top);
        // Lines of tall letters may touch a button's own empty edge.
        if (across > 3 && down > 8)
          found.push(`words run into what is touched, ${Math.round(across)} × ${Math.round(down)}: ${e.innerText.trim().slice(0, 40)} / ${name(target)}`);
      }
    }
  }
  // The bars at top and bottom must leave room for what is between them.
  const middle = document.querySelector('.screen > .scroll');
  if (middle && middle.clientHeight < 150) found.push(`only ${middle.clientHeight} px are left to scroll in`);
  return [...new Set(found)];
})
