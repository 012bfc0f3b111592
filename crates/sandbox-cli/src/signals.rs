//! Ctrl-C: the first asks everything to stop, the second ends the program.

use sandbox_core::component::StopFlag;

use crate::exit::Exit;
use crate::printer::Printer;

/// Sets `stop` at the first Ctrl-C (or SIGTERM); at the second, the process ends on the spot. Files under their final names
/// stay complete either way.
pub(crate) fn listen(stop: StopFlag, printer: Printer) {
    tokio::spawn(async move {
        wait().await;
        stop.set();
        printer.talk("stopping (again to stop at once)");
        wait().await;
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

#[cfg(unix)]
async fn wait() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => wait_for_ctrl_c().await,
    }
}

#[cfg(not(unix))]
async fn wait() {
    wait_for_ctrl_c().await;
}

/// Where no signal can be listened to, Ctrl-C keeps its usual meaning and nobody waits here for nothing.
async fn wait_for_ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
