//! A recipe at work: read, work, judge, write.
//!
//! Threads take chunks of rows through all operators at once. What needs to know all rows is asked where the chunks'
//! results come together in the order of the rows; so the result does not depend on the number of threads, and only
//! digests stay in memory. Where no row can go on before all are known, the recipe is cut: rows wait in a file (a *spool*)
//! for the next pass.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `stages` | where a recipe is cut |
//! | `layout` | which statistics there are |
//! | `pass` | one pass made ready |
//! | `chunk`, `travel`, `fields` | what a thread makes of a chunk, a row at one operator after the other, a row as operators see it |
//! | `index` | rows that get numbers |
//! | `done`, `gather` | results of a chunk, and where they come together |
//! | `spool`, `luggage` | rows that wait, and what they carry |
//! | `barrier`, `keep`, `similar` | what needs all rows |
//! | `external`, `elsewhere`, `prompts` | rows through a program of the user's, through Data-Juicer, past a model |
//! | `export`, `trace`, `reason` | the files, examples, words |

mod barrier;
mod chunk;
mod done;
mod elsewhere;
mod export;
mod external;
mod fields;
mod gather;
mod index;
mod keep;
mod layout;
mod luggage;
mod media;
mod pass;
mod prompts;
mod reason;
mod similar;
mod spool;
mod stages;
mod trace;
mod travel;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox_dataset::{Ended, Mixture, MixturePart, ReadOptions, Reader, for_each_chunk, resolve_all};
use sandbox_ops::Operator;

use crate::analyze::{Column, RowMeans};
use crate::config::{MixtureOf, Recipe};
use crate::error::RecipeError;
use crate::observe::Observer;
use crate::report::{OperatorReport, ProcessReport};
use barrier::{Decision, Waiting};
use chunk::Worker;
use elsewhere::Place;
use export::Export;
use gather::{Counted, Gather, OperatorCounts};
use keep::Keep;
use layout::Layout;
use pass::{Output, Pass, Placed, Source, Tail};
use reason::Reasons;
use similar::Settings;
use spool::{Spool, SpoolWriter};
use stages::{Stage, stages};
use trace::{Tracer, Traces};

pub(crate) use gather::Columns;
pub(crate) use prompts::settings as prompt_settings;

/// How a recipe is run.
#[derive(Clone, Copy)]
pub struct RunSettings<'o> {
    /// Threads; the recipe's `np` when not given.
    pub threads: Option<usize>,
    /// End at the first row that cannot be used instead of setting it aside.
    pub strict: bool,
    /// The longest row in bytes; longer ones are set aside.
    pub max_row_bytes: usize,
    /// Bytes that deduplicators may hold in memory; past it they go on on disk.
    pub memory: Option<u64>,
    /// Who watches.
    pub observer: &'o dyn Observer,
}

impl Default for RunSettings<'_> {
    fn default() -> Self {
        Self { threads: None, strict: false, max_row_bytes: ReadOptions::default().max_row_bytes, memory: None, observer: &() }
    }
}

/// Takes all rows of a recipe through its operators and exports those that are kept.
///
/// Files: the export, `NAME_stats.jsonl` when filters computed statistics, `NAME_rejected.jsonl` when rows could not be
/// used, what filters name as `stats_export_path`, `WORK_DIR/trace/` with `open_tracer`. All are complete or absent.
///
/// # Errors
/// Rows that cannot be found, read or written; no row with the text field; values that a selector cannot compare; with
/// `strict`, the first row that cannot be used.
pub fn process(recipe: &Recipe, settings: RunSettings<'_>) -> Result<ProcessReport, RecipeError> {
    let files = sources(recipe, settings, true)?;
    let settings = RunSettings { memory: settings.memory.or(recipe.memory), ..settings };
    let totals = match run(recipe, settings, &files, true, false) {
        // Digests on disk are compared when all are known: the rows wait for that, so they are read anew.
        Err(RecipeError::MemoryFull) => run(recipe, settings, &files, true, true)?,
        totals => totals?,
    };
    let operators = operator_reports(recipe, &totals.counted);
    let counted = totals.counted;
    Ok(ProcessReport {
        rows_in: counted.rows_in,
        rows_out: counted.rows_out,
        without_text: counted.without_text,
        rejected: counted.rejected,
        operators,
        bytes_in: counted.bytes,
        export_path: recipe.export_path.clone(),
        stats_path: counted.has_stats.then(|| recipe.stats_path()),
        rejected_path: (counted.rejected > 0).then(|| recipe.rejected_path()),
        shards: if recipe.export_shard_size > 0 { totals.written } else { Vec::new() },
        traces: totals.trace_files,
        stats_exports: recipe.stats_exports().into_values().collect(),
    })
}

/// What each operator did, from the first on.
fn operator_reports(recipe: &Recipe, counted: &Counted) -> Vec<OperatorReport> {
    let mut rows_in = counted.rows_in - counted.unreadable - counted.without_text;
    let report = |(step, counts): (&crate::config::Step, &OperatorCounts)| {
        let words = Reasons::of(step);
        let dropped = counts.dropped.iter().enumerate().filter(|(_, rows)| **rows > 0);
        let words_of = |(reason, rows): (usize, &u64)| match &counts.example {
            Some(example) => (reason::near(*rows, example), *rows),
            None => (words.words(reason as u8).to_owned(), *rows),
        };
        let mut reasons: Vec<_> = dropped.map(words_of).collect();
        if counts.rejected > 0 {
            reasons.push(("set aside".to_owned(), counts.rejected));
        }
        let lost = counts.dropped.iter().sum::<u64>() + counts.rejected;
        let report = OperatorReport {
            name: step.name().to_owned(),
            rows_in,
            rows_out: (rows_in + counts.added).saturating_sub(lost),
            changed: counts.changed,
            added: counts.added,
            rejected: counts.rejected,
            reasons,
        };
        rows_in = report.rows_out;
        report
    };
    recipe.process.iter().zip(&counted.operators).map(report).collect()
}

/// What an analysis gathers: counts, and the statistics of all rows.
pub(crate) struct Gathered {
    pub(crate) rows_in: u64,
    pub(crate) rows_out: u64,
    pub(crate) without_text: u64,
    pub(crate) rejected: u64,
    pub(crate) bytes: u64,
    pub(crate) columns: Columns,
    /// Of statistics with lists, the mean of each row.
    pub(crate) row_means: RowMeans,
}

/// The statistics of all rows, written and gathered; nothing is judged.
pub(crate) fn gather_statistics(recipe: &Recipe, settings: RunSettings<'_>) -> Result<Gathered, RecipeError> {
    let files = sources(recipe, settings, recipe.export_original_dataset)?;
    let Totals { counted, columns, row_means, .. } = run(recipe, settings, &files, false, false)?;
    Ok(Gathered {
        rows_in: counted.rows_in,
        rows_out: counted.rows_out,
        without_text: counted.without_text,
        rejected: counted.rejected,
        bytes: counted.bytes,
        // A statistic without a single value has no column.
        columns: columns.into_iter().filter_map(|(name, column)| Some((name, column?))).collect(),
        row_means,
    })
}

/// The files to read, found before anything is written.
fn sources(recipe: &Recipe, settings: RunSettings<'_>, writes_rows: bool) -> Result<Rows, RecipeError> {
    let resolved = resolve_all(&recipe.dataset_path, &recipe.suffixes)?;
    if let [first, ..] = resolved.left_out.as_slice() {
        let count = resolved.left_out.len();
        settings.observer.warning(&format!(
            "{count} text and source file{} beside the rows left out, such as `{}`; name {} suffixes in `suffixes` to read them",
            if count == 1 { " is" } else { "s are" },
            first.display(),
            if count == 1 { "its" } else { "their" },
        ));
    }
    let files = resolved.files;
    let outputs = [recipe.stats_path(), recipe.rejected_path()]
        .into_iter()
        .chain(writes_rows.then(|| recipe.export_path.clone()))
        .chain(recipe.stats_exports().into_values());
    match outputs.into_iter().find_map(|output| same_file(&files, &output)) {
        Some(path) => Err(RecipeError::ExportIsInput { path }),
        None => {
            let part = |(path, weight): &(String, f64)| {
                Ok::<_, RecipeError>(MixturePart {
                    files: resolve_all(std::slice::from_ref(path), &recipe.suffixes)?.files,
                    weight: *weight,
                })
            };
            let mixture = |mixture: &MixtureOf| {
                let parts = mixture.parts.iter().map(part).collect::<Result<_, _>>()?;
                Ok::<_, RecipeError>(Mixture { parts, max_sample_num: mixture.max_sample_num })
            };
            Ok(Rows { files, mixture: recipe.mixture.as_ref().map(mixture).transpose()? })
        }
    }
}

/// The rows of a recipe: all files, and how they are mixed.
struct Rows {
    files: Vec<PathBuf>,
    mixture: Option<Mixture>,
}

fn same_file(files: &[PathBuf], export: &Path) -> Option<PathBuf> {
    let export = export.canonicalize().ok()?;
    files.iter().find(|file| file.canonicalize().is_ok_and(|file| file == export)).cloned()
}

/// What a run of a recipe adds up to.
#[derive(Default)]
pub(crate) struct Totals {
    counted: Counted,
    columns: BTreeMap<String, Option<Column>>,
    row_means: RowMeans,
    traces: Traces,
    trace_files: Vec<PathBuf>,
    written: Vec<PathBuf>,
}

/// All passes of a recipe; without `judging`, the one pass of an analysis.
fn run(recipe: &Recipe, settings: RunSettings<'_>, rows: &Rows, judging: bool, spill: bool) -> Result<Totals, RecipeError> {
    let files = rows.files.as_slice();
    let layout = Layout::of(&recipe.process);
    let tracer = Tracer::of(recipe).filter(|_| judging);
    let stages = if judging { stages(&recipe.process, spill || tracer.is_some()) } else { stages::of_analysis(&recipe.process) };
    let mut totals = Totals::default();
    totals.counted.operators = vec![OperatorCounts::default(); recipe.process.len()];
    if !judging {
        totals.columns = layout.keys.iter().map(|key| (key.clone(), None)).collect();
    }
    let mut export = Export::begin(recipe, judging || recipe.export_original_dataset, judging)?;
    let media = media_folder(recipe);
    let fields = pass::fields(recipe);
    let index_keys = pass::index_keys(recipe);
    let mut waiting_rows: Option<(Spool, Option<Keep>)> = None;
    for (number, stage) in stages.iter().enumerate() {
        let is_last = number + 1 == stages.len();
        let (spool, keep) = waiting_rows.take().map_or((None, None), |(spool, keep)| (Some(spool), keep));
        let source = if spool.is_some() { Source::Spool(keep) } else { Source::Files };
        // A field that any row has is there already, as a column of the original is.
        let is_there = |key: &String| index_keys.iter().zip(&totals.counted.has_index).any(|(known, has)| known == key && *has);
        let index = stage.index.iter().filter(|key| !is_there(key)).cloned().collect();
        let pass = Pass {
            index,
            index_keys: &index_keys,
            ..prepare(recipe, &layout, &fields, stage, source, is_last, judging, media.clone(), tracer.as_ref())
        };
        let folder = spool_folder(recipe);
        let settings_of = |_: &dyn sandbox_ops::Deduplicator| Settings { memory: settings.memory, folder: folder.clone() };
        let barrier = stage.barrier.map(|step| Waiting::at(&recipe.process[step].operator, settings_of)).transpose()?;
        let waiting = barrier.flatten();
        let program = stage.barrier.and_then(|step| match &recipe.process[step].operator {
            Operator::External(external) => Some((step, external)),
            _ => None,
        });
        let model = stage.barrier.and_then(|step| match &recipe.process[step].operator {
            Operator::Prompts(prompts) => Some((step, prompts.as_ref())),
            _ => None,
        });
        let elsewhere: Vec<(usize, &sandbox_ops::Elsewhere)> = stage
            .barrier
            .iter()
            .chain(&stage.joined)
            .filter_map(|step| match &recipe.process[*step].operator {
                Operator::Elsewhere(elsewhere) => Some((*step, elsewhere)),
                _ => None,
            })
            .collect();
        let offsets = program.is_some()
            || model.is_some()
            || !elsewhere.is_empty()
            || waiting.as_ref().is_some_and(Waiting::reorders)
            || (waiting.is_some() && tracer.is_some());
        let writer = (!is_last).then(|| SpoolWriter::create(spool_path(recipe, number, "rows"), offsets)).transpose()?;
        let mut gather = Gather::new(&pass, settings, &mut totals, &mut export, writer, waiting, (number as u32 + 1, stages.len() as u32));
        go(recipe, rows, spool.as_ref(), settings, &pass, &mut gather)?;
        let (written, waiting) = (gather.spool.take(), gather.waiting.take());
        drop(pass);
        drop(spool);
        if let Some(written) = written {
            let waiting_spool = written.finish()?;
            waiting_rows = Some(match (stage.barrier, waiting) {
                _ if !elsewhere.is_empty() => {
                    (through_data_juicer(recipe, &elsewhere, number, &waiting_spool, settings, &mut totals)?, None)
                }
                _ if let Some((step, external)) = program => {
                    (through(recipe, external, step, number, &waiting_spool, settings, files, &mut totals, &mut export)?, None)
                }
                _ if let Some((step, prompts)) = model => {
                    let out = SpoolWriter::create(spool_path(recipe, number, "prompted"), false)?;
                    let (prompted, through) =
                        prompts::through(prompts, recipe.process[step].name(), &waiting_spool, out, settings.observer)?;
                    let counts = &mut totals.counted.operators[step];
                    counts.added += through.added;
                    counts.dropped[0] += through.dropped;
                    (prompted, None)
                }
                (Some(step), Some(waiting)) => behind(recipe, step, number, waiting_spool, waiting, files, &mut totals, tracer.as_ref())?,
                _ => (waiting_spool, None),
            });
        }
    }
    finish(recipe, settings, &layout, &fields, totals, export, tracer.as_ref())
}

/// Takes the rows of a barrier to its other side.
#[allow(clippy::too_many_arguments, reason = "one call site: the parts of a run")]
fn behind(
    recipe: &Recipe,
    step: usize,
    number: usize,
    rows: Spool,
    waiting: Waiting<'_>,
    files: &[PathBuf],
    totals: &mut Totals,
    tracer: Option<&Tracer>,
) -> Result<(Spool, Option<Keep>), RecipeError> {
    let traced = tracer.filter(|tracer| tracer.wants(step)).map_or(0, Tracer::most);
    let counts = &mut totals.counted.operators[step];
    let other = || SpoolWriter::create(spool_path(recipe, number, "chosen"), false);
    match waiting.decide(recipe.process[step].name(), traced.max(1))? {
        Decision::All => Ok((rows, None)),
        Decision::Keep { keep, dropped, pairs } => {
            counts.dropped[0] += dropped;
            if let Some(first) = pairs.first().filter(|_| reason::is_near(&recipe.process[step].operator)) {
                counts.example = rows.places(*first, files)?;
            }
            if let Some(tracer) = tracer {
                trace::duplicates(tracer, &mut totals.traces, step, &rows, &pairs[..pairs.len().min(traced)])?;
            }
            Ok((rows, Some(keep)))
        }
        Decision::Rows(chosen) => {
            let chosen_rows = chosen.len() as u64;
            counts.added += chosen_rows.saturating_sub(rows.rows);
            counts.dropped[0] += rows.rows.saturating_sub(chosen_rows);
            Ok((barrier::reorder(&rows, &chosen, other()?)?, None))
        }
        Decision::Groups(groups) => {
            counts.dropped[0] += rows.rows - groups.len() as u64;
            Ok((barrier::regroup(&rows, &groups, other()?)?, None))
        }
    }
}

/// Takes rows through Data-Juicer. What happened is told of the last operator: the others are not seen apart.
fn through_data_juicer(
    recipe: &Recipe,
    operators: &[(usize, &sandbox_ops::Elsewhere)],
    number: usize,
    rows: &Spool,
    settings: RunSettings<'_>,
    totals: &mut Totals,
) -> Result<Spool, RecipeError> {
    let Some(program) = &recipe.data_juicer else { return Err(RecipeError::Stopped) };
    let folder = std::path::absolute(spool_folder(recipe).join(format!(".data-juicer-{number}"))).map_err(RecipeError::spill)?;
    let log = recipe.work_dir.join("log").join(format!("data-juicer-{number}.log"));
    let out = SpoolWriter::create(spool_path(recipe, number, "returned"), false)?;
    let (steps, wanted): (Vec<usize>, Vec<&sandbox_ops::Elsewhere>) = operators.iter().copied().unzip();
    settings.observer.warning(&format!(
        "{} run in Data-Juicer, which takes its time; it writes to `{}`",
        wanted.iter().map(|operator| format!("`{}`", operator.name)).collect::<Vec<_>>().join(", "),
        log.display()
    ));
    let (returned, through) =
        elsewhere::through(recipe, &wanted, rows, &Place { program, folder: &folder, log: &log }, out, &|| settings.observer.stop())?;
    if let Some(counts) = steps.last().and_then(|step| totals.counted.operators.get_mut(*step)) {
        counts.changed += through.changed;
        counts.dropped[0] += through.dropped;
        counts.added += through.added;
    }
    Ok(returned)
}

/// Takes rows through a program of the user's.
#[allow(clippy::too_many_arguments, reason = "one call site: the parts of a run")]
fn through(
    recipe: &Recipe,
    external: &sandbox_ops::External,
    step: usize,
    number: usize,
    rows: &Spool,
    settings: RunSettings<'_>,
    files: &[PathBuf],
    totals: &mut Totals,
    export: &mut Export,
) -> Result<Spool, RecipeError> {
    let part = |worker: usize| SpoolWriter::create(spool_path(recipe, number, &format!("part-{worker}")), true);
    let out = SpoolWriter::create(spool_path(recipe, number, "answered"), false)?;
    let (answered, through) = external::through(external, recipe.process[step].name(), rows, part, out, &|| settings.observer.stop())?;
    let counts = &mut totals.counted.operators[step];
    counts.changed += through.changed;
    counts.dropped[0] += through.dropped;
    counts.rejected += through.failed.len() as u64;
    totals.counted.rejected += through.failed.len() as u64;
    for (luggage, row, reason) in through.failed {
        let file: Arc<Path> = files.get(luggage.file).map_or_else(|| Arc::from(rows.path()), |file| Arc::from(file.as_path()));
        let reject = sandbox_dataset::Reject::new(&file, luggage.line, reason, &row);
        if settings.strict {
            return Err(RecipeError::Strict(reject));
        }
        settings.observer.rejected(&reject);
        export.rejects.push(&reject)?;
    }
    Ok(answered)
}

/// The pass of a stage.
#[allow(clippy::too_many_arguments, reason = "one call site: the parts of a run")]
fn prepare<'r>(
    recipe: &'r Recipe,
    layout: &'r Layout,
    fields: &'r [String],
    stage: &Stage,
    source: Source,
    is_last: bool,
    judging: bool,
    media: Option<PathBuf>,
    tracer: Option<&'r Tracer>,
) -> Pass<'r> {
    let operators: Vec<Placed<'r>> = stage.steps.iter().filter_map(|step| Placed::new(recipe, fields, layout, *step)).collect();
    let tail = stage.barrier.and_then(|step| Some((step, Tail::new(&recipe.process[step].operator)?)));
    let tail_field =
        stage.barrier.filter(|step| recipe.process[*step].operator.reads_text()).map(|step| pass::field_of(recipe, fields, step));
    let is_looked_at =
        |field: usize| tail_field == Some(field) || operators.iter().any(|placed| placed.reads_text && placed.field == field);
    let looked_at = (0..fields.len()).map(is_looked_at).collect();
    let of_text = |step: &crate::config::Step| step.operator.reads_text();
    let optional = if recipe.text_keys_given || recipe.process.iter().any(of_text) { recipe.text_keys.len() } else { 0 };
    let output = Output {
        spool: !is_last,
        rows: judging || recipe.export_original_dataset,
        stats_in_rows: recipe.keep_stats || !judging,
        hashes_in_rows: recipe.keep_hashes && judging,
        decimals: recipe.float_decimals,
    };
    let is_elsewhere = stage.barrier.is_some_and(|step| matches!(recipe.process[step].operator, Operator::Elsewhere(_)));
    let regroups = is_elsewhere || matches!(tail, Some((_, Tail::Grouper(_))));
    let from_files = matches!(source, Source::Files);
    let media = media.filter(|_| from_files).map(|folder| (folder, recipe.media_keys()));
    Pass {
        fields,
        looked_at,
        optional,
        layout,
        index_keys: &[],
        index: Vec::new(),
        operators,
        tail,
        judging,
        source,
        output,
        media,
        keeps_hashes: output.hashes_in_rows || tracer.is_some(),
        tail_field,
        regroups,
        tracer,
    }
}

fn go(
    recipe: &Recipe,
    rows: &Rows,
    spool: Option<&Spool>,
    settings: RunSettings<'_>,
    pass: &Pass<'_>,
    gather: &mut Gather<'_, '_>,
) -> Result<(), RecipeError> {
    let threads = settings.threads.unwrap_or(recipe.np);
    let options = ReadOptions { max_row_bytes: settings.max_row_bytes, ..ReadOptions::default() };
    let mut reader = match spool {
        // A row came in once already; with its luggage it may be longer.
        Some(spool) => Reader::open(&[spool.path().to_owned()], ReadOptions { max_row_bytes: usize::MAX / 4, ..options })?,
        None => {
            let options = ReadOptions { suffix_field: recipe.needs_suffixes(), ..options };
            match &rows.mixture {
                Some(mixture) => Reader::open_mixture(mixture.plan_until(options, &|| settings.observer.stop())?, options),
                None => Reader::open(&rows.files, options)?,
            }
        }
    };
    let progress = reader.progress_handle();
    let stop = || settings.observer.stop();
    let names: Vec<Arc<Path>> = rows.files.iter().map(|file| Arc::from(file.as_path())).collect();
    let ended = for_each_chunk(
        &mut reader,
        threads,
        &stop,
        Worker::default,
        |worker, chunk| Ok::<_, RecipeError>(worker.work(pass, &names, chunk)),
        |done| gather.take(done, progress.get()),
    )?;
    match ended {
        Ended::Completed => Ok(()),
        Ended::Stopped => Err(RecipeError::Stopped),
    }
}

/// Gives the files their names, unless nothing could be done.
fn finish(
    recipe: &Recipe,
    settings: RunSettings<'_>,
    layout: &Layout,
    fields: &[String],
    mut totals: Totals,
    export: Export,
    tracer: Option<&Tracer>,
) -> Result<Totals, RecipeError> {
    let counted = &mut totals.counted;
    if counted.rows_in == 0 {
        settings.observer.warning(&format!("there is no row in `{}`", recipe.dataset_path.join("`, `")));
    }
    let lacking = counted.lacking.iter().position(|rows| counted.parsed > 0 && *rows == counted.parsed);
    if let Some(field) = lacking.and_then(|index| fields.get(index)) {
        return Err(RecipeError::NoText {
            dataset: recipe.dataset_path.join(" "),
            field: field.clone(),
            fields: counted.fields_without_text.join("`, `"),
        });
    }
    counted.has_stats |= !layout.keys.is_empty();
    totals.written = export.finish(recipe, counted.has_stats)?;
    if let Some(tracer) = tracer {
        totals.trace_files = tracer.finish(&totals.traces)?;
    }
    Ok(totals)
}

/// The folder below which relative paths of media lie: that of the data, when it is one path.
fn media_folder(recipe: &Recipe) -> Option<PathBuf> {
    let [path] = recipe.dataset_path.as_slice() else { return None };
    let path = std::path::absolute(path).ok()?;
    if recipe.mixture.is_some() {
        return None;
    }
    if path.is_dir() { Some(path) } else { path.is_file().then(|| path.parent().map(Path::to_owned))? }
}

fn spool_folder(recipe: &Recipe) -> PathBuf {
    recipe.temp_dir.clone().or_else(|| recipe.export_path.parent().map(Path::to_owned)).unwrap_or_default()
}

/// Where rows wait behind a stage. The name is fixed, so what a killed run left behind is overwritten by the next one.
fn spool_path(recipe: &Recipe, number: usize, what: &str) -> PathBuf {
    let name = recipe.export_path.file_name().unwrap_or_default().to_string_lossy();
    spool_folder(recipe).join(format!(".{name}.{what}-{number}.jsonl"))
}
