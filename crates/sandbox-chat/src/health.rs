//! Whether a server is there.

use std::time::Duration;

/// Whether an address answers with success within a time. No proxy is asked.
///
/// ```
/// assert!(!sandbox_chat::health::answers("http://127.0.0.1:9/health", std::time::Duration::from_secs(1)));
/// ```
pub fn answers(url: &str, within: Duration) -> bool {
    let config = ureq::Agent::config_builder().timeout_global(Some(within)).proxy(None).max_redirects(0).build();
    ureq::Agent::from(config).get(url).call().is_ok_and(|response| response.status().is_success())
}
