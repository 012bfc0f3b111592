//! `clean_html_mapper`: the text of a page.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;

mod page;
mod tree;

use page::body_text;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "clean_html_mapper",
    kind: Kind::Mapper,
    summary: "Keep the text of HTML pages, without tags",
    doc: "`<li>` and `<ol>` without attributes become a line feed and `*`. Then the page is read as browsers do, and the result \
          is the text of its body: character references are decoded, comments left out; what stands in scripts, styles and \
          templates within the body stays.",
    parameters: &[],
    example: "- clean_html_mapper:\n\n<p>Eggs &amp; ham<ul><li>one</ul> -> Eggs & ham\\n*one",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Keeps the text of pages; see [`ENTRY`].
pub struct CleanHtmlMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(CleanHtmlMapper { common: arguments.common })))
}

impl Mapper for CleanHtmlMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        if !text.bytes().any(|byte| matches!(byte, b'<' | b'&' | b'\r' | 0)) {
            return Ok(plain(text));
        }
        let mut html = Cow::Borrowed(text);
        for (tag, replacement) in [("<li>", "\n*"), ("</li>", ""), ("<ol>", "\n*"), ("</ol>", "")] {
            if html.contains(tag) {
                html = Cow::Owned(html.replace(tag, replacement));
            }
        }
        let out = body_text(&html);
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }
}

/// A text without markup: white space before the first word is not in the body.
fn plain(text: &str) -> Cow<'_, str> {
    let stripped = text.trim_start_matches([' ', '\t', '\n', '\x0c']);
    if stripped.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(stripped.to_owned()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "<p>Eggs &amp; ham<ul><li>one</ul>"), "Eggs & ham\n*one");
    }

    /// Results recorded from selectolax 0.3.30.
    #[test]
    fn as_in_selectolax() {
        for (html, expected) in [
            (
                "<html><head><title>t</title></head><body> <p>Hello <b>w</b>!</p>\n<!-- c --><script>if (a < b) {}</script><style>p{}</style></body></html>",
                " Hello w!\nif (a < b) {}p{}",
            ),
            ("<ul><li>one</li><li class=x>two</ol>", "\n*onetwo"),
            ("a &amp; b &ampx &notit; &notin; &#x41 &#128; &nosuch;", "a & b &x ¬it; ∉ A € &nosuch;"),
            ("\r\n  x\r\ny\rz", "x\ny\nz"),
            ("<table>a<tr><td>b</td>c</tr></table>d", "acbd"),
            ("<pre>\n\nx</pre><textarea>\n<b>y</textarea>", "\nx<b>y"),
            ("<frameset><frame></frameset>x", ""),
            ("a<template>b<i>c</template>d<noscript><b>e</b></noscript>", "abcde"),
            ("ctrl \u{0} nul del", "ctrl  nul dell"),
            ("x\u{0}é漢", "xé漢"),
            ("\u{feff}x</>y", "\u{feff}x</>y"),
            ("a </> <3 < b", "a </> <3 < b"),
            ("<p>hello <", ""),
            ("é<p", "ép"),
            ("text < more", "text < more"),
            ("<a><p>1</a>2</p>3", "123"),
            ("<select><option>a<div>b</select>c", "abc"),
            ("<svg><title>t</title><![CDATA[x]]></svg>y", "txy"),
            ("<xmp>&amp;<b></xmp><plaintext></b>&amp;", "&amp;<b></b>&amp;"),
            ("</p>a</br>b", "ab"),
            ("<!doctype html><!-- x -->  <i>k", "k"),
            ("<h1 <track", ""),
            ("no tags here", "no tags here"),
            ("  lead", "lead"),
            ("<b>1<table><tr>2<td>3</table>4</b>5", "12345"),
            ("<body a='<b>'>q<body>r</body>s</html>t", "qrst"),
            ("&lt;b&gt;", "<b>"),
        ] {
            assert_eq!(mapped(ENTRY.name, json!({}), html), expected, "{html:?}");
        }
    }

    #[test]
    fn hostile_pages_take_no_time_to_speak_of() {
        for part in ["<div>", "<b>", "<a><table>", "<p><font id=1></p>", "</>", "<svg>", "<!--", "<", "<table>x"] {
            assert!(mapped(ENTRY.name, json!({}), &part.repeat(20_000)).len() <= 20_000 * part.len());
        }
        let fonts: String = (0..10_000).map(|id| format!("<p><font id={id}></p>")).collect();
        assert_eq!(mapped(ENTRY.name, json!({}), &format!("{fonts}<p>x")), "x");
        assert_eq!(mapped(ENTRY.name, json!({}), &format!("{}deep", "<div>".repeat(100_000))), "deep");
    }
}
