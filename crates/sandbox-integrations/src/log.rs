//! What a program prints: kept whole in a file, and followed while it is written.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sandbox_core::event::JobEvents;
use sandbox_ingest::{AutoParser, Grammar, LineParser, Record, Value};
use sandbox_process::{Line, LineSink, Source};

/// What waits to be written and read; a program that prints faster is slowed down, and nothing is lost.
const MOST_WAITING: usize = 8 << 20;
/// Lines that an error shows.
const LAST_LINES: usize = 20;
/// Bytes of a line that an error shows.
const LAST_BYTES: usize = 400;

/// The numbers of one line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// The step that the line names.
    pub step: Option<u64>,
    /// Names and numbers.
    pub values: Vec<(String, f64)>,
}

/// What a line says: a function.
pub type WatchLine = Arc<dyn Fn(&str) -> Option<Measured> + Send + Sync>;

/// How metrics are found in lines.
#[derive(Clone)]
pub enum Reading {
    /// By the grammar that the lines turn out to have.
    Auto,
    /// By this one.
    Grammar(Box<Grammar>),
    /// By a function that is called with each line.
    Lines(WatchLine),
    /// Not at all.
    Nothing,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "Auto",
            Self::Grammar(_) => "Grammar(..)",
            Self::Lines(_) => "Lines(..)",
            Self::Nothing => "Nothing",
        })
    }
}

/// A log that is being written.
///
/// Output comes in by [`sink`](Self::sink). A thread of its own writes it to the file, reads metrics out of it and hands them on as
/// events; so neither a slow disk nor many metrics slow the program down, up to some megabytes.
pub struct Log {
    path: PathBuf,
    shared: Arc<Shared>,
    thread: thread::JoinHandle<io::Result<HashMap<String, f64>>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

struct Waiting {
    bytes: Vec<u8>,
    /// Where the pieces of `bytes` end, and which stream each is of.
    ends: Vec<(Source, usize)>,
    is_closed: bool,
    last: Instant,
    lines: VecDeque<String>,
}

impl Log {
    /// A new log at `path`, which must not be there yet; `prefix` comes before the names of its metrics.
    ///
    /// # Errors
    /// A file that cannot be made, a thread that cannot be started.
    pub fn create(path: &Path, reading: Reading, events: JobEvents, prefix: Option<String>) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::create_new(path)?;
        events.log(path);
        let waiting = Waiting {
            bytes: Vec::new(),
            ends: Vec::new(),
            is_closed: false,
            last: Instant::now(),
            lines: VecDeque::with_capacity(LAST_LINES),
        };
        let shared = Arc::new(Shared { waiting: Mutex::new(waiting), changed: Condvar::new() });
        let follower = Follower { shared: shared.clone(), file, events, prefix, last: HashMap::new() };
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || follower.follow(&reading))?;
        Ok(Self { path: path.to_owned(), shared, thread })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a program's lines go in.
    pub fn sink(&self) -> LineSink {
        let shared = self.shared.clone();
        Arc::new(move |line: Line<'_>| shared.push(&line))
    }

    /// How long nothing has come in.
    pub fn silence(&self) -> Silence {
        Silence(self.shared.clone())
    }

    /// The last lines, in the order in which they came.
    pub fn last_lines(&self) -> Vec<String> {
        lock(&self.shared.waiting).lines.iter().cloned().collect()
    }

    /// Waits until everything is written and read; the last value of each metric.
    ///
    /// # Errors
    /// A file that could not be written.
    pub fn finish(self) -> io::Result<HashMap<String, f64>> {
        lock(&self.shared.waiting).is_closed = true;
        self.shared.changed.notify_all();
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread of the log panicked")))
    }
}

/// Tells how long a log has been silent.
#[derive(Clone)]
pub struct Silence(Arc<Shared>);

impl Silence {
    /// How long nothing has come in.
    pub fn lasts(&self) -> Duration {
        lock(&self.0.waiting).last.elapsed()
    }
}

impl Shared {
    fn push(&self, line: &Line<'_>) {
        let mut waiting = lock(&self.waiting);
        while waiting.bytes.len() >= MOST_WAITING && !waiting.is_closed {
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line.bytes);
        let end = waiting.bytes.len();
        waiting.ends.push((line.source, end));
        waiting.last = Instant::now();
        if waiting.lines.len() == LAST_LINES {
            waiting.lines.pop_front();
        }
        let shown = line.bytes.get(..LAST_BYTES).unwrap_or(line.bytes);
        waiting.lines.push_back(String::from_utf8_lossy(shown).trim_end().to_owned());
        drop(waiting);
        if was_empty {
            self.changed.notify_all();
        }
    }
}

/// The thread's side.
struct Follower {
    shared: Arc<Shared>,
    file: File,
    events: JobEvents,
    prefix: Option<String>,
    last: HashMap<String, f64>,
}

impl Follower {
    fn follow(mut self, reading: &Reading) -> io::Result<HashMap<String, f64>> {
        // Lines of the two streams may come in pieces between each other's.
        let mut parsers = [Parser::new(reading), Parser::new(reading)];
        let (mut bytes, mut ends, mut failed) = (Vec::new(), Vec::new(), None);
        loop {
            let mut waiting = lock(&self.shared.waiting);
            while waiting.bytes.is_empty() && !waiting.is_closed {
                waiting = self.shared.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            std::mem::swap(&mut waiting.bytes, &mut bytes);
            std::mem::swap(&mut waiting.ends, &mut ends);
            drop(waiting);
            self.shared.changed.notify_all();
            if bytes.is_empty() {
                break;
            }
            // A full disk loses the log and not the training; it is told at the end.
            if failed.is_none() {
                failed = self.file.write_all(&bytes).err();
            }
            let mut start = 0;
            for (source, end) in ends.drain(..) {
                let piece = bytes.get(start..end).unwrap_or_default();
                parsers[usize::from(source == Source::Stderr)].push(piece, &mut |measured| self.tell(measured));
                start = end;
            }
            bytes.clear();
        }
        for parser in &mut parsers {
            parser.finish(&mut |measured| self.tell(measured));
        }
        match failed.or_else(|| self.file.sync_all().err()) {
            Some(error) => Err(error),
            None => Ok(self.last),
        }
    }

    fn tell(&mut self, measured: Measured) {
        if measured.values.is_empty() {
            return;
        }
        self.last.extend(measured.values.iter().cloned());
        let values = measured.values.into_iter().map(|(name, number)| match &self.prefix {
            Some(prefix) => (format!("{prefix}.{name}"), number),
            None => (name, number),
        });
        self.events.metrics(measured.step, values);
    }
}

enum Parser {
    Auto(Box<AutoParser>),
    Grammar(Box<LineParser>),
    Lines(WatchLine, Vec<u8>),
    Nothing,
}

impl Parser {
    fn new(reading: &Reading) -> Self {
        match reading {
            Reading::Auto => Self::Auto(Box::new(AutoParser::new())),
            Reading::Grammar(grammar) => Self::Grammar(Box::new(LineParser::new(grammar))),
            Reading::Lines(watch) => Self::Lines(watch.clone(), Vec::new()),
            Reading::Nothing => Self::Nothing,
        }
    }

    fn push(&mut self, bytes: &[u8], tell: &mut impl FnMut(Measured)) {
        match self {
            Self::Auto(parser) => parser.push(bytes, &mut |record| tell(measured(record))),
            Self::Grammar(parser) => parser.push(bytes, &mut |record| tell(measured(record))),
            Self::Lines(watch, line) => {
                // Of a line without an end the beginning is enough.
                if line.len() < sandbox_ingest::LONGEST {
                    line.extend_from_slice(bytes);
                }
                if bytes.ends_with(b"\n") {
                    watch(String::from_utf8_lossy(line).trim_end_matches(['\n', '\r'])).into_iter().for_each(tell);
                    line.clear();
                }
            }
            Self::Nothing => {}
        }
    }

    fn finish(&mut self, tell: &mut impl FnMut(Measured)) {
        match self {
            Self::Auto(parser) => parser.finish(&mut |record| tell(measured(record))),
            Self::Grammar(parser) => parser.finish(&mut |record| tell(measured(record))),
            Self::Lines(watch, line) if !line.is_empty() => watch(&String::from_utf8_lossy(line)).into_iter().for_each(tell),
            Self::Lines(..) | Self::Nothing => {}
        }
    }
}

/// The numbers of a record.
fn measured(record: Record) -> Measured {
    let numbers = record.values.into_iter().filter_map(|(name, value)| match value {
        Value::Number(number) => Some((name, number)),
        Value::Text(_) => None,
    });
    Measured { step: record.step, values: numbers.collect() }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
