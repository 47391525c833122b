//! What the connections of one worker share: the cache lookup, the read buffer, and the current `Date` header.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use actix_http::StatusCode;
use bytes::Bytes;
use tokio::io::AsyncWrite;

use crate::{SimpleRequest, WireResponse};

/// Size of the read buffer in bytes. Longer requests pass through; a browser's is about 1 KiB.
const READ_BUFFER: usize = 8 * 1_024;

/// Calls its argument once with the cached response to a request, or not at all if there is none.
type Lookup = dyn Fn(&SimpleRequest<'_>, &mut dyn FnMut(WireResponse<'_>));

/// The fast path of one worker thread; its connections share it.
pub struct FastPath {
    pub(crate) lookup: Box<Lookup>,
    pub(crate) passthrough_interval: Duration,
    /// The `Date` header line, and the second since 1970 that it states.
    date: RefCell<(u64, String)>,
    pub(crate) read_buffer: RefCell<Box<[u8]>>,
}

impl FastPath {
    /// `lookup` calls the function that it is given once with the cached response to the request, or not at all if the
    /// request is to pass through.
    ///
    /// When the inner service has not received a request for `passthrough_interval`, the next one passes through even if
    /// it could be served from the cache. The inner service would close a connection as idle otherwise: the interval must
    /// be shorter than its keep-alive timeout.
    pub fn new(
        passthrough_interval: Duration,
        lookup: impl Fn(&SimpleRequest<'_>, &mut dyn FnMut(WireResponse<'_>)) + 'static,
    ) -> Self {
        Self {
            lookup: Box::new(lookup),
            passthrough_interval,
            date: RefCell::default(),
            read_buffer: RefCell::new(vec![0; READ_BUFFER].into()),
        }
    }

    /// Writes a response, and returns the part that the stream does not accept yet. `now` is the time since 1970.
    ///
    /// # Errors
    /// If the stream cannot be written to.
    pub(crate) fn write(
        &self,
        response: &WireResponse<'_>,
        now: Duration,
        stream: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> io::Result<Bytes> {
        let (second, date) = &mut *self.date.borrow_mut();
        if *second != now.as_secs() {
            *second = now.as_secs();
            let time = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + now);
            // RFC 9110, section 6.6.1
            *date = format!("date: {time}\r\n");
        }
        let status_line: &[u8] = match response.status {
            StatusCode::NOT_MODIFIED => b"HTTP/1.1 304 Not Modified\r\n",
            _ => b"HTTP/1.1 200 OK\r\n",
        };
        let parts = [status_line, date.as_bytes(), response.head_and_body];
        let slices = parts.map(IoSlice::new);
        let written = match stream.poll_write_vectored(cx, &slices)? {
            Poll::Ready(written) => written,
            Poll::Pending => 0,
        };
        Ok(match written.checked_sub(status_line.len() + date.len()) {
            Some(written) => response
                .buffer
                .slice_ref(&response.head_and_body[written..]),
            None => Bytes::from(parts.concat()).slice(written..),
        })
    }
}
