//! What a person sees on a phone's screen, looked at: nothing wider than the phone, nothing too small to touch, no
//! word in the wrong language; and kept as pictures when asked for.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::webview::Window;

const CHECKS: &str = include_str!("look.js");

/// Every combination of what a person may set, as the page shows it.
const LOOKS: [(&str, &str, &str); 4] =
    [("light", "0", "100"), ("dark", "0", "100"), ("light", "2", "200"), ("dark", "2", "200")];

/// What is wrong with the screen as it is now.
pub(crate) async fn faults(window: &mut Window, language: &str) -> Result<Vec<String>> {
    let found = window.eval(&format!("{}({})", CHECKS.trim_end(), json!(language))).await?;
    Ok(serde_json::from_value(found)?)
}

/// What axe-core calls serious or worse on the screen as it is now; nothing without XIEGUAN_AXE.
async fn barriers(window: &mut Window) -> Result<Vec<String>> {
    let Some(axe) = std::env::var_os("XIEGUAN_AXE") else { return Ok(Vec::new()) };
    if window.eval("typeof axe").await? == json!("undefined") {
        // The inspector takes no message of half a megabyte.
        window.eval("window.axeText = ''; 0").await?;
        let text: Vec<char> = std::fs::read_to_string(axe)?.chars().collect();
        for piece in text.chunks(40_000) {
            let piece: String = piece.iter().collect();
            window.eval(&format!("window.axeText += {}; 0", json!(piece))).await?;
        }
        window.eval("(0, eval)(window.axeText); delete window.axeText; 0").await?;
    }
    Ok(serde_json::from_value(window.eval(&format!("{AXE}('#main')")).await?)?)
}

/// Runs axe-core inside a page on what the selector finds; gives a list of sentences.
pub(crate) const AXE: &str = include_str!("axe.js");

/// One walk's pictures: phone size and language are the walk's, light and text size change at every screen.
pub(crate) struct Album {
    /// Where pictures go, one folder a screen; none when only the checks are wanted.
    pub(crate) folder: Option<PathBuf>,
    /// Width and height of the phone.
    pub(crate) phone: (u32, u32),
    /// `zh` or `en`.
    pub(crate) language: &'static str,
    /// Everything that was wrong, with the screen's name.
    pub(crate) wrong: Vec<String>,
    /// The screens seen.
    pub(crate) seen: Vec<String>,
}

impl Album {
    pub(crate) fn new(folder: Option<&Path>, phone: (u32, u32), language: &'static str) -> Self {
        Self { folder: folder.map(Path::to_path_buf), phone, language, wrong: Vec::new(), seen: Vec::new() }
    }

    /// Looks at the screen in every light and size, and leaves it as it was. `at` is scrolled to the top first.
    pub(crate) async fn look(&mut self, window: &mut Window, screen: &str, at: &str) -> Result<()> {
        const WAS: &str =
            "[document.documentElement.dataset.theme || '', document.documentElement.dataset.size || '0']";
        let was = window.eval(WAS).await?;
        for (theme, size, percent) in LOOKS {
            dress(window, theme, size).await?;
            window.eval(&format!("(e => e && e.scrollIntoView())({})", find(at))).await?;
            // Pictures and signatures that follow the size of their box are drawn again in the next frames.
            window
                .eval(
                    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))",
                )
                .await?;
            let mut found = faults(window, self.language).await?;
            if size == "0" {
                found.extend(barriers(window).await?);
            }
            for fault in found {
                self.wrong.push(format!(
                    "{screen} {}×{} {} {theme} {percent} %: {fault}",
                    self.phone.0, self.phone.1, self.language
                ));
            }
            if let Some(folder) = &self.folder {
                let folder = folder.join(screen);
                std::fs::create_dir_all(&folder)?;
                let name = format!("{}-{}-{percent}-{theme}.png", self.phone.0, self.language);
                window.screenshot(&folder.join(name)).await?;
            }
        }
        let text = |n: usize| was[n].as_str().unwrap_or_default().to_owned();
        dress(window, &text(0), &text(1)).await?;
        self.seen.push(screen.to_owned());
        Ok(())
    }

    /// Fails with everything that was wrong.
    pub(crate) fn close(self) -> Result<Vec<String>> {
        ensure!(self.wrong.is_empty(), "{} faults:\n{}", self.wrong.len(), self.wrong.join("\n"));
        Ok(self.seen)
    }
}

fn find(at: &str) -> String {
    if at.is_empty() { "null".to_owned() } else { format!("document.querySelector({})", json!(at)) }
}

async fn dress(window: &mut Window, theme: &str, size: &str) -> Result<Value> {
    let theme = if theme.is_empty() {
        "r.removeAttribute('data-theme')".to_owned()
    } else {
        format!("r.dataset.theme = {}", json!(theme))
    };
    window
        .eval(&format!(
            "(r => {{ {theme}; r.dataset.size = {}; return 0; }})(document.documentElement)",
            json!(size)
        ))
        .await
}
