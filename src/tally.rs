//! A number that every request adds to: each thread has its own, so that no core waits for another's.

use std::sync::atomic::{AtomicU64, Ordering};

use thread_local::ThreadLocal;

#[derive(Default)]
pub struct Tally {
    of_threads: ThreadLocal<Own>,
}

/// A thread's number, in cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Own(AtomicU64);

impl Tally {
    /// Adds one.
    pub fn add(&self) {
        self.of_threads
            .get_or_default()
            .0
            .fetch_add(1, Ordering::Relaxed);
    }

    /// What all threads have added.
    pub fn total(&self) -> u64 {
        self.of_threads
            .iter()
            .map(|own| own.0.load(Ordering::Relaxed))
            .sum()
    }
}
