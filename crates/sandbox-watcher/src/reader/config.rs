//! Configurations of runs, and in what they differ.

use indexmap::IndexMap;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::WatchError;
use crate::flatten::flatten;
use crate::node::Node;

use super::Reader;

/// One key of several configurations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigRow {
    /// The dotted key, the prefix first.
    pub key: String,
    /// Its value in each run, in the order in which they were asked for.
    pub values: Vec<Option<Value>>,
    /// Whether they are not all the same.
    pub differs: bool,
}

impl Reader {
    /// The configurations of a run, by prefix. Secrets in them were masked when they were kept.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn configs(&self, uid: &str) -> Result<IndexMap<String, Value>, WatchError> {
        let id = self.id(uid)?;
        let configs = || -> rusqlite::Result<IndexMap<String, Value>> {
            let sql = "SELECT prefix, value FROM config WHERE run = ?1 AND prefix <> '@sweep' ORDER BY prefix";
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| row.map(|(prefix, text)| (prefix, serde_json::from_str(&text).unwrap_or_default()))).collect()
        };
        configs().map_err(self.failed())
    }

    /// What the run's search for parameters looks through.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn sweep(&self, uid: &str) -> Result<Option<Value>, WatchError> {
        let id = self.id(uid)?;
        let sql = "SELECT value FROM config WHERE run = ?1 AND prefix = '@sweep'";
        let text = || self.connection.prepare_cached(sql)?.query_row([id], |row| row.get::<_, String>(0)).optional();
        Ok(text().map_err(self.failed())?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// The configurations of several runs key by key, those that differ first.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn config_diff(&self, uids: &[&str]) -> Result<Vec<ConfigRow>, WatchError> {
        let configs: Vec<_> = uids.iter().map(|uid| self.configs(uid)).collect::<Result<_, _>>()?;
        Ok(compare_configs(&configs))
    }
}

/// Configurations of several runs key by key, those that differ first; also of runs in several stores.
pub fn compare_configs(configs: &[IndexMap<String, Value>]) -> Vec<ConfigRow> {
    let mut rows: IndexMap<String, Vec<Option<Value>>> = IndexMap::new();
    for (at, config) in configs.iter().enumerate() {
        for (prefix, value) in config {
            for (key, leaf) in flatten(prefix, spread(Node::of(value))) {
                let values = rows.entry(key).or_insert_with(|| vec![None; configs.len()]);
                if let Some(place) = values.get_mut(at) {
                    *place = Some(leaf.to_json());
                }
            }
        }
    }
    let differs = |values: &[Option<Value>]| values.windows(2).any(|pair| matches!(pair, [one, other] if one != other));
    let row = |(key, values): (String, Vec<Option<Value>>)| ConfigRow { differs: differs(&values), key, values };
    let mut rows: Vec<ConfigRow> = rows.into_iter().map(row).collect();
    rows.sort_by_key(|row| !row.differs);
    rows
}

/// Lists of maps, such as jobs and operators, as maps by position, or by `meta_name` where each has its own: so that what differs is one
/// key of one of them and not the whole list.
fn spread(node: Node) -> Node {
    match node {
        Node::Map(entries) => Node::Map(entries.into_iter().map(|(key, value)| (key, spread(value))).collect()),
        Node::List(items) if items.iter().any(|item| matches!(item, Node::Map(_))) => {
            let names: Vec<Option<String>> = items.iter().map(name_of).collect();
            let is_own = names.iter().enumerate().all(|(at, name)| name.is_some() && !names.iter().skip(at + 1).any(|other| other == name));
            let key = |at: usize, name: Option<String>| name.filter(|_| is_own).unwrap_or_else(|| at.to_string());
            let named = items.into_iter().zip(names).enumerate();
            Node::Map(named.map(|(at, (item, name))| (key(at, name), spread(item))).collect())
        }
        other => other,
    }
}

fn name_of(item: &Node) -> Option<String> {
    let Node::Map(entries) = item else { return None };
    entries.iter().find_map(|(key, value)| match value {
        Node::Text(name) if key == "meta_name" => Some(name.clone()),
        _ => None,
    })
}
