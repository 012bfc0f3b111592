//! Dictionaries as Python prints them and as JSON writes them: one reader for both.

use std::borrow::Cow;

use crate::number;
use crate::rule::{Pairs, Raw};

/// How deep dictionaries and lists may stand in one another.
const DEEPEST: usize = 16;
/// How many values one line may have.
const MOST: usize = 10_000;

/// Reads the dictionary at the beginning of `text` into pairs, inner ones as `outer.inner`, items of lists as `name.0`; gives the
/// text behind it. `None` when it is not one: then nothing of it is believed.
pub(crate) fn dictionary<'t>(text: &'t str, pairs: &mut Pairs<'t>) -> Option<&'t str> {
    let before = pairs.len();
    let mut reader = Reader { rest: text, pairs };
    let read = reader.dictionary("", 0);
    let rest = reader.rest;
    if read.is_none() {
        pairs.truncate(before);
    }
    read.map(|()| rest)
}

struct Reader<'t, 'p> {
    rest: &'t str,
    pairs: &'p mut Pairs<'t>,
}

impl<'t> Reader<'t, '_> {
    fn dictionary(&mut self, outer: &str, depth: usize) -> Option<()> {
        self.eat('{').filter(|()| depth < DEEPEST)?;
        if self.eat('}').is_some() {
            return Some(());
        }
        loop {
            let key = match self.peek()? {
                '\'' | '"' => self.string()?,
                _ => Cow::Borrowed(self.word()?),
            };
            self.eat(':')?;
            self.value(joined(outer, key), depth)?;
            match (self.eat(','), self.eat('}')) {
                (_, Some(())) => return Some(()),
                (None, None) => return None,
                _ => {}
            }
        }
    }

    fn list(&mut self, name: &str, close: char, depth: usize) -> Option<()> {
        for index in 0.. {
            if self.eat(close).is_some() {
                break;
            }
            self.value(Cow::Owned(format!("{name}.{index}")), depth)?;
            if self.eat(',').is_none() {
                self.eat(close)?;
                break;
            }
        }
        Some(())
    }

    fn value(&mut self, name: Cow<'t, str>, depth: usize) -> Option<()> {
        if self.pairs.len() >= MOST || depth >= DEEPEST {
            return None;
        }
        let raw = match self.peek()? {
            '{' => return self.dictionary(&name, depth + 1),
            '[' => {
                self.eat('[')?;
                return self.list(&name, ']', depth + 1);
            }
            '(' => {
                self.eat('(')?;
                return self.list(&name, ')', depth + 1);
            }
            '\'' | '"' => Raw::Quoted(self.string()?),
            _ => {
                let word = self.word()?;
                match word {
                    "None" | "null" => return Some(()),
                    "True" | "true" => Raw::Quoted("true".into()),
                    "False" | "false" => Raw::Quoted("false".into()),
                    _ if self.rest.starts_with('(') => Raw::Number(self.wrapped(word)?),
                    _ => Raw::Number(number::parse(word)?),
                }
            }
        };
        self.pairs.push((name, raw));
        Some(())
    }

    /// `(0.5, device='cuda:0')` behind a name such as `tensor`.
    fn wrapped(&mut self, name: &str) -> Option<f64> {
        let (inner, rest) = self.rest.strip_prefix('(')?.split_once(')')?;
        self.rest = rest;
        number::is_wrapper(name).then(|| number::parse(inner.split(',').next()?.trim())).flatten()
    }

    fn string(&mut self) -> Option<Cow<'t, str>> {
        let quote = self.peek()?;
        let body = self.rest.get(1..)?;
        let mut owned: Option<String> = None;
        let (mut from, mut at) = (0, 0);
        loop {
            at += body.get(at..)?.find([quote, '\\'])?;
            if body.get(at..)?.starts_with(quote) {
                break;
            }
            let (escaped, length) = escape(body.get(at + 1..)?)?;
            let text = owned.get_or_insert_default();
            text.push_str(body.get(from..at)?);
            text.push_str(&escaped);
            at += 1 + length;
            from = at;
        }
        self.rest = body.get(at + 1..)?;
        let last = body.get(from..at)?;
        Some(match owned {
            Some(text) => Cow::Owned(text + last),
            None => Cow::Borrowed(last),
        })
    }

    /// Letters, digits and what numbers are written with.
    fn word(&mut self) -> Option<&'t str> {
        self.peek()?;
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn eat(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.trim_start();
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }
}

/// The text that an escape stands for, and the bytes it takes behind the backslash.
fn escape(rest: &str) -> Option<(String, usize)> {
    let first = rest.chars().next()?;
    let digits = |count: usize| rest.get(1..=count).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let code = |count| Some((char::from_u32(digits(count)?).unwrap_or(char::REPLACEMENT_CHARACTER).to_string(), count + 1));
    match first {
        'n' => Some(("\n".into(), 1)),
        't' => Some(("\t".into(), 1)),
        'r' => Some(("\r".into(), 1)),
        'x' => code(2),
        'u' => code(4),
        'U' => code(8),
        '\\' | '\'' | '"' | '/' => Some((first.into(), 1)),
        // What Python and JSON do not know stays as it is.
        other => Some((format!("\\{other}"), other.len_utf8())),
    }
}

fn joined<'t>(outer: &str, key: Cow<'t, str>) -> Cow<'t, str> {
    if outer.is_empty() { key } else { Cow::Owned(format!("{outer}.{key}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let mut pairs = Pairs::new();
        let rest = dictionary(text, &mut pairs)?;
        let pairs: Vec<String> = pairs.iter().map(|(name, raw)| format!("{name}={raw:?}")).collect();
        Some(format!("{} | {rest}", pairs.join(" ")))
    }

    #[test]
    fn python_and_json() {
        let check = |text: &str, expected: &str| assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        check("{'loss': 0.5, 'grad_norm': nan} tail", "loss=Number(0.5) grad_norm=Number(NaN) |  tail");
        check(r#"{"loss": NaN, "x": -Infinity, "n": null}"#, "loss=Number(NaN) x=Number(-inf) | ");
        check("{'a': {'b': [1, (2.5,)]}, 'c': None}", "a.b.0=Number(1.0) a.b.1.0=Number(2.5) | ");
        check("{'t': tensor(0.25, device='cuda:0'), 'n': np.float64(-1e-05)}", "t=Number(0.25) n=Number(-1e-5) | ");
        check(r"{'s': 'it\'s', 'u': '\u00e9', 'b': True}", "s=Quoted(\"it's\") u=Quoted(\"é\") b=Quoted(\"true\") | ");
        check("{}", " | ");
        check("{'a': 1,}", "a=Number(1.0) | ");
    }

    #[test]
    fn what_is_no_dictionary_gives_nothing() {
        let deep = "{'a': ".repeat(100);
        let lists = format!("{{'a': {}", "[".repeat(100_000));
        for text in
            ["", "{", "{'a'", "{'a': }", "{'a': 1", "{'a': 0.5x}", "{'a' 1}", "{'a': 1 'b': 2}", "{'a': foo(1)}", "{'a\\", &deep, &lists]
        {
            assert_eq!(read(text), None, "{text:.40}");
        }
    }
}
