//! The signals that ask us to stop, to be passed on.

use std::io;

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

/// Listens to SIGINT, SIGTERM and SIGHUP; or to nothing.
pub(crate) struct Asked(Option<[tokio::signal::unix::Signal; 3]>);

impl Asked {
    pub fn listen(listens: bool) -> io::Result<Self> {
        let open =
            || Ok::<_, io::Error>([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?]);
        Ok(Self(if listens { Some(open()?) } else { None }))
    }

    /// Waits for the next; for ever, when nobody listens.
    pub async fn next(&mut self) -> Signal {
        let Some([interrupt, terminate, hangup]) = &mut self.0 else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => Signal::INT,
            _ = terminate.recv() => Signal::TERM,
            _ = hangup.recv() => Signal::HUP,
        }
    }
}
