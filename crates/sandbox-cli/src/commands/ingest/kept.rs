//! A log as a run of a store.

use std::path::PathBuf;

use sandbox_ingest::{Record, Value};
use sandbox_interop::{Digest, Import, Imported, Importer, InteropError, digest_of_files};
use sandbox_watcher::{Node, Watched};

use crate::args::ingest::IngestArguments;
use crate::commands::stores;

/// The store, where one is asked for.
pub(super) fn open(asked: &IngestArguments) -> Result<Option<Importer>, InteropError> {
    let Some(text) = &asked.store else { return Ok(None) };
    if asked.log != "-" {
        // Before a store is made for nothing.
        std::fs::File::open(&asked.log).map_err(|source| InteropError::Io { action: "read", path: asked.log.clone().into(), source })?;
    }
    let mut importer = Importer::open(&stores::meant(text))?;
    importer.project = stores::project(importer.store());
    importer.experiment = asked.experiment.clone().unwrap_or_default();
    importer.replace = asked.replace;
    Ok(Some(importer))
}

/// The run that a log becomes.
pub(super) struct Kept<'i> {
    import: Import<'i>,
    /// Of what is known only at its end.
    digest: Option<Digest>,
    failed: Option<InteropError>,
}

impl<'i> Kept<'i> {
    /// Begins the run. A log that is whole is refused at once when it is there already, others at their end.
    pub(super) fn begin(importer: &'i Importer, asked: &IngestArguments) -> Result<Self, InteropError> {
        let is_whole = asked.log != "-" && !asked.follow && PathBuf::from(&asked.log).is_file();
        let digest = if is_whole { Some(digest_of_files(&[PathBuf::from(&asked.log)])?) } else { None };
        let file = PathBuf::from(&asked.log).file_name().map(|name| name.to_string_lossy().into_owned());
        let own = if asked.log == "-" { "standard input".to_owned() } else { file.unwrap_or_else(|| asked.log.clone()) };
        let import = importer.begin(asked.name.as_ref().unwrap_or(&own), &asked.log, "log", digest)?;
        let import = if asked.follow { import.live() } else { import };
        Ok(Self { import, digest: (!is_whole).then(Digest::default), failed: None })
    }

    /// Takes note of the log's bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
    }

    /// Keeps a record as one row.
    pub(super) fn take(&mut self, record: &Record) {
        if self.failed.is_some() {
            return;
        }
        let values = record.values.iter().map(|(name, value)| {
            let node = match value {
                Value::Number(number) => Node::Float(*number),
                Value::Text(text) => Node::Text(text.clone()),
            };
            (name.as_str(), Watched::Node(node))
        });
        let step = record.step.map(|step| i64::try_from(step).unwrap_or(i64::MAX));
        let time = record.wall.map(|seconds| (seconds * 1e6).round() as i64);
        self.failed = self.import.row(step, time, values).err();
    }

    /// Ends the run.
    pub(super) fn finish(self) -> Result<Imported, InteropError> {
        match self.failed {
            Some(error) => Err(error),
            None => self.import.finish(self.digest.map(|digest| digest.finish())),
        }
    }
}
