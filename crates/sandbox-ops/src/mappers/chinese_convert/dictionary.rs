//! The dictionaries of OpenCC; see `assets/opencc`.

use std::sync::OnceLock;

use hashbrown::HashMap;

use crate::packed::unpack;

/// Names the dictionaries, each with its file, and for phrases the dictionary of their characters.
macro_rules! dictionaries {
    ($($name:ident $(($characters:ident))?),+ $(,)?) => {
        /// A dictionary by its name in OpenCC.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Name {
            $($name),+
        }

        #[cfg(test)]
        const ALL: &[Name] = &[$(Name::$name),+];

        impl Name {
            fn packed(self) -> &'static [u8] {
                match self {
                    $(Self::$name => include_bytes!(concat!("../../../assets/opencc/", stringify!($name), ".txt.zst"))),+
                }
            }

            fn characters(self) -> Option<Self> {
                match self {
                    $($(Self::$name => Some(Self::$characters),)?)+
                    _ => None,
                }
            }
        }
    };
}

dictionaries!(
    HKVariants,
    HKVariantsRev,
    HKVariantsRevPhrases,
    JPShinjitaiCharacters,
    JPShinjitaiPhrases,
    JPVariants,
    JPVariantsRev,
    STCharacters,
    STPhrases(STCharacters),
    TSCharacters,
    TSPhrases(TSCharacters),
    TWPhrases,
    TWPhrasesRev,
    TWVariants,
    TWVariantsRev,
    TWVariantsRevPhrases,
);

impl Name {
    /// The dictionary, unpacked when it is first asked for.
    pub fn dictionary(self) -> &'static Dictionary {
        static DICTIONARIES: [OnceLock<Dictionary>; 16] = [const { OnceLock::new() }; 16];
        DICTIONARIES[self as usize].get_or_init(|| Dictionary::read(unpack(self.packed()), self.characters().map(Self::dictionary)))
    }
}

/// Words and what they become.
pub(super) struct Dictionary {
    /// A word without a value becomes what its characters become.
    values: HashMap<&'static str, Option<&'static str>>,
    /// How many characters the words that begin with a character have, one bit for each number.
    lengths: HashMap<char, u32>,
    characters: Option<&'static Dictionary>,
}

/// The most characters of a word; `lengths` has a bit for each.
const LONGEST: usize = 31;

impl Dictionary {
    fn read(text: &'static str, characters: Option<&'static Self>) -> Self {
        let mut values = HashMap::new();
        let mut lengths: HashMap<char, u32> = HashMap::new();
        for line in text.split('\n') {
            let (word, value) = line.split_once('\t').map_or((line, None), |(word, value)| (word, Some(value)));
            if let Some(first) = word.chars().next() {
                values.insert(word, value);
                *lengths.entry(first).or_default() |= 1 << word.chars().count().min(LONGEST);
            }
        }
        Self { values, lengths, characters }
    }

    /// The characters that words begin with.
    pub fn firsts(&self) -> impl Iterator<Item = char> {
        self.lengths.keys().copied()
    }

    /// The length of the longest word that a text begins with.
    pub fn prefix(&self, text: &str) -> Option<usize> {
        let mut lengths = *self.lengths.get(&text.chars().next()?)?;
        let mut ends = [0; LONGEST + 1];
        let longest = lengths.ilog2() as usize;
        let mut known = 0;
        for (end, (position, character)) in ends[1..=longest].iter_mut().zip(text.char_indices()) {
            *end = position + character.len_utf8();
            known += 1;
        }
        lengths &= (2 << known) - 1;
        while lengths != 0 {
            let length = lengths.ilog2() as usize;
            if self.values.contains_key(&text[..ends[length]]) {
                return Some(ends[length]);
            }
            lengths &= !(1 << length);
        }
        None
    }

    /// Appends what a word of this dictionary becomes.
    pub fn push_value(&self, word: &str, out: &mut String) {
        match (self.values.get(word), self.characters) {
            (Some(Some(value)), _) => out.push_str(value),
            (Some(None), Some(characters)) => {
                for (position, character) in word.char_indices() {
                    let character = &word[position..position + character.len_utf8()];
                    out.push_str(characters.values.get(character).copied().flatten().unwrap_or(character));
                }
            }
            _ => out.push_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_whole() {
        let sizes: Vec<usize> = ALL.iter().map(|name| name.dictionary().values.len()).collect();
        assert_eq!(sizes, [63, 70, 156, 7, 176, 369, 369, 3980, 49096, 4113, 278, 512, 522, 39, 39, 68]);
        for name in ALL {
            let longest = name.dictionary().values.keys().map(|word| word.chars().count()).max();
            assert!(longest.is_some_and(|longest| longest < LONGEST));
            assert!(name.characters().is_some() || name.dictionary().values.values().all(Option::is_some));
        }
    }
}
