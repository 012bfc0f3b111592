//! Mappers: texts rewritten.

pub mod clean_email;
pub mod clean_links;
mod substitution;
pub mod whitespace_normalization;
