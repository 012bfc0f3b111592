//! Python packages into an environment, of either family.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sandbox_document::{Document, Format};
use sandbox_process::Stdin;

use crate::core::{Core, Step};
use crate::error::EnvError;
use crate::manager::Manager;
use crate::probe::Interpreter;
use crate::spec::absolute;
use crate::tool;

/// What to install.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Requirements such as `six>=1.16`.
    pub list: Vec<String>,
    /// Requirements files.
    pub files: Vec<PathBuf>,
    /// Folders of libraries, with a `pyproject.toml` or `setup.py`; one that has only a `requirements.txt` means that file.
    pub libraries: Vec<Library>,
    /// Files of constraints.
    pub constraints: Vec<PathBuf>,
}

/// The folder of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The folder.
    pub folder: PathBuf,
    /// Extras of its `pyproject.toml`.
    pub extras: Vec<String>,
    /// Edits of the folder are seen without installing again.
    pub editable: bool,
}

impl Dependencies {
    /// Requirements.
    pub fn list<T: Into<String>>(list: impl IntoIterator<Item = T>) -> Self {
        Self { list: list.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// A requirements file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { files: vec![path.into()], ..Self::default() }
    }

    /// A library, so that edits of its folder are seen.
    pub fn library(folder: impl Into<PathBuf>) -> Self {
        Self { libraries: vec![Library { folder: folder.into(), extras: Vec::new(), editable: true }], ..Self::default() }
    }

    /// Whether there is nothing to do. pip and uv call an empty list an error.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.files.is_empty() && self.libraries.is_empty()
    }
}

/// Who installs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Installer {
    /// uv, told which interpreter. Never by a relative path: `cp311` is a version to it.
    Uv(PathBuf),
    /// The environment's own pip, as a module: the script `bin/pip` of a moved environment starts somebody else.
    Pip,
    /// The pip of the interpreter that the environment comes from.
    BasePip(PathBuf),
}

impl Installer {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uv(_) => "uv",
            Self::Pip => "pip",
            Self::BasePip(_) => "pip of the base interpreter",
        }
    }
}

/// uv for its own environments; else the environment's pip, then uv, then the pip of its base. Never whatever `pip` PATH finds.
pub(crate) async fn installer(core: &Core, interpreter: &Interpreter) -> Result<Installer, EnvError> {
    if core.spec.manager == Manager::Uv {
        return Ok(Installer::Uv(tool::locate(Manager::Uv, &core.host)?));
    }
    if interpreter.has_pip {
        return Ok(Installer::Pip);
    }
    let mut host = core.host.clone();
    host.tool = None;
    if let Ok(uv) = tool::find(Manager::Uv, &host).await {
        return Ok(Installer::Uv(uv.path));
    }
    let base = interpreter.base.join("bin/python3");
    match crate::probe::ask(&base, &core.variables()).await {
        Ok(found) if found.has_pip => Ok(Installer::BasePip(base)),
        _ => Err(EnvError::NoInstaller { prefix: core.prefix.clone() }),
    }
}

/// `PROGRAM ... VERB` of an installer for this environment.
fn begin(core: &Core, installer: &Installer, verb: &str) -> (PathBuf, Vec<OsString>) {
    let python = core.python();
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    match installer {
        Installer::Uv(uv) => {
            let mut args = words(&["pip", verb, "--python"]);
            args.push(python.into());
            (uv.clone(), args)
        }
        Installer::Pip => (python, words(&["-m", "pip", "--disable-pip-version-check", verb])),
        Installer::BasePip(base) => {
            let mut args = words(&["-m", "pip", "--disable-pip-version-check", "--python"]);
            args.extend([python.into(), verb.into()]);
            (base.clone(), args)
        }
    }
}

/// The command that installs.
pub(crate) fn step(core: &Core, installer: &Installer, dependencies: &Dependencies) -> Result<Step, EnvError> {
    let is_uv = matches!(installer, Installer::Uv(_));
    let (program, mut args) = begin(core, installer, "install");
    let sources = &core.host.sources;
    if is_uv {
        args.extend(sources.uv());
        if core.spec.copy {
            // uv links from its cache: a file changed in the environment would show up in every new one.
            args.extend(["--link-mode".into(), "copy".into()]);
        }
    } else {
        args.push("--no-input".into());
        args.extend(sources.pip());
    }
    for path in &dependencies.constraints {
        args.extend(["-c".into(), file(core, path)?.into()]);
    }
    for path in &dependencies.files {
        args.extend(["-r".into(), file(core, path)?.into()]);
    }
    for library in &dependencies.libraries {
        args.extend(library_args(core, library, is_uv)?);
    }
    for requirement in &dependencies.list {
        args.push(checked(requirement)?.into());
    }
    let mut variables = core.variables();
    if is_uv {
        variables.insert("UV_PYTHON_DOWNLOADS".into(), "never".into());
    }
    let tool = if is_uv { "uv pip install" } else { "pip install" };
    Ok(Step {
        tool: tool.to_owned(),
        program,
        args,
        folder: core.host.folder.clone(),
        variables,
        set: Vec::new(),
        stdin: Stdin::Empty,
        temporary: None,
    })
}

/// The command that lists what is installed.
pub(crate) fn freeze_step(core: &Core, installer: &Installer) -> Step {
    let (program, args) = begin(core, installer, "freeze");
    let folder = core.host.folder.clone();
    Step {
        tool: format!("{} freeze", installer.name()),
        program,
        args,
        folder,
        variables: core.variables(),
        set: Vec::new(),
        stdin: Stdin::Empty,
        temporary: None,
    }
}

fn bad(dependency: impl Into<String>, reason: &str) -> EnvError {
    EnvError::BadDependency { dependency: dependency.into(), reason: reason.to_owned() }
}

/// A requirement that cannot be taken for an option.
fn checked(requirement: &str) -> Result<&str, EnvError> {
    let text = requirement.trim();
    if text.is_empty() {
        return Err(bad(requirement, "it is empty"));
    }
    if text.starts_with('-') {
        return Err(bad(requirement, "it begins with `-`: options go into a requirements file, libraries are given by their folder"));
    }
    if text.chars().any(char::is_control) {
        return Err(bad(requirement, "it holds a control character"));
    }
    Ok(text)
}

fn file(core: &Core, path: &Path) -> Result<PathBuf, EnvError> {
    let path = absolute(path, &core.host.folder);
    if path.is_file() { Ok(path) } else { Err(bad(path.display().to_string(), "there is no such file")) }
}

fn library_args(core: &Core, library: &Library, is_uv: bool) -> Result<Vec<OsString>, EnvError> {
    let shown = library.folder.display().to_string();
    let folder = absolute(&library.folder, &core.host.folder);
    // Absolute: `-e "lib x"` is a folder for pip and an error for uv.
    let folder = folder.canonicalize().ok().filter(|folder| folder.is_dir()).ok_or_else(|| bad(&shown, "there is no such folder"))?;
    let is_project = ["pyproject.toml", "setup.py", "setup.cfg"].iter().any(|name| folder.join(name).is_file());
    if !is_project {
        let requirements = folder.join("requirements.txt");
        if requirements.is_file() {
            return Ok(vec!["-r".into(), requirements.into()]);
        }
        return Err(bad(&shown, "it has no `pyproject.toml`, `setup.py` or `requirements.txt`"));
    }
    let text = folder.to_str().ok_or_else(|| bad(&shown, "its path is not UTF-8"))?;
    if is_uv && let Some(odd) = text.chars().find(|character| "[]#".contains(*character)) {
        return Err(bad(&shown, &format!("uv cannot read a path with `{odd}`; rename the folder or link to it")));
    }
    let fine = |extra: &&String| !extra.is_empty() && extra.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    if let Some(odd) = library.extras.iter().find(|extra| !fine(extra)) {
        return Err(bad(odd, "it is not the name of an extra"));
    }
    let place = if library.extras.is_empty() { text.to_owned() } else { format!("{text}[{}]", library.extras.join(",")) };
    let mut args: Vec<OsString> = Vec::new();
    if library.editable {
        args.push("-e".into());
    } else if is_uv {
        // uv keeps what it built from a folder and would not see edits.
        match project_name(&folder) {
            // It takes no `--refresh-package` together with `--offline`; an edit that does not touch the project file is then not seen.
            Some(name) if core.host.sources.offline => args.extend(["--reinstall-package".into(), name.into()]),
            Some(name) => args.extend(["--reinstall-package".into(), name.clone().into(), "--refresh-package".into(), name.into()]),
            None => args.push("--no-cache".into()),
        }
    }
    args.push(place.into());
    Ok(args)
}

fn project_name(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("pyproject.toml")).ok()?;
    let document = Document::parse("pyproject.toml", &text, Format::Toml).ok()?;
    document.value.get("project")?.get("name")?.as_str().map(str::to_owned)
}
