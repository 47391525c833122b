//! Compresses kept pages strongly, one at a time, so that no reader waits for it.

use std::sync::Arc;

use actix_web::web;

use crate::app::App;

/// Compresses whatever waits, and waits for more.
pub async fn run(app: Arc<App>) {
    loop {
        app.pages.compress.notified().await;
        loop {
            let worker = app.clone();
            match web::block(move || worker.pages.compress_one()).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "pages are not compressed any further");
                    return;
                }
            }
        }
    }
}
