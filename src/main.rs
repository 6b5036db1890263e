//! The phone app: wiring only.

#[cfg(any(feature = "desktop", feature = "mobile"))]
fn main() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    xieguan::ui::launch::launch(xieguan::ui::Startup::from_env());
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
