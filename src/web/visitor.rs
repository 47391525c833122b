//! Classifies clients: people whose views count, bots, prefetches, staff; and their network addresses.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::{
    Method,
    header::{self, HeaderName},
};
use url::Url;

use super::{
    head::{self, RequestParts},
    session,
};
use crate::{
    agent,
    app::App,
    view_counter::{Person, Reader},
};

/// Headers that mark a request as prefetch or preview.
const PREFETCH_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// The client of a request that is neither a prefetch nor from staff. It may be a bot.
pub fn reader<'r>(app: &App, head: &'r impl RequestParts) -> Option<Reader<'r>> {
    if session::has_session_cookie(app, head) {
        return None;
    }
    reader_of(head, &app.config.trusted_proxies)
}

/// Whether a person made the request, so that it counts.
pub fn is_person(app: &App, head: &impl RequestParts) -> bool {
    reader(app, head).is_some_and(|reader| agent::kind_of(reader.user_agent).is_none())
}

/// A reader, if it is not a program; programs are counted by kind.
pub fn person(app: &App, head: &impl RequestParts, reader: &Reader<'_>) -> Option<Person> {
    if let Some(kind) = agent::kind_of(reader.user_agent) {
        app.views.note_program(kind);
        return None;
    }
    Some(Person {
        referrer: head
            .text(&header::REFERER)
            .and_then(|page| other_site(page, &app.base_url)),
    })
}

/// The client of a request that is not a prefetch, staff included.
fn reader_of<'r>(head: &'r impl RequestParts, trusted_proxies: &[IpAddr]) -> Option<Reader<'r>> {
    if *head.method() != Method::GET {
        return None;
    }
    let is_prefetch = |value: &str| {
        let value = value.to_ascii_lowercase();
        value.contains("prefetch") || value.contains("preview")
    };
    if PREFETCH_HEADERS
        .iter()
        .any(|name| head.text(name).is_some_and(is_prefetch))
    {
        return None;
    }
    Some(Reader {
        address: address(head, trusted_proxies),
        user_agent: head
            .text(&header::USER_AGENT)
            .filter(|agent| !agent.is_empty())?,
    })
}

/// The network of a client, for rate limits: an IPv6 customer has a whole /64.
pub fn network(head: &impl RequestParts, trusted_proxies: &[IpAddr]) -> String {
    match address(head, trusted_proxies) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The host of another site's page, without `www.`; `None` for pages of this site.
fn other_site(page: &str, base_url: &str) -> Option<String> {
    // Most come from another page of this site, which need not be parsed.
    if page
        .strip_prefix(base_url)
        .is_some_and(|rest| rest.starts_with('/'))
    {
        return None;
    }
    let site = |address: &str| {
        let url = Url::parse(address).ok()?;
        let host = url.domain().filter(|host| host.contains('.'))?;
        let host = host.trim_end_matches('.');
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    };
    site(page).filter(|host| host.len() <= 253 && site(base_url).as_ref() != Some(host))
}

/// The client's address. `X-Forwarded-For` is trusted only as far as trusted proxies wrote it: from the right, the first
/// address that is not one of them.
pub fn address(head: &impl RequestParts, trusted_proxies: &[IpAddr]) -> IpAddr {
    let peer = head
        .peer()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| {
            address.ip().to_canonical()
        });
    if !trusted_proxies.contains(&peer) {
        return peer;
    }
    let forwarded: Vec<&str> = head
        .values(&header::X_FORWARDED_FOR)
        .filter_map(head::text)
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

    const OURS: &str = "https://www.courier.example";

    #[test]
    fn only_another_site_is_where_a_reader_came_from() {
        for (page, site) in [
            (
                "https://www.Search.example/?q=secret",
                Some("search.example"),
            ),
            (
                "https://m\u{fc}ller.example./",
                Some("xn--mller-kva.example"),
            ),
            ("https://courier.example/2026/01/01/a-story", None),
            ("https://www.courier.example/", None),
            ("http://10.0.0.1/", None),
            ("http://localhost:8080/", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(other_site(page, OURS).as_deref(), site, "{page}");
        }
    }

    #[test]
    fn people_count_and_bots_do_not() {
        let request = |agent: &str| {
            let request = TestRequest::get().insert_header(("user-agent", agent.to_owned()));
            request.to_http_request()
        };
        let counts = |agent: &str| {
            let request = request(agent);
            let reader = reader_of(request.head(), &[]);
            reader.is_some_and(|reader| agent::kind_of(reader.user_agent).is_none())
        };
        assert!(counts(BROWSER));
        for agent in [
            "Googlebot/2.1",
            "curl/8.0",
            "",
            "python-requests/2",
            "HeadlessChrome/150",
        ] {
            assert!(!counts(agent), "{agent}");
        }
    }

    #[test]
    fn prefetches_do_not_count() {
        for (name, value) in [("Sec-Purpose", "prefetch;prerender"), ("X-Moz", "prefetch")] {
            let request = TestRequest::get()
                .insert_header(("user-agent", BROWSER))
                .insert_header((name, value))
                .to_http_request();
            assert!(reader_of(request.head(), &[]).is_none(), "{name}");
        }
    }

    #[test]
    fn a_forwarded_address_is_trusted_from_a_trusted_proxy_only() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let request = TestRequest::get()
            .peer_addr("10.0.0.1:1".parse().unwrap())
            .insert_header(("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.1"))
            .to_http_request();
        assert_eq!(address(request.head(), &[]), proxy);
        assert_eq!(
            address(request.head(), &[proxy]),
            "203.0.113.9".parse::<IpAddr>().unwrap()
        );
    }
}
