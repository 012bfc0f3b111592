//! Filters: a statistic of each row, and the range it must be in.

pub mod alphanumeric;
pub mod average_line_length;
pub mod character_repetition;
pub mod general_field;
pub mod maximum_line_length;
pub mod special_characters;
pub mod specified_field;
pub mod specified_numeric_field;
pub mod suffix;
pub mod text_length;
pub mod word_repetition;
pub mod words_num;
