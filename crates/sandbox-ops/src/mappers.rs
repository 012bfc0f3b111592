//! Mappers: texts rewritten.

pub mod clean_copyright;
pub mod clean_email;
pub mod clean_ip;
pub mod clean_links;
mod edits;
pub mod punctuation_normalization;
pub mod remove_bibliography;
pub mod remove_comments;
mod substitution;
pub mod whitespace_normalization;
