//! Splitting the dateline off a text returns a complete dateline, or leaves the text unchanged.
#![no_main]

use dateline::{text::SanitizedHtml, transfer::wordpress::split_dateline};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let body = SanitizedHtml::new(input);
    let (dateline, rest) = split_dateline(&body);
    match dateline {
        Some(dateline) => assert!(dateline.date.is_some() && !dateline.place.is_empty()),
        None => assert_eq!(rest.as_str(), body.as_str()),
    }
    assert_eq!(SanitizedHtml::new(rest.as_str()).as_str(), rest.as_str());
});
