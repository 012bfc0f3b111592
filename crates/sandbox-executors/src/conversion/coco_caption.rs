//! `type: coco_caption_to_dj_conversion`: captions of COCO images as Data-Juicer rows.

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::{Edits, Row, RowError};

use super::component::Converter;
use super::rows::{Form, Place, rewrite};
use super::{Conversion, ConversionError, Converted};

/// The converter of COCO captions.
pub const ENTRY: Entry = Entry {
    category: Category::GeneralDataExecutor,
    type_name: Some("coco_caption_to_dj_conversion"),
    summary: "Makes Data-Juicer rows of COCO captions: adds `images` and `text`",
    doc: "`extra_configs`: `dataset_path` (a path or a list: rows with `image` and `conversations`, of which the second one's \
          `value` is the caption), `export_path` (a folder). Each row gains `images: [IMAGE]` and `text: \"<__dj__image> \
          CAPTION\"`, its other bytes stay. Rows without image or caption are set aside in `BASE_dj_fmt_rejected.jsonl`. \
          Returns the paths `EXPORT/BASE_dj_fmt.jsonl`.",
    example: "hook: GeneralDataExecutorHook\n\
              meta_name: to_dj\n\
              extra_configs:\n  \
                type: coco_caption_to_dj_conversion\n  \
                dataset_path: data/coco.jsonl\n  \
                export_path: outputs/dj\n\
              output: dj_paths\n",
    check: |settings| CONVERTER.check(settings),
    build: |settings| CONVERTER.build(settings),
};

const CONVERTER: Converter = Converter { suffix: FORM.suffix, has_root: false, convert: |conversion, _| convert(conversion) };

const FORM: Form = Form { suffix: "_dj_fmt.jsonl", convert: convert_row };

/// Converts each dataset into `EXPORT/BASE_dj_fmt.jsonl`.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let (input, export) = (folder.path().join("coco.jsonl"), folder.path().join("dj"));
/// use sandbox_executors::conversion::{Conversion, coco_caption};
/// std::fs::write(&input, "{\"image\": \"1.jpg\", \"conversations\": [{\"value\": \"What?\"}, {\"value\": \"A cat\"}]}\n")?;
/// let converted = coco_caption::convert(&Conversion::new(&[input.display().to_string()], &export))?;
/// let rows = std::fs::read_to_string(&converted.files[0].output)?;
/// assert!(rows.ends_with("\"images\": [\"1.jpg\"], \"text\": \"<__dj__image> A cat\"}\n"));
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
    let image = text_of(row, "image")?;
    if image == "\"\"" {
        return Err(RowError::other("field `image` is empty"));
    }
    let caption = text_of(row, "conversations.1.value")?;
    edits.set("images", format!("[{image}]").as_bytes());
    edits.set("text", format!("\"<__dj__image> {}", &caption[1..]).as_bytes());
    Ok(Place::Kept)
}

/// The JSON text of a string, with its quotes and as it is escaped.
fn text_of<'r>(row: &Row<'r>, name: &str) -> Result<&'r str, RowError> {
    match row.get(name) {
        Some(json) if json.starts_with('"') => Ok(json),
        Some(json) if !json.starts_with("null") => row.text(name).map(|_| json),
        _ => Err(RowError::other(format!("field `{name}` is missing"))),
    }
}
