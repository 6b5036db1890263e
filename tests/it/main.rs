//! One integration binary; its modules carry the names of the layers they test.

mod media;
mod support;
