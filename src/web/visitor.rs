//! Who is asking: a person whose view counts, and from which address.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    HttpRequest,
    http::{Method, header},
};

use crate::view_counter::Visitor;

/// Parts of the names of programs that are no readers, in lower case.
const PROGRAMS: [&str; 24] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "archiver",
    "scrap",
    "preview",
    "monitor",
    "uptime",
    "check",
    "headless",
    "lighthouse",
    "fetch",
    "feed",
    "rss",
    "curl",
    "wget",
    "python",
    "http-client",
    "httpclient",
    "okhttp",
    "java/",
    "go-http",
    "facebookexternalhit",
];

/// The visitor, if opening an article counts as a view: a person, not a program, who asked for the
/// page rather than had it loaded ahead.
pub fn counted<'r>(request: &'r HttpRequest, trusted_proxies: &[IpAddr]) -> Option<Visitor<'r>> {
    if request.method() != Method::GET {
        return None;
    }
    let text = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    for header in ["sec-purpose", "purpose", "x-purpose", "x-moz"] {
        if text(header).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("prefetch") || value.contains("preview")
        }) {
            return None;
        }
    }
    let user_agent = text(header::USER_AGENT.as_str())?;
    let lower = user_agent.to_ascii_lowercase();
    if lower.is_empty() || PROGRAMS.iter().any(|program| lower.contains(program)) {
        return None;
    }
    Some(Visitor {
        address: address(request, trusted_proxies),
        user_agent,
    })
}

/// The network that a request comes from, for counting tries: an IPv6 customer has a whole /64.
pub fn network(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> String {
    match address(request, trusted_proxies) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The address that a request comes from. `X-Forwarded-For` counts only as far as proxies of ours
/// wrote it: from the right, the first address that is none of them.
pub fn address(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| {
            address.ip().to_canonical()
        });
    if !trusted_proxies.contains(&peer) {
        return peer;
    }
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut client = peer;
    for hop in forwarded.into_iter().rev() {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        let address = address.to_canonical();
        client = address;
        if !trusted_proxies.contains(&address) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    #[test]
    fn a_person_counts_and_a_program_does_not() {
        let request = |agent: &str| {
            let request = TestRequest::get().insert_header(("user-agent", agent.to_owned()));
            request.to_http_request()
        };
        assert!(counted(&request(BROWSER), &[]).is_some());
        for agent in [
            "Googlebot/2.1",
            "curl/8.0",
            "",
            "python-requests/2",
            "HeadlessChrome/150",
        ] {
            assert!(counted(&request(agent), &[]).is_none(), "{agent}");
        }
    }

    #[test]
    fn a_page_loaded_ahead_does_not_count() {
        for (name, value) in [("Sec-Purpose", "prefetch;prerender"), ("X-Moz", "prefetch")] {
            let request = TestRequest::get()
                .insert_header(("user-agent", BROWSER))
                .insert_header((name, value))
                .to_http_request();
            assert!(counted(&request, &[]).is_none(), "{name}");
        }
    }

    #[test]
    fn a_forwarded_address_is_believed_only_from_a_trusted_proxy() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let request = TestRequest::get()
            .peer_addr("10.0.0.1:1".parse().unwrap())
            .insert_header(("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.1"))
            .to_http_request();
        assert_eq!(address(&request, &[]), proxy);
        assert_eq!(
            address(&request, &[proxy]),
            "203.0.113.9".parse::<IpAddr>().unwrap()
        );
    }
}
