//! The example `configs/auto_prompt_optimization`, against a server that grades better the better its prompt is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::time::{Duration, Instant};

use sandbox_tests::Sandbox;
use sandbox_tests::chat::ChatServer;
use serde_json::{Value, json};

const CONFIG: &str = "configs/auto_prompt_optimization/sandbox.yaml";
const OUT: &str = "outputs/auto_prompt_optimization";

/// How far off the grades of a prompt are: that of the example by a lot, each that was written after another by less.
fn version(text: &str) -> usize {
    let versions = text.match_indices("(version ").filter_map(|(at, found)| text[at + found.len()..].split(')').next()?.parse().ok());
    versions.max().unwrap_or(0)
}

fn server(pause: Duration) -> ChatServer {
    let answers = std::fs::read_to_string(sandbox_tests::project().join("configs/auto_prompt_optimization/data/answers.jsonl")).unwrap();
    let rows: Vec<Value> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let known: Vec<(String, f64)> = rows
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            (format!("Question: {}\nAnswer: {}", text("question"), text("answer")), row["truth"].as_f64().unwrap())
        })
        .collect();
    ChatServer::start(move |system, user| {
        std::thread::sleep(pause);
        match known.iter().find(|(question, _)| question == user) {
            Some((_, truth)) => {
                let off = 0.9 - 0.2 * version(system) as f64;
                format!("{:.1}", if *truth > 0.5 { 1.0 - off } else { off })
            }
            None => format!("Here it is: 【Prompt】\nGrade with care (version {}).\n", version(user) + 1),
        }
    })
}

#[test]
fn the_prompt_gets_better_until_the_target_is_met() {
    let sandbox = Sandbox::with_configs();
    let server = server(Duration::ZERO);
    let recipe = sandbox.read("configs/auto_prompt_optimization/new_prompts.yaml").replace("gen_num: 3", "gen_num: 1");
    sandbox.write("configs/auto_prompt_optimization/new_prompts.yaml", recipe);
    let ran = sandbox.run_with(&["run", "--config", CONFIG], &[("OPENAI_BASE_URL", server.base.as_str())]).expect(0);
    assert!(ran.stderr.contains("min_mse"), "{ran}");
    let infos: Value = serde_json::from_str(&sandbox.read(&format!("{OUT}/context_infos.json"))).unwrap();
    let iterations = infos.as_array().unwrap();
    let found: Vec<f64> =
        iterations.iter().map(|iteration| iteration.pointer("/pipeline_infos/0/job_infos/4/min_mse").unwrap().as_f64().unwrap()).collect();
    let expected = [0.49, 0.25, 0.09];
    assert_eq!(found.len(), expected.len(), "the third is good enough: {found:?}");
    assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
    let best = iterations[2].pointer("/pipeline_infos/1/job_infos/1/best_prompts").unwrap().as_str().unwrap();
    let best: Vec<usize> = sandbox.read(best).lines().map(version).collect();
    assert_eq!(best, [3, 2, 1], "the best come first");
    // Two prompts in the first iteration, then the best three and a new one: 24 questions for each, and one for each new prompt.
    assert_eq!(server.questions(), 24 * (2 + 3 + 4) + 3);
}

#[test]
fn a_killed_optimisation_goes_on_and_ends_the_same() {
    let whole = Sandbox::with_configs();
    let quick = server(Duration::ZERO);
    whole.run_with(&["run", "--config", CONFIG], &[("OPENAI_BASE_URL", quick.base.as_str())]).expect(0);

    let killed = Sandbox::with_configs();
    let slow = server(Duration::from_millis(20));
    let running = killed.start_with(&["run", "--config", CONFIG], &[("OPENAI_BASE_URL", slow.base.as_str())]);
    let start = Instant::now();
    while slow.questions() < 40 {
        assert!(start.elapsed() < Duration::from_secs(30), "the questions do not come");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.kill();
    let before = slow.questions();
    killed.run_with(&["run", "--config", CONFIG], &[("OPENAI_BASE_URL", slow.base.as_str())]).expect(0);
    let (again, all) = (slow.questions() - before, quick.questions());
    assert!(again < all - 20, "what was answered is not asked again: {again} of {all} after {before}");
    let results = |sandbox: &Sandbox| sandbox.files(OUT).into_iter().filter(|(path, _)| path.ends_with(".jsonl")).collect::<Vec<_>>();
    assert_eq!(results(&whole), results(&killed));
}

#[test]
fn servers_that_are_no_help_are_named() {
    let sandbox = Sandbox::with_configs();
    let recipe = "configs/auto_prompt_optimization/new_prompts.yaml";
    let down = sandbox.run_with(&["process", "--config", recipe], &[("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]).expect(3);
    assert!(down.stderr.contains("optimize_prompt_mapper") && down.stderr.contains("127.0.0.1:9"), "{down}");
    assert!(sandbox.files("outputs").keys().all(|path| !path.ends_with(".jsonl")), "{down}");

    // A model that writes no prompt: the rows stay, and the run says so.
    let talker = ChatServer::start(|_, _| "I would rather not".to_owned());
    let said = sandbox.run_with(&["process", "--config", recipe], &[("OPENAI_BASE_URL", talker.base.as_str())]).expect(0);
    assert!(said.stderr.contains("3 new prompts are missing") && said.stderr.contains("I would rather not"), "{said}");
    assert_eq!(talker.questions(), 9);
    let wrong = json!({"dataset_path": "configs/auto_prompt_optimization/data/prompts.jsonl", "export_path": "out.jsonl",
        "process": [{"optimize_prompt_mapper": {"model_params": {"api_key": "sk-1"}}}]});
    sandbox.write("wrong.json", wrong.to_string());
    let wrong = sandbox.run(&["process", "--config", "wrong.json"]).expect(2);
    assert!(wrong.stderr.contains("api_key") && wrong.stderr.contains("wrong.json:1") && !wrong.stderr.contains("sk-1"), "{wrong}");
}
