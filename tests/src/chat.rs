//! A small OpenAI-compatible server with scripted answers, on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

/// The server; it ends with the test.
#[derive(Debug)]
pub struct ChatServer {
    /// `http://127.0.0.1:PORT/v1`.
    pub base: String,
    questions: Arc<AtomicUsize>,
}

impl ChatServer {
    /// `answer` gets the system's message, empty where there is none, and the user's.
    pub fn start(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let (questions, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let counted = questions.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, counted) = (answer.clone(), counted.clone());
                // A connection that breaks is the client's affair.
                std::thread::spawn(move || connection(stream, &counted, &*answer));
            }
        });
        Self { base, questions }
    }

    /// How many questions came so far.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

fn connection(stream: TcpStream, counted: &AtomicUsize, answer: &dyn Fn(&str, &str) -> String) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream.try_clone()?), stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(number) = line.to_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body: Value = serde_json::from_slice(&body)?;
        counted.fetch_add(1, Ordering::SeqCst);
        let of = |role: &str| {
            let message = body["messages"].as_array().and_then(|messages| messages.iter().find(|message| message["role"] == role));
            message.and_then(|message| message["content"].as_str()).unwrap_or("").to_owned()
        };
        let text = json!({"choices": [{"message": {"role": "assistant", "content": answer(&of("system"), &of("user"))}}]}).to_string();
        write!(writer, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}", text.len())?;
    }
}
