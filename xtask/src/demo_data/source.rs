//! The two shipped sources: speeches in English and one text in sixty languages.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A speech of a president of the United States.
#[derive(Debug, Clone, Deserialize)]
pub struct Speech {
    /// Such as `state_union/1945-Truman`.
    pub id: String,
    /// `state_union` or `inaugural`.
    pub domain: String,
    /// When it was held.
    pub year: u32,
    /// The whole speech.
    pub text: String,
}

/// A paragraph of the Universal Declaration of Human Rights in one language.
#[derive(Debug, Clone, Deserialize)]
pub struct Paragraph {
    /// Such as `udhr/eng/2`.
    pub id: String,
    /// Two letters, such as `en`.
    pub lang: String,
    /// The paragraph.
    pub text: String,
}

/// Reads a `.jsonl.gz` file, each line as a `T`.
///
/// # Errors
/// A file that cannot be read; a line that is no `T`, with its number.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("Failed to read `{}`", path.display()))?;
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    lines
        .enumerate()
        .map(|(index, line)| {
            let place = || format!("{}:{}: not a row of this source", path.display(), index + 1);
            serde_json::from_str(&line.with_context(place)?).with_context(place)
        })
        .collect()
}
