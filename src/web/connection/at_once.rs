//! What answers before the server is asked.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use actix_web::{http::StatusCode, rt::net::TcpStream, web::Bytes};
use chrono::{DateTime, Utc};
use tokio::io::{AsyncWrite, Interest};

use crate::{
    page_cache::{HTTP_DATE, Ready},
    web::head::Plain,
};

/// More than a browser's request takes, in bytes; what is longer is the server's.
const LONGEST_REQUEST: usize = 8 * 1_024;

/// Sends what there is to say to a request, if it lies ready.
type Find = dyn Fn(&Plain<'_>, &mut dyn FnMut(Ready<'_>));

/// What answers at once; the connections of a worker share it.
pub struct AtOnce {
    pub(super) find: Box<Find>,
    /// So often a request goes to the server all the same, which closes connections on which it sees none.
    pub(super) server_waits: Duration,
    /// The date as a header line, and the second that it is of.
    date: RefCell<(u64, String)>,
    /// What is read goes here first.
    pub(super) read: RefCell<Box<[u8]>>,
}

impl AtOnce {
    pub fn new(
        server_waits: Duration,
        find: impl Fn(&Plain<'_>, &mut dyn FnMut(Ready<'_>)) + 'static,
    ) -> Self {
        Self {
            find: Box::new(find),
            server_waits,
            date: RefCell::default(),
            read: RefCell::new(vec![0; LONGEST_REQUEST].into()),
        }
    }

    /// Sends an answer; returns what could not be sent yet.
    pub(super) fn send(
        &self,
        ready: &Ready<'_>,
        now: Duration,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> io::Result<Bytes> {
        let (second, date) = &mut *self.date.borrow_mut();
        if *second != now.as_secs() {
            *second = now.as_secs();
            let time = DateTime::<Utc>::from(SystemTime::UNIX_EPOCH + now);
            // RFC 9110, section 6.6.1
            *date = format!("date: {}\r\n", time.format(HTTP_DATE));
        }
        let line: &[u8] = match ready.status {
            StatusCode::NOT_MODIFIED => b"HTTP/1.1 304 Not Modified\r\n",
            _ => b"HTTP/1.1 200 OK\r\n",
        };
        let parts = [line, date.as_bytes(), ready.rest];
        let sent = match ready.file {
            Some(file) => {
                let head = &ready.rest[..ready.rest.len() - file.bytes()];
                let head = [line, date.as_bytes(), head].map(IoSlice::new);
                match stream.try_io(Interest::WRITABLE, || file.send(&head, stream)) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                    sent => sent?,
                }
            }
            None => {
                let parts = parts.map(IoSlice::new);
                match Pin::new(stream).poll_write_vectored(cx, &parts)? {
                    Poll::Ready(sent) => sent,
                    Poll::Pending => 0,
                }
            }
        };
        Ok(match sent.checked_sub(line.len() + date.len()) {
            Some(sent) => ready.piece.slice_ref(&ready.rest[sent..]),
            None => Bytes::from(parts.concat()).slice(sent..),
        })
    }
}
