//! How long a test with random rounds goes on, and from which seed.
#![expect(clippy::expect_used, reason = "a helper of a test may fail its test")]

/// Whether the long rounds are asked for.
pub(crate) fn long() -> bool {
    std::env::var_os("XIEGUAN_LONG").is_some_and(|value| value != "0" && !value.is_empty())
}

/// The seed: `XIEGUAN_SEED` to repeat a run, else one that no other run had.
pub(crate) fn seed() -> u64 {
    let given =
        std::env::var("XIEGUAN_SEED").ok().map(|text| text.parse().expect("XIEGUAN_SEED is a number"));
    given.unwrap_or_else(|| rand::random::<u32>().into())
}
