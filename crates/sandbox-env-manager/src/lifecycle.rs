//! How an environment comes to be, so that a kill at any point leaves what the next `create` can tell and mend.

use std::io::ErrorKind;

use sandbox_fs::FsError;

use crate::backend::Backend;
use crate::core::Core;
use crate::env::{Created, Policy, Status};
use crate::error::EnvError;
use crate::index;
use crate::inspect::{Found, inspect, prove};
use crate::remove::clear;
use crate::spec::Written;
use crate::state::{Marker, Phase, Token, beside, boot_id};
use crate::tool::Tool;

/// See [`Env::create`](crate::Env::create).
pub(crate) async fn create<B: Backend + ?Sized>(backend: &B, policy: Policy) -> Result<Created, EnvError> {
    let core = backend.core();
    core.spec.check()?;
    let asked = core.spec.written()?;
    // First without the lock: what is ready costs no lock and no tool, and what cannot be made leaves no files behind.
    let found = inspect(core, &asked, false).await?;
    if let Some(done) = decided(core, &found, policy)? {
        return Ok(done);
    }
    let adopts = matches!(found.status, Status::Foreign { .. }) && policy.adopt;
    let tool = backend.find_tool().await?;
    let steps = if adopts { Vec::new() } else { backend.steps(&tool).await? };
    let lock = core.lock(&beside(&core.prefix, ".lock")).await?;
    // Another process may have made it while we waited.
    let found = inspect(core, &asked, true).await?;
    if let Some(done) = decided(core, &found, policy)? {
        return Ok(done);
    }
    if matches!(found.status, Status::Foreign { .. }) && policy.adopt {
        return adopt(core, asked, &tool).await;
    }
    // The process that was killed may have left its tool running in the folder.
    end_strays(found.marker.as_ref()).await;
    // It may have begun since we looked: under a marker of ours, what stands there now is ours too.
    let began = found.marker.as_ref().is_some_and(|marker| marker.phase != Phase::Ready);
    let must_clear = found.status != Status::Absent || began;
    let mut marker = Marker::creating(&core.spec.name, asked);
    marker.tool = Some((tool.path.clone(), tool.version.clone()));
    marker.write(&core.prefix)?;
    if must_clear {
        clear(&core.prefix).await?;
    }
    let made = async {
        let cache = match backend.cache_lock(&tool) {
            Some(path) => Some(core.lock(&path).await?),
            None => None,
        };
        for step in &steps {
            let done = core.tool(step).await;
            let _ = step.temporary.as_ref().map(std::fs::remove_file);
            done?;
        }
        drop(cache);
        finish(core, marker).await
    };
    if let Err(error) = made.await {
        let error = full_disk(core).unwrap_or(error);
        // A tool that failed may leave an environment that looks whole: conda does after a failing `pip:` section.
        clear(&core.prefix).await?;
        Marker::remove(&core.prefix)?;
        let _ = std::fs::remove_file(beside(&core.prefix, ".lock"));
        return Err(error);
    }
    drop(lock);
    Ok(if matches!(found.status, Status::Broken { .. }) { Created::Repaired } else { Created::Made })
}

/// What needs no work, or must not be done.
fn decided(core: &Core, found: &Found, policy: Policy) -> Result<Option<Created>, EnvError> {
    let prefix = core.prefix.clone();
    match &found.status {
        Status::Ready { .. } if !policy.recreate => Ok(Some(Created::Kept)),
        Status::Stale { reason } if !policy.recreate => Err(EnvError::Stale { prefix, reason: reason.clone() }),
        Status::Foreign { what } if !policy.adopt && !policy.force => Err(EnvError::Foreign { prefix, what: what.clone() }),
        Status::Broken { reason } if !found.is_ours && !policy.force => Err(EnvError::Broken {
            prefix,
            reason: reason.clone(),
            hint: "move it back, or remove the folder yourself, or use `force`".to_owned(),
        }),
        _ => Ok(None),
    }
}

/// A full disk, for a tool that does not say so: venv only tells that its `ensurepip` failed.
fn full_disk(core: &Core) -> Option<EnvError> {
    let path = beside(&core.prefix, ".space");
    let written = std::fs::write(&path, vec![1; 64 << 10]);
    let _ = std::fs::remove_file(&path);
    let error = written.err().filter(|error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))?;
    Some(FsError::io("write", &core.prefix)(error).into())
}

/// Proves what the tool made and says so, for good.
async fn finish(core: &Core, mut marker: Marker) -> Result<(), EnvError> {
    let wants_python = core.spec.file.is_none();
    let interpreter = prove(core, wants_python).await.map_err(|reason| EnvError::Broken {
        prefix: core.prefix.clone(),
        reason: format!("the tool reported success, but {reason}"),
        hint: "look at what the tool said".to_owned(),
    })?;
    if let (Some((_, version)), Some(found)) = (&mut marker.tool, &interpreter)
        && version.is_empty()
    {
        // The tool is an interpreter, which was not asked before: the environment's has the same version.
        version.clone_from(&found.version);
    }
    marker.python = interpreter.map(|interpreter| interpreter.version);
    marker.phase = Phase::Ready;
    Token { token: marker.token.clone(), prefix: core.prefix.clone() }.write(&core.prefix)?;
    marker.write(&core.prefix)?;
    index::add(&core.host, &core.spec, &core.prefix);
    Ok(())
}

/// Takes over what somebody else made, when it is healthy.
async fn adopt(core: &Core, asked: Written, tool: &Tool) -> Result<Created, EnvError> {
    let mut marker = Marker::creating(&core.spec.name, asked);
    marker.tool = Some((tool.path.clone(), tool.version.clone()));
    // The marker is written once, as `ready`: a kill on the way must leave the folder as foreign as it was.
    match finish(core, marker).await {
        Ok(()) => Ok(Created::Adopted),
        Err(EnvError::Broken { prefix, reason, .. }) => {
            let reason = reason.replacen("the tool reported success, but ", "it cannot be adopted: ", 1);
            Err(EnvError::Broken { prefix, reason, hint: "mend it, or use `force` to make it anew".to_owned() })
        }
        Err(error) => Err(error),
    }
}

/// Ends what still runs of a process that was killed while it worked on this environment.
pub(crate) async fn end_strays(marker: Option<&Marker>) {
    let Some(marker) = marker.filter(|marker| marker.phase != Phase::Ready && marker.boot == boot_id()) else { return };
    let mark = marker.host_mark.clone();
    // Nothing can be done about one that cannot be ended; the tool's own failure would tell.
    let _ = tokio::task::spawn_blocking(move || sandbox_process::end_strays(&mark)).await;
}
