//! Rejects requests for other hosts.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};

use super::head::RequestParts;
use crate::app::App;

/// Whether a request names the site's host. Every valid host is accepted if no public address is configured.
pub fn is_ours(app: &App, head: &impl RequestParts) -> bool {
    let mut named = head.values(&header::HOST);
    // More than one `Host` header and invalid ones are refused (RFC 9112, section 3.2).
    let (host, None) = (named.next(), named.next()) else {
        return false;
    };
    let Some(ours) = &app.host else {
        return host.is_none_or(is_valid);
    };
    let Some(host) = host else {
        return false;
    };
    let is_ours = |named: &[u8]| is_same(named, ours.as_bytes());
    // A target in absolute form names the host as well.
    is_ours(host)
        && head
            .authority()
            .is_none_or(|authority| is_ours(authority.as_bytes()))
}

/// Whether this is a host with an optional port, `uri-host [ ":" port ]` (RFC 9110, section 7.2). The name may be empty.
fn is_valid(host: &[u8]) -> bool {
    let (name, port) = split_port(host);
    let is_port = |port: &[u8]| {
        let text = std::str::from_utf8(port).unwrap_or("x");
        text.is_empty()
            || text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
    };
    let is_name = match name {
        [b'[', address @ .., b']'] => std::str::from_utf8(address)
            .is_ok_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
        _ => name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(byte)),
    };
    is_name && port.is_none_or(is_port)
}

/// Whether a host with an optional port names `ours`, which has a port only if that is not the default. A name may end with
/// the dot of the root (RFC 3986, section 3.2.2).
fn is_same(named: &[u8], ours: &[u8]) -> bool {
    let (name, port) = split_port(named);
    let name = name.strip_suffix(b".").unwrap_or(name);
    let (our_name, our_port) = split_port(ours);
    name.eq_ignore_ascii_case(our_name)
        && match our_port {
            Some(_) => port == our_port,
            None => matches!(port, None | Some(b"80" | b"443")),
        }
}

/// The name and the port after its colon. The address of IPv6 in brackets has colons of its own.
fn split_port(host: &[u8]) -> (&[u8], Option<&[u8]>) {
    match host.iter().rposition(|byte| *byte == b':') {
        Some(colon) if !host[colon..].contains(&b']') => (&host[..colon], Some(&host[colon + 1..])),
        _ => (host, None),
    }
}

/// Middleware: answers 400 to requests for another host, except for health checks, which use the server's address.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_fine = ["/healthz", "/readyz"].contains(&request.path())
        || request
            .app_data::<web::Data<App>>()
            .is_some_and(|app| is_ours(app, request.head()));
    if is_fine {
        Ok(next.call(request).await?.map_into_left_body())
    } else {
        let refusal = super::refusal(
            StatusCode::BAD_REQUEST,
            "This server does not serve the requested host.\n",
        );
        Ok(request.into_response(refusal).map_into_right_body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_hosts_are_refused() {
        for valid in [
            "",
            "a",
            "a.example.",
            "A_b-c~1",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:8080",
            "a:",
            "xn--a",
        ] {
            assert!(is_valid(valid.as_bytes()), "{valid:?}");
        }
        for invalid in [
            "a b", "a/b", "<script>", "[::1", "::1", "[a]", "a:99999", "a:x", "a:+1", "http://a",
            "a@b", "a?b", "a#b", "\u{e4}", "a\\b", "[::1]x",
        ] {
            assert!(!is_valid(invalid.as_bytes()), "{invalid:?}");
        }
    }

    #[test]
    fn a_host_is_the_same_with_a_final_dot_and_its_default_port() {
        for (named, ours, expected) in [
            ("courier.example", "courier.example", true),
            ("Courier.Example.", "courier.example", true),
            ("courier.example:443", "courier.example", true),
            ("courier.example.:80", "courier.example", true),
            ("courier.example.:8080", "courier.example:8080", true),
            ("[::1]", "[::1]", true),
            ("[::1]:80", "[::1]", true),
            ("courier.example..", "courier.example", false),
            ("courier.example:", "courier.example", false),
            ("courier.example:8080", "courier.example", false),
            ("courier.example", "courier.example:8080", false),
            ("courier.example:80:80", "courier.example", false),
            (".courier.example", "courier.example", false),
            (".", "courier.example", false),
            ("", "courier.example", false),
        ] {
            let is_same = is_same(named.as_bytes(), ours.as_bytes());
            assert_eq!(is_same, expected, "{named:?} for {ours:?}");
        }
    }
}
