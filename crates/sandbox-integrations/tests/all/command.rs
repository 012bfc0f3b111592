//! `type: command`.

use std::time::{Duration, Instant};

use sandbox_core::component::ComponentError;
use sandbox_core::hook::Category;
use serde_json::json;

use crate::support::{job, log, messages, metrics, registry, run};

const TRAIN: Category = Category::ModelTrainer;

#[tokio::test]
async fn a_metric_is_seen_within_a_second_and_the_log_has_every_byte() {
    let (folder, registry) = (tempfile::tempdir().unwrap(), registry());
    let (job, seen) = job(folder.path(), TRAIN);
    let script = "printf 'step 1 loss 1e-05\\n'; printf '\\377bad\\r10%%\\r' >&2; sleep 1.5; printf 'step 2 loss nan\\nstep 3 loss -0.5'";
    let start = Instant::now();
    let extra = json!({
        "type": "command", "command": ["sh", "-c", script], "log_patterns": ["step (?<step>\\d+) loss (?<loss>\\S+)"],
        "outputs": ["{{ metrics.loss }}", "{{ job.name }}"],
    });
    let outcome = run(&job, registry.get(TRAIN, Some("command")).unwrap(), extra).await.unwrap();
    assert_eq!(outcome.values, [json!(-0.5), json!("anonymous_meta_name")]);
    let found = metrics(&seen);
    assert_eq!(found.iter().map(|(step, ..)| step.unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(found[0].2 == 1e-5 && found[1].2.is_nan() && found[2].2 == -0.5, "{found:?}");
    let first = seen.lock().unwrap().iter().find(|(_, event)| matches!(event, sandbox_core::event::Event::Metrics { .. })).unwrap().0;
    assert!(first.duration_since(start) < Duration::from_secs(1), "{:?}", first.duration_since(start));
    let path = log(&seen);
    assert!(path.file_name().unwrap().to_string_lossy().starts_with("model_exe_command_2"), "{}", path.display());
    let expected = b"step 1 loss 1e-05\n\xffbad\r10%\rstep 2 loss nan\nstep 3 loss -0.5";
    assert_eq!(std::fs::read(path).unwrap(), expected);
}

#[tokio::test]
async fn what_fails_says_how_and_the_last_it_printed() {
    let (folder, registry) = (tempfile::tempdir().unwrap(), registry());
    let (job, _) = job(folder.path(), TRAIN);
    let kind = registry.get(TRAIN, Some("command")).unwrap();
    let failed = |script: &str, more: serde_json::Value| {
        let mut extra = json!({"command": ["sh", "-c", script]});
        extra.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        extra
    };
    let words = |error: ComponentError| match error {
        ComponentError::Failed { message, hint, .. } => (message, hint.unwrap_or_default()),
        other => panic!("{other:?}"),
    };
    let script = "for i in $(seq 30); do echo line $i; done; echo no memory >&2; exit 3";
    let (message, hint) = words(run(&job, kind, failed(script, json!({}))).await.unwrap_err());
    assert!(message.starts_with("`sh` failed with exit code 3; the last it printed:\n  | line 1"), "{message}");
    assert!(message.contains("no memory") && message.lines().count() == 21, "{message}");
    assert!(hint.contains("model_exe_command"), "{hint}");
    let (message, _) = words(run(&job, kind, failed("kill -9 $$", json!({}))).await.unwrap_err());
    assert_eq!(message, "`sh` failed with signal 9; it printed nothing");
    let start = Instant::now();
    let (message, hint) = words(run(&job, kind, failed("echo a; sleep 60", json!({"stall_timeout": 0.3}))).await.unwrap_err());
    assert!(message.starts_with("`sh` was ended: it said nothing for 0.3 s") && hint.contains("stall_timeout"), "{message}");
    let (message, _) = words(run(&job, kind, failed("while :; do echo a; sleep 0.1; done", json!({"timeout": 0.5}))).await.unwrap_err());
    assert!(message.starts_with("`sh` did not end within 0.5 s"), "{message}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let (message, hint) = words(run(&job, kind, json!({"command": ["no-such-program"]})).await.unwrap_err());
    assert!(message.contains("no-such-program") && hint.contains("env_name"), "{message} {hint}");
    let (message, _) = words(run(&job, kind, failed("true", json!({"expect_files": ["none/model.bin"]}))).await.unwrap_err());
    assert_eq!(message, "`command` ended well, and `none/model.bin` is not there");
}

#[tokio::test]
async fn a_stop_ends_the_whole_tree() {
    let (folder, registry) = (tempfile::tempdir().unwrap(), registry());
    let (job, _) = job(folder.path(), TRAIN);
    let pid = folder.path().join("pid");
    let script = format!("sh -c 'echo $$ > {0}.part; mv {0}.part {0}; sleep 60' & wait", pid.display());
    let stop = job.stop.clone();
    let waiting = pid.clone();
    tokio::spawn(async move {
        while !waiting.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.set();
    });
    let ended = run(&job, registry.get(TRAIN, Some("command")).unwrap(), json!({"command": ["sh", "-c", script]})).await;
    assert!(matches!(ended, Err(ComponentError::Interrupted)), "{ended:?}");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", std::fs::read_to_string(pid).unwrap().trim()));
    assert!(stat.is_err() || stat.unwrap().contains(") Z"), "a grandchild lives on");
}

#[tokio::test]
async fn a_line_of_ten_megabytes_and_a_flood_of_lines_lose_nothing() {
    let (folder, registry) = (tempfile::tempdir().unwrap(), registry());
    let (job, seen) = job(folder.path(), TRAIN);
    let script = "head -c 10000000 /dev/zero | tr '\\0' x; echo; seq -f 'step %.0f loss 0.5' 1 20000";
    let extra = json!({"command": ["sh", "-c", script], "log_patterns": ["step (?<step>\\d+) loss (?<loss>\\S+)"]});
    run(&job, registry.get(TRAIN, Some("command")).unwrap(), extra).await.unwrap();
    let found = metrics(&seen);
    assert_eq!((found.len(), found[19_999].0), (20_000, Some(20_000)));
    assert!(std::fs::metadata(log(&seen)).unwrap().len() > 10_300_000);
}

#[tokio::test]
async fn one_run_an_item_with_its_own_log_and_names() {
    let (folder, registry) = (tempfile::tempdir().unwrap(), registry());
    let (job, seen) = job(folder.path(), TRAIN);
    let extra = json!({
        "command": ["sh", "-c", "echo \"loss=$1\"; echo '{\"model\": \"'$1'.bin\"}' > \"$2\"", "sh", "{{ item }}", "{{ job.result_file }}"],
        "log_patterns": ["loss=(?<loss>.*)"], "for_each": ["1", "2", "pools/1"], "max_parallel": 2,
        "outputs": {"models": "{{ runs | map(attribute='result.model') | list }}", "losses": "{{ runs | map(attribute='metrics.loss') | list }}"},
    });
    let kind = registry.get(TRAIN, Some("command")).unwrap();
    // The last item is no number: what has to be one is not made up.
    let outcome = run(&job, kind, extra.clone()).await;
    assert!(outcome.is_err() || outcome.unwrap().values[0] == json!(["1.bin", "2.bin", "pools/1.bin"]));
    let mut extra = extra;
    extra["for_each"] = json!(["1", "2", "3"]);
    let outcome = run(&job, kind, extra).await.unwrap();
    assert_eq!(outcome.values, [json!(["1.bin", "2.bin", "3.bin"]), json!([1.0, 2.0, 3.0])]);
    let names: Vec<String> = metrics(&seen).into_iter().map(|(_, name, _)| name).collect();
    assert!(["1.loss", "2.loss", "3.loss"].iter().all(|name| names.iter().any(|seen| seen == name)), "{names:?}");
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    let registry = registry();
    let kind = registry.get(TRAIN, Some("command")).unwrap();
    assert_eq!(
        messages(kind, json!({"command": "python train.py"})),
        ["`command` is a text, and no shell reads it; a list of words: [python, train.py]"]
    );
    let found = messages(kind, json!({"command": ["a", "{{ b"], "log_patterns": ["loss (\\S+)"]}));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("has no named group") && found[1].starts_with("Failed to fill in `{{ b`"), "{found:?}");
    assert!(messages(kind, json!({"command": ["a"], "grammar": "hff"}))[0].contains("did you mean `hf`"));
    assert!(messages(kind, json!({"command": []}))[0].contains("is empty"));
    assert!(messages(kind, json!({}))[0].contains("command"));
}

#[test]
fn a_dry_run_shows_what_one_would_type() {
    let registry = registry();
    let kind = registry.get(TRAIN, Some("command")).unwrap();
    let extra = json!({"command": ["python", "train.py", "--name", "{{ who }}"], "who": "it's me", "cwd": "a b", "env": {"X": 1}});
    let settings = sandbox_core::component::JobSettings::new(json!(null), extra);
    let typed = kind.commands(&settings, std::path::Path::new("out"), "anonymous", "train").unwrap();
    assert_eq!(typed, [r"cd 'a b' && X=1 python train.py --name 'it'\''s me'"]);
}
