//! A load generator that does nothing but ask.

use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::http;

/// Seconds until all `questions` are answered, over so many connections that are made here and kept.
pub(super) fn run(address: SocketAddr, questions: &[Vec<u8>], connections: usize) -> Result<f64> {
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let ask = || -> io::Result<()> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let (mut reader, mut writer, mut answer) = (BufReader::new(stream.try_clone()?), stream, Vec::new());
        while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
            writer.write_all(question)?;
            http::message(&mut reader, &mut answer)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if answer.starts_with(b"HTTP/1.1 200 ") {
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    };
    let start = Instant::now();
    let done = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked"))))
    });
    let wall = start.elapsed().as_secs_f64();
    done.context("Failed to ask the server")?;
    let answered = answered.into_inner();
    ensure!(answered == questions.len(), "{answered} of {} questions were answered", questions.len());
    Ok(wall)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::server::Server;
    use super::*;

    #[test]
    fn as_many_wait_at_once_as_there_are_connections() {
        let server = Server::start(Duration::from_millis(40)).unwrap();
        let question = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}".to_vec();
        server.record(true);
        let wall = run(server.address(), &vec![question.clone(); 12], 4).unwrap();
        assert!((0.12..0.4).contains(&wall), "{wall}");
        assert_eq!((server.answered(), server.recorded()), (12, vec![question; 12]));
    }

    #[test]
    fn a_server_that_hangs_up_is_an_error() {
        let server = Server::start(Duration::ZERO).unwrap();
        let error = run(server.address(), &[b"POST / HTTP/1.1\r\n\r\n".to_vec()], 1).unwrap_err();
        assert_eq!(error.to_string(), "Failed to ask the server");
    }
}
