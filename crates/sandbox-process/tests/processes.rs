//! Commands as users write them, and trees that do not want to end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sandbox_process::{Command, Output, ProcessError, Status, Stdin, Until};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

fn lives(pid: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).ok();
    state.is_some_and(|stat| !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X'])))
}

/// Whether the process goes within five seconds.
fn goes(pid: &str) -> bool {
    let start = Instant::now();
    while lives(pid) {
        if start.elapsed() > Duration::from_secs(5) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

/// A line of a file that a script writes, waited for.
fn written(path: &Path) -> String {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if text.ends_with('\n') {
            return text.trim().to_owned();
        }
        assert!(start.elapsed() < Duration::from_secs(10), "nothing in {}", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let words: Vec<OsString> =
        ["", " ", "it's", "\"", "$(id)", "`id`", "a;b", "a\nb", "*", "-x", "--", "é", "\\", "%s"].map(OsString::from).into();
    let words: Vec<OsString> = words.into_iter().chain([OsStr::from_bytes(b"a\xff\xfeb").to_owned()]).collect();
    let mut command = Command::new("sh").args(["-c", "for word; do printf '%s\\0' \"$word\"; done", "sh"]);
    for word in &words {
        command = command.arg(word);
    }
    let finished = command.run().await.unwrap();
    let bytes = finished.tail.stdout.bytes();
    let mut seen: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    seen.pop();
    assert_eq!(seen, words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>());
}

#[tokio::test]
async fn codes_and_signals_are_told_apart() {
    for code in [0, 1, 7, 127, 255] {
        assert_eq!(sh(&format!("exit {code}")).run().await.unwrap().status, Status::Code(code));
    }
    for signal in [9, 15] {
        assert_eq!(sh(&format!("kill -{signal} $$")).run().await.unwrap().status, Status::Signal(signal));
    }
    assert_eq!(Status::Signal(9).shell_code(), 137);
}

#[tokio::test]
async fn what_cannot_start_is_an_error_of_its_own() {
    let missing = Command::new("no-such-program").run().await.unwrap_err();
    assert_eq!(missing.to_string(), "Failed to find the program `no-such-program`");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plain"), "text").unwrap();
    let plain = Command::new("./plain").folder(folder.path()).run().await.unwrap_err();
    assert!(matches!(plain, ProcessError::NotExecutable { .. }), "{plain}");
    let gone = sh("true").folder(folder.path().join("gone")).run().await.unwrap_err();
    assert!(gone.to_string().contains("gone` does not exist"), "{gone}");
    assert!(matches!(Command::new("").run().await, Err(ProcessError::NotFound { .. })));
    assert!(matches!(Command::new("a\0b").run().await, Err(ProcessError::NotFound { .. } | ProcessError::Start { .. })));
    assert!(matches!(sh("a\0b").run().await, Err(ProcessError::Start { .. })));
}

#[tokio::test]
async fn output_is_handed_on_while_it_comes_with_all_its_bytes() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (start, kept) = (Instant::now(), Arc::clone(&lines));
    let sink = Output::Lines(Arc::new(move |line| kept.lock().unwrap().push((start.elapsed(), line.bytes.to_vec()))));
    let finished = sh("printf 'a\\377b\\n'; sleep 0.4; printf '\\0\\r\\nend'").output(sink).run().await.unwrap();
    let lines = lines.lock().unwrap().clone();
    let bytes: Vec<&[u8]> = lines.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    assert_eq!(bytes, [b"a\xffb\n".as_slice(), b"\0\r\n", b"end"]);
    assert!(lines[1].0 - lines[0].0 > Duration::from_millis(200), "the first line waited for the second");
    assert_eq!(finished.tail.stdout.bytes(), b"a\xffb\n\0\r\nend");
}

#[tokio::test]
async fn much_output_without_line_ends_is_bounded() {
    let most = Arc::new(Mutex::new((0, 0)));
    let kept = Arc::clone(&most);
    let sink = Output::Lines(Arc::new(move |line| {
        let mut most = kept.lock().unwrap();
        *most = (most.0.max(line.bytes.len()), most.1 + line.bytes.len());
    }));
    let finished = sh("head -c 20000000 /dev/zero").output(sink).tail_bytes(1000).run().await.unwrap();
    let (longest, all) = *most.lock().unwrap();
    assert!(longest <= 128 << 10 && all == 20_000_000, "{longest} {all}");
    assert_eq!((finished.tail.stdout.bytes().len(), finished.tail.stdout.dropped()), (1000, 19_999_000));
}

#[tokio::test]
async fn input_environment_and_folder_are_chosen() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let finished = Command::new("cat").stdin(Stdin::Bytes(bytes.clone())).tail_bytes(1 << 20).run().await.unwrap();
    assert_eq!(finished.tail.stdout.bytes(), bytes);
    assert!(Command::new("true").stdin(Stdin::Bytes(bytes)).run().await.unwrap().status.is_success());
    assert_eq!(Command::new("cat").run().await.unwrap().tail.stdout.bytes(), b"");
    let folder = tempfile::tempdir().unwrap();
    let variables = [("PATH".into(), std::env::var_os("PATH").unwrap()), ("ONLY".into(), "this".into())].into();
    let finished = sh("echo $ONLY $HOME; pwd -P").environment(variables).folder(folder.path()).run().await.unwrap();
    let expected = format!("this\n{}\n", folder.path().canonicalize().unwrap().display());
    assert_eq!(finished.tail.stdout.text(), expected);
}

#[tokio::test]
async fn a_timeout_ends_grandchildren_and_who_called_setsid() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "setsid sh -c 'echo $$ > own; trap \"\" TERM; sleep 60' & (trap '' TERM INT; sh -c 'echo $$ > grand; sleep 60; :') & sleep 60";
    let command = sh(script).folder(folder.path()).timeout(Some(Duration::from_millis(500))).grace(Duration::from_millis(200));
    let start = Instant::now();
    let error = command.run().await.unwrap_err();
    assert!(matches!(&error, ProcessError::Timeout { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    for name in ["own", "grand"] {
        assert!(goes(&written(&folder.path().join(name))), "`{name}` lives on");
    }
}

#[tokio::test]
async fn what_is_left_in_the_background_ends_with_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let script = "sleep 30 & echo $! > a; setsid sh -c 'echo $$ > b; sleep 30; :' & while ! [ -s b ]; do sleep 0.01; done; exit 3";
    let finished = sh(script).folder(folder.path()).run().await.unwrap();
    assert_eq!(finished.status, Status::Code(3));
    assert!(start.elapsed() < Duration::from_secs(3), "the held pipe kept us: {:?}", start.elapsed());
    for name in ["a", "b"] {
        assert!(goes(&written(&folder.path().join(name))), "`{name}` lives on");
    }
}

#[tokio::test]
async fn a_dropped_future_ends_the_tree() {
    let folder = tempfile::tempdir().unwrap();
    let command = sh("setsid sh -c 'echo $$ > pid; sleep 60; :'").folder(folder.path());
    let path = folder.path().join("pid");
    tokio::select! {
        _ = command.run() => unreachable!(),
        () = async { while std::fs::read_to_string(&path).unwrap_or_default().is_empty() { tokio::time::sleep(Duration::from_millis(5)).await } } => {}
    }
    assert!(goes(&written(&path)));
}

/// The host of the next tests: started by them as a process of its own, never by itself.
#[tokio::test]
#[ignore = "a part of other tests"]
async fn host() {
    let script = "setsid sh -c 'echo $$; sleep 60; :' & echo $$; wait";
    let sink = Output::Lines(Arc::new(|line| eprintln!("pid {}", line.text())));
    let ended = sh(script).output(sink).pass_signals(true).grace(Duration::from_millis(300)).run().await;
    eprintln!("ended {}", ended.unwrap_err());
}

/// A host that runs, with the numbers of its command and of the command's child.
fn started_host() -> (std::process::Child, BufReader<std::process::ChildStderr>, Vec<String>) {
    let mut host = std::process::Command::new(std::env::current_exe().unwrap());
    host.args(["--ignored", "--exact", "host", "--nocapture"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut host = host.spawn().unwrap();
    let mut talk = BufReader::new(host.stderr.take().unwrap());
    let mut pids = Vec::new();
    while pids.len() < 2 {
        let mut line = String::new();
        assert!(talk.read_line(&mut line).unwrap() > 0, "the host ended");
        pids.extend(line.strip_prefix("pid ").map(|pid| pid.trim().to_owned()));
    }
    (host, talk, pids)
}

#[test]
fn when_we_are_killed_the_tree_ends_too() {
    let (mut host, _talk, pids) = started_host();
    assert!(pids.iter().all(|pid| lives(pid)));
    host.kill().unwrap();
    host.wait().unwrap();
    for pid in pids {
        assert!(goes(&pid), "{pid} lives on");
    }
}

#[test]
fn ctrl_c_is_passed_on() {
    let (mut host, mut talk, pids) = started_host();
    std::process::Command::new("kill").args(["-INT", &host.id().to_string()]).status().unwrap();
    let mut line = String::new();
    talk.read_line(&mut line).unwrap();
    assert_eq!(line, "ended `sh` was interrupted\n");
    host.wait().unwrap();
    for pid in pids {
        assert!(goes(&pid), "{pid} lives on");
    }
}

#[tokio::test]
async fn a_reason_to_end_ends_the_tree_and_lets_it_save_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let (saved, begun) = (folder.path().join("saved"), folder.path().join("begun"));
    let script = "trap 'echo saved > \"$1\"; exit 9' TERM; echo yes > \"$2\"; while :; do sleep 0.05; done";
    let (start, ready) = (Instant::now(), begun.clone());
    let until = Until::new(move || ready.exists().then(|| "it said nothing for a while".to_owned()));
    let command = Command::new("sh").args(["-c", script, "sh"]).arg(&saved).arg(&begun).until(Some(until));
    let error = command.run().await.unwrap_err();
    assert!(matches!(&error, ProcessError::Ended { status: Status::Code(9), .. }), "{error:?}");
    assert_eq!(error.to_string(), "`sh` was ended: it said nothing for a while");
    assert_eq!(written(&saved), "saved");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn merged_output_comes_in_the_order_in_which_it_was_printed() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let sink = Output::Lines(Arc::new(move |line| kept.lock().unwrap().extend_from_slice(line.bytes)));
    let script = "for i in $(seq 500); do echo out $i; echo err $i >&2; done";
    sh(script).output(sink).merged(true).run().await.unwrap();
    let expected: String = (1..=500).map(|number| format!("out {number}\nerr {number}\n")).collect();
    assert_eq!(String::from_utf8_lossy(&lines.lock().unwrap()), expected);
}
