//! The page over HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use sandbox_metrics::{MetricsError, Server, ServerSettings};

use super::*;

/// Serves the metrics while `then` asks.
fn with_server(settings: ServerSettings, then: impl FnOnce(SocketAddr)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(Server::bind(settings, busy())).unwrap();
    let address = server.address();
    assert_eq!(server.url(), format!("http://{address}/metrics"));
    runtime.spawn(server.serve(std::future::pending()));
    then(address);
}

/// The head and the body of the answer.
fn ask(address: SocketAddr, line: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{line} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..at].to_vec()).unwrap(), answer[at + 4..].to_vec())
}

#[test]
fn a_page_is_in_the_format_that_is_wanted() {
    with_server(ServerSettings::default(), |address| {
        let (head, body) = ask(address, "GET /metrics", "Host: localhost\r\n");
        assert!(
            head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
            "{head}"
        );
        let text = String::from_utf8(body).unwrap();
        assert!(text.contains("# TYPE sandbox_jobs_started_total counter\n") && !text.contains("# EOF"), "{text}");

        let accept =
            "Host: 127.0.0.1:80\r\nAccept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\nAccept-Encoding: gzip\r\n";
        let (head, body) = ask(address, "GET /metrics", accept);
        assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
        assert!(head.contains("content-encoding: gzip") && head.contains("vary: Accept, Accept-Encoding"), "{head}");
        let mut text = String::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
        assert!(text.contains("# TYPE sandbox_jobs_started counter\n") && text.ends_with("# EOF\n"), "{text}");
        assert!(ask(address, "HEAD /metrics", "Host: localhost\r\n").1.is_empty());
        assert!(ask(address, "GET /", "Host: localhost\r\n").0.starts_with("HTTP/1.1 200 OK"));
    });
}

#[test]
fn strangers_and_writers_are_refused() {
    let settings = ServerSettings { hosts: vec!["node7".into()], ..ServerSettings::default() };
    with_server(settings, |address| {
        let status = |line: &str, headers: &str| ask(address, line, headers).0[9..12].to_owned();
        for path in ["/metrics", "/", "/nothing"] {
            assert_eq!(status(&format!("GET {path}"), "Host: evil.example\r\n"), "403", "{path}");
        }
        assert_eq!(status("GET /metrics", "Host: node7:9464\r\n"), "200");
        assert_eq!(status("GET /nothing", "Host: node7\r\n"), "404");
        for method in ["POST", "PUT", "DELETE"] {
            assert_eq!(status(&format!("{method} /metrics"), "Host: localhost\r\nContent-Length: 0\r\n"), "405", "{method}");
        }
        assert_eq!(status("GET /metrics", ""), "403");
    });
}

#[test]
fn a_taken_port_is_an_error_with_a_hint() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(Server::bind(ServerSettings { listen, hosts: Vec::new() }, metrics())).unwrap_err();
    assert!(matches!(error, MetricsError::Listen { .. }));
    assert_eq!(error.to_string(), format!("Failed to listen on `{listen}`"));
    assert!(error.hint().unwrap().contains("--metrics"));
}
