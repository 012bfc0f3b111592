//! A server that answers every question with the same, after the time that it is told.

use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use super::http;

/// What is answered.
pub(super) const ANSWER: &str = "48 clips in April and 24 in May are 72 together.";

/// Runs until it is dropped; a thread for each connection.
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Vec<u8>,
    delay: AtomicU64,
    answered: AtomicUsize,
    is_recording: AtomicBool,
    recorded: Mutex<Vec<Vec<u8>>>,
    is_over: AtomicBool,
}

impl Server {
    pub fn start(delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("Failed to listen on a port")?;
        let address = listener.local_addr().context("Failed to read the server's address")?;
        let body = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "measured",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWER}, "logprobs": null, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 96, "completion_tokens": 16, "total_tokens": 112},
        });
        let body = body.to_string();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        let shared = Arc::new(Shared {
            answer: (head + &body).into_bytes(),
            delay: AtomicU64::default(),
            answered: AtomicUsize::default(),
            is_recording: AtomicBool::default(),
            recorded: Mutex::default(),
            is_over: AtomicBool::default(),
        });
        let server = Self { address, shared: shared.clone() };
        server.delay(delay);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.is_over.load(Ordering::Relaxed) {
                    break;
                }
                let shared = shared.clone();
                // A connection that breaks is missed where the answers are counted.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(server)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long answers take from now on.
    pub fn delay(&self, delay: Duration) {
        self.shared.delay.store(delay.as_micros() as u64, Ordering::Relaxed);
    }

    /// How many questions were answered.
    pub fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Whether questions are kept.
    pub fn record(&self, is_recording: bool) {
        self.shared.is_recording.store(is_recording, Ordering::Relaxed);
    }

    /// The questions that were kept, each as it came, with its head.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.shared.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let (mut reader, mut writer, mut question) = (BufReader::new(stream.try_clone()?), stream, Vec::new());
        while http::message(&mut reader, &mut question)?.is_some() {
            if self.is_recording.load(Ordering::Relaxed) {
                self.recorded.lock().unwrap_or_else(PoisonError::into_inner).push(question.clone());
            }
            let delay = self.delay.load(Ordering::Relaxed);
            if delay > 0 {
                thread::sleep(Duration::from_micros(delay));
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
            writer.write_all(&self.answer)?;
        }
        Ok(())
    }
}
