//! What stands at the place of an environment, and whose it is.

use crate::core::{Core, describe};
use crate::env::Status;
use crate::error::EnvError;
use crate::manager::Family;
use crate::probe::{self, Interpreter};
use crate::spec::Written;
use crate::state::{Marker, Phase, Token, beside, is_held};

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub status: Status,
    /// The folder, if there is one, may be removed and made anew without asking.
    pub is_ours: bool,
    pub marker: Option<Marker>,
    pub interpreter: Option<Interpreter>,
}

impl Found {
    fn new(status: Status, is_ours: bool, marker: Option<Marker>) -> Self {
        Self { status, is_ours, marker, interpreter: None }
    }
}

/// Looks. Who holds the environment's lock says so, because nobody else can be making it then.
pub(crate) async fn inspect(core: &Core, asked: &Written, holds_lock: bool) -> Result<Found, EnvError> {
    let prefix = &core.prefix;
    let broken = |reason: String| Status::Broken { reason };
    let foreign = |what: String| Found::new(Status::Foreign { what }, false, None);
    let is_there = prefix.symlink_metadata().is_ok();
    let marker = match Marker::read(prefix) {
        Ok(marker) => marker,
        Err(error) if is_there => return Ok(foreign(format!("{}, and its state cannot be known: {error}", describe(prefix)))),
        Err(error) => return Err(error.into()),
    };
    if let Some(marker) = &marker
        && marker.phase == Phase::Creating
        && !holds_lock
        && is_held(&beside(prefix, ".lock"))
    {
        return Ok(Found::new(Status::Creating { pid: marker.pid }, true, Some(marker.clone())));
    }
    if !is_there {
        return Ok(Found::new(Status::Absent, true, marker));
    }
    let token = Token::read(prefix);
    if let Some(token) = token.as_ref().filter(|token| token.prefix != *prefix) {
        let reason = format!("it was moved or copied from `{}`, and an environment holds its own path", token.prefix.display());
        return Ok(Found::new(broken(reason), false, None));
    }
    let Some(marker) = marker else { return Ok(foreign(describe(prefix))) };
    if prefix.is_symlink() || !prefix.is_dir() {
        return Ok(foreign(describe(prefix)));
    }
    match marker.phase {
        Phase::Creating => return Ok(Found::new(broken("its creation was interrupted".to_owned()), true, Some(marker))),
        Phase::Removing => return Ok(Found::new(broken("its removal was interrupted".to_owned()), true, Some(marker))),
        Phase::Ready if !marker.means(prefix) => {
            return Ok(foreign(format!("{}, in the place of the one that was made here", describe(prefix))));
        }
        Phase::Ready => {}
    }
    let mut found = Found::new(Status::Absent, true, Some(marker.clone()));
    found.status = match prove(core, marker.python.is_some()).await {
        Err(reason) => broken(reason),
        Ok(interpreter) => {
            found.interpreter = interpreter;
            match marker.spec.misses(asked) {
                Some(reason) => Status::Stale { reason },
                None => {
                    let python = found.interpreter.as_ref().map(|interpreter| interpreter.version.clone());
                    Status::Ready { hash: marker.hash, python }
                }
            }
        }
    };
    Ok(found)
}

/// Proves that what stands there is an environment whose interpreter starts and belongs to it.
pub(crate) async fn prove(core: &Core, needs_python: bool) -> Result<Option<Interpreter>, String> {
    core.looks_complete()?;
    let python = core.python();
    if core.spec.manager.family() == Family::Conda && !needs_python && python.symlink_metadata().is_err() {
        return Ok(None);
    }
    let interpreter = probe::ask(&python, &core.variables()).await?;
    let real = |path: &std::path::Path| path.canonicalize().ok();
    if real(&interpreter.prefix) != real(&core.prefix) {
        return Err(format!("its interpreter belongs to `{}`", interpreter.prefix.display()));
    }
    Ok(Some(interpreter))
}
