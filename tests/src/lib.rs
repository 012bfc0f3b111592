//! Support for the end-to-end tests: a folder to work in, the program started as its users start it, and what it said and left
//! behind in a form that can be compared.
//!
//! ```no_run
//! use sandbox_tests::Sandbox;
//!
//! let sandbox = Sandbox::new();
//! sandbox.write("rows.jsonl", "{\"text\": \"a text\"}\n");
//! sandbox.write("recipe.yaml", "dataset_path: rows.jsonl\nexport_path: out/rows.jsonl\nprocess:\n- text_length_filter:\n");
//! let ran = sandbox.run(&["process", "--config", "recipe.yaml"]);
//! assert_eq!(ran.code, Some(0), "{ran}");
//! assert_eq!(sandbox.read("out/rows.jsonl"), "{\"text\": \"a text\"}\n");
//! ```
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

pub mod chat;
pub mod compare;
mod run;
mod sandbox;

pub use run::{Ran, Running, program, skipped};
pub use sandbox::{Files, Sandbox, project};
