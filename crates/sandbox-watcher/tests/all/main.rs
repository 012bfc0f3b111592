//! The store as its users see it: written, killed, shared, filled, locked, and read.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod events;
mod formats;
mod hostile;
mod kill;
mod locked;
mod read;
mod several;
mod support;
