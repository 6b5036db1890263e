//! The bureau's server and its commands; see `bureau --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    xieguan::bureau::cli::run().await
}
