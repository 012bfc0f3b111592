//! Plans and runs with small real components, through the public door.

// Helpers of tests are not tests themselves, but may fail like them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod plan;
mod resume;
mod run;
mod support;
