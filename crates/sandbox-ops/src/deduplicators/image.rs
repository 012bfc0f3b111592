//! `image_deduplicator`: of rows with equal images the first is kept.

use md5::{Digest, Md5};
use sandbox_media::image::{self, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::distinct_paths;
use crate::operator::{Deduplicator, Fingerprint, Kind, Operator};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "image_deduplicator",
    kind: Kind::Deduplicator,
    summary: "Keep the first of rows with equal images",
    doc: "Images are equal when their hashes are: 64 bits that survive another size or format. A row's hash is that of its distinct \
          images in order. Rows without images are kept, unless texts are considered: then equal texts alone make them equal. The \
          pixels of PNG, JPEG, GIF, BMP and WebP are read, as they are shown: their EXIF orientation is heeded.",
    parameters: &[
        Parameter {
            name: "method",
            kind: "`phash`, `dhash`, `whash` or `ahash`",
            default: "\"phash\"",
            doc: "What is compared: low frequencies, neighbours, wavelets or the mean.",
        },
        Parameter { name: "consider_text", kind: "true or false", default: "false", doc: "Whether the texts have to be equal, too." },
        Parameter { name: "lowercase", kind: "true or false", default: "false", doc: "Texts: whether upper and lower case are equal." },
        Parameter {
            name: "ignore_non_character",
            kind: "true or false",
            default: "false",
            doc: "Texts: whether white space, digits and ASCII punctuation are deleted before comparing.",
        },
    ],
    example: "- image_deduplicator:\n    method: phash\n\n[a.png] -> aa386d1a8d2fa87d, kept\n[a_copy.png] -> the same, dropped",
    stats: &[],
    build,
};

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Hash {
    #[default]
    Phash,
    Dhash,
    Whash,
    Ahash,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    method: Hash,
    consider_text: bool,
    lowercase: bool,
    ignore_non_character: bool,
}

/// Finds equal images; see [`ENTRY`].
pub struct ImageDeduplicator {
    common: Common,
    field: String,
    method: Method,
    text: Option<document::Parameters>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let Parameters { method, consider_text, lowercase, ignore_non_character } = own;
    let method = match method {
        Hash::Phash => Method::Perceptual,
        Hash::Dhash => Method::Difference,
        Hash::Whash => Method::Wavelet,
        Hash::Ahash => Method::Average,
    };
    let text = consider_text.then_some(document::Parameters { lowercase, ignore_non_character });
    let field = common.image_key.clone().unwrap_or_else(|| "images".to_owned());
    Ok(Operator::Deduplicator(Box::new(ImageDeduplicator { common, field, method, text })))
}

impl ImageDeduplicator {
    /// The hashes of the distinct images, one behind the other.
    fn hash(&self, row: &RowView<'_>) -> Result<String, OpError> {
        let hash = |path: &String| image::hash(path, self.method).map(|hash| hash.to_string());
        let hashes: Result<String, _> = distinct_paths(row, &self.field)?.iter().map(hash).collect();
        hashes.map_err(|error| OpError::Row(error.to_string()))
    }
}

impl Deduplicator for ImageDeduplicator {
    fn common(&self) -> &Common {
        &self.common
    }

    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        let hash = self.hash(row)?;
        let mut digest = Md5::new_with_prefix(hash.as_bytes());
        match &self.text {
            Some(text) => digest.update(text.digest(row)?.to_be_bytes()),
            None if hash.is_empty() => return Ok(Fingerprint::Unique),
            None => {}
        }
        Ok(Fingerprint::Exact(u128::from_be_bytes(digest.finalize().into())))
    }

    fn hashes(&self, row: &RowView<'_>, _fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError> {
        let mut hashes = vec![("__dj__imagehash", self.hash(row)?)];
        if let Some(text) = &self.text {
            hashes.push(("__dj__hash", format!("{:032x}", text.digest(row)?)));
        }
        Ok(hashes)
    }

    fn reads_text(&self) -> bool {
        self.text.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{asset, check_parameters};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let Operator::Deduplicator(deduplicator) = build(&json!({})).unwrap() else { panic!() };
        let hash = |names: &[&str]| {
            let row = json!({"images": names.iter().map(|name| asset(name)).collect::<Vec<_>>()});
            let row = RowView::new(None, row.as_object().unwrap());
            deduplicator.fingerprint(&row).map(|fingerprint| deduplicator.hashes(&row, &fingerprint).unwrap().remove(0).1)
        };
        let one = hash(&["a.png"]).unwrap();
        assert!(ENTRY.example.contains(&one), "{one}");
        assert_eq!([hash(&["a_copy.png"]).unwrap(), hash(&["a.png", "a.png"]).unwrap()], [one.clone(), one]);
        assert_eq!(hash(&[]).unwrap(), "");
        let error = hash(&["notimage.png"]).unwrap_err().to_string();
        assert!(error.ends_with("notimage.png`: it is no picture of a known kind"), "{error}");
    }
}
