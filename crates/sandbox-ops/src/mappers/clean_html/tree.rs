//! The tree of a page, no more of it than the order of its texts needs.

use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName, local_name, ns};
use memchr::memchr_iter;

/// The number of a node.
pub(super) type Id = u32;
const NONE: Id = Id::MAX;
const DOCUMENT: Id = 0;

/// A page being read.
pub(super) struct Page {
    nodes: RefCell<Vec<Node>>,
    /// How deep the element stands that was opened or closed last.
    depth: Cell<u32>,
    /// Counts what stands between texts.
    run: Cell<u32>,
    /// The run of which nothing is kept.
    dropped: Cell<Option<u32>>,
    has_body: Cell<bool>,
}

struct Node {
    kind: Kind,
    /// How deep an element stands; the run that a text belongs to.
    depth: u32,
    parent: Id,
    first: Id,
    last: Id,
    before: Id,
    after: Id,
}

enum Kind {
    Element(Name),
    Text(StrTendril),
    /// The document, a comment.
    Other,
}

/// The name of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    space: Namespace,
    local: LocalName,
}

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.space
    }

    fn local_name(&self) -> &LocalName {
        &self.local
    }
}

impl Page {
    pub fn new() -> Self {
        let page = Self {
            nodes: RefCell::default(),
            depth: Cell::new(0),
            run: Cell::new(0),
            dropped: Cell::new(None),
            has_body: Cell::new(false),
        };
        page.add(Kind::Other);
        page
    }

    /// How deep the element stands that was opened or closed last.
    pub fn depth(&self) -> u32 {
        self.depth.get()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    fn add(&self, kind: Kind) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        // Texts of four thousand million tags do not get here: rows are shorter.
        let id = Id::try_from(nodes.len()).unwrap_or(NONE);
        nodes.push(Node { kind, depth: 0, parent: NONE, first: NONE, last: NONE, before: NONE, after: NONE });
        id
    }

    fn of(&self, child: NodeOrText<Id>) -> Id {
        match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(text) => {
                let id = self.add(Kind::Text(text));
                self.nodes.borrow_mut()[id as usize].depth = self.run.get();
                id
            }
        }
    }

    /// A tag or the like ends the text before it.
    pub fn next_text(&self) {
        self.run.set(self.run.get().wrapping_add(1));
    }

    /// Whether nothing but text has come yet.
    pub fn is_first_text(&self) -> bool {
        self.run.get() == 0
    }

    /// Whether there is a body.
    pub fn has_body(&self) -> bool {
        self.has_body.get()
    }

    /// Keeps nothing of the text since the last tag.
    pub fn drop_pending(&self) {
        self.dropped.set(Some(self.run.get()));
    }

    fn detach(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let nodes = nodes.as_mut_slice();
        let Node { parent, before, after, .. } = nodes[id as usize];
        if parent == NONE {
            return;
        }
        match before {
            NONE => nodes[parent as usize].first = after,
            before => nodes[before as usize].after = after,
        }
        match after {
            NONE => nodes[parent as usize].last = before,
            after => nodes[after as usize].before = before,
        }
        let node = &mut nodes[id as usize];
        (node.parent, node.before, node.after) = (NONE, NONE, NONE);
    }

    /// Puts a node without a parent under one, before a sibling or at the end.
    fn attach(&self, id: Id, parent: Id, sibling: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let nodes = nodes.as_mut_slice();
        let before = if sibling == NONE { nodes[parent as usize].last } else { nodes[sibling as usize].before };
        match before {
            NONE => nodes[parent as usize].first = id,
            before => nodes[before as usize].after = id,
        }
        match sibling {
            NONE => nodes[parent as usize].last = id,
            sibling => nodes[sibling as usize].before = id,
        }
        let depth = nodes[parent as usize].depth + 1;
        let node = &mut nodes[id as usize];
        (node.parent, node.before, node.after) = (parent, before, sibling);
        if !matches!(node.kind, Kind::Text(_)) {
            node.depth = depth;
            self.depth.set(depth);
        }
    }

    /// The texts within the body, one after the other.
    pub fn body_text(&self) -> String {
        let nodes = self.nodes.borrow();
        let child = |parent: Id, local: LocalName| {
            let mut id = nodes[parent as usize].first;
            while id != NONE && !matches!(&nodes[id as usize].kind, Kind::Element(name) if name.space == ns!(html) && name.local == local) {
                id = nodes[id as usize].after;
            }
            Some(id).filter(|id| *id != NONE)
        };
        let mut out = String::new();
        let Some(body) = child(DOCUMENT, local_name!("html")).and_then(|html| child(html, local_name!("body"))) else { return out };
        let (mut start, mut out_run) = (0, None);
        let mut id = body;
        loop {
            let node = &nodes[id as usize];
            if let Kind::Text(text) = &node.kind
                && self.dropped.get() != Some(node.depth)
            {
                if out_run != Some((node.depth, node.parent)) {
                    close_gaps(&mut out, start);
                    (start, out_run) = (out.len(), Some((node.depth, node.parent)));
                }
                out.push_str(text);
            }
            if node.first != NONE {
                id = node.first;
                continue;
            }
            while id != body && nodes[id as usize].after == NONE {
                id = nodes[id as usize].parent;
            }
            if id == body {
                close_gaps(&mut out, start);
                return out;
            }
            id = nodes[id as usize].after;
        }
    }
}

/// Takes U+0000 out of the text from `start` on, as the original does: what follows moves up, and as many bytes as were taken
/// out stay behind the end as they are, up to the next U+0000.
fn close_gaps(out: &mut String, start: usize) {
    let text = &out.as_bytes()[start..];
    let gaps = memchr_iter(0, text).count();
    if gaps == 0 {
        return;
    }
    let mut bytes: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
    bytes.extend(text[text.len() - gaps..].iter().copied().take_while(|byte| *byte != 0));
    out.truncate(start);
    // Halves of characters are left out.
    bytes.utf8_chunks().for_each(|chunk| out.push_str(chunk.valid()));
}

impl TreeSink for Page {
    type Handle = Id;
    type Output = String;
    type ElemName<'a> = Name;

    fn finish(self) -> String {
        self.body_text()
    }

    fn parse_error(&self, _message: std::borrow::Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Name {
        match &self.nodes.borrow()[*target as usize].kind {
            Kind::Element(name) => name.clone(),
            Kind::Text(_) | Kind::Other => Name { space: ns!(), local: local_name!("") },
        }
    }

    fn create_element(&self, name: QualName, _attributes: Vec<Attribute>, _flags: ElementFlags) -> Id {
        if name.local == local_name!("body") {
            self.has_body.set(true);
        }
        self.add(Kind::Element(Name { space: name.ns, local: name.local }))
    }

    fn create_comment(&self, _text: StrTendril) -> Id {
        self.add(Kind::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Id {
        self.add(Kind::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        let id = self.of(child);
        self.detach(id);
        self.attach(id, *parent, NONE);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        let has_parent = self.nodes.borrow()[*element as usize].parent != NONE;
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn pop(&self, node: &Id) {
        self.depth.set(self.nodes.borrow()[*node as usize].depth.saturating_sub(1));
    }

    /// The template itself: in the original its content counts.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target
    }

    fn same_node(&self, one: &Id, other: &Id) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, node: NodeOrText<Id>) {
        let id = self.of(node);
        self.detach(id);
        let parent = self.nodes.borrow()[*sibling as usize].parent;
        if parent != NONE {
            self.attach(id, parent, *sibling);
        }
    }

    fn add_attrs_if_missing(&self, _target: &Id, _attributes: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Id) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &Id, parent: &Id) {
        loop {
            let first = self.nodes.borrow()[*node as usize].first;
            if first == NONE {
                return;
            }
            self.detach(first);
            self.attach(first, *parent, NONE);
        }
    }
}
