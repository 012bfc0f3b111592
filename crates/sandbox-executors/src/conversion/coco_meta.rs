//! `type: coco_caption_meta_generation`: the meta files from which InternVL finds COCO captions.

use std::env;
use std::path::Path;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::{DatasetError, write_json_string};
use sandbox_fs::write_atomic;

use super::component::Converter;
use super::rows::{Form, Output, Pass, Place};
use super::{Conversion, ConversionError, Converted, inputs, relative_path};

/// The generator of COCO meta files.
pub const ENTRY: Entry = Entry {
    category: Category::GeneralDataExecutor,
    type_name: Some("coco_caption_meta_generation"),
    summary: "Writes the meta file of a COCO caption dataset, with its length and where it stands",
    doc: "`extra_configs`: `dataset_path` (a path or a list), `export_path` (a folder), `data_root_path` (the folder from which \
          the training sees its data). Each meta file is `{BASE: {root: \"data/coco/\", annotation: PATH, data_augment: false, \
          repeat_time: 1, length: N}}`, PATH as it is seen from `data_root_path` and N the number of rows. Rows that are no \
          JSON objects do not count; they are named in `BASE_meta_rejected.jsonl`. Returns the paths `EXPORT/BASE_meta.json`.",
    example: "hook: GeneralDataExecutorHook\n\
              meta_name: coco_meta\n\
              extra_configs:\n  \
                type: coco_caption_meta_generation\n  \
                dataset_path: outputs/dj/coco_dj_fmt.jsonl\n  \
                export_path: outputs/metas\n  \
                data_root_path: .\n\
              output: meta_paths\n",
    check: |settings| CONVERTER.check(settings),
    build: |settings| CONVERTER.build(settings),
};

const CONVERTER: Converter = Converter { suffix: FORM.suffix, has_root: true, convert: generate };

/// Any row counts.
const FORM: Form = Form { suffix: "_meta.json", convert: |_, _| Ok(Place::Kept) };

/// Writes `EXPORT/BASE_meta.json` for each dataset; its path in there is as it is seen from `data_root_path`.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let (input, export) = (folder.path().join("coco.jsonl"), folder.path().join("metas"));
/// use sandbox_executors::conversion::{Conversion, coco_meta};
/// std::fs::write(&input, "{\"id\": 0}\n{\"id\": 1}\n")?;
/// let converted = coco_meta::generate(&Conversion::new(&[input.display().to_string()], &export), folder.path())?;
/// assert_eq!(
///     std::fs::read_to_string(&converted.files[0].output)?,
///     r#"{"coco": {"root": "data/coco/", "annotation": "coco.jsonl", "data_augment": false, "repeat_time": 1, "length": 2}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Inputs that are not there, two of the same name, a dataset that cannot be read, an output that cannot be written.
pub fn generate(conversion: &Conversion<'_>, data_root_path: &Path) -> Result<Converted, ConversionError> {
    let current = env::current_dir().map_err(|source| DatasetError::Read { path: ".".into(), source })?;
    let inputs = inputs::find(conversion, FORM.suffix)?;
    let mut pass = Pass::new(conversion, inputs.files.iter().map(|(input, _)| input));
    let mut files = Vec::with_capacity(inputs.files.len());
    for (input, output) in inputs.files {
        let counted = pass.file(input, output, &FORM, Output::Count)?;
        let annotation = relative_path(&counted.input, data_root_path, &current);
        let meta = meta(&inputs::base_name(&counted.input), &annotation.to_string_lossy(), counted.rows_out);
        write_atomic(&counted.output, &meta)?;
        files.push(counted);
    }
    Ok(Converted { files, missing: inputs.missing })
}

/// The file's content, spaced as Python's `json.dump` does it.
fn meta(name: &str, annotation: &str, length: u64) -> Vec<u8> {
    let mut out = b"{".to_vec();
    write_json_string(name, &mut out);
    out.extend_from_slice(b": {\"root\": \"data/coco/\", \"annotation\": ");
    write_json_string(annotation, &mut out);
    out.extend_from_slice(format!(", \"data_augment\": false, \"repeat_time\": 1, \"length\": {length}}}}}").as_bytes());
    out
}
