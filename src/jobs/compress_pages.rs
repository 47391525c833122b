//! Compresses cached pages at best effort, one at a time, on a low-priority thread.

use std::sync::Arc;

use crate::{http_cache::HttpCache, parallel::WorkerPool};

/// Runs until it is dropped.
pub async fn run(cache: Arc<HttpCache>) {
    let pool = WorkerPool::new("compress", 1);
    loop {
        cache.store.compress.notified().await;
        loop {
            let worker = cache.clone();
            match pool.run(move || worker.store.compress_next()).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "could not compress a page");
                    break;
                }
            }
        }
    }
}
