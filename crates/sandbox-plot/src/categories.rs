//! Texts counted.

use std::collections::HashMap;

/// How often each text occurs.
#[derive(Debug, Clone, PartialEq)]
pub struct Categories {
    /// The statistic's name.
    pub name: String,
    /// Values that are texts.
    pub count: u64,
    /// Values that are absent.
    pub missing: u64,
    /// Texts and how often they occur, most frequent first, equal ones by name.
    pub entries: Vec<(String, u64)>,
}

impl Categories {
    /// Counts `values`.
    pub fn of<'v>(name: &str, values: impl IntoIterator<Item = Option<&'v str>>) -> Self {
        let (mut counts, mut missing) = (HashMap::<&str, u64>::new(), 0);
        for value in values {
            match value {
                Some(text) => *counts.entry(text).or_default() += 1,
                None => missing += 1,
            }
        }
        let mut entries: Vec<(String, u64)> = counts.into_iter().map(|(text, count)| (text.to_owned(), count)).collect();
        entries.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self { name: name.to_owned(), count: entries.iter().map(|(_, count)| count).sum(), missing, entries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_comes_first() {
        let some = Categories::of("lang", [Some("en"), Some("zh"), None, Some("de"), Some("zh")]);
        assert_eq!(some.entries, [("zh".to_owned(), 2), ("de".to_owned(), 1), ("en".to_owned(), 1)]);
        assert_eq!((some.count, some.missing), (4, 1));
    }
}
