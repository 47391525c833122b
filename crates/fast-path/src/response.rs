//! A cached response in the form in which it is written to the socket.

use actix_http::StatusCode;
use bytes::Bytes;

/// A cached response, complete but for the status line and the `Date` header, which the fast path writes.
pub struct WireResponse<'a> {
    /// 200 or 304; any other status is written as 200.
    pub status: StatusCode,
    /// Header lines, an empty line, and the body, if there is one. A `content-length` line must state its length.
    pub head_and_body: &'a [u8],
    /// The buffer that `head_and_body` is a slice of. What cannot be written immediately keeps a reference to it.
    pub buffer: &'a Bytes,
}
