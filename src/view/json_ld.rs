//! Structured data for search engines (JSON-LD).

use std::fmt;

use serde_json::{Value, json};

use super::{
    Link,
    picture::{Picture, Place},
};
use crate::{site::Site, text::visible};

/// A JSON-LD block, without invisible characters. Characters that could end the block or start markup are escaped.
#[derive(Clone, Debug)]
pub struct JsonLd(String);

impl JsonLd {
    pub fn new(value: &Value) -> Self {
        let mut text = String::new();
        for c in visible(&value.to_string()).chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    text.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c => text.push(c),
            }
        }
        Self(text)
    }

    /// `BreadcrumbList`: <https://schema.org/BreadcrumbList>.
    pub fn breadcrumb(trail: &[Link], base_url: &str) -> Self {
        let items: Vec<Value> = (1..)
            .zip(trail)
            .map(|(position, step)| {
                json!({
                    "@type": "ListItem",
                    "position": position,
                    "name": step.text,
                    "item": format!("{base_url}{}", step.url),
                })
            })
            .collect();
        Self::new(&json!({
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": items,
        }))
    }
}

/// The publisher: <https://schema.org/NewsMediaOrganization>.
pub fn publisher(site: &Site, base_url: &str) -> Value {
    let settings = &site.settings;
    let mut publisher = json!({
        "@type": "NewsMediaOrganization",
        "name": settings.name,
        "url": format!("{base_url}/"),
    });
    if let Some(logo) = &site.logo {
        let logo = Picture::new(logo, Place::Lead);
        publisher["logo"] = json!({
            "@type": "ImageObject",
            "url": format!("{base_url}{}", logo.largest),
            "width": logo.width,
            "height": logo.height,
        });
    }
    publisher
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Templates print it without escaping: [`JsonLd::new`] has escaped all markup characters.
impl askama::filters::HtmlSafe for JsonLd {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_removed_from_all_values() {
        let block = JsonLd::new(
            &json!({"headline": "Fähr\u{ad}schiff", "author": ["A\u{200b}da می\u{200c}خواهم"]}),
        );
        let read: Value = serde_json::from_str(&block.to_string()).unwrap();
        assert_eq!(
            read,
            json!({"headline": "Fährschiff", "author": ["Ada می\u{200c}خواهم"]})
        );
    }

    #[test]
    fn a_headline_cannot_end_the_block() {
        let block = JsonLd::new(&json!({"headline": "</script><script>&"})).to_string();
        assert!(!block.contains('<') && !block.contains('&'));
        let read: Value = serde_json::from_str(&block).unwrap();
        assert_eq!(read["headline"], "</script><script>&");
    }
}
