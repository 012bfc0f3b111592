//! Values of labels.

use std::borrow::Cow;

/// Longer values are cut.
pub(crate) const LONGEST: usize = 200;

/// `text` as the value of a label: one line, without control characters, at most 200 bytes.
pub(crate) fn label(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let visible = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    let mut value: String = text.chars().take(LONGEST + 1).map(visible).collect();
    if value.len() > LONGEST {
        value.truncate(value.floor_char_boundary(LONGEST - '…'.len_utf8()));
        value.push('…');
    }
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short_lines() {
        assert_eq!(label("a \"b\" \\ ü"), "a \"b\" \\ ü");
        assert_eq!(label("a\nb\0\r"), "a\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(label(&"x".repeat(200)), "x".repeat(200));
        assert_eq!(label(&"x".repeat(10_000_000)), format!("{}…", "x".repeat(197)));
        assert_eq!(label(&"ü".repeat(101)), format!("{}…", "ü".repeat(98)));
        assert!(label(&"\n".repeat(100)).len() <= LONGEST);
    }
}
