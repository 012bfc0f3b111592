//! Developer workflows of the workspace, one command per file.
//!
//! `cargo xtask tidy` guards what `ARCHITECTURE.md` promises, `cargo xtask ci` is the whole gate, `cargo xtask demo-data` makes
//! the data of the demo from its sources, and `cargo xtask bench` measures the release binary. The commands are library
//! functions so that tests call them; a user of `dj-sandbox` needs none of them.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a developer tool speaks for itself

pub mod bench;
pub mod ci;
pub mod demo_data;
pub mod fixtures;
pub mod random;
pub mod tidy;
pub mod workspace;
