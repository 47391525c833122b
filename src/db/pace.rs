//! How often work that goes on for long shows readers what it has done: with each time, every kept page is made anew.

use std::time::{Duration, Instant};

/// Readers see it so late, at most.
const EVERY: Duration = Duration::from_secs(30);

/// When such work showed something last, and whether it has done more since.
#[derive(Debug, Default)]
pub struct Pace {
    shown: Option<Instant>,
    is_owed: bool,
}

impl Pace {
    /// Whether it is time to show what is done.
    pub fn is_due(&self) -> bool {
        self.shown.is_none_or(|last| last.elapsed() >= EVERY)
    }

    /// Whether something was done that was not shown.
    pub fn is_owed(&self) -> bool {
        self.is_owed
    }

    /// Notes that something was done.
    pub fn owe(&mut self) {
        self.is_owed = true;
    }

    /// Notes that everything was shown.
    pub fn note_shown(&mut self) {
        *self = Self {
            shown: Some(Instant::now()),
            is_owed: false,
        };
    }
}
