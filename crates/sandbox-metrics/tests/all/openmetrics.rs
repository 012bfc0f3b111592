//! OpenMetrics, checked line by line.

use super::*;

#[test]
fn a_page_is_strict() {
    let text = busy().encode(Format::OpenMetrics).unwrap();
    assert!(text.ends_with("\n# EOF\n") && text.matches("# EOF").count() == 1, "{text}");
    let (mut family, mut kind, mut seen) = (String::new(), String::new(), std::collections::BTreeSet::new());
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, of) = rest.split_once(' ').unwrap();
            assert!(seen.insert(name.to_owned()), "{name} twice");
            assert!(!name.ends_with("_total") && !name.ends_with("_info"), "{name}");
            (family, kind) = (name.to_owned(), of.to_owned());
        } else if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').unwrap();
            assert!(name == family && name.ends_with(&format!("_{unit}")), "{line}");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(rest.starts_with(&family), "{line}");
        } else {
            let suffixes: &[&str] = match kind.as_str() {
                "counter" => &["_total"],
                "info" => &["_info"],
                "histogram" => &["_bucket", "_sum", "_count"],
                "gauge" => &[""],
                other => panic!("{other}"),
            };
            let name = &line[..line.find(['{', ' ']).unwrap()];
            assert!(suffixes.iter().any(|suffix| name == format!("{family}{suffix}")), "{line} in {family}");
            assert!(!line.contains(" # ") || name.ends_with("_bucket"), "{line}");
        }
    }
}

#[test]
fn what_is_different_from_the_older_format() {
    let text = busy().encode(Format::OpenMetrics).unwrap();
    for expected in [
        "# TYPE sandbox_jobs_started counter\n# HELP sandbox_jobs_started Jobs that began to run.\n",
        "\nsandbox_jobs_started_total{hook=\"clean\",pipeline=\"p\"} 1\n",
        "# TYPE sandbox_job_duration_seconds histogram\n# UNIT sandbox_job_duration_seconds seconds\n",
        "\nsandbox_job_duration_seconds_bucket{hook=\"clean\",le=\"0.4\"} 0\n",
        "\nsandbox_job_duration_seconds_bucket{hook=\"clean\",le=\"1.6\"} 1 # {run_id=\"20261123-061500-aabbcc.1\"} 0.5 ",
        "\nsandbox_job_duration_seconds_bucket{hook=\"clean\",le=\"+Inf\"} 1\n",
        "# TYPE sandbox_build info\n",
        "\nsandbox_build_info{version=\"0.1.0\",commit=\"abc\"} 1\n",
        "\nsandbox_watched_value{name=\"train.up\",pipeline=\"p\"} +Inf\n",
        "\nsandbox_watched_value{name=\"train.down\",pipeline=\"p\"} -Inf\n",
        "\nsandbox_watched_value{name=\"train.tiny\",pipeline=\"p\"} 1e-300\n",
        "\nsandbox_watched_value{name=\"train.big\",pipeline=\"p\"} 1e300\n",
        "\nsandbox_watched_value{name=\"train.grad \\\"norm\\\"\\\\\u{fffd}\",pipeline=\"p\"} NaN\n",
    ] {
        assert!(text.contains(expected), "{expected}\nis not in\n{text}");
    }
}

#[test]
fn a_long_run_id_is_no_exemplar() {
    let metrics = metrics();
    metrics.set_run_id(|| Some("r".repeat(123)));
    start(&metrics, &["clean"]);
    begin(&metrics, "clean");
    finish(&metrics, "clean", 0.01, 0);
    assert!(!metrics.encode(Format::OpenMetrics).unwrap().contains(" # {"));
}

#[test]
fn bounds_of_buckets_are_floats() {
    let metrics = metrics();
    let options = prometheus::HistogramOpts::new("x_seconds", "X.").buckets(vec![1.0, 2.5, 1000.0]);
    let histogram = prometheus::Histogram::with_opts(options).unwrap();
    metrics.registry().register(Box::new(histogram.clone())).unwrap();
    histogram.observe(2.0);
    let text = metrics.encode(Format::OpenMetrics).unwrap();
    for expected in ["{le=\"1.0\"} 0\n", "{le=\"2.5\"} 1\n", "{le=\"1000.0\"} 1\n", "{le=\"+Inf\"} 1\n"] {
        assert!(text.contains(&format!("\nx_seconds_bucket{expected}")), "{text}");
    }
}

/// The name and the number of a line of `sandbox_watched_value`, read by the rules of the format.
fn read(line: &str) -> (String, f64) {
    let mut rest = line.strip_prefix("sandbox_watched_value{name=\"").unwrap().chars();
    let mut name = String::new();
    loop {
        match rest.next().unwrap() {
            '"' => break,
            '\\' => name.push(match rest.next().unwrap() {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                other => panic!("\\{other} in {line}"),
            }),
            plain => name.push(plain),
        }
    }
    let number = rest.as_str().strip_prefix(",pipeline=\"p\"} ").unwrap();
    let is_sound = matches!(number, "NaN" | "+Inf" | "-Inf") || number.parse::<f64>().is_ok_and(f64::is_finite);
    assert!(is_sound, "{line}");
    (name, number.parse().unwrap())
}

proptest::proptest! {
    #[test]
    fn names_and_numbers_survive(name in "[^\\p{Cc}]{0,40}", bits in proptest::prelude::any::<u64>()) {
        let (metrics, value) = (metrics(), f64::from_bits(bits));
        metrics.event(&Event::Metric { job: job("m"), name: name.clone(), step: None, value });
        for format in [Format::OpenMetrics, Format::Text] {
            let text = metrics.encode(format).unwrap().replace("} inf\n", "} +Inf\n").replace("} -inf\n", "} -Inf\n");
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("sandbox_watched_value{")).collect();
            proptest::prop_assert_eq!(lines.len(), 1);
            let (found, number) = read(lines[0]);
            proptest::prop_assert_eq!(found, format!("m.{name}"));
            proptest::prop_assert!(number == value || (number.is_nan() && value.is_nan()), "{} {}", number, value);
        }
    }

    #[test]
    fn hostile_names_break_no_line(name in proptest::prelude::any::<String>(), pipeline in proptest::prelude::any::<String>()) {
        let metrics = metrics();
        let job = JobName { iteration: 1, pipeline, meta_name: name.clone() };
        metrics.event(&Event::JobStarted { job: job.clone(), hook: name.clone(), type_name: None });
        metrics.event(&Event::Metric { job, name, step: Some(1), value: 1.0 });
        for line in metrics.encode(Format::OpenMetrics).unwrap().lines() {
            proptest::prop_assert!(line.starts_with("# ") || line.starts_with("sandbox_"), "{}", line);
        }
    }
}
