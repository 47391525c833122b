//! Downloads the pictures of an old site, but never from internal networks, not even through DNS or redirects.

use std::{
    fmt,
    io::Read,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
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
/// The total limits of a run: the pictures of a large newspaper, while a server that sends endlessly or slowly ends.
const TOTAL: Total = Total {
    bytes: 50 << 30,
    time: Duration::from_secs(6 * 3600),
};
/// The maximum number of redirects per request.
const MAX_REDIRECTS: u32 = 5;

/// What all downloads of a run may take together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    pub bytes: u64,
    /// The time that is spent on requests, pauses included.
    pub time: Duration,
}

/// An HTTP client that connects to public addresses and to an allow-list of others. Its clones share the total limits.
#[derive(Clone, Debug)]
pub struct Fetcher {
    agent: Agent,
    /// What is left of the total limits.
    left: Arc<Mutex<Total>>,
}

/// Why a download failed.
enum FetchError {
    Http(ureq::Error),
    /// A total limit is reached.
    Spent(&'static str),
}

impl From<ureq::Error> for FetchError {
    fn from(error: ureq::Error) -> Self {
        Self::Http(error)
    }
}

impl Fetcher {
    /// `allowed` are internal addresses to which connections are permitted.
    pub fn new(allowed: Vec<IpAddr>) -> Self {
        Self::with_total(allowed, TOTAL)
    }

    /// [`Self::new`] with other limits for all downloads together.
    pub fn with_total(allowed: Vec<IpAddr>, total: Total) -> Self {
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
            left: Arc::new(Mutex::new(total)),
        }
    }

    /// Downloads a URL.
    ///
    /// # Errors
    /// A text for the report of the import.
    pub fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let mut pause = BACKOFF;
        for attempt in 1.. {
            let began = Instant::now();
            let got = self.get_once(url);
            self.spend_time(began.elapsed());
            match got {
                Ok(content) => return Ok(content),
                Err(FetchError::Spent(limit)) => {
                    return Err(format!(
                        "{url}: not downloaded: the limit of {limit} for all downloads of a run is reached; run the import \
                         again to continue"
                    ));
                }
                // Refused, missing and oversized files are not worth another attempt.
                Err(FetchError::Http(
                    error @ (ureq::Error::StatusCode(400..=428)
                    | ureq::Error::BodyExceedsLimit(_)
                    | ureq::Error::Other(_)),
                )) => return Err(format!("{url}: {error}")),
                Err(FetchError::Http(error)) if attempt == ATTEMPTS => {
                    return Err(format!("{url}: {error}"));
                }
                Err(FetchError::Http(_)) => {
                    std::thread::sleep(pause);
                    self.spend_time(pause);
                }
            }
            pause *= 2;
        }
        Err(format!("{url}: no response"))
    }

    fn spend_time(&self, time: Duration) {
        let mut left = self.left.lock();
        left.time = left.time.saturating_sub(time);
    }

    fn get_once(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let left = *self.left.lock();
        if left.bytes == 0 {
            return Err(FetchError::Spent("bytes"));
        }
        if left.time.is_zero() {
            return Err(FetchError::Spent("time"));
        }
        let request = self.agent.get(url).config();
        let mut response = request
            .timeout_global(Some(TIMEOUT.min(left.time)))
            .build()
            .call()?;
        let limit = MAX_SIZE.min(left.bytes);
        let mut content = Vec::new();
        let read = response
            .body_mut()
            .with_config()
            .limit(limit)
            .reader()
            .read_to_end(&mut content);
        let taken = content.len() as u64;
        {
            let mut left = self.left.lock();
            left.bytes = left.bytes.saturating_sub(taken);
        }
        match read {
            Ok(_) => Ok(content),
            // Less than the limit of a picture was left.
            Err(_) if limit < MAX_SIZE && taken >= limit => Err(FetchError::Spent("bytes")),
            Err(error) => Err(ureq::Error::from(error).into()),
        }
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
            let [a, b, c, d, e, f, g, h] = ip.segments();
            let embedded = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
            match (a, b) {
                // IPv4-mapped addresses.
                (0, 0) => (c, d, e, f) == (0, 0, 0, 0xffff) && is_public_v4(embedded),
                // NAT64: an IPv4 address in the last 32 bits of the well-known prefix 64:ff9b::/96. The local-use prefix
                // 64:ff9b:1::/48 leads into the own network, in each of its forms.
                (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && is_public_v4(embedded),
                // 6to4 and Teredo embed IPv4 addresses; no web server is there. 3fff::/20 is for documentation.
                (0x2002, _) | (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
                // ISATAP embeds an IPv4 address in any prefix.
                _ if matches!((e, f), (0 | 0x200, 0x5efe)) => false,
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
        // The deprecated relays of 6to4.
        || (a == 192 && b == 88 && c == 99)
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
            "192.88.99.0",
            "192.88.99.255",
            "::ffff:192.88.99.1",
            "::127.0.0.1",
            "::1.1.1.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::192.88.99.1",
            "64:ff9b:1::",
            "64:ff9b:1::1.1.1.1",
            "64:ff9b:1:7f00:0:100::",
            "64:ff9b:1:a00:1:200::",
            "64:ff9b:1:1:2:3:4:5",
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            "64:ff9b:0:1::1.1.1.1",
            "64:ff9b:2::1.1.1.1",
            "2606:4700::5efe:127.0.0.1",
            "2606:4700::200:5efe:10.0.0.1",
            "3fff::1",
            "5f00::1",
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
            "64:ff9b::1.1.1.1",
            "192.88.98.255",
            "192.88.100.0",
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

    /// The address of a server that answers each request with this many bytes after a pause.
    fn server(bytes: usize, pause: Duration) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 4096];
                // Errors if the client has disconnected.
                let _ = stream.read(&mut head);
                std::thread::sleep(pause);
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n"
                );
                let _ = std::io::Write::write_all(&mut stream, head.as_bytes());
                let _ = std::io::Write::write_all(&mut stream, &vec![7; bytes]);
            }
        });
        format!("http://{address}/x.jpg")
    }

    fn local(total: Total) -> Fetcher {
        Fetcher::with_total(vec![IpAddr::from([127, 0, 0, 1])], total)
    }

    #[test]
    fn all_downloads_of_a_run_have_a_limit_in_bytes() {
        let url = server(1_000, Duration::ZERO);
        let fetcher = local(Total {
            bytes: 2_500,
            ..TOTAL
        });
        assert_eq!(fetcher.get(&url).unwrap().len(), 1_000);
        assert_eq!(fetcher.clone().get(&url).unwrap().len(), 1_000);
        for _ in 0..2 {
            let refused = fetcher.get(&url).unwrap_err();
            assert!(refused.contains("the limit of bytes"), "{refused}");
        }
    }

    #[test]
    fn all_downloads_of_a_run_have_a_limit_in_time() {
        let url = server(10, Duration::from_millis(300));
        let fetcher = local(Total {
            time: Duration::from_millis(500),
            ..TOTAL
        });
        assert!(fetcher.get(&url).is_ok());
        let began = Instant::now();
        assert!(fetcher.get(&url).is_err());
        let refused = fetcher.get(&url).unwrap_err();
        assert!(refused.contains("the limit of time"), "{refused}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
