//! The phone app: wiring only.

fn main() {}
