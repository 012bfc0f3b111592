//! Pools one after the other.

use sandbox_dataset::Written;

use crate::error::PoolError;
use crate::inputs::Input;
use crate::manifest::Parent;
use crate::observer::Work;
use crate::pool_file::PoolFile;
use crate::sound;
use crate::source::Source;
use crate::staging::Staging;

use super::fields::Fields;

/// Writes all rows of all pools.
pub(super) fn concatenate(
    inputs: &[Input],
    mut writer: PoolFile,
    staging: &Staging<'_>,
    work: &Work<'_>,
) -> Result<(Vec<Parent>, Written), PoolError> {
    let (mut parents, mut fields) = (Vec::new(), Fields::default());
    for input in inputs {
        let source = Source::open(&input.path, staging.folder(), work)?;
        fields.begin(&input.path);
        let rows = sound::pass_on(&source, &mut writer, &staging.rejects, work, |names| fields.add(names))?;
        parents.push(Parent { path: input.path.clone(), rows });
        source.close(work);
    }
    fields.tell(work);
    let rows = parents.iter().map(|parent| parent.rows).sum();
    Ok((parents, writer.finish(rows)))
}
