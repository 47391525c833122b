//! For any bytes on the wire, the fast path and plain actix-http send the same responses. The first byte selects the size of
//! the stream buffers; a zero byte separates two writes.
#![no_main]

mod cost;
#[path = "../../crates/fast-path/tests/harness/mod.rs"]
mod harness;

use libfuzzer_sys::fuzz_target;

const CAPACITIES: [usize; 4] = [1 << 20, 1_000, 7, 1];

/// A request of few bytes has a response of many.
const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 20_000, per_byte: 200 };
const BYTES: cost::Limit = cost::Limit { fixed: 20_000_000, per_byte: 20_000 };

fuzz_target!(|input: &[u8]| {
    let Some((first, input)) = input.split_first() else {
        return;
    };
    let capacity = CAPACITIES[usize::from(*first) % CAPACITIES.len()];
    let (plain, fast, _) = cost::bounded(input.len(), ALLOCATIONS, BYTES, || harness::compare(input, capacity));
    assert_eq!(plain, fast);
});
