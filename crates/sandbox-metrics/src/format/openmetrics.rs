//! OpenMetrics 1.0.
//!
//! Against the older format: a counter's family has no `_total`, an information's no `_info`, units stand in a line of their own,
//! bounds of buckets are floats, infinities have a sign, buckets may have exemplars, and the end is said.

use std::fmt::Write;

use prometheus::proto::{Histogram, LabelPair, MetricFamily, MetricType};

use crate::exemplar::{Exemplar, Exemplars};
use crate::families::JOB_DURATION;

/// Units that stand at the end of names.
const UNITS: [&str; 3] = ["seconds", "bytes", "ratio"];

pub(crate) fn encode(families: &[MetricFamily], exemplars: &Exemplars) -> String {
    let mut out = String::with_capacity(64 * families.iter().map(|family| family.get_metric().len() + 3).sum::<usize>());
    for family in families.iter().filter(|family| family.get_field_type() != MetricType::UNTYPED) {
        write_family(&mut out, family, exemplars);
    }
    out.push_str("# EOF\n");
    out
}

fn write_family(out: &mut String, family: &MetricFamily, exemplars: &Exemplars) {
    let full = family.name();
    let (name, suffix, kind) = match family.get_field_type() {
        MetricType::COUNTER => (full.strip_suffix("_total").unwrap_or(full), "_total", "counter"),
        MetricType::HISTOGRAM => (full, "", "histogram"),
        MetricType::GAUGE => full.strip_suffix("_info").map_or((full, "", "gauge"), |name| (name, "_info", "info")),
        // Quantiles are not something that this crate's families have; a sum and a count are a summary too.
        MetricType::SUMMARY => (full, "", "summary"),
        // No collector of the crate makes them, and they are left out above.
        MetricType::UNTYPED => (full, "", "unknown"),
    };
    let _ = writeln!(out, "# TYPE {name} {kind}");
    if let Some(unit) = UNITS.into_iter().find(|unit| name.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_'))) {
        let _ = writeln!(out, "# UNIT {name} {unit}");
    }
    if !family.help().is_empty() {
        let _ = write!(out, "# HELP {name} ");
        escape(out, family.help());
        out.push('\n');
    }
    for metric in family.get_metric() {
        let labels = metric.get_label();
        let mut sample = |suffix: &str, value: f64| write_sample(out, name, suffix, labels, None, value);
        match family.get_field_type() {
            MetricType::COUNTER => sample(suffix, metric.get_counter().get_value()),
            MetricType::GAUGE => sample(suffix, metric.get_gauge().get_value()),
            MetricType::UNTYPED => {}
            MetricType::SUMMARY => {
                sample("_sum", metric.get_summary().sample_sum());
                sample("_count", metric.get_summary().sample_count() as f64);
            }
            MetricType::HISTOGRAM => {
                let exemplar = |bucket| if full == JOB_DURATION { exemplars.get(labels, bucket) } else { None };
                write_histogram(out, name, labels, metric.get_histogram(), exemplar);
            }
        }
    }
}

fn write_histogram(out: &mut String, name: &str, labels: &[LabelPair], of: &Histogram, exemplar: impl Fn(usize) -> Option<Exemplar>) {
    let finite = of.get_bucket().iter().filter(|bucket| bucket.upper_bound().is_finite());
    let buckets = finite.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
    for (index, (upper, count)) in buckets.chain([(f64::INFINITY, of.get_sample_count())]).enumerate() {
        let mut bound = String::new();
        write_bound(&mut bound, upper);
        write_sample(out, name, "_bucket", labels, Some(("le", &bound)), count as f64);
        if let Some(Exemplar { run_id, value, time }) = exemplar(index) {
            // Before the end of the line that was just written.
            out.truncate(out.trim_end_matches('\n').len());
            out.push_str(" # {run_id=\"");
            escape(out, &run_id);
            out.push_str("\"} ");
            write_number(out, value);
            let _ = writeln!(out, " {time:.3}");
        }
    }
    write_sample(out, name, "_sum", labels, None, of.get_sample_sum());
    write_sample(out, name, "_count", labels, None, of.get_sample_count() as f64);
}

fn write_sample(out: &mut String, name: &str, suffix: &str, labels: &[LabelPair], extra: Option<(&str, &str)>, value: f64) {
    out.push_str(name);
    out.push_str(suffix);
    let pairs = labels.iter().map(|pair| (pair.name(), pair.value())).chain(extra);
    let mut separator = '{';
    for (name, value) in pairs {
        out.push(separator);
        separator = ',';
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
    }
    if separator == ',' {
        out.push('}');
    }
    out.push(' ');
    write_number(out, value);
    out.push('\n');
}

fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
}

fn write_number(out: &mut String, value: f64) {
    let _ = match value {
        value if value.is_nan() => write!(out, "NaN"),
        f64::INFINITY => write!(out, "+Inf"),
        f64::NEG_INFINITY => write!(out, "-Inf"),
        // Three hundred digits are right but help nobody.
        value if value != 0.0 && !(1e-5..1e17).contains(&value.abs()) => write!(out, "{value:e}"),
        value => write!(out, "{value}"),
    };
}

/// A bound of a bucket: always a float, so that the label is the same whoever writes it.
fn write_bound(out: &mut String, value: f64) {
    let before = out.len();
    write_number(out, value);
    if out[before..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        out.push_str(".0");
    }
}
