//! One page with pictures and their numbers, in one file that needs no other.

use std::fmt::Write as _;

/// A table of texts; columns after the first are numbers and stand at the right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Headings.
    pub head: Vec<String>,
    /// Rows, each as long as `head`.
    pub rows: Vec<Vec<String>>,
}

/// A page in the making.
#[derive(Debug, Clone)]
pub struct Page {
    title: String,
    body: String,
}

const STYLE: &str = include_str!("../assets/page.css");

impl Page {
    /// A page that begins with `title` and a few words.
    pub fn new(title: &str, words: &str) -> Self {
        let mut body = String::new();
        let _ = write!(body, "<h1>{}</h1>\n<p>{}</p>\n", escaped(title), escaped(words));
        Self { title: title.to_owned(), body }
    }

    /// A heading.
    pub fn section(&mut self, title: &str) -> &mut Self {
        let _ = writeln!(self.body, "<h2>{}</h2>", escaped(title));
        self
    }

    /// A paragraph.
    pub fn words(&mut self, words: &str) -> &mut Self {
        let _ = writeln!(self.body, "<p>{}</p>", escaped(words));
        self
    }

    /// Text as it is, such as a recipe, folded away behind `title`.
    pub fn text(&mut self, title: &str, text: &str) -> &mut Self {
        let _ = writeln!(self.body, "<details><summary>{}</summary><pre>{}</pre></details>", escaped(title), escaped(text));
        self
    }

    /// A table.
    pub fn table(&mut self, table: &Table) -> &mut Self {
        self.body.push_str(&html(table));
        self
    }

    /// Pictures side by side, as SVG, with a sentence for who does not see them and the numbers behind them.
    pub fn pictures(&mut self, sentence: &str, pictures: &[String], numbers: Option<&Table>) -> &mut Self {
        let _ = write!(self.body, "<figure role=\"group\" aria-label=\"{}\"><div class=\"pictures\">", escaped(sentence));
        for svg in pictures {
            self.body.push_str(&inline(svg));
        }
        self.body.push_str("</div>");
        if let Some(table) = numbers {
            let _ = write!(self.body, "<details><summary>Numbers</summary>{}</details>", html(table));
        }
        self.body.push_str("</figure>\n");
        self
    }

    /// The page as one HTML document: no script, nothing from elsewhere.
    pub fn html(&self) -> String {
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title><style>{STYLE}</style></head>\n<body><main>\n{}</main></body></html>\n",
            escaped(&self.title),
            self.body
        )
    }
}

fn html(table: &Table) -> String {
    let mut out = String::from("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>");
    for cell in &table.head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(cell));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let tag = if index == 0 { "th scope=\"row\"" } else { "td" };
            let _ = write!(out, "<{tag}>{}</{}>", escaped(cell), if index == 0 { "th" } else { "td" });
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// An SVG inside of a page: its size is the page's matter, and its inks are the page's, which has a light and a dark form.
fn inline(svg: &str) -> String {
    let inks = [("#16191D", "ink"), ("#545D69", "soft"), ("#D9DDE3", "line"), ("#FFFFFF", "ground"), ("#2457C5", "first")];
    let mut svg = svg.to_owned();
    for (color, name) in inks {
        svg = svg.replace(&format!("\"{color}\""), &format!("\"var(--{name})\""));
    }
    let Some(start) = svg.find("<svg") else { return svg };
    let Some(end) = svg[start..].find('>') else { return svg };
    let head = &svg[start..start + end];
    let view = head.split_once("viewBox=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("0 0 760 460", |(view, _)| view);
    format!("<svg viewBox=\"{view}\" xmlns=\"http://www.w3.org/2000/svg\" aria-hidden=\"true\"{}", &svg[start + end..])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_texts() {
        let mut page = Page::new("<script>alert(1)</script>", "a & b");
        let table = Table { head: vec!["<b>".into(), "n".into()], rows: vec![vec!["\"><img src=x>".into(), "1".into()]] };
        page.section("<i>").table(&table).text("'x'", "</pre><script>").pictures("\" onload=\"x", &["<svg></svg>".into()], Some(&table));
        let html = page.html();
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>") && !html.contains("\" onload"));
    }
}
