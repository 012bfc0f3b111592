//! The conventions of Prometheus, those included that `promtool check metrics` does not look at.

use super::*;

#[test]
fn names_and_labels_follow_the_conventions() {
    let metrics = busy();
    metrics.watch_processes(None).unwrap();
    metrics.watch_gpus(None).unwrap().update("0, GPU-1, 50, 1, 2", "");
    let families = metrics.gather();
    assert!(families.len() > 30, "{}", families.len());
    for family in families {
        let name = family.name();
        let is_snake =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        assert!(is_snake(name) && (name.starts_with("sandbox_") || name.starts_with("process_")), "{name}");
        let is_counter = family.get_field_type() == prometheus::proto::MetricType::COUNTER;
        assert_eq!(is_counter, name.ends_with("_total"), "{name}");
        for word in name.split('_') {
            let wrong =
                ["percent", "percentage", "ms", "milliseconds", "minutes", "hours", "kb", "mb", "megabytes", "sec", "counter", "gauge"];
            assert!(!wrong.contains(&word), "{name}");
        }
        let unit = name.strip_suffix("_total").unwrap_or(name).rsplit('_').next().unwrap();
        assert!(!["second", "byte", "count", "sum", "bucket"].contains(&unit), "{name}");
        assert!(family.help().ends_with('.') && family.help().len() > 10, "{name} says what it is");
        for pair in family.get_metric().iter().flat_map(|metric| metric.get_label()) {
            let taken = ["job", "instance", "le", "quantile", "type", "stage", "service", "env", "zone", "step", "epoch", "__name__"];
            assert!(is_snake(pair.name()) && !taken.contains(&pair.name()), "{name}: {}", pair.name());
            assert!(pair.name() != "run_id" || name == "sandbox_run_info", "{name}");
        }
    }
}
