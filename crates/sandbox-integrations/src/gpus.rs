//! The GPUs of this machine, as far as a program started here would see them.

use std::time::Duration;

use sandbox_process::Command;

/// The names that `CUDA_VISIBLE_DEVICES` has for them.
pub(crate) async fn visible() -> Vec<String> {
    if let Ok(listed) = std::env::var("CUDA_VISIBLE_DEVICES") {
        return listed.split(',').map(str::trim).take_while(|name| !name.is_empty() && *name != "-1").map(str::to_owned).collect();
    }
    let asked = Command::new("nvidia-smi").args(["--query-gpu=index", "--format=csv,noheader"]).timeout(Some(Duration::from_secs(10)));
    match asked.run().await {
        Ok(finished) if finished.status.is_success() => {
            let said = String::from_utf8_lossy(&finished.tail.stdout.bytes()).into_owned();
            said.lines().map(str::trim).filter(|line| line.parse::<u32>().is_ok()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
