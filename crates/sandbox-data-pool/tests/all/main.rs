//! The seven manipulations from outside: recorded runs, laws, bad input, and files of all forms.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod bad_input;
mod forms;
mod laws;
mod mixtures;
mod recorded;
mod support;
