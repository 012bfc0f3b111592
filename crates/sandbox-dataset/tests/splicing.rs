//! Changes are spliced in, everything else stays.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use sandbox_dataset::{Edits, Row, write_row};
use serde_json::{Map, Value};

fn check(row: &str, change: impl Fn(&mut Edits), expect: &str) {
    let mut edits = Edits::new();
    change(&mut edits);
    let mut out = b"before".to_vec();
    write_row(&Row::parse(row.as_bytes()).unwrap(), &edits, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), format!("before{expect}"));
}

fn refuse(row: &str, change: impl Fn(&mut Edits)) -> String {
    let mut edits = Edits::new();
    change(&mut edits);
    let mut out = b"before".to_vec();
    let error = write_row(&Row::parse(row.as_bytes()).unwrap(), &edits, &mut out).unwrap_err();
    assert_eq!(out, b"before");
    error.to_string()
}

#[test]
fn nothing_changes_nothing() {
    check(" {\"a\" : 1.0e1,\t\"b\":\"\\u0041\"} ", |_| {}, " {\"a\" : 1.0e1,\t\"b\":\"\\u0041\"} ");
}

#[test]
fn values_are_replaced_in_place() {
    let row = r#"{"a" : 1.0e1 ,"b":[ 1, 2 ],  "c":null }"#;
    check(row, |edits| edits.set("b", b"7"), r#"{"a" : 1.0e1 ,"b":7,  "c":null }"#);
    check(row, |edits| edits.set("b.1", b"7"), r#"{"a" : 1.0e1 ,"b":[ 1, 7 ],  "c":null }"#);
    check(
        row,
        |edits| [("a", "1"), ("c", "2"), ("a", "3")].iter().for_each(|(name, json)| edits.set(name, json.as_bytes())),
        r#"{"a" : 3 ,"b":[ 1, 2 ],  "c":2 }"#,
    );
    check(r#"{"a": 1, "\u0061": 2}"#, |edits| edits.set("a", b"3"), r#"{"a": 1, "\u0061": 3}"#);
}

#[test]
fn new_fields_follow_the_style_of_the_row() {
    check("{}", |edits| edits.set_text("a", "x"), r#"{"a":"x"}"#);
    check(" { } ", |edits| edits.set_text("a", "x"), r#" {"a":"x" } "#);
    check(r#"{"a":1}"#, |edits| edits.set("b", b"2"), r#"{"a":1,"b":2}"#);
    check(r#"{"a": 1}"#, |edits| edits.set("b", b"2"), r#"{"a": 1, "b": 2}"#);
    check(r#"{ "a": 1,"c": 1 }"#, |edits| edits.set("b\"", b"2"), r#"{ "a": 1,"c": 1,"b\"": 2 }"#);
    check(r#"{"a":1}"#, |edits| edits.set_value("b", &[1.5, 2.0]).unwrap(), r#"{"a":1,"b":[1.5,2.0]}"#);
}

#[test]
fn nested_fields_are_set_where_they_are() {
    let row = r#"{"m": {"t" : 1, "u": {}}, "m.d": 2, "n": null, "s": "x"}"#;
    check(row, |edits| edits.set("m.t", b"9"), r#"{"m": {"t" : 9, "u": {}}, "m.d": 2, "n": null, "s": "x"}"#);
    check(row, |edits| edits.set("m.d", b"9"), r#"{"m": {"t" : 1, "u": {}}, "m.d": 9, "n": null, "s": "x"}"#);
    check(row, |edits| edits.set("m.u.v.w", b"9"), r#"{"m": {"t" : 1, "u": {"v":{"w":9}}}, "m.d": 2, "n": null, "s": "x"}"#);
    check(row, |edits| edits.set("n.x", b"9"), r#"{"m": {"t" : 1, "u": {}}, "m.d": 2, "n": {"x":9}, "s": "x"}"#);
    let two = |edits: &mut Edits| {
        edits.set("q.x", b"1");
        edits.set("q.y", b"2");
    };
    check(r#"{"a": 1}"#, two, r#"{"a": 1, "q": {"x":1,"y":2}}"#);
    assert_eq!(refuse(row, |edits| edits.set("s.t", b"1")), "field `s` is a string");
    assert_eq!(refuse(r#"{"a": [1]}"#, |edits| edits.set("a.1", b"1")), "field `a.1` is not in the list");
}

#[test]
fn fields_are_taken_out_with_their_comma() {
    let row = r#"{ "a": 1, "b": 2,  "c": {"d": 3} }"#;
    check(row, |edits| edits.remove("a"), r#"{ "b": 2,  "c": {"d": 3} }"#);
    check(row, |edits| edits.remove("b"), r#"{ "a": 1,  "c": {"d": 3} }"#);
    check(row, |edits| edits.remove("c"), r#"{ "a": 1, "b": 2 }"#);
    check(row, |edits| edits.remove("c.d"), r#"{ "a": 1, "b": 2,  "c": {} }"#);
    check(row, |edits| edits.remove("nothing.here"), row);
    check(row, |edits| ["a", "b", "c"].iter().for_each(|name| edits.remove(name)), "{  }");
    check(r#"{"a":1,"b":2,"a":3}"#, |edits| edits.remove("a"), r#"{"b":2}"#);
    let move_to_the_end = |edits: &mut Edits| {
        edits.remove("a");
        edits.set("a.x", b"1");
    };
    check(r#"{"a":1,"b":2}"#, move_to_the_end, r#"{"b":2,"a":{"x":1}}"#);
}

#[test]
fn a_cleared_collection_serves_again() {
    let mut edits = Edits::new();
    edits.set("a", b"1");
    edits.clear();
    assert!(edits.is_empty());
    edits.set("b", b"2");
    let mut out = Vec::new();
    write_row(&Row::parse(b"{}").unwrap(), &edits, &mut out).unwrap();
    assert_eq!(out, br#"{"b":2}"#);
}

/// The same change on a tree; `false` where something is in the way.
fn edit(map: &mut Map<String, Value>, name: &str, new: Option<&Value>) -> bool {
    let cuts = std::iter::once(name.len()).chain(name.rmatch_indices('.').map(|(dot, _)| dot));
    let known = cuts.map(|cut| &name[..cut]).find(|key| map.contains_key(*key));
    let Some(key) = known.or(new.map(|_| name.split('.').next().unwrap_or(name))) else { return true };
    let rest = name[key.len()..].strip_prefix('.');
    match (rest, new) {
        (None, None) => {
            map.shift_remove(key);
        }
        (None, Some(new)) => {
            map.insert(key.to_owned(), new.clone());
        }
        (Some(rest), new) => {
            let inner = map.entry(key).or_insert(Value::Null);
            if inner.is_null() && new.is_some() {
                *inner = Value::Object(Map::new());
            }
            return match inner {
                Value::Object(map) => edit(map, rest, new),
                _ => new.is_none(),
            };
        }
    }
    true
}

fn any_map() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "[a\"\\\\é\n]{0,3}".prop_map(Value::from)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop::collection::vec(("[ab]|[ab]\\.[ab]|é\"", inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
    })
    .prop_map(|value| if value.is_object() { value } else { Value::Object(Map::new()) })
}

/// A JSON text with white space where it may be.
fn spaced(value: &Value, pretty: u8) -> String {
    match pretty % 3 {
        0 => value.to_string(),
        1 => serde_json::to_string_pretty(value).unwrap(),
        _ => value.to_string().replace("\":", "\" : ").replace("{\"", "{ \""),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spliced_row_has_the_values_of_an_edited_tree(
        value in any_map(),
        pretty: u8,
        changes in prop::collection::vec(("[ab](\\.[ab]){0,3}|é\"|a\\.é\"", prop::option::weighted(0.7, any_map())), 0..6),
    ) {
        let text = spaced(&value, pretty);
        let value: Value = serde_json::from_str(&text).unwrap();
        let Value::Object(mut expected) = value else { unreachable!() };
        let mut edits = Edits::new();
        let mut fits = true;
        for (name, new) in &changes {
            match new {
                Some(new) => edits.set_value(name, new).unwrap(),
                None => edits.remove(name),
            }
            fits &= edit(&mut expected, name, new.as_ref());
        }
        let mut out = Vec::new();
        let row = Row::parse(text.as_bytes()).unwrap();
        match write_row(&row, &edits, &mut out) {
            Ok(()) => {
                let got: Value = serde_json::from_slice(&out).map_err(|error| TestCaseError::fail(format!("{error}: {}", String::from_utf8_lossy(&out))))?;
                prop_assert!(Row::parse(&out).is_ok());
                if fits {
                    prop_assert_eq!(got, Value::Object(expected));
                }
            }
            Err(error) => prop_assert!(!fits, "{}: {:?}", error, changes),
        }
    }
}
