//! `fix_unicode_mapper`: text that was damaged by wrong encodings, mended.

use std::borrow::Cow;

use memchr::memchr;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};

mod badness;
mod bytes;
mod characters;
mod encodings;
mod mojibake;
mod normal;
mod references;
mod sequences;

use normal::Form;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "fix_unicode_mapper",
    kind: Kind::Mapper,
    summary: "Mend text that was decoded wrongly, and bring characters into one form",
    doc: "What ftfy 6.3.1 does by default, line by line: text that was decoded with the wrong encoding is decoded again, \
          character references are decoded (up to the first line with a `<`), curly quotes become straight, full-width \
          letters narrow, ligatures letters, every line break a line feed; control characters, terminal escapes and byte \
          order marks go.",
    parameters: &[Parameter {
        name: "normalization",
        kind: "NFC, NFKC, NFD, NFKD or null",
        default: "null",
        doc: "Unicode's normal form of the result; null: NFC.",
    }],
    example: "- fix_unicode_mapper:\n\nThe Mona Lisa doesnâ€™t have eyebrows. -> The Mona Lisa doesn't have eyebrows.",
    stats: &[],
    build,
};

/// The most characters that are mended at once.
const LONGEST: usize = 1_000_000;
/// How often a line is gone over until nothing changes. References within references that are nested deeper stay, where
/// the original would go on for hours.
const ROUNDS: usize = 100;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    normalization: Option<String>,
}

/// Mends text that was decoded wrongly; see [`ENTRY`].
pub struct FixUnicodeMapper {
    common: Common,
    form: Form,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { normalization }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    // An empty name is none for the original.
    let form = match normalization.as_deref().filter(|name| !name.is_empty()) {
        None => Form::Nfc,
        Some(name) => Form::of_name(name).ok_or_else(|| {
            let error = BuildError::parameter("normalization", format!("`normalization`: there is no normal form `{name}`"));
            error.hint("one of NFC, NFKC, NFD, NFKD")
        })?,
    };
    Ok(Operator::Mapper(Box::new(FixUnicodeMapper { common, form })))
}

impl Mapper for FixUnicodeMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        if is_plain(text) {
            return Ok(Cow::Borrowed(text));
        }
        let mut out = String::with_capacity(text.len());
        let mut with_references = true;
        let mut rest = text;
        while !rest.is_empty() {
            let (segment, after) = rest.split_at(segment(rest));
            rest = after;
            with_references = with_references && !segment.contains('<');
            if is_plain(segment) {
                out.push_str(segment);
            } else {
                out.push_str(&fix(segment, self.form, with_references));
            }
        }
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }
}

/// Whether nothing in a text could need mending: ASCII without references and control characters.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b'\x0c' | b' '..=b'%' | b'\''..=b'~'))
}

/// How many bytes are mended together: a line, but not too many characters.
fn segment(text: &str) -> usize {
    let line = memchr(b'\n', text.as_bytes()).map_or(text.len(), |end| end + 1);
    if line <= LONGEST {
        return line;
    }
    text[..line].char_indices().nth(LONGEST).map_or(line, |(position, _)| position)
}

fn fix(segment: &str, form: Form, with_references: bool) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(segment);
    for _ in 0..ROUNDS {
        let before = text.clone();
        if with_references {
            text = references::decode_references(text);
        }
        text = form.apply(characters::fix_characters(mojibake::fix_encoding(text)));
        if text == before {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
        assert!(build(&json!({"normalization": "nfkd"})).is_ok());
        let error = build(&json!({"normalization": "NFX"})).unwrap_err();
        assert_eq!(error.to_string(), "`normalization`: there is no normal form `NFX`");
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "The Mona Lisa doesnâ€™t have eyebrows."), "The Mona Lisa doesn't have eyebrows.");
    }

    /// Results recorded from ftfy 6.3.1.
    #[test]
    fn as_in_ftfy() {
        for (text, expected) in [
            ("âœ” No problems", "✔ No problems"),
            ("&macr;\\_(ã\u{83}\u{84})_/&macr;", "¯\\_(ツ)_/¯"),
            ("Broken text&hellip; it&#x2019;s ﬂubberiﬁc!", "Broken text… it's flubberific!"),
            ("ＬＯＵＤ\u{3000}ＮＯＩＳＥＳ Ｕﾀｰﾝ ﾊﾟ", "LOUD NOISES Uターン パ"),
            ("voilÃ le travail", "voilà le travail"),
            ("â€œ like this â€\u{fffd}", "\" like this \u{fffd}"),
            ("a &lt;b\n<i> &lt;\n&lt;", "a <b\n<i> &lt;\n&lt;"),
            ("&amp;amp;lt;", "<"),
            ("\u{1b}[36;44mI'm blue\u{1b}[0m \u{1b}[x", "I'm blue "),
            ("a\r\nb\rc\u{2028}d\u{2029}e\u{85}f", "a\nb\nc\nd\ne…f"),
            ("\u{feff}BOM \u{0}\u{b}\u{7f}￼\u{206a}", "BOM "),
            ("P&EACUTE;REZ &#133; &#59;", "PÉREZ … &#59;"),
            ("l’humanitÃ© l’humanité", "l'humanité l'humanité"),
            ("ŉ ʼ ǆ ﬅ", "'n ' dž ſt"),
            ("IÃ±tÃ«rnÃ¢tiÃ´nÃ lizÃ¦tiÃ¸n", "Iñtërnâtiônà lizætiøn"),
            ("РїСЂРёРІРµС‚", "привет"),
            ("ÃƒÂ©", "é"),
            ("å…¨è§’ã\u{81}®ï¼¡", "全角のA"),
            ("\u{958} e\u{301}\u{327} \u{2126} 한 Å", "क\u{93c} ȩ\u{301} Ω 한 Å"),
            ("ðŸ˜€ í\u{a0}½í¸\u{8d}", "😀 😍"),
            ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚ и привет", "привет и привет"),
            ("HÔTEL — «é» 5 °C", "HÔTEL — «é» 5 °C"),
            ("\u{1e030}a e\u{897}\u{323}", "\u{1e030}a e\u{897}\u{323}"),
        ] {
            assert_eq!(mapped(ENTRY.name, json!({}), text), expected, "{text:?}");
        }
        for (form, expected) in [("nfd", "e\u{301} ①A"), ("NFKC", "é 1A"), ("nfkd", "e\u{301} 1A"), ("", "é ①A")] {
            assert_eq!(mapped(ENTRY.name, json!({"normalization": form}), "é ①Ａ"), expected);
        }
    }

    #[test]
    fn hostile_texts_take_no_time_to_speak_of() {
        let nested = format!("{}{}", "&#".repeat(20_000), "1;".repeat(20_000));
        for text in ["&amp;".to_owned() + &"amp;".repeat(20_000), nested, "Ã".repeat(50_000), "â€".repeat(50_000), "ð ".repeat(50_000)]
        {
            assert!(mapped(ENTRY.name, json!({}), &text).len() <= text.len());
        }
    }

    #[test]
    fn long_lines_are_cut() {
        // A misread letter on the border of two pieces is not seen.
        let (before, after) = ("a".repeat(LONGEST - 1), "b".repeat(10));
        let text = format!("{before}Ã©{after}");
        assert_eq!(mapped(ENTRY.name, json!({}), &text), text);
        assert_eq!(mapped(ENTRY.name, json!({}), &text[1..]), format!("{}é{after}", &before[1..]));
    }
}
