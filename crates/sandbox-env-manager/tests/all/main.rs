//! Environments of real tools: one contract for all of them, faults, bad input.
//!
//! The default run uses what every machine has, its `python3 -m venv`. The ignored tests are those of `cargo xtask integration env`, which
//! makes the other tools and a local channel and names them in `DJ_SANDBOX_FIXTURES`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

mod bad_input;
mod contract;
mod faults;
mod quick;
mod support;
