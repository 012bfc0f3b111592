//! `type: dj_to_easyanimate_video_dataset_conversion`: Data-Juicer rows of videos as an EasyAnimate dataset.

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::{Edits, Row, RowError};

use super::component::Converter;
use super::rows::{Form, Place, rewrite};
use super::{Conversion, ConversionError, Converted};

/// The converter to EasyAnimate.
pub const ENTRY: Entry = Entry {
    category: Category::GeneralDataExecutor,
    type_name: Some("dj_to_easyanimate_video_dataset_conversion"),
    summary: "Makes an EasyAnimate dataset of Data-Juicer rows with videos: adds `file_path`, cleans `text`",
    doc: "`extra_configs`: `dataset_path` (a path or a list: rows with `videos` and `text`, JSON lines or arrays), `export_path` \
          (a folder). `text` loses `<__dj__video>` and the blanks around it, `file_path` becomes the first video, the other \
          bytes stay; rows without videos are left out. Rows without text are set aside in `BASE_ea_fmt_rejected.jsonl`. \
          Returns the paths `EXPORT/BASE_ea_fmt.json`, each a JSON array with one row per line.",
    example: "hook: GeneralDataExecutorHook\n\
              meta_name: to_easyanimate\n\
              extra_configs:\n  \
                type: dj_to_easyanimate_video_dataset_conversion\n  \
                dataset_path: outputs/processed.jsonl\n  \
                export_path: outputs/easyanimate\n\
              output: easyanimate_paths\n",
    check: |settings| CONVERTER.check(settings),
    build: |settings| CONVERTER.build(settings),
};

const CONVERTER: Converter = Converter { suffix: FORM.suffix, has_root: false, convert: |conversion, _| convert(conversion) };

const FORM: Form = Form { suffix: "_ea_fmt.json", convert: convert_row };

/// What stands for a video in a text.
const VIDEO: &str = "<__dj__video>";

/// Converts each dataset into `EXPORT/BASE_ea_fmt.json`.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let (input, export) = (folder.path().join("clips.json"), folder.path().join("ea"));
/// use sandbox_executors::conversion::{Conversion, easyanimate};
/// std::fs::write(&input, r#"[{"videos": ["1.mp4"], "text": "<__dj__video> a cat "}, {"videos": [], "text": "none"}]"#)?;
/// let converted = easyanimate::convert(&Conversion::new(&[input.display().to_string()], &export))?;
/// let rows = std::fs::read_to_string(&converted.files[0].output)?;
/// assert_eq!(rows, "[\n{\"videos\": [\"1.mp4\"], \"text\": \"a cat\", \"file_path\": \"1.mp4\"}\n]\n");
/// assert_eq!(converted.files[0].left_out, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Inputs that are not there, two of the same name, a dataset that cannot be read or in which no row fits, an output that
/// cannot be written.
pub fn convert(conversion: &Conversion<'_>) -> Result<Converted, ConversionError> {
    rewrite(conversion, &FORM)
}

fn convert_row(row: &Row<'_>, edits: &mut Edits) -> Result<Place, RowError> {
    match row.get("videos") {
        None => return Ok(Place::LeftOut),
        Some(videos) if videos.starts_with("null") => return Ok(Place::LeftOut),
        Some(videos) if !videos.starts_with('[') => {
            row.text("videos")?;
            return Err(RowError::other("field `videos` is a string"));
        }
        Some(_) => {}
    }
    let Some(video) = row.get("videos.0") else { return Ok(Place::LeftOut) };
    if row.text("videos.0")?.is_none_or(|video| video.is_empty()) {
        return Err(RowError::other("the first of `videos` is empty"));
    }
    let text = row.text("text")?.ok_or_else(|| RowError::other("field `text` is missing"))?;
    let cleaned = text.replace(VIDEO, "");
    let cleaned = cleaned.trim_matches(is_blank);
    if *cleaned != *text {
        edits.set_text("text", cleaned);
    }
    edits.set("file_path", video.as_bytes());
    Ok(Place::Kept)
}

/// What Python's `strip` takes away.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}
