//! Fails if the cost of an input, measured in allocations, grows faster than its size.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The limit for an input: a fixed part, and a part for each of its bytes.
pub struct Limit {
    pub fixed: usize,
    pub per_byte: usize,
}

impl Limit {
    fn of(&self, length: usize) -> usize {
        self.fixed + self.per_byte * length
    }
}

/// Runs `work` on an input of `length` bytes; returns its result.
///
/// # Panics
/// If it makes more allocations than `allocations`, or allocates more bytes in total than `bytes`. Freed memory counts:
/// the total is a measure of time too.
pub fn bounded<T>(length: usize, allocations: Limit, bytes: Limit, work: impl FnOnce() -> T) -> T {
    let region = Region::new(&INSTRUMENTED_SYSTEM);
    let result = work();
    let cost = region.change();
    let made = cost.allocations + cost.reallocations;
    let taken = cost.bytes_allocated + usize::try_from(cost.bytes_reallocated).unwrap_or(0);
    if std::env::var_os("FUZZ_COST").is_some() {
        eprintln!("cost: {length} bytes, {made} allocations, {taken} bytes");
    }
    assert!(made <= allocations.of(length), "{length} bytes of input took {made} allocations");
    assert!(taken <= bytes.of(length), "{length} bytes of input took {taken} bytes of memory");
    result
}
