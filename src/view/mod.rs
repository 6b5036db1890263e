//! Read-only parts: values in, markup out; used by phone and console. No handlers, no links, no state.
