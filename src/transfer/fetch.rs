//! Fetches pictures of an old site: never from the inside of the network that this machine is in, wherever
//! names and redirects may point.

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

/// In bytes.
const LARGEST: u64 = 50 << 20;
/// A picture has so long to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked for that does not come, and the pause before the second time.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);
const REDIRECTS: u32 = 5;

/// Fetches from public addresses, and from those others that were named.
#[derive(Clone, Debug)]
pub struct Fetcher {
    agent: Agent,
}

impl Fetcher {
    /// `allowed` are addresses that are not public, but may be called all the same.
    pub fn new(allowed: Vec<IpAddr>) -> Self {
        let config = Agent::config_builder()
            .max_redirects(REDIRECTS)
            .timeout_global(Some(PATIENCE))
            // A proxy would look names up itself.
            .proxy(None)
            .user_agent(concat!("Dateline/", env!("CARGO_PKG_VERSION"), " (import)"))
            .build();
        let resolver = Guarded {
            resolver: DefaultResolver::default(),
            allowed,
        };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
        }
    }

    /// What an address answers.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let mut pause = PAUSE;
        for attempt in 1.. {
            match self.once(url) {
                Ok(content) => return Ok(content),
                // What was refused or is not there will not be there in a moment either.
                Err(error @ (ureq::Error::StatusCode(400..=428) | ureq::Error::Other(_))) => {
                    return Err(format!("{url}: {error}"));
                }
                Err(error) if attempt == TRIES => return Err(format!("{url}: {error}")),
                Err(_) => std::thread::sleep(pause),
            }
            pause *= 2;
        }
        Err(format!("{url}: it does not answer"))
    }

    fn once(&self, url: &str) -> Result<Vec<u8>, ureq::Error> {
        let mut response = self.agent.get(url).call()?;
        let body = response.body_mut().with_config().limit(LARGEST);
        body.read_to_vec()
    }
}

/// Looks names up, and keeps of what they stand for the public addresses: those, and no others, are then
/// connected to, so that a name cannot stand for something else a moment later.
struct Guarded {
    resolver: DefaultResolver,
    allowed: Vec<IpAddr>,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "this is an address inside a network ({0}), which is not called unless it is named with --fetch-allow"
)]
struct Inside(IpAddr);

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        let mut refused = None;
        for address in found.iter() {
            let ip = address.ip();
            if is_public(ip) || self.allowed.contains(&ip) {
                kept.push(*address);
            } else {
                refused = Some(ip);
            }
        }
        match refused {
            Some(ip) if kept.is_empty() => Err(ureq::Error::Other(Box::new(Inside(ip)))),
            _ => Ok(kept),
        }
    }
}

/// Whether an address is of the public internet
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, and that of IPv6).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            let [a, b, .., g, h] = ip.segments();
            let embedded = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
            match (a, b) {
                // What stands for an IPv4 address is that.
                _ if ip.to_ipv4().is_some() => {
                    ip != Ipv6Addr::UNSPECIFIED
                        && ip != Ipv6Addr::LOCALHOST
                        && is_public_v4(embedded)
                }
                (0x64, 0xff9b) => is_public_v4(embedded),
                // 6to4 and Teredo lead to IPv4 addresses too; nobody keeps pictures there.
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
    fn only_public_addresses_are_called() {
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
    fn a_name_that_stands_for_this_machine_is_not_called() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        listener.set_nonblocking(true).unwrap();
        for host in ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "2130706433"] {
            let refused = Fetcher::new(Vec::new()).get(&format!("http://{host}:{port}/x.jpg"));
            assert!(refused.is_err(), "{host}");
        }
        assert!(listener.accept().is_err(), "nobody called");
    }
}
