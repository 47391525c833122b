//! Circuit breaker: fails fast after a timeout, and lets one probe a second through.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use actix_web::error::BlockingError;

use crate::error::{Error, Result};

/// Timeout of a read, the wait for a connection included.
pub(super) const READ_TIMEOUT: Duration = Duration::from_millis(4_500);
/// Timeout of a write: longer, because another process may hold SQLite's write lock, and what the user entered
/// would be lost.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the circuit stays open before the next probe, in milliseconds.
const OPEN_MS: u64 = 1_000;

/// Open (requests fail without asking the database) after a read timed out and no other read has succeeded since
/// that one began; closed again by the first read that succeeds.
pub(super) struct CircuitBreaker {
    started: Instant,
    /// When a read succeeded last, in milliseconds since `started`.
    last_success: AtomicU64,
    /// Until when the circuit is open, in milliseconds since `started`; 0 while it is closed.
    open_until: AtomicU64,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            last_success: AtomicU64::new(0),
            open_until: AtomicU64::new(0),
        }
    }
}

impl CircuitBreaker {
    /// The current time, in milliseconds since the breaker was created.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether the caller has to fail fast. `false` also makes the caller the probe if the circuit was open.
    pub(super) fn is_open(&self) -> bool {
        let until = self.open_until.load(Ordering::Relaxed);
        if until == 0 {
            return false;
        }
        let now = self.now();
        if now < until {
            return true;
        }
        // The caller that moves the deadline is the probe; all others fail until its result is known.
        self.open_until
            .compare_exchange(until, now + OPEN_MS, Ordering::Relaxed, Ordering::Relaxed)
            .is_err()
    }

    /// Records the outcome of a read that began at `began` (see [`Self::now`]). A timeout opens the circuit only if
    /// no other read has succeeded since then: one slow statement is not an outage.
    pub(super) fn record(&self, began: u64, succeeded: bool) {
        if succeeded {
            self.last_success.store(self.now(), Ordering::Relaxed);
            self.open_until.store(0, Ordering::Relaxed);
        } else if self.last_success.load(Ordering::Relaxed) <= began {
            let until = self.now() + OPEN_MS;
            self.open_until.fetch_max(until, Ordering::Relaxed);
        }
    }
}

/// Awaits `work` for at most `timeout`.
///
/// A frozen server neither answers nor closes its connections, so the blocking thread is left waiting; the number
/// of such threads is limited by the size of the connection pool.
pub(super) async fn with_timeout<T>(
    timeout: Duration,
    work: impl Future<Output = std::result::Result<Result<T>, BlockingError>>,
) -> Result<T> {
    match tokio::time::timeout(timeout, work).await {
        Ok(done) => done?,
        Err(_) => Err(Error::DatabaseTimeout),
    }
}
