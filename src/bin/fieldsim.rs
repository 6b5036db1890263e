//! Simulated phones: wiring only.

#[cfg(not(any(target_os = "android", target_os = "ios")))]
fn main() -> anyhow::Result<std::process::ExitCode> {
    use std::io::Write as _;
    use std::process::ExitCode;

    use clap::Parser as _;
    use xieguan::fieldsim::{self, Cli, Command};

    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (line, ok, failures) = match Cli::parse().command {
        Command::Run(args) => {
            let (summary, failures) = runtime.block_on(fieldsim::run(args))?;
            (serde_json::to_string(&summary)?, summary.ok, failures)
        }
        Command::Load(args) => {
            let (summary, failures) = runtime.block_on(fieldsim::load::load(args))?;
            (serde_json::to_string(&summary)?, summary.ok, failures)
        }
    };
    for failure in &failures {
        writeln!(std::io::stderr(), "{failure}")?;
    }
    writeln!(std::io::stdout(), "{line}")?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(any(target_os = "android", target_os = "ios"))]
fn main() {}
