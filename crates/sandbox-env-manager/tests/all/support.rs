//! Tools and folders of the tests.

use std::io::Write;
use std::path::{Path, PathBuf};

use sandbox_env_manager::{Env, EnvSpec, Host, Manager, Sources, open};
use tempfile::TempDir;

/// Says that something cannot be seen here.
pub fn skipped(what: &str, why: &str) {
    say(&format!("SKIPPED: {what}: {why}"));
}

/// Speaks past the test harness, which keeps the words of passing tests.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The folder that `cargo xtask fixtures env` made.
pub fn fixtures() -> Option<PathBuf> {
    std::env::var_os("DJ_SANDBOX_FIXTURES").map(PathBuf::from)
}

/// A folder of its own for everything: environments, caches, the user's home.
pub struct Lab {
    folder: TempDir,
    pub host: Host,
    pub manager: Manager,
}

impl Lab {
    /// For a manager whose tool is there; `None`, loudly, when it is not.
    pub fn new(manager: Manager) -> Option<Self> {
        let lab = Self::bare(manager);
        if manager == Manager::Conda && !is_on_path(&lab.host, "conda") {
            skipped("conda", "no registry has it; install Miniforge to test with it");
            return None;
        }
        if !is_on_path(&lab.host, lab.program()) {
            skipped(manager.name(), manager.how_to_install());
            return None;
        }
        Some(lab)
    }

    /// For a manager, whether its tool is there or not.
    pub fn bare(manager: Manager) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut host = Host::from_process();
        host.folder = folder.path().join("work");
        std::fs::create_dir(&host.folder).unwrap();
        let mut set = |name: &str, value: PathBuf| host.variables.insert(name.into(), value.into());
        for (name, place) in [
            ("HOME", "home"),
            ("XDG_CACHE_HOME", "home/.cache"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("MAMBA_ROOT_PREFIX", "mamba"),
            ("CONDA_PKGS_DIRS", "packages"),
            ("CONDARC", "home/condarc"),
        ] {
            set(name, folder.path().join(place));
        }
        std::fs::create_dir(folder.path().join("home")).unwrap();
        std::fs::write(folder.path().join("home/condarc"), "show_banner: false\n").unwrap();
        if let Some(fixtures) = fixtures() {
            let bin = fixtures.join("bin");
            let path = std::env::var_os("PATH").unwrap_or_default();
            // A tool on PATH wins over one that was made for the tests.
            let path = std::env::join_paths(std::env::split_paths(&path).chain([bin])).unwrap();
            host.variables.insert("PATH".into(), path);
            host.sources = Sources {
                offline: true,
                find_links: vec![fixtures.join("wheels").display().to_string()],
                channels: vec![format!("file://{}", fixtures.join("channel").display())],
                ..Sources::default()
            };
        } else {
            host.sources.offline = true;
        }
        Self { folder, host, manager }
    }

    fn program(&self) -> &'static str {
        if self.manager == Manager::Venv { "python3" } else { self.manager.name() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.host.folder.join(name)
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// What is quick to make and whole enough to work in.
    pub fn spec(&self, name: &str) -> EnvSpec {
        let pip = if self.manager == Manager::Venv || self.manager == Manager::Virtualenv { Some(false) } else { None };
        EnvSpec { manager: self.manager, name: format!("./{name}"), pip, ..EnvSpec::default() }
    }

    pub fn env(&self, name: &str) -> Box<dyn Env> {
        open(self.spec(name), self.host.clone()).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn is_on_path(host: &Host, program: &str) -> bool {
    let path = host.variables.get(std::ffi::OsStr::new("PATH"));
    // A shim of pyenv stands for a program that may be in none of its versions.
    let found = sandbox_process::candidates(program, path.map(|path| path.as_os_str()));
    found.iter().any(|file| program == "python3" || !file.to_string_lossy().contains("/shims/"))
}
