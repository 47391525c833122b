//! Delivers pipelined requests one at a time.
//!
//! actix-http decodes the next request while it still answers the previous one, and its encoder then takes method, version
//! and `Connection` of the newest request for every response: a `GET` after a `HEAD` in one write exchanges the framing of
//! both responses. [`SequentialStream`] holds the bytes of the next request back until the response is complete.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready},
};

use actix_http::header::{self, HeaderName};
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{InFlight, chunked::ChunkedBody};

/// How much is read from the stream at a time, in bytes.
const READ: usize = 8 * 1_024;
/// Longer heads are delivered unseen; actix-http refuses them.
const MAX_HEAD: usize = 128 * 1_024;
/// As many headers as actix-http accepts.
const MAX_HEADERS: usize = 96;
/// The maximum length of a chunked body of a GET or HEAD request, in bytes.
const MAX_IGNORED_BODY: usize = 64 * 1_024;

/// The response to a request whose length is invalid or ambiguous.
const BAD_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A stream that ends each read at the end of a request, and continues when the response to it is complete.
///
/// The service that reads from it must create a [`PendingResponse`](crate::PendingResponse) for each request and attach it
/// to the response.
pub struct SequentialStream<S> {
    stream: S,
    in_flight: Rc<InFlight>,
    /// Bytes that were read and not delivered yet.
    held: BytesMut,
    /// How many of the held bytes may be delivered.
    deliverable: usize,
    state: State,
    is_ended: bool,
    /// The response to a malformed request, as far as it is not written yet.
    refusal: Option<&'static [u8]>,
    /// Waits for the response in flight.
    reader: Option<Waker>,
}

/// What the next byte of the stream belongs to.
enum State {
    /// The head of a request.
    Head,
    /// The body of a request, of which as many bytes remain.
    Body(u64),
    Chunked(ChunkedBody),
    /// Something whose end is unknown, as after a malformed head: everything is delivered, and the service closes the
    /// connection.
    Opaque,
}

/// A head, and what follows it.
enum Head {
    Incomplete,
    Complete {
        length: usize,
        next: State,
        /// Whether handlers ignore the body, although it is chunked and may be invalid.
        ignores_body: bool,
    },
    /// actix-http refuses it.
    Malformed,
    /// Its length is ambiguous.
    Refused,
}

impl<S> SequentialStream<S> {
    /// `in_flight` has to be the value that [`PendingResponse::of`](crate::PendingResponse::of) finds for the requests of
    /// this connection.
    pub fn new(stream: S, in_flight: Rc<InFlight>) -> Self {
        Self {
            stream,
            in_flight,
            held: BytesMut::new(),
            deliverable: 0,
            state: State::Head,
            is_ended: false,
            refusal: None,
            reader: None,
        }
    }

    /// The counter that has to be among the connection data of each request.
    pub fn in_flight(&self) -> Rc<InFlight> {
        self.in_flight.clone()
    }

    /// Determines how many of the held bytes may be delivered; `false` if more have to be read first.
    fn advance(&mut self) -> bool {
        while self.deliverable == 0 && !self.held.is_empty() {
            match &mut self.state {
                State::Opaque => self.deliverable = self.held.len(),
                State::Body(remaining) => {
                    let length = usize::try_from(*remaining).unwrap_or(usize::MAX);
                    self.deliverable = length.min(self.held.len());
                    *remaining -= self.deliverable as u64;
                    if *remaining == 0 {
                        self.state = State::Head;
                    }
                }
                State::Chunked(body) => match body.advance(&self.held) {
                    Ok((length, is_complete)) => {
                        self.deliverable = length;
                        if is_complete {
                            self.state = State::Head;
                        }
                        if length == 0 {
                            return false;
                        }
                    }
                    Err(_) => self.state = State::Opaque,
                },
                State::Head if self.in_flight.is_delivering() => return false,
                State::Head => match parse(&self.held) {
                    Head::Incomplete if self.held.len() < MAX_HEAD => return false,
                    Head::Complete {
                        length,
                        next,
                        ignores_body,
                    } => {
                        if ignores_body && !self.is_body_valid(length) {
                            return false;
                        }
                        self.in_flight.deliver();
                        self.deliverable = length;
                        self.state = next;
                    }
                    Head::Incomplete | Head::Malformed => self.state = State::Opaque,
                    Head::Refused => {
                        self.refuse();
                        return false;
                    }
                },
            }
        }
        self.deliverable > 0
    }

    /// Whether the chunked body after a head of this length is complete and valid. A handler of GET requests ignores the
    /// body and would answer before it is read.
    fn is_body_valid(&mut self, head: usize) -> bool {
        let body = &self.held[head..];
        match ChunkedBody::default().advance(body) {
            Ok((_, true)) => true,
            Ok(_) if body.len() <= MAX_IGNORED_BODY && !self.is_ended => false,
            _ => {
                self.refuse();
                false
            }
        }
    }

    fn refuse(&mut self) {
        self.held.clear();
        self.is_ended = true;
        self.refusal = Some(BAD_REQUEST);
    }
}

/// Parses the head at the beginning of `bytes`.
fn parse(bytes: &[u8]) -> Head {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Head::Incomplete,
        Err(_) => return Head::Malformed,
    };
    let values = |name: HeaderName| {
        request
            .headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name.as_str()))
            .map(|header| header.value)
    };
    // What follows them is not a request.
    if request.method == Some("CONNECT") || values(header::UPGRADE).next().is_some() {
        return Head::Malformed;
    }
    let mut codings = values(header::TRANSFER_ENCODING);
    let mut lengths = values(header::CONTENT_LENGTH);
    let next = match (codings.next(), lengths.next()) {
        (None, None) => State::Head,
        (None, Some(digits)) if lengths.next().is_none() => match decimal(digits) {
            Some(0) => State::Head,
            Some(length) => State::Body(length),
            None => return Head::Malformed,
        },
        (None, Some(_)) => return Head::Malformed,
        // RFC 9112, section 6.1: of HTTP/1.0, and with both headers, the length is ambiguous.
        (Some(_), _) if request.version != Some(1) => return Head::Refused,
        (Some(_), Some(_)) => return Head::Refused,
        (Some(coding), None) if codings.next().is_none() => {
            match coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                true => State::Chunked(ChunkedBody::default()),
                false => return Head::Malformed,
            }
        }
        (Some(_), None) => return Head::Malformed,
    };
    Head::Complete {
        length,
        ignores_body: matches!(request.method, Some("GET" | "HEAD"))
            && matches!(next, State::Chunked(_)),
        next,
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?.trim();
    // `parse` accepts a sign.
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

impl<S: AsyncRead + AsyncWrite + Unpin> SequentialStream<S> {
    fn poll_write_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(unwritten) = self.refusal.filter(|unwritten| !unwritten.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, unwritten))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.refusal = Some(&unwritten[written..]),
            }
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.refusal = None;
        Poll::Ready(Ok(()))
    }

    /// Reads once.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut buffer = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut buffer);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        self.is_ended = read.filled().is_empty();
        self.held.extend_from_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for SequentialStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.refusal.is_some() {
                ready!(this.poll_write_refusal(cx))?;
            }
            if this.deliverable > 0 || this.advance() {
                let length = this.deliverable.min(into.remaining());
                into.put_slice(&this.held[..length]);
                this.held.advance(length);
                this.deliverable -= length;
                if this.held.is_empty() {
                    // Idle connections hold no buffer.
                    this.held = BytesMut::new();
                }
                return Poll::Ready(Ok(()));
            }
            if this.refusal.is_some() {
                continue;
            }
            if matches!(this.state, State::Head) && this.in_flight.is_delivering() {
                this.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
            if !this.is_ended {
                ready!(this.poll_fill(cx))?;
            } else if this.held.is_empty() {
                return Poll::Ready(Ok(()));
            } else {
                // An incomplete request.
                this.state = State::Opaque;
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for SequentialStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    /// actix-http flushes when its write buffer is empty.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.in_flight.is_unflushed.set(false);
        if !self.in_flight.is_delivering()
            && let Some(reader) = self.reader.take()
        {
            reader.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
