//! Rows spoiled on purpose, from chunks that the clean rows do not use.

use super::source::Paragraph;
use crate::random::Random;

/// The words of `text` in random order.
pub fn shuffled_words(text: &str, random: &mut Random) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    random.shuffle(&mut words);
    words.join(" ")
}

/// A phrase of `text`, repeated until the row is as long as a page that search engines were meant to like.
pub fn repeated_phrase(text: &str, random: &mut Random) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let count = random.between(2, 6).min(words.len());
    let start = random.between(0, words.len() - count);
    let phrase = words[start..start + count].join(" ");
    let separator = *random.pick(&[" ", " ", ", ", "\n"]);
    let times = random.between(850, 2000) / (phrase.len() + separator.len());
    vec![phrase.as_str(); times.max(12)].join(separator)
}

/// Consecutive paragraphs of one language, two to four of them, each a line: identity and text.
pub fn other_language(paragraphs: &[Paragraph], random: &mut Random) -> (String, String) {
    let start = random.between(0, paragraphs.len() - 1);
    let lang = &paragraphs[start].lang;
    let count = random.between(2, 4);
    let run: Vec<&Paragraph> = paragraphs[start..].iter().take(count).take_while(|paragraph| &paragraph.lang == lang).collect();
    let text = run.iter().map(|paragraph| paragraph.text.as_str()).collect::<Vec<_>>().join("\n");
    (format!("{}+{}", paragraphs[start].id, run.len()), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_keeps_the_words() {
        let text = "the state of the union is strong and will be stronger";
        let shuffled = shuffled_words(text, &mut Random::new(3));
        assert_ne!(shuffled, text);
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words.sort();
            words
        };
        assert_eq!(sorted(&shuffled), sorted(text));
    }

    #[test]
    fn a_phrase_is_repeated_and_nothing_else() {
        let row = repeated_phrase("one two three four five six seven eight", &mut Random::new(3));
        assert!(row.len() > 750);
        let distinct: std::collections::BTreeSet<&str> = row.split([' ', ',', '\n']).filter(|word| !word.is_empty()).collect();
        assert!(distinct.len() <= 6);
    }

    #[test]
    fn paragraphs_of_two_languages_are_not_mixed() {
        let paragraph = |id: &str, lang: &str| Paragraph { id: id.into(), lang: lang.into(), text: format!("text {lang}") };
        let paragraphs = [paragraph("udhr/deu/1", "de"), paragraph("udhr/fra/1", "fr"), paragraph("udhr/fra/2", "fr")];
        for seed in 0..20 {
            let (_, text) = other_language(&paragraphs, &mut Random::new(seed));
            assert!(!(text.contains("de") && text.contains("fr")), "{text}");
        }
    }
}
