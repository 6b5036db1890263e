//! One integration binary; a module per layer of `src`, and what holds for the whole house.

mod layers;
mod manifest;
