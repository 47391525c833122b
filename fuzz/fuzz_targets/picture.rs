//! Any upload is decoded or refused, without a panic.
#![no_main]

mod cost;

use dateline::media::{Limits, MemoryBudget, decode};
use libfuzzer_sys::fuzz_target;

/// Small, so that the fuzzer runs fast.
const LIMITS: Limits = Limits {
    bytes: 1_000_000,
    pixels: 1_000_000,
    side: 10_000,
};

/// The memory that decoding may take.
const BUDGET: usize = 100_000_000;
const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 100_000, per_byte: 40 };
/// A few bytes may be a large picture: its limits bound the cost, and its size adds little.
const BYTES: cost::Limit = cost::Limit { fixed: 3 * BUDGET, per_byte: 1_000 };

fuzz_target!(init: {
    // `decode` catches panics of decoders and returns an error: only a panic of `decode` itself is a failure.
    std::panic::set_hook(Box::new(|_| {}));
}, |file: &[u8]| {
    cost::bounded(file.len(), ALLOCATIONS, BYTES, || {
        // An error means that the file was refused.
        let _ = decode(file, LIMITS, &MemoryBudget::new(BUDGET as u64));
    });
});
