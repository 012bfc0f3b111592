//! `extract_tables_from_html_mapper`: the tables of a page, noted beside the text.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Tagger};
use crate::registry::{Entry, Parameter};

mod parser;
mod patterns;
mod soup;
mod tables;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "extract_tables_from_html_mapper",
    kind: Kind::Mapper,
    summary: "Note the tables of HTML pages under `__dj__meta__`",
    doc: "Every `table`, those within tables again on their own, as a list of rows of cells, or as it stands with its tags. The page \
          is read as Beautiful Soup does with Python's own parser: no tag is implied, and cells without an end tag stand in each \
          other. The text stays.",
    parameters: &[
        Parameter { name: "tables_field_name", kind: "text", default: "\"html_tables\"", doc: "The key under `__dj__meta__`." },
        Parameter { name: "retain_html_tags", kind: "true or false", default: "false", doc: "Keep tables with their tags, as texts." },
        Parameter {
            name: "include_header",
            kind: "true or false",
            default: "true",
            doc: "Keep rows that have a `th` among their cells; only without `retain_html_tags`.",
        },
    ],
    example: "- extract_tables_from_html_mapper:\n\n<table><tr><td>Bob<td> 12 </table> -> __dj__meta__.html_tables: [[[\"Bob12\"]]]",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    tables_field_name: String,
    retain_html_tags: bool,
    include_header: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { tables_field_name: "html_tables".to_owned(), retain_html_tags: false, include_header: true }
    }
}

/// Notes the tables of pages; see [`ENTRY`].
pub struct ExtractTablesFromHtmlMapper {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Tagger(Box::new(ExtractTablesFromHtmlMapper { common, parameters })))
}

impl Tagger for ExtractTablesFromHtmlMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn meta_key(&self) -> &str {
        &self.parameters.tables_field_name
    }

    fn tag(&self, text: &str) -> Result<Value, OpError> {
        let might = text.as_bytes().windows(6).any(|tag| tag.eq_ignore_ascii_case(b"<table"));
        if !might {
            return Ok(Value::Array(Vec::new()));
        }
        tables::tables(&parser::parse(text)?, self.parameters.retain_html_tags, self.parameters.include_header)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_parameters;

    fn tables(arguments: &Value, html: &str) -> Value {
        let Operator::Tagger(tagger) = build(arguments).unwrap() else { panic!() };
        tagger.tag(html).unwrap()
    }

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
        let Operator::Tagger(tagger) = build(&json!({"tables_field_name": "t"})).unwrap() else { panic!() };
        assert_eq!(tagger.meta_key(), "t");
    }

    #[test]
    fn example() {
        assert_eq!(tables(&json!({}), "<table><tr><td>Bob<td> 12 </table>"), json!([[["Bob12"]]]));
    }

    /// Results recorded from beautifulsoup4 4.15.0 on CPython 3.11: cells, with tags, and cells without header rows.
    #[test]
    fn as_in_beautiful_soup() {
        for (html, cells, with_tags, without_header) in [
            (
                r##"<table><tr><th>N</th></tr><tr><td> a <b> b </b></td><td>c</td></tr></table>"##,
                r##"[[["N"], ["ab", "c"]]]"##,
                r##"["<table><tr><th>N</th></tr><tr><td> a <b> b </b></td><td>c</td></tr></table>"]"##,
                r##"[[["ab", "c"]]]"##,
            ),
            (
                r##"<table><tr><td>1<td>2<tr><td>3</table>"##,
                r##"[[["123"], ["3"]]]"##,
                r##"["<table><tr><td>1<td>2<tr><td>3</td></tr></td></td></tr></table>"]"##,
                r##"[[["123"], ["3"]]]"##,
            ),
            (
                r##"<TABLE Class='x  y' id="q'r"><TR><TD>a<br>b&amp;c&nbsp;<img src=x></table>"##,
                r##"[[["ab&c"]]]"##,
                r##"["<table class=\"x y\" id=\"q'r\"><tr><td>a<br/>b&amp;c\u00a0<img src=\"x\"/></td></tr></table>"]"##,
                r##"[[["ab&c"]]]"##,
            ),
            (
                r##"<table><tr><td>x<table><tr><td>y</td></tr></table></td></tr></table>"##,
                r##"[[["xy"], ["y"]], [["y"]]]"##,
                r##"["<table><tr><td>x<table><tr><td>y</td></tr></table></td></tr></table>", "<table><tr><td>y</td></tr></table>"]"##,
                r##"[[["xy"], ["y"]], [["y"]]]"##,
            ),
            (r##"<table></table><table><tr></tr></table>"##, r##"[]"##, r##"["<table></table>", "<table><tr></tr></table>"]"##, r##"[]"##),
            (
                r##"<table><tr><td><!-- c --><script>s<b</script><style>t</style><template>u</template>v<![CDATA[w]]><?pi?></td></tr></table>"##,
                r##"[[["vw"]]]"##,
                r##"["<table><tr><td><!-- c --><script>s<b</script><style>t</style><template>u</template>v<![CDATA[w]]><?pi?></td></tr></table>"]"##,
                r##"[[["vw"]]]"##,
            ),
            (
                r##"<table><tr><td>a &lt; b &notit; &#65 &#128; &#0;</td></tr>"##,
                r##"[[["a < b &notit A \u20ac \ufffd"]]]"##,
                r##"["<table><tr><td>a &lt; b &amp;notit A \u20ac \ufffd</td></tr></table>"]"##,
                r##"[[["a < b &notit A \u20ac \ufffd"]]]"##,
            ),
            (
                r##"<table><tr><td a="it's &quot;q&quot;" b='"' checked>x"##,
                r##"[[["x"]]]"##,
                r##"["<table><tr><td a=\"it's &quot;q&quot;\" b='\"' checked=\"\">x</td></tr></table>"]"##,
                r##"[[["x"]]]"##,
            ),
            (r##"</table><table/><tr><td>z</td></tr>"##, r##"[]"##, r##"["<table></table>"]"##, r##"[]"##),
            (
                "<table><tr><td>  \n </td><td><pre>  \n </pre></td></tr></table>",
                r##"[[["", ""]]]"##,
                r##"["<table><tr><td>\n</td><td><pre>  \n </pre></td></tr></table>"]"##,
                r##"[[["", ""]]]"##,
            ),
            (
                r##"<table><tr><td <b>x</td></tr></table>"##,
                r##"[[["x"]]]"##,
                r##"["<table><tr><td <b=\"\">x</td></tr></table>"]"##,
                r##"[[["x"]]]"##,
            ),
            (r##"<table><tr><td>x</td"##, r##"[[["x</td"]]]"##, r##"["<table><tr><td>x&lt;/td</td></tr></table>"]"##, r##"[[["x</td"]]]"##),
        ] {
            for (arguments, expected) in
                [(json!({}), cells), (json!({"retain_html_tags": true}), with_tags), (json!({"include_header": false}), without_header)]
            {
                let expected: Value = serde_json::from_str(expected).unwrap();
                assert_eq!(tables(&arguments, html), expected, "{html}");
            }
        }
    }

    #[test]
    fn hostile_pages_end() {
        let Operator::Tagger(tagger) = build(&json!({})).unwrap() else { panic!() };
        for part in ["<!--", "<a ", "<a b='", "<![CDATA[", "&#", "<!", "</", "&a", "<a / "] {
            assert_eq!(tagger.tag(&format!("<table>{}", part.repeat(5_000))).unwrap(), json!([]));
        }
        assert!(tagger.tag(&"<table>".repeat(20_000)).is_err());
    }
}
