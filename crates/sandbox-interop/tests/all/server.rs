//! Servers that are not there, or that are none of MLflow's. A real one is asked in `cargo xtask integration interop`.

use std::io::{Read, Write};
use std::net::TcpListener;

use sandbox_interop::mlflow::{self, Access};
use sandbox_interop::{InteropError, Meter, Source};
use sandbox_watcher::Reader;

use crate::support::{Lab, filled};

fn export(lab: &Lab, url: &str) -> InteropError {
    let uid = filled(lab);
    let reader = Reader::open(lab.store()).unwrap();
    mlflow::export(&[Source::open(&reader, &uid).unwrap()], url, Access::Open, None, &mut Meter::silent()).unwrap_err()
}

#[test]
fn nobody_is_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = export(&Lab::new(), &format!("127.0.0.1:{port}/"));
    assert!(error.to_string().starts_with(&format!("Failed to reach the MLflow server `http://127.0.0.1:{port}`: ")), "{error}");
    assert!(error.hint().unwrap().starts_with("is it running?"));
    assert!(export(&Lab::new(), "https://127.0.0.1:1").hint().unwrap().contains("speaks HTTP only"));
}

/// A server that gives one answer to everything.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn another_server_is_there() {
    let page = answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>");
    assert!(export(&Lab::new(), &page).to_string().ends_with("what it answers to `experiments/get-by-name` is none of MLflow's"));
    let guarded = answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwho?");
    let error = export(&Lab::new(), &guarded);
    assert_eq!(error.to_string(), "The MLflow server refuses `experiments/get-by-name` (401): who?");
    assert!(error.hint().unwrap().contains("MLFLOW_TRACKING_TOKEN"));
}
