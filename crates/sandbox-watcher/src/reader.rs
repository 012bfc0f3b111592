//! Reading a store: what the commands show and what a dashboard asks for.
//!
//! A [`Reader`] only reads: it makes no file, takes no lock that a writer waits for, and sees what has been committed, which is at most a
//! fraction of a second old. It belongs to one thread at a time; opening one takes well under a millisecond. Everything that
//! it gives is a plain type that serialises. Numbers that are not finite are `null` in JSON, and are counted beside it.
//!
//! | question | method |
//! | --- | --- |
//! | which runs are there | [`runs`](Reader::runs), [`run`](Reader::run), [`tree`](Reader::tree), [`resolve`](Reader::resolve) |
//! | what was watched last | [`query`](Reader::query), [`metrics`](Reader::metrics) |
//! | how did it go | [`history`](Reader::history), [`points`](Reader::points), [`items`](Reader::items), [`table`](Reader::table), [`histograms`](Reader::histograms) |
//! | what was it made with | [`configs`](Reader::configs), [`config_diff`](Reader::config_diff), [`sweep`](Reader::sweep), [`lineage`](Reader::lineage) |
//! | what does it say | [`log`](Reader::log), [`events_since`](Reader::events_since), [`changes_since`](Reader::changes_since) |
//! | what became of the data | [`operators`](Reader::operators), [`bad_rows`](Reader::bad_rows), [`reports`](Reader::reports), [`pools`](Reader::pools) |

mod activity;
mod config;
mod data;
mod history;
mod points;
mod runs;
mod values;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use crate::error::WatchError;
use crate::identity::Identity;
use crate::store;

pub use crate::chunk::Point;
pub use activity::{Changes, EventRow, LogLine};
pub use config::{ConfigRow, compare_configs};
pub use data::{BadRow, Edge, OperatorRow, PoolRow, ReportRow};
pub use history::{Axis, Bucket, History, HistoryPoint, Range};
pub use points::PointPage;
pub use runs::{Progress, RunFilter, RunInfo, RunTree, SortBy, Summary};
pub use values::{Item, TablePage};

/// A store that is open for reading.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    here: Identity,
}

impl Reader {
    /// Opens a store.
    ///
    /// # Errors
    /// A store that is missing, that cannot be read, or that a later program has made; a file that is no store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, WatchError> {
        let path = path.as_ref();
        Ok(Self { connection: store::open_read_only(path)?, path: path.to_owned(), here: Identity::of_this_process() })
    }

    /// The store's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run that is meant: its whole name, a beginning that no other run has, or `latest`.
    ///
    /// # Errors
    /// None or several that fit.
    pub fn resolve(&self, run: &str) -> Result<String, WatchError> {
        let one = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<Vec<String>, WatchError> {
            let rows =
                || -> rusqlite::Result<Vec<String>> { self.connection.prepare_cached(sql)?.query_map(values, |row| row.get(0))?.collect() };
            rows().map_err(self.failed())
        };
        if run == "latest" {
            let latest = one("SELECT uid FROM run WHERE kind = 'sandbox' ORDER BY started DESC, id DESC LIMIT 1", &[])?;
            return latest.into_iter().next().ok_or_else(|| WatchError::UnknownRun { run: run.to_owned(), near: None });
        }
        if let Some(uid) = one("SELECT uid FROM run WHERE uid = ?1", &[&run])?.into_iter().next() {
            return Ok(uid);
        }
        let begin = "SELECT uid FROM run WHERE substr(uid, 1, length(?1)) = ?1 AND ?1 <> '' AND (parent IS NULL OR kind = 'sandbox')";
        let mut found = one(begin, &[&run])?;
        match (found.pop(), found.len()) {
            (Some(uid), 0) => Ok(uid),
            (Some(_), others) => Err(WatchError::Ambiguous { run: run.to_owned(), count: others + 1 }),
            (None, _) => {
                let all = one("SELECT uid FROM run WHERE parent IS NULL ORDER BY id DESC LIMIT 1000", &[])?;
                let near = sandbox_document::suggest(run, all.iter().map(String::as_str).chain(["latest"])).map(str::to_owned);
                Err(WatchError::UnknownRun { run: run.to_owned(), near })
            }
        }
    }

    fn failed(&self) -> impl FnOnce(rusqlite::Error) -> WatchError {
        WatchError::database("read", &self.path)
    }

    /// The row of a run, by its whole name.
    fn id(&self, uid: &str) -> Result<i64, WatchError> {
        let id = || self.connection.prepare_cached("SELECT id FROM run WHERE uid = ?1")?.query_row([uid], |row| row.get(0)).optional();
        id().map_err(self.failed())?.ok_or_else(|| WatchError::UnknownRun { run: uid.to_owned(), near: None })
    }
}

/// A run and all that is below it: names and rows, those that began last first.
const BELOW: &str = "WITH RECURSIVE below (id, uid, deep) AS (SELECT id, uid, 0 FROM run WHERE uid = ?1 \
                     UNION SELECT run.id, run.uid, deep + 1 FROM run JOIN below ON run.parent = below.uid WHERE deep < 32) ";
