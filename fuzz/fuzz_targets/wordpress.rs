//! Any export file is read to its end or refused, without a panic.
#![no_main]

mod cost;

use std::io::Cursor;

use dateline::transfer::wordpress::look_through;
use libfuzzer_sys::fuzz_target;

const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 2_000, per_byte: 40 };
const BYTES: cost::Limit = cost::Limit { fixed: 4_000_000, per_byte: 8_000 };

fuzz_target!(|export: &[u8]| {
    cost::bounded(export.len(), ALLOCATIONS, BYTES, || {
        // An error means that the file was refused.
        let _ = look_through(Cursor::new(export.to_vec()));
    });
});
