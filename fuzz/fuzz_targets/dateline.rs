//! Splitting the dateline off a text returns a complete dateline, or leaves the text unchanged.
#![no_main]

mod cost;

use dateline::{text::SanitizedHtml, transfer::wordpress::split_dateline};
use libfuzzer_sys::fuzz_target;

const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 2_000, per_byte: 40 };
const BYTES: cost::Limit = cost::Limit { fixed: 1_000_000, per_byte: 8_000 };

fuzz_target!(|input: &str| {
    cost::bounded(input.len(), ALLOCATIONS, BYTES, || check(input));
});

fn check(input: &str) {
    let body = SanitizedHtml::new(input);
    let (dateline, rest) = split_dateline(&body);
    match dateline {
        Some(dateline) => assert!(dateline.date.is_some() && !dateline.place.is_empty()),
        None => assert_eq!(rest.as_str(), body.as_str()),
    }
    assert_eq!(SanitizedHtml::new(rest.as_str()).as_str(), rest.as_str());
}
