//! A database that has stopped answering: nobody waits for it longer than a reader would.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use actix_web::error::BlockingError;

use crate::error::{Error, Result};

/// Readers are told after so long that there is no answer.
pub(super) const LONGEST_READ: Duration = Duration::from_millis(4_500);
/// Whoever writes waits longer: another process may be writing, and it is more to lose.
pub(super) const LONGEST_WRITE: Duration = Duration::from_secs(20);

/// Whether the database has stopped answering: then nobody waits for it but one reader every second, who finds
/// out whether it answers again.
pub(super) struct Silence {
    started: Instant,
    /// In milliseconds since then: when a read was answered last, and until when nobody asks (0: all may).
    answered: AtomicU64,
    until: AtomicU64,
}

/// In milliseconds.
const NOBODY_ASKS: u64 = 1_000;

impl Default for Silence {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            answered: AtomicU64::new(0),
            until: AtomicU64::new(0),
        }
    }
}

impl Silence {
    /// Now.
    pub(super) fn moment(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether nobody is to ask now.
    pub(super) fn is_on(&self) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        if until == 0 {
            return false;
        }
        let now = self.moment();
        if now < until {
            return true;
        }
        // Whoever is the first to see that it is time asks; the others do not yet.
        let next = now + NOBODY_ASKS;
        self.until
            .compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed)
            .is_err()
    }

    /// Notes what came of a read that began at this moment. One that was slow by itself is no silence: others
    /// were answered meanwhile.
    pub(super) fn note(&self, began: u64, is_answered: bool) {
        if is_answered {
            self.answered.store(self.moment(), Ordering::Relaxed);
            self.until.store(0, Ordering::Relaxed);
        } else if self.answered.load(Ordering::Relaxed) <= began {
            let until = self.moment() + NOBODY_ASKS;
            self.until.fetch_max(until, Ordering::Relaxed);
        }
    }
}

/// What the database answers. A server that is frozen answers nothing, and breaks no connection: the thread
/// that waits for it is left to wait, which holds up as many others as there are connections.
pub(super) async fn answered_within<T>(
    longest: Duration,
    work: impl Future<Output = std::result::Result<Result<T>, BlockingError>>,
) -> Result<T> {
    match tokio::time::timeout(longest, work).await {
        Ok(done) => done?,
        Err(_) => Err(Error::Silent),
    }
}
