//! The tables of a tree, as lists of cells or as they stand.

use serde_json::Value;

use super::soup::{Kind, Node, is_void};
use crate::error::OpError;
use crate::unicode::strip;

/// The most nodes that are looked at: tables within tables are looked at again and again.
const MOST: usize = 20_000_000;

/// The tables in order, as what the operator notes.
pub(super) fn tables(nodes: &[Node], with_tags: bool, with_header: bool) -> Result<Value, OpError> {
    let mut left = MOST;
    let mut out = Vec::new();
    for id in (0..nodes.len()).filter(|id| is_element(&nodes[*id], "table")) {
        left = left.checked_sub(nodes[id].end - id).ok_or(OpError::Nested { most: MOST })?;
        if with_tags {
            out.push(Value::String(markup(nodes, id)));
            continue;
        }
        let mut rows = Vec::new();
        for row in (id + 1..nodes[id].end).filter(|id| is_element(&nodes[*id], "tr")) {
            left = left.checked_sub(nodes[row].end - row).ok_or(OpError::Nested { most: MOST })?;
            let is_header = children(nodes, row).any(|cell| is_element(&nodes[cell], "th"));
            if is_header && !with_header {
                continue;
            }
            let cells = children(nodes, row).filter(|cell| is_element(&nodes[*cell], "td") || is_element(&nodes[*cell], "th"));
            let cells: Vec<Value> = cells.map(|cell| Value::String(text(nodes, cell))).collect();
            if !cells.is_empty() {
                rows.push(Value::Array(cells));
            }
        }
        if !rows.is_empty() {
            out.push(Value::Array(rows));
        }
    }
    Ok(Value::Array(out))
}

fn is_element(node: &Node, wanted: &str) -> bool {
    matches!(&node.kind, Kind::Element { name, .. } if name == wanted)
}

fn children(nodes: &[Node], parent: usize) -> impl Iterator<Item = usize> {
    let mut next = parent + 1;
    let end = nodes[parent].end;
    std::iter::from_fn(move || {
        let child = next;
        (child < end).then(|| {
            next = nodes[child].end;
            child
        })
    })
}

/// The texts within an element, each without the white space at its ends.
fn text(nodes: &[Node], id: usize) -> String {
    let texts = nodes[id + 1..nodes[id].end].iter().map(|node| match &node.kind {
        Kind::Text { text, counts: true, .. } | Kind::Markup { text, counts: true, .. } => strip(text),
        Kind::Text { .. } | Kind::Markup { .. } | Kind::Element { .. } => "",
    });
    texts.collect()
}

/// An element as it stands.
fn markup(nodes: &[Node], id: usize) -> String {
    let mut out = String::new();
    // Elements whose end tags are still to come.
    let mut open: Vec<(&str, usize)> = Vec::new();
    for (position, node) in nodes.iter().enumerate().take(nodes[id].end).skip(id) {
        close(&mut open, position, &mut out);
        match &node.kind {
            Kind::Text { text, is_raw: true, .. } => out.push_str(text),
            Kind::Text { text, .. } => push_escaped(text, &mut out),
            Kind::Markup { before, text, after, .. } => out.extend([before, text.as_str(), after]),
            Kind::Element { name, attributes } => {
                out.extend(["<", name]);
                attributes.iter().for_each(|(key, value)| push_attribute(key, value, &mut out));
                if is_void(name) && node.end == position + 1 {
                    out.push_str("/>");
                } else {
                    out.push('>');
                    open.push((name, node.end));
                }
            }
        }
    }
    close(&mut open, nodes[id].end, &mut out);
    out
}

fn close(open: &mut Vec<(&str, usize)>, position: usize, out: &mut String) {
    while let Some((name, _)) = open.pop_if(|(_, end)| *end <= position) {
        out.extend(["</", name, ">"]);
    }
}

fn push_escaped(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
}

fn push_attribute(key: &str, value: &str, out: &mut String) {
    let mut escaped = String::new();
    push_escaped(value, &mut escaped);
    let (quote, value) = match (escaped.contains('"'), escaped.contains('\'')) {
        (true, true) => ("\"", escaped.replace('"', "&quot;")),
        (true, false) => ("'", escaped),
        (false, _) => ("\"", escaped),
    };
    out.extend([" ", key, "=", quote, &value, quote]);
}
