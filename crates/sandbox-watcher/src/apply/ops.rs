//! What happens seldom, into its tables.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;

use crate::journal::record::{ArtifactRow, Op, StartRow};

use super::Applier;

/// Rows set aside of which each job's place and reason are kept; all are counted.
const MOST_BAD_ROWS: i64 = 1000;
/// Lines of a job's log that are kept.
const MOST_LINES: i64 = 100_000;

impl Applier {
    pub(super) fn op(&mut self, transaction: &Transaction<'_>, op: Op) -> rusqlite::Result<()> {
        let Some(local) = op.run() else { return Ok(()) };
        if let Op::Start { row, .. } = &op {
            return self.start(transaction, local, row);
        }
        // A run that was removed meanwhile.
        let Some(run) = self.run(transaction, local)? else { return Ok(()) };
        let one = |sql: &str, values: &[&dyn rusqlite::ToSql]| transaction.prepare_cached(sql)?.execute(values).map(|_| ());
        match op {
            Op::Start { .. } => {}
            Op::Finish { status, message, hint, time, .. } => {
                one(
                    "UPDATE run SET status = ?2, message = ?3, hint = ?4, ended = ?5 WHERE id = ?1",
                    params![run, status, message, hint, time],
                )?;
            }
            Op::Tags { tags, .. } => {
                for (key, value) in tags {
                    one("INSERT INTO tag VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value", params![run, key, value])?;
                }
            }
            Op::Config { prefix, value, .. } => one(
                "INSERT INTO config VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value",
                params![run, prefix, value.to_string()],
            )?,
            Op::Log { time, stream, text, .. } => {
                one("INSERT INTO log (run, time, stream, text) VALUES (?1, ?2, ?3, ?4)", params![run, time, stream, text])?;
                trim_log(transaction, run)?;
            }
            Op::Event { time, kind, value, .. } => {
                one("INSERT INTO event (run, time, kind, value) VALUES (?1, ?2, ?3, ?4)", params![run, time, kind, value.to_string()])?
            }
            Op::BadRow { file, line, reason, .. } => {
                one("UPDATE run SET rejected = rejected + 1 WHERE id = ?1", params![run])?;
                one(
                    "INSERT INTO bad_row (run, file, line, reason) SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM bad_row WHERE run = ?1) < ?5",
                    params![run, file, line as i64, reason, MOST_BAD_ROWS],
                )?;
            }
            Op::Report { facts, .. } => one("UPDATE run SET report = ?2 WHERE id = ?1", params![run, facts.to_string()])?,
            Op::Outputs { outputs, rejected, .. } => {
                let sql = "UPDATE run SET outputs = ?2, rejected = max(rejected, ?3) WHERE id = ?1";
                one(sql, params![run, outputs.to_string(), rejected as i64])?;
            }
            Op::Progress { done, total, unit, rows, .. } => {
                let progress = json(&crate::reader::Progress { done, total, unit, rows });
                one("UPDATE run SET progress = ?2 WHERE id = ?1", params![run, progress])?;
            }
            Op::Goal { name, highest, .. } => {
                one("UPDATE series SET goal = ?3, changed = ?4 WHERE run = ?1 AND name = ?2", params![run, name, highest, self.commit])?;
            }
            Op::Edge { from, to, by, .. } => {
                let (from, to) = (artifact(transaction, &from)?, artifact(transaction, &to)?);
                one("INSERT INTO edge VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", params![run, from, to, by])?;
            }
            Op::Sweep { spec, .. } => {
                let sql = "INSERT INTO config VALUES (?1, '@sweep', ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
                one(sql, params![run, spec.to_string()])?;
            }
        }
        one("UPDATE run SET changed = ?2 WHERE id = ?1", params![run, self.commit])
    }

    fn start(&mut self, transaction: &Transaction<'_>, local: u64, row: &StartRow) -> rusqlite::Result<()> {
        let sql = "INSERT INTO run (uid, parent, writer, local, kind, name, project, experiment, pipeline, iteration, hook, type_name, work_dir, \
                   status, started, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'running', ?14, ?15) \
                   ON CONFLICT DO NOTHING RETURNING id";
        let id = transaction
            .prepare_cached(sql)?
            .query_row(
                params![
                    row.uid,
                    row.parent,
                    self.writer,
                    local as i64,
                    row.kind,
                    row.name,
                    row.project,
                    row.experiment,
                    row.pipeline,
                    row.iteration.map(|iteration| iteration as i64),
                    row.hook,
                    row.type_name,
                    row.work_dir,
                    row.time,
                    self.commit,
                ],
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        self.runs.extend(id.map(|id| (local, id)));
        Ok(())
    }
}

impl Op {
    /// The run it is about.
    fn run(&self) -> Option<u64> {
        match self {
            Self::Start { run, .. }
            | Self::Finish { run, .. }
            | Self::Tags { run, .. }
            | Self::Config { run, .. }
            | Self::Log { run, .. }
            | Self::Event { run, .. }
            | Self::BadRow { run, .. }
            | Self::Report { run, .. }
            | Self::Outputs { run, .. }
            | Self::Progress { run, .. }
            | Self::Goal { run, .. }
            | Self::Edge { run, .. }
            | Self::Sweep { run, .. } => Some(*run),
        }
    }
}

/// Lets the oldest lines of a log go once it is long.
fn trim_log(transaction: &Transaction<'_>, run: i64) -> rusqlite::Result<()> {
    let last = transaction.last_insert_rowid();
    // Looked at now and then: counting the lines for each new one would take longer and longer.
    if last % 1024 == 0 {
        let sql = "DELETE FROM log WHERE run = ?1 AND id <= (SELECT id FROM log WHERE run = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        transaction.prepare_cached(sql)?.execute(params![run, MOST_LINES])?;
    }
    Ok(())
}

fn artifact(transaction: &Transaction<'_>, row: &ArtifactRow) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO artifact (kind, digest, name, bytes) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (kind, digest) DO UPDATE SET name = artifact.name RETURNING id";
    transaction
        .prepare_cached(sql)?
        .query_row(params![row.kind, row.digest, row.name, row.bytes.map(|bytes| bytes as i64)], |row| row.get(0))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
