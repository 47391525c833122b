//! Whatever is pasted: sanitised once is sanitised for good, and its parts can be told apart.
#![no_main]

use dateline::text::{SanitizedHtml, lines, links, parts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    let once = SanitizedHtml::new(typed);
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
});
