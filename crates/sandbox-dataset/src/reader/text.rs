//! Files that are one row: texts, source files, `.docx`.

mod docx;

use std::path::Path;
use std::sync::Arc;

use crate::error::DatasetError;
use crate::splice::write_json_string;

use super::buffer::Buffer;
use super::input::{self, Input};
use super::made::Made;
use super::{Frame, Framed, ReadOptions};

/// A file whose one row has not been handed out yet.
#[derive(Debug)]
pub(super) enum Document {
    Text(Input),
    Docx,
    Done,
}

impl Frame for Document {
    fn next(&mut self, buffer: Buffer, file: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError> {
        let mut made = Made::new(buffer, file, options);
        let text = match std::mem::replace(self, Self::Done) {
            Self::Done => return Ok(None),
            Self::Text(input) => input.read_all(options.max_row_bytes)?.map(decode),
            Self::Docx => {
                let [packed, _] = input::seekable(file)?;
                docx::text(packed, options.max_row_bytes)
                    .map_err(|reason| DatasetError::Content { path: file.to_path_buf(), reason })?
                    .map(Ok)
            }
        };
        match text {
            None => made.too_long(1, b""),
            Some(Err(Undecodable { line, bytes })) => made.reject(line, "the file is not UTF-8", &bytes),
            Some(Ok(text)) => made.row(1, |out| {
                out.extend_from_slice(b"{\"text\":");
                write_json_string(&text, out);
                out.push(b'}');
            }),
        }
        Ok(made.finish())
    }
}

struct Undecodable {
    line: u64,
    bytes: Vec<u8>,
}

/// The text without a byte order mark; every line ends with a line feed, as it does for who opens a file as text.
fn decode(bytes: Vec<u8>) -> Result<String, Undecodable> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
        Undecodable { line, bytes }
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text })
}
