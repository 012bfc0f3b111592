//! Paths, folders and patterns to a list of files.

mod near;
mod walk;

use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use crate::error::DatasetError;
use crate::format::{self, InputFormat};

/// The files that `paths` name, in the order of `paths`; those of a folder or pattern sorted by path.
///
/// Each path is a file, a folder (with all below it), a pattern (`data/**/part-?.jsonl`; a file that has just this
/// name goes first), or `-` for JSON lines from standard input. In folders and patterns, only files that can be read count (see
/// [`reader`](mod@crate::reader)); names that begin with a dot are left out, and so are the
/// `pools.json`, `*_stats.jsonl` and `*_rejected.jsonl` of a folder, which tell about rows beside them. With `suffixes`, such as `jsonl` or `.json.gz`, only files that
/// end so count, packed or not. A file that is named twice is there twice.
///
/// Files that are one row each (texts, source files) stand beside rows in most folders: a `README.md`, a script. In a
/// folder or pattern they count when `suffixes` are given, or when there are more of them than of others.
/// [`resolve_all`] tells which were left out.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # for name in ["b.jsonl", "a.json.gz", "notes.txt", "pools.json", "b_rejected.jsonl"] { std::fs::write(folder.path().join(name), "")?; }
/// let path = folder.path().display().to_string();
/// let files = sandbox_dataset::resolve(&[path.clone()], &[])?;
/// assert_eq!(files, [folder.path().join("a.json.gz"), folder.path().join("b.jsonl")]);
/// assert_eq!(sandbox_dataset::resolve(&[path], &["jsonl".into()])?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A path at which nothing stands, a file or suffix that cannot be read, a folder or pattern without a file that can be.
pub fn resolve(paths: &[String], suffixes: &[String]) -> Result<Vec<PathBuf>, DatasetError> {
    Ok(resolve_all(paths, suffixes)?.files)
}

/// What [`resolve_all`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The files to read.
    pub files: Vec<PathBuf>,
    /// Texts and source files that were taken for things beside the rows. To read them, name them or their suffixes.
    pub left_out: Vec<PathBuf>,
}

/// As [`resolve`], and tells what was left out.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_all(paths: &[String], suffixes: &[String]) -> Result<Resolved, DatasetError> {
    let suffixes = suffixes.iter().map(|suffix| known_suffix(suffix)).collect::<Result<Vec<_>, _>>()?;
    let wanted = |path: &Path| format::of(path).is_some() && (suffixes.is_empty() || suffixes.iter().any(|suffix| ends_with(path, suffix)));
    let nothing = |item: &str, reason: &str| DatasetError::Nothing { item: item.to_owned(), reason: reason.to_owned() };
    let mut resolved = Resolved::default();
    for item in paths {
        let path = Path::new(item);
        let before = resolved.files.len();
        if format::is_stream(path) {
            resolved.files.push(path.to_owned());
        } else if path.is_dir() {
            let found = walk::files_below(path)?.into_iter().filter(|file| wanted(file) && !is_beside(file));
            resolved.take(found.collect(), !suffixes.is_empty());
            if resolved.files.len() == before {
                return Err(nothing(item, "has no file that fits"));
            }
        } else if path.exists() {
            if format::of(path).is_none() {
                return Err(DatasetError::unsupported(path));
            }
            if !wanted(path) {
                return Err(nothing(item, "does not end with a suffix that was asked for"));
            }
            resolved.files.push(path.to_owned());
        } else if item.contains(['*', '?', '[', '{']) {
            resolved.take(matches(item)?.into_iter().filter(|file| wanted(file)).collect(), !suffixes.is_empty());
            if resolved.files.len() == before {
                return Err(nothing(item, "matches no file that fits"));
            }
        } else {
            return Err(DatasetError::Missing { path: path.to_owned(), near: near::nearest_sibling(path) });
        }
    }
    Ok(resolved)
}

impl Resolved {
    /// Takes what a folder or pattern gives: everything when that was asked for, else texts only where they are the most.
    fn take(&mut self, found: Vec<PathBuf>, everything: bool) {
        let is_text = |file: &PathBuf| InputFormat::of(file).is_some_and(InputFormat::is_one_row);
        let texts = found.iter().filter(|file| is_text(file)).count();
        if everything || texts > found.len() - texts {
            self.files.extend(found);
        } else {
            let (texts, rows): (Vec<_>, Vec<_>) = found.into_iter().partition(is_text);
            self.files.extend(rows);
            self.left_out.extend(texts);
        }
    }
}

/// Whether a file tells about rows beside it: the manifest of data pools, statistics apart from their rows, and rows that were set aside. A folder stands for its
/// rows; who means such a file names it.
fn is_beside(file: &Path) -> bool {
    file.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name == "pools.json" || ["_rejected.jsonl", "_stats.jsonl"].iter().any(|end| name.ends_with(end)))
}

/// The suffix in lower case with its dot, if there can be files that end so.
fn known_suffix(suffix: &str) -> Result<String, DatasetError> {
    let lower = suffix.trim().to_lowercase();
    let dotted = format!(".{}", lower.trim_start_matches('.'));
    let is_known = matches!(dotted.as_str(), ".gz" | ".zst") || format::of(Path::new(&format!("x{dotted}"))).is_some();
    if is_known { Ok(dotted) } else { Err(DatasetError::Unsupported { name: suffix.to_owned() }) }
}

fn ends_with(path: &Path, suffix: &str) -> bool {
    let name = format::lower_name(path);
    name.ends_with(suffix) || format::split(&name).0.ends_with(suffix)
}

/// The files that match a pattern, sorted.
fn matches(pattern: &str) -> Result<Vec<PathBuf>, DatasetError> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|source| DatasetError::Pattern { pattern: pattern.to_owned(), source })?.compile_matcher();
    let literal = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let folder = pattern[..literal].rfind('/').map_or("", |end| &pattern[..end.max(1)]);
    let folder = Path::new(folder);
    let start = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !start.is_dir() {
        return Err(DatasetError::Missing { path: start.to_owned(), near: near::nearest_sibling(start) });
    }
    let files = walk::files_below(start)?.into_iter();
    // What is found below `.` has the form of the pattern only without it.
    let named =
        files.map(|file| if folder.as_os_str().is_empty() { file.strip_prefix(".").map(Path::to_owned).unwrap_or(file) } else { file });
    Ok(named.filter(|file| glob.is_match(file)).collect())
}
