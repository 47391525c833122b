//! The fast path over TCP, in front of actix-http.

use std::{
    convert::Infallible,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};

use actix_http::{
    HttpService, Request, Response, StatusCode,
    body::{BodyStream, BoxBody},
    header,
};
use actix_server::Server;
use actix_service::{Service, apply_fn_factory, fn_service};
use bytes::Bytes;
use fast_path::{
    FastPath, FastPathConnection, InnerStream, PendingResponse, SimpleRequest, WireResponse,
};
use futures_util::stream;
use tokio::net::TcpSocket;

/// Bytes; more than the socket buffers of a connection hold.
const LARGE: usize = 24 << 20;
/// Bytes of a long page.
const PAGE: usize = 210_000;
const PASSTHROUGH_INTERVAL: Duration = Duration::from_millis(800);
const KEEP_ALIVE: Duration = Duration::from_secs(2);
const DISCONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// The body under a path, the same on both paths.
fn body(path: &str) -> Vec<u8> {
    match path {
        "/large" => vec![b'x'; LARGE],
        "/page" => (0..PAGE).map(|place| (place % 251) as u8).collect(),
        // A body that looks like a response must not be taken for one.
        "/stream" => b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".repeat(5),
        _ => b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nkept".repeat(100),
    }
}

/// The body of `/stream` in chunks.
fn chunks() -> impl stream::Stream<Item = io::Result<Bytes>> {
    stream::unfold(0, |sent| async move {
        actix_rt::time::sleep(Duration::from_millis(1)).await;
        let chunk = Bytes::from_static(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        (sent < 5).then_some((Ok(chunk), sent + 1))
    })
}

/// Everything but `/stream` is in the cache.
fn look_up(request: &SimpleRequest<'_>, send: &mut dyn FnMut(WireResponse<'_>)) {
    if request.path() == "/stream" {
        return;
    }
    let body = body(request.path());
    let head = format!("content-length: {}\r\nfrom: cache\r\n\r\n", body.len());
    let buffer = Bytes::from([head.as_bytes(), &body].concat());
    send(WireResponse {
        status: StatusCode::OK,
        head_and_body: &buffer,
        buffer: &buffer,
    });
}

async fn respond(request: Request) -> Result<Response<BoxBody>, Infallible> {
    let pending = PendingResponse::of(&request);
    let mut response = Response::build(StatusCode::OK);
    response.insert_header((header::FROM, "inner"));
    if request.path() != "/stream" {
        let response = response.body(body(request.path()));
        return Ok(pending.attach(response.map_into_boxed_body()));
    }
    actix_rt::time::sleep(Duration::from_millis(1)).await;
    let response = response.body(BodyStream::new(Box::pin(chunks())));
    Ok(pending.attach(response.map_into_boxed_body()))
}

/// Starts a server that runs until the process ends. `send_buffer` is in bytes, as the kernel counts them.
fn serve(has_fast_path: bool, send_buffer: Option<u32>) -> SocketAddr {
    let (started, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_rt::System::new().block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            if let Some(bytes) = send_buffer {
                socket.set_send_buffer_size(bytes).unwrap();
            }
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(16).unwrap().into_std().unwrap();
            started.send(listener.local_addr().unwrap()).unwrap();
            let server = Server::build().workers(1).disable_signals();
            let server = match has_fast_path {
                true => server.listen("test", listener, || {
                    let fast_path = Rc::new(FastPath::new(PASSTHROUGH_INTERVAL, look_up));
                    let http = HttpService::build()
                        .keep_alive(KEEP_ALIVE)
                        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
                        .on_connect_ext(|stream: &InnerStream<actix_rt::net::TcpStream>, data| {
                            data.insert(stream.in_flight());
                        })
                        .h1(fn_service(respond));
                    apply_fn_factory(http, move |stream: actix_rt::net::TcpStream, http| {
                        let peer = stream.peer_addr().ok();
                        FastPathConnection::new(stream, peer, fast_path.clone(), |stream| {
                            http.call((stream, peer))
                        })
                    })
                }),
                false => server.listen("test", listener, || {
                    let http = HttpService::build()
                        .keep_alive(KEEP_ALIVE)
                        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
                        .h1(fn_service(respond));
                    apply_fn_factory(http, |stream: actix_rt::net::TcpStream, http| {
                        let peer = stream.peer_addr().ok();
                        http.call((stream, peer))
                    })
                }),
            };
            server.unwrap().run().await
        })
    });
    address.recv().unwrap()
}

fn connect() -> TcpStream {
    TcpStream::connect(serve(true, None)).unwrap()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")
}

/// Reads up to and including `end`.
fn read_until(stream: &mut TcpStream, end: &[u8]) -> String {
    let mut text = Vec::new();
    while !text.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        text.extend(byte);
    }
    String::from_utf8(text).unwrap()
}

/// The value of a header; names are compared as they are written.
fn value<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Reads one response: where it came from, and its body.
fn read(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let head = read_until(stream, b"\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let date = value(&head, "date").unwrap();
    let date = httpdate::parse_http_date(date).unwrap();
    let age = SystemTime::now().duration_since(date).unwrap_or_default();
    assert!(age < Duration::from_secs(60), "{age:?}");
    let from = value(&head, "from").unwrap().to_owned();
    let mut body = Vec::new();
    let mut take = |length: usize, stream: &mut TcpStream| {
        let before = body.len();
        body.resize(before + length, 0);
        stream.read_exact(&mut body[before..]).unwrap();
    };
    if let Some(length) = value(&head, "content-length") {
        take(length.parse().unwrap(), stream);
        return (from, body);
    }
    assert_eq!(value(&head, "transfer-encoding"), Some("chunked"));
    loop {
        let line = read_until(stream, b"\r\n");
        let length = usize::from_str_radix(line.trim(), 16).unwrap();
        take(length, stream);
        read_until(stream, b"\r\n");
        if length == 0 {
            return (from, body);
        }
    }
}

/// Sends a request; returns where the response came from.
fn source(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    read(stream).0
}

fn assert_closed(stream: &mut TcpStream) {
    assert_eq!(
        stream.read(&mut [0]).unwrap(),
        0,
        "the connection is closed"
    );
}

#[test]
fn cached_responses_are_served_once_the_inner_service_knows_the_connection() {
    let mut stream = connect();
    let mut source = |request: &str| source(&mut stream, request);
    assert_eq!(source(&get("/cached")), "inner");
    for _ in 0..3 {
        assert_eq!(source(&get("/cached")), "cache");
    }
    assert_eq!(source(&get("/stream")), "inner");
    assert_eq!(source(&get("/cached")), "cache");
    // The inner service would close the connection as idle otherwise.
    std::thread::sleep(PASSTHROUGH_INTERVAL);
    assert_eq!(source(&get("/cached")), "inner");
    assert_eq!(source(&get("/cached")), "cache");
}

#[test]
fn anything_but_one_simple_request_goes_to_the_inner_service() {
    for head in [
        "GET /cached HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\nhi",
        "GET /cached HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\n\r\n\r\n",
        "GET /cached HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /cached HTTP/1.1\r\nhost: test\r\nupgrade: h2c\r\n\r\n",
        "GET http://test/cached HTTP/1.1\r\nhost: test\r\n\r\n",
        "POST /cached HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n",
    ] {
        let mut stream = connect();
        source(&mut stream, &get("/cached"));
        assert_eq!(source(&mut stream, &get("/cached")), "cache");
        assert_eq!(source(&mut stream, head), "inner", "{head}");
    }
    let mut stream = connect();
    source(&mut stream, &get("/cached"));
    let (first, last) = ("GET /cached HTTP/1.1\r\nho", "st: test\r\n\r\n");
    stream.write_all(first.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(source(&mut stream, last), "inner");
}

#[test]
fn pipelined_requests_get_complete_responses_in_order() {
    let mut stream = connect();
    let paths = [
        "/cached", "/stream", "/cached", "/page", "/cached", "/stream", "/stream", "/large",
        "/cached",
    ];
    for first in 0..paths.len() {
        let paths = &paths[first..];
        let requests: String = paths.iter().map(|path| get(path)).collect();
        stream.write_all(requests.as_bytes()).unwrap();
        for path in paths {
            assert!(read(&mut stream).1 == body(path), "{path} of {paths:?}");
        }
    }
}

#[test]
fn a_request_during_a_response_gets_a_complete_response_after_it() {
    for pause in [0, 1, 2, 3, 5, 8, 30] {
        let mut stream = connect();
        for path in ["/stream", "/large", "/cached", "/page", "/stream", "/large"] {
            stream.write_all(get(path).as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(pause));
            stream.write_all(get("/cached").as_bytes()).unwrap();
            for path in [path, "/cached"] {
                assert!(read(&mut stream).1 == body(path), "{path}");
            }
        }
    }
}

#[test]
fn a_client_that_pauses_receives_the_complete_response() {
    for _ in 0..2 {
        let mut stream = connect();
        source(&mut stream, &get("/cached"));
        stream.write_all(get("/large").as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let (source, received) = read(&mut stream);
        assert_eq!(source, "cache");
        assert!(received == body("/large"));
        let last = "GET /large HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
        stream.write_all(last.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert!(read(&mut stream).1 == body("/large"));
        assert_closed(&mut stream);
    }
}

/// Reads a page over small socket buffers, so slowly that the server waits for longer than its timeouts.
fn read_slowly(has_fast_path: bool) {
    let address = serve(has_fast_path, Some(4_096));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    source(&mut stream, &get("/cached"));
    stream.write_all(get("/page").as_bytes()).unwrap();
    let head = read_until(&mut stream, b"\r\n\r\n");
    let expected_source = if has_fast_path { "cache" } else { "inner" };
    assert_eq!(value(&head, "from"), Some(expected_source));
    let began = Instant::now();
    let mut received = Vec::new();
    while received.len() < PAGE {
        std::thread::sleep(Duration::from_millis(50));
        let mut part = [0; 2_000];
        match stream.read(&mut part).unwrap() {
            0 => panic!("closed after {} of {PAGE} bytes", received.len()),
            length => received.extend_from_slice(&part[..length]),
        }
    }
    assert!(began.elapsed() > 2 * (KEEP_ALIVE + DISCONNECT_TIMEOUT));
    assert!(received == body("/page"));
}

#[test]
fn a_slow_client_of_a_long_page_receives_all_of_it_on_the_fast_path() {
    read_slowly(true);
}

#[test]
fn a_slow_client_of_a_long_page_receives_all_of_it_without_fast_path() {
    read_slowly(false);
}

#[test]
fn a_client_that_expects_100_continue_receives_it_before_the_response() {
    let mut stream = connect();
    source(&mut stream, &get("/cached"));
    let expects = "GET /cached HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(expects.as_bytes()).unwrap();
    let interim = read_until(&mut stream, b"\r\n\r\n");
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(read(&mut stream).1 == body("/cached"));
}

#[test]
fn a_connection_stays_open_while_it_is_used_and_closes_when_idle() {
    let mut stream = connect();
    let mut hits = 0;
    for _ in 0..30 {
        hits += i32::from(source(&mut stream, &get("/cached")) == "cache");
        std::thread::sleep(KEEP_ALIVE / 20);
    }
    assert!(hits > 15, "{hits}");
    stream.set_read_timeout(Some(10 * KEEP_ALIVE)).unwrap();
    assert_closed(&mut stream);
}

#[test]
fn a_client_that_closes_its_half_receives_the_complete_response() {
    for path in ["/cached", "/stream", "/page", "/large"] {
        let mut stream = connect();
        source(&mut stream, &get("/cached"));
        stream.write_all(get(path).as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(read(&mut stream).1 == body(path), "{path}");
        assert_closed(&mut stream);
    }
}
