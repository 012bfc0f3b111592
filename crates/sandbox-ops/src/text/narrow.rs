//! Texts with few characters beyond ASCII, as one byte per character.

/// A text in which each character beyond ASCII has got a byte of its own from 0x80 on.
///
/// A quotation mark or an accent here and there then costs no more than ASCII does.
#[derive(Debug)]
pub(super) struct Narrow {
    bytes: Vec<u8>,
    /// The characters that have bytes, by hash; 0 is free.
    slots: [u32; SLOTS],
    /// The bytes they have.
    given: [u8; SLOTS],
    used: Vec<usize>,
}

const SLOTS: usize = 512;

impl Default for Narrow {
    fn default() -> Self {
        Self { bytes: Vec::new(), slots: [0; SLOTS], given: [0; SLOTS], used: Vec::new() }
    }
}

impl Narrow {
    /// The text as bytes: equal bytes for equal characters; none if more than 128 characters would need one.
    pub fn map(&mut self, text: &str) -> Option<&[u8]> {
        self.used.drain(..).for_each(|slot| self.slots[slot] = 0);
        self.bytes.clear();
        let mut copied = 0;
        let all = text.as_bytes();
        let mut position = 0;
        while let Some(&byte) = all.get(position) {
            if byte < 0x80 {
                position += 1;
                continue;
            }
            self.bytes.extend_from_slice(&all[copied..position]);
            let character = text.get(position..)?.chars().next()?;
            let byte = self.byte(character)?;
            self.bytes.push(byte);
            position += character.len_utf8();
            copied = position;
        }
        self.bytes.extend_from_slice(&all[copied..]);
        Some(&self.bytes)
    }

    fn byte(&mut self, character: char) -> Option<u8> {
        let code = character as u32;
        let mut slot = (code.wrapping_mul(0x9e37_79b1) >> 23) as usize % SLOTS;
        while self.slots[slot] != code {
            if self.slots[slot] == 0 {
                let next = u8::try_from(0x80 + self.used.len()).ok()?;
                self.slots[slot] = code;
                self.given[slot] = next;
                self.used.push(slot);
                break;
            }
            slot = (slot + 1) % SLOTS;
        }
        Some(self.given[slot])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_equal_where_characters_are(texts in proptest::collection::vec("[a-zé☃\u{80}-\u{140}]{0,300}", 2)) {
            let mut narrow = Narrow::default();
            for text in texts {
                let characters: Vec<char> = text.chars().collect();
                let wide: std::collections::HashSet<char> = characters.iter().copied().filter(|character| !character.is_ascii()).collect();
                let Some(bytes) = narrow.map(&text) else {
                    prop_assert!(wide.len() > 128);
                    continue;
                };
                prop_assert!(wide.len() <= 128);
                prop_assert_eq!(bytes.len(), characters.len());
                let distinct: std::collections::HashSet<(u8, char)> = bytes.iter().copied().zip(characters.iter().copied()).collect();
                let of_bytes: std::collections::HashSet<u8> = bytes.iter().copied().collect();
                let of_characters: std::collections::HashSet<char> = characters.into_iter().collect();
                prop_assert!(distinct.len() == of_bytes.len() && distinct.len() == of_characters.len());
            }
        }
    }
}
