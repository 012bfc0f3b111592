//! What Punkt has learnt about a language; see `assets/punkt`.

use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use crate::packed::unpack;

/// The languages with tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    French,
    Portuguese,
    Spanish,
}

impl Language {
    /// The tables, unpacked when they are first asked for.
    pub fn tables(self) -> &'static Tables {
        static TABLES: [OnceLock<Tables>; 4] = [const { OnceLock::new() }; 4];
        let packed: &[u8] = match self {
            Self::English => include_bytes!("../../../assets/punkt/english.txt.zst"),
            Self::French => include_bytes!("../../../assets/punkt/french.txt.zst"),
            Self::Portuguese => include_bytes!("../../../assets/punkt/portuguese.txt.zst"),
            Self::Spanish => include_bytes!("../../../assets/punkt/spanish.txt.zst"),
        };
        TABLES[self as usize].get_or_init(|| Tables::read(unpack(packed)))
    }
}

/// Seen with a capital within a sentence.
pub(super) const MIDDLE_UPPER: u8 = 1 << 2;
/// Seen with a capital anywhere.
pub(super) const UPPER: u8 = 1 << 1 | MIDDLE_UPPER | 1 << 3;
/// Seen in lower case at the start of a sentence.
pub(super) const START_LOWER: u8 = 1 << 4;
/// Seen in lower case anywhere.
pub(super) const LOWER: u8 = START_LOWER | 1 << 5 | 1 << 6;

/// The tables of one language. Words are in lower case, numbers are `##number##`.
#[derive(Default)]
pub(super) struct Tables {
    /// Known abbreviations, without their last period.
    pub abbreviations: HashSet<&'static str>,
    /// Words with a period that belong to the next word, as `st` and `louis`.
    pub collocations: HashSet<(&'static str, &'static str)>,
    /// Words that often begin sentences.
    pub starters: HashSet<&'static str>,
    cases: HashMap<&'static str, u8>,
}

impl Tables {
    fn read(text: &'static str) -> Self {
        let mut tables = Self::default();
        for (number, part) in text.split("\n\n").enumerate() {
            match number {
                0 => tables.abbreviations.extend(part.split('\n')),
                1 => tables.collocations.extend(part.split('\n').filter_map(|pair| pair.split_once('\t'))),
                2 => tables.starters.extend(part.split('\n')),
                _ => {
                    let (flags, words) = part.split_once('\n').unwrap_or_default();
                    let flags = flags.trim_start_matches('=').parse().unwrap_or(0);
                    tables.cases.extend(words.split('\n').map(|word| (word, flags)));
                }
            }
        }
        tables
    }

    /// In which cases a word was seen, as a set of this module's bits.
    pub fn cases(&self, word: &str) -> u8 {
        self.cases.get(word).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        use Language::{English, French, Portuguese, Spanish};
        let sizes = [English, French, Portuguese, Spanish].map(|language| {
            let tables = language.tables();
            assert!(tables.cases.values().all(|flags| *flags & !(UPPER | LOWER) == 0 && *flags != 0));
            (tables.abbreviations.len(), tables.collocations.len(), tables.starters.len(), tables.cases.len())
        });
        assert_eq!(sizes, [(156, 37, 39, 20366), (61, 18, 48, 26726), (72, 5, 40, 30167), (66, 7, 46, 27443)]);
        let english = English.tables();
        assert!(english.abbreviations.contains("dr") && english.collocations.contains(&("##number##", "international")));
        assert_eq!((english.cases("coverage"), english.cases("no such word")), (36, 0));
    }
}
