//! Requests that are not HTTP: all are counted, and few are logged, so that they cannot fill the log.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_http::error::ParseError;

use crate::app::App;

/// How much time passes between two lines in the log, in seconds.
const LOG_INTERVAL: u64 = 10;

/// The malformed requests of all workers.
#[derive(Default)]
pub struct MalformedRequests {
    /// When the next one is logged, in seconds since the process started.
    next_line: AtomicU64,
    /// How many were not logged since the last line.
    unlogged: AtomicU64,
}

impl MalformedRequests {
    /// Counts a request, and logs it at level debug if none was logged recently. `now` is in seconds since the process
    /// started.
    pub fn record(&self, app: &App, error: &ParseError, now: u64) {
        app.metrics.malformed_request();
        if let Some(unlogged) = self.line(now) {
            tracing::debug!(%error, unlogged, "a request is malformed");
        }
    }

    /// Whether a request is logged: how many were not before it.
    fn line(&self, now: u64) -> Option<u64> {
        let next = self.next_line.load(Ordering::Relaxed);
        let is_logged = now >= next
            && self
                .next_line
                .compare_exchange(
                    next,
                    now + LOG_INTERVAL,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok();
        if is_logged {
            return Some(self.unlogged.swap(0, Ordering::Relaxed));
        }
        self.unlogged.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_one_malformed_request_in_ten_seconds_is_logged() {
        let requests = MalformedRequests::default();
        assert_eq!(requests.line(0), Some(0));
        for now in [0, 1, 9] {
            assert_eq!(requests.line(now), None);
        }
        assert_eq!(requests.line(10), Some(3));
        assert_eq!(requests.line(11), None);
        assert_eq!(requests.line(500), Some(1));
    }
}
