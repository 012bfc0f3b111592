//! Filters: a statistic of each row, and the range it must be in.

pub mod alphanumeric;
#[cfg(feature = "media")]
pub mod audio_duration;
#[cfg(feature = "media")]
pub mod audio_size;
pub mod average_line_length;
pub mod character_repetition;
pub mod flagged_words;
pub mod general_field;
#[cfg(feature = "media")]
pub mod image_aspect_ratio;
#[cfg(feature = "media")]
pub mod image_shape;
#[cfg(feature = "media")]
pub mod image_size;
pub mod language_id_score;
mod listed_words;
pub mod maximum_line_length;
pub mod perplexity;
pub mod special_characters;
pub mod specified_field;
pub mod specified_numeric_field;
pub mod stopwords;
pub mod suffix;
pub mod text_length;
pub mod token_num;
#[cfg(feature = "media")]
pub mod video_aspect_ratio;
#[cfg(feature = "media")]
pub mod video_duration;
#[cfg(feature = "media")]
pub mod video_resolution;
pub mod word_repetition;
pub mod words_num;
