//! The visible list of all operators, and the words about each: help, reference pages and error hints come from it.

use sandbox_document::{KeyPath, did_you_mean};
use serde_json::Value;

use crate::elsewhere::known_elsewhere;
use crate::error::BuildError;
use crate::operator::{Kind, Operator};
use crate::{deduplicators, filters, mappers};

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
    &mappers::clean_email::ENTRY,
    &mappers::clean_html::ENTRY,
    &mappers::clean_links::ENTRY,
    &mappers::extract_tables_from_html::ENTRY,
    &mappers::fix_unicode::ENTRY,
    &mappers::sentence_split::ENTRY,
    &mappers::text_chunk::ENTRY,
    &mappers::whitespace_normalization::ENTRY,
    &filters::alphanumeric::ENTRY,
    &filters::average_line_length::ENTRY,
    &filters::character_repetition::ENTRY,
    &filters::maximum_line_length::ENTRY,
    &filters::special_characters::ENTRY,
    &filters::text_length::ENTRY,
    &filters::word_repetition::ENTRY,
    &filters::words_num::ENTRY,
    &deduplicators::document::ENTRY,
];

/// All operators: mappers, filters, deduplicators, each kind by name.
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

/// What to say about a name that [`find`] does not know: an operator still missing here, or a slip with its near miss.
pub fn unknown(name: &str) -> BuildError {
    let known = || OPERATORS.iter().map(|entry| entry.name);
    let (message, hint) = if known_elsewhere(name) {
        let message = format!("`{name}` is an operator of Data-Juicer that this build does not have yet");
        (message, format!("here are: {}", known().collect::<Vec<_>>().join(", ")))
    } else {
        let near = sandbox_document::suggest(name, known().chain(crate::elsewhere::names()));
        (format!("unknown operator `{name}`"), near.map_or_else(|| did_you_mean(name, known()), |near| format!("did you mean `{near}`?")))
    };
    BuildError { path: KeyPath::root(), message, hint: Some(hint) }
}
