//! The two blocks of a job's configuration, and the four lists of a pipeline's jobs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two configuration blocks of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// `dj_configs`: a recipe.
    #[serde(rename = "dj_configs")]
    Dj,
    /// `extra_configs`: the component's own configuration.
    #[serde(rename = "extra_configs")]
    Extra,
}

impl Side {
    /// Both, in the order in which a job names them.
    pub const ALL: [Side; 2] = [Self::Dj, Self::Extra];

    /// The block's key in a job.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dj => "dj_configs",
            Self::Extra => "extra_configs",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// One of the four job lists of a pipeline, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum JobList {
    /// `probe_job_configs`
    #[serde(rename = "probe_job_configs")]
    Probe,
    /// `refine_recipe_job_configs`
    #[serde(rename = "refine_recipe_job_configs")]
    RefineRecipe,
    /// `execution_job_configs`
    #[serde(rename = "execution_job_configs")]
    Execution,
    /// `evaluation_job_configs`
    #[serde(rename = "evaluation_job_configs")]
    Evaluation,
}

impl JobList {
    /// The four lists, in the order in which they run.
    pub const ALL: [JobList; 4] = [Self::Probe, Self::RefineRecipe, Self::Execution, Self::Evaluation];

    /// The list's key in a pipeline.
    pub fn key(self) -> &'static str {
        match self {
            Self::Probe => "probe_job_configs",
            Self::RefineRecipe => "refine_recipe_job_configs",
            Self::Execution => "execution_job_configs",
            Self::Evaluation => "evaluation_job_configs",
        }
    }
}

impl fmt::Display for JobList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
