//! What was watched: the last of it in its original shape, and values that are no numbers one by one.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::WatchError;
use crate::flatten::unflatten;
use crate::node::Node;
use crate::value::{Histogram, Kind, Table};

use super::{BELOW, Reader};

/// A value that is no number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The number of the call.
    pub seq: u64,
    /// Its step.
    pub step: i64,
    /// When it was watched, in microseconds since 1970.
    pub time: i64,
    /// Its kind.
    pub kind: Kind,
    /// The value: a text, JSON, a histogram or a table.
    pub value: Value,
    /// How many bytes the whole text has, when only its beginning was kept.
    pub whole_bytes: Option<u64>,
}

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TablePage {
    /// The step of the table.
    pub step: i64,
    /// When it was watched, in microseconds since 1970.
    pub time: i64,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// How many rows the whole table has.
    pub total: usize,
    /// The rows of this page.
    pub rows: Vec<Vec<Value>>,
}

impl Reader {
    /// What was last watched under a name, in a run or in the last of its parts that has it: a leaf (`train.loss`) as it is, a
    /// subtree (`train`) in its original shape with the last value of each leaf; everything for an empty name. Numbers that are not finite are `null`.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn query(&self, uid: &str, meta_name: &str) -> Result<Option<Value>, WatchError> {
        Ok(self.query_node(uid, meta_name)?.map(|node| node.to_json()))
    }

    /// [`query`](Self::query) with the numbers that are not finite.
    ///
    /// # Errors
    /// As `query`.
    pub fn query_node(&self, uid: &str, meta_name: &str) -> Result<Option<Node>, WatchError> {
        self.id(uid)?;
        let leaves = self.leaves(uid, meta_name).map_err(self.failed())?;
        Ok(unflatten(meta_name, leaves))
    }

    /// The last values of the leaves under a name, the oldest first.
    fn leaves(&self, uid: &str, meta_name: &str) -> rusqlite::Result<Vec<(String, Node)>> {
        // Names between `a.` and `a/`, the next character, are those below `a`.
        let names = "(?2 = '' OR name = ?2 OR (name >= ?2 || '.' AND name < ?2 || '/'))";
        let sql = format!(
            "{BELOW} SELECT name, series.kind, last, item.data, large.data, large.bytes FROM series JOIN below ON below.id = series.run \
             LEFT JOIN item ON item.series = series.id AND item.seq = last_seq LEFT JOIN large ON large.digest = item.digest \
             WHERE series.kind IS NOT NULL AND {names} ORDER BY last_time, below.id, last_seq, series.id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![uid, meta_name])?;
        let mut leaves = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = Kind::from_code(row.get(1)?).unwrap_or(Kind::Null);
            let node = if kind.is_number() {
                number(kind, row.get_ref(2)?)
            } else {
                to_node(kind, bytes_of(row, 3)?.as_deref().unwrap_or_default())
            };
            leaves.push((row.get(0)?, node));
        }
        Ok(leaves)
    }

    /// Values under a name that are no numbers, the first first: `limit` of them after the first `offset`.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn items(&self, uid: &str, name: &str, offset: usize, limit: usize) -> Result<Vec<Item>, WatchError> {
        self.id(uid)?;
        let items = || -> rusqlite::Result<Vec<Item>> {
            let sql = format!(
                "{BELOW} SELECT item.seq, step, time, item.kind, cut, item.data, large.data, large.bytes FROM item \
                 LEFT JOIN large ON large.digest = item.digest \
                 WHERE item.series = (SELECT series.id FROM series JOIN below ON below.id = series.run WHERE name = ?2 AND items > 0 ORDER BY below.id DESC LIMIT 1) \
                 ORDER BY item.seq LIMIT ?3 OFFSET ?4"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![uid, name, limit, i64::try_from(offset).unwrap_or(i64::MAX)], item)?;
            rows.collect()
        };
        items().map_err(self.failed())
    }

    /// A page of a table: the one of a step, or the last one.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn table(&self, uid: &str, name: &str, step: Option<i64>, offset: usize, limit: usize) -> Result<Option<TablePage>, WatchError> {
        let found = self.item_at(uid, name, Kind::Table, step)?;
        Ok(found.and_then(|item| {
            let table: Table = serde_json::from_value(item.value).ok()?;
            let total = table.rows.len();
            let rows = table.rows.into_iter().skip(offset).take(limit).collect();
            Some(TablePage { step: item.step, time: item.time, columns: table.columns, total, rows })
        }))
    }

    /// The histograms under a name, by step; the last `limit` of them.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn histograms(&self, uid: &str, name: &str, limit: usize) -> Result<Vec<(i64, Histogram)>, WatchError> {
        let all = self.items(uid, name, 0, usize::MAX)?;
        let histograms = all.into_iter().filter(|item| item.kind == Kind::Histogram);
        let mut found: Vec<(i64, Histogram)> =
            histograms.filter_map(|item| Some((item.step, serde_json::from_value(item.value).ok()?))).collect();
        Ok(found.split_off(found.len().saturating_sub(limit)))
    }

    fn item_at(&self, uid: &str, name: &str, kind: Kind, step: Option<i64>) -> Result<Option<Item>, WatchError> {
        self.id(uid)?;
        let one = || -> rusqlite::Result<Option<Item>> {
            let sql = format!(
                "{BELOW} SELECT item.seq, step, time, item.kind, cut, item.data, large.data, large.bytes FROM item \
                 JOIN series ON series.id = item.series JOIN below ON below.id = series.run LEFT JOIN large ON large.digest = item.digest \
                 WHERE name = ?2 AND item.kind = ?3 AND (?4 IS NULL OR step = ?4) ORDER BY below.id DESC, item.seq DESC LIMIT 1"
            );
            self.connection.prepare_cached(&sql)?.query_row(params![uid, name, kind.code(), step], item).optional()
        };
        one().map_err(self.failed())
    }
}

pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let kind = Kind::from_code(row.get(3)?).unwrap_or(Kind::Null);
    let value = to_node(kind, bytes_of(row, 5)?.as_deref().unwrap_or_default()).to_json();
    Ok(Item {
        seq: row.get::<_, i64>(0)? as u64,
        step: row.get(1)?,
        time: row.get(2)?,
        kind,
        value,
        whole_bytes: row.get::<_, Option<i64>>(4)?.map(|bytes| bytes as u64),
    })
}

/// The bytes of an item, which stand in its row or, compressed, beside it.
fn bytes_of(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Vec<u8>>> {
    if let ValueRef::Blob(bytes) = row.get_ref(at)? {
        return Ok(Some(bytes.to_vec()));
    }
    let ValueRef::Blob(packed) = row.get_ref(at + 1)? else { return Ok(None) };
    let size = usize::try_from(row.get::<_, i64>(at + 2)?).unwrap_or(0);
    Ok(zstd::bulk::decompress(packed, size).ok())
}

fn number(kind: Kind, value: ValueRef<'_>) -> Node {
    match (kind, value) {
        (Kind::Bool, ValueRef::Integer(value)) => Node::Bool(value != 0),
        (_, ValueRef::Integer(value)) => Node::Int(value),
        (_, ValueRef::Real(value)) => Node::Float(value),
        // SQLite has no NaN: it becomes nothing.
        _ => Node::Float(f64::NAN),
    }
}

fn to_node(kind: Kind, bytes: &[u8]) -> Node {
    match kind {
        Kind::Text => Node::Text(String::from_utf8_lossy(bytes).into_owned()),
        Kind::Json => serde_json::from_slice(bytes).map_or(Node::Null, Node::from_stored),
        Kind::Histogram | Kind::Table => serde_json::from_slice::<Value>(bytes).map_or(Node::Null, |value| Node::of(&value)),
        Kind::Float | Kind::Int | Kind::Bool | Kind::Null => Node::Null,
    }
}
