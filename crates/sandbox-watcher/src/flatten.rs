//! Nested maps as leaves with dotted names, and back.
//!
//! The keys of a map stand behind its name with a dot between; an empty name is left out, so that what is watched under no name has
//! no leading dot. Maps are gone into, everything else is a leaf: a list as a whole, and an empty map too, since otherwise nothing
//! would say that it was there. A dot in a key is written `\.`, a backslash `\\`, an empty key `\e`; the name that is watched under
//! is taken as it is, so that `train.loss` is `loss` of `train`.
//!
//! ```
//! use sandbox_watcher::{Node, flatten, unflatten};
//! use serde_json::json;
//! let value = json!({"loss": 0.5, "gpu": {"0": {"util": 90}}, "a.b": [1, 2]});
//! let leaves = flatten("train", Node::of(&value));
//! let names: Vec<&str> = leaves.iter().map(|(name, _)| name.as_str()).collect();
//! assert_eq!(names, ["train.loss", "train.gpu.0.util", r"train.a\.b"]);
//! assert_eq!(unflatten("train", leaves).unwrap().to_json(), value);
//! assert_eq!(flatten("", Node::of(&json!({"loss": 1})))[0].0, "loss");
//! ```

use indexmap::IndexMap;

use crate::node::Node;

/// Nesting beyond this is a leaf as a whole.
const DEEPEST: usize = 64;

/// The leaves of `value` under `prefix`, in order.
pub fn flatten(prefix: &str, value: Node) -> Vec<(String, Node)> {
    let mut leaves = Vec::new();
    let mut name = prefix.to_owned();
    each_leaf(&mut name, prefix.is_empty(), &value, DEEPEST, &mut |name, leaf| leaves.push((name.to_owned(), leaf.clone())));
    leaves
}

/// Calls `found` for every leaf, with its name. `name` is used to build names in.
pub(crate) fn leaves(name: &mut String, value: &Node, found: &mut impl FnMut(&str, &Node)) {
    let is_empty = name.is_empty();
    each_leaf(name, is_empty, value, DEEPEST, found);
}

fn each_leaf(name: &mut String, is_top: bool, value: &Node, deeper: usize, found: &mut impl FnMut(&str, &Node)) {
    let entries = match value {
        Node::Map(entries) if !entries.is_empty() && deeper > 0 => entries,
        leaf => return found(name, leaf),
    };
    let length = name.len();
    for (key, value) in entries {
        if !is_top {
            name.push('.');
        }
        push_key(name, key);
        each_leaf(name, false, value, deeper - 1, found);
        name.truncate(length);
    }
}

fn push_key(name: &mut String, key: &str) {
    if key.is_empty() {
        name.push_str("\\e");
    } else if key.contains(['.', '\\']) {
        for character in key.chars() {
            if matches!(character, '.' | '\\') {
                name.push('\\');
            }
            name.push(character);
        }
    } else {
        name.push_str(key);
    }
}

/// The value whose leaves under `prefix` these are; `None` when none is. Leaves of other names are left out. Where one name is both
/// a leaf and the beginning of others, what comes later in `leaves` counts.
pub fn unflatten(prefix: &str, leaves: impl IntoIterator<Item = (String, Node)>) -> Option<Node> {
    let mut whole = None;
    for (name, leaf) in leaves {
        let Some(rest) = below(prefix, &name) else { continue };
        let path = if rest.is_empty() { Vec::new() } else { keys(rest) };
        whole.get_or_insert(Tree::Inner(IndexMap::new())).insert(&path, leaf);
    }
    whole.map(Tree::into_node)
}

/// A value that is being put together: looking a key up must not take longer the more there are.
enum Tree {
    Leaf(Node),
    Inner(IndexMap<String, Tree>),
}

impl Tree {
    fn insert(&mut self, path: &[String], leaf: Node) {
        let Some((key, rest)) = path.split_first() else {
            *self = Self::Leaf(leaf);
            return;
        };
        if let Self::Leaf(_) = self {
            *self = Self::Inner(IndexMap::new());
        }
        if let Self::Inner(entries) = self {
            entries.entry(key.clone()).or_insert_with(|| Self::Inner(IndexMap::new())).insert(rest, leaf);
        }
    }

    fn into_node(self) -> Node {
        match self {
            Self::Leaf(node) => node,
            Self::Inner(entries) => Node::Map(entries.into_iter().map(|(key, tree)| (key, tree.into_node())).collect()),
        }
    }
}

/// What of a name stands below the prefix; nothing for the name itself.
pub(crate) fn below<'n>(prefix: &str, name: &'n str) -> Option<&'n str> {
    if prefix.is_empty() {
        return Some(name);
    }
    let rest = name.strip_prefix(prefix)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// The keys of a dotted name.
fn keys(name: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        match (character, keys.last_mut()) {
            ('.', _) => keys.push(String::new()),
            ('\\', Some(key)) => match characters.next() {
                Some('e') | None => {}
                Some(escaped) => key.push(escaped),
            },
            (other, Some(key)) => key.push(other),
            (_, None) => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn node() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(Node::Null),
            any::<bool>().prop_map(Node::Bool),
            any::<i64>().prop_map(Node::Int),
            (-1e9..1e9).prop_map(Node::Float),
            "[a.\\\\e]{0,3}".prop_map(Node::Text),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Node::List),
                proptest::collection::hash_map("[a.\\\\e ]{0,3}", inner, 0..4).prop_map(|map| Node::Map(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn unflatten_is_the_inverse(value in node(), prefix in "[a-c.]{0,3}") {
            let leaves = flatten(&prefix, value.clone());
            // A value that is no map has no name of its own: under no name it would be lost among the keys.
            prop_assume!(!prefix.is_empty() || matches!(&value, Node::Map(entries) if !entries.is_empty()));
            prop_assert_eq!(unflatten(&prefix, leaves), Some(value));
        }
    }

    #[test]
    fn a_newer_shape_wins() {
        let leaf = |name: &str, value| (name.to_owned(), Node::Int(value));
        assert_eq!(unflatten("a", [leaf("a", 1), leaf("a.b", 2)]).unwrap().to_json(), json!({"b": 2}));
        assert_eq!(unflatten("a", [leaf("a.b", 2), leaf("a", 1)]).unwrap().to_json(), json!(1));
        assert_eq!(unflatten("a", [leaf("ab", 1), leaf("b.a", 1)]), None);
    }
}
