//! Taking runs out of a store.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};

use crate::error::WatchError;
use crate::reader::{Reader, RunTree};
use crate::status::Status;
use crate::store;
use crate::writer::recover;

/// What belongs to a run's names, and what belongs to the run.
const OF_SERIES: [&str; 2] = ["block", "item"];
const OF_RUN: [&str; 7] = ["tag", "config", "log", "event", "bad_row", "edge", "series"];

pub(super) fn remove(path: &Path, runs: &[String]) -> Result<usize, WatchError> {
    let reader = Reader::open(path)?;
    let mut uids = Vec::new();
    for run in runs {
        add(reader.tree(&reader.resolve(run)?)?, &mut uids)?;
    }
    drop(reader);
    let mut connection = store::open(path)?;
    store::prepare(&mut connection, path)?;
    // What is left of them in a journal would come back.
    recover(&mut connection, path);
    take_out(&mut connection, &uids).map_err(WatchError::database("write", path))?;
    Ok(uids.len())
}

fn add(tree: RunTree, uids: &mut Vec<String>) -> Result<(), WatchError> {
    if tree.run.status == Status::Running {
        return Err(WatchError::StillRunning { run: tree.run.uid });
    }
    if !uids.contains(&tree.run.uid) {
        uids.push(tree.run.uid);
    }
    tree.parts.into_iter().try_for_each(|part| add(part, uids))
}

fn take_out(connection: &mut Connection, uids: &[String]) -> rusqlite::Result<()> {
    let uids = serde_json::to_string(uids).unwrap_or_default();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let runs = "(SELECT id FROM run WHERE uid IN (SELECT value FROM json_each(?1)))";
    for table in OF_SERIES {
        let series = format!("(SELECT id FROM series WHERE run IN {runs})");
        transaction.execute(&format!("DELETE FROM {table} WHERE series IN {series}"), params![uids])?;
    }
    for table in OF_RUN {
        transaction.execute(&format!("DELETE FROM {table} WHERE run IN {runs}"), params![uids])?;
    }
    transaction.execute(&format!("DELETE FROM run WHERE id IN {runs}"), params![uids])?;
    transaction.execute("DELETE FROM writer WHERE ended IS NOT NULL AND id NOT IN (SELECT writer FROM run)", [])?;
    transaction.execute("DELETE FROM large WHERE digest NOT IN (SELECT digest FROM item WHERE digest IS NOT NULL)", [])?;
    let edges = "SELECT source FROM edge UNION SELECT target FROM edge";
    transaction.execute(&format!("DELETE FROM artifact WHERE id NOT IN ({edges})"), [])?;
    transaction.execute("UPDATE meta SET value = value + 1 WHERE key = 'commit'", [])?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA incremental_vacuum")?;
    store::complete(connection);
    Ok(())
}
