//! Operators beside Data-Juicer's own: what both make of the same rows, row by row and to the last bit.
//!
//! The goldens hold what Data-Juicer made of chosen rows once; here both run, over texts made up anew from a seed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Args;
use crate::fixtures::data_juicer;

mod texts;

/// The cases.
const CASES: &str = include_str!("data_juicer/cases.yaml");
/// The other side.
const THEIRS: &str = include_str!("data_juicer/theirs.py");
/// Rows, in full and quick.
const ROWS: [usize; 2] = [2500, 250];
/// Differing rows shown of a case.
const SHOWN: usize = 3;

/// An operator and its parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    operator: String,
    args: Value,
    /// Why both differ, where they are known to.
    #[serde(default)]
    differs: Option<String>,
    /// In how many rows of a hundred at most, where they are; else in any.
    #[serde(default)]
    percent: Option<f64>,
}

/// How a case went.
#[derive(Debug, Default)]
struct Tally {
    equal: u64,
    /// Data-Juicer raised an error, or lost the row.
    raised: u64,
    differing: Vec<String>,
    /// Why one of the two did not take the parameters.
    refused: Option<String>,
}

/// Runs all cases: true when none differs that is not known to.
pub(super) fn run(root: &Path, args: &Args) -> Result<bool> {
    let start = Instant::now();
    let environment = data_juicer::environment(root)?;
    let binary = super::program(root)?;
    let cases: Vec<Case> = serde_yaml::from_str(CASES).context("Failed to read the cases")?;
    let cases: Vec<Case> = cases.into_iter().filter(|case| case.operator.contains(&args.only)).collect();
    let seed = std::env::var("DJ_SANDBOX_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let texts = texts::texts(seed, ROWS[usize::from(args.quick)]);

    let folder = root.join("target/integration/data-juicer");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("Failed to empty `{}`", folder.display()))?;
    }
    fs::create_dir_all(folder.join("theirs")).with_context(|| format!("Failed to make `{}`", folder.display()))?;
    let rows: String = texts.iter().enumerate().map(|(id, text)| format!("{}\n", json!({"id": id, "text": text}))).collect();
    fs::write(folder.join("rows.jsonl"), rows)?;
    let listed: Vec<Value> = cases.iter().map(|case| json!({"operator": case.operator, "args": case.args})).collect();
    fs::write(folder.join("cases.json"), Value::from(listed).to_string())?;
    fs::write(folder.join("theirs.py"), THEIRS)?;

    eprintln!("{} cases over {} texts of seed {seed}: Data-Juicer", cases.len(), texts.len());
    let mut theirs = Command::new(environment.join("bin/python"));
    theirs.args(["theirs.py", "cases.json", "rows.jsonl", "theirs"]).current_dir(&folder);
    let output = theirs.output().context("Failed to start Data-Juicer's Python")?;
    ensure!(output.status.success(), "Data-Juicer's side failed: {}", String::from_utf8_lossy(&output.stderr));

    let mut failed = 0;
    for (number, case) in cases.iter().enumerate() {
        let tally = compare(case, &folder, number, &binary, &texts)?;
        failed += u64::from(!told(case, &tally));
    }
    println!(
        "integration data-juicer: {} of {} cases, {failed} failed, in {:.0} s",
        cases.len() as u64 - failed,
        cases.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(failed == 0)
}

/// Prints how a case went; whether it is as it should be.
fn told(case: &Case, tally: &Tally) -> bool {
    let what = format!("{} {}", case.operator, case.args);
    let differs = !tally.differing.is_empty() || tally.refused.is_some();
    let share = 100.0 * tally.differing.len() as f64 / (tally.differing.len() as f64 + tally.equal as f64).max(1.0);
    let known = case.differs.as_ref().filter(|_| case.percent.is_none_or(|percent| share <= percent));
    match known {
        Some(why) => println!("known  {what}: {why} ({} equal, {} not)", tally.equal, tally.differing.len()),
        None if differs => println!("DIFFER {what}: {} equal, {} not", tally.equal, tally.differing.len()),
        None => println!("ok     {what}: {} equal, {} raised there", tally.equal, tally.raised),
    }
    if known.is_none() {
        tally.refused.iter().chain(tally.differing.iter().take(SHOWN)).for_each(|words| println!("       {words}"));
    }
    known.is_some() || !differs
}

fn compare(case: &Case, folder: &Path, number: usize, binary: &Path, texts: &[String]) -> Result<Tally> {
    let theirs = lines(&folder.join(format!("theirs/{number}.jsonl")))?;
    let mut tally = Tally::default();
    let is_filter = case.operator.ends_with("_filter");
    let ours = if is_filter { filtered(case, folder, binary, texts.len())? } else { mapped(case, folder, binary, texts.len())? };
    let there = theirs.first().and_then(|line| line.get("refused"));
    let (ours, there) = match (ours, there) {
        (Ok(ours), None) => (ours, &theirs),
        (Err(_), Some(_)) => return Ok(tally),
        (Err(ours), None) => return Ok(Tally { refused: Some(format!("refused here: {ours}")), ..tally }),
        (Ok(_), Some(there)) => return Ok(Tally { refused: Some(format!("refused there: {there}")), ..tally }),
    };
    ensure!(there.len() == texts.len(), "Data-Juicer's side has {} lines for {} rows", there.len(), texts.len());
    for ((text, ours), theirs) in texts.iter().zip(ours).zip(there) {
        if theirs.get("error").is_some() || theirs.get("text").is_some_and(Value::is_null) {
            tally.raised += 1;
        } else if ours.as_ref() == Some(theirs) {
            tally.equal += 1;
        } else {
            tally.differing.push(format!("of {text:?}\n         here  {}\n         there {theirs}", ours.unwrap_or_default()));
        }
    }
    Ok(tally)
}

/// What a recipe of one operator makes of each row; or what it said when it did not take the parameters.
type Ours = std::result::Result<Vec<Option<Value>>, String>;

fn mapped(case: &Case, folder: &Path, binary: &Path, rows: usize) -> Result<Ours> {
    let out = folder.join("ours.jsonl");
    if let Err(said) = process(case, folder, binary, "process", &out)? {
        return Ok(Err(said));
    }
    let mut all = vec![None; rows];
    for mut row in lines(&out)? {
        let text = row.get_mut("text").map(Value::take);
        *place(&mut all, &row)? = Some(json!({"text": text}));
    }
    Ok(Ok(all))
}

fn filtered(case: &Case, folder: &Path, binary: &Path, rows: usize) -> Result<Ours> {
    let kept = folder.join("kept.jsonl");
    if let Err(said) = process(case, folder, binary, "process", &kept)? {
        return Ok(Err(said));
    }
    let measured = folder.join("analysis.jsonl");
    if let Err(said) = process(case, folder, binary, "analyze", &measured)? {
        return Ok(Err(said));
    }
    let mut keep = vec![None; rows];
    for row in lines(&kept)? {
        *place(&mut keep, &row)? = Some(Value::from(true));
    }
    let statistics = lines(&folder.join("analysis_stats.jsonl"))?;
    ensure!(statistics.len() == rows, "the analysis has {} rows of {rows}", statistics.len());
    let of = |(mut line, keep): (Value, Option<Value>)| {
        let stats = line.get_mut("__dj__stats__").map(Value::take).unwrap_or_default();
        Some(json!({"stats": stats, "keep": keep.is_some()}))
    };
    Ok(Ok(statistics.into_iter().zip(keep).map(of).collect()))
}

/// The place of a row by its `id`.
fn place<'a>(all: &'a mut [Option<Value>], row: &Value) -> Result<&'a mut Option<Value>> {
    let id = row.get("id").and_then(Value::as_u64).context("a row has lost its id")?;
    all.get_mut(id as usize).context("a row has an id that was not given")
}

/// Runs a recipe of one operator. The inner error is what it said when it did not take the parameters.
fn process(case: &Case, folder: &Path, binary: &Path, verb: &str, out: &Path) -> Result<std::result::Result<(), String>> {
    let recipe = json!({
        "dataset_path": "rows.jsonl", "export_path": out, "pictures": "none", "process": [{case.operator.clone(): case.args}],
    });
    let path = folder.join("recipe.json");
    fs::write(&path, recipe.to_string())?;
    for stale in [out.to_path_buf(), out.with_file_name("analysis_stats.jsonl")] {
        if stale.exists() {
            fs::remove_file(&stale).with_context(|| format!("Failed to remove `{}`", stale.display()))?;
        }
    }
    let output = Command::new(binary).args([verb, "--quiet", "--config"]).arg(&path).current_dir(folder).output();
    let output = output.with_context(|| format!("Failed to start `{}`", binary.display()))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(0) => Ok(Ok(())),
        Some(2) => Ok(Err(said)),
        _ => bail!("{} {}: ended with {}: {said}", case.operator, case.args, output.status),
    }
}

fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(path).with_context(|| format!("Failed to read `{}`", path.display()))?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("`{}`: {line}", path.display()))).collect()
}
