//! CSV into a store.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use sandbox_watcher::{Node, Watched};

use crate::error::InteropError;
use crate::exported::Meter;
use crate::import::{Import, Imported, Importer, digest_of_files};
use crate::time;

use super::lines::Lines;

/// Names that others give to the columns of steps and times.
const STEPS: [&str; 3] = ["step", "_step", "global_step"];
const TIMES: [&str; 4] = ["time", "timestamp", "_timestamp", "wall_time"];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Run,
    Part,
    Step,
    Time,
    Name,
    Value,
    Metric,
}

/// Reads runs out of a file: wide, with a column `step`, perhaps `time` (seconds since 1970, or as `2026-11-23T05:40:55Z`), and metrics; or long, with
/// columns `name`, `step` and `value`. A column `run` (and `part`) tells runs apart; without one the file is a run of the name `name`.
///
/// A field is a number (`3`, `0.5`, `1e-5`, `nan`, `inf`), `true` or `false`, else a text; an empty one is nothing.
///
/// # Errors
/// A file that cannot be read, that has no column `step`, a step or time that is none; what is in the store already; a store that cannot be
/// written. Nothing of the file is then in the store.
pub fn import(importer: &Importer, path: &Path, name: Option<&str>, meter: &mut Meter<'_>) -> Result<Vec<Imported>, InteropError> {
    let digest = digest_of_files(&[path.to_owned()])?;
    let mut lines = Lines::new(File::open(path).map_err(InteropError::io("read", path))?, path);
    if !lines.next()? {
        return Err(InteropError::Nothing { path: path.to_owned(), what: "lines" });
    }
    let columns: Vec<(String, Role)> = roles(lines.fields().map(|field| field.trim_start_matches('\u{feff}').to_owned()).collect());
    let has = |role: Role| columns.iter().any(|(_, other)| *other == role);
    if !has(Role::Step) {
        let found: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).take(8).collect();
        return Err(lines.wrong(format!("there is no column `step`; the first ones are `{}`", found.join("`, `"))));
    }
    let own = name.map(str::to_owned).or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned())).unwrap_or_default();
    let mut runs = Runs { importer, path: path.display().to_string(), digest, own, imports: Vec::new(), places: HashMap::new() };
    let mut cells: Vec<(usize, Watched)> = Vec::new();
    let mut long = Together::default();
    let is_long = has(Role::Name);
    while lines.next()? {
        let mut line = Fields::default();
        cells.clear();
        for (at, field) in lines.fields().enumerate() {
            let Some((name, role)) = columns.get(at) else {
                return Err(lines.wrong(format!("more than the {} fields of the first line", columns.len())));
            };
            match role {
                Role::Run => line.run = field.into_owned(),
                Role::Part => line.part = field.into_owned(),
                Role::Step => {
                    line.step = step(&field).ok_or_else(|| lines.wrong(format!("`{name}` is no whole number: `{}`", short(&field))))?
                }
                Role::Time if field.is_empty() => {}
                Role::Time => {
                    let moment = time::parse(&field).ok_or_else(|| lines.wrong(format!("`{name}` is no time: `{}`", short(&field))))?;
                    line.time = Some(moment);
                }
                Role::Name => line.name = field.into_owned(),
                Role::Value => line.value = Some(value(&field)),
                Role::Metric if field.is_empty() => {}
                Role::Metric => cells.push((at, value(&field))),
            }
        }
        let at = runs.at(&line.run, &line.part)?;
        if is_long {
            long.take(&mut runs, at, line, meter)?;
        } else {
            let Some(import) = runs.imports.get_mut(at) else { continue };
            let count = cells.len() as u64;
            let name = |at: usize| columns.get(at).map_or("", |(name, _)| name.as_str());
            import.row(Some(line.step), line.time, cells.drain(..).map(|(at, value)| (name(at), value)))?;
            meter.add(count);
        }
    }
    long.give(&mut runs, meter)?;
    runs.imports.into_iter().map(|import| import.finish(None)).collect()
}

#[derive(Default)]
struct Fields {
    run: String,
    part: String,
    step: i64,
    time: Option<i64>,
    name: String,
    value: Option<Watched>,
}

/// Lines of the long layout that are one row.
#[derive(Default)]
struct Together {
    at: usize,
    step: i64,
    time: Option<i64>,
    values: Vec<(String, Watched)>,
}

impl Together {
    fn take(&mut self, runs: &mut Runs<'_>, at: usize, line: Fields, meter: &mut Meter<'_>) -> Result<(), InteropError> {
        let is_same = self.at == at && self.step == line.step && self.time == line.time;
        if !is_same || self.values.iter().any(|(name, _)| *name == line.name) || self.values.len() >= 10_000 {
            self.give(runs, meter)?;
        }
        (self.at, self.step, self.time) = (at, line.step, line.time);
        self.values.extend(line.value.map(|value| (line.name, value)));
        Ok(())
    }

    fn give(&mut self, runs: &mut Runs<'_>, meter: &mut Meter<'_>) -> Result<(), InteropError> {
        let values = std::mem::take(&mut self.values);
        let Some(import) = runs.imports.get_mut(self.at).filter(|_| !values.is_empty()) else { return Ok(()) };
        meter.add(values.len() as u64);
        import.row(Some(self.step), self.time, values.iter().map(|(name, value)| (name.as_str(), value.clone())))
    }
}

/// The runs of a file.
struct Runs<'i> {
    importer: &'i Importer,
    path: String,
    digest: String,
    own: String,
    imports: Vec<Import<'i>>,
    places: HashMap<(String, String), usize>,
}

/// Runs of one file.
const MOST_RUNS: usize = 10_000;

impl Runs<'_> {
    fn at(&mut self, run: &str, part: &str) -> Result<usize, InteropError> {
        if let Some(at) = self.places.get(&(run.to_owned(), part.to_owned())) {
            return Ok(*at);
        }
        if self.imports.len() >= MOST_RUNS {
            return Err(InteropError::Malformed {
                path: self.path.clone().into(),
                place: 1,
                reason: format!("more than {MOST_RUNS} runs"),
            });
        }
        let name = match (run, part) {
            ("", "") => self.own.clone(),
            (run, "") => run.to_owned(),
            ("", part) => part.to_owned(),
            (run, part) => format!("{run}/{part}"),
        };
        // The runs of one file are told apart by their name too.
        let digest = if run.is_empty() && part.is_empty() { self.digest.clone() } else { format!("{} {name}", self.digest) };
        self.imports.push(self.importer.begin(&name, &self.path, "csv", Some(digest))?);
        let at = self.imports.len() - 1;
        self.places.insert((run.to_owned(), part.to_owned()), at);
        Ok(at)
    }
}

/// What the columns hold, by their names.
fn roles(names: Vec<String>) -> Vec<(String, Role)> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let is_long = has("name") && has("value");
    let step = STEPS.into_iter().find(|step| has(step));
    let time = TIMES.into_iter().find(|time| has(time));
    let mut taken = Vec::new();
    let mut role = |name: &str| {
        let role = match name {
            "run" => Role::Run,
            "part" => Role::Part,
            "name" if is_long => Role::Name,
            "value" if is_long => Role::Value,
            _ if Some(name) == step => Role::Step,
            _ if Some(name) == time => Role::Time,
            _ => Role::Metric,
        };
        // Of two columns of one name the second one is a metric.
        if role != Role::Metric && taken.contains(&role) {
            return Role::Metric;
        }
        taken.push(role);
        role
    };
    names.iter().map(|name| (name.clone(), role(name))).collect()
}

fn step(field: &str) -> Option<i64> {
    let field = field.trim();
    // Data frames write whole numbers as `3.0` once one of them is missing.
    let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    field.parse::<i64>().ok().or_else(|| field.parse::<f64>().ok().and_then(whole))
}

fn value(field: &str) -> Watched {
    let plain = field.trim();
    Watched::Node(if let Ok(number) = plain.parse::<i64>() {
        Node::Int(number)
    } else if let Ok(number) = plain.parse::<f64>() {
        Node::Float(number)
    } else {
        match plain {
            "true" | "True" | "TRUE" => Node::Bool(true),
            "false" | "False" | "FALSE" => Node::Bool(false),
            _ => Node::Text(field.to_owned()),
        }
    })
}

fn short(field: &str) -> String {
    field.chars().take(40).collect()
}
