//! A reader's connection. What is kept in memory is sent from here as it lies there, before the server is asked: the
//! server is ready for whatever may come, and puts headers together and copies bodies, which costs more than the rest.
//!
//! Only what is surely one whole request without a body is answered here, and only while nobody waits for an answer of
//! the server's. Whatever else comes is the server's, byte for byte.

use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use actix_http::{Request, Response};
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    http::StatusCode,
    rt::net::TcpStream,
    web::{Buf, Bytes},
};
use chrono::{DateTime, Utc};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::head::Plain;
use crate::page_cache::{HTTP_DATE, Ready};

/// Sends what there is to say to a request, if it lies ready.
type Find = dyn Fn(&Plain<'_>, &mut dyn FnMut(Ready<'_>));

/// What answers at once; the connections of a worker share it.
pub struct AtOnce {
    find: Box<Find>,
    /// So often a request goes to the server all the same, which closes connections on which it sees none.
    server_waits: Duration,
    /// The date as a header line, and the second that it is of.
    date: RefCell<(u64, String)>,
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
        }
    }

    /// Sends an answer; returns what could not be sent yet.
    fn send(
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
        let slices = parts.map(IoSlice::new);
        let sent = match Pin::new(stream).poll_write_vectored(cx, &slices)? {
            Poll::Ready(sent) => sent,
            Poll::Pending => 0,
        };
        Ok(match sent.checked_sub(line.len() + date.len()) {
            Some(sent) => ready.piece.slice_ref(&ready.rest[sent..]),
            None => Bytes::from(parts.concat()).slice(sent..),
        })
    }
}

/// What the server reads from and writes to.
pub struct Connection {
    stream: TcpStream,
    peer: Option<SocketAddr>,
    at_once: Rc<AtOnce>,
    progress: Rc<Progress>,
    /// Whether all that the server was given were plain requests, so that it is known how many.
    is_plain: bool,
    /// When the server was given one, since 1970.
    server_saw_one: Duration,
    /// What is still to be sent of an answer that lay ready, before anything else is.
    leaving: Bytes,
}

impl Connection {
    pub fn new(stream: TcpStream, at_once: Rc<AtOnce>) -> Self {
        Self {
            peer: stream.peer_addr().ok(),
            stream,
            at_once,
            progress: Rc::default(),
            is_plain: true,
            server_saw_one: Duration::ZERO,
            leaving: Bytes::new(),
        }
    }

    /// Who is on the other side.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// What [`Open::of`] finds in the requests of this connection: `on_connect_ext` puts it there.
    pub fn progress(&self) -> Rc<Progress> {
        self.progress.clone()
    }

    /// Answers what was read at once, if that is possible. Otherwise it is the server's.
    fn answer(&mut self, text: &[u8], cx: &mut Context<'_>) -> io::Result<bool> {
        if !self.is_plain || text.is_empty() {
            return Ok(false);
        }
        let Some(request) = Plain::read(text, self.peer) else {
            self.is_plain = false;
            return Ok(false);
        };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let is_expected = now
            .checked_sub(self.server_saw_one)
            .is_some_and(|passed| passed < self.at_once.server_waits);
        if is_expected && self.leaving.is_empty() && self.progress.is_idle() {
            let (at_once, stream) = (&self.at_once, &mut self.stream);
            let mut unsent = None;
            (at_once.find)(&request, &mut |ready| {
                unsent = Some(at_once.send(&ready, now, stream, cx));
            });
            if let Some(unsent) = unsent {
                self.leaving = unsent?;
                return Ok(true);
            }
        }
        self.server_saw_one = now;
        self.progress.asked.update(|asked| asked + 1);
        Ok(false)
    }

    fn poll_leaving(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.leaving.has_remaining() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.leaving))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => self.leaving.advance(sent),
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// How far the server is with what it was asked on a connection.
#[derive(Default)]
pub struct Progress {
    asked: Cell<u64>,
    answered: Cell<u64>,
    /// Its buffer may hold something that was not sent yet.
    is_unsent: Cell<bool>,
}

impl Progress {
    fn is_idle(&self) -> bool {
        self.asked == self.answered && !self.is_unsent.get()
    }
}

/// An answer of the server's that is not done yet.
pub struct Open(Option<Rc<Progress>>);

impl Open {
    pub fn of(request: &Request) -> Self {
        Self(request.conn_data::<Rc<Progress>>().cloned())
    }

    /// It is done when the body is.
    pub fn until_sent(self, response: Response<BoxBody>) -> Response<BoxBody> {
        response.map_body(|_, body| BoxBody::new(Sending { body, _open: self }))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            progress.answered.update(|answered| answered + 1);
            progress.is_unsent.set(true);
        }
    }
}

/// The body of an answer of the server's.
struct Sending {
    body: BoxBody,
    _open: Open,
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let before = into.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, into))?;
            if !this.answer(&into.filled()[before..], cx)? {
                return Poll::Ready(Ok(()));
            }
            into.set_filled(before);
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_leaving(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    /// The server asks for this when its buffer is empty.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_leaving(cx))?;
        self.progress.is_unsent.set(false);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_leaving(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        io::{Read, Write},
        net::TcpListener,
        time::Duration,
    };

    use actix_http::HttpService;
    use actix_service::{ServiceFactoryExt, fn_service};
    use actix_web::{body::BodyStream, dev::Server, http::header};
    use futures_util::stream;

    use crate::web::head::Head;

    use super::*;

    /// More than a connection takes at once.
    const LONG: usize = 24 << 20;
    const SERVER_WAITS: Duration = Duration::from_millis(500);

    /// What is kept under a path.
    fn kept(path: &str) -> Vec<u8> {
        match path {
            "/long" => vec![b'x'; LONG],
            // What looks like the head of an answer is nothing but text.
            _ => b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nkept".repeat(100),
        }
    }

    /// A body that comes in pieces.
    fn pieces() -> impl stream::Stream<Item = io::Result<Bytes>> {
        stream::unfold(0, |sent| async move {
            actix_web::rt::time::sleep(Duration::from_millis(1)).await;
            let piece = Bytes::from_static(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            (sent < 5).then_some((Ok(piece), sent + 1))
        })
    }

    fn at_once(head: &Plain<'_>, send: &mut dyn FnMut(Ready<'_>)) {
        if head.path() == "/made" {
            return;
        }
        let body = kept(head.path());
        let lines = format!("content-length: {}\r\nfrom: memory\r\n\r\n", body.len());
        let piece = Bytes::from([lines.as_bytes(), &body].concat());
        send(Ready {
            status: StatusCode::OK,
            rest: &piece,
            piece: &piece,
        });
    }

    async fn answer(request: Request) -> Result<Response<BoxBody>, Infallible> {
        let open = Open::of(&request);
        let mut response = Response::build(StatusCode::OK);
        response.insert_header((header::FROM, "server"));
        if request.path() != "/made" {
            let response = response.body(kept(request.path()));
            return Ok(open.until_sent(response.map_into_boxed_body()));
        }
        actix_web::rt::time::sleep(Duration::from_millis(1)).await;
        let response = response.body(BodyStream::new(Box::pin(pieces())));
        Ok(open.until_sent(response.map_into_boxed_body()))
    }

    /// Starts a server for one test; it ends with the process.
    fn connect() -> std::net::TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(|| {
            actix_web::rt::System::new().block_on(async {
                Server::build()
                    .workers(1)
                    .disable_signals()
                    .listen("test", listener, || {
                        let shared = Rc::new(AtOnce::new(SERVER_WAITS, at_once));
                        let http = HttpService::build()
                            .on_connect_ext(|connection: &Connection, data| {
                                data.insert(connection.progress());
                            })
                            .h1(fn_service(answer));
                        fn_service(move |stream: TcpStream| {
                            let connection = Connection::new(stream, shared.clone());
                            std::future::ready(Ok((connection, None)))
                        })
                        .and_then(http)
                    })
                    .unwrap()
                    .run()
                    .await
            })
        });
        std::net::TcpStream::connect(address).unwrap()
    }

    fn ask(path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")
    }

    fn until(stream: &mut std::net::TcpStream, end: &[u8]) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            text.extend(byte);
        }
        String::from_utf8(text).unwrap()
    }

    /// Reads one answer: where it is from, and its body.
    fn read(stream: &mut std::net::TcpStream) -> (String, Vec<u8>) {
        let head = until(stream, b"\r\n\r\n");
        let value = |name: &str| {
            head.split("\r\n")
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let date = value("date").unwrap();
        assert!(DateTime::parse_from_rfc2822(date).is_ok(), "{date}");
        let from = value("from").unwrap().to_owned();
        let mut body = Vec::new();
        let mut take = |length: usize, stream: &mut std::net::TcpStream| {
            let before = body.len();
            body.resize(before + length, 0);
            stream.read_exact(&mut body[before..]).unwrap();
        };
        if let Some(length) = value("content-length") {
            take(length.parse().unwrap(), stream);
            return (from, body);
        }
        assert_eq!(value("transfer-encoding"), Some("chunked"));
        loop {
            let line = until(stream, b"\r\n");
            let length = usize::from_str_radix(line.trim(), 16).unwrap();
            take(length, stream);
            until(stream, b"\r\n");
            if length == 0 {
                return (from, body);
            }
        }
    }

    fn expected(path: &str) -> Vec<u8> {
        match path {
            "/made" => b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".repeat(5),
            _ => kept(path),
        }
    }

    /// Asks for it, and says where the answer is from.
    fn from(stream: &mut std::net::TcpStream, request: &str) -> String {
        stream.write_all(request.as_bytes()).unwrap();
        read(stream).0
    }

    #[test]
    fn what_lies_ready_is_sent_at_once_on_a_connection_that_the_server_knows() {
        let mut stream = connect();
        let mut from = |request: &str| from(&mut stream, request);
        assert_eq!(from(&ask("/kept")), "server");
        for _ in 0..3 {
            assert_eq!(from(&ask("/kept")), "memory");
        }
        assert_eq!(from(&ask("/made")), "server");
        assert_eq!(from(&ask("/kept")), "memory");
        // Otherwise the server takes the connection for an idle one.
        std::thread::sleep(SERVER_WAITS);
        assert_eq!(from(&ask("/kept")), "server");
        assert_eq!(from(&ask("/kept")), "memory");
    }

    #[test]
    fn what_is_not_plainly_one_whole_request_is_the_servers() {
        for head in [
            "GET /kept HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\nhi",
            "GET /kept HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\n\r\n\r\n",
            "GET /kept HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET /kept HTTP/1.1\r\nhost: test\r\nupgrade: h2c\r\n\r\n",
            "GET http://test/kept HTTP/1.1\r\nhost: test\r\n\r\n",
            "POST /kept HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n",
        ] {
            let mut stream = connect();
            from(&mut stream, &ask("/kept"));
            assert_eq!(from(&mut stream, &ask("/kept")), "memory");
            assert_eq!(from(&mut stream, head), "server", "{head}");
        }
        let mut stream = connect();
        from(&mut stream, &ask("/kept"));
        let (first, last) = ("GET /kept HTTP/1.1\r\nho", "st: test\r\n\r\n");
        stream.write_all(first.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(from(&mut stream, last), "server");
    }

    #[test]
    fn whoever_asks_for_several_things_at_once_is_sent_each_whole_and_in_order() {
        let mut stream = connect();
        let paths = [
            "/kept", "/made", "/kept", "/kept", "/made", "/made", "/long", "/kept",
        ];
        for first in 0..paths.len() {
            let asked = &paths[first..];
            let requests: String = asked.iter().map(|path| ask(path)).collect();
            stream.write_all(requests.as_bytes()).unwrap();
            for path in asked {
                assert!(read(&mut stream).1 == expected(path), "{path} of {asked:?}");
            }
        }
    }

    #[test]
    fn whoever_asks_for_more_while_they_are_sent_something_is_sent_both_whole() {
        for pause in [0, 1, 2, 3, 5, 8, 30] {
            let mut stream = connect();
            for path in ["/made", "/long", "/kept", "/made", "/long"] {
                stream.write_all(ask(path).as_bytes()).unwrap();
                std::thread::sleep(Duration::from_millis(pause));
                stream.write_all(ask("/kept").as_bytes()).unwrap();
                for path in [path, "/kept"] {
                    assert!(read(&mut stream).1 == expected(path), "{path}");
                }
            }
        }
    }

    #[test]
    fn who_reads_slowly_is_sent_all_of_it() {
        let mut stream = connect();
        from(&mut stream, &ask("/kept"));
        for _ in 0..2 {
            stream.write_all(ask("/long").as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(100));
            let (from, body) = read(&mut stream);
            assert_eq!(from, "memory");
            assert!(body == expected("/long"));
        }
        let last = "GET /long HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
        stream.write_all(last.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert!(read(&mut stream).1 == expected("/long"));
        let end = stream.read(&mut [0]).unwrap();
        assert_eq!(end, 0, "the connection is closed");
    }

    #[test]
    fn who_waits_to_be_told_to_go_on_is_told_so_before_they_are_answered() {
        let mut stream = connect();
        from(&mut stream, &ask("/kept"));
        let expects = "GET /kept HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n\r\n";
        stream.write_all(expects.as_bytes()).unwrap();
        let told = until(&mut stream, b"\r\n\r\n");
        assert_eq!(told, "HTTP/1.1 100 Continue\r\n\r\n");
        assert!(read(&mut stream).1 == expected("/kept"));
    }
}
