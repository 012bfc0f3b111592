//! The images of a row: files, or bytes that the row brings along as base64 texts.

use sandbox_media::image::{self, Size};
use serde_json::Value;

use super::{base64, each, each_at, file_size, paths};
use crate::common::Common;
use crate::error::OpError;
use crate::row_view::RowView;

/// The fields in which rows have their images.
pub(crate) struct Images {
    paths: String,
    bytes: String,
}

impl Images {
    /// The fields that an operator's arguments name.
    pub fn of(common: &Common) -> Self {
        let named = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
        Self { paths: named(&common.image_key, "images"), bytes: named(&common.image_bytes_key, "image_bytes") }
    }

    /// Width and height of every image: as they are shown where it is a file, as they are stored where it is bytes.
    pub fn sizes(&self, row: &RowView<'_>) -> Result<Vec<Size>, OpError> {
        let inside = self.inside(row);
        each_at(row, &self.paths, |index, path| {
            let size = match self.bytes_at(&inside, index)? {
                Some(bytes) => image::size_of_bytes(&bytes, &self.place(index)),
                None => image::size(path),
            };
            size.map_err(|error| OpError::Row(error.to_string()))
        })
    }

    /// Bytes of every image. As in the original those inside the row count only when there are as many as paths.
    pub fn file_sizes(&self, row: &RowView<'_>) -> Result<Vec<u64>, OpError> {
        let (paths, inside) = (paths(row, &self.paths)?, self.inside(row));
        if inside.len() != paths.len() {
            return each(row, &self.paths, file_size);
        }
        let size = |(index, path): (usize, &String)| match self.bytes_at(&inside, index)? {
            Some(bytes) => Ok(bytes.len() as u64),
            None => file_size(path).map_err(|error| OpError::Row(error.to_string())),
        };
        paths.iter().enumerate().map(size).collect()
    }

    /// The list of images' bytes; empty where the field is missing or holds something else.
    fn inside(&self, row: &RowView<'_>) -> Vec<Value> {
        match row.value(&self.bytes) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }

    fn bytes_at(&self, inside: &[Value], index: usize) -> Result<Option<Vec<u8>>, OpError> {
        let wrong = |wanted: &str| OpError::Row(format!("field `{}`: expected {wanted}", self.place(index)));
        match inside.get(index) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => base64::decode(text).map(Some).ok_or_else(|| wrong("bytes as base64 text")),
            Some(_) => Err(wrong("bytes as base64 text or null")),
        }
    }

    fn place(&self, index: usize) -> String {
        format!("{}[{index}]", self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::asset;

    /// A GIF of 320 x 200: 14 bytes.
    const GIF: &str = "R0lGODlhQAHIAAAAADs=";

    fn images() -> Images {
        Images::of(&Common { image_bytes_key: Some("inside".to_owned()), ..Common::default() })
    }

    fn sizes(row: &Value) -> Result<Vec<(u32, u32)>, String> {
        let sizes = images().sizes(&RowView::new(None, row.as_object().unwrap()));
        sizes.map(|sizes| sizes.iter().map(|size| (size.width, size.height)).collect()).map_err(|error| error.to_string())
    }

    fn file_sizes(row: &Value) -> Result<Vec<u64>, String> {
        images().file_sizes(&RowView::new(None, row.as_object().unwrap())).map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_go_before_files() {
        let file = asset("a.png");
        assert_eq!(sizes(&json!({"images": ["no.png", file], "inside": [GIF]})).unwrap(), [(320, 200), (64, 48)]);
        assert_eq!(sizes(&json!({"images": [file, "no.png"], "inside": [null, GIF]})).unwrap(), [(64, 48), (320, 200)]);
        assert_eq!(sizes(&json!({"images": [file], "inside": GIF})).unwrap(), [(64, 48)]);
        assert_eq!(sizes(&json!({"images": [file], "image_bytes": [GIF]})).unwrap(), [(64, 48)]);
        // The same path is the same image: only its first bytes are looked at.
        assert_eq!(sizes(&json!({"images": ["x", "x"], "inside": [GIF, "!"]})).unwrap(), [(320, 200); 2]);
    }

    #[test]
    fn orientation_counts_in_files_alone() {
        let file = asset("exif6.jpg");
        let [(width, height)] = sizes(&json!({"images": [file]})).unwrap()[..] else { panic!() };
        let inside = base64::tests::encode(&std::fs::read(&file).unwrap());
        assert_ne!(width, height);
        assert_eq!(sizes(&json!({"images": [file], "inside": [inside]})).unwrap(), [(height, width)]);
    }

    #[test]
    fn bytes_are_counted_when_all_are_there() {
        let file = asset("a.png");
        assert_eq!(file_sizes(&json!({"images": ["x", "x"], "inside": [GIF, "R0lG"]})).unwrap(), [14, 3]);
        assert_eq!(file_sizes(&json!({"images": [file, file], "inside": [GIF]})).unwrap(), [175, 175]);
        assert_eq!(file_sizes(&json!({"images": [file, "x"], "inside": [null, GIF]})).unwrap(), [175, 14]);
    }

    #[test]
    fn what_is_no_base64_is_told() {
        let error = sizes(&json!({"images": ["x"], "inside": ["a*"]})).unwrap_err();
        assert_eq!(error, "field `inside[0]`: expected bytes as base64 text");
        let error = file_sizes(&json!({"images": ["x", "y"], "inside": [GIF, 7]})).unwrap_err();
        assert_eq!(error, "field `inside[1]`: expected bytes as base64 text or null");
        let error = sizes(&json!({"images": ["x"], "inside": ["AAAA"]})).unwrap_err();
        assert!(error.starts_with("Failed to read `inside[0]`: "), "{error}");
    }
}
