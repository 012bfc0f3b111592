//! A program that reads lines and answers lines, for threads: without async.
//!
//! ```
//! use std::io::Write;
//! use std::time::Duration;
//! use sandbox_process::LineProcess;
//!
//! let mut process = LineProcess::start(&["cat".to_owned()], None)?;
//! let mut feeder = process.feeder().ok_or("it has an input")?;
//! feeder.write_all(b"one\n")?;
//! drop(feeder);
//! assert_eq!(process.answer(Duration::from_secs(5), &|| false), Ok("one".to_owned()));
//! assert_eq!(process.finish(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, BufWriter};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::group;

/// Lines of standard error that are kept to tell why it failed.
const TAIL: usize = 5;
/// Answers that wait to be taken.
const WAITING: usize = 256;
/// How long a program may take to end behind its last answer.
const GRACE: Duration = Duration::from_secs(5);
/// How often is asked whether to stop while no answer comes.
const BEAT: Duration = Duration::from_millis(100);

/// A running program.
#[derive(Debug)]
pub struct LineProcess {
    child: Child,
    answers: Receiver<String>,
    tail: Arc<Mutex<VecDeque<String>>>,
    readers: Vec<JoinHandle<()>>,
}

/// Why there is no further answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It closed its output.
    Closed,
    /// It took too long.
    Silent,
    /// The run is to stop.
    Stopped,
}

impl LineProcess {
    /// Starts a program.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub fn start(command: &[String], folder: Option<&Path>) -> Result<Self, String> {
        let (program, arguments) = command.split_first().ok_or("no program is named")?;
        let mut builder = Command::new(program);
        builder.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(folder) = folder {
            builder.current_dir(folder);
        }
        let mut child = group::spawn(&mut builder).map_err(|error| format!("Failed to start `{program}`: {error}"))?;
        let (sender, answers) = sync_channel(WAITING);
        let tail = Arc::new(Mutex::new(VecDeque::new()));
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(thread::spawn(move || {
                let mut lines = BufReader::new(stdout);
                let mut line = Vec::new();
                while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let text = String::from_utf8_lossy(&line);
                    if !text.trim().is_empty() && sender.send(text.trim().to_owned()).is_err() {
                        break;
                    }
                    line.clear();
                }
            }));
        }
        if let Some(stderr) = child.stderr.take() {
            let tail = Arc::clone(&tail);
            readers.push(thread::spawn(move || {
                let mut lines = BufReader::new(stderr);
                let mut line = Vec::new();
                while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                    tail.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
                    if tail.len() > TAIL {
                        tail.pop_front();
                    }
                    drop(tail);
                    line.clear();
                }
            }));
        }
        Ok(Self { child, answers, tail, readers })
    }

    /// Where its lines go in; to be dropped behind the last one.
    pub fn feeder(&mut self) -> Option<BufWriter<ChildStdin>> {
        self.child.stdin.take().map(|stdin| BufWriter::with_capacity(1 << 16, stdin))
    }

    /// The next line that it answers, without white space around it; empty ones are passed over.
    ///
    /// # Errors
    /// Why there is none.
    pub fn answer(&mut self, limit: Duration, stop: &dyn Fn() -> bool) -> Result<String, Ended> {
        let start = Instant::now();
        loop {
            match self.answers.recv_timeout(BEAT.min(limit)) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Disconnected) => return Err(Ended::Closed),
                Err(RecvTimeoutError::Timeout) if stop() => {
                    self.kill();
                    return Err(Ended::Stopped);
                }
                Err(RecvTimeoutError::Timeout) if start.elapsed() >= limit => return Err(Ended::Silent),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Why it closed its output before all was answered.
    pub fn why_it_ended(&mut self) -> String {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break format!("the program ended before its answer ({status})"),
                Ok(None) if start.elapsed() < GRACE => thread::sleep(Duration::from_millis(1)),
                Ok(None) => break "the program closed its output before its answer".to_owned(),
                Err(error) => break format!("the program ended before its answer ({error})"),
            }
        };
        self.kill();
        self.join();
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        match tail.back() {
            Some(last) => format!("{status}: {last}"),
            None => status,
        }
    }

    /// Waits for it to end by itself now that its input has; one that does not is killed. Lines beyond the answers are told.
    pub fn finish(mut self) -> Option<String> {
        let start = Instant::now();
        let mut more = None;
        while start.elapsed() < GRACE {
            match self.answers.recv_timeout(Duration::from_millis(5)) {
                Ok(line) => more = more.or(Some(line)),
                Err(RecvTimeoutError::Disconnected) if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) => break,
                Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(1)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        more.map(|line| format!("the program wrote more lines than it was given: `{line}`"))
    }

    /// Ends it at once, with all that it started.
    pub fn kill(&mut self) {
        group::kill(&mut self.child);
    }

    fn join(&mut self) {
        for reader in self.readers.drain(..) {
            // A reader does not panic; were it to, its lines are missing and nothing else.
            let _ = reader.join();
        }
    }
}

impl Drop for LineProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
