//! Figures beside their targets.

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

/// Something measured.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was measured.
    pub measure: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it should be; a peer has none.
    pub target: Option<Target>,
}

impl Figure {
    /// A figure.
    pub fn new(measure: impl Into<String>, value: f64, unit: &'static str, target: Option<Target>) -> Self {
        Self { measure: measure.into(), value, unit, target }
    }

    /// Whether the target is met; a figure without target is.
    pub fn is_ok(&self) -> bool {
        match self.target {
            Some(Target::AtMost(limit)) => self.value <= limit,
            Some(Target::AtLeast(limit)) => self.value >= limit,
            None => true,
        }
    }
}

/// The figures as a table.
pub fn table(figures: &[Figure]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["measure", "figure", "target", ""]);
    for figure in figures {
        let (target, verdict) = match figure.target {
            Some(Target::AtMost(limit)) => (format!("<= {limit} {}", figure.unit), if figure.is_ok() { "ok" } else { "over" }),
            Some(Target::AtLeast(limit)) => (format!(">= {limit} {}", figure.unit), if figure.is_ok() { "ok" } else { "under" }),
            None => (String::new(), ""),
        };
        table.add_row([figure.measure.clone(), format!("{} {}", rounded(figure.value), figure.unit), target, verdict.to_owned()]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// The figures as a JSON document: a list of objects.
///
/// # Errors
/// None that can happen: numbers and texts are always JSON.
pub fn json(figures: &[Figure]) -> Result<String> {
    let list: Vec<Value> = figures
        .iter()
        .map(|figure| {
            let (at_most, at_least) = match figure.target {
                Some(Target::AtMost(limit)) => (Some(limit), None),
                Some(Target::AtLeast(limit)) => (None, Some(limit)),
                None => (None, None),
            };
            let measure = figure.measure.trim();
            json!({"measure": measure, "value": figure.value, "unit": figure.unit, "at_most": at_most, "at_least": at_least, "ok": figure.is_ok()})
        })
        .collect();
    Ok(serde_json::to_string_pretty(&list)?)
}

/// Three digits that say something.
fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Vec<Figure> {
        vec![
            Figure::new("wall", 6.254, "s", Some(Target::AtMost(8.7))),
            Figure::new("speed", 4.0, "MB/s", Some(Target::AtLeast(8.0))),
            Figure::new("  peer", 0.04321, "s", None),
        ]
    }

    #[test]
    fn the_table_names_what_is_missed() {
        let expect = "\
| measure |    figure |    target |       |
|---------|-----------|-----------|-------|
| wall    |    6.25 s |  <= 8.7 s | ok    |
| speed   | 4.00 MB/s | >= 8 MB/s | under |
|   peer  |   0.043 s |           |       |";
        assert_eq!(table(&figures()), expect);
    }

    #[test]
    fn json_holds_the_same() {
        let parsed: Value = serde_json::from_str(&json(&figures()).unwrap()).unwrap();
        assert_eq!(parsed[1], json!({"measure": "speed", "value": 4.0, "unit": "MB/s", "at_most": null, "at_least": 8.0, "ok": false}));
        assert_eq!(parsed[2]["ok"], json!(true));
    }
}
