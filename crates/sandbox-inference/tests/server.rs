//! The whole way over a real socket: a small server with scripted behaviour, the client, the component.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sandbox_core::component::{Component, ComponentError, Entry, JobContext, JobSettings, Outcome};
use sandbox_core::event::EventSink;
use sandbox_core::hook::{Category, HOOKS};
use sandbox_inference::api::ENTRY;
use serde_json::{Value, json};

/// What the server does with a question.
enum Say {
    Answer(String),
    Raw(u16, &'static str, String),
    Slow(Duration, String),
    Cut,
}

#[derive(Default)]
struct Seen {
    questions: Mutex<HashMap<String, Vec<Instant>>>,
    heads: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Seen {
    fn times(&self, question: &str) -> usize {
        self.questions.lock().unwrap().get(question).map_or(0, Vec::len)
    }
    fn total(&self) -> usize {
        self.questions.lock().unwrap().values().map(Vec::len).sum()
    }
}

/// `script` gets the last message and how often it came before.
fn serve(script: impl Fn(&str, usize) -> Say + Send + Sync + 'static) -> (String, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
    let (seen, script) = (Arc::new(Seen::default()), Arc::new(script));
    let shared = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (seen, script) = (shared.clone(), script.clone());
            std::thread::spawn(move || connection(stream.unwrap(), &seen, &*script));
        }
    });
    (url, seen)
}

fn connection(stream: TcpStream, seen: &Seen, script: &dyn Fn(&str, usize) -> Say) {
    stream.set_nodelay(true).unwrap();
    let (mut reader, mut writer) = (BufReader::new(stream.try_clone().unwrap()), stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(number) = line.to_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let messages = body["messages"].as_array().cloned().unwrap_or_default();
        let question = messages.last().map_or(&body["prompt"], |message| &message["content"]).as_str().unwrap().to_owned();
        let now = seen.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_at_once.fetch_max(now, Ordering::SeqCst);
        let before = {
            let mut questions = seen.questions.lock().unwrap();
            let times = questions.entry(question.clone()).or_default();
            times.push(Instant::now());
            times.len() - 1
        };
        seen.heads.lock().unwrap().push(head);
        let answer = |text: &str| json!({"choices": [{"message": {"content": text}, "text": text}]}).to_string();
        let (status, extra, text) = match script(&question, before) {
            Say::Answer(text) => (200, "", answer(&text)),
            Say::Raw(status, extra, text) => (status, extra, text),
            Say::Slow(time, text) => {
                std::thread::sleep(time);
                (200, "", answer(&text))
            }
            Say::Cut => {
                let _ = writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"choi");
                seen.at_once.fetch_sub(1, Ordering::SeqCst);
                let _ = writer.shutdown(std::net::Shutdown::Both);
                return;
            }
        };
        seen.at_once.fetch_sub(1, Ordering::SeqCst);
        let reply = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{extra}content-length: {}\r\n\r\n{text}", text.len());
        if writer.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

fn entry() -> &'static Entry {
    &ENTRY
}

fn context(folder: &Path) -> JobContext {
    let hook = HOOKS.iter().find(|hook| hook.category == Category::ModelInference).unwrap();
    JobContext::standalone(folder, hook, EventSink::none())
}

fn settings(folder: &Path, url: &str, more: Value) -> JobSettings {
    let mut block = json!({
        "type": "api", "model": "m", "api_endpoint": url, "dataset_path": folder.join("q.jsonl"), "export_path": folder.join("out"),
        "retry_wait_s": 0.01, "max_retry_num": 2,
    });
    block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    JobSettings::new(Value::Null, block)
}

fn component(settings: &JobSettings) -> Box<dyn Component> {
    (entry().build)(settings).unwrap_or_else(|findings| panic!("{findings:?}"))
}

async fn infer(folder: &Path, url: &str, more: Value) -> Result<Outcome, ComponentError> {
    component(&settings(folder, url, more)).run(&context(folder)).await
}

fn folder(rows: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("q.jsonl"), rows.join("\n")).unwrap();
    folder
}

fn output(folder: &Path) -> PathBuf {
    folder.join("out/q_inference.jsonl")
}

fn written(folder: &Path) -> String {
    std::fs::read_to_string(output(folder)).unwrap()
}

fn said(error: ComponentError) -> String {
    match error {
        ComponentError::Failed { message, hint, .. } => format!("{message} | {}", hint.unwrap_or_default()),
        other => other.to_string(),
    }
}

#[tokio::test]
async fn rows_keep_their_order_and_bytes_whatever_the_order_of_answers() {
    let rows: Vec<String> = (0..40).map(|n| format!("{{\"n\": {n}.50,  \"query\": \"q{n}\"}}")).collect();
    let folder = folder(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let (url, seen) = serve(|question, _| {
        let number: u64 = question[1..].parse().unwrap();
        Say::Slow(Duration::from_millis((40 - number) % 7 * 5), format!("a {question}"))
    });
    let outcome = infer(folder.path(), &url, json!({"max_concurrency": 8})).await.unwrap();
    assert_eq!(outcome.values, [json!(output(folder.path()))]);
    let wanted: String = (0..40).map(|n| format!("{{\"n\": {n}.50,  \"query\": \"q{n}\", \"response\": \"a q{n}\"}}\n")).collect();
    assert_eq!(written(folder.path()), wanted);
    assert_eq!(std::fs::read_dir(folder.path().join("out")).unwrap().count(), 1, "no journal is left");
    let most = seen.most_at_once.load(Ordering::SeqCst);
    assert!((2..=8).contains(&most), "{most}");
}

#[tokio::test]
async fn what_may_pass_is_asked_again() {
    let folder =
        folder(&[r#"{"query": "429"}"#, r#"{"query": "500"}"#, r#"{"query": "cut"}"#, r#"{"query": "garbage"}"#, r#"{"query": "slow"}"#]);
    let (url, seen) = serve(|question, before| match (question, before) {
        ("429", 0) => Say::Raw(429, "retry-after: 1\r\n", "{}".to_owned()),
        ("500", 0 | 1) => Say::Raw(500, "", "oops".to_owned()),
        ("cut", 0) => Say::Cut,
        ("garbage", 0) => Say::Raw(200, "", "<html>".to_owned()),
        ("slow", 0) => Say::Slow(Duration::from_secs(3), "late".to_owned()),
        _ => Say::Answer("yes".to_owned()),
    });
    infer(folder.path(), &url, json!({"timeout_s": 1.0})).await.unwrap();
    assert_eq!(written(folder.path()).matches("\"response\": \"yes\"").count(), 5, "{}", written(folder.path()));
    assert_eq!(["429", "500", "cut", "garbage", "slow"].map(|question| seen.times(question)), [2, 3, 2, 2, 2]);
    let questions = seen.questions.lock().unwrap();
    assert!(questions["429"][1] - questions["429"][0] >= Duration::from_secs(1), "Retry-After is respected");
}

#[tokio::test]
async fn a_row_that_fails_for_good_keeps_its_error() {
    let folder =
        folder(&[r#"{"query": "good"}"#, r#"{"query": "bad"}"#, "no row", r#"{"other": 1}"#, r#"{"query": "word", "infer_error": "old"}"#]);
    let (url, seen) = serve(|question, _| match question {
        "bad" => Say::Raw(400, "", r#"{"error": {"message": "too long"}}"#.to_owned()),
        "word" => Say::Answer("many".to_owned()),
        _ => Say::Answer(" 4.5 ".to_owned()),
    });
    let outcome = infer(folder.path(), &url, json!({"output_number": true})).await.unwrap();
    let rows: Vec<Value> = written(folder.path()).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0], json!({"query": "good", "response": 4.5}));
    assert_eq!(rows[1]["response"], Value::Null);
    assert!(rows[1]["infer_error"].as_str().unwrap().ends_with("answered 400: too long"), "{rows:?}");
    assert_eq!(rows[2]["infer_error"], "the answer is no number: `many`");
    assert_eq!((outcome.rejected_rows, seen.times("bad")), (2, 1));
    let report = &outcome.report.unwrap()["inference"];
    assert_eq!((&report["failed"], &report["rows"]), (&json!(2), &json!(3)));
}

#[tokio::test]
async fn nothing_answered_is_a_failure() {
    let some = folder(&[r#"{"query": "a"}"#, r#"{"query": "b"}"#]);
    let (url, _) = serve(|_, _| Say::Raw(500, "", "broken".to_owned()));
    let text = said(infer(some.path(), &url, json!({})).await.unwrap_err());
    assert!(text.starts_with("no row was answered; the last one: `http://") && text.contains("answered 500: broken"), "{text}");

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = said(infer(some.path(), &format!("http://{closed}"), json!({})).await.unwrap_err());
    assert!(
        text.starts_with(&format!("Failed to reach `http://{closed}/v1/chat/completions`")) && text.contains("is the server running"),
        "{text}"
    );

    let (url, seen) = serve(|_, _| Say::Raw(401, "", "who".to_owned()));
    let text = said(infer(some.path(), &url, json!({})).await.unwrap_err());
    assert!(text.contains("answered 401") && text.contains("`OPENAI_API_KEY`"), "{text}");
    assert!(seen.total() <= 2);

    for rows in [&[][..], &[r#"{"text": "x"}"#][..]] {
        let text = said(infer(folder(rows).path(), &url, json!({})).await.unwrap_err());
        assert!(text.contains("can be asked for"), "{text}");
    }
    let found = (entry().check)(&settings(some.path(), &url, json!({"dataset_path": "absent.jsonl"})));
    assert!(found.iter().any(|finding| finding.problem.message.contains("absent.jsonl")), "{found:?}");
}

#[tokio::test]
async fn functions_templates_and_prompts_are_what_the_server_gets() {
    let folder = folder(&[r#"{"query": "q", "system": "s", "n": 3, "response": 4.50}"#]);
    let (url, seen) = serve(|question, _| Say::Answer(format!("<{question}>")));
    infer(folder.path(), &url, json!({"build_messages_func": "build_messages_for_math_qa"})).await.unwrap();
    let templates = json!({"messages": [{"role": "user", "template": "{{ query }} x {{ n }}"}], "output_pattern": "<(.*) x"});
    infer(folder.path(), &url, templates).await.unwrap();
    assert!(written(folder.path()).contains("\"response\": \"q\""));
    infer(folder.path(), &url.replace("/chat", ""), json!({})).await.unwrap();
    assert_eq!(["Question: q\nAnswer: 4.5", "q x 3", "s\nq"].map(|question| seen.times(question)), [1, 1, 1]);
}

#[tokio::test]
async fn a_probe_asks_about_a_sample() {
    let rows: Vec<String> = (0..10).map(|row| format!("{{\"query\": \"q{row}\"}}")).collect();
    let folder = folder(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let (url, seen) = serve(|question, _| Say::Answer(format!("<{question}>")));
    let recipe = |more: Value| {
        let mut recipe = json!({"dataset_path": folder.path().join("q.jsonl")});
        recipe.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        JobSettings::new(recipe, json!({"type": "api", "model": "m", "api_endpoint": url}))
    };
    let probe = sandbox_inference::probe::ENTRY;
    let settings = recipe(json!({"data_probe_ratio": 0.25}));
    assert_eq!((probe.check)(&settings), []);
    let outcome = (probe.build)(&settings).ok().unwrap().run(&context(folder.path())).await.unwrap();
    let answers = folder.path().join("probes/anonymous_meta_name/sample_inference.jsonl");
    assert_eq!(outcome.values, [json!(answers)]);
    // NumPy's default_rng(42).permutation(10) begins with 5, 6, 0.
    let expected: String = [5, 6, 0].map(|row| format!("{{\"query\": \"q{row}\", \"response\": \"<q{row}>\"}}\n")).concat();
    assert_eq!(std::fs::read_to_string(answers).unwrap(), expected);
    assert_eq!(seen.total(), 3);
    for (wrong, part) in [
        (json!({"data_probe_ratio": 0}), "above 0"),
        (json!({"data_probe_algo": "topk_specified_field_selector"}), "is not here"),
        (json!({"dataset_path": "absent.jsonl"}), "absent.jsonl"),
        (json!({"dataset_path": null}), "missing key"),
    ] {
        let findings = (probe.check)(&recipe(wrong));
        assert!(findings.iter().any(|finding| finding.problem.message.contains(part)), "{part}: {findings:?}");
    }
}

#[tokio::test]
async fn the_limit_of_questions_is_kept() {
    let rows: Vec<String> = (0..6).map(|n| format!("{{\"query\": \"{n}\"}}")).collect();
    let folder = folder(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let (url, _) = serve(|_, _| Say::Answer("a".to_owned()));
    let start = Instant::now();
    infer(folder.path(), &url, json!({"requests_per_minute": 240})).await.unwrap();
    // Four at once, two more at four a second.
    assert!(start.elapsed() >= Duration::from_millis(450), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_stopped_job_ends_at_once() {
    let folder = folder(&[r#"{"query": "a"}"#]);
    let (url, _) = serve(|_, _| Say::Slow(Duration::from_secs(60), "late".to_owned()));
    let (component, job) = (component(&settings(folder.path(), &url, json!({}))), context(folder.path()));
    let stop = job.stop.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        stop.set();
    });
    let start = Instant::now();
    assert!(matches!(component.run(&job).await, Err(ComponentError::Interrupted)));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(!output(folder.path()).exists());
}

#[test]
fn keys_in_the_configuration_are_refused() {
    let folder = folder(&[]);
    let said = |more: Value| -> Vec<String> {
        let findings = (entry().check)(&settings(folder.path(), "http://127.0.0.1:1", more));
        findings.into_iter().filter(|finding| finding.problem.is_error()).map(|finding| finding.problem.message).collect()
    };
    for more in
        [json!({"api_key": "sk-1"}), json!({"model_params": {"api_key": "sk-1"}}), json!({"sampling_params": {"Authorization": "sk-1"}})]
    {
        let errors = said(more);
        assert!(errors.len() == 1 && errors[0].contains("where keys must not be") && !errors[0].contains("sk-1"), "{errors:?}");
    }
    assert!(said(json!({"api_endpoint": "https://me:sk-1@h/v1"}))[0].contains("a name or a password"));
    assert!(said(json!({"api_key_env": "NO_SUCH_KEY_IS_SET"}))[0].contains("is not set"));
    assert_eq!(said(json!({"output_pattern": "(", "max_concurrency": 0, "timeout_s": -1, "messages": []})).len(), 4);
    assert!(said(json!({})).is_empty());
}

/// The other end of the two tests below: does nothing unless it is started by them.
#[tokio::test]
async fn child() {
    let Ok(url) = std::env::var("INFERENCE_TEST_URL") else { return };
    let folder = PathBuf::from(std::env::var("INFERENCE_TEST_FOLDER").unwrap());
    let more = json!({"max_concurrency": 4, "api_key_env": "INFERENCE_TEST_KEY"});
    if let Err(error) = infer(&folder, &url, more).await {
        println!("{}", said(error));
    }
}

fn start_child(folder: &Path, url: &str) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .envs([("INFERENCE_TEST_URL", url), ("INFERENCE_TEST_KEY", "sk-very-secret"), ("INFERENCE_TEST_FOLDER", folder.to_str().unwrap())])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let rows: Vec<String> = (0..200).map(|n| format!("{{\"query\": \"q{n}\"}}")).collect();
    let folder = folder(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let (url, seen) = serve(|question, _| Say::Slow(Duration::from_millis(5), format!("a {question}")));
    let mut child = start_child(folder.path(), &url);
    while seen.total() < 80 {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!output(folder.path()).exists());
    let first = seen.total();
    assert!(first < 200, "killed too late: {first}");
    assert!(start_child(folder.path(), &url).wait().unwrap().success());
    let wanted: String = (0..200).map(|n| format!("{{\"query\": \"q{n}\", \"response\": \"a q{n}\"}}\n")).collect();
    assert_eq!(written(folder.path()), wanted);
    // Only what was on its way (four questions, and answers that were not yet read) is asked for twice.
    let again = seen.total() - 200;
    assert!(again <= 24, "{again} of {first} were asked for again");
}

#[test]
fn the_key_goes_to_the_server_and_nowhere_else() {
    let folder = folder(&[r#"{"query": "a"}"#, r#"{"query": "b"}"#]);
    let (url, seen) = serve(|question, _| match question {
        "a" => Say::Answer("yes".to_owned()),
        _ => Say::Raw(400, "", r#"{"error": {"message": "bad key sk-very-secret"}}"#.to_owned()),
    });
    let done = start_child(folder.path(), &url).wait_with_output().unwrap();
    assert!(seen.heads.lock().unwrap().iter().all(|head| head.to_lowercase().contains("authorization: bearer sk-very-secret")));
    let told = [done.stdout, done.stderr].concat();
    assert!(!String::from_utf8_lossy(&told).contains("sk-very-secret"));
    assert!(written(folder.path()).contains("bad key ***") && !written(folder.path()).contains("sk-very-secret"));
}
