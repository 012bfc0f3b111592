//! What became of the data: operators, rows that could not be used, pools, and what was made from what.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::WatchError;

use super::{BELOW, Reader, RunFilter};

/// What a job reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    /// The job.
    pub run: String,
    /// Its pipeline.
    pub pipeline: Option<String>,
    /// Its name.
    pub job: String,
    /// Its iteration.
    pub iteration: Option<u64>,
    /// The facts: `{"kind": ..., ...}`.
    pub facts: Value,
}

/// What one operator of a job did with the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRow {
    /// The job.
    pub run: String,
    /// Its name.
    pub job: String,
    /// Its iteration.
    pub iteration: Option<u64>,
    /// The operator.
    pub operator: String,
    /// Rows that reached it.
    pub rows_in: u64,
    /// Rows that left it.
    pub rows_out: u64,
    /// Rows that it changed.
    pub changed: u64,
    /// Rows that it made beyond those it was given.
    pub added: u64,
    /// Rows that it could not use.
    pub rejected: u64,
    /// Why rows were dropped, with how many.
    pub reasons: Vec<(String, u64)>,
}

impl OperatorRow {
    /// Rows that it dropped.
    pub fn dropped(&self) -> u64 {
        self.reasons.iter().map(|(_, rows)| rows).sum()
    }
}

/// A row that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// The job.
    pub run: String,
    /// The file that holds the row.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// Something that was made from something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The run or part that made it.
    pub run: String,
    /// How, such as the hook.
    pub how: String,
    /// From what.
    pub from: crate::Artifact,
    /// What was made.
    pub to: crate::Artifact,
}

/// A pool of data, with what models made of it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolRow {
    /// The job that wrote it.
    pub run: String,
    /// Its path.
    pub path: String,
    /// Its rows.
    pub rows: Option<u64>,
    /// Its bytes.
    pub bytes: Option<u64>,
    /// All that is known of it, as it was reported.
    pub facts: Value,
    /// Numbers that were watched by later jobs of the run under its path or its name, by dotted name.
    pub scores: Vec<(String, f64)>,
}

impl Reader {
    /// What the jobs of a run reported, in the order in which they began; of one kind, such as `process`, or all.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn reports(&self, uid: &str, kind: Option<&str>) -> Result<Vec<ReportRow>, WatchError> {
        self.id(uid)?;
        let reports = || -> rusqlite::Result<Vec<ReportRow>> {
            let sql = format!(
                "{BELOW} SELECT run.uid, pipeline, name, iteration, report FROM run JOIN below ON below.id = run.id \
                 WHERE report IS NOT NULL AND (?2 IS NULL OR report->>'kind' = ?2) ORDER BY run.started, run.id"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![uid, kind], |row| {
                let facts: String = row.get(4)?;
                Ok(ReportRow {
                    run: row.get(0)?,
                    pipeline: row.get(1)?,
                    job: row.get(2)?,
                    iteration: row.get::<_, Option<i64>>(3)?.map(|iteration| iteration as u64),
                    facts: serde_json::from_str(&facts).unwrap_or_default(),
                })
            })?;
            rows.collect()
        };
        reports().map_err(self.failed())
    }

    /// What the operators of a run's jobs did with the rows.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn operators(&self, uid: &str) -> Result<Vec<OperatorRow>, WatchError> {
        let mut rows = Vec::new();
        for report in self.reports(uid, None)? {
            let kind = report.facts.get("kind").and_then(Value::as_str).unwrap_or_default();
            let operators = report.facts.get(kind).and_then(|facts| facts.get("operators")).and_then(Value::as_array);
            for operator in operators.into_iter().flatten() {
                let count = |key: &str| operator.get(key).and_then(Value::as_u64).unwrap_or(0);
                let reasons = operator.get("reasons").cloned().and_then(|value| serde_json::from_value(value).ok());
                rows.push(OperatorRow {
                    run: report.run.clone(),
                    job: report.job.clone(),
                    iteration: report.iteration,
                    operator: operator.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    rows_in: count("rows_in"),
                    rows_out: count("rows_out"),
                    changed: count("changed"),
                    added: count("added"),
                    rejected: count("rejected"),
                    reasons: reasons.unwrap_or_default(),
                });
            }
        }
        Ok(rows)
    }

    /// Rows that a run's jobs could not use; of each job the first thousand are kept.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn bad_rows(&self, uid: &str, offset: usize, limit: usize) -> Result<Vec<BadRow>, WatchError> {
        self.id(uid)?;
        let rows = || -> rusqlite::Result<Vec<BadRow>> {
            let sql = format!(
                "{BELOW} SELECT below.uid, file, line, reason FROM bad_row JOIN below ON below.id = bad_row.run ORDER BY bad_row.id LIMIT ?2 OFFSET ?3"
            );
            let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![uid, signed(limit), signed(offset)], |row| {
                Ok(BadRow { run: row.get(0)?, file: row.get(1)?, line: row.get::<_, i64>(2)? as u64, reason: row.get(3)? })
            })?;
            rows.collect()
        };
        rows().map_err(self.failed())
    }

    /// What a run and its parts made from what, by content: datasets, recipes, models, scores.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn lineage(&self, uid: &str) -> Result<Vec<Edge>, WatchError> {
        self.id(uid)?;
        let edges = || -> rusqlite::Result<Vec<Edge>> {
            let sql = format!(
                "{BELOW} SELECT below.uid, how, a.kind, a.digest, a.name, a.bytes, b.kind, b.digest, b.name, b.bytes FROM edge \
                 JOIN below ON below.id = edge.run JOIN artifact a ON a.id = source JOIN artifact b ON b.id = target ORDER BY below.id, source, target"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![uid], |row| {
                let artifact = |at: usize| -> rusqlite::Result<crate::Artifact> {
                    let bytes = row.get::<_, Option<i64>>(at + 3)?.map(|bytes| bytes as u64);
                    Ok(crate::Artifact { kind: row.get(at)?, digest: row.get(at + 1)?, name: row.get(at + 2)?, bytes })
                };
                Ok(Edge { run: row.get(0)?, how: row.get(1)?, from: artifact(2)?, to: artifact(6)? })
            })?;
            rows.collect()
        };
        edges().map_err(self.failed())
    }

    /// The pools of data that a run wrote, each with the numbers that were watched for it.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn pools(&self, uid: &str) -> Result<Vec<PoolRow>, WatchError> {
        let reports = self.reports(uid, Some("pools"))?;
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        let watched = self.runs(&RunFilter { parent: None, levels: Vec::new(), metrics: true, ..RunFilter::default() })?;
        let watched = watched.into_iter().find(|run| run.uid == uid).map(|run| run.metrics).unwrap_or_default();
        let mut rows = Vec::new();
        for report in reports {
            for pool in report.facts.get("pools").and_then(Value::as_array).into_iter().flatten() {
                let path = pool.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
                let scores = watched.iter().filter(|summary| is_about(&summary.name, &path));
                let scores = scores.filter_map(|summary| Some((summary.name.clone(), summary.last.as_ref()?.as_f64()?)));
                rows.push(PoolRow {
                    run: report.run.clone(),
                    scores: scores.collect(),
                    rows: pool.get("rows").and_then(Value::as_u64),
                    bytes: pool.get("bytes").and_then(Value::as_u64),
                    facts: pool.clone(),
                    path,
                });
            }
        }
        Ok(rows)
    }
}

/// Whether one key of a dotted name is a pool's path, or its file name with or without its ending.
fn is_about(name: &str, path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let plain = name.replace("\\.", "\u{1}");
    let mut keys = plain.split('.').map(|key| key.replace('\u{1}', "."));
    !stem.is_empty() && keys.any(|key| key == path || key == file || key == stem)
}
