//! What can be watched of a running newspaper, in the words of Prometheus.

use std::time::Duration;

use chrono::Utc;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};

use crate::{app::App, error::Result, models::session, reader};

/// Upper bounds of the latencies that are told apart, in seconds.
const LATENCIES: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0,
];

pub struct Metrics {
    registry: Registry,
    requests: Option<IntCounterVec>,
    seconds: Option<HistogramVec>,
    jobs: Option<IntCounterVec>,
    jobs_done: Option<IntGaugeVec>,
}

/// Counts the requests that a kept page answers: ready beforehand, for there are many.
#[derive(Clone)]
pub struct OfPage {
    whole: IntCounter,
    unchanged: IntCounter,
}

impl OfPage {
    /// Notes a request that was answered with the page, or with its being unchanged.
    pub fn count(&self, status: u16) {
        match status {
            304 => self.unchanged.inc(),
            _ => self.whole.inc(),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("dateline_requests_total", "Requests, by kind and status"),
            &["kind", "status"],
        );
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "dateline_request_seconds",
                "How long those took that were not answered from memory, by kind",
            )
            .buckets(LATENCIES.to_vec()),
            &["kind"],
        );
        let jobs = IntCounterVec::new(
            Opts::new(
                "dateline_job_runs_total",
                "Runs of what works in the background, by job and whether it failed",
            ),
            &["job", "result"],
        );
        let jobs_done = IntGaugeVec::new(
            Opts::new(
                "dateline_job_done_timestamp_seconds",
                "When a job was done last without failing",
            ),
            &["job"],
        );
        Self {
            requests: registered(&registry, requests),
            seconds: registered(&registry, seconds),
            jobs: registered(&registry, jobs),
            jobs_done: registered(&registry, jobs_done),
            registry,
        }
    }
}

/// Names and labels are part of the program: that they are well-formed, the test sees.
fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> Option<C> {
    let made = made.ok()?;
    registry.register(Box::new(made.clone())).ok()?;
    Some(made)
}

impl Metrics {
    /// What counts the requests that a kept page of a kind answers.
    pub fn of_page(&self, kind: &str) -> Option<OfPage> {
        let requests = self.requests.as_ref()?;
        let with = |status| requests.with_label_values(&[kind, status]);
        Some(OfPage {
            whole: with("200"),
            unchanged: with("304"),
        })
    }

    /// Notes that a job in the background was at work.
    pub fn job<T, E>(&self, job: &str, outcome: &Result<T, E>) {
        let result = match outcome {
            Ok(_) => "done",
            Err(_) => "failed",
        };
        if let Some(jobs) = &self.jobs {
            jobs.with_label_values(&[job, result]).inc();
        }
        if let (Ok(_), Some(done)) = (outcome, &self.jobs_done) {
            done.with_label_values(&[job]).set(Utc::now().timestamp());
        }
    }

    /// Notes a request that was answered, and not from memory.
    pub fn request(&self, kind: &str, status: u16, took: Duration) {
        if let Some(requests) = &self.requests {
            requests
                .with_label_values(&[kind, &status.to_string()])
                .inc();
        }
        if let Some(seconds) = &self.seconds {
            seconds
                .with_label_values(&[kind])
                .observe(took.as_secs_f64());
        }
    }
}

/// Whether a number of this name only grows.
fn is_counter(name: &str) -> bool {
    name.ends_with("_total")
}

/// Everything, as Prometheus reads it.
pub async fn text(app: &App) -> Result<String> {
    // The database may be away, which is when this is read most.
    let sessions = app.db.read(|conn| Ok(session::count(conn)?)).await;
    let (hits, misses) = app.pages.counts();
    let (waited, reads) = app.db.waits();
    let (counted, not_counted) = app.views.counts();
    let backups = app.backups();
    let age = backups.last.map(|last| (Utc::now() - last).num_seconds());
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let numbers = [
        (
            "dateline_up",
            "Whether the database answers",
            Some(i64::from(sessions.is_ok())),
        ),
        (
            "dateline_pages_from_memory_total",
            "Requests that were answered from memory",
            Some(whole(hits)),
        ),
        (
            "dateline_pages_made_total",
            "Pages that had to be made",
            Some(whole(misses)),
        ),
        (
            "dateline_page_cache_bytes",
            "Bytes of pages that are kept",
            Some(whole(app.pages.bytes())),
        ),
        (
            "dateline_page_cache_pages",
            "Pages that are kept",
            Some(whole(app.pages.len() as u64)),
        ),
        (
            "dateline_database_reads_total",
            "Times that a reading connection was taken",
            Some(whole(reads)),
        ),
        (
            "dateline_database_wait_microseconds_total",
            "How long these waited for one",
            Some(whole(waited)),
        ),
        (
            "dateline_views_counted_total",
            "Views that were counted",
            Some(whole(counted)),
        ),
        (
            "dateline_views_not_counted_total",
            "Looks at articles by programs, by reload or by staff",
            Some(whole(not_counted)),
        ),
        (
            "dateline_sessions",
            "Sessions of the newsroom that have not been ended",
            sessions.ok(),
        ),
        (
            "dateline_backup_age_seconds",
            "Age of the last whole backup that this process knows",
            age,
        ),
        (
            "dateline_backup_failed",
            "Whether the last try to back up failed",
            app.config
                .backup_to
                .is_some()
                .then_some(i64::from(backups.failure.is_some())),
        ),
    ];
    let now = Registry::new();
    for (name, help, value) in numbers {
        let Some(value) = value else { continue };
        if is_counter(name) {
            if let Some(counter) = registered(&now, IntCounter::new(name, help)) {
                counter.inc_by(u64::try_from(value).unwrap_or_default());
            }
        } else if let Some(gauge) = registered(&now, IntGauge::new(name, help)) {
            gauge.set(value);
        }
    }
    let mut families = app.metrics.registry.gather();
    families.extend(now.gather());
    TextEncoder::new()
        .encode_to_string(&families)
        .map_err(|error| crate::error::Error::Data(error.to_string()))
}

/// What a request is for, as far as its path tells; articles and lists are told apart by who answers.
pub fn kind_of(path: &str) -> Option<&'static str> {
    let first = path.split('/').nth(1).unwrap_or_default();
    Some(match first {
        "" => "home",
        "admin" => "admin",
        "assets" => "asset",
        "media" => "media",
        "search" => "search",
        "sitemap.xml" | "sitemaps" => "sitemap",
        "healthz" | "readyz" => "health",
        _ if reader::is_feed(path) => "feed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_well_formed() {
        let metrics = Metrics::default();
        metrics.request("article", 200, Duration::from_millis(3));
        let text = TextEncoder::new()
            .encode_to_string(&metrics.registry.gather())
            .unwrap();
        assert!(text.contains("dateline_requests_total{kind=\"article\",status=\"200\"} 1"));
        assert!(text.contains("dateline_request_seconds_bucket{kind=\"article\",le=\"0.005\"} 1"));
    }
}
