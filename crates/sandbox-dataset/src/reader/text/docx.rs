//! The paragraphs of a `.docx` file, as python-docx gives them: those of the body itself, without tables and text boxes.

use std::fs::File;
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// Where the text stands in the archive.
const DOCUMENT: &str = "word/document.xml";

/// The paragraphs that are not blank, apart by line feeds; `None` when the text is longer than `limit` bytes.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn text(file: File, limit: usize) -> Result<Option<String>, String> {
    let mut archive = ZipArchive::new(file).map_err(|error| format!("no `.docx` file: {error}"))?;
    let entry = archive.by_name(DOCUMENT).map_err(|error| format!("no `.docx` file: `{DOCUMENT}`: {error}"))?;
    // Marks around a text can be many times the text; a packed file can be a million times its size.
    let entry = BufReader::new(entry.take((limit as u64).saturating_mul(16)));
    let mut reader = Reader::from_reader(entry);
    let mut paragraphs = Paragraphs::default();
    let mut event = Vec::new();
    loop {
        event.clear();
        let next = reader.read_event_into(&mut event);
        let failed = |error: &dyn std::fmt::Display, at: u64| format!("`{DOCUMENT}` at byte {at}: {error}");
        match next.map_err(|error| failed(&error, reader.error_position()))? {
            Event::Start(start) if !paragraphs.enters(&start) => {
                let end = start.to_end().into_owned();
                reader.read_to_end_into(end.name(), &mut Vec::new()).map_err(|error| failed(&error, reader.error_position()))?;
            }
            Event::Empty(start) => paragraphs.mark(&start),
            Event::End(end) => paragraphs.leave(end.local_name().as_ref()),
            Event::Text(text) if paragraphs.in_text => {
                paragraphs.current.push_str(&text);
            }
            Event::CData(text) if paragraphs.in_text => {
                paragraphs.current.push_str(&text);
            }
            Event::GeneralRef(reference) if paragraphs.in_text => {
                let character = reference.resolve_char_ref().map_err(|error| failed(&error, reader.buffer_position()))?;
                let name: &str = &reference;
                match (character, resolve_predefined_entity(name)) {
                    (Some(character), _) => paragraphs.current.push(character),
                    (None, Some(text)) => paragraphs.current.push_str(text),
                    (None, None) => return Err(failed(&format_args!("unknown entity `{name}`"), reader.buffer_position())),
                }
            }
            Event::Eof => return Ok(Some(paragraphs.text)),
            _ => {}
        }
        if paragraphs.text.len() + paragraphs.current.len() > limit {
            return Ok(None);
        }
    }
}

#[derive(Debug, Default)]
struct Paragraphs {
    text: String,
    current: String,
    in_paragraph: bool,
    in_text: bool,
}

impl Paragraphs {
    /// Whether what is within an element counts.
    fn enters(&mut self, start: &BytesStart<'_>) -> bool {
        match start.local_name().as_ref() {
            "document" | "body" | "sdt" | "sdtContent" => true,
            "p" if !self.in_paragraph => {
                self.in_paragraph = true;
                true
            }
            "r" | "hyperlink" | "ins" | "smartTag" | "fldSimple" => self.in_paragraph,
            "t" if self.in_paragraph => {
                self.in_text = true;
                true
            }
            _ => {
                self.mark(start);
                false
            }
        }
    }

    /// An element that stands for a character.
    fn mark(&mut self, start: &BytesStart<'_>) {
        if !self.in_paragraph {
            return;
        }
        match start.local_name().as_ref() {
            "tab" | "ptab" => self.current.push('\t'),
            "cr" => self.current.push('\n'),
            "noBreakHyphen" => self.current.push('-'),
            // A break of the page or the column is none of the text.
            "br" => {
                let kind = start.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == "type");
                if kind.is_none_or(|kind| kind.value.as_ref() == "textWrapping") {
                    self.current.push('\n');
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => {
                if !self.current.trim().is_empty() {
                    if !self.text.is_empty() {
                        self.text.push('\n');
                    }
                    self.text.push_str(&self.current);
                }
                self.current.clear();
                self.in_paragraph = false;
            }
            _ => {}
        }
    }
}
