//! The share of words that stand in a list: what `stopwords_filter` and `flagged_words_filter` have in common.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sandbox_tokenizer::Tokenizer;

use crate::common::Common;
use crate::error::OpError;
use crate::operator::Filter;
use crate::range::Range;
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};
use crate::text::Words;
use crate::word_list::WordList;

/// Keeps texts whose share of listed words is in range.
pub(super) struct ListedWordsFilter {
    pub common: Common,
    pub key: &'static str,
    pub range: Range,
    pub tokenizer: Option<Arc<Tokenizer>>,
    pub list: WordList,
    pub runs: Runs,
}

/// Runs of neighbouring words that count as words too.
#[derive(Default)]
pub(super) struct Runs {
    pub lengths: Vec<usize>,
    pub between: String,
}

impl Runs {
    pub fn new(wanted: bool, lengths: &[NonZeroUsize], between: &str) -> Self {
        if !wanted {
            return Self::default();
        }
        Self { lengths: lengths.iter().map(|length| length.get()).collect(), between: between.to_owned() }
    }

    /// How many runs there are, and how many of them are listed.
    fn count(&self, words: &Words, list: &WordList) -> (usize, usize) {
        let (mut total, mut listed) = (0, 0);
        let mut joined = String::new();
        for &length in &self.lengths {
            let runs = (words.len() + 1).saturating_sub(length);
            total += runs;
            for start in 0..runs {
                joined.clear();
                // What is longer than every listed word is none of them, however it goes on.
                for word in (start..start + length).filter_map(|position| words.get(position)) {
                    if !joined.is_empty() {
                        joined.push_str(&self.between);
                    }
                    joined.push_str(word);
                    if joined.len() > list.longest() {
                        break;
                    }
                }
                listed += usize::from(list.has(&joined));
            }
        }
        (total, listed)
    }
}

impl Filter for ListedWordsFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![self.key.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let words = match &self.tokenizer {
            Some(tokenizer) => text.refined_token_words(tokenizer)?,
            None => text.refined_words(),
        };
        let (runs, listed_runs) = self.runs.count(&words, &self.list);
        let total = words.len() + runs;
        let listed = words.iter().filter(|word| self.list.has(word)).count() + listed_runs;
        Ok(StatValue::Float(if total == 0 { 0.0 } else { listed as f64 / total as f64 }).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        Ok(self.range.keep(only(values).number(self.key)?))
    }
}
