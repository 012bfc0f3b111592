//! The evaluators of data through their public door.

mod bad_input;
mod laws;
mod plan;
mod recorded;
mod support;
