//! Runs, as lists and as trees.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::wall;
use crate::error::WatchError;
use crate::identity::{Identity, Life};
use crate::run::{Goal, Level};
use crate::status::Status;
use crate::value::Kind;

use super::{BELOW, Reader};

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Its name in the store.
    pub uid: String,
    /// The run that it is a part of.
    pub parent: Option<String>,
    /// Its level.
    pub level: Level,
    /// Its name among others of its level.
    pub name: String,
    /// The project.
    pub project: String,
    /// The experiment.
    pub experiment: String,
    /// The pipeline, for jobs and iterations.
    pub pipeline: Option<String>,
    /// The iteration, from 1.
    pub iteration: Option<u64>,
    /// The hook, for jobs.
    pub hook: Option<String>,
    /// The component, for jobs.
    pub type_name: Option<String>,
    /// Where it works.
    pub work_dir: Option<String>,
    /// How it stands.
    pub status: Status,
    /// What went wrong.
    pub message: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// When it began, in microseconds since 1970.
    pub started: i64,
    /// When it ended, or showed its last sign of life.
    pub ended: Option<i64>,
    /// How long it took, or has taken until now.
    pub seconds: f64,
    /// Rows that it could not use.
    pub rejected_rows: u64,
    /// What it gave, by name.
    pub outputs: Option<Value>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Labels.
    pub tags: BTreeMap<String, String>,
    /// What was watched, when it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Summary>,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// Of how much.
    pub total: Option<u64>,
    /// Of what.
    pub unit: String,
    /// Rows that are left so far.
    pub rows: Option<u64>,
}

/// A name with what is known of its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The dotted name.
    pub name: String,
    /// The kind of the last value.
    pub kind: Kind,
    /// How many numbers.
    pub count: u64,
    /// How many texts, tables and other values that are no numbers.
    pub items: u64,
    /// How many of the numbers are NaN.
    pub nans: u64,
    /// The first number and its step.
    pub first: Option<(f64, i64)>,
    /// The last value; `None` when it is not finite or no number.
    pub last: Option<Value>,
    /// Its step.
    pub last_step: i64,
    /// When it was watched, in microseconds since 1970.
    pub last_time: i64,
    /// The smallest number and its step.
    pub low: Option<(f64, i64)>,
    /// The largest number and its step.
    pub high: Option<(f64, i64)>,
    /// The mean of the finite numbers.
    pub mean: Option<f64>,
    /// Which end is the better one.
    pub goal: Option<Goal>,
}

impl Summary {
    /// The best number and its step; nothing when nobody said which end is better.
    pub fn best(&self) -> Option<(f64, i64)> {
        match self.goal? {
            Goal::Lowest => self.low,
            Goal::Highest => self.high,
        }
    }
}

/// Which runs to list, and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFilter {
    /// Levels; whole runs when empty.
    pub levels: Vec<Level>,
    /// Statuses; all when empty.
    pub statuses: Vec<Status>,
    /// Only of this project.
    pub project: Option<String>,
    /// Only of this experiment.
    pub experiment: Option<String>,
    /// Only parts of this run.
    pub parent: Option<String>,
    /// Only with these labels.
    pub tags: Vec<(String, String)>,
    /// Only with this text in a name, tag or experiment, whatever the letters' case.
    pub text: Option<String>,
    /// By what to sort.
    pub sort: SortBy,
    /// The smallest first.
    pub ascending: bool,
    /// How many at most; all when 0.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
    /// With what was watched; of whole runs also what their parts have watched.
    pub metrics: bool,
}

/// By what runs are sorted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// When they began.
    #[default]
    Started,
    /// Their name.
    Name,
    /// How long they took.
    Seconds,
    /// Their status.
    Status,
    /// The last number under a name; runs without come last.
    Metric(String),
}

/// A run with its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunTree {
    /// The run.
    pub run: RunInfo,
    /// Its parts in the order in which they began.
    pub parts: Vec<RunTree>,
}

const COLUMNS: &str = "run.id, run.uid, run.parent, run.kind, run.name, run.project, run.experiment, run.pipeline, run.iteration, run.hook, \
                       run.type_name, run.work_dir, run.status, run.message, run.hint, run.started, run.ended, run.rejected, run.outputs, \
                       run.progress, run.writer";

/// What a row says, before tags, metrics and the look at its process.
struct Raw {
    id: i64,
    info: RunInfo,
    writer: String,
}

impl Reader {
    /// The runs that fit.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<RunInfo>, WatchError> {
        self.list(filter).map_err(self.failed())
    }

    /// One run, with what was watched in it (not in its parts).
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn run(&self, uid: &str) -> Result<RunInfo, WatchError> {
        let id = self.id(uid)?;
        let run = || -> rusqlite::Result<Option<RunInfo>> {
            let mut raws = self.raws(&format!("SELECT {COLUMNS} FROM run WHERE run.id = ?1"), &[id.into()])?;
            self.complete(&mut raws)?;
            let mut infos: Vec<RunInfo> = raws.into_iter().map(|raw| raw.info).collect();
            if let Some(info) = infos.first_mut() {
                info.metrics = self.summaries(id)?;
            }
            Ok(infos.pop())
        };
        run().map_err(self.failed())?.ok_or_else(|| WatchError::UnknownRun { run: uid.to_owned(), near: None })
    }

    /// A run with its parts and their parts, without what was watched.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn tree(&self, uid: &str) -> Result<RunTree, WatchError> {
        self.id(uid)?;
        let all = || -> rusqlite::Result<Vec<RunInfo>> {
            let sql = format!("{BELOW} SELECT {COLUMNS} FROM run JOIN below ON below.id = run.id ORDER BY run.started, run.id");
            let mut raws = self.raws(&sql, &[uid.to_owned().into()])?;
            self.complete(&mut raws)?;
            Ok(raws.into_iter().map(|raw| raw.info).collect())
        };
        let mut parts: HashMap<String, Vec<RunInfo>> = HashMap::new();
        let mut root = None;
        for info in all().map_err(self.failed())? {
            match (&info.parent, info.uid == uid) {
                (_, true) => root = Some(info),
                (Some(parent), false) => parts.entry(parent.clone()).or_default().push(info),
                (None, false) => {}
            }
        }
        let root = root.ok_or_else(|| WatchError::UnknownRun { run: uid.to_owned(), near: None })?;
        Ok(tree(root, &mut parts))
    }

    /// What was watched in a run, by name; not in its parts.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn metrics(&self, uid: &str) -> Result<Vec<Summary>, WatchError> {
        let id = self.id(uid)?;
        self.summaries(id).map_err(self.failed())
    }

    fn list(&self, filter: &RunFilter) -> rusqlite::Result<Vec<RunInfo>> {
        let mut sql = format!("SELECT {COLUMNS} FROM run WHERE 1");
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        let mut and = |condition: &str, value: String| {
            values.push(value.into());
            sql.push_str(" AND ");
            sql.push_str(&condition.replace("??", &format!("?{}", values.len())));
        };
        let levels = if filter.levels.is_empty() && filter.parent.is_none() { vec![Level::Sandbox] } else { filter.levels.clone() };
        if !levels.is_empty() {
            let names: Vec<&str> = levels.iter().map(|level| level.name()).collect();
            and("run.kind IN (SELECT value FROM json_each(??))", serde_json::to_string(&names).unwrap_or_default());
        }
        for (column, wanted) in [("project", &filter.project), ("experiment", &filter.experiment), ("parent", &filter.parent)] {
            if let Some(wanted) = wanted {
                and(&format!("run.{column} = ??"), wanted.clone());
            }
        }
        for (key, value) in &filter.tags {
            let pair = serde_json::to_string(&[key, value]).unwrap_or_default();
            and("EXISTS (SELECT 1 FROM tag WHERE tag.run = run.id AND tag.key = ??->>0 AND tag.value = ??->>1)", pair);
        }
        if let Some(text) = &filter.text {
            let in_tags = "EXISTS (SELECT 1 FROM tag WHERE tag.run = run.id AND instr(lower(tag.key || '=' || tag.value), lower(??)))";
            and(&format!("(instr(lower(run.uid || ' ' || run.name || ' ' || run.experiment), lower(??)) OR {in_tags})"), text.clone());
        }
        sql.push_str(" ORDER BY run.started DESC, run.id DESC");
        let mut raws = self.raws(&sql, &values)?;
        self.complete(&mut raws)?;
        // Whether a process is gone only a look at it tells: the store cannot filter by it.
        raws.retain(|raw| filter.statuses.is_empty() || filter.statuses.contains(&raw.info.status));
        self.sort(&mut raws, filter)?;
        let limit = if filter.limit == 0 { usize::MAX } else { filter.limit };
        let mut raws: Vec<Raw> = raws.into_iter().skip(filter.offset).take(limit).collect();
        if filter.metrics {
            self.add_metrics(&mut raws)?;
        }
        Ok(raws.into_iter().map(|raw| raw.info).collect())
    }

    fn sort(&self, raws: &mut [Raw], filter: &RunFilter) -> rusqlite::Result<()> {
        match &filter.sort {
            SortBy::Started => raws.sort_by_key(|raw| raw.info.started),
            SortBy::Name => raws.sort_by(|one, other| one.info.name.cmp(&other.info.name)),
            SortBy::Seconds => raws.sort_by(|one, other| one.info.seconds.total_cmp(&other.info.seconds)),
            SortBy::Status => raws.sort_by_key(|raw| raw.info.status.name()),
            SortBy::Metric(name) => {
                let mut statement = self.connection.prepare_cached("SELECT run, last FROM series WHERE name = ?1 AND kind < 3")?;
                let found = statement.query_map([name], |row| Ok((row.get::<_, i64>(0)?, number(row.get_ref(1)?))))?;
                let found: HashMap<i64, Option<f64>> = found.collect::<Result<_, _>>()?;
                let metric = |raw: &Raw| found.get(&raw.id).copied().flatten();
                raws.sort_by(|one, other| match (metric(one), metric(other)) {
                    (Some(one), Some(other)) => one.total_cmp(&other),
                    (one, other) => {
                        let order = other.is_some().cmp(&one.is_some());
                        if filter.ascending { order } else { order.reverse() }
                    }
                });
            }
        }
        if !filter.ascending {
            raws.reverse();
        }
        Ok(())
    }

    fn raws(&self, sql: &str, values: &[rusqlite::types::Value]) -> rusqlite::Result<Vec<Raw>> {
        self.connection.prepare_cached(sql)?.query_map(params_from_iter(values), raw)?.collect()
    }

    /// Adds labels, and sees to it that a run whose process is gone does not say that it runs.
    fn complete(&self, raws: &mut [Raw]) -> rusqlite::Result<()> {
        let mut writers: HashMap<String, Option<(Life, i64)>> = HashMap::new();
        let mut tags: HashMap<i64, BTreeMap<String, String>> = HashMap::new();
        let add = |tags: &mut HashMap<i64, BTreeMap<String, String>>, row: &Row<'_>| -> rusqlite::Result<()> {
            tags.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
            Ok(())
        };
        match raws {
            [one] => {
                let mut statement = self.connection.prepare_cached("SELECT run, key, value FROM tag WHERE run = ?1")?;
                let mut rows = statement.query([one.id])?;
                while let Some(row) = rows.next()? {
                    add(&mut tags, row)?;
                }
            }
            _ => {
                let mut statement = self.connection.prepare_cached("SELECT run, key, value FROM tag")?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    add(&mut tags, row)?;
                }
            }
        }
        let now = wall();
        for Raw { id, info, writer } in raws {
            info.tags = tags.remove(id).unwrap_or_default();
            if info.status == Status::Running {
                let known = match writers.get(writer) {
                    Some(known) => *known,
                    None => {
                        let known = self.life(writer, now)?;
                        writers.insert(writer.clone(), known);
                        known
                    }
                };
                if let Some((Life::Gone, heartbeat)) = known {
                    info.status = Status::Crashed;
                    info.ended = Some(heartbeat.max(info.started));
                }
            }
            let micros = info.ended.unwrap_or(now).saturating_sub(info.started).max(0);
            info.seconds = micros as f64 / 1e6;
        }
        Ok(())
    }

    fn life(&self, writer: &str, now: i64) -> rusqlite::Result<Option<(Life, i64)>> {
        let mut statement = self.connection.prepare_cached("SELECT identity, heartbeat, ended FROM writer WHERE id = ?1")?;
        let mut rows = statement.query([writer])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (identity, heartbeat, ended): (String, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let identity: Option<Identity> = serde_json::from_str(&identity).ok();
        let life = match (identity, ended) {
            (Some(identity), None) => identity.life(&self.here, heartbeat, now),
            _ => Life::Gone,
        };
        Ok(Some((life, heartbeat)))
    }

    fn summaries(&self, id: i64) -> rusqlite::Result<Vec<Summary>> {
        let sql = format!("SELECT run, {SUMMARY} FROM series WHERE run = ?1 AND kind IS NOT NULL ORDER BY name");
        self.connection.prepare_cached(&sql)?.query_map([id], summary)?.collect()
    }

    /// Adds what was watched: of a run and of its parts, for the runs at the top.
    fn add_metrics(&self, raws: &mut [Raw]) -> rusqlite::Result<()> {
        let top = "WITH RECURSIVE top (id, uid, top) AS (SELECT id, uid, id FROM run WHERE id IN (SELECT value FROM json_each(?1)) \
                   UNION SELECT run.id, run.uid, top.top FROM run JOIN top ON run.parent = top.uid)";
        let sql = format!(
            "{top} SELECT top.top, {SUMMARY} FROM series JOIN top ON top.id = series.run WHERE kind IS NOT NULL ORDER BY name, last_time"
        );
        let ids: Vec<i64> = raws.iter().map(|raw| raw.id).collect();
        let at: HashMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let ids = serde_json::to_string(&ids).unwrap_or_default();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([ids])?;
        while let Some(row) = rows.next()? {
            let found = at.get(&row.get(0)?).and_then(|at| raws.get_mut(*at));
            let Some(raw) = found else { continue };
            let summary = summary(row)?;
            // The same name in several parts: the last one counts.
            match raw.info.metrics.last_mut().filter(|last| last.name == summary.name) {
                Some(last) => *last = summary,
                None => raw.info.metrics.push(summary),
            }
        }
        Ok(())
    }
}

const SUMMARY: &str =
    "name, series.kind, count, items, nans, first, first_step, last, last_step, last_time, low, low_step, high, high_step, sum, goal";

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let pair = |at: usize| -> rusqlite::Result<Option<(f64, i64)>> {
        let step: Option<i64> = row.get(at + 1)?;
        Ok(step.map(|step| (number(row.get_ref(at).unwrap_or(ValueRef::Null)).unwrap_or(f64::NAN), step)))
    };
    let kind = Kind::from_code(row.get(2)?).unwrap_or(Kind::Null);
    let (count, nans) = (row.get::<_, i64>(3)? as u64, row.get::<_, i64>(5)? as u64);
    let sum: f64 = row.get::<_, Option<f64>>(15)?.unwrap_or(0.0);
    let goal: Option<bool> = row.get(16)?;
    Ok(Summary {
        name: row.get(1)?,
        kind,
        count,
        items: row.get::<_, i64>(4)? as u64,
        nans,
        first: pair(6)?,
        last: last(kind, row.get_ref(8)?),
        last_step: row.get::<_, Option<i64>>(9)?.unwrap_or(0),
        last_time: row.get::<_, Option<i64>>(10)?.unwrap_or(0),
        low: pair(11)?,
        high: pair(13)?,
        mean: (count > nans).then(|| sum / (count - nans) as f64),
        goal: goal.map(|highest| if highest { Goal::Highest } else { Goal::Lowest }),
    })
}

/// The last value with its kind.
fn last(kind: Kind, value: ValueRef<'_>) -> Option<Value> {
    match (kind, value) {
        (Kind::Bool, ValueRef::Integer(value)) => Some(Value::Bool(value != 0)),
        (_, ValueRef::Integer(value)) => Some(value.into()),
        (_, ValueRef::Real(value)) => serde_json::Number::from_f64(value).map(Value::Number),
        _ => None,
    }
}

fn number(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Integer(value) => Some(value as f64),
        ValueRef::Real(value) => Some(value),
        _ => None,
    }
}

fn tree(run: RunInfo, parts: &mut HashMap<String, Vec<RunInfo>>) -> RunTree {
    let own = parts.remove(&run.uid).unwrap_or_default();
    RunTree { parts: own.into_iter().map(|part| tree(part, parts)).collect(), run }
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let json = |at: usize| -> rusqlite::Result<Option<Value>> {
        Ok(row.get::<_, Option<String>>(at)?.and_then(|text| serde_json::from_str(&text).ok()))
    };
    let info = RunInfo {
        uid: row.get(1)?,
        parent: row.get(2)?,
        level: Level::of_name(&row.get::<_, String>(3)?),
        name: row.get(4)?,
        project: row.get(5)?,
        experiment: row.get(6)?,
        pipeline: row.get(7)?,
        iteration: row.get::<_, Option<i64>>(8)?.map(|iteration| iteration as u64),
        hook: row.get(9)?,
        type_name: row.get(10)?,
        work_dir: row.get(11)?,
        status: Status::of_name(&row.get::<_, String>(12)?),
        message: row.get(13)?,
        hint: row.get(14)?,
        started: row.get(15)?,
        ended: row.get(16)?,
        seconds: 0.0,
        rejected_rows: row.get::<_, i64>(17)? as u64,
        outputs: json(18)?,
        progress: json(19)?.and_then(|value| serde_json::from_value(value).ok()),
        tags: BTreeMap::new(),
        metrics: Vec::new(),
    };
    Ok(Raw { id: row.get(0)?, info, writer: row.get(20)? })
}
