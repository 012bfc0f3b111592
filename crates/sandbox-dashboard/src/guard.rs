//! Who may read: every request passes here before anything else looks at it.
//!
//! A page on another site can make a browser send requests to this computer, and after DNS rebinding even read the answers.
//! So the `Host` header must be one we go by, and reading needs a token that only the person who started the program was
//! shown. The token comes once in the address, is exchanged for a cookie, and leaves the address again.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::DashboardError;

/// What a browser may do with our pages: load from here, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The names we go by and the token that opens the door.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Host names without a port, in lower case.
    hosts: Vec<String>,
    token: String,
    cookie: String,
}

impl Guard {
    /// A guard with a new random token, for the server at `port` which also goes by `hosts`.
    ///
    /// # Errors
    /// No random numbers from the system.
    pub fn new(port: u16, hosts: &[String]) -> Result<Self, DashboardError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| DashboardError::Random(error.to_string()))?;
        let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let own = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        let hosts = own.into_iter().chain(hosts.iter().map(|host| host.to_ascii_lowercase())).collect();
        // Cookies know no ports: two dashboards on one computer must not take each other's away.
        Ok(Self { hosts, token, cookie: format!("dj_sandbox_{port}") })
    }

    /// 64 hexadecimal digits.
    pub fn token(&self) -> &str {
        &self.token
    }

    fn goes_by(&self, host: &str) -> bool {
        let port = host.rfind(':').filter(|at| host[at + 1..].bytes().all(|byte| byte.is_ascii_digit()));
        let name = port.map_or(host, |at| &host[..at]).to_ascii_lowercase();
        self.hosts.contains(&name)
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
        let mut cookie = cookies.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == self.cookie);
        bearer.is_some_and(|given| self.is_token(given)) || cookie.any(|(_, given)| self.is_token(given))
    }

    /// In the same time whether the first or the last digit is wrong.
    fn is_token(&self, given: &str) -> bool {
        let (ours, given) = (self.token.as_bytes(), given.as_bytes());
        ours.len() == given.len() && ours.iter().zip(given).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }

    /// The answer to a request that goes no further.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let headers = request.headers();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        if !host.is_some_and(|host| self.goes_by(host)) {
            let hint = "This program answers to localhost only. Another name is allowed with --allowed_host NAME.\n";
            return Some((StatusCode::FORBIDDEN, hint).into_response());
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Some((StatusCode::METHOD_NOT_ALLOWED, "Nothing can be changed here.\n").into_response());
        }
        if let Some((given, rest)) = take_token(request.uri()) {
            return Some(if self.is_token(&given) { self.let_in(&rest) } else { stranger() });
        }
        (!self.has_token(headers)).then(stranger)
    }

    /// Keeps the token in a cookie and out of the address, where histories and screenshots would show it.
    fn let_in(&self, rest: &str) -> Response {
        let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie, self.token);
        let mut response = StatusCode::SEE_OTHER.into_response();
        for (name, value) in [(SET_COOKIE, cookie.as_str()), (LOCATION, rest)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The token of an address, and the address without it.
fn take_token(uri: &Uri) -> Option<(String, String)> {
    let pairs: Vec<&str> = uri.query()?.split('&').collect();
    let token = pairs.iter().find_map(|pair| pair.strip_prefix("token="))?.to_owned();
    let rest: Vec<&str> = pairs.into_iter().filter(|pair| !pair.starts_with("token=")).collect();
    // A path that begins with two slashes would lead to another host.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    Some((token, if rest.is_empty() { path } else { format!("{path}?{}", rest.join("&")) }))
}

fn stranger() -> Response {
    let words = "Open the address that `dj-sandbox ui` printed: it ends with a token, and without it nothing is shown.\n";
    (StatusCode::UNAUTHORIZED, words).into_response()
}

/// Lets through what may pass, and puts the headers on every answer.
pub(crate) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.refusal(&request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let fixed = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn guarded(method: &str, uri: &str, headers: &[(&str, &str)]) -> (Guard, Option<Response>) {
        let guard = Guard::new(8123, &["Lab.example".to_owned()]).unwrap();
        let uri = uri.replace("TOKEN", guard.token());
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, value.replace("TOKEN", guard.token()));
        }
        let refusal = guard.refusal(&request.body(Body::empty()).unwrap());
        (guard, refusal)
    }

    fn status(method: &str, uri: &str, headers: &[(&str, &str)]) -> u16 {
        guarded(method, uri, headers).1.map_or(200, |response| response.status().as_u16())
    }

    #[test]
    fn other_hosts_are_refused_even_with_the_token() {
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8123", "", "[::2]", "localhost:80:80"] {
            assert_eq!(status("GET", "/", &[("host", host), ("cookie", "dj_sandbox_8123=TOKEN")]), 403, "{host}");
        }
        assert_eq!(status("GET", "/", &[("cookie", "dj_sandbox_8123=TOKEN")]), 403);
        for host in ["localhost", "LOCALHOST:8123", "127.0.0.1:8123", "[::1]:8123", "[::1]", "lab.example"] {
            assert_eq!(status("GET", "/", &[("host", host), ("cookie", "dj_sandbox_8123=TOKEN")]), 200, "{host}");
        }
    }

    #[test]
    fn reading_needs_the_token() {
        let host = ("host", "localhost");
        assert_eq!(status("GET", "/", &[host]), 401);
        assert_eq!(status("GET", "/api/projects", &[host, ("authorization", "Bearer TOKEN")]), 200);
        assert_eq!(status("GET", "/", &[host, ("cookie", "a=b; dj_sandbox_8123=TOKEN; c=d")]), 200);
        for wrong in ["", "TOKEN0", "dj", &"0".repeat(64)] {
            assert_eq!(status("GET", "/", &[host, ("cookie", &format!("dj_sandbox_8123={wrong}"))]), 401, "{wrong}");
            assert_eq!(status("GET", &format!("/?token={wrong}"), &[host]), 401, "{wrong}");
        }
        assert_eq!(status("GET", "/", &[host, ("cookie", "dj_sandbox_9=TOKEN")]), 401);
    }

    #[test]
    fn the_token_leaves_the_address() {
        let (guard, refusal) = guarded("GET", "/runs?a=1&token=TOKEN&b=2", &[("host", "localhost")]);
        let response = refusal.unwrap();
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers()["location"], "/runs?a=1&b=2");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert_eq!(cookie, format!("dj_sandbox_8123={}; HttpOnly; SameSite=Strict; Path=/", guard.token()));
        let (_, refusal) = guarded("GET", "//evil.example/?token=TOKEN", &[("host", "localhost")]);
        assert_eq!(refusal.unwrap().headers()["location"], "/evil.example/");
    }

    #[test]
    fn nothing_is_written() {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            assert_eq!(status(method, "/api/projects", &[("host", "localhost"), ("authorization", "Bearer TOKEN")]), 405, "{method}");
        }
    }
}
