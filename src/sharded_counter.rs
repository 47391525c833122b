//! A counter with one shard per thread, so that increments do not contend for a cache line.

use std::sync::atomic::{AtomicU64, Ordering};

use thread_local::ThreadLocal;

#[derive(Default)]
pub struct ShardedCounter {
    shards: ThreadLocal<Shard>,
}

/// The count of one thread, aligned to avoid false sharing.
#[derive(Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

impl ShardedCounter {
    /// Increments the counter.
    pub fn add(&self) {
        self.shards
            .get_or_default()
            .0
            .fetch_add(1, Ordering::Relaxed);
    }

    /// The sum of all shards.
    pub fn total(&self) -> u64 {
        self.shards
            .iter()
            .map(|shard| shard.0.load(Ordering::Relaxed))
            .sum()
    }
}
