//! Counters of requests and background jobs, for Prometheus. `ops.rs` serves them.

use std::time::Duration;

use chrono::Utc;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry,
    core::Collector, proto::MetricFamily,
};

use crate::paths;

/// Upper bounds of the latency histogram's buckets, in seconds.
const LATENCIES: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0,
];

/// The counters of one process.
pub struct Metrics {
    registry: Registry,
    requests: Option<IntCounterVec>,
    seconds: Option<HistogramVec>,
    jobs: Option<IntCounterVec>,
    jobs_done: Option<IntGaugeVec>,
    malformed: Option<IntCounter>,
}

/// The counters of requests served from memory for one kind of page, looked up once.
#[derive(Clone)]
pub struct CachedRequests {
    ok: IntCounter,
    not_modified: IntCounter,
}

impl CachedRequests {
    /// Counts a request that was answered with this status.
    pub fn count(&self, status: u16) {
        match status {
            304 => self.not_modified.inc(),
            _ => self.ok.inc(),
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
                "Duration of requests that were not served from memory, by kind",
            )
            .buckets(LATENCIES.to_vec()),
            &["kind"],
        );
        let jobs = IntCounterVec::new(
            Opts::new(
                "dateline_job_runs_total",
                "Runs of background jobs, by job and result",
            ),
            &["job", "result"],
        );
        let jobs_done = IntGaugeVec::new(
            Opts::new(
                "dateline_job_done_timestamp_seconds",
                "When a job last succeeded",
            ),
            &["job"],
        );
        let malformed = IntCounter::new(
            "dateline_malformed_requests_total",
            "Requests that could not be parsed, answered with 400 or 431",
        );
        Self {
            requests: registered(&registry, requests),
            seconds: registered(&registry, seconds),
            jobs: registered(&registry, jobs),
            jobs_done: registered(&registry, jobs_done),
            malformed: registered(&registry, malformed),
            registry,
        }
    }
}

/// Registers a collector. Names and labels are constants, which a test checks.
pub fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    collector: prometheus::Result<C>,
) -> Option<C> {
    let collector = collector.ok()?;
    registry.register(Box::new(collector.clone())).ok()?;
    Some(collector)
}

impl Metrics {
    /// The counters of requests served from memory for this kind of page.
    pub fn cached_requests(&self, kind: &str) -> Option<CachedRequests> {
        let requests = self.requests.as_ref()?;
        let with = |status| requests.with_label_values(&[kind, status]);
        Some(CachedRequests {
            ok: with("200"),
            not_modified: with("304"),
        })
    }

    /// Counts a run of a background job.
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

    /// Counts a request that could not be parsed.
    pub fn malformed_request(&self) {
        if let Some(malformed) = &self.malformed {
            malformed.inc();
        }
    }

    /// Counts a request that was not served from memory.
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

    /// All counters.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }
}

/// The kind of a request, derived from its path; `None` for pages whose address is in the database.
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
        _ if paths::is_feed(path) => "feed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn all_collectors_are_registered() {
        let metrics = Metrics::default();
        metrics.request("article", 200, Duration::from_millis(3));
        let text = TextEncoder::new()
            .encode_to_string(&metrics.gather())
            .unwrap();
        assert!(text.contains("dateline_requests_total{kind=\"article\",status=\"200\"} 1"));
        assert!(text.contains("dateline_request_seconds_bucket{kind=\"article\",le=\"0.005\"} 1"));
    }
}
