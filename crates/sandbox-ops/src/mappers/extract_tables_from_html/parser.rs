//! A page cut into tags and texts as CPython 3.11's `html.parser` does it, for Beautiful Soup 4.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::patterns::{ATTRIBUTE, END, NAME, NUMBER, SECTION, START, TAG};
use super::soup::{Node, Soup, is_void};
use crate::error::OpError;
use crate::html::{entity, unescape};
use crate::unicode::lower::push_lower;
use crate::unicode::{SPACE, classes, strip};

/// The nodes of a page in order.
pub(super) fn parse(html: &str) -> Result<Vec<Node>, OpError> {
    let mut parser = Parser {
        html,
        soup: Soup::default(),
        place: 0,
        raw: None,
        closed: HashMap::new(),
        last_close: html.rfind('>').unwrap_or(0),
        failures: 0,
    };
    // The original is given the page, and then told that it is over.
    parser.go(false)?;
    parser.go(true)?;
    Ok(parser.soup.finish())
}

struct Parser<'h> {
    html: &'h str,
    soup: Soup,
    place: usize,
    /// The script or style whose end is looked for.
    raw: Option<&'static str>,
    /// Elements without content that were closed as they were opened, and whose end tags are not heeded.
    closed: HashMap<String, usize>,
    /// Where the last `>` stands.
    last_close: usize,
    /// How often the end of something was looked for in vain.
    failures: usize,
}

/// How often an end is looked for in vain where no `>` follows or none of its kind did; more is an attempt to waste time.
const FAILURES: usize = 50;

fn lower(text: &str) -> String {
    let mut out = String::new();
    push_lower(text, &mut out);
    out
}

impl<'h> Parser<'h> {
    fn go(&mut self, is_end: bool) -> Result<(), OpError> {
        let html = self.html;
        while self.place < html.len() {
            let place = self.place;
            let next = match self.raw {
                None => html[place..].find(['<', '&']).map_or(html.len(), |found| place + found),
                Some(name) => match self.raw_end(name) {
                    Some(found) => found,
                    None => return Ok(()),
                },
            };
            if place < next {
                self.soup.add_text(&html[place..next]);
                self.place = next;
            }
            let rest = &html[next..];
            let goes_on = match rest.as_bytes() {
                [] => false,
                [b'<', ..] => self.markup(rest, is_end)?,
                _ => self.reference(rest, is_end)?,
            };
            if !goes_on {
                break;
            }
        }
        if is_end && self.raw.is_none() {
            if self.place < html.len() {
                self.soup.add_text(&html[self.place..]);
            }
            self.place = html.len();
        }
        Ok(())
    }

    /// Where the end tag of a script or style begins.
    fn raw_end(&self, name: &str) -> Option<usize> {
        let is_space = |character: char| classes().is(character, SPACE);
        self.html[self.place..].match_indices("</").map(|(position, _)| self.place + position).find(|position| {
            let rest = self.html[position + 2..].trim_start_matches(is_space);
            rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && rest[name.len()..].trim_start_matches(is_space).starts_with('>')
        })
    }

    /// A tag or the like; false when the page must go on first.
    fn markup(&mut self, rest: &'h str, is_end: bool) -> Result<bool, OpError> {
        let place = self.place;
        let bytes = rest.as_bytes();
        let second = bytes.get(1).copied();
        let is_hopeless = place >= self.last_close || matches!(second, Some(b'!'));
        let end = match second {
            Some(b'/' | b'!' | b'?') if place >= self.last_close => None,
            Some(_) if is_hopeless && self.failures > FAILURES && second.is_some_and(|byte| byte == b'!' || byte.is_ascii_alphabetic()) => {
                None
            }
            Some(letter) if letter.is_ascii_alphabetic() => self.start_tag()?,
            Some(b'/') => self.end_tag()?,
            Some(b'!') if rest.starts_with("<!--") => self.until(rest, 4, "--", "<!--", "-->"),
            Some(b'?') => rest[2..].find('>').map(|found| {
                self.soup.add_markup("<?", &rest[2..2 + found], ">", false);
                place + found + 3
            }),
            Some(b'!') => self.declaration(rest)?,
            Some(_) => {
                self.soup.add_text("<");
                Some(place + 1)
            }
            None => return Ok(false),
        };
        self.failures += usize::from(end.is_none() && is_hopeless);
        let end = match end {
            Some(end) => end,
            None if !is_end => return Ok(false),
            None => {
                let closing = (place < self.last_close).then(|| rest[1..].find('>').map(|found| place + found + 2)).flatten();
                let next = || rest[1..].find('<').map_or(place + 1, |found| place + found + 1);
                let end = closing.unwrap_or_else(next);
                self.soup.add_text(&self.html[place..end]);
                end
            }
        };
        self.place = end;
        Ok(true)
    }

    /// Markup up to a mark that is followed by white space and `>`.
    fn until(&mut self, rest: &'h str, from: usize, mark: &str, before: &'static str, after: &'static str) -> Option<usize> {
        let (start, end) = closing(rest, from, mark)?;
        self.soup.add_markup(before, &rest[from..start], after, false);
        Some(self.place + end)
    }

    fn declaration(&mut self, rest: &'h str) -> Result<Option<usize>, OpError> {
        if rest.starts_with("<![") {
            return self.section(rest);
        }
        let is_doctype = rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
        let from = if is_doctype { 9 } else { 2 };
        let Some(found) = rest[from..].find('>').map(|found| from + found) else { return Ok(None) };
        if is_doctype {
            // Nine characters of "DOCTYPE " are cut off, whatever the last is.
            let name = rest[2..found].char_indices().nth(8).map_or("", |(position, _)| &rest[2 + position..found]);
            self.soup.add_markup("<!DOCTYPE ", name, ">\n", false);
        } else {
            self.soup.add_markup("<!--", &rest[2..found], "-->", false);
        }
        Ok(Some(self.place + found + 1))
    }

    fn section(&mut self, rest: &'h str) -> Result<Option<usize>, OpError> {
        let Some(name) = SECTION.at(self.html, self.place + 3)?.and_then(|found| found.get(0)) else { return Ok(self.bogus(rest, 2)) };
        if name.end() == self.html.len() {
            return Ok(None);
        }
        let found = match lower(strip(name.as_str())).as_str() {
            "temp" | "cdata" | "ignore" | "include" | "rcdata" => section_end(rest),
            "if" | "else" | "endif" => closing(rest, 3, "]"),
            // The original gives the whole page up.
            _ => return Ok(self.bogus(rest, 2)),
        };
        let Some((start, end)) = found else { return Ok(None) };
        let content = &rest[3..start];
        match content.get(..6) {
            Some(head) if head.eq_ignore_ascii_case("CDATA[") => self.soup.add_markup("<![CDATA[", &content[6..], "]]>", true),
            _ => self.soup.add_markup("<?", content, "?>", false),
        }
        Ok(Some(self.place + end))
    }

    /// What is no tag, up to the next `>`: a comment.
    fn bogus(&mut self, rest: &'h str, from: usize) -> Option<usize> {
        let found = from + rest.get(from..)?.find('>')?;
        self.soup.add_markup("<!--", &rest[from..found], "-->", false);
        Some(self.place + found + 1)
    }

    fn start_tag(&mut self) -> Result<Option<usize>, OpError> {
        let (html, place) = (self.html, self.place);
        let Some(end) = self.whole_start_tag()? else { return Ok(None) };
        let Some(found) = TAG.at(html, place + 1)? else { return Ok(None) };
        let name = lower(found.get(1).map_or("", |name| name.as_str()));
        let mut from = found.get(0).map_or(end, |whole| whole.end());
        let mut attributes: Vec<(String, String)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while from < end {
            let Some(found) = ATTRIBUTE.at(html, from)? else { break };
            let key = lower(found.get(1).map_or("", |key| key.as_str()));
            let value = found.get(3).map_or("", |value| value.as_str());
            let value = ['\'', '"'].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value);
            let value = unescape(value).into_owned();
            match places.get(&key) {
                Some(place) => attributes[*place].1 = value,
                None => {
                    places.insert(key.clone(), attributes.len());
                    attributes.push((key, value));
                }
            }
            from = found.get(0).map_or(end, |whole| whole.end());
        }
        let rest = strip(html.get(from..end).unwrap_or_default());
        if rest != ">" && rest != "/>" {
            self.soup.add_text(&html[place..end]);
            return Ok(Some(end));
        }
        for (key, value) in &mut attributes {
            if is_list(&name, key) {
                let is_space = |character: char| classes().is(character, SPACE);
                *value = value.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            }
        }
        attributes.sort();
        self.soup.open(&name, attributes);
        if rest == "/>" {
            self.soup.close(&name);
        } else {
            if is_void(&name) {
                self.soup.close(&name);
                *self.closed.entry_ref(name.as_str()).or_default() += 1;
            }
            self.raw = ["script", "style"].into_iter().find(|raw| *raw == name).or(self.raw);
        }
        Ok(Some(end))
    }

    /// Where a start tag ends; none if the page ends first.
    fn whole_start_tag(&self) -> Result<Option<usize>, OpError> {
        let Some(end) = START.at(self.html, self.place)?.and_then(|found| found.get(0)).map(|whole| whole.end()) else { return Ok(None) };
        let rest = &self.html.as_bytes()[end..];
        Ok(match rest {
            [b'>', ..] => Some(end + 1),
            [b'/', b'>', ..] => Some(end + 2),
            [] | [b'/' | b'=', ..] => None,
            [letter, ..] if letter.is_ascii_alphabetic() => None,
            _ => Some(end),
        })
    }

    fn end_tag(&mut self) -> Result<Option<usize>, OpError> {
        let (html, place) = (self.html, self.place);
        let Some(close) = html[place + 1..].find('>').map(|found| place + found + 2) else { return Ok(None) };
        if let Some(found) = END.at(html, place)? {
            let name = lower(found.get(1).map_or("", |name| name.as_str()));
            if self.raw.is_some_and(|raw| raw != name) {
                self.soup.add_text(&html[place..close]);
                return Ok(Some(close));
            }
            self.close(&name);
            self.raw = None;
            return Ok(Some(close));
        }
        if self.raw.is_some() {
            self.soup.add_text(&html[place..close]);
            return Ok(Some(close));
        }
        let Some(found) = TAG.at(html, place + 2)? else {
            let rest = &html[place..];
            return Ok(if rest.starts_with("</>") { Some(place + 3) } else { self.bogus(rest, 2) });
        };
        let name = lower(found.get(1).map_or("", |name| name.as_str()));
        let after = found.get(0).map_or(place, |whole| whole.end());
        self.close(&name);
        Ok(html[after..].find('>').map(|found| after + found + 1))
    }

    fn close(&mut self, name: &str) {
        match self.closed.get_mut(name).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => self.soup.close(name),
        }
    }

    /// A character reference; false when the page must go on first.
    fn reference(&mut self, rest: &'h str, is_end: bool) -> Result<bool, OpError> {
        let place = self.place;
        if rest.starts_with("&#") {
            let Some(found) = NUMBER.at(self.html, place)?.and_then(|found| found.get(0)) else {
                if rest.contains(';') {
                    self.soup.add_text("&#");
                    self.place += 2;
                }
                return Ok(false);
            };
            let digits = &found.as_str()[2..];
            let digits = digits.trim_end_matches(|last: char| !last.is_ascii_hexdigit());
            self.soup.add_text(&number(digits));
            self.place = place + 2 + digits.len() + usize::from(found.as_str().ends_with(';'));
            return Ok(true);
        }
        if let Some(found) = NAME.at(self.html, place)? {
            let name = found.get(1).map_or("", |name| name.as_str());
            let value = entity(&format!("{name};")).map_or_else(|| Cow::Owned(format!("&{name}")), Cow::Borrowed);
            self.soup.add_text(&value);
            let end = place + 1 + name.len();
            self.place = end + usize::from(self.html[end..].starts_with(';'));
            return Ok(true);
        }
        match rest.as_bytes() {
            [_, next, more @ ..] if next.is_ascii_alphabetic() => {
                if is_end && more.is_empty() {
                    self.place += 1;
                }
                Ok(false)
            }
            [_, _, ..] => {
                self.soup.add_text("&");
                self.place += 1;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// What a number between `&#` and the end of the reference stands for.
fn number(digits: &str) -> String {
    let (digits, radix) = digits.strip_prefix(['x', 'X']).map_or((digits, 10), |digits| (digits, 16));
    let code = digits.chars().fold(0u32, |code, digit| code.saturating_mul(radix).saturating_add(digit.to_digit(radix).unwrap_or(0)));
    match code {
        0 => "\u{fffd}".to_owned(),
        0x80..=0x9f => unescape(&format!("&#{code};")).into_owned(),
        _ => char::from_u32(code).unwrap_or('\u{fffd}').to_string(),
    }
}

/// Where a mark from some place on that is followed by white space and `>` begins, and where that ends.
fn closing(rest: &str, from: usize, mark: &str) -> Option<(usize, usize)> {
    rest.get(from..)?.match_indices(mark).map(|(position, _)| from + position).find_map(|start| {
        let after = rest[start + mark.len()..].trim_start_matches(|character: char| classes().is(character, SPACE));
        after.starts_with('>').then(|| (start, rest.len() - after.len() + 1))
    })
}

/// The end of a CDATA section: two brackets and `>`, with white space between them.
fn section_end(rest: &str) -> Option<(usize, usize)> {
    rest.get(3..)?.match_indices(']').map(|(position, _)| 3 + position).find_map(|start| {
        let is_space = |character: char| classes().is(character, SPACE);
        let second = rest[start + 1..].trim_start_matches(is_space).strip_prefix(']')?;
        let after = second.trim_start_matches(is_space);
        after.starts_with('>').then(|| (start, rest.len() - after.len() + 1))
    })
}

/// Whether an attribute is a list of words, between which one space is written.
fn is_list(element: &str, attribute: &str) -> bool {
    match attribute {
        "class" | "accesskey" | "dropzone" => true,
        "rel" => matches!(element, "a" | "link" | "area"),
        "rev" => matches!(element, "a" | "link"),
        "headers" => matches!(element, "td" | "th"),
        "accept-charset" => element == "form",
        "archive" => element == "object",
        "sizes" => element == "icon",
        "sandbox" => element == "iframe",
        "for" => element == "output",
        _ => false,
    }
}
