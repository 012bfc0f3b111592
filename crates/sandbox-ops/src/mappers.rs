//! Mappers: texts rewritten.

pub mod chinese_convert;
pub mod clean_copyright;
pub mod clean_email;
pub mod clean_html;
pub mod clean_ip;
pub mod clean_links;
mod edits;
pub mod extract_tables_from_html;
pub mod fix_unicode;
pub mod punctuation_normalization;
pub mod remove_bibliography;
pub mod remove_comments;
pub mod sentence_split;
mod substitution;
pub mod text_chunk;
pub mod whitespace_normalization;
