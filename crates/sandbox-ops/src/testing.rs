//! Short ways to an operator, for the tests beside each.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::OpError;
use crate::operator::{Operator, Selection};
use crate::registry::{Entry, build};
use crate::row_view::RowView;
use crate::stat::{StatValue, only};
use crate::text::{Scratch, TextView};

/// Holds an entry's table of parameters against the struct that reads them: names, order and defaults.
pub(crate) fn check_parameters<P: Default + Serialize>(entry: &Entry) {
    check_table::<P>(entry);
    assert_eq!(build(entry.name, &Value::Null).unwrap().kind(), entry.kind);
    assert_eq!(build(entry.name, &Value::Object(defaults(entry))).unwrap().kind(), entry.kind);
}

fn defaults(entry: &Entry) -> Map<String, Value> {
    let row = |parameter: &crate::registry::Parameter| (parameter.name.to_owned(), serde_json::from_str(parameter.default).unwrap());
    entry.parameters.iter().map(row).collect()
}

/// As [`check_parameters`], for an operator that cannot be built without files.
pub(crate) fn check_table<P: Default + Serialize>(entry: &Entry) {
    let table = defaults(entry);
    assert_eq!(serde_json::to_string(&P::default()).unwrap(), serde_json::to_string(&table).unwrap(), "{}", entry.name);
    let name = format!("{}:", entry.name);
    assert!(entry.example.contains(&name) || entry.example.contains(entry.name), "{}: its example does not name it", entry.name);
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

/// The rows that a selector chooses among these, by their numbers.
pub(crate) fn selected(name: &str, arguments: Value, rows: &[Value]) -> Result<Vec<u64>, OpError> {
    let Operator::Selector(selector) = build(name, &arguments).unwrap() else { panic!("{name} is no selector") };
    let value = |row: &Value, field: &str| field.split('.').try_fold(row, |value, part| value.get(part)).cloned();
    let values: Vec<_> = selector.field().map(|field| rows.iter().map(|row| value(row, field)).collect()).unwrap_or_default();
    Ok(match selector.select(rows.len() as u64, &values)? {
        Selection::All => (0..rows.len() as u64).collect(),
        Selection::Rows(rows) => rows,
    })
}

/// Whether a filter keeps a row.
pub(crate) fn keeps_row(name: &str, arguments: Value, row: &Value) -> Result<bool, OpError> {
    let Operator::Filter(filter) = build(name, &arguments).unwrap() else { panic!("{name} is no filter") };
    let fields = row.as_object().unwrap();
    filter.keep(&filter.compute(&RowView::new(None, fields))?)
}

/// The path of a recorded media file.
#[cfg(feature = "media")]
pub(crate) fn asset(name: &str) -> String {
    format!("{}/../../tests/goldens/assets/media/{name}", env!("CARGO_MANIFEST_DIR"))
}
