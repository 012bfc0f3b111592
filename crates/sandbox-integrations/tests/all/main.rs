//! Programs as components: what they print, how they end, what is wrong with a job before it runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod builtin;
mod command;
mod files;
mod serve;
mod support;
