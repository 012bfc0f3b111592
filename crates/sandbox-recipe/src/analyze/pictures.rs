//! The analysis drawn: a picture per statistic, their correlations, and one page with all of it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sandbox_fs::{AtomicFile, FsError};
use sandbox_plot::{Categories, Correlation, Distribution, Page, Picture, Table, short};
use serde_json::{Map, Value, json};

use super::column::Column;
use super::describe::{Cell, Overall};
use super::row_means::RowMeans;
use crate::config::{Pictures, Recipe};
use crate::error::RecipeError;
use crate::report::AnalysisReport;
use crate::run::Columns;

/// What was drawn.
pub(super) struct Drawn {
    pub(super) files: Vec<PathBuf>,
    pub(super) page: PathBuf,
    pub(super) histograms: Map<String, Value>,
}

/// One statistic, summed up.
enum Summary {
    Numbers(Distribution),
    Texts(Categories),
}

impl Summary {
    fn of(name: &str, column: Column) -> Option<Self> {
        match column {
            Column::Numbers(values) => Some(Self::Numbers(Distribution::of(name, &values))),
            Column::Texts(values) => Some(Self::Texts(Categories::of(name, values.iter().map(Option::as_deref)))),
            Column::Other => None,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Numbers(of) => &of.name,
            Self::Texts(of) => &of.name,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Numbers(of) => of.count == 0,
            Self::Texts(of) => of.count == 0,
        }
    }

    /// Its pictures by the ends of their files' names, which are the original's.
    fn pictures(&self) -> Vec<(&'static str, Picture<'_>)> {
        match self {
            Self::Numbers(of) => vec![("hist", Picture::histogram(of)), ("box", Picture::box_plot(of))],
            Self::Texts(of) => vec![("hist", Picture::bars(of))],
        }
    }

    /// The numbers that the first picture shows.
    fn table(&self) -> Table {
        match self {
            Self::Numbers(of) => {
                let bins = of.bins();
                let row = |from: String, to: String, count: u64| vec![from, to, short(count as f64)];
                let ends = |index: usize| bins.edges.get(index).map_or(String::new(), |edge| short(*edge));
                let inner = bins.counts.iter().enumerate().map(|(index, count)| row(ends(index), ends(index + 1), *count));
                let below = (bins.below > 0).then(|| row(short(of.quantile(0.0)), ends(0), bins.below));
                let above = (bins.above > 0).then(|| row(ends(bins.counts.len()), short(of.quantile(1.0)), bins.above));
                Table {
                    head: ["from", "to", "values"].map(str::to_owned).to_vec(),
                    rows: below.into_iter().chain(inner).chain(above).collect(),
                }
            }
            Self::Texts(of) => Table {
                head: ["value", "rows"].map(str::to_owned).to_vec(),
                rows: of.entries.iter().take(200).map(|(text, count)| vec![text.clone(), short(*count as f64)]).collect(),
            },
        }
    }
}

/// Draws and writes everything; what two statistics have to do with each other first, since drawing takes the columns.
pub(super) fn draw(
    recipe: &Recipe,
    columns: Columns,
    means: &RowMeans,
    overall: &Overall,
    report: &AnalysisReport,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Drawn, RecipeError> {
    let folder = recipe.work_dir.join("analysis");
    let rows: Vec<(&str, &[f64])> = columns.iter().filter_map(|(name, column)| Some((name.as_str(), means.of(name, column)?))).collect();
    let most = rows.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    // Statistics that only some rows brought along cannot be laid beside the others.
    let rows: Vec<_> = rows.into_iter().filter(|(_, values)| values.len() == most).collect();
    let correlation = (rows.len() > 1).then(|| Correlation::of(&rows));
    let summaries: Vec<Summary> = columns.into_iter().filter_map(|(name, column)| Summary::of(&name, column)).collect();
    let (full, empty): (Vec<Summary>, Vec<Summary>) = summaries.into_iter().partition(|summary| !summary.is_empty());
    let mut files = Vec::new();
    let mut drawings =
        parallel(&full, recipe.np, |summary| if is_stopped() { Err(RecipeError::Stopped) } else { drawings(summary, &folder, recipe) })?;
    for drawing in &mut drawings {
        files.append(&mut drawing.files);
    }
    if recipe.one_picture && !full.is_empty() {
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for summary in &full {
            match summary {
                Summary::Numbers(of) => numbers.push(of.clone()),
                Summary::Texts(of) => texts.push(of.clone()),
            }
        }
        files.extend(write(&Picture::grid(&numbers, &texts), &folder, "all-stats", recipe.pictures)?);
    }
    let heat_map = correlation.as_ref().map(|correlation| {
        let picture = Picture::heat_map(correlation);
        files.extend(write(&picture, &folder, "stats-corr-pearson", recipe.pictures)?);
        Ok::<_, RecipeError>((picture.svg()?, correlation_table(correlation)))
    });
    let heat_map = heat_map.transpose()?;

    let dataset = recipe.dataset_path.join(", ");
    let mut page = Page::new(&format!("Analysis of {dataset}"), &counts(report));
    page.section("All statistics").table(&overall_table(overall));
    if !empty.is_empty() {
        let names: Vec<&str> = empty.iter().map(Summary::name).collect();
        page.words(&format!("Without a value in any row: {}.", names.join(", ")));
    }
    for (summary, drawing) in full.iter().zip(&drawings) {
        page.section(summary.name()).pictures(&format!("Distribution of {}", summary.name()), &drawing.svgs, Some(&summary.table()));
    }
    if let Some((svg, table)) = heat_map {
        page.section("Correlation").pictures("Correlation of every two statistics", &[svg], Some(&table));
    }
    page.section("Recipe").text("The operators and their arguments", &operators(recipe));
    let path = folder.join("report.html");
    publish(&path, page.html().as_bytes())?;
    let histograms = full.iter().filter_map(|summary| match summary {
        Summary::Numbers(of) => {
            let bins = of.bins();
            let value = json!({"edges": bins.edges, "counts": bins.counts, "below": bins.below, "above": bins.above});
            Some((of.name.clone(), value))
        }
        Summary::Texts(_) => None,
    });
    Ok(Drawn { files, page: path, histograms: histograms.collect() })
}

/// The pictures of one statistic.
struct Drawing {
    svgs: Vec<String>,
    files: Vec<PathBuf>,
}

fn drawings(summary: &Summary, folder: &Path, recipe: &Recipe) -> Result<Drawing, RecipeError> {
    let mut drawing = Drawing { svgs: Vec::new(), files: Vec::new() };
    for (end, picture) in summary.pictures() {
        drawing.svgs.push(picture.svg()?);
        if !recipe.one_picture {
            let name = format!("{}-{end}", file_name(summary.name()));
            drawing.files.extend(write(&picture, folder, &name, recipe.pictures)?);
        }
    }
    Ok(drawing)
}

/// A file that is complete or absent; not waited for until it is durable, for it is drawn again from the statistics.
fn publish(path: &Path, bytes: &[u8]) -> Result<(), RecipeError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(FsError::io("write", path))?;
    Ok(file.publish()?)
}

/// Writes a picture in each form that is wanted.
pub(crate) fn write(picture: &Picture<'_>, folder: &Path, name: &str, forms: Pictures) -> Result<Vec<PathBuf>, RecipeError> {
    let mut files = Vec::new();
    if forms.png {
        let path = folder.join(format!("{name}.png"));
        publish(&path, &picture.png()?)?;
        files.push(path);
    }
    if forms.svg {
        let path = folder.join(format!("{name}.svg"));
        publish(&path, picture.svg()?.as_bytes())?;
        files.push(path);
    }
    Ok(files)
}

/// A statistic's name as a file's: rows may bring statistics of any name along.
pub(crate) fn file_name(name: &str) -> String {
    let safe: String = name.chars().map(|c| if c.is_alphanumeric() || "_-. ".contains(c) { c } else { '_' }).take(120).collect();
    if safe.starts_with('.') || safe.is_empty() { format!("_{safe}") } else { safe }
}

/// `work` on every item by several threads; results in the order of the items, the first failure of them all.
fn parallel<T: Sync, U: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<U, RecipeError> + Sync,
) -> Result<Vec<U>, RecipeError> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn counts(report: &AnalysisReport) -> String {
    let mut words = format!("{} rows", short(report.rows_out as f64));
    for (count, what) in [(report.without_text, "left out without text"), (report.rejected, "that could not be used")] {
        if count > 0 {
            words.push_str(&format!(", {} {what}", short(count as f64)));
        }
    }
    words.push('.');
    words
}

fn overall_table(overall: &Overall) -> Table {
    let cell = |cell: &Cell| match cell {
        Cell::Number(number) => short(*number),
        Cell::Text(text) => text.clone(),
        Cell::Missing => String::new(),
    };
    let rows = overall.columns.iter().map(|(name, cells)| [name.clone()].into_iter().chain(cells.iter().map(cell)).collect());
    Table { head: ["statistic".to_owned()].into_iter().chain(overall.rows.iter().cloned()).collect(), rows: rows.collect() }
}

fn correlation_table(correlation: &Correlation) -> Table {
    let row = |(i, name): (usize, &String)| {
        let cells = (0..correlation.names.len()).map(|j| short(correlation.at(i, j)));
        [name.clone()].into_iter().chain(cells).collect()
    };
    let head = [String::new()].into_iter().chain(correlation.names.iter().cloned()).collect();
    Table { head, rows: correlation.names.iter().enumerate().map(row).collect() }
}

fn operators(recipe: &Recipe) -> String {
    let line = |step: &crate::config::Step| match &step.arguments {
        Value::Object(map) if !map.is_empty() => {
            let arguments: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("- {}: {{{}}}", step.name(), arguments.join(", "))
        }
        _ => format!("- {}", step.name()),
    };
    recipe.process.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_statistics_are_no_paths() {
        assert_eq!(file_name("text_len"), "text_len");
        assert_eq!(file_name("../../x/y"), "_.._.._x_y");
        assert_eq!(file_name(""), "_");
        assert_eq!(file_name("语言"), "语言");
    }
}
