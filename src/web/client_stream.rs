//! The connection of one client: a write without progress ends it, so that clients that do not read hold nothing for long.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How often a write that waits is checked; the limit may be lowered meanwhile.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How much may wait in the kernel to be sent for the first time, in bytes. The kernel lets a write continue when half of it
/// was sent. With its default of megabytes, a client that reads some kilobytes per second would seem not to read at all.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 32 * 1_024;

/// How long a write may wait without progress.
pub type WriteLimit = Rc<dyn Fn() -> Duration>;

/// A TCP stream on which a write fails with [`io::ErrorKind::TimedOut`] when the client has read nothing for too long. A
/// client that reads slowly makes progress. After the failure the connection is reset, as the kernel would otherwise keep
/// what it has not sent.
pub struct ClientStream {
    stream: TcpStream,
    limit: WriteLimit,
    /// The write that waits, if one does.
    waiting: Option<Waiting>,
}

struct Waiting {
    since: Instant,
    check: Pin<Box<Sleep>>,
}

impl ClientStream {
    /// `limit` is asked again while a write waits.
    pub fn new(stream: TcpStream, limit: WriteLimit) -> Self {
        // Not TCP_USER_TIMEOUT: the kernel also resets a client that reads slowly in windows smaller than a segment.
        #[cfg(target_os = "linux")]
        if let Err(error) = SockRef::from(&stream).set_tcp_notsent_lowat(MAX_UNSENT) {
            tracing::debug!(%error, "could not limit what waits to be sent to a client");
        }
        Self {
            stream,
            limit,
            waiting: None,
        }
    }

    /// The outcome of a write, which becomes an error if it has waited for too long.
    fn limited(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            since: Instant::now(),
            check: Box::pin(sleep(CHECK_INTERVAL.min((self.limit)()))),
        });
        while waiting.check.as_mut().poll(cx).is_ready() {
            let limit = (self.limit)();
            let Some(rest) = limit.checked_sub(waiting.since.elapsed()) else {
                // The connection is dropped next, which resets it then.
                if let Err(error) = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)) {
                    tracing::debug!(%error, "could not discard what a client does not read");
                }
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the client does not read the response",
                )));
            };
            // Not less than a millisecond, the precision of timers.
            let next = CHECK_INTERVAL.min(rest).max(Duration::from_millis(1));
            waiting.check.as_mut().reset(Instant::now() + next);
        }
        Poll::Pending
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, from);
        self.limited(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, from);
        self.limited(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use actix_web::rt::net::TcpListener;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Bytes; more than the socket buffers of both sides hold.
    const LARGE: usize = 32 << 20;

    async fn pair(limit: WriteLimit) -> (ClientStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (stream, _) = listener.accept().await.unwrap();
        let stream = ClientStream::new(stream, limit);
        (stream, client.unwrap())
    }

    #[actix_web::test]
    async fn a_write_that_makes_no_progress_fails_and_resets_the_connection() {
        let (mut stream, mut client) = pair(Rc::new(|| Duration::from_millis(300))).await;
        let began = Instant::now();
        let failed = stream.write_all(&vec![1; LARGE]).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= Duration::from_millis(300));
        drop(stream);
        let ended = client.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::ConnectionReset);
    }

    #[actix_web::test]
    async fn a_client_that_reads_slowly_receives_everything() {
        let (mut stream, mut client) = pair(Rc::new(|| Duration::from_millis(1_500))).await;
        let length = 8 << 20;
        let reader = actix_web::rt::spawn(async move {
            let mut part = vec![0; 1 << 20];
            let mut received = 0;
            while received < length {
                sleep(Duration::from_millis(400)).await;
                received += client.read(&mut part).await.unwrap();
            }
            received
        });
        stream.write_all(&vec![1; length]).await.unwrap();
        assert_eq!(reader.await.unwrap(), length);
    }

    #[actix_web::test]
    async fn a_limit_that_is_lowered_applies_to_a_write_that_waits() {
        let limit = Rc::new(Cell::new(Duration::from_secs(600)));
        let current = limit.clone();
        let (mut stream, _client) = pair(Rc::new(move || current.get())).await;
        actix_web::rt::spawn(async move {
            sleep(Duration::from_millis(100)).await;
            limit.set(Duration::from_millis(200));
        });
        let failed = stream.write_all(&vec![1; LARGE]).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
    }
}
