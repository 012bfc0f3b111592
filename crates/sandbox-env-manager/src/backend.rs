//! What the two families do differently; everything else is in `lifecycle` and `work`.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::child_env::Variables;
use crate::core::{Core, Step};
use crate::env::{Created, Env, Frozen, Invocation, Policy, Ran, Report, Run, Status};
use crate::error::EnvError;
use crate::install::Dependencies;
use crate::spec::EnvSpec;
use crate::tool::Tool;
use crate::{inspect, lifecycle, remove, report, work};

/// One family's part of an environment.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    fn core(&self) -> &Core;

    /// The program that makes environments.
    async fn find_tool(&self) -> Result<Tool, EnvError>;

    /// The commands that make this one, where nothing stands.
    async fn steps(&self, tool: &Tool) -> Result<Vec<Step>, EnvError>;

    /// The lock of a cache that its tool shares between environments and does not lock well enough itself.
    fn cache_lock(&self, tool: &Tool) -> Option<PathBuf>;

    /// The variables of a command that runs in it.
    async fn run_variables(&self) -> Result<Variables, EnvError>;

    /// What is to be forgotten with it.
    fn forget(&self) {}
}

#[async_trait]
impl<B: Backend> Env for B {
    fn spec(&self) -> &EnvSpec {
        &self.core().spec
    }

    fn prefix(&self) -> &Path {
        &self.core().prefix
    }

    async fn check_availability(&self) -> Result<Tool, EnvError> {
        self.core().spec.check()?;
        self.find_tool().await
    }

    async fn status(&self) -> Result<Status, EnvError> {
        let asked = self.core().spec.written()?;
        Ok(inspect::inspect(self.core(), &asked, false).await?.status)
    }

    async fn create(&self, policy: Policy) -> Result<Created, EnvError> {
        lifecycle::create(self, policy).await
    }

    async fn plan(&self) -> Result<Vec<Invocation>, EnvError> {
        self.core().spec.check()?;
        let tool = self.find_tool().await?;
        Ok(self.steps(&tool).await?.iter().map(Step::invocation).collect())
    }

    async fn install_py_deps(&self, dependencies: &Dependencies) -> Result<(), EnvError> {
        work::install(self.core(), dependencies).await
    }

    async fn run_cmd(&self, run: &Run) -> Result<Ran, EnvError> {
        work::run(self, run).await
    }

    async fn freeze(&self) -> Result<Frozen, EnvError> {
        report::freeze(self.core()).await
    }

    async fn doctor(&self) -> Result<Report, EnvError> {
        report::doctor(self).await
    }

    async fn remove(&self, force: bool) -> Result<bool, EnvError> {
        remove::remove(self, force).await
    }
}
