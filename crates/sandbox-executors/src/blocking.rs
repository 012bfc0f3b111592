//! Work that computes, off the threads that wait.

use sandbox_core::component::ComponentError;

/// Runs `work` on a thread of its own kind; a panic in it is the job's failure and not the program's.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ComponentError> + Send + 'static,
) -> Result<T, ComponentError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            Err(ComponentError::caused("Failed to finish: an internal error", error)
                .hint("please report this with the input that led to it"))
        }
    }
}
