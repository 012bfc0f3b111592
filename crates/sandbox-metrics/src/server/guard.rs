//! Whose requests are answered.
//!
//! After DNS rebinding a page on another site can read what a server on this computer says. So the `Host` of a request must be a
//! name that we go by, on every route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Host names without a port, in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Hosts(Arc<[String]>);

impl Hosts {
    /// This computer's own names, and `more`.
    pub fn new(more: impl Iterator<Item = String>) -> Self {
        let own = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        Self(own.into_iter().chain(more.map(|host| host.to_ascii_lowercase())).collect())
    }

    fn has(&self, host: &str) -> bool {
        let port = host.rfind(':').filter(|at| host[at + 1..].bytes().all(|byte| byte.is_ascii_digit()));
        let name = port.map_or(host, |at| &host[..at]).to_ascii_lowercase();
        self.0.contains(&name)
    }
}

/// Lets through what may pass, and puts the headers on every answer.
pub(crate) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let mut response = if host.is_some_and(|host| hosts.has(host)) {
        next.run(request).await
    } else {
        let hint = "This program answers to localhost only. Another name is allowed with --metrics_allowed_host NAME.\n";
        (StatusCode::FORBIDDEN, hint).into_response()
    };
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin"), ("cache-control", "no-store")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_hosts_are_refused() {
        let hosts = Hosts::new(["Node7.example".to_owned(), "[fd00::7]".to_owned()].into_iter());
        for host in ["localhost", "LOCALHOST:9464", "127.0.0.1:1", "[::1]", "[::1]:9464", "node7.example:80", "[fd00::7]:9464"] {
            assert!(hosts.has(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "[::2]", "localhost:80:80", "localhost:x"] {
            assert!(!hosts.has(host), "{host}");
        }
    }
}
