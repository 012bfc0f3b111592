//! Python's `"...{}...".format(text)`, with one place.

/// A text with one place in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Format {
    before: String,
    after: String,
}

impl Format {
    /// Reads a text with `{}` or `{0}` once; `{{` and `}}` are braces.
    ///
    /// # Errors
    /// No place, or more than one; a brace that is neither.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut piece, mut rest) = (Vec::new(), String::new(), text.chars().peekable());
        while let Some(character) = rest.next() {
            match character {
                '{' | '}' if rest.peek() == Some(&character) => {
                    piece.push(character);
                    rest.next();
                }
                '{' => {
                    let inner: String = std::iter::from_fn(|| rest.next_if(|character| *character != '}')).collect();
                    if rest.next().is_none() || !matches!(inner.as_str(), "" | "0") {
                        return Err(format!("`{{{inner}` is no place"));
                    }
                    pieces.push(std::mem::take(&mut piece));
                }
                '}' => return Err("a `}` stands alone".to_owned()),
                character => piece.push(character),
            }
        }
        match pieces.len() {
            1 => Ok(Self { before: pieces.pop().unwrap_or_default(), after: piece }),
            0 => Err("`{}` is missing".to_owned()),
            more => Err(format!("`{{}}` stands {more} times")),
        }
    }

    /// The text with something in its place.
    pub(super) fn fill(&self, text: &str) -> String {
        format!("{}{text}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_filled_and_braces_are_doubled() {
        assert_eq!(Format::parse("a{}b").unwrap().fill("{x}"), "a{x}b");
        assert_eq!(Format::parse("{{{0}}}").unwrap().fill("x"), "{x}");
        for wrong in ["", "{}{}", "{name}", "}", "{"] {
            assert!(Format::parse(wrong).is_err(), "{wrong}");
        }
    }
}
