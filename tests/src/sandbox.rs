//! A folder of its own for each test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::run::{Ran, Running, program};

/// All files below a folder: path from there and content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The root of the project.
pub fn project() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("this package stands in the project").to_owned()
}

/// A fresh folder that the program runs in; it goes when the value does.
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty folder.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A folder with a copy of the project's `configs`, what a fresh checkout gives.
    pub fn with_configs() -> Self {
        let sandbox = Self::new();
        sandbox.copy(project().join("configs"), "configs");
        sandbox
    }

    /// Where it is, as the system names it.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("the temporary folder is there")
    }

    /// The whole path of something in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    /// Writes a file; its folders are made.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder");
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// A file's text.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Copies a file or folder of the project into this one.
    pub fn copy(&self, from: impl AsRef<Path>, to: &str) {
        copy(from.as_ref(), &self.path(to)).unwrap_or_else(|error| panic!("{}: {error}", from.as_ref().display()));
    }

    /// All files below a path of it, none when nothing is there.
    pub fn files(&self, below: &str) -> Files {
        let (root, mut files) = (self.path(below), Files::new());
        collect(&root, &root, &mut files);
        files
    }

    /// What a run of the demo leaves behind: all below `outputs` but the record of the run, which holds times.
    pub fn outputs(&self) -> Files {
        let mut files = self.files("outputs");
        files.retain(|path, _| !path.contains(".dj-sandbox/"));
        files
    }

    /// The program in this folder, with nothing of the caller's environment that it listens to.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.folder()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if ["DJ_SANDBOX_", "SANDBOX_STARTER_", "RUST_BACKTRACE", "RUST_LOG", "CLICOLOR"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(&*name);
            }
        }
        // What it knows of environments is this test's alone.
        command.env("DJ_SANDBOX_DATA_DIR", self.folder().join(".data")).env("DJ_SANDBOX_CACHE_DIR", self.folder().join(".cache"));
        // Help is wrapped at the width of the terminal.
        command.env("NO_COLOR", "1").env("COLUMNS", "100");
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// As [`run`](Self::run), with more environment.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = self.command(arguments);
        let output = command.envs(environment.iter().copied()).output().expect("the program starts");
        Ran::new(arguments, &self.folder(), &output)
    }

    /// Starts the program and leaves it running.
    pub fn start(&self, arguments: &[&str]) -> Running {
        self.start_with(arguments, &[])
    }

    /// As [`start`](Self::start), with more environment.
    pub fn start_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Running {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Running::start(command, arguments, &self.folder())
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        // Content only: a source that cannot be written must not give a copy that cannot.
        fs::write(to, fs::read(from)?)?;
    }
    Ok(())
}

fn collect(root: &Path, path: &Path, files: &mut Files) {
    if path.is_file() {
        let name = path.strip_prefix(root).expect("found below it").to_string_lossy().into_owned();
        files.insert(name, fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
    } else if let Ok(entries) = fs::read_dir(path) {
        entries.for_each(|entry| collect(root, &entry.expect("an entry of a folder").path(), files));
    }
}
