//! How long the app takes from the start of the program to a first screen that can be used. A figure, not a test:
//! `cargo test --features desktop --test start -- --ignored --nocapture`.
#![cfg(feature = "desktop")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/start.rs"]
mod start;
#[path = "support/town.rs"]
mod town;
#[path = "support/webview.rs"]
mod webview;

use anyhow::{Context as _, Result};
use start::{enrol, phone, tab};
use town::Town;

/// Starts that are measured, after one that warms the machine.
const ROUNDS: usize = 15;

#[tokio::test]
#[ignore = "a figure for the README"]
#[expect(clippy::print_stdout, reason = "the figure is what it is for")]
async fn from_the_start_to_a_home_that_can_be_used() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    tab(&mut window, 0).await?;
    let mut took = Vec::new();
    for round in 0..=ROUNDS {
        window.kill();
        let ms = window.timed_start("the first screen is there").await?;
        if round > 0 {
            took.push(ms);
        }
    }
    took.sort_unstable();
    let (first, last) = (took.first().context("a round")?, took.last().context("a round")?);
    println!("start to usable home: median {} ms, {first} to {last}, {ROUNDS} starts", took[ROUNDS / 2]);
    Ok(())
}
