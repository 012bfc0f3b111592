//! Texts made up at random: fragments that operators care about, white space of every kind, and mistakes in between.

use crate::random::Random;

const FRAGMENTS: &str = include_str!("fragments.txt");
const SPACES: [&str; 24] = [
    " ", "\n", " ", "\n", "\t", "\r\n", "\r", "\u{a0}", "\u{3000}", "\u{2009}", "\u{200b}", "\u{200d}", "\x0b", "\x0c", "\x1c", "\x1f",
    "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "  ", "\n\n", "\u{202f}", "\u{205f}",
];
const CHARACTERS: &str =
    "abcXYZ019.,;:!?()[]{}<>|/\\*%#@&$_-+=\"'~^`éß中文。，！、“”\u{301}\u{200b}😀İſK\x01\x7f\u{80}\u{9f}\u{fffd}①ﬀ가اא\u{20000}龥龦鿿";

/// `number` texts of `seed`.
pub fn texts(seed: u64, number: usize) -> Vec<String> {
    let mut random = Random::new(seed);
    let fragments: Vec<&str> = FRAGMENTS.lines().collect();
    let characters: Vec<char> = CHARACTERS.chars().collect();
    (0..number).map(|_| text(&mut random, &fragments, &characters)).collect()
}

fn text(random: &mut Random, fragments: &[&str], characters: &[char]) -> String {
    let mut text = String::new();
    match random.between(0, 9) {
        0 => (0..random.between(0, 60)).for_each(|_| text.push(*random.pick(characters))),
        1 => (0..random.between(1, 80)).for_each(|_| text.extend(char::from_u32(random.between(0x4e00, 0x9fff) as u32))),
        _ => {
            for _ in 0..random.between(1, 12) {
                text.push_str(random.pick::<&str>(fragments));
                text.push_str(random.pick::<&str>(&SPACES));
            }
        }
    }
    if random.between(0, 1) == 1 {
        spoil(random, &mut text, characters);
    }
    text
}

/// A few characters put in, taken out, or said twice.
fn spoil(random: &mut Random, text: &mut String, characters: &[char]) {
    let mut all: Vec<char> = text.chars().collect();
    for _ in 0..random.between(1, 6) {
        let at = random.between(0, all.len());
        match random.between(0, 2) {
            0 => all.insert(at, *random.pick(characters)),
            1 if at < all.len() => drop(all.remove(at)),
            _ => {
                let until = (at + random.between(1, 30)).min(all.len());
                let again = all[at..until].to_vec();
                let to = random.between(0, all.len());
                all.splice(to..to, again);
            }
        }
    }
    *text = all.into_iter().collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_one_list_of_texts() {
        assert_eq!(texts(1, 20), texts(1, 20));
        assert_ne!(texts(1, 20), texts(2, 20));
        assert!(texts(3, 200).iter().any(|text| text.contains('\u{2028}')));
    }
}
