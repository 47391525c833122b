//! Whatever a text begins with: a dateline is taken out of it, or the text stays as it is.
#![no_main]

use dateline::{text::SanitizedHtml, transfer::wordpress::split_dateline};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    let body = SanitizedHtml::new(typed);
    let (dateline, rest) = split_dateline(&body);
    match dateline {
        Some(dateline) => assert!(dateline.date.is_some() && !dateline.place.is_empty()),
        None => assert_eq!(rest.as_str(), body.as_str()),
    }
    assert_eq!(SanitizedHtml::new(rest.as_str()).as_str(), rest.as_str());
});
