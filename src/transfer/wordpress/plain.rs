//! HTML fragments as plain text.

use crate::text::{self, SanitizedHtml};

/// The text of an HTML fragment, with whitespace collapsed.
pub fn plain(html: &str) -> String {
    let mut text = if html.contains(['<', '&']) {
        text::parse(html).map_or_else(
            |_| SanitizedHtml::of_text(html).plain(),
            |parsed| parsed.root_element().text().collect(),
        )
    } else {
        html.to_owned()
    };
    // A character reference may have named one.
    text::remove_controls(&mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
