//! Event files into a store.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use sandbox_watcher::{Node, Watched};

use crate::error::InteropError;
use crate::exported::Meter;
use crate::import::{Import, Imported, Importer, digest_of_files};
use crate::time;

use super::event::{Data, Event, Value, new_histogram};
use super::record::{Next, Records};

/// How deep below a folder files are looked for, and how many at most.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 100_000;
/// Plugins kept in mind by tag.
const MOST_TAGS: usize = 100_000;

/// Reads an event file, or all in a folder and below it. Each folder with event files is a run with the folder's path as its name, or with
/// `name` and that path; its files are read in the order of their names.
///
/// # Errors
/// Files that cannot be read or are no event files; what is in the store already; a store that cannot be written. Nothing of the run at
/// which it ended is then in the store.
pub fn import(importer: &Importer, path: &Path, name: Option<&str>, meter: &mut Meter<'_>) -> Result<Vec<Imported>, InteropError> {
    let mut folders = Vec::new();
    if path.is_dir() {
        find(path, DEEPEST, &mut folders)?;
        if folders.is_empty() {
            return Err(InteropError::Nothing { path: path.to_owned(), what: "event files (their names hold `tfevents`)" });
        }
    } else {
        folders.push((path.parent().unwrap_or(path).to_owned(), vec![path.to_owned()]));
    }
    let mut imported = Vec::new();
    for (folder, files) in folders {
        let below = folder.strip_prefix(path).unwrap_or(Path::new("")).display().to_string();
        let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own = match (name, below.as_str()) {
            (Some(name), "") => name.to_owned(),
            (Some(name), below) => format!("{name}/{below}"),
            (None, "") => last(path),
            (None, below) => below.to_owned(),
        };
        imported.push(one(importer, &own, &folder, &files, meter)?);
    }
    Ok(imported)
}

fn one(importer: &Importer, name: &str, folder: &Path, files: &[PathBuf], meter: &mut Meter<'_>) -> Result<Imported, InteropError> {
    let digest = digest_of_files(files)?;
    let source = if let [file] = files { file } else { folder };
    let mut import = importer.begin(name, &source.display().to_string(), "tensorboard", Some(digest))?;
    let mut plugins = HashMap::new();
    let mut notes = Vec::new();
    for path in files {
        let failed = || InteropError::io("read", path);
        let mut records = Records::new(BufReader::with_capacity(256 << 10, File::open(path).map_err(failed())?));
        let (mut bytes, mut passed) = (Vec::new(), 0);
        loop {
            let at = records.at;
            match records.next(&mut bytes).map_err(failed())? {
                Next::Record => row(&mut import, Event::read(&bytes), &mut plugins, meter)?,
                Next::Passed => passed += 1,
                Next::End => {
                    notes.extend((at == 0).then(|| format!("`{}` is empty", path.display())));
                    break;
                }
                Next::Damaged if at == 0 => {
                    return Err(InteropError::Malformed { path: path.clone(), place: 0, reason: "no event file".to_owned() });
                }
                Next::CutOff => {
                    notes.push(format!("`{}` ends within a record: read up to byte {at}", path.display()));
                    break;
                }
                Next::Damaged => {
                    notes.push(format!("`{}` is damaged at byte {at}: read up to there", path.display()));
                    break;
                }
            }
        }
        import.leave_out("records that are damaged or longer than 64 MiB", passed);
    }
    let mut imported = import.finish(None)?;
    imported.notes = notes;
    Ok(imported)
}

/// Takes one event as one row.
fn row(import: &mut Import<'_>, event: Event, plugins: &mut HashMap<String, String>, meter: &mut Meter<'_>) -> Result<(), InteropError> {
    let mut values = Vec::with_capacity(event.values.len());
    for Value { tag, plugin, data } in event.values {
        if !plugin.is_empty() && plugins.len() < MOST_TAGS {
            plugins.insert(tag.clone(), plugin);
        }
        let plugin = plugins.get(&tag).map_or("", String::as_str);
        let node = |node| Ok(Watched::Node(node));
        let value = match data {
            Data::Scalar(number) => node(Node::Float(number)),
            Data::Whole(number) => node(Node::Int(number)),
            Data::Bool(value) => node(Node::Bool(value)),
            Data::Texts(texts) => node(Node::Text(texts.join("\n"))),
            Data::Histogram(histogram) => Ok(Watched::Histogram(histogram)),
            Data::Numbers(numbers, sizes) if plugin == "histograms" && sizes.last() == Some(&3) => {
                new_histogram(&numbers).map(Watched::Histogram).ok_or("empty histograms")
            }
            Data::Numbers(..) => Err("tensors of several numbers"),
            Data::Other(what) => Err(what),
        };
        match value {
            Ok(value) => values.push((tag, value)),
            Err(what) => import.leave_out(what, 1),
        }
    }
    if values.is_empty() {
        return Ok(());
    }
    meter.add(values.len() as u64);
    let moment = time::of_seconds(event.seconds).filter(|_| event.seconds > 0.0);
    import.row(Some(event.step), moment, values.iter().map(|(tag, value)| (tag.as_str(), value.clone())))
}

/// Whether a file is one of events by its name; those that are half written, and profiles, are none.
fn is_events(name: &str) -> bool {
    name.contains("tfevents") && !name.ends_with(".partial") && !name.ends_with(".profile-empty")
}

/// The folders with event files, in the order of their paths.
fn find(folder: &Path, deeper: usize, found: &mut Vec<(PathBuf, Vec<PathBuf>)>) -> Result<(), InteropError> {
    let failed = || InteropError::io("read", folder);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let path = entry.path();
        if entry.file_type().map_err(failed())?.is_dir() {
            folders.push(path);
        } else if is_events(&entry.file_name().to_string_lossy()) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    folders.sort();
    if !files.is_empty() && found.len() < MOST_FILES {
        found.push((folder.to_owned(), files));
    }
    if deeper == 0 {
        return Ok(());
    }
    folders.iter().try_for_each(|folder| find(folder, deeper - 1, found))
}
