//! Any export file is read to its end or refused, without a panic.
#![no_main]

use std::io::Cursor;

use dateline::transfer::wordpress::look_through;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|export: &[u8]| {
    // An error means that the file was refused.
    let _ = look_through(Cursor::new(export.to_vec()));
});
