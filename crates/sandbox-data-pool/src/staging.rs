//! Outputs that appear together when all of them are complete.
//!
//! A manipulation writes into the hidden folder `.pools.partial` of its `export_path`. When everything is written,
//! the files move to their names; before that, nothing has a final name. What a killed run left behind is
//! removed by the next one.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sandbox_dataset::Written;
use sandbox_fs::{FolderLock, FsError};
use serde_json::{Map, Value};

use crate::error::PoolError;
use crate::inputs::Input;
use crate::manifest::{Manifest, Parent, Pool};
use crate::observer::{Work, lock};
use crate::pool_file::PoolFile;
use crate::rejects::{self, Rejects};

const HIDDEN: &str = ".pools.partial";

/// What a manipulation made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Made {
    /// The paths to return, in order.
    pub paths: Vec<PathBuf>,
    /// What is known of the pools that were written, in the same order.
    pub pools: Vec<Pool>,
    /// Rows that were set aside.
    pub rejected_rows: u64,
    /// All files that were written: pools, rejected rows, manifests.
    pub files: Vec<PathBuf>,
}

/// The outputs of one manipulation in the making.
pub(crate) struct Staging<'o> {
    export: PathBuf,
    hidden: PathBuf,
    made_export: bool,
    inputs: Vec<PathBuf>,
    outputs: Mutex<Outputs>,
    pub(crate) rejects: Rejects<'o>,
    _lock: FolderLock,
}

#[derive(Default)]
struct Outputs {
    list: Vec<Output>,
    by_path: HashMap<PathBuf, usize>,
}

struct Output {
    path: PathBuf,
    source: PathBuf,
    written: Option<Written>,
    about: About,
}

/// What the manifest says about an output beside its size.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) operation: &'static str,
    pub(crate) parents: Vec<Parent>,
    pub(crate) seed: Option<u64>,
    pub(crate) details: Map<String, Value>,
}

/// An output whose name is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim(usize);

impl<'o> Staging<'o> {
    pub(crate) fn begin<'i>(export: &Path, inputs: impl IntoIterator<Item = &'i Input>, work: &Work<'o>) -> Result<Self, PoolError> {
        let made_export = !export.exists();
        let hidden = export.join(HIDDEN);
        let lock = FolderLock::take(&hidden)?;
        for left in fs::read_dir(&hidden).map_err(FsError::io("read", &hidden))?.flatten() {
            if left.file_name() != ".lock" {
                // What cannot be removed is overwritten, or said by the writer.
                let _ = fs::remove_file(left.path());
            }
        }
        let inputs = inputs.into_iter().filter_map(|input| input.path.canonicalize().ok()).collect();
        let rejects = Rejects::new(&hidden, work.observer);
        Ok(Self { export: export.to_owned(), hidden, made_export, inputs, outputs: Mutex::default(), rejects, _lock: lock })
    }

    /// Where temporary files may stand.
    pub(crate) fn folder(&self) -> &Path {
        &self.hidden
    }

    /// Takes the name `EXPORT/name` for an output that is made of `source`.
    pub(crate) fn claim(&self, name: &str, source: &Path, about: About) -> Result<Claim, PoolError> {
        let path = self.export.join(name);
        // Mostly nothing stands there: one question is enough to know.
        if let Ok(there) = fs::metadata(&path) {
            if path.canonicalize().is_ok_and(|path| self.inputs.contains(&path)) {
                return Err(PoolError::OutputIsInput(path));
            }
            if there.is_dir() {
                return Err(PoolError::write(&path)(std::io::ErrorKind::IsADirectory.into()));
            }
        }
        let mut outputs = lock(&self.outputs);
        if let Some(first) = outputs.by_path.get(&path) {
            let first = outputs.list[*first].source.clone();
            return Err(PoolError::SameName { first, second: source.to_owned(), path });
        }
        let number = outputs.list.len();
        outputs.by_path.insert(path.clone(), number);
        outputs.list.push(Output { path, source: source.to_owned(), written: None, about });
        Ok(Claim(number))
    }

    /// A writer for a claimed output.
    pub(crate) fn writer(&self, claim: Claim) -> Result<PoolFile, PoolError> {
        PoolFile::create(&self.hidden.join(claim.0.to_string()))
    }

    /// Notes that a claimed output is complete.
    pub(crate) fn written(&self, claim: Claim, written: Written) {
        if let Some(output) = lock(&self.outputs).list.get_mut(claim.0) {
            output.written = Some(written);
        }
    }

    /// Changes what the manifest says of a claimed output.
    pub(crate) fn about(&self, claim: Claim, change: impl FnOnce(&mut About)) {
        if let Some(output) = lock(&self.outputs).list.get_mut(claim.0) {
            change(&mut output.about);
        }
    }

    /// Gives all outputs their names and writes the manifests.
    pub(crate) fn commit(mut self) -> Result<Made, PoolError> {
        let outputs = std::mem::take(&mut lock(&self.outputs).list);
        let rejects = std::mem::replace(&mut self.rejects, Rejects::new(&self.hidden, &()));
        let (logs, rejected_rows) = rejects.finish()?;
        let mut made = Made { rejected_rows, ..Made::default() };
        let mut folders: Vec<(PathBuf, Vec<Pool>)> = Vec::new();
        for output in outputs {
            let Some(written) = output.written else { continue };
            rename(&written.path, &output.path)?;
            let About { operation, parents, seed, details } = output.about;
            let (rows, bytes) = (written.rows, written.bytes);
            let pool = Pool { path: output.path.clone(), rows, bytes, operation: operation.to_owned(), parents, seed, details };
            let folder = output.path.parent().unwrap_or(&self.export).to_owned();
            let beside = Pool { path: output.path.file_name().map(PathBuf::from).unwrap_or_default(), ..pool.clone() };
            match folders.iter_mut().find(|(other, _)| *other == folder) {
                Some((_, pools)) => pools.push(beside),
                None => folders.push((folder, vec![beside])),
            }
            made.pools.push(pool);
            made.paths.push(output.path);
        }
        made.files.clone_from(&made.paths);
        self.forget_old_rejects(&logs);
        for name in logs {
            let path = self.export.join(&name);
            rename(&self.hidden.join(&name), &path)?;
            made.files.push(path);
        }
        for (folder, pools) in folders {
            made.files.push(Manifest::add(&folder, pools, &self.hidden)?);
        }
        self.made_export = false;
        Ok(made)
    }

    /// Rejects that an earlier run of the same inputs left are no longer true.
    fn forget_old_rejects(&self, logs: &[String]) {
        for input in &self.inputs {
            let name = rejects::file_name(input);
            let path = self.export.join(&name);
            if !logs.contains(&name) && path.canonicalize().is_ok_and(|path| !self.inputs.contains(&path)) {
                // It may be someone else's by now; then it stays.
                let _ = fs::remove_file(path);
            }
        }
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), PoolError> {
    match (fs::rename(from, to), to.parent()) {
        (Err(error), Some(folder)) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
            fs::rename(from, to).map_err(FsError::io("write", to))?;
            Ok(())
        }
        (renamed, _) => Ok(renamed.map_err(FsError::io("write", to))?),
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // What cannot be removed says by its name that it is not complete.
        let _ = fs::remove_dir_all(&self.hidden);
        if self.made_export {
            let _ = fs::remove_dir(&self.export);
        }
    }
}
