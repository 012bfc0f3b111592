//! Programs of the user's that are not there are told before any row is read.

use serde_json::json;

use crate::support::Folder;

#[test]
fn programs_that_cannot_be_started_are_findings() {
    let folder = Folder::with(&[json!({"text": "a"})]);
    folder.write("data", "no program");
    let process = json!([
        {"external_filter": {"command": ["no-such-program-at-all", "-x"]}},
        {"external_mapper": {"command": ["./missing"], "cwd": folder.text_path("")}},
        {"external_mapper": {"command": [folder.text_path("data")]}},
        {"external_mapper": {"command": ["cat"], "cwd": folder.text_path("nowhere")}},
        {"external_mapper": {"command": ["cat"]}},
        {"external_mapper": {"command": ["cat -u"]}},
    ]);
    let findings = folder.parse(process, json!({})).err().unwrap();
    let told: Vec<String> = findings.iter().map(|finding| format!("{}: {}", finding.path, finding.problem.message)).collect();
    let path = folder.text_path("");
    let expected = [
        "process[0].external_filter.command: operator `external_filter`: Failed to find the program `no-such-program-at-all`".to_owned(),
        "process[1].external_mapper.command: operator `external_mapper`: Failed to find the program `./missing`".to_owned(),
        format!(
            "process[2].external_mapper.command: operator `external_mapper`: Failed to start `{path}data`: it is not an executable file"
        ),
        format!("process[3].external_mapper.cwd: operator `external_mapper`: Failed to find the folder `{path}nowhere`"),
        "process[5].external_mapper.command: operator `external_mapper`: Failed to find the program `cat -u`".to_owned(),
    ];
    assert_eq!(told, expected);
    assert!(findings[4].problem.hint.as_ref().unwrap().contains("each argument"));
    assert!(findings.iter().take(3).all(|finding| finding.problem.hint.is_some()));
}
