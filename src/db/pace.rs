//! How often work that goes on for long shows readers what it has done: with each time, every kept page is made anew.

use std::time::{Duration, Instant};

/// Readers see it so late, at most.
const EVERY: Duration = Duration::from_secs(30);

/// When something was shown last, by such work or by somebody else, and whether the work has done more since.
#[derive(Debug, Default)]
pub struct Pace {
    shown: Option<Shown>,
    is_owed: bool,
}

#[derive(Debug)]
struct Shown {
    /// The site version that it was shown with.
    version: i64,
    at: Instant,
}

impl Shown {
    fn now(version: i64) -> Self {
        let at = Instant::now();
        Self { version, at }
    }
}

impl Pace {
    /// Whether it is time to show what is done. Whoever has raised the site version to this one has shown it, too.
    pub fn is_due(&mut self, version: i64) -> bool {
        match &self.shown {
            None => true,
            Some(shown) if shown.version != version => {
                self.shown = Some(Shown::now(version));
                false
            }
            Some(shown) => shown.at.elapsed() >= EVERY,
        }
    }

    /// Whether something was done that was not shown, as far as is known.
    pub fn is_owed(&self) -> bool {
        self.is_owed
    }

    /// Notes that something was done.
    pub fn owe(&mut self) {
        self.is_owed = true;
    }

    /// Notes that everything was shown with this site version.
    pub fn note_shown(&mut self, version: i64) {
        *self = Self {
            shown: Some(Shown::now(version)),
            is_owed: false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_shown_with_what_others_show_or_when_nobody_did_for_long() {
        let mut pace = Pace::default();
        pace.owe();
        assert!(pace.is_due(7), "nothing was ever shown");
        pace.note_shown(8);
        assert!(!pace.is_owed());
        pace.owe();
        let long_ago = |pace: &mut Pace| {
            let shown = pace.shown.as_mut().unwrap();
            shown.at = shown.at.checked_sub(EVERY).unwrap();
        };
        assert!(!pace.is_due(8));
        long_ago(&mut pace);
        assert!(!pace.is_due(9), "somebody else has just shown everything");
        long_ago(&mut pace);
        assert!(pace.is_due(9));
        // It may have been done just after they did.
        assert!(pace.is_owed());
    }
}
