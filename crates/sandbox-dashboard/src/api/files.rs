//! Files that a run's own record names: what its jobs' programs printed, examples of what operators did, rows that were set aside.
//!
//! An address never holds a path. It holds the place in the record that names the file, and the record is asked again each time. What it
//! names must lie in the project's folder, or in the one that the program was started in; everything is read piece by piece.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use axum::extract::{Path as Asked, Query, State};
use axum::response::Response;
use sandbox_watcher::{Reader, STORE_FOLDER, WatchError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, MOST_EVENTS};

/// Bytes of one piece, unless fewer are asked for.
const PIECE: u64 = 64 << 10;
/// Bytes of one piece at most.
const MOST: u64 = 1 << 20;
/// Bytes that one search looks at.
const SEARCHED: usize = 32 << 20;
/// Lines that one search gives.
const HITS: usize = 200;
/// Bytes of a line that a search gives.
const LINE: usize = 2000;

/// A file that the record names.
#[derive(Debug)]
struct Named {
    /// What it goes by in addresses.
    id: String,
    /// `log`, `example` or `rejected`.
    kind: &'static str,
    part: String,
    job: String,
    iteration: Option<u64>,
    path: PathBuf,
}

/// All of a run's, those that came first at the front.
fn named(reader: &Reader, uid: &str) -> Result<Vec<Named>, WatchError> {
    let mut all = Vec::new();
    for event in reader.events_since(0, Some(uid), MOST_EVENTS)?.into_iter().filter(|event| event.kind == "log") {
        let text = |pointer: &str| event.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let iteration = event.value.pointer("/job/iteration").and_then(Value::as_u64);
        let (job, path) = (text("/job/meta_name"), text("/file").into());
        all.push(Named { id: format!("log-{}", event.id), kind: "log", part: event.run.clone(), job, iteration, path });
    }
    for report in reader.reports(uid, None)? {
        let kind = report.facts.get("kind").and_then(Value::as_str).unwrap_or_default();
        let Some(facts) = report.facts.get(kind) else { continue };
        let examples = facts.get("traces").and_then(Value::as_array).into_iter().flatten().map(|path| ("example", path));
        let rejected = facts.get("rejected_path").into_iter().map(|path| ("rejected", path));
        for (number, (kind, path)) in examples.chain(rejected).enumerate() {
            let Some(path) = path.as_str() else { continue };
            let id = format!("{kind}-{}-{number}", report.run);
            let (part, job) = (report.run.clone(), report.job.clone());
            all.push(Named { id, kind, part, job, iteration: report.iteration, path: path.into() });
        }
    }
    Ok(all)
}

/// Where a named file is, when it may be shown.
fn find(reader: &Reader, uid: &str, named: &Path) -> Result<PathBuf, String> {
    let work_dir = reader.run(uid).ok().and_then(|run| run.work_dir);
    // The store lies in a hidden folder of the folder that the runs work in.
    let own = reader.path().ancestors().find(|folder| folder.ends_with(STORE_FOLDER)).and_then(Path::parent);
    let own = own.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let roots: Vec<PathBuf> = own.into_iter().chain([Path::new(".")]).filter_map(|root| root.canonicalize().ok()).collect();
    let moved = work_dir.and_then(|work_dir| named.strip_prefix(work_dir).ok().map(Path::to_owned));
    let places = moved.iter().flat_map(|rest| roots.first().map(|root| root.join(rest))).chain([named.to_owned()]);
    let path = places.filter_map(|path| path.canonicalize().ok()).next().ok_or("The file is not there any more.")?;
    let is_open = |root: &PathBuf| path.strip_prefix(root).is_ok_and(|rest| !rest.components().any(is_hidden));
    if !roots.iter().any(is_open) {
        return Err("The file lies outside of the project's folder: it is not shown.".to_owned());
    }
    if path.is_file() { Ok(path) } else { Err("It is no file.".to_owned()) }
}

fn is_hidden(part: Component<'_>) -> bool {
    part.as_os_str().as_encoded_bytes().starts_with(b".") && part.as_os_str() != STORE_FOLDER
}

/// The files of a run: what they are, and how large.
pub(super) async fn list(State(api): State<Api>, Asked((project, run)): Asked<(String, String)>) -> Response {
    api.ask(project, move |reader| {
        let uid = reader.resolve(&run)?;
        let files: Vec<Value> = named(reader, &uid)?
            .into_iter()
            .map(|file| {
                let found = find(reader, &uid, &file.path);
                let bytes = found.as_ref().ok().and_then(|path| path.metadata().ok()).map(|data| data.len());
                let name = file.path.file_name().unwrap_or_default().to_string_lossy();
                json!({"id": file.id, "kind": file.kind, "part": file.part, "job": file.job, "iteration": file.iteration, "name": name,
                       "bytes": bytes, "problem": found.err()})
            })
            .collect();
        Ok(json!({"files": files}))
    })
    .await
}

/// Which piece of a file, or what to look for in it.
#[derive(Debug, Deserialize)]
pub(super) struct Piece {
    from: Option<u64>,
    limit: Option<u64>,
    find: Option<String>,
}

/// A piece of a file: from a byte on, the end of it where none is named, or with `find` the lines that hold a text.
pub(super) async fn piece(
    State(api): State<Api>,
    Asked((project, run, id)): Asked<(String, String, String)>,
    Query(asked): Query<Piece>,
) -> Response {
    let place = move |reader: &Reader| {
        let uid = reader.resolve(&run)?;
        let file = named(reader, &uid)?.into_iter().find(|file| file.id == id);
        Ok(file.map_or_else(|| Err("The run names no such file.".to_owned()), |file| find(reader, &uid, &file.path)))
    };
    let look = move |place: Result<PathBuf, String>| {
        let looked = place.and_then(|path| {
            let read = match asked.find.as_deref().filter(|text| !text.is_empty()) {
                Some(text) => search(&path, asked.from.unwrap_or(0), text),
                None => read(&path, asked.from, asked.limit.unwrap_or(PIECE).min(MOST)),
            };
            read.map_err(|error| format!("Failed to read the file: {error}"))
        });
        looked.unwrap_or_else(|problem| json!({"problem": problem}))
    };
    api.ask_then(project, place, look).await
}

/// Whole lines where that is possible; `next` is where to go on. A file that has become shorter is read anew.
fn read(path: &Path, from: Option<u64>, limit: u64) -> std::io::Result<Value> {
    let mut file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let is_tail = from.is_none();
    let mut from = from.unwrap_or(size.saturating_sub(limit));
    if from > size {
        from = 0;
    }
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    let line = |byte: &u8| *byte == b'\n';
    if is_tail && from > 0 {
        let cut = bytes.iter().position(line).map_or(0, |at| at + 1);
        bytes.drain(..cut);
        from += cut as u64;
    }
    // What a program is in the middle of printing comes with the next piece, unless a line is longer than a piece.
    if let Some(last) = bytes.iter().rposition(line)
        && from + (bytes.len() as u64) < size
    {
        bytes.truncate(last + 1);
    }
    let next = from + bytes.len() as u64;
    Ok(json!({"from": from, "next": next, "size": size, "text": String::from_utf8_lossy(&bytes)}))
}

/// Lines that hold `text`, whatever its case; `next` is where to go on, nothing at the end.
fn search(path: &Path, from: u64, text: &str) -> std::io::Result<Value> {
    let mut file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(from.min(size)))?;
    let mut bytes = Vec::new();
    file.take(SEARCHED as u64).read_to_end(&mut bytes)?;
    let is_all = from.saturating_add(bytes.len() as u64) >= size;
    if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n').filter(|_| !is_all) {
        bytes.truncate(last + 1);
    }
    let wanted = text.to_lowercase();
    let (mut hits, mut at) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let words = String::from_utf8_lossy(line);
        if words.to_lowercase().contains(&wanted) {
            hits.push(json!({"at": from + at as u64, "line": words.trim_end().chars().take(LINE).collect::<String>()}));
        }
        at += line.len();
        if hits.len() == HITS {
            break;
        }
    }
    let next = from.saturating_add(at as u64);
    Ok(json!({"hits": hits, "size": size, "next": (next < size).then_some(next)}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_lines_and_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "one\ntwo\nthree\nfo").unwrap();
        let tail = read(&path, None, 9).unwrap();
        assert_eq!((&tail["text"], &tail["from"], &tail["next"]), (&json!("three\nfo"), &json!(8), &json!(16)));
        let first = read(&path, Some(0), 6).unwrap();
        assert_eq!((&first["text"], &first["next"]), (&json!("one\n"), &json!(4)));
        // A line longer than a piece still gets on.
        let long = read(&path, Some(8), 3).unwrap();
        assert_eq!((&long["text"], &long["next"]), (&json!("thr"), &json!(11)));
        // A file that was begun anew.
        assert_eq!(read(&path, Some(99), 100).unwrap()["from"], json!(0));
    }

    #[test]
    fn a_search_gives_lines_with_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, b"a Loss 1\nb\nc loss \xff2\n").unwrap();
        let found = search(&path, 0, "LOSS").unwrap();
        assert_eq!(found["hits"], json!([{"at": 0, "line": "a Loss 1"}, {"at": 11, "line": "c loss \u{fffd}2"}]));
        assert_eq!(found["next"], Value::Null);
        std::fs::write(&path, "loss\n".repeat(HITS + 3)).unwrap();
        let more = search(&path, 0, "loss").unwrap();
        assert_eq!((more["hits"].as_array().unwrap().len(), more["next"].as_u64()), (HITS, Some(5 * HITS as u64)));
    }
}
