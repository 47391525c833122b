//! Any upload is decoded or refused, without a panic.
#![no_main]

use dateline::media::{Limits, MemoryBudget, decode};
use libfuzzer_sys::fuzz_target;

/// Small, so that the fuzzer runs fast.
const LIMITS: Limits = Limits {
    bytes: 1_000_000,
    pixels: 1_000_000,
    side: 10_000,
};

fuzz_target!(init: {
    // `decode` catches panics of decoders and returns an error: only a panic of `decode` itself is a failure.
    std::panic::set_hook(Box::new(|_| {}));
}, |file: &[u8]| {
    // An error means that the file was refused.
    let _ = decode(file, LIMITS, &MemoryBudget::new(100_000_000));
});
