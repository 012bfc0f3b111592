//! The rules and the dashboard name what there is.

use sandbox_metrics::{DASHBOARD, RULES};

use super::*;

/// The words of `text` that look like metrics of ours.
fn named(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("sandbox_") || word.starts_with("process_")).map(str::to_owned).collect()
}

/// All series that one can ask for.
fn known() -> Vec<String> {
    let metrics = busy();
    metrics.watch_processes(None).unwrap();
    metrics.watch_gpus(None).unwrap().update("0, GPU-1, 50, 1, 2", "");
    finish(&metrics, "train", 1.0, 0);
    metrics.event(&Event::RunFinished { status: "done".into(), seconds: 1.0, written: Vec::new() });
    let mut known: Vec<String> =
        samples(&metrics).into_keys().map(|series| series[..series.find('{').unwrap_or(series.len())].to_owned()).collect();
    // Those that the program adds.
    known.extend(["records_dropped_total", "queue_bytes", "store_bytes", "in_trouble"].map(|name| format!("sandbox_watcher_{name}")));
    known
}

#[test]
fn what_is_named_is_there() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut expressions = Vec::new();
    collect(&dashboard, &mut expressions);
    assert!(expressions.len() >= 20, "{}", expressions.len());
    let rules: Vec<&str> = RULES.lines().filter(|line| line.trim_start().starts_with("expr: ")).collect();
    assert!(rules.len() >= 8);
    let known = known();
    for text in expressions.iter().map(String::as_str).chain(rules) {
        let named = named(text);
        assert!(!named.is_empty(), "{text}");
        for name in named {
            assert!(known.contains(&name), "{name} in {text}");
        }
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().filter(|_| key == "expr" || key == "definition") {
                    Some(text) => found.push(text.to_owned()),
                    None => collect(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_is_sound() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    assert_eq!(dashboard["schemaVersion"], 39);
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids: Vec<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), panels.len());
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${DS}");
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()) && !panel["targets"].as_array().unwrap().is_empty());
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{panel}");
        let over = |other: &&Value| {
            let at = |key: &str| other["gridPos"][key].as_u64().unwrap();
            other["id"] != panel["id"]
                && place("x") < at("x") + at("w")
                && at("x") < place("x") + place("w")
                && place("y") < at("y") + at("h")
                && at("y") < place("y") + place("h")
        };
        assert!(!panels.iter().any(|other| over(&other)), "{panel} lies over another");
    }
}
