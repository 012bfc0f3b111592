//! `/metrics` over HTTP: loopback unless asked, a `Host` that we go by on every route, limits for connections, nothing to write.

mod accept;
mod connections;
mod guard;

use std::future::Future;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::net::TcpListener;

use crate::error::MetricsError;
use crate::metrics::Metrics;

use self::connections::Connections;
use self::guard::Hosts;

/// Shorter pages are sent as they are.
const WORTH_PACKING: usize = 1024;

/// Where metrics are served.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Where to listen; port 0 takes a free one. Other addresses than loopback are the caller's decision.
    pub listen: SocketAddr,
    /// Names, beside localhost and the address itself, that the server goes by.
    pub hosts: Vec<String>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), hosts: Vec::new() }
    }
}

/// A server that listens already and answers once it is served.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use sandbox_metrics::{Metrics, Server, ServerSettings};
/// let server = Server::bind(ServerSettings::default(), Metrics::new(Default::default())?).await?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// server.serve(async {}).await
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    hosts: Hosts,
    metrics: Metrics,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(settings: ServerSettings, metrics: Metrics) -> Result<Self, MetricsError> {
        let failed = |cause| MetricsError::Listen { address: settings.listen, cause };
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(|cause| MetricsError::Listen { address: settings.listen, cause })?;
        let own = (!address.ip().is_unspecified()).then(|| match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        });
        let hosts = Hosts::new(settings.hosts.into_iter().chain(own));
        Ok(Self { listener, address, hosts, metrics })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a server is told to scrape.
    pub fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }

    /// Answers until `end` is there.
    ///
    /// # Errors
    /// The listening socket fails.
    pub async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), MetricsError> {
        let router = Router::new()
            .route("/", get(|| async { "Metrics for Prometheus are under /metrics\n" }))
            .route("/metrics", get(page))
            .with_state(self.metrics)
            .layer(axum::middleware::from_fn_with_state(self.hosts, guard::guard));
        axum::serve(Connections::new(self.listener), router).with_graceful_shutdown(end).await.map_err(MetricsError::Serve)
    }
}

async fn page(State(metrics): State<Metrics>, headers: HeaderMap) -> Response {
    let format = accept::format(&all(&headers, &ACCEPT));
    let packed = accept::takes_gzip(&all(&headers, &ACCEPT_ENCODING));
    // Asking the system for processes takes a moment in which others are to be answered.
    let made = tokio::task::spawn_blocking(move || -> Result<(Vec<u8>, bool), MetricsError> {
        let text = metrics.encode(format)?.into_bytes();
        let gzip = if packed && text.len() >= WORTH_PACKING { gzip(&text) } else { None };
        Ok(gzip.map_or((text, false), |packed| (packed, true)))
    });
    match made.await {
        Ok(Ok((body, is_packed))) => {
            let mut response = Response::new(Body::from(body));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
            headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
            if is_packed {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        }
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// All lines of a header as one list.
fn all(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}

fn gzip(text: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 4), Compression::fast());
    encoder.write_all(text).ok()?;
    encoder.finish().ok()
}
