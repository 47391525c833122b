//! Compresses kept pages strongly, one at a time, in a thread that comes after those that answer readers.

use std::sync::Arc;

use crate::{app::App, parallel::Lane};

/// Compresses whatever waits, and waits for more.
pub async fn run(app: Arc<App>) {
    let lane = Lane::new("compress", 1);
    loop {
        app.pages.compress.notified().await;
        loop {
            let worker = app.clone();
            match lane.run(move || worker.pages.compress_one()).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "a page could not be compressed");
                    break;
                }
            }
        }
    }
}
