//! Short ways to an operator, for the tests beside each.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::OpError;
use crate::operator::Operator;
use crate::registry::{Entry, build};
use crate::row_view::RowView;
use crate::stat::{StatValue, only};
use crate::text::{Scratch, TextView};

/// Holds an entry's table of parameters against the struct that reads them: names, order and defaults.
pub(crate) fn check_parameters<P: Default + Serialize>(entry: &Entry) {
    let row = |parameter: &crate::registry::Parameter| (parameter.name.to_owned(), serde_json::from_str(parameter.default).unwrap());
    let table: Map<String, Value> = entry.parameters.iter().map(row).collect();
    assert_eq!(serde_json::to_string(&P::default()).unwrap(), serde_json::to_string(&table).unwrap(), "{}", entry.name);
    let name = format!("{}:", entry.name);
    assert!(entry.example.contains(&name) || entry.example.contains(entry.name), "{}: its example does not name it", entry.name);
    assert_eq!(build(entry.name, &Value::Null).unwrap().kind(), entry.kind);
    assert_eq!(build(entry.name, &Value::Object(table)).unwrap().kind(), entry.kind);
}

/// The (first) statistic of a text, and whether it is kept.
pub(crate) fn judge(name: &str, arguments: Value, text: &str) -> (StatValue, bool) {
    let Operator::Filter(filter) = build(name, &arguments).unwrap() else { panic!("{name} is no filter") };
    let mut scratch = Scratch::default();
    let stats = filter.compute(&RowView::of_text(&TextView::new(text, &mut scratch))).unwrap();
    let kept = filter.keep(&stats).unwrap();
    (only(&stats).clone(), kept)
}

/// A text after a mapper.
pub(crate) fn mapped(name: &str, arguments: Value, text: &str) -> String {
    let Operator::Mapper(mapper) = build(name, &arguments).unwrap() else { panic!("{name} is no mapper") };
    mapper.map(text).unwrap().into_owned()
}

/// The statistics of a row by their keys, and whether it is kept.
#[allow(dead_code, reason = "for operators that look at more than the text")]
pub(crate) fn judge_row(name: &str, arguments: Value, row: &Value) -> Result<(Vec<(String, StatValue)>, bool), OpError> {
    let Operator::Filter(filter) = build(name, &arguments).unwrap() else { panic!("{name} is no filter") };
    let fields = row.as_object().unwrap();
    let mut scratch = Scratch::default();
    let text = fields.get("text").and_then(Value::as_str).map(|text| TextView::new(text, &mut scratch));
    let stats = filter.compute(&RowView::new(text.as_ref(), fields))?;
    let kept = filter.keep(&stats)?;
    assert_eq!(filter.stat_keys().len(), stats.len(), "{name}");
    Ok((filter.stat_keys().into_iter().map(String::from).zip(stats).collect(), kept))
}
