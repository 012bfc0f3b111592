//! What a file's suffix says about its content.

use std::path::Path;

/// The suffixes that rows are read from and written to, for messages.
pub(crate) const KNOWN: &str = "`.jsonl`, `.json`, and each of them with `.gz` or `.zst`";

/// How rows stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// `.jsonl`: one row per line.
    Jsonl,
    /// `.json`: one array, one row per line in it.
    Json,
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

impl Compression {
    /// What the end of a file's name says.
    pub fn of(path: &Path) -> Self {
        split(&lower_name(path)).1
    }
}

/// Form and packing by name; `None` when the suffix is not known. Upper and lower case are the same.
pub(crate) fn of(path: &Path) -> Option<(OutputFormat, Compression)> {
    let name = lower_name(path);
    let (stem, compression) = split(&name);
    let format = match stem.rsplit_once('.')?.1 {
        "jsonl" => OutputFormat::Jsonl,
        "json" => OutputFormat::Json,
        _ => return None,
    };
    Some((format, compression))
}

/// The file's name in lower case, without the folders.
pub(crate) fn lower_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The name without the suffix of its packing, and the packing.
pub(crate) fn split(name: &str) -> (&str, Compression) {
    if let Some(stem) = name.strip_suffix(".gz") {
        (stem, Compression::Gzip)
    } else if let Some(stem) = name.strip_suffix(".zst") {
        (stem, Compression::Zstd)
    } else {
        (name, Compression::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_decides_whatever_its_case() {
        assert_eq!(of(Path::new("a.b/x.JSONL.Gz")), Some((OutputFormat::Jsonl, Compression::Gzip)));
        assert_eq!(of(Path::new("x.json.zst")), Some((OutputFormat::Json, Compression::Zstd)));
        assert_eq!(of(Path::new("x.csv")), None);
        assert_eq!(of(Path::new("x.gz")), None);
        assert_eq!(of(Path::new("jsonl")), None);
    }
}
