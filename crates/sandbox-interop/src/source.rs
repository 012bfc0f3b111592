//! A run that goes out, with its parts.

use sandbox_watcher::reader::{RunInfo, RunTree, Summary};
use sandbox_watcher::{Level, Reader};
use serde_json::Value;

use crate::error::InteropError;
use crate::rows::Rows;

/// A run of a store, to be exported.
#[derive(Debug)]
pub struct Source<'r> {
    pub(crate) reader: &'r Reader,
    /// The run itself first, then its parts in the order in which they began, each before its own parts.
    pub parts: Vec<Part>,
}

/// A run or a part of one.
#[derive(Debug, Clone)]
pub struct Part {
    /// What is known of it.
    pub info: RunInfo,
    /// Where it stands below the run, such as `main/iter_1/train`; empty for the run itself. No two parts have the same.
    pub path: String,
    /// The place of the part that it belongs to.
    pub parent: Option<usize>,
    /// What was watched in it, by name.
    pub metrics: Vec<Summary>,
    /// How many calls there were. What a run that goes on watches after it was opened here does not go out.
    pub calls: u64,
}

impl<'r> Source<'r> {
    /// The run with this whole name.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn open(reader: &'r Reader, uid: &str) -> Result<Self, InteropError> {
        let mut source = Self { reader, parts: Vec::new() };
        source.add(reader.tree(uid)?, None)?;
        Ok(source)
    }

    fn add(&mut self, tree: RunTree, parent: Option<usize>) -> Result<(), InteropError> {
        let above = parent.and_then(|parent| self.parts.get(parent));
        let mut path = match above {
            None => String::new(),
            Some(above) if above.path.is_empty() => component(&tree.run),
            Some(above) => format!("{}/{}", above.path, component(&tree.run)),
        };
        // A job that was run again within an iteration, for example.
        let taken = |path: &str| self.parts.iter().any(|part| part.path == path);
        if taken(&path) {
            let plain = path.clone();
            path = (2..).map(|count| format!("{plain}_{count}")).find(|path| !taken(path)).unwrap_or(plain);
        }
        // Before the names: what is in the calls so far has its names by then.
        let calls = self.reader.calls(&tree.run.uid)?;
        let metrics = self.reader.metrics(&tree.run.uid)?;
        let at = self.parts.len();
        self.parts.push(Part { info: tree.run, path, parent, metrics, calls });
        tree.parts.into_iter().try_for_each(|part| self.add(part, Some(at)))
    }

    /// The run.
    pub fn run(&self) -> Option<&RunInfo> {
        self.parts.first().map(|part| &part.info)
    }

    /// The run's name in the store.
    pub fn uid(&self) -> &str {
        self.run().map_or("", |run| run.uid.as_str())
    }

    /// Parts in which something was watched.
    pub fn watched(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.metrics.is_empty())
    }

    /// Values in all.
    pub fn total(&self) -> u64 {
        self.watched().flat_map(|part| &part.metrics).map(|metric| metric.count + metric.items).sum()
    }

    /// What was watched in a part, call by call, from the call with the number `from`.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn rows<'p>(&self, part: &'p Part, from: u64) -> Result<Rows<'r, 'p>, InteropError> {
        Rows::new(self.reader, part, from)
    }

    /// The configurations of a part as flat keys and texts.
    pub(crate) fn parameters(&self, part: &Part) -> Result<Vec<(String, String)>, InteropError> {
        let configs = self.reader.configs(&part.info.uid)?;
        let leaves = configs.iter().flat_map(|(prefix, value)| sandbox_watcher::flatten(prefix, sandbox_watcher::Node::of(value)));
        let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
        Ok(leaves.map(|(key, leaf)| (key, text(leaf.to_json()))).collect())
    }
}

/// A part's name as one step of a path.
fn component(run: &RunInfo) -> String {
    match (run.level, run.iteration) {
        (Level::Iteration, Some(iteration)) => format!("iter_{iteration}"),
        _ => file_name(&run.name),
    }
}

/// A name as a file's: nothing that leads elsewhere.
pub(crate) fn file_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c == '/' || c == '\\' || c.is_control() { '_' } else { c }).collect();
    let mut end = plain.len().min(200);
    while !plain.is_char_boundary(end) {
        end -= 1;
    }
    match plain.get(..end).unwrap_or_default() {
        "" => "_".to_owned(),
        name if name.starts_with('.') => format!("_{name}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_elsewhere() {
        for (name, file) in [("../x", "_.._x"), ("..", "_.."), ("", "_"), ("a/b", "a_b"), ("train loss", "train loss"), ("a\0b", "a_b")] {
            assert_eq!(file_name(name), file);
        }
        assert_eq!(file_name(&"é".repeat(300)).len(), 200);
    }
}
