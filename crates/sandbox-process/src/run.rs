//! One command from its start to the end of its whole tree.

use std::io::{self, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::Receiver;
use tokio::time::{Instant, sleep, sleep_until};

use crate::command::{Command, Stdin, Until};
use crate::error::ProcessError;
use crate::output::{LONGEST_LINE, Line, LineSink, Output, Source, Tail};
use crate::signals::Asked;
use crate::tree::{self, TREE_VARIABLE, Tree};
use crate::{guard, program};

/// How long pipes are read after the last process of the tree has ended: someone outside of it may hold them.
const DRAIN: Duration = Duration::from_millis(500);
/// How often [`Until`] is asked.
const ASKING: Duration = Duration::from_millis(50);
/// How long a passed-on signal may take before the tree is ended.
const ASKED_GRACE: Duration = Duration::from_secs(10);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Status {
    /// Whether it ended with 0.
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }

    /// The code that a shell gives: 128 and the number of the signal.
    pub fn shell_code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "exit code {code}"),
            Self::Signal(signal) => write!(formatter, "signal {signal}"),
        }
    }
}

impl From<ExitStatus> for Status {
    fn from(status: ExitStatus) -> Self {
        status.code().map_or_else(|| Self::Signal(status.signal().unwrap_or(0)), Self::Code)
    }
}

/// A command that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// How.
    pub status: Status,
    /// The last it said.
    pub tail: Tail,
    /// How long it ran.
    pub elapsed: Duration,
}

/// Kills the tree when the future that watches it is dropped half-way.
struct Watched(Option<Tree>);

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(tree) = &self.0 {
            tree.kill();
        }
    }
}

/// Why the command was not left to end by itself.
enum Cut {
    Timeout(Duration),
    Asked(Signal),
    Reason(String),
}

pub(crate) async fn run(command: &Command) -> Result<Finished, ProcessError> {
    let name = command.program.to_string_lossy().into_owned();
    let watch = |source| ProcessError::Watch { program: name.clone(), source };
    let mut asked = Asked::listen(command.passes_signals).map_err(watch)?;
    tree::adopt_orphans();
    // Dropped last, when nobody of the tree is left.
    let _watch = guard::watch();
    let start = Instant::now();
    let (mut child, tree, merged) = spawn(command, &name)?;
    let mut watched = Watched(Some(tree));
    let tail = Mutex::new(Tail::new(command.tail_bytes));
    let sink = if let Output::Lines(sink) = &command.output { Some(sink) } else { None };
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut pipes = pin!(async {
        let feed = async {
            if let (Some(mut stdin), Stdin::Bytes(bytes)) = (stdin, &command.stdin) {
                // Who ends without reading all of it has its reasons.
                let _ = stdin.write_all(bytes).await;
            }
        };
        let (_, both, out, err) = tokio::join!(
            feed,
            pump(merged, Source::Stdout, sink, &tail),
            pump(stdout, Source::Stdout, sink, &tail),
            pump(stderr, Source::Stderr, sink, &tail)
        );
        both.and(out).and(err)
    });
    let (mut read, mut cut, mut killed) = (None, None, false);
    let mut deadline = command.timeout.map(|timeout| (start + timeout, timeout));
    let mut kill_at = None;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            done = &mut pipes, if read.is_none() => read = Some(done),
            () = sleep_until(deadline.map_or(start, |(at, _)| at)), if deadline.is_some() => {
                cut = cut.or(deadline.take().map(|(_, timeout)| Cut::Timeout(timeout)));
                signal(&watched, Signal::TERM);
                kill_at = Some(Instant::now() + command.grace);
            }
            () = sleep_until(kill_at.unwrap_or(start)), if kill_at.is_some() && !killed => {
                killed = true;
                signal(&watched, Signal::KILL);
            }
            reason = reason(command.until.as_ref()), if cut.is_none() => {
                cut = Some(Cut::Reason(reason));
                signal(&watched, Signal::TERM);
                kill_at = Some(Instant::now() + command.grace);
            }
            received = asked.next() => {
                if cut.is_some() {
                    kill_at = Some(Instant::now());
                } else {
                    kill_at = Some(Instant::now() + ASKED_GRACE);
                    pass_on(&watched, received);
                    cut = Some(Cut::Asked(received));
                }
            }
        }
    };
    if let Some(tree) = &mut watched.0 {
        tree.leader_is_gone = true;
    }
    // Whoever is left of the tree is asked to end, then ended: a server in the background, a child that ignores SIGINT.
    if watched.0.as_ref().is_some_and(Tree::has_members) {
        if !killed {
            signal(&watched, Signal::TERM);
            let until = Instant::now() + command.grace;
            while Instant::now() < until && watched.0.as_ref().is_some_and(Tree::has_members) {
                tokio::select! {
                    () = sleep(Duration::from_millis(5)) => {}
                    done = &mut pipes, if read.is_none() => read = Some(done),
                }
            }
        }
        if let Some(tree) = &watched.0 {
            tree.kill();
        }
    }
    watched.0 = None;
    if read.is_none() {
        // A process outside of the tree may hold the pipe: what it writes is not ours to wait for.
        read = tokio::time::timeout(DRAIN, &mut pipes).await.ok();
    }
    let status = Status::from(status.map_err(watch)?);
    if let Some(Err(source)) = read {
        return Err(watch(source));
    }
    let tail = std::mem::take(&mut *lock(&tail));
    match cut {
        Some(Cut::Timeout(after)) => Err(ProcessError::Timeout { program: name, after, tail: Box::new(tail) }),
        Some(Cut::Asked(signal)) => Err(ProcessError::Interrupted { program: name, signal: signal.as_raw(), status, tail: Box::new(tail) }),
        Some(Cut::Reason(reason)) => Err(ProcessError::Ended { program: name, reason, status, tail: Box::new(tail) }),
        None => Ok(Finished { status, tail, elapsed: start.elapsed() }),
    }
}

/// The child, its tree, and the end of the pipe that both of its streams share, where they do.
fn spawn(command: &Command, name: &str) -> Result<(tokio::process::Child, Tree, Option<Receiver>), ProcessError> {
    let failed = |source| ProcessError::Start { program: name.to_owned(), source };
    let here = std::env::current_dir().map_err(failed)?;
    let folder = command.folder.as_ref().map_or_else(|| here.clone(), |folder| here.join(folder));
    if !folder.is_dir() {
        // The system's answer would be that of a missing program.
        let missing = io::Error::new(io::ErrorKind::NotFound, format!("the folder `{}` does not exist", folder.display()));
        return Err(failed(missing));
    }
    let variable = |key: &str| match &command.environment {
        Some(variables) => variables.get(std::ffi::OsStr::new(key)).cloned(),
        None => std::env::var_os(key),
    };
    let file = program::find_program(&command.program, variable("PATH").as_deref(), Path::new(&folder))?;
    let mut started = tokio::process::Command::new(file);
    started.args(&command.args).current_dir(&folder);
    if let Some(variables) = &command.environment {
        started.env_clear().envs(variables);
    }
    let mark = tree::command_mark();
    let mut marks = std::env::var_os(TREE_VARIABLE).unwrap_or_default();
    if !marks.is_empty() {
        marks.push(":");
    }
    marks.push(format!("{}:{mark}", tree::tree_mark()));
    started.env(TREE_VARIABLE, marks);
    // A child in a group of its own is stopped when it reads the terminal: there it stays in ours, as it would in a shell.
    let reads_terminal = command.stdin == Stdin::Inherit && io::stdin().is_terminal();
    if !reads_terminal {
        started.process_group(0);
    }
    started.stdin(match &command.stdin {
        Stdin::Empty => Stdio::null(),
        Stdin::Inherit => Stdio::inherit(),
        Stdin::Bytes(_) => Stdio::piped(),
    });
    let pipe = || if matches!(command.output, Output::Inherit) { Stdio::inherit() } else { Stdio::piped() };
    let merged = if command.is_merged && !matches!(command.output, Output::Inherit) {
        let (reader, writer) = io::pipe().map_err(failed)?;
        started.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        Some(Receiver::from_owned_fd(reader.into()).map_err(failed)?)
    } else {
        started.stdout(pipe()).stderr(pipe());
        None
    };
    let child = started.spawn().map_err(failed)?;
    // Its copies of the pipe would keep it open.
    drop(started);
    let leader = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or(0);
    let tree = Tree { leader, has_group: !reads_terminal, mark, leader_is_gone: false };
    Ok((child, tree, merged))
}

/// Hands lines on as they come, with all their bytes, and keeps the last.
async fn pump(pipe: Option<impl AsyncRead + Unpin>, source: Source, sink: Option<&LineSink>, tail: &Mutex<Tail>) -> io::Result<()> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let (mut block, mut line) = (vec![0; 16 << 10], Vec::new());
    loop {
        let count = pipe.read(&mut block).await?;
        let bytes = block.get(..count).unwrap_or_default();
        lock(tail).of(source).push(bytes);
        let Some(sink) = sink else {
            if count == 0 {
                return Ok(());
            }
            continue;
        };
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if piece.ends_with(b"\n") || line.len() >= LONGEST_LINE {
                sink(Line { source, bytes: &line });
                line.clear();
            }
        }
        if count == 0 {
            if !line.is_empty() {
                sink(Line { source, bytes: &line });
            }
            return Ok(());
        }
    }
}

/// Waits for a reason to end; for ever, when nobody is to be asked.
async fn reason(until: Option<&Until>) -> String {
    let Some(until) = until else { return std::future::pending().await };
    loop {
        if let Some(reason) = (until.0)() {
            return reason;
        }
        sleep(ASKING).await;
    }
}

fn signal(watched: &Watched, signal: Signal) {
    if let Some(tree) = &watched.0 {
        tree.signal(signal);
    }
}

/// A terminal's Ctrl-C has reached those in our own group already.
fn pass_on(watched: &Watched, received: Signal) {
    if watched.0.as_ref().is_some_and(|tree| tree.has_group || received == Signal::TERM) {
        signal(watched, received);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
