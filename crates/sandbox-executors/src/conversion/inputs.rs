//! Which files are read, and what their outputs are called.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sandbox_dataset::{Compression, DatasetError, resolve};

use super::{Conversion, ConversionError};

/// The files with their outputs, and the inputs at which nothing stands.
pub(super) struct Inputs {
    pub(super) files: Vec<(PathBuf, PathBuf)>,
    pub(super) missing: Vec<String>,
}

/// Finds the files before the first is touched.
pub(super) fn find(conversion: &Conversion<'_>, suffix: &str) -> Result<Inputs, ConversionError> {
    let (mut files, mut missing, mut hint) = (Vec::new(), Vec::new(), None);
    for path in conversion.dataset_paths {
        match resolve(std::slice::from_ref(path), &[]) {
            Ok(found) => files.extend(found),
            Err(DatasetError::Missing { path, near }) => {
                missing.push(path.display().to_string());
                hint = hint.or(near);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if files.is_empty() {
        return Err(if missing.is_empty() { ConversionError::Nothing } else { ConversionError::Missing { paths: missing, near: hint } });
    }
    let files: Vec<_> = files.into_iter().map(|file| (file.clone(), output(&file, conversion.export_path, suffix))).collect();
    one_output_each(&files)?;
    Ok(Inputs { files, missing })
}

/// `EXPORT/BASE` and the suffix.
pub(super) fn output(input: &Path, export_path: &Path, suffix: &str) -> PathBuf {
    export_path.join(base_name(input) + suffix)
}

/// The file's name without the suffix of its packing and its last extension.
pub(super) fn base_name(path: &Path) -> String {
    let name = match Compression::of(path) {
        Compression::None => path.file_name(),
        _ => path.file_stem(),
    };
    Path::new(name.unwrap_or_default()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// No output is written twice, but for a file that is named twice.
pub(super) fn one_output_each(files: &[(PathBuf, PathBuf)]) -> Result<(), ConversionError> {
    let mut inputs: HashMap<&Path, &Path> = HashMap::new();
    for (input, output) in files {
        if let Some(first) = inputs.insert(output, input).filter(|first| *first != input) {
            return Err(ConversionError::SameOutput {
                first: first.display().to_string(),
                second: input.display().to_string(),
                output: output.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_name_has_no_extension() {
        for (path, expected) in [
            ("data/coco.jsonl", "coco"),
            ("coco.train.json", "coco.train"),
            ("coco.jsonl.gz", "coco"),
            ("v1.5/coco.JSON.ZST", "coco"),
            (".hidden", ".hidden"),
            ("plain", "plain"),
        ] {
            assert_eq!(base_name(Path::new(path)), expected, "{path}");
        }
    }
}
