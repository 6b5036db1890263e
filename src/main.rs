//! The phone app: wiring only.

/// The window is a phone's size; `XIEGUAN_WINDOW=WIDTHxHEIGHT` gives it another.
#[cfg(feature = "desktop")]
fn main() {
    use dioxus::desktop::{Config, LogicalSize, WindowBuilder};
    let size = std::env::var("XIEGUAN_WINDOW").unwrap_or_default();
    let (width, height) = size
        .split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .unwrap_or((390.0, 844.0));
    let window = WindowBuilder::new().with_title("协管").with_inner_size(LogicalSize::new(width, height));
    dioxus::LaunchBuilder::desktop().with_cfg(Config::new().with_window(window).with_menu(None)).launch(App);
}

#[cfg(all(feature = "mobile", not(feature = "desktop")))]
fn main() {
    dioxus::launch(App);
}

/// Without a renderer there is nothing to show, and no renderer is in the default features.
#[cfg(not(any(feature = "desktop", feature = "mobile")))]
#[expect(clippy::print_stderr, reason = "it is all this program says")]
fn main() -> std::process::ExitCode {
    eprintln!("this build has no window; build with `cargo run --features desktop`");
    std::process::ExitCode::from(2)
}

/// Makes dx add the Gradle module with the resources our manifest names; it has no code to call.
#[cfg(target_os = "android")]
mod resources {
    #[manganis::ffi("assets/android/module")]
    extern "Kotlin" {}
}

/// Stands in until the screens exist.
#[cfg(any(feature = "desktop", feature = "mobile"))]
#[allow(non_snake_case, reason = "a component is written like a type")]
fn App() -> dioxus::prelude::Element {
    use dioxus::prelude::*;
    rsx! { h1 { "协管" } }
}
