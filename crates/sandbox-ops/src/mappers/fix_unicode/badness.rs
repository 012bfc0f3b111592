//! Whether a text looks like bytes that were decoded wrongly: pairs and triples of characters that people do not write.
//!
//! The classes of characters and the rules are those of ftfy 6.3.1 (`ftfy/badness.py`, Robyn Speer, Apache-2.0).

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

use crate::unicode::{ALPHANUMERIC, SPACE, ranges};

#[rustfmt::skip]
mod categories {
    pub(super) const COMMON: &str = "\u{a0}\u{ad}·´–—―…’";
    pub(super) const C1: &str = "\u{80}-\u{9f}";
    pub(super) const BAD: &str = "¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\u{fffd}ªº";
    pub(super) const LAW: &str = "¶§";
    pub(super) const CURRENCY: &str = "¢£¥₧€";
    pub(super) const START_PUNCTUATION: &str = "¡«¿©΄΅‘‚“„•‹\u{f8ff}";
    pub(super) const END_PUNCTUATION: &str = "®»˝”›™";
    pub(super) const NUMERIC: &str = "²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№";
    pub(super) const KAOMOJI: &str = "Ò-ÖÙ-Üò-öø-üŐŌŪŲ°";
    pub(super) const UPPER_ACCENTED: &str = "À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ";
    pub(super) const LOWER_ACCENTED: &str = "ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ";
    pub(super) const UPPER_COMMON: &str = "ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я";
    pub(super) const LOWER_COMMON: &str = "α-ωάέήίΰа-џ";
    pub(super) const BOX: &str = "│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓";
}
use categories::*;

/// Whether a text looks like it was decoded wrongly somewhere.
pub(super) fn is_bad(text: &str) -> bool {
    static RULES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&rules()).ok());
    RULES.as_ref().is_some_and(|rules| rules.is_match(text))
}

fn rules() -> String {
    let word = class_of(ALPHANUMERIC);
    let space = class_of(SPACE);
    let fixed = [
        // œ before anything but a Latin letter.
        "[Œœ][^A-Za-z]",
        // Arabic, South Asian and punctuation marks in Windows-1252.
        "×[²³]",
        "à[²µ¹¼½¾]",
        "Ã[\\xa0¡]",
        "^[ÃÂ][ ]",
        // MacRoman.
        "√[±∂†≠®™´≤≥¥µø]",
        "≈[°¢]",
        "‚Ä[ìîïòôúùû†°¢π]",
        "‚[âó][àä°ê]",
        // Windows-1251, 1253 and 1257.
        "вЂ",
        "ГўВЂВ.[A-Za-z ]",
        "β€[™\\xa0Ά\\xad®°]",
        "ā€",
    ];
    let marks = format!("{BAD}{START_PUNCTUATION}{END_PUNCTUATION}{CURRENCY}");
    let arabic = format!("[ØÙ][{COMMON}{CURRENCY}{BAD}{NUMERIC}{START_PUNCTUATION}ŸŠ®°µ»]");
    let odd = format!("{LOWER_ACCENTED}{UPPER_ACCENTED}{BOX}{START_PUNCTUATION}{END_PUNCTUATION}{CURRENCY}{NUMERIC}{LAW}");
    let rules = [
        format!("[{C1}]"),
        format!("[{BAD}{odd}][{BAD}]"),
        format!("[a-zA-Z][{LOWER_COMMON}{UPPER_COMMON}][{BAD}]"),
        format!("[{BAD}][{odd}]"),
        format!("[{LOWER_ACCENTED}{LOWER_COMMON}{BOX}{END_PUNCTUATION}{CURRENCY}{NUMERIC}][{UPPER_ACCENTED}]"),
        format!("[{BOX}{END_PUNCTUATION}{CURRENCY}{NUMERIC}][{LOWER_ACCENTED}]"),
        format!("[{LOWER_ACCENTED}{BOX}{END_PUNCTUATION}][{CURRENCY}]"),
        format!("[{space}][{UPPER_ACCENTED}][{CURRENCY}]"),
        format!("[{UPPER_ACCENTED}{BOX}][{NUMERIC}{LAW}]"),
        format!("[{LOWER_ACCENTED}{UPPER_ACCENTED}{BOX}{CURRENCY}{END_PUNCTUATION}][{START_PUNCTUATION}][{NUMERIC}]"),
        format!("[{LOWER_ACCENTED}{UPPER_ACCENTED}{CURRENCY}{NUMERIC}{BOX}{LAW}][{END_PUNCTUATION}][{START_PUNCTUATION}]"),
        format!("[{CURRENCY}{NUMERIC}{BOX}][{START_PUNCTUATION}]"),
        format!("[a-z][{UPPER_ACCENTED}][{START_PUNCTUATION}{CURRENCY}]"),
        format!("[{BOX}][{KAOMOJI}{END_PUNCTUATION}]"),
        format!("[{LOWER_ACCENTED}{UPPER_ACCENTED}{CURRENCY}{NUMERIC}{START_PUNCTUATION}{END_PUNCTUATION}{LAW}][{BOX}]"),
        format!("[{LOWER_ACCENTED}{UPPER_ACCENTED}][{START_PUNCTUATION}{END_PUNCTUATION}][{word}_]"),
        format!("[{UPPER_ACCENTED}]°"),
        format!("[ÂÃÎÐ][€œŠš¢£Ÿž\\xa0\\xad®©°·»{START_PUNCTUATION}{END_PUNCTUATION}–—´]"),
        format!("{arabic}{arabic}"),
        format!("[ВГРС][{C1}{marks}°µ][ВГРС]"),
        format!("[ΒΓΞΟ][{C1}{marks}°][ΒΓΞΟ]"),
        format!("[a-z][{space}]?[ÃÂ][ ]"),
        format!("[a-z.,?!{END_PUNCTUATION}]Â[ {START_PUNCTUATION}{END_PUNCTUATION}]"),
    ];
    format!("{}|{}", fixed.join("|"), rules.join("|"))
}

fn class_of(class: u16) -> String {
    ranges(class).iter().fold(String::new(), |mut out, (first, last)| {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{{{first:x}}}-\\x{{{last:x}}}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_read() {
        assert!(Regex::new(&rules()).is_ok());
        for (text, expected) in [
            ("sÃ³", true),
            ("só", false),
            ("â€œhi", true),
            ("“hi”", false),
            ("\u{85}", true),
            ("ÐŸÑ€Ð¸", true),
            ("При", false),
            ("é»a", true),
            ("é» ", false),
        ] {
            assert_eq!(is_bad(text), expected, "{text}");
        }
    }
}
