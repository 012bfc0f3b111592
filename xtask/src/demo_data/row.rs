//! A row of the demo data.

use serde::Serialize;

/// A row as it stands in `speeches.jsonl` and `heldout.jsonl`.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Unique in both files together: document and number of the chunk.
    pub id: String,
    /// What a model is trained on or scored on.
    pub text: String,
    /// What is known of the row; no operator of the demo reads it.
    pub meta: Meta,
}

/// Origin of a row, and what was done to it.
#[derive(Debug, Clone, Serialize)]
pub struct Meta {
    /// `state_union`, `inaugural`, `web` or `udhr`.
    pub domain: String,
    /// Year of the speech, the page or the declaration.
    pub year: u32,
    /// How the row was spoiled; none for a clean one.
    pub spoiled: Option<Spoiled>,
}

/// The ways in which a row is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoiled {
    /// The words of a chunk in random order.
    ShuffledWords,
    /// One phrase, many times.
    RepeatedPhrase,
    /// Menus, cookie banners and footers of web pages.
    Boilerplate,
    /// Another language than English.
    OtherLanguage,
}
