//! Patterns and replacements that users write, with the meaning they have in Python.
//!
//! The original hands them to Python's third-party `regex` module. Here they run on the `fancy-regex` engine (it has
//! look-around and back-references), after [`translate`] has rewritten what the two engines read differently.

use std::sync::OnceLock;

use fancy_regex::Regex;

use crate::error::{BuildError, OpError};

mod finder;
mod template;
pub mod translate;

pub(crate) use finder::Finder;
use template::Template;

/// A pattern and what its matches are replaced with, as the original's `re.sub(pattern, repl, text, flags=re.DOTALL)`.
pub(crate) struct Replacer {
    /// As the recipe has it.
    written: String,
    translated: String,
    /// What stands before the pattern: `(?s)` when the dot matches line breaks.
    flags: &'static str,
    regex: Regex,
    /// The same pattern, matching anything but the empty text where the search starts.
    advancing: OnceLock<Result<Regex, String>>,
    template: Template,
}

impl Replacer {
    /// A replacer of what a recipe has under `pattern` and `repl`.
    ///
    /// # Errors
    /// When the pattern is none, or the replacement names a group that the pattern does not have.
    pub fn new(pattern: &str, repl: &str) -> Result<Self, BuildError> {
        let wrong = |cause: String| BuildError::parameter("pattern", format!("`pattern`: Failed to read `{pattern}`: {cause}"));
        let translated = translate::translate(unwrap_raw(pattern)).map_err(wrong)?;
        let regex = Regex::new(&format!("(?s){translated}")).map_err(|error| wrong(error.to_string()))?;
        let template = Template::parse(repl, &regex).map_err(|cause| {
            let hint = "replacements are Python's: `\\1` or `\\g<name>` is a group, `\\\\` a backslash, `\\n` a line break, `$1` is itself";
            BuildError::parameter("repl", format!("`repl`: Failed to read `{repl}`: {cause}")).hint(hint)
        })?;
        Ok(Self { written: pattern.to_owned(), translated, flags: "(?s)", regex, advancing: OnceLock::new(), template })
    }

    /// Deletes the matches of what a recipe has under `parameter`, as the original's `regex.compile(pattern).sub("", text)`.
    ///
    /// # Errors
    /// When the pattern is none.
    pub fn deleter(parameter: &str, pattern: &str) -> Result<Self, BuildError> {
        let wrong = |cause: String| BuildError::parameter(parameter, format!("`{parameter}`: Failed to read `{pattern}`: {cause}"));
        let translated = translate::translate(pattern).map_err(wrong)?;
        let regex = Regex::new(&translated).map_err(|error| wrong(error.to_string()))?;
        let template = Template::parse("", &regex).map_err(wrong)?;
        Ok(Self { written: pattern.to_owned(), translated, flags: "", regex, advancing: OnceLock::new(), template })
    }

    /// The text with all matches replaced, or none if nothing changed.
    ///
    /// As in Python, an empty match may follow another match directly, and where an empty match was, one that is not
    /// empty is looked for next.
    ///
    /// # Errors
    /// When the engine gives up on this text.
    pub fn replace_all(&self, text: &str) -> Result<Option<String>, OpError> {
        let failed = |cause: String| OpError::Pattern { pattern: self.written.clone(), cause };
        let mut out = String::new();
        let mut copied = 0;
        let mut position = 0;
        let mut after_empty = false;
        loop {
            let regex = if after_empty { self.advancing().map_err(|cause| failed(cause.to_owned()))? } else { &self.regex };
            let found = regex.captures_from_pos(text, position).map_err(|error| failed(error.to_string()))?;
            let Some((captures, whole)) = found.and_then(|captures| captures.get(0).map(|whole| (captures, whole))) else { break };
            out.push_str(&text[copied..whole.start()]);
            self.template.expand(&captures, &mut out);
            copied = whole.end();
            position = whole.end();
            after_empty = whole.start() == whole.end();
        }
        out.push_str(&text[copied..]);
        Ok((out != text).then_some(out))
    }

    fn advancing(&self) -> Result<&Regex, &str> {
        let compile = || Regex::new(&format!("{}(?:{})(?!\\G)", self.flags, self.translated)).map_err(|error| error.to_string());
        self.advancing.get_or_init(compile).as_ref().map_err(String::as_str)
    }
}

/// A pattern without the `r'...'` or `r"..."` around it that people copy from Python.
pub fn unwrap_raw(pattern: &str) -> &str {
    if pattern.chars().count() <= 2 {
        return pattern;
    }
    let inner = |quote: char| pattern.strip_prefix('r')?.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).unwrap_or(pattern)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bad_input_is_an_error(pattern in r"([a-z()\[\]{}\\^$|?*+:<>P=&~-]|\(\?|\[:|\\[a-zA-Z0-9]|é){0,12}", repl in r"(\\|[0-9a-zA-Z<>]|é){0,8}", text in "[a-c\n é-]{0,8}") {
            if let Ok(replacer) = Replacer::new(&pattern, &repl) {
                drop(replacer.replace_all(&text));
            }
        }
    }

    fn replaced(pattern: &str, repl: &str, text: &str) -> String {
        Replacer::new(pattern, repl).unwrap().replace_all(text).unwrap().unwrap_or_else(|| text.to_owned())
    }

    /// Results recorded from the `regex` module of Python.
    #[test]
    fn as_in_python() {
        let cases = [
            ("|a", "-", "a", "---"),
            ("x*", "-", "abxd", "-a-b--d-"),
            ("a|", "-", "aab", "---b-"),
            ("(?=a)", "-", "aab", "-a-ab"),
            ("$", "E", "ab\n", "abE\nE"),
            (r"\Z", "E", "ab\n", "ab\nE"),
            ("a.b", "-", "a\nb", "-"),
            ("(b)|c", r"\1", "abc", "ab"),
            ("(?P<x>b)", r"<\g<x>\g<1>\g<0>>", "abc", "a<bbb>c"),
            ("b", "$1", "abc", "a$1c"),
            ("b", r"\.", "abc", r"a\.c"),
            ("b", r"\\\n\t\101\x41\u00e9\0", "abc", "a\\\n\tAA\u{e9}\0c"),
            (r"(?<=a)b(?!c)", "-", "abc abd", "abc a-d"),
            (r"(\w)\1", "-", "hello", "he-o"),
            (r"(?<=\s+)\d{2,}", "N", "1 22  333", "1 N  N"),
            ("r'[a-z]+'", "-", "ab1", "-1"),
            ("r\"a\"", "-", "ab", "-b"),
            ("r'a", "-", "r'a", "-"),
            ("", "-", "ab", "-a-b-"),
            ("a{,2}", "-", "aaa", "---"),
            (r"(a)\g<1>", "-", "aaa", "-a"),
            ("(?i)[a-z]+", "-", "xİſK1", "-1"),
        ];
        for (pattern, repl, text, expected) in cases {
            assert_eq!(replaced(pattern, repl, text), expected, "{pattern} {repl}");
        }
    }

    #[test]
    fn what_python_refuses() {
        for (pattern, repl, parameter) in [
            ("b", r"\1", "repl"),
            ("b", r"\g<x>", "repl"),
            ("b", r"\q", "repl"),
            ("b", "\\", "repl"),
            ("b", r"\g<", "repl"),
            ("b", r"\xg0", "repl"),
            ("(b", "", "pattern"),
            ("[b", "", "pattern"),
        ] {
            let error = Replacer::new(pattern, repl).err().unwrap();
            assert_eq!(error.path.to_string(), parameter, "{error}");
        }
    }
}
