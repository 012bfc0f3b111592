//! Deduplicators: of equal rows the first is kept.

pub mod document;
