//! An HTTP response with queries on its HTML.

use scraper::{Html, Selector};

pub struct Page {
    pub status: u16,
    pub body: String,
    /// The undecoded body.
    pub bytes: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Page {
    pub fn read(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = response.body_mut().read_to_vec().unwrap();
        Self {
            status: response.status().as_u16(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            bytes: body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a header.
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// How many times a header occurs.
    pub fn header_count(&self, name: &str) -> usize {
        self.headers
            .iter()
            .filter(|(known, _)| known == name)
            .count()
    }

    /// The texts of the elements that a CSS selector finds, with white space collapsed.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        Html::parse_document(&self.body)
            .select(&Selector::parse(selector).unwrap())
            .map(|element| {
                let text: String = element.text().collect();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The inner HTML of the elements that a selector finds.
    pub fn html(&self, selector: &str) -> String {
        Html::parse_document(&self.body)
            .select(&Selector::parse(selector).unwrap())
            .map(|element| element.inner_html())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The text of the first element that a selector finds.
    pub fn text(&self, selector: &str) -> String {
        let texts = self.texts(selector);
        texts
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no element matches {selector}"))
    }

    /// The values of an attribute of the elements that a selector finds.
    pub fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        Html::parse_document(&self.body)
            .select(&Selector::parse(selector).unwrap())
            .filter_map(|element| element.attr(attribute).map(str::to_owned))
            .collect()
    }

    /// The JSON-LD block of this `@type`.
    pub fn json_ld(&self, kind: &str) -> serde_json::Value {
        self.texts("script[type='application/ld+json']")
            .iter()
            .map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap())
            .find(|block| block["@type"] == kind)
            .unwrap_or_else(|| panic!("no JSON-LD of type {kind}"))
    }
}
