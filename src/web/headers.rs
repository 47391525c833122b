//! Security headers of every response.

use actix_web::{
    http::header::{HeaderName, HeaderValue},
    middleware::DefaultHeaders,
};

/// Pages may load nothing but what the site itself serves.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; \
     form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// [`CONTENT_SECURITY_POLICY`] for pages with embeds, whose players may be framed.
pub const CONTENT_SECURITY_POLICY_WITH_PLAYERS: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; connect-src 'self'; \
     manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
     frame-ancestors 'none'; frame-src https://www.youtube-nocookie.com https://player.vimeo.com";

/// The headers of every response. `https` is whether the site's public address is https.
pub fn always(https: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=()",
        ),
    ];
    if https {
        headers.push((
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        ));
    }
    headers
        .into_iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

/// Middleware that adds the headers which a response does not have yet.
pub fn security(https: bool) -> DefaultHeaders {
    always(https)
        .into_iter()
        .fold(DefaultHeaders::new(), |headers, header| headers.add(header))
}
