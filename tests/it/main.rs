//! Every integration test in one binary; the modules mirror `src`.

mod support;

mod device;
mod domain;
mod media;
