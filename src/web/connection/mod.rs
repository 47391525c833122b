//! A reader's connection. What is kept in memory is sent from here as it lies there, before the server is asked: the
//! server is ready for whatever may come, and puts headers together and copies bodies, which costs more than the rest.
//!
//! Only what is surely one whole request without a body is answered here, and only while nobody waits for an answer of
//! the server's. Whatever else comes is the server's, byte for byte. While it has nothing to do, it is not even woken.

mod at_once;
mod progress;

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

use actix_web::{
    rt::net::TcpStream,
    web::{Buf, Bytes},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::head::Plain;

pub use at_once::AtOnce;
pub use progress::{Open, Progress};

/// A connection that is served: with what lies ready from here, with everything else by the server.
pub struct Served<Server> {
    line: Rc<RefCell<Line>>,
    server: Pin<Box<Server>>,
    call: Arc<Call>,
}

impl<Server: Future> Served<Server> {
    /// `server` is given what it reads from and writes to.
    pub fn new(
        stream: TcpStream,
        at_once: Rc<AtOnce>,
        server: impl FnOnce(Connection, Option<SocketAddr>) -> Server,
    ) -> Self {
        let line = Line::new(stream, at_once);
        let peer = line.peer;
        let line = Rc::new(RefCell::new(line));
        Self {
            server: Box::pin(server(Connection(line.clone()), peer)),
            line,
            call: Arc::new(Call::of(Waker::noop())),
        }
    }
}

impl<Server: Future> Future for Served<Server> {
    type Output = Server::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if !this.call.task.will_wake(cx.waker()) {
            this.call = Arc::new(Call::of(cx.waker()));
        }
        loop {
            // Both have to be asked: the server may be called while there is something to read.
            let is_its_turn = this.line.borrow_mut().serve(cx);
            let is_called = this.call.is_called.swap(false, Ordering::AcqRel);
            if !is_its_turn && !is_called {
                return Poll::Pending;
            }
            let waker = Waker::from(this.call.clone());
            let output = this.server.as_mut().poll(&mut Context::from_waker(&waker));
            if output.is_ready() || !this.line.borrow().is_at_once() {
                return output;
            }
        }
    }
}

/// What the server is woken by, so that it is known that it is the one who is to be woken.
struct Call {
    is_called: AtomicBool,
    task: Waker,
}

impl Call {
    /// It has to look around before anybody can call it.
    fn of(task: &Waker) -> Self {
        Self {
            is_called: AtomicBool::new(true),
            task: task.clone(),
        }
    }
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_called.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

/// The line to a reader.
struct Line {
    stream: TcpStream,
    peer: Option<SocketAddr>,
    at_once: Rc<AtOnce>,
    progress: Rc<Progress>,
    /// Whether all that the server was given were plain requests, so that it is known how many.
    is_plain: bool,
    /// When the server was given one, since 1970.
    server_saw_one: Duration,
    /// What the server is to read next.
    handed_over: Option<io::Result<Bytes>>,
    /// What is still to be sent of an answer that lay ready, before anything else is.
    leaving: Bytes,
}

impl Line {
    fn new(stream: TcpStream, at_once: Rc<AtOnce>) -> Self {
        Self {
            peer: stream.peer_addr().ok(),
            stream,
            at_once,
            progress: Rc::default(),
            is_plain: true,
            server_saw_one: Duration::ZERO,
            handed_over: None,
            leaving: Bytes::new(),
        }
    }

    /// Whether something could be answered at once, if it came.
    fn is_at_once(&self) -> bool {
        self.is_plain && self.handed_over.is_none() && self.progress.is_idle()
    }

    /// Answers what it can; returns whether it is the server's turn.
    fn serve(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.is_at_once() {
            return true;
        }
        let at_once = self.at_once.clone();
        let mut read = at_once.read.borrow_mut();
        let mut read = ReadBuf::new(&mut read);
        // Asked after what was read, which may be why something has to leave.
        let read = match self.poll_read(cx, &mut read) {
            Poll::Ready(result) => Some(result.map(|()| Bytes::copy_from_slice(read.filled()))),
            Poll::Pending => None,
        };
        self.handed_over = match self.poll_leaving(cx) {
            Poll::Ready(Err(error)) => Some(Err(error)),
            _ => read,
        };
        if matches!(self.handed_over, Some(Err(_))) {
            self.is_plain = false;
        }
        self.handed_over.is_some()
    }

    /// Answers what is read as long as it can, and returns with what it cannot.
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let before = into.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(cx, into))?;
            if !self.answer(&into.filled()[before..], cx)? {
                return Poll::Ready(Ok(()));
            }
            into.set_filled(before);
        }
    }

    /// Answers what was read at once, if that is possible. Otherwise it is the server's.
    fn answer(&mut self, text: &[u8], cx: &mut Context<'_>) -> io::Result<bool> {
        if !self.is_plain {
            return Ok(false);
        }
        // The end of all requests is none, either.
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

/// What the server reads from and writes to.
pub struct Connection(Rc<RefCell<Line>>);

impl Connection {
    /// What [`Open::of`] finds in the requests of this connection: `on_connect_ext` puts it there.
    pub fn progress(&self) -> Rc<Progress> {
        self.0.borrow().progress.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut line = self.0.borrow_mut();
        let Some(handed_over) = line.handed_over.take() else {
            return line.poll_read(cx, into);
        };
        let mut handed_over = handed_over?;
        let now = handed_over.len().min(into.remaining());
        into.put_slice(&handed_over.split_to(now));
        if !handed_over.is_empty() {
            line.handed_over = Some(Ok(handed_over));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut line = self.0.borrow_mut();
        ready!(line.poll_leaving(cx))?;
        Pin::new(&mut line.stream).poll_write(cx, from)
    }

    /// The server asks for this when its buffer is empty.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut line = self.0.borrow_mut();
        ready!(line.poll_leaving(cx))?;
        line.progress.is_unsent.set(false);
        Pin::new(&mut line.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut line = self.0.borrow_mut();
        // What comes now is not asked of anybody.
        line.is_plain = false;
        ready!(line.poll_leaving(cx))?;
        Pin::new(&mut line.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        io::{Read, Write},
        net::TcpListener,
    };

    use actix_http::{HttpService, Request, Response};
    use actix_service::{Service, apply_fn_factory, fn_service};
    use actix_web::{
        body::{BodyStream, BoxBody},
        dev::Server,
        http::{StatusCode, header},
    };
    use chrono::DateTime;
    use futures_util::stream;

    use crate::{
        page_cache::{BodyFile, Ready},
        web::head::Head,
    };

    use super::*;

    /// More than a connection takes at once.
    const LONG: usize = 24 << 20;
    const SERVER_WAITS: Duration = Duration::from_millis(500);
    const IDLE: Duration = Duration::from_secs(2);

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
        let file = match head.path() {
            "/file" | "/long" => BodyFile::new(&body, &BodyFile::permits()).unwrap(),
            _ => None,
        };
        send(Ready {
            status: StatusCode::OK,
            rest: &piece,
            piece: &piece,
            file: file.as_ref(),
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
                            .keep_alive(IDLE)
                            .on_connect_ext(|connection: &Connection, data| {
                                data.insert(connection.progress());
                            })
                            .h1(fn_service(answer));
                        apply_fn_factory(http, move |stream, http| {
                            Served::new(stream, shared.clone(), |connection, peer| {
                                http.call((connection, peer))
                            })
                        })
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
            "/kept", "/made", "/kept", "/file", "/kept", "/made", "/made", "/long", "/kept",
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
            for path in ["/made", "/long", "/kept", "/file", "/made", "/long"] {
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

    #[test]
    fn a_connection_stays_open_while_it_is_used_and_is_closed_when_it_is_left_alone() {
        let mut stream = connect();
        let mut memory = 0;
        for _ in 0..30 {
            memory += i32::from(from(&mut stream, &ask("/kept")) == "memory");
            std::thread::sleep(IDLE / 20);
        }
        assert!(memory > 15, "{memory}");
        stream.set_read_timeout(Some(10 * IDLE)).unwrap();
        let end = stream.read(&mut [0]).unwrap();
        assert_eq!(end, 0, "the connection is closed");
    }

    #[test]
    fn who_asks_nothing_more_is_sent_what_they_asked_for_to_the_end() {
        for path in ["/kept", "/made", "/file", "/long"] {
            let mut stream = connect();
            from(&mut stream, &ask("/kept"));
            stream.write_all(ask(path).as_bytes()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            assert!(read(&mut stream).1 == expected(path), "{path}");
            let end = stream.read(&mut [0]).unwrap();
            assert_eq!(end, 0, "the connection is closed");
        }
    }
}
