//! Numbers in every form that Python's `float` takes.

use std::borrow::Cow;

/// A JSON value as a number, as Python's `float` reads it once it is loaded; `None` when it is none, NaN or infinite.
///
/// Numbers and booleans are numbers. Text is one with blanks around it, underscores between digits, an exponent, and the
/// digits of any script. Text such as `inf` and `nan` is a number to Python, but one that no mean survives.
///
/// ```
/// use sandbox_evaluators::mse::python_float;
/// assert_eq!([r#"" 1_000.5\n""#, "-2e1", "true", r#"".5""#, r#""１２""#].map(python_float), [Some(1000.5), Some(-20.0), Some(1.0), Some(0.5), Some(12.0)]);
/// assert_eq!([r#""1,5""#, r#""nan""#, r#""-inf""#, "null", "[1]", r#""""#].map(python_float), [None; 6]);
/// ```
pub fn python_float(json: &str) -> Option<f64> {
    let number = match json.as_bytes().first()? {
        b'"' => match json[1..].strip_suffix('"').filter(|inner| !inner.contains('\\')) {
            Some(inner) => of_text(inner),
            None => of_text(&serde_json::from_str::<String>(json).ok()?),
        },
        b't' => Some(1.0),
        b'f' => Some(0.0),
        b'n' | b'[' | b'{' => None,
        _ => json.parse().ok(),
    };
    number.filter(|number| number.is_finite())
}

fn of_text(text: &str) -> Option<f64> {
    let text = if text.is_ascii() {
        // Python takes fewer blanks here than in other text.
        Cow::Borrowed(text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']))
    } else {
        let is_blank = |character: char| character.is_whitespace() || ('\x1c'..='\x1f').contains(&character);
        Cow::Owned(text.trim_matches(is_blank).chars().map(to_ascii).collect::<String>())
    };
    without_underscores(&text)?.parse().ok()
}

/// `None` when one does not stand between two digits.
fn without_underscores(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let mut places = text.match_indices('_').map(|(at, _)| at);
    places.all(|at| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))).then(|| Cow::Owned(text.replace('_', "")))
}

/// A decimal digit of any script as the ASCII one.
fn to_ascii(character: char) -> char {
    let code = u32::from(character);
    let zero = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1).map(|at| ZEROS[at]);
    zero.and_then(|zero| char::from_digit(code - zero, 10).filter(|_| code - zero < 10)).unwrap_or(character)
}

/// The zeros of all scripts (Unicode's category Nd); their other digits follow them.
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090,
    0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
    0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_read_as_python_reads_it() {
        // What CPython 3.11 makes of `float(text)`.
        for (text, expected) in [
            ("1_0", Some(10.0)),
            ("1e1_0", Some(1e10)),
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            ("+1", Some(1.0)),
            ("\u{3000}1", Some(1.0)),
            ("\u{85} 1", Some(1.0)),
            ("٣.٥", Some(3.5)),
            ("\x1c１", Some(1.0)),
            ("\x1c1", None),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("1_e1", None),
            ("1._5", None),
            ("．5", None),
            (".", None),
            (" ", None),
            ("1\0", None),
            ("1 2", None),
            ("1d5", None),
            ("0x10", None),
            ("1e400", None),
            ("+nan", None),
            ("Infinity", None),
        ] {
            assert_eq!(python_float(&serde_json::to_string(text).unwrap()), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_and_their_texts_are_the_same(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO, blanks in "[ \t]{0,3}") {
            let json = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(python_float(&json), Some(number));
            prop_assert_eq!(python_float(&format!("\"{}\"", json)), Some(number));
            let padded = serde_json::to_string(&format!("{blanks}{number:?}{blanks}")).unwrap();
            prop_assert_eq!(python_float(&padded), Some(number));
        }

        #[test]
        fn nothing_panics(text in any::<String>()) {
            let _ = of_text(&text);
            let _ = python_float(&text);
        }

        #[test]
        fn every_script_has_the_same_digits(zero in proptest::sample::select(ZEROS.to_vec()), digits in proptest::collection::vec(0_u32..10, 1..9)) {
            let text: String = digits.iter().filter_map(|digit| char::from_u32(zero + digit)).collect();
            let ascii: String = digits.iter().map(|digit| char::from_digit(*digit, 10).unwrap()).collect();
            prop_assert_eq!(of_text(&text), ascii.parse().ok());
        }
    }
}
