//! Connections, of which there are few and none lasts for ever.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Connections at one time; others wait.
const MOST: usize = 64;
/// A connection on which nothing comes or goes ends after this: longer than people let a server wait between two scrapes.
const IDLE: Duration = Duration::from_secs(130);
/// A request that has begun must be there within this.
const SLOW: Duration = Duration::from_secs(10);

/// A listener that keeps to the limits.
#[derive(Debug)]
pub(crate) struct Connections {
    listener: TcpListener,
    room: Arc<Semaphore>,
    idle: Duration,
    slow: Duration,
}

impl Connections {
    pub fn new(listener: TcpListener) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(MOST)), idle: IDLE, slow: SLOW }
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed.
        let room = self.room.clone().acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let deadline = Box::pin(sleep(self.slow));
        (Connection { stream, deadline, is_within_request: true, idle: self.idle, slow: self.slow, _room: room }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends when it is too slow.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    deadline: Pin<Box<Sleep>>,
    /// From the first byte of a request to the first byte of its answer.
    is_within_request: bool,
    idle: Duration,
    slow: Duration,
    _room: Option<OwnedSemaphorePermit>,
}

impl Connection {
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.as_mut().poll(context).is_ready()
    }

    fn written(&mut self) {
        self.is_within_request = false;
        let next = Instant::now() + self.idle;
        self.deadline.as_mut().reset(next);
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                if !self.is_within_request {
                    self.is_within_request = true;
                    let by = Instant::now() + self.slow;
                    self.deadline.as_mut().reset(by);
                }
                Poll::Ready(read)
            }
            Poll::Pending if self.is_late(context) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(written) => {
                self.written();
                Poll::Ready(written)
            }
            Poll::Pending if self.is_late(context) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn served(idle: Duration, slow: Duration) -> SocketAddr {
        let mut connections = Connections::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        (connections.idle, connections.slow) = (idle, slow);
        let address = connections.local_addr().unwrap();
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "yes" }));
        tokio::spawn(async move { axum::serve(connections, router).await });
        address
    }

    async fn read_to_end(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut text)).await.unwrap().unwrap();
        text
    }

    #[tokio::test]
    async fn who_says_nothing_is_let_go() {
        let address = served(Duration::from_secs(60), Duration::from_millis(200)).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(read_to_end(&mut stream).await, "");
        // One byte after the other does not help.
        let mut stream = TcpStream::connect(address).await.unwrap();
        let began = Instant::now();
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if stream.write_all(b"G").await.is_err() {
                break;
            }
        }
        assert!(began.elapsed() < Duration::from_secs(15));
    }

    #[tokio::test]
    async fn a_connection_serves_several_requests_and_ends_when_idle() {
        let address = served(Duration::from_millis(400), Duration::from_secs(60)).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..2 {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"yes") {
                assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "{answer:?}");
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(read_to_end(&mut stream).await, "");
    }
}
