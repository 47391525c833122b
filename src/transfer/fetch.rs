//! Downloads the pictures of an old site, but never from internal networks, not even through DNS or redirects.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use ureq::{
    Agent,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

/// The maximum size of a picture, in bytes.
const MAX_SIZE: u64 = 50 << 20;
/// Limits one attempt, including redirects.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The maximum number of attempts.
const ATTEMPTS: u32 = 3;
/// The pause before the second attempt; it doubles with each attempt.
const BACKOFF: Duration = Duration::from_millis(500);
/// The maximum number of redirects per request.
const MAX_REDIRECTS: u32 = 5;

/// An HTTP client that connects to public addresses and to an allow-list of others.
#[derive(Clone, Debug)]
pub struct Fetcher {
    agent: Agent,
}

impl Fetcher {
    /// `allowed` are internal addresses to which connections are permitted.
    pub fn new(allowed: Vec<IpAddr>) -> Self {
        let config = Agent::config_builder()
            .max_redirects(MAX_REDIRECTS)
            .timeout_global(Some(TIMEOUT))
            // A proxy would resolve names itself and bypass the check.
            .proxy(None)
            .user_agent(concat!("Dateline/", env!("CARGO_PKG_VERSION"), " (import)"))
            .build();
        let resolver = FilteringResolver {
            resolver: DefaultResolver::default(),
            allowed,
        };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
        }
    }

    /// Downloads a URL.
    ///
    /// # Errors
    /// A text for the report of the import.
    pub fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let mut pause = BACKOFF;
        for attempt in 1.. {
            match self.get_once(url) {
                Ok(content) => return Ok(content),
                // Refused and missing files are not worth another attempt.
                Err(error @ (ureq::Error::StatusCode(400..=428) | ureq::Error::Other(_))) => {
                    return Err(format!("{url}: {error}"));
                }
                Err(error) if attempt == ATTEMPTS => return Err(format!("{url}: {error}")),
                Err(_) => std::thread::sleep(pause),
            }
            pause *= 2;
        }
        Err(format!("{url}: no response"))
    }

    fn get_once(&self, url: &str) -> Result<Vec<u8>, ureq::Error> {
        let mut response = self.agent.get(url).call()?;
        let body = response.body_mut().with_config().limit(MAX_SIZE);
        body.read_to_vec()
    }
}

/// A resolver that returns only permitted addresses. The client connects to exactly those, which prevents DNS rebinding.
struct FilteringResolver {
    resolver: DefaultResolver,
    allowed: Vec<IpAddr>,
}

impl fmt::Debug for FilteringResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilteringResolver")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is an address of an internal network; --fetch-allow permits it")]
struct InternalAddress(IpAddr);

impl Resolver for FilteringResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        let mut permitted = self.empty();
        let mut refused = None;
        for address in &found {
            let ip = address.ip();
            if is_public(ip) || self.allowed.contains(&ip) {
                permitted.push(*address);
            } else {
                refused = Some(ip);
            }
        }
        match refused {
            Some(ip) if permitted.is_empty() => {
                Err(ureq::Error::Other(Box::new(InternalAddress(ip))))
            }
            _ => Ok(permitted),
        }
    }
}

/// Whether an address is globally reachable, according to
/// <https://www.iana.org/assignments/iana-ipv4-special-registry> and the corresponding registry for IPv6.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            let [a, b, .., g, h] = ip.segments();
            let embedded = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
            match (a, b) {
                // IPv4-mapped and IPv4-compatible addresses.
                _ if ip.to_ipv4().is_some() => {
                    ip != Ipv6Addr::UNSPECIFIED
                        && ip != Ipv6Addr::LOCALHOST
                        && is_public_v4(embedded)
                }
                (0x64, 0xff9b) => is_public_v4(embedded),
                // 6to4 and Teredo embed IPv4 addresses; no web server is there.
                (0x2002, _) | (0x2001, 0..=0x1ff | 0xdb8) => false,
                _ => (0x2000..=0x3fff).contains(&a),
            }
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "93.184.215.14",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn names_and_notations_of_this_machine_are_refused() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        listener.set_nonblocking(true).unwrap();
        for host in ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "2130706433"] {
            let refused = Fetcher::new(Vec::new()).get(&format!("http://{host}:{port}/x.jpg"));
            assert!(refused.is_err(), "{host}");
        }
        assert!(listener.accept().is_err(), "a connection was made");
    }
}
