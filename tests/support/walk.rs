//! A visit as a coordinator makes it who finds everything in order: every item that is asked gets a compliant answer,
//! through the screen. The rules of `domain` decide what is asked, so that no item is known by name.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use anyhow::{Context as _, Result, bail};
use chrono::{Days, Local};
use xieguan::domain::answer::{PartValue, Sheet};
use xieguan::domain::checklist::{Checklist, Choice, Comparator, Item, Limit, Part, PartKind, SHIPPED};
use xieguan::domain::id::Digest;
use xieguan::domain::judge::{asked_parts, is_visible, limits_in_force};

use crate::hand::{answer, part, tap, there, write};
use crate::webview::Window;

/// Answers the `n`-th sheet of the visit, filled against the shipped checklist of this code.
pub async fn fill(window: &mut Window, n: usize, code: &str) -> Result<()> {
    let shipped = SHIPPED.iter().map(|text| Checklist::parse(text.as_bytes()));
    let parsed: Vec<_> = shipped.collect::<Result<_, _>>()?;
    let (name, checklist) = parsed.into_iter().find(|(name, _)| name.code == code).context("a checklist")?;
    let mut sheet = Sheet::new(name);
    for item in checklist.items() {
        if !is_visible(item, &sheet) {
            continue;
        }
        for _ in 0..item.parts.len() {
            let open = |part: &&Part| {
                !matches!(part.kind, PartKind::Computed { .. })
                    && sheet.value(&item.code, &part.key).is_none()
            };
            let Some(part) = asked_parts(item, &sheet).find(open).cloned() else { break };
            let value = give(window, n, item, &part, &sheet)
                .await
                .with_context(|| format!("{} {}", item.code, part.key))?;
            sheet.answers.entry(item.code.clone()).or_default().parts.insert(part.key.clone(), value);
        }
    }
    Ok(())
}

async fn give(window: &mut Window, n: usize, item: &Item, to: &Part, sheet: &Sheet) -> Result<PartValue> {
    let id = format!("item-{n}-{}-{}", item.code, to.key);
    let (code, key) = (item.code.as_str(), to.key.as_str());
    let today = Local::now().date_naive();
    Ok(match &to.kind {
        PartKind::YesNo => {
            answer(window, n, code, key, ".ok").await?;
            PartValue::YesNo { yes: true }
        }
        PartKind::One { choices } => {
            let choice = good(choices);
            answer(window, n, code, key, &format!("[data-choice=\"{choice}\"]")).await?;
            PartValue::One { choice }
        }
        PartKind::Many { choices } => {
            let choice = good(choices);
            answer(window, n, code, key, &format!("[data-choice=\"{choice}\"]")).await?;
            PartValue::Many { choices: [choice].into() }
        }
        PartKind::Number { decimals, .. } => {
            let text = reading(&limits_in_force(to, item, sheet), *decimals);
            write(window, &id, &text).await?;
            PartValue::Number { reading: text.parse()?, instrument: None }
        }
        PartKind::CountPair => {
            write(window, &format!("{id}-0"), "3").await?;
            write(window, &format!("{id}-1"), "3").await?;
            PartValue::Count { required: 3, actual: 3 }
        }
        PartKind::Text { .. } | PartKind::Confidential { .. } => {
            write(window, &id, "示例内容").await?;
            match to.kind {
                PartKind::Text { .. } => PartValue::Text { text: "示例内容".to_owned() },
                _ => {
                    PartValue::Confidential { digest: Digest::of(b"stands for what the test does not know") }
                }
            }
        }
        PartKind::Date { .. } | PartKind::Expiry => {
            let date = match to.kind {
                PartKind::Date { .. } => today - Days::new(1),
                _ => today + Days::new(400),
            };
            write(window, &id, &date.format("%Y-%m-%d").to_string()).await?;
            PartValue::Date { date }
        }
        PartKind::Moment | PartKind::Series { .. } | PartKind::Computed { .. } => {
            bail!("no shipped checklist asks for this")
        }
    })
}

fn good(choices: &[Choice]) -> String {
    let choice = choices.iter().find(|choice| !choice.fails).or(choices.first());
    choice.map(|choice| choice.code.clone()).unwrap_or_default()
}

/// The reading at a limit that may be reached, or one step inside it.
fn reading(limits: &[&Limit], decimals: u8) -> String {
    let step = 10_f64.powi(-i32::from(decimals));
    let at = |limit: &Limit| limit.value.to_string().parse::<f64>().unwrap_or_default();
    let low =
        limits.iter().filter(|l| matches!(l.cmp, Comparator::AtLeast | Comparator::MoreThan)).map(|l| at(l));
    let high =
        limits.iter().filter(|l| matches!(l.cmp, Comparator::AtMost | Comparator::LessThan)).map(|l| at(l));
    let value = match (low.reduce(f64::max), high.reduce(f64::min)) {
        (Some(low), Some(high)) => f64::midpoint(low, high),
        (Some(low), None) => low + step,
        (None, Some(high)) => high - step,
        (None, None) => 20.0,
    };
    format!("{value:.*}", usize::from(decimals))
}

/// Whether the part is on the screen.
pub async fn is_asked(window: &mut Window, n: usize, item: &str, key: &str) -> Result<()> {
    there(window, &part(n, item, key)).await
}

/// Chooses the site in the list and starts the visit with what it offers.
pub async fn start(window: &mut Window, search: &str, first: &str) -> Result<()> {
    window.fill("#search", search).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length === 1", crate::hand::SOON).await?;
    tap(window, "[data-site]").await?;
    tap(window, "#to-start").await?;
    tap(window, "#start:not([disabled])").await?;
    there(window, &format!("#item-0-{first}")).await
}
