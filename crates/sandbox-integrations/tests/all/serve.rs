//! Servers of one's own: real ones, of Python's library, that answer, refuse, hang and die.

use std::path::Path;
use std::time::{Duration, Instant};

use sandbox_core::component::{ComponentError, Outcome};
use sandbox_core::hook::Category;
use sandbox_core::registry::Registry;
use serde_json::{Value, json};

use crate::support::{job, log, messages, registry, run};

const INFER: Category = Category::ModelInference;

/// A server that notes the questions it gets; its argument after the port says how it behaves.
const SERVER: &str = r#"
import http.server, json, os, signal, sys, threading, time
port, how = int(sys.argv[1]), sys.argv[2]
if how == "early":
    print("no model here", flush=True)
    sys.exit(3)
if how == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
count, lock = [0], threading.Lock()
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.reply(503 if how == "never" else 200, {})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        question = body["messages"][-1]["content"]
        with lock:
            count[0] += 1
            with open("asked", "a") as asked:
                asked.write(question + "\n")
            if how == "dies" and count[0] > 5:
                print("out of memory", flush=True)
                os._exit(9)
        if how == "slow" and question != "Hello":
            time.sleep(60)
        self.reply(200, {"choices": [{"message": {"content": f"<{question}>"}}]})
    def log_message(self, *words):
        pass
open("pid", "w").write(str(os.getpid()))
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"#;

const FILE: &str = "name: own\nhook: InferModelHook\nsummary: a server of one's own\nparameters:\n  how: {default: well}\n  \
                    start_timeout: {type: number, default: 20}\n  model_params: {type: map}\n\
                    command: [python3, server.py, '{{ job.port }}', '{{ how }}']\nfolder: FOLDER\n\
                    serve: {health: /ready, warm_up: true, start_timeout: '{{ start_timeout }}'}\n";

fn set_up(folder: &Path) -> Registry {
    let mut registry = registry();
    std::fs::create_dir(folder.join("mine")).unwrap();
    std::fs::write(folder.join("mine/own.yaml"), FILE.replace("FOLDER", &folder.display().to_string())).unwrap();
    std::fs::write(folder.join("server.py"), SERVER).unwrap();
    let rows: String = (0..40).map(|row| format!("{{\"query\": \"q{row}\"}}\n")).collect();
    std::fs::write(folder.join("q.jsonl"), rows).unwrap();
    sandbox_integrations::register_folder(&mut registry, &folder.join("mine")).unwrap();
    registry
}

fn extra(folder: &Path, more: Value) -> Value {
    let mut extra = json!({
        "type": "own", "model": "m", "dataset_path": folder.join("q.jsonl"), "export_path": folder.join("out"), "max_concurrency": 2,
    });
    extra.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    extra
}

async fn infer(folder: &Path, registry: &Registry, more: Value) -> Result<Outcome, ComponentError> {
    let (job, _) = job(folder, INFER);
    run(&job, registry.get(INFER, Some("own")).unwrap(), extra(folder, more)).await
}

fn words(error: ComponentError) -> String {
    match error {
        ComponentError::Failed { message, hint, .. } => format!("{message}\n{}", hint.unwrap_or_default()),
        other => other.to_string(),
    }
}

/// Whether the server that last ran here is gone.
fn is_gone(folder: &Path) -> bool {
    let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
    !Path::new("/proc").join(pid.trim()).join("cwd").exists()
}

fn asked(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("asked")).map_or(0, |asked| asked.lines().count())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_answered_and_the_server_ends_with_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let registry = set_up(folder.path());
    let outcome = infer(folder.path(), &registry, json!({})).await.unwrap();
    let written = std::fs::read_to_string(outcome.values[0].as_str().unwrap()).unwrap();
    let expected: String = (0..40).map(|row| format!("{{\"query\": \"q{row}\", \"response\": \"<q{row}>\"}}\n")).collect();
    assert_eq!(written, expected);
    let questions = std::fs::read_to_string(folder.path().join("asked")).unwrap();
    assert!(is_gone(folder.path()) && asked(folder.path()) == 41 && questions.starts_with("Hello\n"), "{questions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_fails_the_job_and_the_next_run_asks_for_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let registry = set_up(folder.path());
    let said = words(infer(folder.path(), &registry, json!({"how": "dies"})).await.unwrap_err());
    assert!(said.contains("the server ended before the last answer") && said.contains("exit code 9"), "{said}");
    assert!(said.contains("out of memory"), "{said}");
    let before = asked(folder.path());
    // Another port, and the same answers; one that was on its way when the server died may be asked for again.
    infer(folder.path(), &registry, json!({})).await.unwrap();
    let again = asked(folder.path()) - before;
    assert!((37..=38).contains(&again), "{again} of 40 and a first one");
    // Even where every question fails at once.
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    let said = words(infer(folder.path(), &registry, json!({"how": "dies", "max_retry_num": 0})).await.unwrap_err());
    assert!(said.contains("out of memory") && !folder.path().join("out/q_inference.jsonl").exists(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_never_ready_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let registry = set_up(folder.path());
    let start = Instant::now();
    let said = words(infer(folder.path(), &registry, json!({"how": "early"})).await.unwrap_err());
    assert!(said.contains("exit code 3") && said.contains("no model here"), "{said}");
    let said = words(infer(folder.path(), &registry, json!({"how": "never", "start_timeout": 1})).await.unwrap_err());
    assert!(said.contains("was not ready within 1 s") && said.contains("start_timeout"), "{said}");
    assert!(is_gone(folder.path()) && start.elapsed() < Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_server_and_questions_and_one_that_will_not_end_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let registry = set_up(folder.path());
    let (job, seen) = job(folder.path(), INFER);
    let stop = job.stop.clone();
    let path = folder.path().to_owned();
    let watcher = tokio::spawn(async move {
        while asked(&path) < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.set();
    });
    let start = Instant::now();
    let kind = registry.get(INFER, Some("own")).unwrap();
    let ended = run(&job, kind, extra(folder.path(), json!({"how": "slow"}))).await;
    watcher.await.unwrap();
    assert!(matches!(ended, Err(ComponentError::Interrupted)), "{ended:?}");
    assert!(is_gone(folder.path()) && start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert!(log(&seen).exists());
    infer(folder.path(), &registry, json!({"how": "stubborn"})).await.unwrap();
    assert!(is_gone(folder.path()));
}

#[test]
fn both_halves_of_a_configuration_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let registry = set_up(folder.path());
    let kind = registry.get(INFER, Some("own")).unwrap();
    assert_eq!(messages(kind, extra(folder.path(), json!({"model_params": {"any": 1}}))), Vec::<String>::new());
    let said = messages(kind, extra(folder.path(), json!({"hw": 1, "max_concurency": 3, "max_concurrency": 0, "api_endpoint": "x"})));
    for part in ["`hw` is not a key", "did you mean `max_concurrency`?", "`max_concurrency` must be from 1", "`api_endpoint` is not a key"]
    {
        assert!(said.iter().any(|said| said.contains(part)), "{part}: {said:?}");
    }
    let absent = messages(kind, extra(folder.path(), json!({"dataset_path": "absent.jsonl"})));
    assert!(absent.iter().any(|said| said.contains("absent.jsonl")), "{absent:?}");
}

#[test]
fn the_servers_that_come_along_are_started_with_the_users_options() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, data) = (set_up(folder.path()), folder.path());
    let command = |name: &str, more: Value| {
        let mut extra = extra(data, more);
        extra["type"] = name.into();
        extra["max_concurrency"] = 64.into();
        let settings = sandbox_core::component::JobSettings::new(Value::Null, extra);
        let kind = registry.get(INFER, Some(name)).unwrap();
        assert!(kind.check(&settings).is_empty(), "{:?}", kind.check(&settings));
        kind.commands(&settings, data, "anonymous", "infer").unwrap().join("\n")
    };
    let shown = command("huggingface", json!({"model_params": {"dtype": "float32", "continuous_batching": true}}));
    assert_eq!(
        shown,
        "HF_HUB_OFFLINE=0 transformers serve --host 127.0.0.1 --port PORT --force-model m --device auto --dtype float32 --continuous-batching"
    );
    let local = command("huggingface", json!({"model": data, "device": "cpu"}));
    assert!(local.starts_with("HF_HUB_OFFLINE=1 ") && local.ends_with("--device cpu"), "{local}");
    let all = command("vllm", json!({}));
    assert!(all.ends_with("--served-model-name m --tensor-parallel-size GPUS"), "{all}");
    let vllm = command("vllm", json!({"model_params": {"tensor_parallel_size": 2, "gpu_memory_utilization": 0.8, "enforce_eager": true}}));
    assert_eq!(
        vllm,
        "vllm serve m --host 127.0.0.1 --port PORT --served-model-name m --tensor-parallel-size 2 \
         --gpu-memory-utilization 0.8 --enforce-eager"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gpu_that_is_not_here_is_missed_before_anything_is_installed() {
    if Path::new("/dev/nvidia0").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let registry = set_up(folder.path());
    for (name, more) in [("vllm", json!({})), ("huggingface", json!({"device": "gpu"}))] {
        let (job, _) = job(folder.path(), INFER);
        let mut extra = extra(folder.path(), more);
        extra["env_name"] = folder.path().join("env").to_string_lossy().into_owned().into();
        extra["type"] = name.into();
        let said = words(run(&job, registry.get(INFER, Some(name)).unwrap(), extra).await.unwrap_err());
        assert!(said.contains("needs a GPU, and none is visible"), "{said}");
        assert!(!folder.path().join("env").exists());
    }
}
