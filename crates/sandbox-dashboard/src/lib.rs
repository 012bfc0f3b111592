//! The local web page over a run store.
//!
//! One program, no account, no build step, no request to any other host: the pages are part of the binary, the numbers come
//! from the store, which is only read. Who may look is decided in [`guard`](crate::guard): loopback only unless asked, a
//! `Host` header that we go by, and a token also for reading.
//!
//! ```text
//! browser ──► guard (Host, token, headers) ──► assets: the pages, compressed once
//!                                          ├─► api: projects, runs, series, files that the record names, as JSON
//!                                          └─► live: news of the store as server-sent events
//! ```
//!
//! ```no_run
//! # async fn example() -> Result<(), sandbox_dashboard::DashboardError> {
//! use sandbox_dashboard::{Dashboard, Settings};
//! let settings = Settings { stores: vec!["outputs/.dj-sandbox/runs.db".into()], ..Settings::default() };
//! let dashboard = Dashboard::bind(settings).await?;
//! println!("{}", dashboard.url());
//! dashboard.serve(std::future::pending()).await
//! # }
//! ```

mod api;
mod assets;
pub mod guard;
mod importance;
mod live;
mod projects;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::guard::Guard;
use crate::projects::Projects;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    /// The address is taken, or not ours.
    #[error("Failed to listen on `{address}`: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system has no random numbers for a token.
    #[error("Failed to make a token: {0}")]
    Random(String),
    /// Serving ended.
    #[error("Failed to serve: {0}")]
    Serve(#[source] std::io::Error),
}

/// What to show, and where.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one. Other addresses than loopback are the caller's decision.
    pub listen: SocketAddr,
    /// Names, beside localhost, that the program goes by.
    pub hosts: Vec<String>,
    /// Files of run stores; those that are not there yet are looked for again.
    pub stores: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), hosts: Vec::new(), stores: Vec::new() }
    }
}

/// A page that listens already and is not served yet.
#[derive(Debug)]
pub struct Dashboard {
    listener: TcpListener,
    address: SocketAddr,
    guard: Guard,
    projects: Arc<Projects>,
}

impl Dashboard {
    /// Takes the address.
    ///
    /// # Errors
    /// The address cannot be listened on; no random numbers.
    pub async fn bind(settings: Settings) -> Result<Self, DashboardError> {
        let failed = |cause| DashboardError::Listen { address: settings.listen, cause };
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(|cause| DashboardError::Listen { address: settings.listen, cause })?;
        let guard = Guard::new(address.port(), &settings.hosts)?;
        Ok(Self { listener, address, guard, projects: Arc::new(Projects::new(settings.stores)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to open, with the token that lets in.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.guard.token())
    }

    /// Answers until `end` is there.
    ///
    /// # Errors
    /// The listening socket fails.
    pub async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), DashboardError> {
        let (over, is_over) = tokio::sync::watch::channel(false);
        let router = Router::new()
            .route("/", get(assets::index))
            .route("/assets/{*name}", get(assets::asset))
            .nest("/api", api::routes(self.projects, is_over))
            .layer(axum::middleware::from_fn_with_state(self.guard, guard::guard));
        // Streams of news never end by themselves: they are told, so that the program can.
        let end = async move {
            end.await;
            let _ = over.send(true);
        };
        axum::serve(self.listener, router).with_graceful_shutdown(end).await.map_err(DashboardError::Serve)
    }
}
