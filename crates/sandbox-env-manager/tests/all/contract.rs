//! One body of promises, kept by every manager.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sandbox_env_manager::{Created, Dependencies, Env, EnvError, Library, Manager, Policy, Run, Status, known};
use sandbox_process::{Output, ProcessError, Stdin};

use crate::support::{Lab, fixtures, skipped};

/// What holds for every environment, whoever made it.
pub async fn holds(lab: &Lab) {
    let env = lab.env("an env");
    let env = env.as_ref();
    life(lab, env).await;
    commands(lab, env).await;
    ends(lab, env).await;
    if fixtures().is_some() {
        packages(lab, env).await;
    } else {
        skipped("packages", "`cargo xtask integration env` has some to install");
    }
    assert!(env.remove(false).await.unwrap());
    assert_eq!(env.status().await.unwrap(), Status::Absent);
    assert!(!env.remove(false).await.unwrap());
    let left: Vec<_> = std::fs::read_dir(&lab.host.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("an env")), "left behind: {left:?}");
}

async fn life(lab: &Lab, env: &dyn Env) {
    assert_eq!(env.status().await.unwrap(), Status::Absent);
    assert!(matches!(env.run_cmd(&Run::new("true", [""; 0])).await, Err(EnvError::Absent { .. })));
    assert!(matches!(env.install_py_deps(&Dependencies::list(["six"])).await, Err(EnvError::Absent { .. })));
    assert!(!env.check_availability().await.unwrap().path.as_os_str().is_empty());
    assert!(!env.plan().await.unwrap().is_empty());
    assert!(!env.prefix().exists(), "a plan makes nothing");
    assert_eq!(env.create(Policy::default()).await.unwrap(), Created::Made);
    assert!(env.exists().await.unwrap());
    let Status::Ready { python: Some(version), .. } = env.status().await.unwrap() else { panic!("{:?}", env.status().await) };
    // What the user put there survives a second create, which conda's and micromamba's own does not let it.
    let keepsake = env.prefix().join("keepsake");
    std::fs::write(&keepsake, "mine").unwrap();
    assert_eq!(env.create(Policy::default()).await.unwrap(), Created::Kept);
    assert!(keepsake.exists());
    assert_eq!(known(&lab.host).iter().map(|known| known.prefix.as_path()).collect::<Vec<_>>(), [env.prefix()]);
    let report = env.doctor().await.unwrap();
    assert_eq!(report.interpreter.unwrap().1, version);
    let start = Instant::now();
    for _ in 0..5 {
        env.status().await.unwrap();
    }
    assert!(start.elapsed() / 5 < Duration::from_millis(500), "status takes {:?}", start.elapsed() / 5);
    let other = lab.spec("an env");
    let other = sandbox_env_manager::EnvSpec { python: Some("2.7".into()), ..other };
    let stale = sandbox_env_manager::open(other, lab.host.clone()).unwrap();
    assert!(matches!(stale.status().await.unwrap(), Status::Stale { .. }));
    assert!(matches!(stale.create(Policy::default()).await, Err(EnvError::Stale { .. })));
    assert_eq!(env.create(Policy { recreate: true, ..Policy::default() }).await.unwrap(), Created::Made);
    assert!(!keepsake.exists());
}

async fn stdout(env: &dyn Env, run: &Run) -> Vec<u8> {
    let ran = env.run_cmd(run).await.unwrap();
    assert!(ran.finished.status.is_success(), "{:?}: {}", run.args, ran.finished.tail.stderr.text());
    ran.finished.tail.stdout.bytes()
}

async fn commands(lab: &Lab, env: &dyn Env) {
    let prefix = String::from_utf8(stdout(env, &Run::new("python", ["-c", "import sys; print(sys.prefix)"])).await).unwrap();
    assert_eq!(std::fs::canonicalize(prefix.trim()).unwrap(), env.prefix().canonicalize().unwrap());
    let words =
        ["", " ", "it's", "\"", "$(touch pwned)", "`id`", "a;b", "x && y", "a\nb", "*", "-x", "--", "é", "\\", "%s", "!", "~", "{a,b}"];
    let words: Vec<OsString> = words.into_iter().map(OsString::from).chain([OsStr::from_bytes(b"a\xff\xfeb").to_owned()]).collect();
    let program = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))";
    let mut run = Run::new("python", ["-c", program]);
    run.args.extend(words.iter().cloned());
    let bytes = stdout(env, &run).await;
    let seen: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    assert_eq!(seen, words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>());
    assert!(!lab.path("pwned").exists());
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("exit 127", 127), ("kill -9 $$", 137), ("kill -15 $$", 143)] {
        assert_eq!(env.run_cmd(&Run::shell(script)).await.unwrap().finished.status.shell_code(), code, "{script}");
    }
    let missing = env.run_cmd(&Run::new("no-such-program", [""; 0])).await.unwrap_err();
    assert!(matches!(missing, EnvError::Process(ProcessError::NotFound { .. })), "{missing}");
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let copy = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)";
    let mut run = Run::new("python", ["-c", copy]);
    (run.stdin, run.output) = (Stdin::Bytes(all.clone()), Output::Keep);
    let kept = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&kept);
    run.output = Output::Lines(Arc::new(move |line| lines.lock().unwrap().extend_from_slice(line.bytes)));
    stdout(env, &run).await;
    assert!(*kept.lock().unwrap() == all, "binary output was changed");
    let mut run = Run::shell("pwd -P; echo $MINE $PIP_TARGET");
    std::fs::create_dir_all(lab.path("a folder")).unwrap();
    (run.folder, run.variables) = (Some("a folder".into()), vec![("MINE".into(), "yes".into())]);
    let mut host = lab.host.clone();
    host.variables.insert("PIP_TARGET".into(), "/nowhere".into());
    let spoiled = sandbox_env_manager::open(lab.spec("an env"), host).unwrap();
    let ran = spoiled.run_cmd(&run).await.unwrap();
    assert_eq!(ran.removed.iter().filter(|removed| removed.name == "PIP_TARGET").count(), 1);
    let expected = format!("{}\nyes\n", lab.path("a folder").canonicalize().unwrap().display());
    assert_eq!(ran.finished.tail.stdout.text(), expected);
}

async fn ends(lab: &Lab, env: &dyn Env) {
    let mut run = Run::shell("setsid sh -c 'echo $$ > own; trap \"\" TERM; sleep 60' & (sh -c 'echo $$ > grand; sleep 60; :') & sleep 60");
    run.timeout = Some(Duration::from_millis(700));
    let start = Instant::now();
    let error = env.run_cmd(&run).await.unwrap_err();
    assert!(matches!(error, EnvError::Process(ProcessError::Timeout { .. })), "{error}");
    assert!(start.elapsed() < Duration::from_secs(8));
    for name in ["own", "grand"] {
        let pid = std::fs::read_to_string(lab.path(name)).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "`{name}` lives on: {stat}");
    }
}

async fn packages(lab: &Lab, env: &dyn Env) {
    env.install_py_deps(&Dependencies::default()).await.unwrap();
    env.install_py_deps(&Dependencies::list(["six; python_version >= \"3\"", "iniconfig>=1"])).await.unwrap();
    let file = lab.write("requirements.txt", "iniconfig\n# six\n");
    env.install_py_deps(&Dependencies::file(&file)).await.unwrap();
    for (folder, name) in [("lib", "liba"), ("lib with blanks", "libb")] {
        let toml = format!(
            "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n[project]\nname = \"{name}\"\nversion = \"1.2\"\n\
             [project.optional-dependencies]\nmore = [\"iniconfig\"]\n[tool.setuptools]\npy-modules = [\"{name}\"]\n"
        );
        lab.write(&format!("{folder}/pyproject.toml"), &toml);
        lab.write(&format!("{folder}/{name}.py"), "WORD = 'first'\n");
        env.install_py_deps(&Dependencies::library(folder)).await.unwrap();
        // An edit is seen.
        lab.write(&format!("{folder}/{name}.py"), "WORD = 'second word'\n");
        let word = stdout(env, &Run::new("python", ["-c", &format!("import {name}; print({name}.WORD)")])).await;
        assert_eq!(word, b"second word\n");
    }
    let library = Library { folder: "lib with blanks".into(), extras: vec!["more".into()], editable: false };
    let constraints = lab.write("constraints.txt", "iniconfig<100\n");
    let with_extras = Dependencies { libraries: vec![library], constraints: vec![constraints], ..Dependencies::default() };
    env.install_py_deps(&with_extras).await.unwrap();
    lab.write("plain/requirements.txt", "six\n");
    env.install_py_deps(&Dependencies::library("plain")).await.unwrap();
    let frozen = env.freeze().await.unwrap();
    for name in ["six==", "iniconfig=="] {
        assert!(frozen.packages.iter().any(|line| line.starts_with(name)), "{frozen:?}");
    }
    let has_conda = frozen.conda.iter().any(|line| line.starts_with("python=3"));
    assert_eq!(has_conda, lab.manager.family() == sandbox_env_manager::Family::Conda);
    let unsolvable = env.install_py_deps(&Dependencies::list(["six==99", "iniconfig"])).await.unwrap_err();
    let EnvError::ToolFailed { reason, .. } = &unsolvable else { panic!("{unsolvable}") };
    assert!(reason.contains("six") && reason.contains("99"), "{unsolvable}");
    for odd in ["", "-e .", "--index-url=x", "a\nb"] {
        let error = env.install_py_deps(&Dependencies::list([odd])).await.unwrap_err();
        assert!(matches!(error, EnvError::BadDependency { .. }), "{odd}: {error}");
    }
    for (folder, why) in [("gone", "there is no such folder"), ("a folder", "it has no `pyproject.toml`")] {
        let error = env.install_py_deps(&Dependencies::library(folder)).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert!(env.install_py_deps(&Dependencies::file("gone.txt")).await.unwrap_err().to_string().contains("there is no such file"));
}

async fn with(manager: Manager) {
    if let Some(lab) = Lab::new(manager) {
        holds(&lab).await;
    }
}

macro_rules! managers {
    ($($name:ident: $manager:expr;)*) => {$(
        #[tokio::test]
        #[ignore = "`cargo xtask integration env` runs it"]
        async fn $name() {
            with($manager).await;
        }
    )*};
}

managers! {
    contract_conda: Manager::Conda;
    contract_mamba: Manager::Mamba;
    contract_micromamba: Manager::Micromamba;
    contract_uv: Manager::Uv;
    contract_venv: Manager::Venv;
    contract_virtualenv: Manager::Virtualenv;
}
