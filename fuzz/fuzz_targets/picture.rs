//! Whatever is uploaded as a picture: it is decoded or refused.
#![no_main]

use dateline::media::{Limits, decode};
use libfuzzer_sys::fuzz_target;

/// Small, so that the fuzzer gets on.
const LIMITS: Limits = Limits {
    bytes: 1_000_000,
    pixels: 1_000_000,
};

fuzz_target!(init: {
    // A decoder that panics is caught, and the file refused: only what comes out of `decode` is a fault.
    std::panic::set_hook(Box::new(|_| {}));
}, |file: &[u8]| {
    // What is refused is told of in the error: that is no fault.
    let _ = decode(file, LIMITS);
});
