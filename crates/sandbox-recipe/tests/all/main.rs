//! Recipes from their keys to the files that they write.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test that cannot go on stops")]

mod external;
mod index_key;
mod progress;
mod reasons;
mod stats_export;
mod stop;
mod support;
