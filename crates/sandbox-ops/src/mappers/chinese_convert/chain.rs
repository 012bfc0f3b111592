//! A conversion: words found, then each changed by one dictionary after the other.

use super::dictionary::{Dictionary, Name};

/// A conversion of one mode.
pub(super) struct Chain {
    /// What words are found by.
    segmentation: &'static Dictionary,
    /// The steps; in each the first dictionary with a word is taken.
    steps: Vec<Vec<&'static Dictionary>>,
    /// The characters with which any word of any dictionary begins, one bit each.
    firsts: Vec<u64>,
}

impl Chain {
    pub fn new(segmentation: Name, steps: &[&[Name]]) -> Self {
        let segmentation = segmentation.dictionary();
        let steps: Vec<Vec<_>> = steps.iter().map(|step| step.iter().map(|name| name.dictionary()).collect()).collect();
        let mut firsts = vec![0; 0x11_0000 / 64];
        for first in steps.iter().flatten().flat_map(|dictionary| dictionary.firsts()) {
            firsts[first as usize / 64] |= 1 << (first as usize % 64);
        }
        Self { segmentation, steps, firsts }
    }

    /// Whether no word of any dictionary begins in this text.
    pub fn leaves(&self, text: &str) -> bool {
        !text.chars().any(|character| self.firsts[character as usize / 64] & (1 << (character as usize % 64)) != 0)
    }

    /// The converted text.
    pub fn convert(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut buffers = (String::new(), String::new());
        let (mut start, mut position) = (0, 0);
        while let Some(character) = text[position..].chars().next() {
            match self.segmentation.prefix(&text[position..]) {
                Some(length) => {
                    self.convert_segment(&text[start..position], &mut buffers, &mut out);
                    self.convert_segment(&text[position..position + length], &mut buffers, &mut out);
                    position += length;
                    start = position;
                }
                None => position += character.len_utf8(),
            }
        }
        self.convert_segment(&text[start..], &mut buffers, &mut out);
        out
    }

    fn convert_segment(&self, segment: &str, (from, to): &mut (String, String), out: &mut String) {
        if segment.is_empty() || self.leaves(segment) {
            out.push_str(segment);
            return;
        }
        let [first, middle @ ..] = self.steps.as_slice() else { return };
        let [middle @ .., last] = middle else { return convert_step(first, segment, out) };
        to.clear();
        convert_step(first, segment, to);
        for step in middle {
            std::mem::swap(from, to);
            to.clear();
            convert_step(step, from, to);
        }
        convert_step(last, to, out);
    }
}

fn convert_step(step: &[&Dictionary], text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let found = step.iter().find_map(|dictionary| Some((dictionary, dictionary.prefix(rest)?)));
        let length = match found {
            Some((dictionary, length)) => {
                dictionary.push_value(&rest[..length], out);
                length
            }
            None => {
                out.push(character);
                character.len_utf8()
            }
        };
        rest = &rest[length..];
    }
}
