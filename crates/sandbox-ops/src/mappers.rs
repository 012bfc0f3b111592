//! Mappers: texts rewritten.

pub mod chinese_convert;
pub mod clean_email;
pub mod clean_html;
pub mod clean_links;
pub mod extract_tables_from_html;
pub mod fix_unicode;
pub mod sentence_split;
mod substitution;
pub mod text_chunk;
pub mod whitespace_normalization;
