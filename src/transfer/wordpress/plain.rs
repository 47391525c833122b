//! HTML fragments as plain text.

use scraper::Html;

/// The text of an HTML fragment, with whitespace collapsed.
pub fn plain(html: &str) -> String {
    let text = if html.contains(['<', '&']) {
        Html::parse_fragment(html).root_element().text().collect()
    } else {
        html.to_owned()
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
