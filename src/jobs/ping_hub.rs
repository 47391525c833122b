//! Tells the WebSub hub, if there is one, which feeds have something new
//! (<https://www.w3.org/TR/websub/>, section 7).

use std::{sync::Arc, time::Duration};

use crate::{app::App, error::Result, models::hub, reader::FeedFormat};

/// How often it looks whether there is news: what is saved shortly after one another is told together.
const EVERY: Duration = Duration::from_secs(5);
/// A hub has so long to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a hub is told that does not answer, and the pause before the second time; it doubles.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_secs(2);

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let done = once(&app).await;
        app.metrics.job("ping_hub", &done);
        if let Err(error) = done {
            tracing::error!(%error, "what the WebSub hub is to be told cannot be looked up");
        }
    }
}

/// Tells the hub what it does not know yet.
pub async fn once(app: &Arc<App>) -> Result<()> {
    let now = app.clock.now().naive_utc();
    let site = app.clone();
    let (hub, is_news) = app
        .db
        .read(move |conn| {
            let hub = site.site(conn)?.settings.feed_hub.clone();
            let is_news = !hub.is_empty() && hub::has_news(conn, now)?;
            Ok((hub, is_news))
        })
        .await?;
    if !is_news {
        return Ok(());
    }
    let paths = app.db.record(move |conn| Ok(hub::take(conn, now)?)).await?;
    for feed in paths.iter().flat_map(|path| {
        FeedFormat::ALL.map(|format| format!("{}{path}{}", app.base_url, format.file()))
    }) {
        tell(&hub, feed).await;
    }
    Ok(())
}

/// Tells the hub of one feed. A hub that does not listen misses it; whoever subscribed still looks by
/// themselves.
async fn tell(hub: &str, feed: String) {
    let mut pause = PAUSE;
    for attempt in 1..=TRIES {
        let (to, of) = (hub.to_owned(), feed.clone());
        let told = actix_web::web::block(move || post(&to, &of)).await;
        match told {
            Ok(Ok(())) => return,
            Ok(Err(error)) if attempt == TRIES => {
                tracing::warn!(%error, feed, "the WebSub hub could not be told of a feed");
            }
            Ok(Err(_)) => tokio::time::sleep(pause).await,
            // The process is about to stop.
            Err(_) => return,
        }
        pause *= 2;
    }
}

fn post(hub: &str, feed: &str) -> Result<(), ureq::Error> {
    ureq::post(hub)
        .config()
        .timeout_global(Some(PATIENCE))
        .user_agent(concat!("Dateline/", env!("CARGO_PKG_VERSION")))
        .build()
        .send_form([("hub.mode", "publish"), ("hub.url", feed)])?;
    Ok(())
}
