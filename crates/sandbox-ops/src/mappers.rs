//! Mappers: texts rewritten.

pub mod chinese_convert;
pub mod clean_copyright;
pub mod clean_email;
pub mod clean_html;
pub mod clean_ip;
pub mod clean_links;
mod edits;
pub mod expand_macro;
pub mod extract_tables_from_html;
pub mod fix_unicode;
pub mod punctuation_normalization;
pub mod remove_bibliography;
pub mod remove_comments;
pub mod remove_header;
pub mod remove_long_words;
pub mod remove_non_chinese_character;
pub mod remove_repeat_sentences;
pub mod remove_specific_chars;
pub mod remove_table_text;
pub mod remove_words_with_incorrect_substrings;
pub mod replace_content;
pub mod sentence_split;
mod substitution;
pub mod text_chunk;
pub mod whitespace_normalization;
mod word_filter;
