//! Hashes of words, of n-grams of characters and of runs of words.

const START: u32 = 2_166_136_261;

/// FNV-1a with the bytes as signed numbers, as published models have it.
#[inline]
fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte.cast_signed() as u32).wrapping_mul(16_777_619)
}

pub(super) fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(START, |hash, byte| step(hash, *byte))
}

/// The hashes of all n-grams of `shortest` to `longest` characters of a word between its marks `<` and `>`, by where they
/// begin, the shorter first. The marks alone are none.
pub(super) fn of_characters(word: &[u8], shortest: usize, longest: usize, mut add: impl FnMut(u32)) {
    let inside = |byte: u8| byte & 0xC0 == 0x80;
    for start in 0..word.len() {
        if inside(word[start]) {
            continue;
        }
        let mut hash = START;
        let mut end = start;
        let mut length = 1;
        while end < word.len() && length <= longest {
            hash = step(hash, word[end]);
            end += 1;
            while end < word.len() && inside(word[end]) {
                hash = step(hash, word[end]);
                end += 1;
            }
            if length >= shortest && !(length == 1 && (start == 0 || end == word.len())) {
                add(hash);
            }
            length += 1;
        }
    }
}

/// The hashes of all runs of two to `longest` words, by where they begin.
pub(super) fn of_words(hashes: &[u32], longest: usize, mut add: impl FnMut(u64)) {
    if longest < 2 {
        return;
    }
    let wide = |hash: u32| i64::from(hash.cast_signed()).cast_unsigned();
    for (start, &first) in hashes.iter().enumerate() {
        let mut hash = wide(first);
        for &next in hashes.iter().skip(start + 1).take(longest - 1) {
            hash = hash.wrapping_mul(116_049_371).wrapping_add(wide(next));
            add(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_kept_whole() {
        let mut found = Vec::new();
        of_characters("<é1>".as_bytes(), 1, 2, |hash| found.push(hash));
        let expected = ["<é", "é", "é1", "1", "1>"].map(|ngram| hash(ngram.as_bytes()));
        assert_eq!(found, expected);
        assert_ne!(hash("é".as_bytes()), "é".bytes().fold(START, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619)));
    }

    #[test]
    fn runs_of_words() {
        let mut count = 0;
        of_words(&[1, 2, 3, 4], 3, |_| count += 1);
        assert_eq!(count, 5);
        of_words(&[1, 2], 1, |_| count += 1);
        assert_eq!(count, 5);
    }
}
