//! The named character references.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::packed::unpack;

/// All names, with their semicolon if they have one, and what they stand for: `html.entities.html5` of Python.
static ENTITIES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let text = unpack(include_bytes!("../../assets/html/entities.zst"));
    text.split('\0').filter_map(|entity| entity.split_once('\t')).collect()
});

/// What a name stands for: `amp;` and `amp` are `&`.
pub(crate) fn entity(name: &str) -> Option<&'static str> {
    ENTITIES.get(name).copied()
}

/// All names and what they stand for, in no order.
pub(crate) fn entities() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENTITIES.iter().map(|(name, value)| (*name, *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(entities().count(), 2231);
        let found = ["amp", "amp;", "eacute;", "Tab;", "NotEqualTilde;", "hearts"].map(entity);
        assert_eq!(found, [Some("&"), Some("&"), Some("é"), Some("\t"), Some("\u{2242}\u{338}"), None]);
    }
}
