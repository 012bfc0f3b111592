//! Runs out of a store and into another one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod files;
mod hostile;
mod round;
mod server;
mod support;
