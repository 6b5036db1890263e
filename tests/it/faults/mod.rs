//! Faults: the real programs are ended, cut off, fed twice and starved, and still nothing acknowledged is lost, nothing
//! is there twice, and nobody is told of a conflict that is none.

mod names;
