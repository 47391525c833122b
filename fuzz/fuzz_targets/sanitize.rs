//! Sanitising is idempotent, removes active content, and its result can be split into parts, at a bounded cost.
#![no_main]

mod cost;

use dateline::text::{SanitizedHtml, lines, links, parts};
use libfuzzer_sys::fuzz_target;

const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 2_000, per_byte: 40 };
const BYTES: cost::Limit = cost::Limit { fixed: 1_000_000, per_byte: 8_000 };

fuzz_target!(|input: &str| {
    cost::bounded(input.len(), ALLOCATIONS, BYTES, || check(input));
});

fn check(input: &str) {
    let once = SanitizedHtml::new(input);
    assert_eq!(SanitizedHtml::new(once.as_str()).as_str(), once.as_str());
    let text = once.as_str().to_ascii_lowercase();
    for never in ["<script", "<style", "<iframe", "<svg", "<img"] {
        assert!(!text.contains(never), "{never} in {text}");
    }
    parts(&once);
    lines(&once);
    for link in links(&once) {
        assert!(!link.trim_start().to_ascii_lowercase().starts_with("javascript:"), "{link}");
    }
}
