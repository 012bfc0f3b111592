//! The visible list of all operators, and the words about each: help, reference pages and error hints come from it.

use sandbox_document::KeyPath;
use serde_json::Value;

use crate::elsewhere::{self, known_elsewhere};
use crate::error::BuildError;
use crate::operator::{Kind, Operator};
use crate::{deduplicators, external, filters, groupers, mappers, prompts, selectors};

/// One operator: its name, its words, its parameters and how it is built.
pub struct Entry {
    /// The name in recipes.
    pub name: &'static str,
    /// What a run does with it.
    pub kind: Kind,
    /// One line: what it does.
    pub summary: &'static str,
    /// Further paragraphs: what exactly is computed, and what surprises.
    pub doc: &'static str,
    /// Its own parameters; those of all operators are in [`common_parameters`](crate::common::common_parameters).
    pub parameters: &'static [Parameter],
    /// A recipe fragment and what it does to a few texts.
    pub example: &'static str,
    /// The statistics it writes with its default arguments, empty for other kinds. What k-sigma refines its bounds by.
    pub stats: &'static [&'static str],
    /// The operator for a recipe's arguments: an object, or null for all defaults.
    pub build: fn(&Value) -> Result<Operator, BuildError>,
}

/// One parameter of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The name in recipes.
    pub name: &'static str,
    /// What values it takes, in words: `number or null`.
    pub kind: &'static str,
    /// The default as JSON.
    pub default: &'static str,
    /// What it means, units included.
    pub doc: &'static str,
}

static OPERATORS: &[&Entry] = &[
    &mappers::chinese_convert::ENTRY,
    &mappers::clean_copyright::ENTRY,
    &mappers::clean_email::ENTRY,
    &mappers::clean_html::ENTRY,
    &mappers::clean_ip::ENTRY,
    &mappers::clean_links::ENTRY,
    &mappers::expand_macro::ENTRY,
    &external::mapper::ENTRY,
    &mappers::extract_tables_from_html::ENTRY,
    &mappers::fix_unicode::ENTRY,
    &prompts::ENTRY,
    &mappers::punctuation_normalization::ENTRY,
    &mappers::remove_bibliography::ENTRY,
    &mappers::remove_comments::ENTRY,
    &mappers::remove_header::ENTRY,
    &mappers::remove_long_words::ENTRY,
    &mappers::remove_non_chinese_character::ENTRY,
    &mappers::remove_repeat_sentences::ENTRY,
    &mappers::remove_specific_chars::ENTRY,
    &mappers::remove_table_text::ENTRY,
    &mappers::remove_words_with_incorrect_substrings::ENTRY,
    &mappers::replace_content::ENTRY,
    &mappers::sentence_split::ENTRY,
    &mappers::text_chunk::ENTRY,
    &mappers::whitespace_normalization::ENTRY,
    &filters::alphanumeric::ENTRY,
    #[cfg(feature = "media")]
    &filters::audio_duration::ENTRY,
    #[cfg(feature = "media")]
    &filters::audio_size::ENTRY,
    &filters::average_line_length::ENTRY,
    &filters::character_repetition::ENTRY,
    &external::filter::ENTRY,
    &filters::flagged_words::ENTRY,
    &filters::general_field::ENTRY,
    #[cfg(feature = "media")]
    &filters::image_aspect_ratio::ENTRY,
    #[cfg(feature = "media")]
    &filters::image_shape::ENTRY,
    #[cfg(feature = "media")]
    &filters::image_size::ENTRY,
    &filters::language_id_score::ENTRY,
    &filters::maximum_line_length::ENTRY,
    &filters::perplexity::ENTRY,
    &filters::special_characters::ENTRY,
    &filters::specified_field::ENTRY,
    &filters::specified_numeric_field::ENTRY,
    &filters::stopwords::ENTRY,
    &filters::suffix::ENTRY,
    &filters::text_length::ENTRY,
    &filters::token_num::ENTRY,
    #[cfg(feature = "media")]
    &filters::video_aspect_ratio::ENTRY,
    #[cfg(feature = "media")]
    &filters::video_duration::ENTRY,
    #[cfg(feature = "media")]
    &filters::video_resolution::ENTRY,
    &filters::word_repetition::ENTRY,
    &filters::words_num::ENTRY,
    &deduplicators::document::ENTRY,
    #[cfg(feature = "media")]
    &deduplicators::image::ENTRY,
    &deduplicators::minhash::ENTRY,
    &deduplicators::minhash::with_uid::ENTRY,
    &deduplicators::simhash::ENTRY,
    #[cfg(feature = "media")]
    &deduplicators::video::ENTRY,
    &selectors::frequency_specified_field::ENTRY,
    &selectors::random::ENTRY,
    &selectors::range_specified_field::ENTRY,
    &selectors::tags_specified_field::ENTRY,
    &selectors::topk_specified_field::ENTRY,
    &groupers::key_value::ENTRY,
    &groupers::naive::ENTRY,
    &groupers::naive_reverse::ENTRY,
];

/// All operators: mappers, filters, deduplicators, selectors, groupers, each kind by name.
pub fn operators() -> &'static [&'static Entry] {
    OPERATORS
}

/// The operator of a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    OPERATORS.iter().copied().find(|entry| entry.name == name)
}

/// The operator of a name, built from a recipe's arguments (an object, or null for all defaults).
///
/// # Errors
/// When no operator has the name, or the arguments do not fit it.
pub fn build(name: &str, arguments: &Value) -> Result<Operator, BuildError> {
    find(name).ok_or_else(|| unknown(name)).and_then(|entry| (entry.build)(arguments))
}

/// What to say about a name that [`find`] does not know: an operator of Data-Juicer's own, or a slip with its near miss.
pub fn unknown(name: &str) -> BuildError {
    let (message, hint) = if known_elsewhere(name) {
        let message = format!("`{name}` is an operator that runs in Data-Juicer itself");
        (message, "`dj-sandbox list operators` shows which operators are native".to_owned())
    } else {
        let known = OPERATORS.iter().map(|entry| entry.name).chain(elsewhere::elsewhere());
        let hint = match sandbox_document::suggest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`dj-sandbox list operators` shows all operators".to_owned(),
        };
        (format!("unknown operator `{name}`"), hint)
    };
    BuildError { path: KeyPath::root(), message, hint: Some(hint) }
}
