//! The program, started, watched and stopped.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

/// The program under test, which Cargo has built for this package: it stands beside the folder of the test itself.
pub fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = std::env::current_exe().expect("the path of the test");
        let folder = test.parent().and_then(Path::parent).expect("a test stands in `deps`");
        let program = folder.join(format!("dj-sandbox-under-test{}", std::env::consts::EXE_SUFFIX));
        assert!(program.is_file(), "`{}` is not built: run the tests through `cargo test`", program.display());
        program
    });
    &PROGRAM
}

/// Says that a case cannot be seen here, and how it can be: past the test harness, which keeps the words of passing tests.
pub fn skipped(why: &str) {
    // Without standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// A run that has ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    arguments: Vec<String>,
    folder: String,
}

impl Ran {
    pub(crate) fn new(arguments: &[&str], folder: &Path, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            folder: folder.to_string_lossy().into_owned(),
        }
    }

    /// Fails the test when the exit code is another one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    /// Command, exit code and all that was said, without what differs from run to run: for snapshots.
    pub fn snapshot(&self) -> String {
        self.filtered(&self.to_string())
    }

    /// Exit code and standard error alone, without what differs from run to run.
    pub fn complaint(&self) -> String {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        self.filtered(&format!("exit code: {code}\n{}", self.stderr))
    }

    fn filtered(&self, text: &str) -> String {
        /// What is measured, lines that only a slow machine sees, and lists of all names there are, which grow.
        static VARYING: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
            let regex = |pattern| Regex::new(pattern).expect("a pattern of this list");
            [
                (regex(r"(?m)^ {6}\S.*\b(left|rows/s|MB/s)\b.*\n"), ""),
                (regex(r"\b\d+ (h|min) \d+ (min|s)\b"), "[TIME]"),
                (regex(r"\b\d+(\.\d+)? s\b"), "[TIME]"),
                (regex(r"(?m)(known: )\S+(, \S+){5,}$"), "${1}[NAMES]"),
            ]
        });
        let text = text.replace(&self.folder, "[FOLDER]").replace("dj-sandbox-under-test", "dj-sandbox");
        VARYING.iter().fold(text, |text, (regex, with)| regex.replace_all(&text, *with).into_owned())
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        write!(out, "$ dj-sandbox {}\nexit code: {code}\n", self.arguments.join(" "))?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)].into_iter().filter(|(_, text)| !text.is_empty()) {
            write!(out, "---- {name}\n{text}")?;
        }
        Ok(())
    }
}

/// A run that has not ended yet, its lines read as they come.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    readers: Vec<JoinHandle<String>>,
    arguments: Vec<String>,
    folder: PathBuf,
}

impl Running {
    pub(crate) fn start(mut command: Command, arguments: &[&str], folder: &Path) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let (sender, lines) = channel();
        let stdout = reader(child.stdout.take().expect("a pipe"), |_| {});
        let stderr = reader(child.stderr.take().expect("a pipe"), move |line| {
            // Nobody may listen any more.
            let _ = sender.send(line.to_owned());
        });
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Self { child, lines, readers: vec![stdout, stderr], arguments, folder: folder.to_owned() }
    }

    /// Waits for a line on standard error that begins with this; false when the run ends before.
    pub fn saw(&self, start: &str) -> bool {
        self.lines.iter().any(|line| line.starts_with(start))
    }

    /// Ends it on the spot, as the kernel does when memory is short: nothing of the program runs any more.
    pub fn kill(mut self) -> Ran {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.wait()
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "`kill -INT` can be run");
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        let status = self.child.wait().expect("a child that was started");
        self.finish(status)
    }

    /// Waits for its end, at most so long.
    #[track_caller]
    pub fn wait_at_most(mut self, limit: Duration) -> Ran {
        let until = Instant::now() + limit;
        loop {
            match self.child.try_wait().expect("a child that was started") {
                Some(status) => return self.finish(status),
                None if Instant::now() > until => {
                    let _ = self.child.kill();
                    panic!("`dj-sandbox {}` did not end within {limit:?}", self.arguments.join(" "));
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn finish(&mut self, status: ExitStatus) -> Ran {
        let mut texts = self.readers.drain(..).map(|reader| reader.join().expect("a reader").into_bytes());
        let output = Output { status, stdout: texts.next().unwrap_or_default(), stderr: texts.next().unwrap_or_default() };
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        Ran::new(&arguments, &self.folder, &output)
    }
}

fn reader(pipe: impl std::io::Read + Send + 'static, mut told: impl FnMut(&str) + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            told(&line);
            all += &line;
            all.push('\n');
        }
        all
    })
}
