//! What runs say, and what is new.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::WatchError;

use super::{BELOW, Reader};

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its number; lines that came later have larger ones.
    pub id: i64,
    /// The run or part that it is of.
    pub run: String,
    /// When it came, in microseconds since 1970.
    pub time: i64,
    /// `stdout`, `stderr`, or what else it is from.
    pub stream: String,
    /// The line.
    pub text: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// Its number, for [`Reader::events_since`].
    pub id: i64,
    /// The run or part that it is of.
    pub run: String,
    /// When it happened, in microseconds since 1970.
    pub time: i64,
    /// Its kind, such as `job_finished`.
    pub kind: String,
    /// What it says.
    pub value: Value,
}

/// What is new.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// To be asked with the next time.
    pub commit: i64,
    /// Runs and parts of which something other than numbers changed.
    pub runs: Vec<String>,
    /// Run and name of what was watched.
    pub series: Vec<(String, String)>,
    /// Whether there was more than can be listed: then everything is to be read again.
    pub is_cut: bool,
}

/// Names that are listed as changed.
const MOST_CHANGES: usize = 10_000;

impl Reader {
    /// Lines of the log of a run and its parts: the last `limit`, or with `after` the first `limit` after that line. In order.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn log(&self, uid: &str, after: Option<i64>, limit: usize) -> Result<Vec<LogLine>, WatchError> {
        self.id(uid)?;
        let lines = || -> rusqlite::Result<Vec<LogLine>> {
            let order = if after.is_some() { "ASC" } else { "DESC" };
            let sql = format!(
                "{BELOW} SELECT log.id, below.uid, time, stream, text FROM log JOIN below ON below.id = log.run WHERE log.id > ?2 ORDER BY log.id {order} LIMIT ?3"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![uid, after.unwrap_or(0), i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                Ok(LogLine { id: row.get(0)?, run: row.get(1)?, time: row.get(2)?, stream: row.get(3)?, text: row.get(4)? })
            })?;
            rows.collect()
        };
        let mut lines = lines().map_err(self.failed())?;
        lines.sort_by_key(|line| line.id);
        Ok(lines)
    }

    /// What happened after the event `seq` (0: from the beginning), in all runs or in one and its parts: at most `limit` events, in order.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn events_since(&self, seq: i64, uid: Option<&str>, limit: usize) -> Result<Vec<EventRow>, WatchError> {
        if let Some(uid) = uid {
            self.id(uid)?;
        }
        let events = || -> rusqlite::Result<Vec<EventRow>> {
            let of_one = "JOIN below ON below.id = event.run WHERE event.id > ?2 ORDER BY event.id LIMIT ?3";
            let of_all = "JOIN run ON run.id = event.run WHERE event.id > ?2 AND ?1 = '' ORDER BY event.id LIMIT ?3";
            let sql = match uid {
                Some(_) => format!("{BELOW} SELECT event.id, below.uid, event.time, event.kind, event.value FROM event {of_one}"),
                None => format!("SELECT event.id, run.uid, event.time, event.kind, event.value FROM event {of_all}"),
            };
            let mut statement = self.connection.prepare_cached(&sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![uid.unwrap_or_default(), seq, limit], |row| {
                let value: String = row.get(4)?;
                let value = serde_json::from_str(&value).unwrap_or_default();
                Ok(EventRow { id: row.get(0)?, run: row.get(1)?, time: row.get(2)?, kind: row.get(3)?, value })
            })?;
            rows.collect()
        };
        events().map_err(self.failed())
    }

    /// What has changed since the commit of an earlier answer (0: everything). Cheap when nothing has.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn changes_since(&self, commit: i64) -> Result<Changes, WatchError> {
        let changes = || -> rusqlite::Result<Changes> {
            // One transaction, so that the commit and what is listed belong together.
            let transaction = self.connection.unchecked_transaction()?;
            let now: i64 = transaction
                .prepare_cached("SELECT coalesce((SELECT value FROM meta WHERE key = 'commit'), 0)")?
                .query_row([], |row| row.get(0))?;
            if now == commit {
                return Ok(Changes { commit: now, ..Changes::default() });
            }
            let runs = transaction
                .prepare_cached("SELECT uid FROM run WHERE changed > ?1 ORDER BY id LIMIT ?2")?
                .query_map(params![commit, MOST_CHANGES as i64], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            let sql = "SELECT run.uid, series.name FROM series JOIN run ON run.id = series.run WHERE series.changed > ?1 ORDER BY series.id LIMIT ?2";
            let series = transaction
                .prepare_cached(sql)?
                .query_map(params![commit, MOST_CHANGES as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<Vec<(String, String)>, _>>()?;
            let is_cut = runs.len() == MOST_CHANGES || series.len() == MOST_CHANGES;
            Ok(Changes { commit: now, runs, series, is_cut })
        };
        changes().map_err(self.failed())
    }
}
