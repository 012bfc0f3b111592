//! The probing format, filled n-gram by n-gram as KenLM fills it.

use crate::bits::{f32_at, negative, positive, u32_at};
use crate::murmur;
use crate::probing::Probing;
use crate::table::{Table, combine};

/// What KenLM gives the unknown word when the text has none.
const UNKNOWN: f32 = -100.0;
/// No n-gram goes on from here; +0.0 when one does.
const NO_EXTENSION: f32 = -0.0;

pub(super) struct Builder {
    probing: Probing,
    bytes: Vec<u8>,
    /// How many words there are, the unknown one included.
    words: u32,
    saw_unknown: bool,
    /// How many entries each table has, from order 2 on.
    entries: Vec<usize>,
}

impl Builder {
    pub fn new(probing: Probing) -> Self {
        let entries = vec![0; probing.middle.len() + 1];
        Self { bytes: vec![0; probing.end], probing, words: 1, saw_unknown: false, entries }
    }

    fn put(&mut self, at: usize, value: [u8; 4]) {
        if let Some(bytes) = self.bytes.get_mut(at..).and_then(|bytes| bytes.first_chunk_mut()) {
            *bytes = value;
        }
    }

    fn put_key(&mut self, at: usize, key: u64) {
        if let Some(bytes) = self.bytes.get_mut(at..).and_then(|bytes| bytes.first_chunk_mut()) {
            *bytes = key.to_le_bytes();
        }
    }

    fn float(&self, at: usize) -> f32 {
        f32_at(&self.bytes, at).unwrap_or_default()
    }

    fn put_float(&mut self, at: usize, value: f32) {
        self.put(at, value.to_le_bytes());
    }

    pub fn unigram(&mut self, line: &[u8]) -> Result<(), String> {
        let mut parts = parts(line)?;
        let word = parts.word()?;
        let number = if matches!(word, b"<unk>" | b"<UNK>") {
            self.saw_unknown = true;
            0
        } else {
            let hash = murmur::hash(word);
            let at = self.probing.words.free(&self.bytes, hash).ok_or("there are more words than counted")?;
            self.put_key(at, hash);
            self.put(at + 8, self.words.to_le_bytes());
            self.words += 1;
            self.words - 1
        };
        let at = self.weights_of(number);
        self.put_float(at, parts.probability);
        self.put_float(at + 4, parts.backoff()?);
        Ok(())
    }

    /// After the last word.
    pub fn finish_words(&mut self) -> Result<(), String> {
        self.put(4, self.words.to_le_bytes());
        if !self.saw_unknown {
            let at = self.weights_of(0);
            self.put_float(at, UNKNOWN);
        }
        let missing = ["<s>", "</s>"].into_iter().find(|mark| self.number(mark.as_bytes()).is_none());
        missing.map_or(Ok(()), |mark| Err(format!("it has no word `{mark}`")))
    }

    fn weights_of(&self, word: u32) -> usize {
        self.probing.unigrams + word as usize * self.probing.weights
    }

    fn number(&self, word: &[u8]) -> Option<u32> {
        let at = self.probing.words.find(&self.bytes, murmur::hash(word)).ok()?;
        u32_at(&self.bytes, at)
    }

    pub fn ngram(&mut self, line: &[u8], order: usize) -> Result<(), String> {
        let mut parts = parts(line)?;
        let mut words = Vec::with_capacity(order);
        for _ in 0..order {
            let word = parts.word()?;
            words.push(match self.number(word) {
                Some(number) => number,
                None if matches!(word, b"<unk>" | b"<UNK>") => 0,
                None => return Err(format!("the word `{}` is not among the 1-grams", String::from_utf8_lossy(word))),
            });
        }
        // From here on the last word comes first.
        words.reverse();
        let mut keys = Vec::with_capacity(order - 1);
        words.iter().skip(1).fold(u64::from(words[0]), |key, &word| {
            keys.push(combine(key, word));
            combine(key, word)
        });
        let longest = order == self.probing.middle.len() + 2;
        let backoff = parts.backoff()?;
        let probability = negative(parts.probability);
        let at = self.insert(order - 2, keys[order - 2])?;
        self.put_float(at, probability);
        if !longest {
            self.put_float(at + 4, backoff);
        } else if backoff != 0.0 {
            return Err("an n-gram of the highest order has a backoff".to_owned());
        }
        let between = self.shorter(&keys, words[0])?;
        self.fill(&between, &words)?;
        self.activate(&words)
    }

    /// The table of an order, counted from 2.
    fn table(&self, order: usize) -> Table {
        self.probing.middle.get(order).copied().unwrap_or(self.probing.longest)
    }

    /// A further entry of a table: where its weights go.
    fn insert(&mut self, order: usize, key: u64) -> Result<usize, String> {
        let table = self.table(order);
        let free = table.free(&self.bytes, key).filter(|_| self.entries[order] + 1 < table.buckets());
        let at = free.ok_or("too many n-grams were pruned that longer ones end with")?;
        self.entries[order] += 1;
        self.put_key(at, key);
        Ok(at + 8)
    }

    /// Where the weights of the n-grams are that this one ends with, down to the first that is there. Those that were
    /// pruned are put in on the way.
    fn shorter(&mut self, keys: &[u64], last: u32) -> Result<Vec<usize>, String> {
        let mut between = Vec::new();
        for (order, &key) in keys.iter().enumerate().rev().skip(1) {
            if let Ok(at) = self.table(order).find(&self.bytes, key) {
                between.push(at);
                return Ok(between);
            }
            let at = self.insert(order, key)?;
            self.put_float(at + 4, NO_EXTENSION);
            between.push(at);
        }
        between.push(self.weights_of(last));
        Ok(between)
    }

    /// Gives the n-grams that were put in their probabilities by backing off, and notes that all have extensions.
    fn fill(&mut self, between: &[usize], words: &[u32]) -> Result<(), String> {
        if let Some((basis, blanks)) = between.split_last().filter(|(_, blanks)| !blanks.is_empty()) {
            let mut probability = -self.float(*basis).abs();
            let mut order = words.len() - between.len();
            let mut context = u64::from(words[1]);
            context = words.iter().take(order + 1).skip(2).fold(context, |key, word| combine(key, *word));
            for blank in blanks.iter().rev() {
                let weights = match order {
                    1 => Some(self.weights_of(words[1])),
                    _ => self.table(order - 2).find(&self.bytes, context).ok(),
                };
                if let Some(weights) = weights {
                    self.extend(weights + 4);
                    probability += self.float(weights + 4);
                }
                self.put_float(*blank, probability);
                order += 1;
                context = words.get(order).map_or(context, |word| combine(context, *word));
            }
        }
        for &at in between {
            let probability = positive(self.float(at));
            self.put_float(at, probability);
        }
        Ok(())
    }

    /// Notes in the n-gram without the last word that it goes on.
    fn activate(&mut self, words: &[u32]) -> Result<(), String> {
        let context = words.iter().skip(2).fold(u64::from(words[1]), |key, word| combine(key, *word));
        let at = match words.len() {
            2 => self.weights_of(words[1]),
            order => {
                let found = self.table(order - 3).find(&self.bytes, context).ok();
                found.ok_or_else(|| format!("its first {} words are no {}-gram", order - 1, order - 1))?
            }
        };
        self.extend(at + 4);
        Ok(())
    }

    fn extend(&mut self, backoff: usize) {
        if self.float(backoff) == 0.0 {
            self.put_float(backoff, 0.0);
        }
    }

    pub fn finish(self) -> (Probing, Vec<u8>) {
        (self.probing, self.bytes)
    }
}

/// The parts of a line: a probability, words, and maybe a backoff.
struct Parts<I> {
    probability: f32,
    rest: I,
}

fn parts(line: &[u8]) -> Result<Parts<impl Iterator<Item = &[u8]>>, String> {
    let mut rest = line.split(|byte| matches!(byte, b' ' | b'\t' | b'\r')).filter(|part| !part.is_empty());
    let probability = number(rest.next().ok_or("expected an n-gram, got a blank line")?)?;
    if probability > 0.0 {
        return Err(format!("the logarithm {probability} of a probability is positive"));
    }
    Ok(Parts { probability, rest })
}

impl<'l, I: Iterator<Item = &'l [u8]>> Parts<I> {
    fn word(&mut self) -> Result<&'l [u8], String> {
        self.rest.next().ok_or_else(|| "it has too few words".to_owned())
    }

    /// The backoff; zero is negative until a longer n-gram shows up.
    fn backoff(&mut self) -> Result<f32, String> {
        let backoff = self.rest.next().map_or(Ok(NO_EXTENSION), number)?;
        match self.rest.next() {
            Some(_) => Err("it has too many words".to_owned()),
            None if !backoff.is_finite() => Err(format!("its backoff is {backoff}")),
            None => Ok(if backoff == 0.0 { NO_EXTENSION } else { backoff }),
        }
    }
}

fn number(text: &[u8]) -> Result<f32, String> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f32>().ok()).filter(|number| !number.is_nan());
    number.ok_or_else(|| format!("expected a number, got `{}`", String::from_utf8_lossy(text)))
}
