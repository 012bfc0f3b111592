//! Integration files of the user's own.

use sandbox_core::hook::Category;
use serde_json::json;

use crate::support::{job, messages, metrics, registry, run};

const FILE: &str = r"
name: echo
hook: TrainModelHook
summary: Says what it is given
parameters:
  words: {type: list, required: true, doc: what is said}
  home: {type: path, default: '.', doc: where}
  times: {type: integer, default: 2, choices: [1, 2]}
needs:
- {path: '{{ home }}', say: 'git clone https://example.org/echo {{ home }}'}
checks:
- {that: 'words | length < 4', say: 'more than three words: {{ words }}'}
command: [sh, -c, 'for word; do echo loss: $word; done', sh, '{{ words }}']
log: {patterns: ['loss: (?<loss>.*)']}
outputs: ['{{ words | join(sep) if sep is defined else words }}', '{{ times }}']
";

#[tokio::test]
async fn a_file_is_a_type() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("echo.yaml"), FILE).unwrap();
    let mut registry = registry();
    sandbox_integrations::register_folder(&mut registry, folder.path()).unwrap();
    let kind = registry.get(Category::ModelTrainer, Some("echo")).unwrap();
    let (job, seen) = job(&folder.path().join("work"), Category::ModelTrainer);
    let outcome = run(&job, kind, json!({"type": "echo", "words": ["1", "2.5"]})).await.unwrap();
    assert_eq!(outcome.values, [json!(["1", "2.5"]), json!(2)]);
    assert_eq!(metrics(&seen).into_iter().map(|(.., value)| value).collect::<Vec<_>>(), [1.0, 2.5]);

    assert_eq!(
        messages(kind, json!({"wordz": ["a"], "times": 3})),
        [
            "missing key `words`; what is said",
            "3 is none of 1, 2; ",
            "`wordz` is not a key of this component and has no effect; did you mean `words`?"
        ]
    );
    assert_eq!(messages(kind, json!({"words": ["a", "b", "c", "d"]})), [r#"more than three words: ["a","b","c","d"]"#]);
    let absent = messages(kind, json!({"words": ["a"], "home": "no/such"}));
    assert_eq!(absent, ["`no/such` does not exist here; git clone https://example.org/echo no/such"]);
    let error = run(&job, kind, json!({"words": ["a"], "home": "no/such"})).await.unwrap_err();
    assert_eq!(error.to_string(), "`no/such` does not exist");
}

#[test]
fn faults_have_a_file_and_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let load = |text: &str| {
        std::fs::write(folder.path().join("x.yaml"), text).unwrap();
        let problems = sandbox_integrations::register_folder(&mut registry(), folder.path()).unwrap_err();
        problems
            .iter()
            .map(|problem| format!("{}: {}", problem.place.as_ref().map_or(0, |place| place.line.unwrap_or(0)), problem.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(load("name: x\nhook: TrainModelHok\ncommand: [a]\n"), ["2: unknown hook `TrainModelHok`"]);
    assert_eq!(load("name: x\nhook: TrainModelHook\ncommand: [a]\ncomand: [b]\n").len(), 1);
    assert!(load("name: x\nhook: TrainModelHook\ncommand: ['{{ a']\n")[0].starts_with("3: Failed to fill in"));
    assert!(load("name: transformers\nhook: TrainModelHook\ncommand: [a]\n")[0].contains("registered twice"));
}
