//! From events to numbers.

use super::*;

fn check(metrics: &Metrics, expected: &[(&str, &str)]) {
    let samples = samples(metrics);
    for (name, value) in expected {
        assert_eq!(samples.get(*name).map(String::as_str), Some(*value), "{name} of {samples:#?}");
    }
}

#[test]
fn a_run_that_goes_on() {
    let metrics = busy();
    check(
        &metrics,
        &[
            (r#"sandbox_build_info{version="0.1.0",commit="abc"}"#, "1"),
            (r#"sandbox_run_info{run_id="20261123-061500-aabbcc.1",experiment="e",trial="",pipeline="p"}"#, "1"),
            (r#"sandbox_jobs_started_total{hook="clean",pipeline="p"}"#, "1"),
            (r#"sandbox_job_failures_total{hook="clean",pipeline="p"}"#, "0"),
            (r#"sandbox_jobs_in_progress{hook="clean",pipeline="p"}"#, "0"),
            (r#"sandbox_jobs_in_progress{hook="train",pipeline="p"}"#, "1"),
            (r#"sandbox_job_progress_ratio{hook="clean",pipeline="p"}"#, "1"),
            (r#"sandbox_job_duration_seconds_bucket{hook="clean",le="0.4"}"#, "0"),
            (r#"sandbox_job_duration_seconds_bucket{hook="clean",le="1.6"}"#, "1"),
            (r#"sandbox_job_duration_seconds_sum{hook="clean"}"#, "0.5"),
            (r#"sandbox_job_last_duration_seconds{hook="clean",pipeline="p"}"#, "0.5"),
            (r#"sandbox_data_samples_read_total{op="filter",pipeline="p"}"#, "100"),
            (r#"sandbox_data_samples_kept_total{op="filter",pipeline="p"}"#, "75"),
            (r#"sandbox_data_samples_dropped_total{op="filter",pipeline="p"}"#, "25"),
            (r#"sandbox_data_samples_dropped_total{op="mapper",pipeline="p"}"#, "0"),
            (r#"sandbox_data_samples_rejected_total{hook="clean",pipeline="p"}"#, "2"),
            (r#"sandbox_data_bytes_read_total{pipeline="p"}"#, "12345"),
            (r#"sandbox_train_step{hook="train",pipeline="p"}"#, "7"),
            (r#"sandbox_train_epoch{hook="train",pipeline="p"}"#, "0.1"),
            (r#"sandbox_train_points_total{hook="train",pipeline="p"}"#, "7"),
            (r#"sandbox_watched_value{name="train.loss",pipeline="p"}"#, "0.5"),
            ("sandbox_watched_value{name=\"train.grad \\\"norm\\\"\\\\\u{fffd}\",pipeline=\"p\"}", "NaN"),
            (r#"sandbox_watched_value{name="train.up",pipeline="p"}"#, "inf"),
            (r#"sandbox_watched_value{name="train.a\\.b.ok",pipeline="p"}"#, "1"),
            (r#"sandbox_target_met{target="p.train.loss <= 1"}"#, "1"),
        ],
    );
    assert!(!samples(&metrics).contains_key(r#"sandbox_run_last_success_timestamp_seconds{pipeline="p"}"#));
}

#[test]
fn an_end_leaves_times_and_takes_the_run_away() {
    let metrics = busy();
    metrics.event(&Event::JobFailed { job: job("train"), message: "x".into(), hint: None });
    metrics.event(&Event::RunFinished { status: "failed".into(), seconds: 1.5, written: Vec::new() });
    check(
        &metrics,
        &[
            (r#"sandbox_jobs_in_progress{hook="train",pipeline="p"}"#, "0"),
            (r#"sandbox_job_failures_total{hook="train",pipeline="p"}"#, "1"),
            (r#"sandbox_run_last_duration_seconds{pipeline="p"}"#, "1.5"),
        ],
    );
    let failed = samples(&metrics);
    assert!(!failed.keys().any(|name| name.starts_with("sandbox_run_info")));
    assert!(!failed.contains_key(r#"sandbox_run_last_success_timestamp_seconds{pipeline="p"}"#));
    assert!(!failed.contains_key(r#"sandbox_job_last_success_timestamp_seconds{hook="train",pipeline="p"}"#));
    let completed: f64 = failed[r#"sandbox_job_last_completion_timestamp_seconds{hook="train",pipeline="p"}"#].parse().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    assert!((now - completed).abs() < 60.0, "{completed} {now}");
    metrics.event(&Event::RunFinished { status: "failed".into(), seconds: 2.0, written: Vec::new() });

    start(&metrics, &["clean"]);
    metrics.event(&Event::JobSkipped { job: job("clean"), why: "unchanged".into(), outputs: Default::default(), report: Some(facts()) });
    metrics.event(&Event::IterationFinished { iteration: 1 });
    metrics.event(&Event::RunFinished { status: "done".into(), seconds: 0.5, written: Vec::new() });
    check(
        &metrics,
        &[
            (r#"sandbox_jobs_skipped_total{hook="clean",pipeline="p"}"#, "1"),
            (r#"sandbox_iterations_total{pipeline="p"}"#, "1"),
            // What was read in an earlier run is not read again.
            (r#"sandbox_data_samples_read_total{op="filter",pipeline="p"}"#, "100"),
        ],
    );
    assert!(samples(&metrics).contains_key(r#"sandbox_run_last_success_timestamp_seconds{pipeline="p"}"#));
}

#[test]
fn an_interrupted_run_leaves_nothing_in_progress() {
    let metrics = busy();
    metrics.event(&Event::RunFinished { status: "interrupted".into(), seconds: 1.5, written: Vec::new() });
    check(&metrics, &[(r#"sandbox_jobs_in_progress{hook="train",pipeline="p"}"#, "0")]);
    assert!(!samples(&metrics).contains_key(r#"sandbox_run_last_success_timestamp_seconds{pipeline="p"}"#));
}

#[test]
fn a_hundred_thousand_names_are_three_hundred() {
    let metrics = metrics();
    for round in 0..2 {
        for number in 0..100_000 {
            metrics.event(&Event::Metric { job: job("m"), name: format!("n{number}"), step: None, value: f64::from(number + round) });
        }
    }
    metrics.event(&Event::Metric { job: job("m"), name: "x".repeat(10_000_000), step: None, value: 1.0 });
    let samples = samples(&metrics);
    assert_eq!(samples.keys().filter(|name| name.starts_with("sandbox_watched_value")).count(), sandbox_metrics::MOST_NAMES);
    assert_eq!(samples["sandbox_watcher_names_dropped_total"], "99701");
    assert_eq!(samples[r#"sandbox_watched_value{name="m.n299",pipeline="p"}"#], "300");
    assert_eq!(samples[r#"sandbox_train_points_total{hook="m",pipeline="p"}"#], "200001");
}

#[test]
fn odd_reports_are_passed_over() {
    let metrics = metrics();
    for facts in [
        json!(null),
        json!({"kind": 3}),
        json!({"kind": "process"}),
        json!({"kind": "p", "p": {"operators": [1, {"name": 2}, {"reasons": 3}]}}),
    ] {
        metrics.event(&Event::Report { job: job("clean"), facts });
    }
    metrics.event(&Event::Report {
        job: job("c"),
        facts: json!({"kind": "p", "p": {"operators": [{"name": "o", "reasons": [[1], ["a", "b"], null]}]}}),
    });
    check(&metrics, &[(r#"sandbox_data_samples_dropped_total{op="o",pipeline="p"}"#, "0")]);
}
