//! The head of a request, whoever took it apart: the server, or nobody but for what is asked of it.

use std::{mem::MaybeUninit, net::SocketAddr};

use actix_web::{
    dev::RequestHead,
    http::{
        Method,
        header::{self, HeaderName},
    },
};
use smallvec::SmallVec;

use crate::page_cache::Asked;

/// So many headers a plain request has at most.
const MOST_HEADERS: usize = 32;
/// A browser sends about so many.
const USUAL_HEADERS: usize = 16;

/// What a request says before its body.
pub trait Head {
    fn method(&self) -> &Method;

    /// Where it comes from.
    fn peer(&self) -> Option<SocketAddr>;

    fn path(&self) -> &str;

    /// What stands behind the question mark.
    fn query(&self) -> &str;

    /// The host, if the request line names one.
    fn authority(&self) -> Option<&str>;

    /// All that it says under a name, in that order.
    fn values<'h>(&'h self, name: &HeaderName) -> impl Iterator<Item = &'h [u8]>;

    /// What it says first under a name.
    fn value(&self, name: &HeaderName) -> Option<&[u8]> {
        self.values(name).next()
    }

    /// The same, if it is visible ASCII.
    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.value(name).and_then(text)
    }

    /// What it asks of an answer that is kept.
    fn asked(&self) -> Asked<'_> {
        Asked::new(self.method(), |name| self.value(name))
    }
}

/// A header's value, if it is visible ASCII.
pub fn text(value: &[u8]) -> Option<&str> {
    let is_visible = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
    str::from_utf8(value)
        .ok()
        .filter(|_| value.iter().all(is_visible))
}

impl Head for RequestHead {
    fn method(&self) -> &Method {
        &self.method
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer_addr
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(|authority| authority.as_str())
    }

    fn values<'h>(&'h self, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
        self.headers.get_all(name).map(|value| value.as_bytes())
    }
}

/// A request without a body for something on this host.
pub struct Plain<'r> {
    method: Method,
    peer: Option<SocketAddr>,
    path: &'r str,
    query: &'r str,
    lines: SmallVec<[(&'r str, &'r [u8]); USUAL_HEADERS]>,
}

impl<'r> Plain<'r> {
    /// Reads a request, if this is one, the whole of it, and nothing that could be understood in two ways.
    pub fn read(text: &'r [u8], peer: Option<SocketAddr>) -> Option<Self> {
        let mut lines = [const { MaybeUninit::uninit() }; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        let length = request.parse_with_uninit_headers(text, &mut lines).ok()?;
        if length != httparse::Status::Complete(text.len()) || request.version != Some(1) {
            return None;
        }
        let method = match request.method? {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            _ => return None,
        };
        let target = request
            .path
            .filter(|target| target.starts_with('/') && !target.contains('#'))?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let is_simple = |line: &httparse::Header<'_>| {
            let is = |name: HeaderName| line.name.eq_ignore_ascii_case(name.as_str());
            let changes_meaning = [
                header::CONTENT_LENGTH,
                header::TRANSFER_ENCODING,
                header::EXPECT,
                header::UPGRADE,
            ];
            !changes_meaning.into_iter().any(is)
                && (!is(header::CONNECTION) || line.value.eq_ignore_ascii_case(b"keep-alive"))
        };
        if !request.headers.iter().all(is_simple) {
            return None;
        }
        Some(Self {
            method,
            peer,
            path,
            query,
            lines: request
                .headers
                .iter()
                .map(|line| (line.name, line.value))
                .collect(),
        })
    }
}

impl Head for Plain<'_> {
    fn method(&self) -> &Method {
        &self.method
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    fn path(&self) -> &str {
        self.path
    }

    fn query(&self) -> &str {
        self.query
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn values<'h>(&'h self, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
        let name = name.as_str();
        self.lines
            .iter()
            .filter(|(line, _)| line.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(text: &str) -> Option<Plain<'_>> {
        Plain::read(text.as_bytes(), None)
    }

    #[test]
    fn a_plain_request_says_what_the_server_would_have_read() {
        let plain = read(
            "HEAD /news/%E2%82%AC?page=2&x=?y HTTP/1.1\r\nHost: www.courier.example\r\nAccept-Encoding:gzip\t \r\n\
             connection: Keep-Alive\r\nX-Forwarded-For: 1\r\nx-forwarded-for: 2, 3\r\nUser-Agent: m\u{fc}\r\n\r\n",
        )
        .unwrap();
        let server = TestRequest::with_uri("/news/%E2%82%AC?page=2&x=?y")
            .method(Method::HEAD)
            .insert_header(("host", "www.courier.example"))
            .insert_header(("accept-encoding", "gzip"))
            .append_header(("x-forwarded-for", "1"))
            .append_header(("x-forwarded-for", "2, 3"))
            .append_header((header::USER_AGENT, "m\u{fc}".as_bytes()))
            .to_http_request();
        let server = server.head();
        assert_eq!(plain.method(), server.method());
        assert_eq!(plain.path(), server.path());
        assert_eq!(plain.query(), server.query());
        for name in [
            header::HOST,
            header::ACCEPT_ENCODING,
            header::X_FORWARDED_FOR,
            header::USER_AGENT,
            header::COOKIE,
        ] {
            assert!(plain.values(&name).eq(server.values(&name)), "{name}");
            assert_eq!(plain.text(&name), server.text(&name), "{name}");
        }
    }

    #[test]
    fn what_could_be_understood_in_two_ways_is_no_plain_request() {
        assert!(read("GET /?q HTTP/1.1\r\nhost: a\r\n\r\n").is_some());
        let most = "a: b\r\n".repeat(MOST_HEADERS);
        assert!(read(&format!("GET / HTTP/1.1\r\n{most}\r\n")).is_some());
        let many = "a: b\r\n".repeat(MOST_HEADERS + 1);
        let many = format!("GET / HTTP/1.1\r\n{many}\r\n");
        for text in [
            "",
            "\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\nG",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.0\r\nhost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: a\r\n\r\n",
            "get / HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET * HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET a HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /#a HTTP/1.1\r\nhost: a\r\n\r\n",
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
            assert!(read(text).is_none(), "{text:?}");
        }
    }
}
