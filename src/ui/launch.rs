//! From the start of the program to the window: what the environment asks for, and the page around the screens.

/// What the program was started with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Startup {
    /// Address of a bureau, to be offered at enrolment.
    pub address: String,
    /// One-time code, to be offered at enrolment.
    pub code: String,
    /// Size of the window on a desktop; a phone's, if absent.
    pub window: Option<(f64, f64)>,
    /// A made-up position (degrees north, degrees east) for desktops without a sensor.
    pub position: Option<(f64, f64)>,
    /// When the program began, for the figure of how long the start takes.
    pub begun: Option<std::time::Instant>,
}

impl Startup {
    /// Reads `XIEGUAN_BUREAU`, `XIEGUAN_CODE`, `XIEGUAN_SIM_POSITION` (`lat,lon`), `XIEGUAN_WINDOW` (`390x844`).
    pub fn from_env() -> Self {
        let text = |name| std::env::var(name).unwrap_or_default();
        Self {
            address: text("XIEGUAN_BUREAU"),
            code: text("XIEGUAN_CODE"),
            window: pair(&text("XIEGUAN_WINDOW"), 'x'),
            position: pair(&text("XIEGUAN_SIM_POSITION"), ','),
            begun: Some(std::time::Instant::now()),
        }
    }
}

fn pair(text: &str, between: char) -> Option<(f64, f64)> {
    let (first, second) = text.split_once(between)?;
    Some((first.trim().parse().ok()?, second.trim().parse().ok()?))
}

/// The one stylesheet; the tokens of [`crate::view::TOKENS_CSS`] stand before it.
pub const STYLE: &str = include_str!("../../assets/style.css");

/// Opens the window and runs until it is closed.
#[cfg(any(feature = "desktop", feature = "mobile"))]
pub fn launch(startup: Startup) {
    use super::prefs::HEAD_SCRIPT;
    use crate::view::TOKENS_CSS;
    #[cfg(feature = "desktop")]
    use dioxus::desktop as webview;
    #[cfg(not(feature = "desktop"))]
    use dioxus::mobile as webview;

    let (width, height) = startup.window.unwrap_or((390.0, 844.0));
    let window = webview::WindowBuilder::new()
        .with_title("协管")
        .with_inner_size(webview::LogicalSize::new(width, height));
    let head = format!("<script>{HEAD_SCRIPT}</script><style>{TOKENS_CSS}{STYLE}</style>");
    let config = webview::Config::new()
        .with_window(window)
        .with_menu(None)
        .with_disable_context_menu(true)
        .with_custom_head(head);
    dioxus::LaunchBuilder::new().with_cfg(config).with_context(startup).launch(super::App);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_two_numbers_or_nothing() {
        assert_eq!(pair("30.66421, 104.06921", ','), Some((30.66421, 104.06921)));
        assert_eq!(pair("360x740", 'x'), Some((360.0, 740.0)));
        for text in ["", "30.6", "north,east"] {
            assert_eq!(pair(text, ','), None, "{text}");
        }
    }
}
