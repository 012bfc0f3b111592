//! Statistics, of one analysis or of two side by side.

use serde_json::Value;

use super::number::figure;
use super::table;

/// The overall table of one analysis: `{statistic: {row: value}}`.
pub fn overall(overall: &Value) -> String {
    // The percentiles that the recipe adds stand in their places; counts and the words of text statistics are in the files.
    let first = overall.as_object().and_then(|columns| columns.values().next()).and_then(Value::as_object);
    let described: Vec<&String> = first.into_iter().flatten().map(|(row, _)| row).collect();
    let shown: Vec<&str> =
        described.iter().map(|row| row.as_str()).filter(|row| !["count", "unique", "top", "freq"].contains(row)).collect();
    let headings: Vec<String> = ["statistic".to_owned()].into_iter().chain(shown.iter().map(|row| format!(">{row}"))).collect();
    let mut rows = table::table(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for (name, column) in overall.as_object().into_iter().flatten() {
        rows.add_row([name.clone()].into_iter().chain(shown.iter().map(|row| cell(column.get(*row)))));
    }
    table::text(&rows)
}

/// Two analyses side by side, for the statistics that both have.
pub fn before_after(before: &Value, after: &Value) -> String {
    let headings = ["statistic", ">mean", ">-> after", ">std", ">-> after", ">min", ">-> after", ">max", ">-> after"];
    let mut rows = table::table(&headings);
    for (name, column) in before.as_object().into_iter().flatten() {
        let Some(other) = after.get(name) else { continue };
        let cells = ["mean", "std", "min", "max"].into_iter().flat_map(|row| [cell(column.get(row)), cell(other.get(row))]);
        rows.add_row([name.clone()].into_iter().chain(cells));
    }
    table::text(&rows)
}

fn cell(value: Option<&Value>) -> String {
    value.and_then(Value::as_f64).map_or("–".to_owned(), figure)
}
