//! The tree that Beautiful Soup makes of tags and texts: nothing is implied, what is not closed stays open.

use hashbrown::HashMap;

/// A node; the nodes within it follow it directly.
pub(super) struct Node {
    pub kind: Kind,
    /// The number of the first node that is not within it.
    pub end: usize,
}

/// What a node is.
pub(super) enum Kind {
    Element {
        name: String,
        /// Sorted by name.
        attributes: Vec<(String, String)>,
    },
    /// Text; `counts` is false within scripts, styles, templates and ruby, `is_raw` within scripts and styles.
    Text { text: String, counts: bool, is_raw: bool },
    /// A comment or the like, as it stands; a CDATA section counts as text.
    Markup { before: &'static str, text: String, after: &'static str, counts: bool },
}

/// The tree while it grows.
#[derive(Default)]
pub(super) struct Soup {
    pub nodes: Vec<Node>,
    open: Vec<usize>,
    /// How many elements of a name are open.
    counts: HashMap<String, usize>,
    /// Open elements in which white space stays.
    preserving: usize,
    /// Open elements whose text is of its own kind.
    special: usize,
    text: String,
    has_text: bool,
}

/// Elements without content.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "menuitem"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "basefont"
            | "bgsound"
            | "command"
            | "frame"
            | "image"
            | "isindex"
            | "nextid"
            | "spacer"
    )
}

fn is_preserving(name: &str) -> bool {
    matches!(name, "pre" | "textarea")
}

fn is_special(name: &str) -> bool {
    matches!(name, "rt" | "rp" | "style" | "script" | "template")
}

impl Soup {
    pub fn add_text(&mut self, text: &str) {
        self.text.push_str(text);
        self.has_text = true;
    }

    /// Ends the text that was added.
    pub fn end_text(&mut self) {
        if std::mem::take(&mut self.has_text) {
            let text = self.take_text();
            let is_raw = self.open.last().is_some_and(
                |id| matches!(&self.nodes[*id].kind, Kind::Element { name, .. } if matches!(name.as_str(), "script" | "style")),
            );
            self.push(Kind::Text { text, counts: self.special == 0, is_raw });
        }
    }

    /// The text that was added; white space alone becomes one character.
    fn take_text(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        let is_space = |character: char| matches!(character, ' ' | '\n' | '\t' | '\x0c' | '\r');
        if self.preserving > 0 || !text.chars().all(is_space) {
            return text;
        }
        if text.contains('\n') { "\n".to_owned() } else { " ".to_owned() }
    }

    pub fn add_markup(&mut self, before: &'static str, text: &str, after: &'static str, counts: bool) {
        self.end_text();
        self.add_text(text);
        self.has_text = false;
        let text = self.take_text();
        self.push(Kind::Markup { before, text, after, counts });
    }

    fn push(&mut self, kind: Kind) {
        let end = self.nodes.len() + 1;
        self.nodes.push(Node { kind, end });
    }

    pub fn open(&mut self, name: &str, attributes: Vec<(String, String)>) {
        self.end_text();
        self.open.push(self.nodes.len());
        *self.counts.entry_ref(name).or_default() += 1;
        self.preserving += usize::from(is_preserving(name));
        self.special += usize::from(is_special(name));
        self.push(Kind::Element { name: name.to_owned(), attributes });
    }

    /// Closes the innermost open element of a name and all within it, if there is one.
    pub fn close(&mut self, name: &str) {
        self.end_text();
        if self.counts.get(name).is_none_or(|count| *count == 0) {
            return;
        }
        while self.pop().is_some_and(|popped| popped != name) {}
    }

    /// Closes the innermost open element; returns its name.
    fn pop(&mut self) -> Option<String> {
        let id = self.open.pop()?;
        let end = self.nodes.len();
        let node = &mut self.nodes[id];
        node.end = end;
        let Kind::Element { name, .. } = &node.kind else { return None };
        if let Some(count) = self.counts.get_mut(name) {
            *count -= 1;
        }
        self.preserving -= usize::from(is_preserving(name));
        self.special -= usize::from(is_special(name));
        Some(name.clone())
    }

    /// The tree as it is at the end of the page.
    pub fn finish(mut self) -> Vec<Node> {
        self.end_text();
        while self.pop().is_some() {}
        self.nodes
    }
}
