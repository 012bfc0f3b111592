//! Speeches cut into chunks of a few sentences.

use crate::random::Random;

/// No chunk is shorter, in bytes.
pub const SHORTEST: usize = 300;
/// No chunk is longer, in bytes.
pub const LONGEST: usize = 1200;

/// Cuts a text at the ends of sentences into chunks of 300 to 1200 bytes. A line break of the text stays one; other white space
/// becomes single spaces. A rest too short for a chunk of its own, and too long for the chunk before it, is left out.
pub fn chunks(text: &str, random: &mut Random) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut chunk = String::new();
    let mut enough = random.between(SHORTEST, LONGEST - 450);
    for paragraph in text.lines() {
        let mut first = true;
        for sentence in sentences(paragraph) {
            if !chunk.is_empty() && chunk.len() >= SHORTEST && (chunk.len() >= enough || chunk.len() + 1 + sentence.len() > LONGEST) {
                chunks.push(std::mem::take(&mut chunk));
                enough = random.between(SHORTEST, LONGEST - 450);
            }
            if !chunk.is_empty() {
                chunk.push(if first { '\n' } else { ' ' });
            }
            chunk.push_str(&sentence);
            first = false;
        }
    }
    match chunks.last_mut() {
        Some(last) if chunk.len() < SHORTEST => {
            if !chunk.is_empty() && last.len() + 1 + chunk.len() <= LONGEST {
                last.push('\n');
                last.push_str(&chunk);
            }
        }
        _ => chunks.push(chunk),
    }
    chunks.retain(|chunk| (SHORTEST..=LONGEST).contains(&chunk.len()));
    chunks
}

/// The sentences of a paragraph; one that is longer than two thirds of a chunk is cut further, at commas where it has any.
fn sentences(paragraph: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    for word in paragraph.split_whitespace() {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(word);
        let bare = word.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
        let ends = bare.ends_with(['.', '?', '!']) && bare.len() > 3; // `Mr.` and initials end nothing
        let long = sentence.len() > LONGEST * 7 / 12 || (sentence.len() > LONGEST / 2 && bare.ends_with([',', ';', ':']));
        if ends || long {
            sentences.push(std::mem::take(&mut sentence));
        }
    }
    if !sentence.is_empty() {
        sentences.push(sentence);
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_have_their_size_and_lose_no_inner_text() {
        let text = "Mr. Speaker, it is with a heavy heart that I stand before you.\n  Only yesterday, we met. ".repeat(60);
        let chunks = chunks(&text, &mut Random::new(1));
        assert!(chunks.len() > 4);
        assert!(chunks.iter().all(|chunk| (SHORTEST..=LONGEST).contains(&chunk.len())));
        let words: Vec<&str> = chunks.iter().flat_map(|chunk| chunk.split_whitespace()).collect();
        assert!(text.split_whitespace().collect::<Vec<_>>().starts_with(&words));
        assert!(chunks.iter().all(|chunk| chunk.ends_with('.') && !chunk.ends_with("Mr.")));
    }

    #[test]
    fn a_sentence_without_end_is_cut() {
        let chunks = chunks(&"word ".repeat(2000), &mut Random::new(1));
        assert!(chunks.iter().all(|chunk| (SHORTEST..=LONGEST).contains(&chunk.len())));
        assert!(chunks.iter().map(String::len).sum::<usize>() > 9000);
    }
}
