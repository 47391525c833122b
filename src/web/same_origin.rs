//! Cross-site request forgery: whether a state-changing request was made by a page of this site.

use actix_web::{HttpRequest, http::header};

/// Checks `Sec-Fetch-Site`, or `Origin` for older browsers. Requests with neither are rejected.
pub fn is(request: &HttpRequest, base_url: &str) -> bool {
    let text = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        // The name of a host may end with the dot of the root.
        (None, Some(origin)) => origin.strip_suffix('.').unwrap_or(origin) == base_url,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_pages_of_the_site_can_send_forms() {
        let says = |name: &'static str, value: &'static str| {
            let request = TestRequest::post().insert_header((name, value));
            is(&request.to_http_request(), "https://paper.example")
        };
        assert!(says("sec-fetch-site", "same-origin"));
        assert!(says("origin", "https://paper.example"));
        assert!(says("origin", "https://paper.example."));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!says("sec-fetch-site", site), "{site}");
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://paper.example",
            "https://paper.example.evil.example",
        ] {
            assert!(!says("origin", origin), "{origin}");
        }
        assert!(!says("accept", "*/*"));
    }
}
