//! Compresses kept pages strongly, one at a time, and so that readers do not feel it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::web;

use crate::app::App;

/// After a page it rests this many times as long as the page took: of one core, a quarter at most.
const REST: u32 = 3;
/// No rest is longer.
const LONGEST_REST: Duration = Duration::from_millis(200);

/// Compresses whatever waits, and waits for more.
pub async fn run(app: Arc<App>) {
    loop {
        app.pages.compress.notified().await;
        loop {
            let worker = app.clone();
            let began = Instant::now();
            match web::block(move || worker.pages.compress_one()).await {
                Ok(true) => {
                    tokio::time::sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
                }
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "pages are not compressed any further");
                    return;
                }
            }
        }
    }
}
