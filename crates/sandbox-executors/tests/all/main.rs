//! The executors through their public door.

// Helpers of tests are not tests themselves, but may fail like them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bad_input;
mod plan;
mod recorded;
mod support;
