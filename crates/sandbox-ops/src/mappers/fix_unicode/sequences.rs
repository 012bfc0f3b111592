//! Where a text has characters that look like the bytes of UTF-8, each decoded on its own.
//!
//! The classes of characters are those of ftfy 6.3.1 (`ftfy/chardata.py`, Robyn Speer, Apache-2.0).

use std::ops::Range;
use std::sync::LazyLock;

use hashbrown::HashMap;

// Characters by the byte that they are in some one-byte encoding.
/// C2 to DF: the first of two.
#[rustfmt::skip]
const FIRST_OF_TWO: &str = "ÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßĀĂĆČĎĐĒĖĘĚĞĢĪİĶĹĻŁŃŅŇŌŐŘŚŞŠŢŪŮŰŲŹŻŽΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ";
/// E0 to EF: the first of three.
#[rustfmt::skip]
const FIRST_OF_THREE: &str = "àáâãäåæçèéêëìíîïāăąćčďēėęěģīįķĺļŕźΰαβγδεζηθικλμνξοабвгдежзийклмноп";
/// F0 or F3: the first of four.
const FIRST_OF_FOUR: &str = "ðóđğšπσру";
/// 80 to BF, with the space that may have been byte A0; U+0080 to U+00BF belong here too.
#[rustfmt::skip]
const LATER: &str = "ÆØæøĄąĽľŁłŒœŖŗŚśŞşŠšŤťŸŹźŻżŽžƒˆˇ˘˛˜˝΄΅ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ†‡‰‹›€№™";
/// The same, but often themselves: spaces, dashes, quotation marks, bullets and ellipses.
const LATER_OR_ITSELF: &str = " –—―‘’‚“”„•…";

const TWO: u8 = 1;
const THREE: u8 = 1 << 1;
const FOUR: u8 = 1 << 2;
const CONTINUES: u8 = 1 << 3;
/// Continues, and hardly stands for itself.
const ONLY_CONTINUES: u8 = 1 << 4;

fn roles(character: char) -> u8 {
    static ROLES: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
        let mut roles = HashMap::new();
        let latin: String = ('\u{80}'..='\u{bf}').collect();
        for (characters, role) in [
            (FIRST_OF_TWO, TWO),
            (FIRST_OF_THREE, THREE),
            (FIRST_OF_FOUR, FOUR),
            (LATER, CONTINUES | ONLY_CONTINUES),
            (&latin, CONTINUES | ONLY_CONTINUES),
            (LATER_OR_ITSELF, CONTINUES),
        ] {
            characters.chars().for_each(|character| *roles.entry(character).or_default() |= role);
        }
        roles
    });
    if character == ' ' {
        return CONTINUES;
    }
    if character.is_ascii() || character > '\u{fb02}' { 0 } else { ROLES.get(&character).copied().unwrap_or(0) }
}

/// The runs of sequences in a text; none begins within what may be the rest of another sequence.
pub(super) fn sequences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut before = 0;
    let mut position = 0;
    std::iter::from_fn(move || {
        while let Some(character) = text[position..].chars().next() {
            let start = position;
            if before & ONLY_CONTINUES == 0 {
                while let Some(length) = sequence(&text[position..]) {
                    position += length;
                }
            }
            if position > start {
                before = text[..position].chars().next_back().map_or(0, roles);
                return Some(start..position);
            }
            before = roles(character);
            position += character.len_utf8();
        }
        None
    })
}

/// The length of one sequence at the start of a text.
fn sequence(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    let first = roles(characters.next()?.1);
    if first & (TWO | THREE | FOUR) == 0 {
        return None;
    }
    let mut ends =
        characters.take_while(|(_, character)| roles(*character) & CONTINUES != 0).map(|(at, character)| at + character.len_utf8());
    let ends = [ends.next(), ends.next(), ends.next()];
    [(TWO, ends[0]), (THREE, ends[1]), (FOUR, ends[2])].into_iter().find_map(|(role, end)| end.filter(|_| first & role != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found() {
        let found = |text: &str| sequences(text).map(|range| text[range].to_owned()).collect::<Vec<_>>().join("|");
        assert_eq!(found("aÃ©Ã¨ b â€œ xÂ "), "Ã©Ã¨|â€œ|Â ");
        assert_eq!(found("¡Ã© â€“ ð\u{9f}\u{98}\u{80} Ã"), "â€“|ð\u{9f}\u{98}\u{80}");
    }
}
