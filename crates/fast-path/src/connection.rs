//! One connection: reads requests, writes cached responses, and passes everything else through to the inner service.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker, ready},
    time::{Duration, SystemTime},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{FastPath, InFlight, SimpleRequest};

/// A connection with a fast path in front of an inner HTTP service. It resolves to the output of the inner service.
pub struct FastPathConnection<S, Inner> {
    state: Rc<RefCell<ConnectionState<S>>>,
    inner: Pin<Box<Inner>>,
    inner_waker: Arc<InnerWaker>,
}

impl<S, Inner> FastPathConnection<S, Inner>
where
    S: AsyncRead + AsyncWrite + Unpin,
    Inner: Future,
{
    /// `peer` is the address of the client, if the transport has one; `inner` starts the inner service on the stream that
    /// it is given.
    pub fn new(
        stream: S,
        peer: Option<SocketAddr>,
        fast_path: Rc<FastPath>,
        inner: impl FnOnce(InnerStream<S>) -> Inner,
    ) -> Self {
        let state = Rc::new(RefCell::new(ConnectionState {
            stream,
            peer,
            fast_path,
            in_flight: Rc::default(),
            is_simple: true,
            last_passthrough: Duration::ZERO,
            passthrough: None,
            unsent: Bytes::new(),
            is_unflushed: false,
            is_read_deferred: false,
        }));
        Self {
            inner: Box::pin(inner(InnerStream(state.clone()))),
            state,
            inner_waker: Arc::new(InnerWaker::new(Waker::noop())),
        }
    }
}

impl<S, Inner> Future for FastPathConnection<S, Inner>
where
    S: AsyncRead + AsyncWrite + Unpin,
    Inner: Future,
{
    type Output = Inner::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if !this.inner_waker.task.will_wake(cx.waker()) {
            this.inner_waker = Arc::new(InnerWaker::new(cx.waker()));
        }
        loop {
            let has_input = {
                let mut state = this.state.borrow_mut();
                let has_input = state.serve(cx);
                if state.is_writing() {
                    return Poll::Pending;
                }
                has_input
            };
            let is_woken = this.inner_waker.is_woken.swap(false, Ordering::AcqRel);
            if !has_input && !is_woken {
                return Poll::Pending;
            }
            let waker = Waker::from(this.inner_waker.clone());
            let output = this.inner.as_mut().poll(&mut Context::from_waker(&waker));
            let mut state = this.state.borrow_mut();
            let is_read_deferred = std::mem::take(&mut state.is_read_deferred);
            if output.is_ready() || !(is_read_deferred || state.is_eligible()) {
                return output;
            }
        }
    }
}

/// The waker of the inner service. It records whether the inner service was woken, so that it is polled only then.
struct InnerWaker {
    is_woken: AtomicBool,
    /// The task of the connection.
    task: Waker,
}

impl InnerWaker {
    /// Counts as woken from the beginning: the inner service must be polled once to register this waker.
    fn new(task: &Waker) -> Self {
        Self {
            is_woken: AtomicBool::new(true),
            task: task.clone(),
        }
    }
}

impl Wake for InnerWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

/// The state that the connection and the inner service's stream share.
struct ConnectionState<S> {
    stream: S,
    peer: Option<SocketAddr>,
    fast_path: Rc<FastPath>,
    in_flight: Rc<InFlight>,
    /// Whether all input so far was simple requests. Otherwise the number of requests that passed through is unknown.
    is_simple: bool,
    /// When a request last passed through, as the time since 1970.
    last_passthrough: Duration,
    /// Input that the inner service is to read before it reads from the stream.
    passthrough: Option<io::Result<Bytes>>,
    /// The rest of a cached response. The inner service is not polled before it is written.
    unsent: Bytes,
    /// Whether the stream must be flushed after a cached response was written to it.
    is_unflushed: bool,
    /// Whether the inner service was told to wait for input without a registered waker.
    is_read_deferred: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ConnectionState<S> {
    /// Whether the next request may be served from the cache.
    fn is_eligible(&self) -> bool {
        self.is_simple && self.passthrough.is_none() && self.in_flight.is_idle()
    }

    /// Whether a cached response is being written.
    fn is_writing(&self) -> bool {
        self.is_unflushed || !self.unsent.is_empty()
    }

    /// Serves requests as long as the fast path can; returns whether the inner service has something to do. `false` means
    /// that the stream wakes the task.
    fn serve(&mut self, cx: &mut Context<'_>) -> bool {
        while self.is_eligible() {
            match self.serve_one(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    self.is_simple = false;
                    self.unsent.clear();
                    self.is_unflushed = false;
                    self.passthrough = Some(Err(error));
                }
                Poll::Pending => return false,
            }
        }
        true
    }

    /// Completes the response that is being written, reads once, and serves what was read or passes it through.
    fn serve_one(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_unsent(cx))?;
        let fast_path = self.fast_path.clone();
        let mut buffer = fast_path.read_buffer.borrow_mut();
        let mut read = ReadBuf::new(&mut buffer);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        if !self.respond(read.filled(), cx)? {
            self.passthrough = Some(Ok(Bytes::copy_from_slice(read.filled())));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_unsent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        while self.unsent.has_remaining() {
            match ready!(stream.as_mut().poll_write(cx, &self.unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.unsent.advance(written),
            }
        }
        if self.is_unflushed {
            ready!(stream.poll_flush(cx))?;
            self.is_unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes the cached response to a request. `false` if the input is to pass through, in which case it is recorded.
    fn respond(&mut self, input: &[u8], cx: &mut Context<'_>) -> io::Result<bool> {
        let Some(request) = SimpleRequest::parse(input, self.peer) else {
            self.is_simple = false;
            return Ok(false);
        };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let is_recent = now
            .checked_sub(self.last_passthrough)
            .is_some_and(|passed| passed < self.fast_path.passthrough_interval);
        if is_recent {
            let (fast_path, stream) = (&self.fast_path, &mut self.stream);
            let mut written = None;
            (fast_path.lookup)(&request, &mut |response| {
                written = Some(fast_path.write(&response, now, Pin::new(stream), cx));
            });
            if let Some(unsent) = written {
                self.unsent = unsent?;
                self.is_unflushed = true;
                return Ok(true);
            }
        }
        self.record_passthrough(now);
        Ok(false)
    }

    /// Records input that the inner service reads from the stream itself.
    fn record_direct_read(&mut self, input: &[u8]) {
        if !self.is_simple {
            return;
        }
        // The end of the stream is not a simple request either.
        match SimpleRequest::parse(input, self.peer) {
            Some(_) => {
                self.record_passthrough(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default());
            }
            None => self.is_simple = false,
        }
    }

    fn record_passthrough(&mut self, now: Duration) {
        self.last_passthrough = now;
        self.in_flight.requests.update(|requests| requests + 1);
    }
}

/// The stream that the inner service reads from and writes to.
pub struct InnerStream<S>(Rc<RefCell<ConnectionState<S>>>);

impl<S> InnerStream<S> {
    /// The counter that [`PendingResponse::of`](crate::PendingResponse::of) needs among the connection data of each request;
    /// `on_connect_ext` is where to put it.
    pub fn in_flight(&self) -> Rc<InFlight> {
        self.0.borrow().in_flight.clone()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for InnerStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        if let Some(passthrough) = state.passthrough.take() {
            let mut passthrough = passthrough?;
            let length = passthrough.len().min(into.remaining());
            into.put_slice(&passthrough.split_to(length));
            if !passthrough.is_empty() {
                state.passthrough = Some(Ok(passthrough));
            }
            return Poll::Ready(Ok(()));
        }
        // The connection reads the stream after this poll, and polls the inner service again if the input is for it.
        if state.is_eligible() {
            state.is_read_deferred = true;
            return Poll::Pending;
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut state.stream).poll_read(cx, into))?;
        state.record_direct_read(&into.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for InnerStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.borrow_mut().stream).poll_write(cx, from)
    }

    /// actix-http flushes when its write buffer is empty.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        state.in_flight.is_unflushed.set(false);
        Pin::new(&mut state.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        // Requests that arrive from now on are not answered.
        state.is_simple = false;
        Pin::new(&mut state.stream).poll_shutdown(cx)
    }
}
