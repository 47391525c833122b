//! Whatever is handed over as an export: it is read to its end or refused.
#![no_main]

use std::io::Cursor;

use dateline::transfer::wordpress::look_through;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|export: &[u8]| {
    // What is refused is told of in the error: that is no fault.
    let _ = look_through(Cursor::new(export.to_vec()));
});
