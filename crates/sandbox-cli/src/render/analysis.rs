//! Statistics, of one analysis or of two side by side.

use serde_json::Value;

use super::number::figure;
use super::table;

/// The overall table of one analysis: `{statistic: {row: value}}`.
pub fn overall(overall: &Value) -> String {
    let mut rows = table::table(&["statistic", ">mean", ">std", ">min", ">25%", ">50%", ">75%", ">max"]);
    for (name, column) in overall.as_object().into_iter().flatten() {
        let cells = ["mean", "std", "min", "25%", "50%", "75%", "max"].map(|row| cell(column.get(row)));
        rows.add_row([name.clone()].into_iter().chain(cells));
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
