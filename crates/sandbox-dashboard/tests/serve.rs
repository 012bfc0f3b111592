//! The page asked over the wire, as a browser and as a stranger would.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use sandbox_dashboard::{Dashboard, Settings};
use sandbox_watcher::{RunSpec, Status, Watcher, store_path};
use serde_json::{Value, json};

struct Lab {
    _folder: tempfile::TempDir,
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
        Self { _folder: folder, watcher, address, token }
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
    assert_eq!((&row["name"], &row["status"], &row["summary"]["train.loss"]["min"]), (&json!("first"), &json!("done"), &json!(-9.0)));
    let found = lab.api(&format!("projects/{project}/runs/{uid}"));
    assert_eq!(found["config"]["model"]["lr"], 0.1);
    assert!(!found.to_string().contains("secret"));
    assert_eq!(lab.api(&format!("projects/{project}/runs/{uid}/names"))["names"], json!(["train.loss"]));
    let series = lab.api(&format!("projects/{project}/runs/{uid}/series?name=train.loss&buckets=100"));
    assert_eq!((&series["count"], &series["nan"], &series["sampled"]), (&json!(5001), &json!(1), &json!(true)));
    let least: f64 = series["min"].as_array().unwrap().iter().filter_map(Value::as_f64).fold(0.0, f64::min);
    assert_eq!(least, -9.0);
    assert!(series["step"].as_array().unwrap().len() <= 100);
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
