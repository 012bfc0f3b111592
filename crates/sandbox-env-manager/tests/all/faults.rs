//! Kills at every point of `create`, and races: whatever happens, the next `create` ends ready.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sandbox_env_manager::{Created, EnvSpec, Host, Manager, Policy, Run, Sources, Status, open};
use serde_json::{Value, json};

use crate::support::{Lab, say};

/// How many points of `create` a kill is tried at.
fn kills() -> u32 {
    number("DJ_SANDBOX_KILLS", 30)
}

/// How many times a race is run.
fn rounds() -> u32 {
    number("DJ_SANDBOX_ROUNDS", 20)
}

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A process of its own that makes one environment: started by the tests below, and idle when the harness runs it by itself.
#[tokio::test]
#[ignore = "a part of other tests"]
async fn host() {
    let Ok(text) = std::env::var("DJ_SANDBOX_TEST_HOST") else { return };
    let asked: Value = serde_json::from_str(&text).unwrap();
    let texts = |key: &str| asked[key].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut host = Host::from_process();
    host.folder = asked["folder"].as_str().unwrap().into();
    host.sources = Sources { offline: true, find_links: texts("find_links"), channels: texts("channels"), ..Sources::default() };
    let manager: Manager = asked["manager"].as_str().unwrap().parse().unwrap();
    let spec = EnvSpec { manager, name: asked["name"].as_str().unwrap().to_owned(), pip: asked["pip"].as_bool(), ..EnvSpec::default() };
    let created = open(spec, host).unwrap().create(Policy::default()).await.unwrap();
    println!("created {created:?}");
}

fn start(lab: &Lab, name: &str) -> Child {
    let spec = lab.spec(name);
    let asked = json!({
        "folder": lab.host.folder, "manager": lab.manager.name(), "name": spec.name, "pip": spec.pip,
        "find_links": lab.host.sources.find_links, "channels": lab.host.sources.channels,
    });
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "faults::host", "--nocapture"]).env_clear().envs(&lab.host.variables);
    command.env("DJ_SANDBOX_TEST_HOST", asked.to_string()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Ready, with an interpreter that runs.
async fn assert_whole(lab: &Lab, name: &str) {
    let env = lab.env(name);
    let status = env.status().await.unwrap();
    assert!(matches!(status, Status::Ready { .. }), "{status:?}");
    let modules = if lab.manager.family() == sandbox_env_manager::Family::Conda { "import pip, ssl, json" } else { "import json" };
    let ran = env.run_cmd(&Run::new("python", ["-c", modules])).await.unwrap();
    assert!(ran.finished.status.is_success(), "{}", ran.finished.tail.stderr.text());
}

/// Kills the process that makes an environment at many points; then `create` must end ready, and the environment be whole.
async fn killed(manager: Manager) {
    let Some(lab) = Lab::new(manager) else { return };
    let mut longest = Duration::ZERO;
    // The first fills the caches.
    for _ in 0..2 {
        let begin = Instant::now();
        let output = start(&lab, "env").wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        longest = begin.elapsed();
        lab.env("env").remove(false).await.unwrap();
    }
    let (mut repaired, mut seen) = (0, std::collections::BTreeMap::new());
    for point in 0..kills() {
        let mut host = start(&lab, "env");
        std::thread::sleep(longest * point / kills());
        host.kill().unwrap();
        host.wait().unwrap();
        let env = lab.env("env");
        *seen.entry(env.status().await.unwrap().word()).or_insert(0) += 1;
        let created = env.create(Policy::default()).await.unwrap_or_else(|error| panic!("point {point}: {error}"));
        repaired += u32::from(created == Created::Repaired);
        assert_whole(&lab, "env").await;
        // What the killed tool still did would show now.
        assert!(env.remove(false).await.unwrap());
        assert_nothing_is_left(&lab.host.folder, point);
    }
    say(&format!("{manager}: {} kills over {longest:?}, found {seen:?}, {repaired} repaired, all ready after `create`", kills()));
}

fn assert_nothing_is_left(folder: &Path, point: u32) {
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "point {point}: {left:?}");
}

/// Several processes at once, on one environment and on one each; for the conda family with a cold cache of packages.
async fn raced(manager: Manager) {
    let Some(lab) = Lab::new(manager) else { return };
    let mut slept = 0;
    for round in 0..rounds() {
        for (count, shared) in [(2, true), (4, true), (2, false), (4, false)] {
            let _ = std::fs::remove_dir_all(lab.root().join("packages"));
            let name = |index: usize| if shared { "env".to_owned() } else { format!("env{index}") };
            let mut hosts = Vec::new();
            for index in 0..count {
                hosts.push(start(&lab, &name(index)));
                // Started together, and a little apart: micromamba fails only apart.
                slept = (slept + 37) % 300;
                std::thread::sleep(Duration::from_millis(if round % 2 == 0 { 0 } else { slept }));
            }
            let outputs: Vec<_> = hosts.into_iter().map(|host| host.wait_with_output().unwrap()).collect();
            let texts: Vec<_> = outputs.iter().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).collect();
            for output in &outputs {
                assert!(output.status.success(), "round {round}: {}", String::from_utf8_lossy(&output.stderr));
            }
            let made = texts.iter().filter(|text| text.contains("created Made")).count();
            assert_eq!(made, if shared { 1 } else { count }, "round {round}: {texts:?}");
            for index in 0..(if shared { 1 } else { count }) {
                assert_whole(&lab, &name(index)).await;
                lab.env(&name(index)).remove(false).await.unwrap();
            }
        }
    }
    say(&format!("{manager}: {} rounds of 2 and 4 processes on one and on several environments, all ready", rounds()));
}

macro_rules! managers {
    ($($killed:ident, $raced:ident: $manager:expr;)*) => {$(
        #[tokio::test]
        #[ignore = "`cargo xtask integration env` runs it"]
        async fn $killed() {
            killed($manager).await;
        }

        #[tokio::test]
        #[ignore = "`cargo xtask integration env` runs it"]
        async fn $raced() {
            raced($manager).await;
        }
    )*};
}

managers! {
    killed_conda, raced_conda: Manager::Conda;
    killed_mamba, raced_mamba: Manager::Mamba;
    killed_micromamba, raced_micromamba: Manager::Micromamba;
    killed_uv, raced_uv: Manager::Uv;
    killed_venv, raced_venv: Manager::Venv;
    killed_virtualenv, raced_virtualenv: Manager::Virtualenv;
}
