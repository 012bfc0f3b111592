//! What a file's name says about its content.

use std::path::Path;

/// What rows are read from, for messages.
pub(crate) const KNOWN: &str = "`.jsonl`, `.json`, `.csv`, `.tsv`, text and source files such as `.txt`, `.md` or `.py`, each also with `.gz` or `.zst`, and `.parquet`, `.docx`";
/// What rows are written to, for messages.
pub(crate) const KNOWN_OUTPUT: &str = "`.jsonl`, `.json`, each also with `.gz` or `.zst`, and `.parquet`";

/// Suffixes of files that are one text, lower-cased, and names without suffix.
const TEXTS: [&str; 64] = [
    "txt",
    "md",
    "tex",
    "asm",
    "bat",
    "cmd",
    "c",
    "h",
    "cs",
    "cpp",
    "hpp",
    "c++",
    "h++",
    "cc",
    "hh",
    "cmake",
    "css",
    "dockerfile",
    "f90",
    "f",
    "f03",
    "f08",
    "f77",
    "f95",
    "for",
    "fpp",
    "go",
    "hs",
    "html",
    "java",
    "js",
    "jl",
    "lua",
    "markdown",
    "php",
    "php3",
    "php4",
    "php5",
    "phps",
    "phpt",
    "pl",
    "pm",
    "pod",
    "perl",
    "ps1",
    "psd1",
    "psm1",
    "py",
    "rb",
    "rs",
    "sql",
    "scala",
    "sh",
    "bash",
    "command",
    "zsh",
    "ts",
    "tsx",
    "vb",
    "xml",
    "rst",
    "m",
    "smali",
    "makefile",
];

/// How rows stand in a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// `.jsonl`: one row per line.
    Jsonl,
    /// `.json`: one array, one row per line in it.
    Json,
    /// `.parquet`: columns, with types that all rows share.
    Parquet,
}

/// How rows stand in a file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// `.jsonl`: one row per line.
    Jsonl,
    /// `.json`: an array, or objects one after the other.
    Json,
    /// `.csv`: fields apart by commas, the first record names them.
    Csv,
    /// `.tsv`: the same with tabs.
    Tsv,
    /// `.parquet`: columns.
    Parquet,
    /// `.txt`, `.md`, source files: the file is one row with the field `text`.
    Text,
    /// `.docx`: the file is one row, its field `text` has the paragraphs.
    Docx,
}

impl InputFormat {
    /// What a file's name says; `None` when it says nothing that can be read. Upper and lower case are the same.
    ///
    /// ```
    /// use sandbox_dataset::InputFormat;
    /// assert_eq!(InputFormat::of("a/x.CSV.gz".as_ref()), Some(InputFormat::Csv));
    /// assert_eq!(InputFormat::of("a/x.parquet.gz".as_ref()), None); // it is packed inside
    /// assert_eq!(InputFormat::of("src/lib.rs".as_ref()), Some(InputFormat::Text));
    /// ```
    pub fn of(path: &Path) -> Option<Self> {
        of(path).map(|(form, _)| form)
    }

    /// Whether a file of this form is a single row.
    pub fn is_one_row(self) -> bool {
        matches!(self, Self::Text | Self::Docx)
    }
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
pub(crate) fn of(path: &Path) -> Option<(InputFormat, Compression)> {
    if is_stream(path) {
        return Some((InputFormat::Jsonl, Compression::None));
    }
    let name = lower_name(path);
    let (stem, compression) = split(&name);
    let suffix = match stem.rsplit_once('.') {
        Some((_, suffix)) => suffix,
        None if matches!(stem, "dockerfile" | "makefile") => stem,
        None => return None,
    };
    let form = match suffix {
        "jsonl" => InputFormat::Jsonl,
        "json" => InputFormat::Json,
        "csv" => InputFormat::Csv,
        "tsv" => InputFormat::Tsv,
        "parquet" if compression == Compression::None => InputFormat::Parquet,
        "docx" if compression == Compression::None => InputFormat::Docx,
        suffix if TEXTS.contains(&suffix) => InputFormat::Text,
        _ => return None,
    };
    Some((form, compression))
}

/// The form that a file to be written has by its name.
pub(crate) fn of_output(path: &Path) -> Option<OutputFormat> {
    match of(path)?.0 {
        InputFormat::Jsonl => Some(OutputFormat::Jsonl),
        InputFormat::Json => Some(OutputFormat::Json),
        InputFormat::Parquet => Some(OutputFormat::Parquet),
        _ => None,
    }
}

/// Whether a path means standard input or output. A file that is called so is `./-`.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What is known of a file's end, with its dots and in lower case: `.jsonl`, `.jsonl.zst`, `.md`.
pub(crate) fn suffix(path: &Path) -> String {
    if is_stream(path) {
        return ".jsonl".to_owned();
    }
    let name = lower_name(path);
    let stem = split(&name).0;
    stem.rfind('.').map_or_else(String::new, |dot| name[dot..].to_owned())
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
        assert_eq!(of(Path::new("a.b/x.JSONL.Gz")), Some((InputFormat::Jsonl, Compression::Gzip)));
        assert_eq!(of(Path::new("x.json.zst")), Some((InputFormat::Json, Compression::Zstd)));
        assert_eq!(of(Path::new("x.tsv")), Some((InputFormat::Tsv, Compression::None)));
        assert_eq!(of(Path::new("X.C")), Some((InputFormat::Text, Compression::None)));
        assert_eq!(of(Path::new("a/Makefile")), Some((InputFormat::Text, Compression::None)));
        assert_eq!(of(Path::new("x.parquet.gz")), None);
        assert_eq!(of(Path::new("x.xlsx")), None);
        assert_eq!(of(Path::new("x.gz")), None);
        assert_eq!(of(Path::new("jsonl")), None);
        assert_eq!(of_output(Path::new("x.parquet")), Some(OutputFormat::Parquet));
        assert_eq!(of_output(Path::new("x.csv")), None);
        assert_eq!(suffix(Path::new("a.b/X.y.JSONL.zst")), ".jsonl.zst");
        assert_eq!(suffix(Path::new("a.b/Makefile")), "");
    }
}
