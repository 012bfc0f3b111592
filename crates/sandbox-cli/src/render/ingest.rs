//! The metrics of a log.

use sandbox_ingest::{Counters, Record, Summary, Value};
use serde_json::{Map, Value as Json, json};

use super::number::count;
use super::table;

/// One line per metric, and what became of the lines.
pub fn summary(grammar: &str, summary: &Summary, counters: &Counters, unmatched: &[(u64, String)]) -> String {
    let mut rows = table::table(&["metric", ">values", ">first", ">last", ">least", ">greatest", ">step", ""]);
    for (name, metric) in summary.metrics() {
        let shown = |number: Option<f64>| number.map(figure).unwrap_or_default();
        let notes = [(metric.nan, "NaN"), (metric.infinite, "infinite"), (metric.texts, "texts")];
        let notes: Vec<String> =
            notes.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{} {what}", count(*number))).collect();
        rows.add_row([
            name.to_owned(),
            count(metric.count + metric.texts),
            shown(metric.first),
            metric.last.map(figure).or_else(|| metric.text.clone()).unwrap_or_default(),
            shown(metric.min),
            shown(metric.max),
            metric.last_step.map(|step| step.to_string()).unwrap_or_default(),
            notes.join(", "),
        ]);
    }
    let mut out = table::text(&rows);
    out.push_str(&format!(
        "\n grammar `{grammar}`: {} of {} lines matched, {} records",
        count(counters.matched),
        count(counters.lines),
        count(counters.records)
    ));
    let more = [
        (counters.repeated, "repeated"),
        (counters.bad_numbers, "values that are no numbers"),
        (counters.too_long, "too long"),
        (summary.dropped(), "values of too many names left out"),
    ];
    for (number, what) in more.iter().filter(|(number, _)| *number > 0) {
        out.push_str(&format!(", {} {what}", count(*number)));
    }
    out.push('\n');
    if !unmatched.is_empty() {
        out.push_str(" not matched, such as\n");
        unmatched.iter().for_each(|(line, text)| out.push_str(&format!("   {line}: {text}\n")));
    }
    out
}

/// Up to six significant digits, small and large numbers with an exponent: `1e-5`, `0.5`, `1.23457e8`.
fn figure(number: f64) -> String {
    if !number.is_finite() || number == 0.0 {
        return number.to_string();
    }
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    match rounded.abs() {
        1e-4..1e7 => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}

/// A record for programs.
pub fn record(record: &Record) -> Json {
    let values: Map<String, Json> = record.values.iter().map(|(name, value)| (name.clone(), json(value))).collect();
    let mut out = json!({"event": "record", "line": record.line, "step": record.step, "values": values});
    if let (Some(wall), Some(out)) = (record.wall, out.as_object_mut()) {
        out.insert("wall".to_owned(), json!(wall));
    }
    out
}

/// JSON has no NaN: it is the text `NaN`, infinities are `Infinity` and `-Infinity`.
fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Number(number) => number_json(*number),
    }
}

fn number_json(number: f64) -> Json {
    match number {
        _ if number.is_finite() => json!(number),
        _ if number.is_nan() => json!("NaN"),
        _ => json!(if number > 0.0 { "Infinity" } else { "-Infinity" }),
    }
}

/// The whole log for programs.
pub fn summary_json(grammar: &str, summary: &Summary, counters: &Counters, unmatched: &[(u64, String)]) -> Json {
    let metrics: Map<String, Json> = summary
        .metrics()
        .map(|(name, metric)| {
            let number = |number: Option<f64>| number.map(number_json);
            let value = json!({
                "count": metric.count, "nan": metric.nan, "infinite": metric.infinite, "texts": metric.texts, "first": number(metric.first),
                "last": number(metric.last), "last_step": metric.last_step, "min": number(metric.min), "max": number(metric.max),
                "text": metric.text,
            });
            (name.to_owned(), value)
        })
        .collect();
    json!({
        "event": "ingested", "grammar": grammar, "lines": counters.lines, "matched": counters.matched, "unmatched": counters.unmatched,
        "too_long": counters.too_long, "bad_numbers": counters.bad_numbers, "repeated": counters.repeated, "records": counters.records,
        "dropped": summary.dropped(), "metrics": metrics,
        "unmatched_lines": unmatched.iter().map(|(line, text)| json!({"line": line, "text": text})).collect::<Vec<_>>(),
    })
}

/// A record as lines of CSV: line, step, name, value.
pub fn csv(record: &Record, out: &mut String) {
    let step = record.step.map(|step| step.to_string()).unwrap_or_default();
    for (name, value) in &record.values {
        let value = match value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => quoted(text),
        };
        out.push_str(&format!("{},{step},{},{value}\n", record.line, quoted(name)));
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A record as a line for people.
pub fn line(record: &Record) -> String {
    let step = record.step.map(|step| format!("step {step}  ")).unwrap_or_default();
    let values = record.values.iter().map(|(name, value)| match value {
        Value::Number(number) => format!("{name} {}", figure(*number)),
        Value::Text(text) => format!("{name} {}", text.chars().take(40).collect::<String>()),
    });
    format!("{:>7}  {step}{}", record.line, values.collect::<Vec<_>>().join("  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_what_matters() {
        let numbers = [1e-5, 0.5, 2.553_149, 123_456_789.0, -0.000_25, 0.0, f64::NAN, f64::NEG_INFINITY, 9_999_999.7];
        assert_eq!(numbers.map(figure), ["1e-5", "0.5", "2.55315", "1.23457e8", "-0.00025", "0", "NaN", "-inf", "1e7"]);
    }

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        let values = vec![("a,b".to_owned(), Value::Number(f64::NAN)), ("c".to_owned(), Value::Text("say \"x\"".to_owned()))];
        let mut out = String::new();
        csv(&Record { line: 3, step: Some(7), wall: None, values }, &mut out);
        assert_eq!(out, "3,7,\"a,b\",NaN\n3,7,c,\"say \"\"x\"\"\"\n");
    }
}
