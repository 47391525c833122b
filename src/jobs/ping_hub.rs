//! Notifies the WebSub hub, if one is configured, of feeds that have changed
//! (<https://www.w3.org/TR/websub/>, section 7).

use std::{sync::Arc, time::Duration};

use crate::{app::App, error::Result, models::hub, paths::FeedFormat};

/// The time between two checks; changes within it are sent together.
const INTERVAL: Duration = Duration::from_secs(5);
/// Limits one request to the hub.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum number of attempts per feed.
const ATTEMPTS: u32 = 4;
/// The pause before the second attempt; it doubles with each attempt.
const BACKOFF: Duration = Duration::from_secs(2);

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let done = once(&app).await;
        app.metrics.job("ping_hub", &done);
        if let Err(error) = done {
            tracing::error!(%error, "could not look up changes for the WebSub hub");
        }
    }
}

/// Notifies the hub of the changes since the last notification.
///
/// # Errors
/// If the database cannot be read or written; an error of the hub is only logged.
pub async fn once(app: &Arc<App>) -> Result<()> {
    let now = app.clock.now().naive_utc();
    let site = app.clone();
    let (hub, has_changes) = app
        .db
        .read(move |conn| {
            let hub = site.site(conn)?.settings.feed_hub.clone();
            let has_changes = !hub.is_empty() && hub::has_news(conn, now)?;
            Ok((hub, has_changes))
        })
        .await?;
    if !has_changes {
        return Ok(());
    }
    let paths = app
        .db
        .write_unversioned(move |conn| Ok(hub::take(conn, now)?))
        .await?;
    for feed in paths.iter().flat_map(|path| {
        FeedFormat::ALL.map(|format| format!("{}{path}{}", app.base_url, format.suffix()))
    }) {
        notify(&hub, feed).await;
    }
    Ok(())
}

/// Notifies the hub of one feed. If it fails, subscribers see the change when they poll the feed.
async fn notify(hub: &str, feed: String) {
    let mut pause = BACKOFF;
    for attempt in 1..=ATTEMPTS {
        let (hub, topic) = (hub.to_owned(), feed.clone());
        let sent = actix_web::web::block(move || post(&hub, &topic)).await;
        match sent {
            Ok(Ok(())) => return,
            Ok(Err(error)) if attempt == ATTEMPTS => {
                tracing::warn!(%error, feed, "could not notify the WebSub hub of a feed");
            }
            Ok(Err(_)) => tokio::time::sleep(pause).await,
            // The process is shutting down.
            Err(_) => return,
        }
        pause *= 2;
    }
}

fn post(hub: &str, feed: &str) -> Result<(), ureq::Error> {
    ureq::post(hub)
        .config()
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("Dateline/", env!("CARGO_PKG_VERSION")))
        .build()
        .send_form([("hub.mode", "publish"), ("hub.url", feed)])?;
    Ok(())
}
