//! What is a row and what its fields are.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use sandbox_dataset::{Row, RowParser, row_line, write_json_string};
use serde_json::{Value, json};

fn reason(bytes: &[u8]) -> String {
    Row::parse(bytes).unwrap_err().to_string()
}

#[test]
fn a_bad_row_says_why() {
    assert_eq!(reason(b""), "not JSON: expected a value at column 1");
    assert_eq!(reason(br#"{"a": "x" "b": 1}"#), "not JSON: expected `,` or `}` at column 11");
    assert_eq!(reason("{\"ä\": \"ü\" 1}".as_bytes()), "not JSON: expected `,` or `}` at column 11");
    assert_eq!(reason(br#"{"a": 1,}"#), "not JSON: expected `\"` at column 9");
    assert_eq!(reason(br#"{"a"; 1}"#), "not JSON: expected `:` at column 5");
    assert_eq!(reason(br#"{"a": 01}"#), "not JSON: expected `,` or `}` at column 8");
    assert_eq!(reason(br#"{"a": 1.}"#), "not JSON: expected a digit at column 9");
    assert_eq!(reason(br#"{"a": 1e999}"#), "not JSON: number out of range at column 7");
    assert_eq!(reason(br#"{"a": NaN}"#), "not JSON: expected a value at column 7");
    assert_eq!(reason(br#"{"a": [1 2]}"#), "not JSON: expected `,` or `]` at column 10");
    assert_eq!(reason(b"{\"a\": \"x\ty\"}"), "not JSON: control character in a string at column 9");
    assert_eq!(reason(br#"{"a": "\x"}"#), "not JSON: unknown escape in a string at column 8");
    assert_eq!(reason(br#"{"a": "\u12g4"}"#), "not JSON: expected four hexadecimal digits at column 8");
    assert_eq!(reason(br#"{"a": "\ud800"}"#), "not JSON: half a surrogate pair in a string at column 8");
    assert_eq!(reason(br#"{"a": "\ud800\u0041"}"#), "not JSON: half a surrogate pair in a string at column 8");
    assert_eq!(reason(br#"{"a": "\udc00"}"#), "not JSON: half a surrogate pair in a string at column 8");
    assert_eq!(reason(br#"{"a": "#), "not JSON: expected a value at column 7");
    assert_eq!(reason(br#"{"a": "b"#), "not JSON: expected the end of a string at column 9");
    assert_eq!(reason(br#"{"a": 1} x"#), "not JSON: expected the end of the row at column 10");
    assert_eq!(reason(b"{\"a\": \"\xff\"}"), "invalid UTF-8 at byte 8");
    assert_eq!(reason(b"[1, 2]"), "not an object but a list");
    assert_eq!(reason(b" null "), "not an object but null");
    assert_eq!(reason(b"12"), "not an object but a number");
    assert_eq!(reason(b"\"x\""), "not an object but a string");
    assert_eq!(reason(b"hello"), "not JSON: expected a value at column 1");
}

#[test]
fn nesting_is_taken_as_deep_as_a_tree_can_be_made_of_it() {
    for depth in 120..135 {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(Row::parse(text.as_bytes()).is_ok(), serde_json::from_str::<Value>(&text).is_ok(), "{depth}");
        let text = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert_eq!(Row::parse(text.as_bytes()).is_ok(), serde_json::from_str::<Value>(&text).is_ok(), "{depth}");
    }
    assert!(Row::parse("{\"a\":".repeat(1_000_000).as_bytes()).is_err());
}

#[test]
fn names_find_the_longest_key_at_each_level() {
    let row =
        Row::parse(br#"{"a.b": 1, "a": {"b": 2, "c.d": {"e": 3}, "c": 4, "d": [5, {"x": "y"}]}, "k\u0065y": 6, "": {"z": 7}}"#).unwrap();
    assert_eq!(row.get("a.b"), Some("1"));
    assert_eq!(row.get("a.c.d.e"), Some("3"));
    assert_eq!(row.get("a.c"), Some("4"));
    assert_eq!(row.get("a.d.0"), Some("5"));
    assert_eq!(row.text("a.d.1.x").unwrap().as_deref(), Some("y"));
    assert_eq!(row.get("a.d.2"), None);
    assert_eq!(row.get("a.d.x"), None);
    assert_eq!(row.get("a.b.c"), None, "the longest key wins, there is no way back");
    assert_eq!(row.get("key"), Some("6"));
    assert_eq!(row.get(".z"), Some("7"));
    assert_eq!(row.get("ab"), None);
    assert_eq!(row.value("a.d"), Some(json!([5, {"x": "y"}])));
    assert_eq!(row.fields().map(|field| field.key.into_owned()).collect::<Vec<_>>(), ["a.b", "a", "key", ""]);
}

#[test]
fn of_a_key_that_is_there_twice_the_last_one_counts() {
    let row = Row::parse(br#"{"a": 1, "b": {"x": 1, "x": 2}, "a": "2"}"#).unwrap();
    assert_eq!((row.get("a"), row.get("b.x")), (Some("\"2\""), Some("2")));
}

#[test]
fn text_is_unescaped_and_nothing_else_is_text() {
    let row = Row::parse(
        r#" {"a": "plain ü", "b": "\"\\\/\b\f\n\r\t\u00fc\ud83d\ude00\u0000!", "c": null, "d": true, "e": "", "f": {}} "#.as_bytes(),
    )
    .unwrap();
    assert!(matches!(row.text("a"), Ok(Some(std::borrow::Cow::Borrowed("plain ü")))));
    assert_eq!(row.text("b").unwrap().unwrap(), "\"\\/\u{8}\u{c}\n\r\tü😀\0!");
    assert_eq!(row.text("e").unwrap().unwrap(), "");
    assert_eq!((row.text("c"), row.text("none")), (Ok(None), Ok(None)));
    assert_eq!(row.text("d").unwrap_err().to_string(), "field `d` is a boolean");
    assert_eq!(row.text("f").unwrap_err().to_string(), "field `f` is an object");
}

/// Any JSON value, not too large.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\\n\u{1}é😀]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[abc.\"é]{0,3}", inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// The tree of a row, by this crate's means only.
fn tree(row: &Row<'_>) -> Value {
    Value::Object(row.fields().map(|field| (field.key.into_owned(), serde_json::from_str(field.value).unwrap())).collect())
}

/// A line is taken at once exactly when it is a row with nothing around it.
fn check_line(text: &str) {
    let is_line = !text.contains('\n') && text.starts_with('{') && text.ends_with('}') && Row::parse(text.as_bytes()).is_ok();
    let end = is_line.then_some(text.len() + 1);
    assert_eq!(row_line(&format!("{text}\n")), end, "{text}");
    assert_eq!(row_line(&format!("{text}\n}}\n{{}}\n")), end, "{text}");
    assert_eq!(row_line(text), None, "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_read_as_serde_json_reads_them(value in any_value(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        check_line(&text);
        let mut parser = RowParser::new();
        match parser.parse(text.as_bytes()) {
            Ok(row) => prop_assert_eq!(tree(&row), serde_json::from_str::<Value>(&text).unwrap()),
            Err(_) => prop_assert!(!value.is_object()),
        }
    }

    #[test]
    fn what_is_damaged_is_refused_when_serde_json_refuses_it(value in any_value(), at: prop::sample::Index, byte: u8, cut: bool) {
        let mut bytes = serde_json::to_vec(&json!({"a": value})).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let expected = serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object);
        let got = Row::parse(&bytes).ok().map(|row| tree(&row));
        prop_assert_eq!(got, expected);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            check_line(text);
        }
    }

    #[test]
    fn soup_of_tokens_is_refused_when_serde_json_refuses_it(text in "[\\[\\]{}\",:0-2eE.+\\-tfnu \\\\]{0,12}|\\{\"a\":[0-9eE.+\\-]{1,6}\\}|\\{\"a\":\"(\\\\[a-z\"\\\\/]|\\\\u[dD][89aAcCdD][0-9]{2}|x){0,5}\"\\}") {
        let expected = serde_json::from_str::<Value>(&text).ok().filter(Value::is_object);
        let got = Row::parse(text.as_bytes()).ok().map(|row| tree(&row));
        prop_assert_eq!(got, expected, "{}", text);
        check_line(&text);
    }

    #[test]
    fn strings_are_written_as_serde_json_writes_them_and_read_back(text: String, long in "[a-z\"\\\\\n\u{0}-\u{20}\u{7f}é😀]{0,99}") {
        for text in [text, long] {
            let mut out = Vec::new();
            write_json_string(&text, &mut out);
            prop_assert_eq!(&out, &serde_json::to_vec(&text).unwrap());
            let row = [b"{\"t\":", out.as_slice(), b"}"].concat();
            let row = Row::parse(&row).unwrap();
            prop_assert_eq!(row.text("t").unwrap().unwrap(), text);
        }
    }
}
