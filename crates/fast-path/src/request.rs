//! A parser for the requests that the fast path serves; it accepts nothing that actix-http might read differently.

use std::{mem::MaybeUninit, net::SocketAddr};

use actix_http::{
    Method,
    header::{self, HeaderName},
};
use smallvec::SmallVec;

/// Requests with more headers pass through.
const MAX_HEADERS: usize = 32;
/// Headers stored without an allocation; browsers send about this many.
const INLINE_HEADERS: usize = 16;

/// A complete HTTP/1.1 GET or HEAD request without a body, with a target in origin form, that keeps the connection open.
///
/// It borrows from the bytes that it was parsed from.
pub struct SimpleRequest<'r> {
    method: Method,
    peer: Option<SocketAddr>,
    path: &'r str,
    query: &'r str,
    headers: SmallVec<[(&'r str, &'r [u8]); INLINE_HEADERS]>,
}

impl<'r> SimpleRequest<'r> {
    /// Parses `bytes` if they are exactly one simple request: not its beginning, and nothing after it.
    ///
    /// `peer` is the address of the client, if the transport has one.
    pub fn parse(bytes: &'r [u8], peer: Option<SocketAddr>) -> Option<Self> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        let length = request
            .parse_with_uninit_headers(bytes, &mut headers)
            .ok()?;
        if length != httparse::Status::Complete(bytes.len()) || request.version != Some(1) {
            return None;
        }
        let method = match request.method? {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            _ => return None,
        };
        let target = request
            .path
            .filter(|target| target.starts_with('/') && target.bytes().all(is_target_byte))?;
        if !request.headers.iter().all(is_simple_header) || hosts(request.headers) != 1 {
            return None;
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some(Self {
            method,
            peer,
            path,
            query,
            headers: request
                .headers
                .iter()
                .map(|header| (header.name, header.value))
                .collect(),
        })
    }

    /// GET or HEAD.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The address of the client, if the transport has one.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The path of the target, percent-encoded as it was sent.
    pub fn path(&self) -> &'r str {
        self.path
    }

    /// The query of the target without the question mark; empty if there is none.
    pub fn query(&self) -> &'r str {
        self.query
    }

    /// The values of all headers with this name, in the order in which they were sent.
    pub fn values<'h>(&'h self, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
        let name = name.as_str();
        self.headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// Whether a byte may be in a target (RFC 3986, sections 3.3 and 3.4). httparse lets more pass, some of which actix-http
/// then refuses.
fn is_target_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/?".contains(&byte)
}

/// The number of `Host` headers; actix-http refuses any other than one (RFC 9112, section 3.2).
fn hosts(headers: &[httparse::Header<'_>]) -> usize {
    headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(header::HOST.as_str()))
        .count()
}

/// Whether a header changes neither the length of the request nor what happens to the connection.
fn is_simple_header(header: &httparse::Header<'_>) -> bool {
    let is = |name: HeaderName| header.name.eq_ignore_ascii_case(name.as_str());
    let changes_framing = [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::EXPECT,
        header::UPGRADE,
    ];
    !changes_framing.into_iter().any(is)
        && (!is(header::CONNECTION) || header.value.eq_ignore_ascii_case(b"keep-alive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_simple(text: &str) -> bool {
        SimpleRequest::parse(text.as_bytes(), None).is_some()
    }

    #[test]
    fn the_parts_of_a_simple_request_are_returned_as_sent() {
        let request = SimpleRequest::parse(
            b"HEAD /news/%E2%82%AC?page=2&x=?y HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nconnection: Keep-Alive\r\n\
              x-a:2, 3\t \r\n\r\n",
            None,
        )
        .unwrap();
        assert_eq!(request.method(), Method::HEAD);
        assert_eq!(request.path(), "/news/%E2%82%AC");
        assert_eq!(request.query(), "page=2&x=?y");
        let name = HeaderName::from_static("x-a");
        assert!(request.values(&name).eq([&b"1"[..], b"2, 3"]));
        assert_eq!(request.values(&header::COOKIE).count(), 0);
    }

    #[test]
    fn the_headers_that_a_reverse_proxy_adds_keep_a_request_simple() {
        assert!(is_simple(
            "GET / HTTP/1.1\r\nHost: courier.example\r\nX-Forwarded-For: 203.0.113.7, 10.0.0.1\r\n\
             X-Forwarded-Proto: https\r\nX-Forwarded-Host: courier.example\r\nX-Real-IP: 203.0.113.7\r\n\
             Forwarded: for=203.0.113.7;proto=https\r\nVia: 1.1 proxy\r\n\r\n"
        ));
    }

    #[test]
    fn a_request_with_more_than_one_reading_is_not_simple() {
        assert!(is_simple("GET /?q HTTP/1.1\r\nhost: a\r\n\r\n"));
        let most = "a: b\r\n".repeat(MAX_HEADERS - 1);
        let most = format!("GET / HTTP/1.1\r\nhost: a\r\n{most}\r\n");
        assert!(is_simple(&most));
        let many = most.replacen("a: b\r\n", "a: b\r\na: b\r\n", 1);
        for text in [
            "",
            "\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\nG",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.0\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: a\r\n\r\n",
            "get / HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET * HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET a HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /#a HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /?a=<b> HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /?a=\u{e4} HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\ncontent-length : 5\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nUpgrade: h2c\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\nconnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n",
            many.as_str(),
        ] {
            assert!(!is_simple(text), "{text:?}");
        }
    }
}
