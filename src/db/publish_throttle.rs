//! Publish throttle: how often a long-running job makes its changes visible. Each time invalidates every cached page.

use std::time::{Duration, Instant};

/// The longest time between a change and its publication.
const INTERVAL: Duration = Duration::from_secs(30);

/// When changes became visible last, through the job or another writer, and whether the job has made changes since.
#[derive(Debug, Default)]
pub struct PublishThrottle {
    last: Option<Published>,
    is_dirty: bool,
}

#[derive(Debug)]
struct Published {
    /// The site version that made the changes visible.
    version: i64,
    at: Instant,
}

impl Published {
    fn now(version: i64) -> Self {
        let at = Instant::now();
        Self { version, at }
    }
}

impl PublishThrottle {
    /// Whether it is time to publish. `version` is the current site version: if another writer has incremented it,
    /// that write has published the job's changes too.
    pub fn is_due(&mut self, version: i64) -> bool {
        match &self.last {
            None => true,
            Some(last) if last.version != version => {
                self.last = Some(Published::now(version));
                false
            }
            Some(last) => last.at.elapsed() >= INTERVAL,
        }
    }

    /// Whether there may be unpublished changes.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Records that a change was made.
    pub fn mark_dirty(&mut self) {
        self.is_dirty = true;
    }

    /// Records that all changes were published with this site version.
    pub fn note_shown(&mut self, version: i64) {
        *self = Self {
            last: Some(Published::now(version)),
            is_dirty: false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_published_every_30_s_or_with_another_write() {
        let mut throttle = PublishThrottle::default();
        throttle.mark_dirty();
        assert!(throttle.is_due(7), "nothing was published before");
        throttle.note_shown(8);
        assert!(!throttle.is_dirty());
        throttle.mark_dirty();
        let age = |throttle: &mut PublishThrottle| {
            let last = throttle.last.as_mut().unwrap();
            last.at = last.at.checked_sub(INTERVAL).unwrap();
        };
        assert!(!throttle.is_due(8));
        age(&mut throttle);
        assert!(
            !throttle.is_due(9),
            "another write has just published everything"
        );
        age(&mut throttle);
        assert!(throttle.is_due(9));
        // A change may have been made just after the other write.
        assert!(throttle.is_dirty());
    }
}
