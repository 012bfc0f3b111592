//! `video_deduplicator`: of rows with equal videos the first is kept.

use md5::{Digest, Md5};
use sandbox_media::video;
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
    name: "video_deduplicator",
    kind: Kind::Deduplicator,
    summary: "Keep the first of rows with equal videos",
    doc: "Videos are equal when the coded pictures in them are, byte for byte: copies in another container (MP4, MOV, MKV, WebM, AVI) \
          are found, another coding is another video, sound does not count. Rows without videos are kept, unless texts are \
          considered: then equal texts alone make them equal.",
    parameters: &[
        Parameter { name: "consider_text", kind: "true or false", default: "false", doc: "Whether the texts have to be equal, too." },
        Parameter { name: "lowercase", kind: "true or false", default: "false", doc: "Texts: whether upper and lower case are equal." },
        Parameter {
            name: "ignore_non_character",
            kind: "true or false",
            default: "false",
            doc: "Texts: whether white space, digits and ASCII punctuation are deleted before comparing.",
        },
    ],
    example: "- video_deduplicator:\n\n[v1.mp4] -> 9932860c2532d7547e20f0c4ec638349, kept\n[v1_remux.mkv] -> the same, dropped",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    consider_text: bool,
    lowercase: bool,
    ignore_non_character: bool,
}

/// Finds equal videos; see [`ENTRY`].
pub struct VideoDeduplicator {
    common: Common,
    field: String,
    text: Option<document::Parameters>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let Parameters { consider_text, lowercase, ignore_non_character } = own;
    let text = consider_text.then_some(document::Parameters { lowercase, ignore_non_character });
    let field = common.video_key.clone().unwrap_or_else(|| "videos".to_owned());
    Ok(Operator::Deduplicator(Box::new(VideoDeduplicator { common, field, text })))
}

impl VideoDeduplicator {
    /// The MD5 of the packets of the distinct videos; none without videos.
    fn digest(&self, row: &RowView<'_>) -> Result<Option<u128>, OpError> {
        let paths = distinct_paths(row, &self.field)?;
        let mut digest = Md5::new();
        for path in &paths {
            video::packets(path, &mut |bytes| digest.update(bytes)).map_err(|error| OpError::Row(error.to_string()))?;
        }
        Ok((!paths.is_empty()).then(|| u128::from_be_bytes(digest.finalize().into())))
    }
}

impl Deduplicator for VideoDeduplicator {
    fn common(&self) -> &Common {
        &self.common
    }

    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        let digest = self.digest(row)?;
        Ok(match (&self.text, digest) {
            (Some(text), digest) => {
                let mut both = Md5::new_with_prefix(text.digest(row)?.to_be_bytes());
                both.update(digest.map_or_else(Vec::new, |digest| digest.to_be_bytes().to_vec()));
                Fingerprint::Exact(u128::from_be_bytes(both.finalize().into()))
            }
            (None, Some(digest)) => Fingerprint::Exact(digest),
            (None, None) => Fingerprint::Unique,
        })
    }

    fn hashes(&self, row: &RowView<'_>, fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError> {
        let digest = match (&self.text, fingerprint) {
            (None, Fingerprint::Exact(digest)) => Some(*digest),
            _ => self.digest(row)?,
        };
        let mut hashes = vec![("__dj__videohash", digest.map_or_else(String::new, |digest| format!("{digest:032x}")))];
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
        let hash = |name: &str| {
            let row = json!({"videos": [asset(name)]});
            let row = RowView::new(None, row.as_object().unwrap());
            deduplicator.fingerprint(&row).map(|fingerprint| deduplicator.hashes(&row, &fingerprint).unwrap().remove(0).1)
        };
        let one = hash("v1.mp4").unwrap();
        assert!(ENTRY.example.contains(&one), "{one}");
        assert_eq!([hash("v1_remux.mp4").unwrap(), hash("v1_remux.mkv").unwrap()], [one.clone(), one]);
        assert!(hash("a.png").unwrap_err().to_string().contains("it is no video of a known kind"));
    }
}
