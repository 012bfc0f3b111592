//! What can go wrong with metrics. None of it ends a run.

use std::path::PathBuf;

/// Why metrics could not be registered, served, pushed or written.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// A family whose name is taken, or that breaks the rules of names.
    #[error("Failed to register `{family}`: {cause}")]
    Register {
        /// The family.
        family: String,
        /// What the registry said.
        cause: prometheus::Error,
    },
    /// Families that do not belong together.
    #[error("Failed to encode metrics: {0}")]
    Encode(prometheus::Error),
    /// A folder of the textfile collector that is not there.
    #[error("`{path}` is not a folder that can be written", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("Failed to write `{path}`", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The address is taken, or not ours.
    #[error("Failed to listen on `{address}`")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// Serving ended.
    #[error("Failed to serve `/metrics`")]
    Serve(#[source] std::io::Error),
    /// Not the address of a Pushgateway.
    #[error("`{url}` is not the address of a Pushgateway: {why}")]
    Gateway {
        /// What was given.
        url: String,
        /// Why it cannot be used.
        why: &'static str,
    },
    /// A Pushgateway that is not there, is too slow, or refuses.
    #[error("Failed to push to `{url}`: {why}")]
    Push {
        /// Where.
        url: String,
        /// What the system or the gateway said.
        why: String,
    },
}

impl MetricsError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { .. } => Some("another address is given with `--metrics`; `127.0.0.1:0` takes a free port"),
            Self::Folder { .. } => Some("name the folder that the node exporter reads with `--collector.textfile.directory`"),
            Self::Gateway { .. } => Some("such as `http://127.0.0.1:9091`"),
            _ => None,
        }
    }
}
