//! What users get wrong, and what happens to machines.

use std::path::Path;

use sandbox_env_manager::{Created, Dependencies, EnvError, EnvSpec, Manager, Policy, Run, Status, open};

use crate::support::{Lab, skipped};

fn said(error: &EnvError) -> String {
    format!("{error}\n{}", error.hint().unwrap_or_default())
}

#[tokio::test]
async fn a_missing_manager_is_named_with_how_to_install_it() {
    for manager in Manager::ALL {
        let mut lab = Lab::bare(manager);
        for name in ["PATH", "CONDA_EXE", "MAMBA_EXE"] {
            lab.host.variables.insert(name.into(), "/nowhere".into());
        }
        if manager == Manager::Venv {
            continue; // its tool is an interpreter, which is looked for in the system's folders as well
        }
        let env = lab.env("env");
        let text = said(&env.create(Policy::default()).await.unwrap_err());
        assert!(text.starts_with(&format!("Failed to find `{manager}`")) && text.contains(manager.how_to_install()), "{text}");
        assert!(env.check_availability().await.is_err());
        assert_eq!(env.status().await.unwrap(), Status::Absent);
        assert!(!env.doctor().await.unwrap().problems.is_empty());
        assert_eq!(std::fs::read_dir(&lab.host.folder).unwrap().count(), 0, "something was left");
    }
    let mut lab = Lab::bare(Manager::Uv);
    lab.host.tool = Some("/nowhere/uv".into());
    let error = lab.env("env").create(Policy::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "Failed to use `/nowhere/uv` as `uv`: there is no such program");
}

#[tokio::test]
async fn a_missing_version_is_told_with_those_that_are_there() {
    for manager in [Manager::Venv, Manager::Virtualenv, Manager::Uv] {
        let Some(lab) = Lab::new(manager) else { continue };
        let spec = EnvSpec { python: Some("3.99".into()), ..lab.spec("env") };
        let error = open(spec, lab.host.clone()).unwrap().create(Policy::default()).await.unwrap_err();
        assert!(error.to_string().starts_with("Failed to find Python 3.99; found: 3."), "{error}");
        let spec = EnvSpec { python: Some("/nowhere/python".into()), ..lab.spec("env") };
        let error = open(spec, lab.host.clone()).unwrap().create(Policy::default()).await.unwrap_err();
        assert!(error.to_string().contains("/nowhere/python"), "{error}");
    }
}

#[tokio::test]
#[ignore = "`cargo xtask integration env` runs it"]
async fn the_reason_of_a_solver_is_shown_and_nothing_is_left() {
    for manager in [Manager::Conda, Manager::Mamba, Manager::Micromamba] {
        let Some(lab) = Lab::new(manager) else { continue };
        let spec = EnvSpec { python: Some("2.4".into()), ..lab.spec("env") };
        let error = open(spec, lab.host.clone()).unwrap().create(Policy::default()).await.unwrap_err();
        assert!(matches!(error, EnvError::ToolFailed { .. }) && error.to_string().contains("python 2.4"), "{error}");
        // conda and micromamba leave an environment whose `pip:` section failed, and list it.
        let channel = &lab.host.sources.channels;
        let file = lab.write("e.yaml", &format!("channels: {channel:?}\ndependencies:\n- python\n- pip:\n  - no-such-package==1\n"));
        let spec = EnvSpec { file: Some(file.clone()), ..lab.spec("env") };
        let error = open(spec, lab.host.clone()).unwrap().create(Policy::default()).await.unwrap_err();
        assert!(error.to_string().contains("no-such-package"), "{error}");
        assert!(!lab.path("env").exists() && !lab.path(".env.state").exists());
        let text = "name: other\nprefix: /nowhere\nchannels: [somewhere]\ndependencies:\n- python=3\n- pip:\n  - six\n";
        std::fs::write(&file, text).unwrap();
        let spec = EnvSpec { file: Some(file.clone()), ..lab.spec("env") };
        let env = open(spec.clone(), lab.host.clone()).unwrap();
        assert_eq!(env.create(Policy::default()).await.unwrap(), Created::Made);
        assert!(env.freeze().await.unwrap().packages.iter().any(|line| line.starts_with("six==")));
        std::fs::write(&file, text.replace("- six", "- iniconfig")).unwrap();
        let Status::Stale { reason } = env.status().await.unwrap() else { panic!("not stale") };
        assert_eq!(reason, "its environment file has changed");
        std::fs::write(&file, "- no map\n").unwrap();
        let error = env.create(Policy { recreate: true, ..Policy::default() }).await.unwrap_err();
        assert!(error.to_string().contains("has no list `dependencies`"), "{error}");
        assert!(env.prefix().exists(), "a bad file cost the environment");
    }
}

#[tokio::test]
#[ignore = "`cargo xtask integration env` runs it"]
async fn activation_is_captured_once_and_again_when_it_changes() {
    for manager in [Manager::Conda, Manager::Mamba, Manager::Micromamba] {
        let Some(lab) = Lab::new(manager) else { continue };
        let env = lab.env("env");
        env.create(Policy::default()).await.unwrap();
        let hooks = env.prefix().join("etc/conda/activate.d");
        std::fs::create_dir_all(&hooks).unwrap();
        let count = lab.path("count");
        let script = |word: &str| format!("echo noise\nprintf x >> '{}'\nexport FROM_HOOK='{word} and blanks'\n", count.display());
        let ask = Run::shell("echo $FROM_HOOK; echo $CONDA_PREFIX");
        for (word, captures) in [("first", 1), ("first", 1), ("second word", 2), ("second word", 2)] {
            std::fs::write(hooks.join("hook.sh"), script(word)).unwrap();
            if captures == 1 && word == "first" {
                let file = std::fs::File::options().write(true).open(hooks.join("hook.sh")).unwrap();
                file.set_modified(std::time::UNIX_EPOCH).unwrap();
            }
            if word == "second word" {
                let file = std::fs::File::options().write(true).open(hooks.join("hook.sh")).unwrap();
                file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(9)).unwrap();
            }
            let ran = env.run_cmd(&ask).await.unwrap();
            let expected = format!("{word} and blanks\n{}\n", env.prefix().display());
            assert_eq!(ran.finished.tail.stdout.text(), expected);
            assert_eq!(std::fs::read_to_string(&count).unwrap().len(), captures, "{word}");
        }
    }
}

/// A made environment of the machine's own venv.
async fn made() -> Option<Lab> {
    let lab = Lab::new(Manager::Venv)?;
    assert_eq!(lab.env("env").create(Policy::default()).await.unwrap(), Created::Made);
    Some(lab)
}

#[tokio::test]
async fn what_is_not_ours_is_never_touched() {
    let Some(lab) = Lab::new(Manager::Venv) else { return };
    let marker = lab.write("env/mine.txt", "mine");
    let env = lab.env("env");
    assert_eq!(env.status().await.unwrap(), Status::Foreign { what: "it is a folder with other files".into() });
    for error in [env.create(Policy::default()).await.unwrap_err(), env.remove(false).await.unwrap_err()] {
        assert!(matches!(error, EnvError::Foreign { .. }), "{error}");
    }
    assert!(matches!(env.install_py_deps(&Dependencies::list(["six"])).await, Err(EnvError::Foreign { .. })));
    assert!(env.create(Policy { recreate: true, ..Policy::default() }).await.is_err());
    let error = env.create(Policy { adopt: true, ..Policy::default() }).await.unwrap_err();
    assert!(error.to_string().contains("cannot be adopted: it has no `pyvenv.cfg`"), "{error}");
    assert_eq!(std::fs::read_to_string(&marker).unwrap(), "mine");
    assert_eq!(env.create(Policy { force: true, ..Policy::default() }).await.unwrap(), Created::Made);
    assert!(!marker.exists());
    // One that stands where ours stood is not ours.
    std::fs::remove_dir_all(env.prefix()).unwrap();
    lab.write("env/mine.txt", "mine again");
    assert!(matches!(env.status().await.unwrap(), Status::Foreign { .. }));
    assert!(env.create(Policy::default()).await.is_err() && marker.exists());
    // A link is not followed.
    std::fs::create_dir(lab.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(lab.path("elsewhere"), lab.path("link")).unwrap();
    assert_eq!(lab.env("link").status().await.unwrap(), Status::Foreign { what: "it is a link".into() });
}

#[tokio::test]
async fn a_healthy_environment_of_somebody_else_is_used_and_adopted() {
    let Some(lab) = made().await else { return };
    for name in [".env.state", "env/.dj-sandbox-env"] {
        std::fs::remove_file(lab.path(name)).unwrap();
    }
    let env = lab.env("env");
    assert!(matches!(env.status().await.unwrap(), Status::Foreign { .. }));
    assert!(env.run_cmd(&Run::new("python", ["-c", ""])).await.unwrap().finished.status.is_success());
    assert_eq!(env.create(Policy { adopt: true, ..Policy::default() }).await.unwrap(), Created::Adopted);
    assert!(env.exists().await.unwrap());
}

#[tokio::test]
async fn an_interrupted_creation_is_repaired_and_a_damaged_state_is_left_alone() {
    let Some(lab) = made().await else { return };
    let env = lab.env("env");
    let state = std::fs::read_to_string(lab.path(".env.state")).unwrap();
    for (phase, why) in [("creating", "its creation was interrupted"), ("removing", "its removal was interrupted")] {
        std::fs::write(lab.path(".env.state"), state.replace("\"ready\"", &format!("{phase:?}"))).unwrap();
        std::fs::remove_file(lab.path("env/bin/activate")).unwrap();
        assert_eq!(env.status().await.unwrap(), Status::Broken { reason: why.into() });
        assert!(matches!(env.run_cmd(&Run::new("python", [""; 0])).await, Err(EnvError::Broken { .. })));
        assert_eq!(env.create(Policy::default()).await.unwrap(), Created::Repaired);
    }
    std::fs::write(lab.path(".env.state"), &state[..40]).unwrap();
    assert!(matches!(env.status().await.unwrap(), Status::Foreign { .. }));
    assert!(env.create(Policy::default()).await.is_err() && env.prefix().exists());
}

#[tokio::test]
async fn a_moved_environment_says_so() {
    let Some(lab) = made().await else { return };
    std::fs::rename(lab.path("env"), lab.path("moved")).unwrap();
    let env = lab.env("moved");
    let Status::Broken { reason } = env.status().await.unwrap() else { panic!("{:?}", env.status().await) };
    assert!(reason.starts_with("it was moved or copied from `"), "{reason}");
    for error in [env.create(Policy::default()).await.unwrap_err(), env.run_cmd(&Run::new("python", [""; 0])).await.unwrap_err()] {
        assert!(matches!(error, EnvError::Broken { .. }), "{error}");
    }
    assert!(lab.path("moved/pyvenv.cfg").exists());
    assert_eq!(lab.env("env").status().await.unwrap(), Status::Absent);
    std::fs::rename(lab.path("moved"), lab.path("env")).unwrap();
    assert!(lab.env("env").exists().await.unwrap());
}

#[tokio::test]
async fn a_base_interpreter_that_is_gone_breaks_it_and_create_mends_it() {
    let Some(lab) = made().await else { return };
    let env = lab.env("env");
    for name in ["python", "python3"] {
        let link = env.prefix().join("bin").join(name);
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("/nowhere/python3", &link).unwrap();
    }
    let Status::Broken { reason } = env.status().await.unwrap() else { panic!("{:?}", env.status().await) };
    assert!(reason.contains("`/nowhere/python3`, which is gone"), "{reason}");
    assert!(matches!(env.run_cmd(&Run::new("python", [""; 0])).await, Err(EnvError::Broken { .. })));
    assert_eq!(env.create(Policy::default()).await.unwrap(), Created::Repaired);
    std::fs::write(env.prefix().join("pyvenv.cfg"), "home = /nowhere\n").unwrap();
    std::fs::remove_file(env.prefix().join("pyvenv.cfg")).unwrap();
    assert_eq!(env.status().await.unwrap(), Status::Broken { reason: "it has no `pyvenv.cfg`".into() });
}

#[tokio::test]
async fn folders_that_cannot_be_written_are_told() {
    let Some(lab) = Lab::new(Manager::Venv) else { return };
    // No user may make files there, not even root.
    if !Path::new("/proc/self").exists() {
        return skipped("a read-only folder", "there is no `/proc`");
    }
    let spec = EnvSpec { name: "/proc/self/env".into(), ..lab.spec("env") };
    let error = open(spec, lab.host.clone()).unwrap().create(Policy::default()).await.unwrap_err();
    assert!(matches!(error, EnvError::Fs(_)) && error.to_string().contains("/proc/"), "{error}");
    lab.write("file", "text");
    let spec = EnvSpec { name: "file/env".into(), ..lab.spec("env") };
    assert!(open(spec, lab.host.clone()).unwrap().create(Policy::default()).await.is_err());
}

#[tokio::test]
#[ignore = "`cargo xtask integration env` runs it"]
async fn a_full_disk_is_told_and_nothing_is_left() {
    for manager in [Manager::Venv, Manager::Uv, Manager::Virtualenv, Manager::Micromamba] {
        let Some(lab) = Lab::new(manager) else { continue };
        let disk = lab.path("disk");
        std::fs::create_dir(&disk).unwrap();
        let mount = |program: &str, args: &[&str]| std::process::Command::new(program).args(args).arg(&disk).status();
        let mounted = mount("mount", &["-t", "tmpfs", "-o", "size=16k", "tmpfs"]);
        if !mounted.is_ok_and(|status| status.success()) {
            return skipped("a full disk", "only root may mount one");
        }
        let spec = EnvSpec { name: disk.join("env").display().to_string(), pip: Some(true), ..lab.spec("env") };
        let result = open(spec, lab.host.clone()).unwrap().create(Policy::default()).await;
        let left = disk.join("env").exists();
        mount("umount", &[]).unwrap();
        let error = result.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("No space left") || text.contains("no space left") || text.contains("os error 28"), "{manager}: {text}");
        assert!(!left, "{manager}");
    }
}
