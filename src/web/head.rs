//! The parts of a request before its body, whether actix-http or the fast path parsed it.

use std::net::SocketAddr;

use actix_web::{
    dev::RequestHead,
    http::{Method, header::HeaderName},
};
use fast_path::SimpleRequest;

/// The request line, the headers and the peer of a request.
pub trait RequestParts {
    fn method(&self) -> &Method;

    /// The address at the other end of the connection: the client's or a proxy's. `None` if the transport has none.
    fn peer(&self) -> Option<SocketAddr>;

    /// The path of the target, percent-encoded as it was sent.
    fn path(&self) -> &str;

    /// The query of the target without the question mark; empty if there is none.
    fn query(&self) -> &str;

    /// The host of a target in absolute form, such as `http://host/path`.
    fn authority(&self) -> Option<&str>;

    /// The values of all headers with this name, in the order in which they were sent.
    fn values<'h>(&'h self, name: &HeaderName) -> impl Iterator<Item = &'h [u8]>;

    /// The value of the first header with this name.
    fn value(&self, name: &HeaderName) -> Option<&[u8]> {
        self.values(name).next()
    }

    /// The value of the first header with this name, if it is visible ASCII.
    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.value(name).and_then(text)
    }
}

/// A header's value, if it is visible ASCII.
pub fn text(value: &[u8]) -> Option<&str> {
    let is_visible = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
    str::from_utf8(value)
        .ok()
        .filter(|_| value.iter().all(is_visible))
}

impl RequestParts for RequestHead {
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

impl RequestParts for SimpleRequest<'_> {
    fn method(&self) -> &Method {
        self.method()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer()
    }

    fn path(&self) -> &str {
        self.path()
    }

    fn query(&self) -> &str {
        self.query()
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn values<'h>(&'h self, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
        self.values(name)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header, test::TestRequest};

    use super::*;

    /// Compares every part of two requests.
    fn assert_same(simple: &impl RequestParts, actix: &impl RequestParts) {
        assert_eq!(simple.method(), actix.method());
        assert_eq!(simple.path(), actix.path());
        assert_eq!(simple.query(), actix.query());
        assert_eq!(simple.authority(), actix.authority());
        for name in [
            header::HOST,
            header::ACCEPT_ENCODING,
            header::X_FORWARDED_FOR,
            header::USER_AGENT,
            header::COOKIE,
        ] {
            assert!(simple.values(&name).eq(actix.values(&name)), "{name}");
            assert_eq!(simple.text(&name), actix.text(&name), "{name}");
        }
    }

    #[test]
    fn a_simple_request_has_the_same_parts_as_one_that_actix_parsed() {
        let simple = SimpleRequest::parse(
            "HEAD /news/%E2%82%AC?page=2&x=?y HTTP/1.1\r\nHost: www.courier.example\r\nAccept-Encoding:gzip\t \r\n\
             connection: Keep-Alive\r\nX-Forwarded-For: 1\r\nx-forwarded-for: 2, 3\r\nUser-Agent: m\u{fc}\r\n\r\n"
                .as_bytes(),
            None,
        )
        .unwrap();
        let actix = TestRequest::with_uri("/news/%E2%82%AC?page=2&x=?y")
            .method(Method::HEAD)
            .insert_header(("host", "www.courier.example"))
            .insert_header(("accept-encoding", "gzip"))
            .append_header(("x-forwarded-for", "1"))
            .append_header(("x-forwarded-for", "2, 3"))
            .append_header((header::USER_AGENT, "m\u{fc}".as_bytes()))
            .to_http_request();
        assert_same(&simple, actix.head());
    }
}
