//! `/metrics`, `/healthz` and `/readyz`: for monitoring.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web};
use chrono::Utc;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::{
    agent::Kind,
    app::App,
    db,
    error::{Error, Result},
    http_cache::HttpCache,
    metrics::registered,
    models::session,
};

const NO_STORE: (actix_web::http::header::HeaderName, &str) = (CACHE_CONTROL, "no-store");

/// `GET /healthz`: the process is alive.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().insert_header(NO_STORE).body("alive\n")
}

/// What `/readyz` says if it is ready, and what if it is not.
pub const READY: &str = "ready\n";
pub const DATA_REPLACED: &str = "the data folder was deleted or replaced while the server runs: nothing is saved until it is restarted";
const NO_DATABASE: &str = "the database does not answer";

/// `GET /readyz`: the database answers, and the data folder is still there.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let ready = async {
        app.check_data()?;
        app.db.read(|conn| Ok(db::site_version(conn)?)).await
    };
    match ready.await {
        Ok(_) => HttpResponse::Ok().insert_header(NO_STORE).body(READY),
        Err(error) => {
            tracing::error!(%error, "not ready");
            // Other errors may name addresses and credentials.
            let why = match error {
                Error::DataReplaced(_) => DATA_REPLACED,
                _ => NO_DATABASE,
            };
            HttpResponse::ServiceUnavailable()
                .insert_header(NO_STORE)
                .body(format!("{why}\n"))
        }
    }
}

/// `GET /metrics`: in the text format of Prometheus.
pub async fn metrics(cache: web::Data<HttpCache>) -> HttpResponse {
    match text(&cache).await {
        Ok(text) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .insert_header(NO_STORE)
            .body(text),
        Err(error) => {
            tracing::error!(%error, "could not write the metrics");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Whether a metric of this name only grows.
fn is_counter(name: &str) -> bool {
    name.ends_with("_total")
}

async fn text(cache: &HttpCache) -> Result<String> {
    let app = &cache.app;
    // Not an error: metrics matter most while the database is down.
    let sessions = app.db.read(|conn| Ok(session::count(conn)?)).await;
    let (hits, misses) = cache.store.counts();
    let (waited, reads) = app.db.waits();
    let (counted, not_counted) = app.views.counts();
    let backups = app.backups();
    let backup_age = backups.last.map(|last| (Utc::now() - last).num_seconds());
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let values = [
        (
            "dateline_up",
            "Whether the database answers",
            Some(i64::from(sessions.is_ok())),
        ),
        (
            "dateline_pages_from_memory_total",
            "Requests for pages that were served from memory",
            Some(signed(hits)),
        ),
        (
            "dateline_pages_made_total",
            "Pages that were rendered",
            Some(signed(misses)),
        ),
        (
            "dateline_page_cache_bytes",
            "Memory use of cached pages in bytes",
            Some(signed(cache.store.memory_use())),
        ),
        (
            "dateline_page_cache_pages",
            "Cached pages",
            Some(signed(cache.store.len() as u64)),
        ),
        (
            "dateline_database_reads_total",
            "Connections taken from the pool of readers",
            Some(signed(reads)),
        ),
        (
            "dateline_database_wait_microseconds_total",
            "Time spent waiting for these connections in microseconds",
            Some(signed(waited)),
        ),
        (
            "dateline_views_counted_total",
            "Views of articles that were counted",
            Some(signed(counted)),
        ),
        (
            "dateline_views_not_counted_total",
            "Requests for articles by bots, reloads and staff, which are not counted as views",
            Some(signed(not_counted)),
        ),
        (
            "dateline_sessions",
            "Open sessions of the newsroom",
            sessions.ok(),
        ),
        (
            "dateline_backup_age_seconds",
            "Age of the last complete backup of this process in seconds",
            backup_age,
        ),
        (
            "dateline_backup_failed",
            "Whether the last backup failed",
            app.config
                .backup_to
                .is_some()
                .then_some(i64::from(backups.failure.is_some())),
        ),
    ];
    let current = Registry::new();
    for (name, help, value) in values {
        let Some(value) = value else { continue };
        if is_counter(name) {
            if let Some(counter) = registered(&current, IntCounter::new(name, help)) {
                counter.inc_by(u64::try_from(value).unwrap_or_default());
            }
        } else if let Some(gauge) = registered(&current, IntGauge::new(name, help)) {
            gauge.set(value);
        }
    }
    let of_programs = Opts::new(
        "dateline_program_requests_total",
        "Requests for articles by programs, which are not counted as views",
    );
    if let Some(of_programs) = registered(&current, IntCounterVec::new(of_programs, &["kind"])) {
        for kind in Kind::ALL {
            of_programs
                .with_label_values(&[kind.as_str()])
                .inc_by(app.views.of_programs(kind));
        }
    }
    let mut families = app.metrics.gather();
    families.extend(current.gather());
    TextEncoder::new()
        .encode_to_string(&families)
        .map_err(|error| Error::Data(error.to_string()))
}
