//! The page asked over the wire, as a browser and as a stranger would.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use sandbox_core::event::{Event, JobName, Listener};
use sandbox_dashboard::{Dashboard, Settings};
use sandbox_watcher::{Level, Recorder, RunSpec, Status, Watcher, store_path};
use serde_json::{Value, json};

struct Lab {
    folder: tempfile::TempDir,
    watcher: Watcher,
    address: SocketAddr,
    token: String,
}

impl Lab {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = store_path(folder.path().join("project"));
        let watcher = Watcher::open(&path).unwrap();
        let dashboard = Dashboard::bind(Settings { stores: vec![path], ..Settings::default() }).await.unwrap();
        let (address, token) = (dashboard.address(), dashboard.url().split_once("token=").unwrap().1.to_owned());
        tokio::spawn(dashboard.serve(std::future::pending()));
        Self { folder, watcher, address, token }
    }

    fn send(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n").unwrap();
        stream
    }

    fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        let mut text = String::new();
        self.send(path, headers).read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
    }

    fn bearer(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.token)
    }

    fn api(&self, path: &str) -> Value {
        let (status, _, body) = self.get(&format!("/api/{path}"), &self.bearer());
        assert_eq!(status, 200, "{path}: {body}");
        // A body without a length comes in pieces, each with its size on a line of its own.
        let json = body.find('{').map_or("", |at| &body[at..=body.rfind('}').unwrap()]);
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
    }

    fn project(&self) -> String {
        self.api("projects")["projects"][0]["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_see_nothing() {
    let lab = Lab::new().await;
    for path in ["/", "/assets/app.js", "/api/projects", "/api/projects/x/live", "/nowhere"] {
        assert_eq!(lab.get(path, "").0, 401, "{path}");
        let mut stream = TcpStream::connect(lab.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n{}\r\n", lab.bearer()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 403"), "{path}: {text}");
        assert!(text.to_lowercase().contains("content-security-policy: default-src 'none'"), "{path}: {text}");
    }
    let (status, head, _) = lab.get(&format!("/?token={}", lab.token), "");
    assert_eq!(status, 303);
    assert!(head.contains("location: /\r\n") && head.contains("httponly; samesite=strict"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_come_packed_and_once() {
    let lab = Lab::new().await;
    let bearer = lab.bearer();
    let (status, head, body) = lab.get("/", &bearer);
    assert!(status == 200 && head.contains("text/html") && body.contains("<div id=\"app\">"), "{head}");
    let (status, head, _) = lab.get("/assets/app.js", &bearer);
    assert!(status == 200 && head.contains("text/javascript"), "{head}");
    let tag = head.split("etag: ").nth(1).unwrap().split("\r\n").next().unwrap();
    assert_eq!(lab.get("/assets/app.js", &format!("{bearer}if-none-match: {tag}\r\n")).0, 304);
    assert_eq!(lab.get("/assets/../Cargo.toml", &bearer).0, 404);
    assert_eq!(lab.get("/api/projects/ffffffff/runs", &bearer).0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_watched_is_told() {
    let lab = Lab::new().await;
    let run = lab.watcher.start_run(RunSpec { name: "one".into(), experiment: "first".into(), ..RunSpec::default() });
    run.watch_cfgs(&[(&json!({"lr": 0.1, "api_key": "secret"}), "model")]);
    for step in 0..5000_u64 {
        run.watch_at(step, "train", &json!({"loss": if step == 17 { -9.0 } else { 1.0 / (step + 1) as f64 }}));
    }
    run.watch_number(Some(5000), "train.loss", f64::NAN);
    let uid = run.uid().to_owned();
    run.finish(Status::Done);
    lab.watcher.flush(Duration::from_secs(10));

    let project = lab.project();
    let runs = lab.api(&format!("projects/{project}/runs"));
    let row = &runs["runs"][0];
    assert_eq!((&row["name"], &row["status"], &row["summary"]["train.loss"]["last"]), (&json!("first"), &json!("done"), &json!("nan")));
    let found = lab.api(&format!("projects/{project}/runs/{uid}"));
    assert_eq!(found["config"]["model"]["lr"], 0.1);
    assert_eq!(found["run"]["summary"]["train.loss"]["min"], -9.0);
    assert!(!found.to_string().contains("secret"));
    assert_eq!(lab.api(&format!("projects/{project}/runs/{uid}/names"))["names"], json!(["train.loss"]));
    let series = lab.api(&format!("projects/{project}/runs/{uid}/series?name=train.loss&buckets=100"));
    assert_eq!((&series["count"], &series["nan"], &series["sampled"]), (&json!(5001), &json!(1), &json!(true)));
    let least: f64 = series["min"].as_array().unwrap().iter().filter_map(Value::as_f64).fold(0.0, f64::min);
    assert_eq!(least, -9.0);
    assert!(series["step"].as_array().unwrap().len() <= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_files_that_the_record_names_are_shown() {
    let lab = Lab::new().await;
    let work_dir = lab.folder.path().join("project");
    let outside = lab.folder.path().join("secret.txt");
    std::fs::write(&outside, "secret").unwrap();
    std::fs::write(work_dir.join("train.log"), "one\ntwo\nthree\n").unwrap();
    std::fs::create_dir_all(work_dir.join(".ssh")).unwrap();
    std::fs::write(work_dir.join(".ssh/key"), "secret").unwrap();
    std::fs::create_dir_all(work_dir.join("folder.log")).unwrap();
    std::os::unix::fs::symlink(&outside, work_dir.join("link.log")).unwrap();
    std::fs::write(work_dir.join("rejected.jsonl"), "{\"line\":1}\n").unwrap();

    let recorder = Recorder::new(lab.watcher.clone());
    let job = JobName { iteration: 1, pipeline: "p".into(), meta_name: "train".into() };
    let (experiment, project) = ("e".to_owned(), "p".to_owned());
    // The run was made where its folder had another name.
    recorder.event(&Event::RunStarted { project, experiment, work_dir: "/elsewhere/project".into(), resume: false, max_iterations: 1 });
    recorder.event(&Event::JobStarted { job: job.clone(), hook: "TrainModelHook".into(), type_name: None });
    let there = "/elsewhere/project/train.log".into();
    let files =
        [there, outside, work_dir.join("link.log"), work_dir.join(".ssh/key"), work_dir.join("folder.log"), work_dir.join("gone.log")];
    for file in files {
        recorder.event(&Event::Log { job: job.clone(), file });
    }
    let facts = json!({"kind": "process", "process": {"rejected_path": work_dir.join("rejected.jsonl"), "operators": []}});
    recorder.event(&Event::Report { job, facts });
    lab.watcher.flush(Duration::from_secs(10));

    let run = format!("projects/{}/runs/{}", lab.project(), recorder.uid().unwrap());
    let files = lab.api(&format!("{run}/files"))["files"].clone();
    let files = files.as_array().unwrap();
    let sizes: Vec<Option<u64>> = files.iter().map(|file| file["bytes"].as_u64()).collect();
    assert_eq!(sizes, [Some(14), None, None, None, None, None, Some(11)], "{files:?}");
    let of = |index: usize| format!("{run}/files/{}", files[index]["id"].as_str().unwrap());
    let piece = lab.api(&format!("{}?from=4&limit=5", of(0)));
    assert_eq!((&piece["text"], &piece["next"], &piece["size"]), (&json!("two\n"), &json!(8), &json!(14)));
    assert_eq!(lab.api(&format!("{}?find=THREE", of(0)))["hits"], json!([{"at": 8, "line": "three"}]));
    for index in 1..6 {
        let refused = lab.api(&of(index));
        assert!(refused["problem"].is_string() && refused["text"].is_null(), "{index}: {refused}");
    }
    assert_eq!(lab.api(&of(6))["text"], "{\"line\":1}\n");
    assert!(lab.api(&format!("{run}/files/log-999"))["problem"].is_string());
    for path in ["..%2F..%2Fsecret.txt", "%2Fetc%2Fpasswd", "log-1%00"] {
        assert!(lab.api(&format!("{run}/files/{path}"))["problem"].is_string(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_settings_are_worth() {
    let lab = Lab::new().await;
    let sweep = lab.watcher.start_run(RunSpec { name: "sweep".into(), ..RunSpec::default() });
    sweep.setup_sweep(&json!({"metric": {"name": "loss", "goal": "minimize"}}));
    for number in 0..40_u64 {
        let trial = sweep.child(RunSpec { kind: Level::Trial, name: format!("trial {number}"), ..RunSpec::default() });
        let lr = (number * 7 % 40) as f64 / 40.0;
        trial.watch_cfgs(&[(&json!({"lr": lr, "seed": number * 11 % 40, "same": 1}), "trial")]);
        trial.watch("loss", &((lr - 0.5) * (lr - 0.5)));
        trial.finish(Status::Done);
    }
    let uid = sweep.uid().to_owned();
    sweep.finish(Status::Done);
    lab.watcher.flush(Duration::from_secs(10));
    let run = format!("projects/{}/runs/{uid}", lab.project());
    let trials = lab.api(&format!("{run}/trials"));
    assert_eq!((trials["trials"].as_array().unwrap().len(), &trials["metric"], &trials["goal"]), (40, &json!("loss"), &json!("minimize")));
    let found = lab.api(&format!("{run}/importance?metric=loss"));
    let shares: Vec<(&str, f64)> =
        found["settings"].as_array().unwrap().iter().map(|row| (row["name"].as_str().unwrap(), row["share"].as_f64().unwrap())).collect();
    assert_eq!(shares.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["trial.lr", "trial.seed"]);
    assert!(shares[0].1 > 0.8 && found["explained"].as_f64().unwrap() > 0.5, "{found}");
    assert_eq!(lab.api(&format!("{run}/importance?metric=nothing")), json!({"trials": 0, "settings": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_point_is_told_within_a_second() {
    let lab = Lab::new().await;
    let run = lab.watcher.start_run(RunSpec { name: "one".into(), ..RunSpec::default() });
    lab.watcher.flush(Duration::from_secs(10));
    let stream = lab.send(&format!("/api/projects/{}/live", lab.project()), &lab.bearer());
    let uid = run.uid().to_owned();
    let (sender, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send((Instant::now(), line));
        }
    });
    // The stream is open before the point comes.
    tokio::time::sleep(Duration::from_millis(600)).await;
    while heard.try_recv().is_ok() {}
    let watched = Instant::now();
    run.watch_at(1, "train", &json!({"loss": 1.0}));
    let (told, line) = loop {
        let (at, line) = heard.recv_timeout(Duration::from_secs(10)).unwrap();
        if line.contains(&uid) {
            break (at, line);
        }
    };
    assert!(line.contains("\"points\""), "{line}");
    // A second is the promise of `cargo xtask bench`; a busy machine only must not lose it.
    assert!(told - watched < Duration::from_secs(5), "{:?}", told - watched);
}
