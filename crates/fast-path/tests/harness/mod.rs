//! Sends the same bytes to plain actix-http and to the fast path, and compares what comes back.
//!
//! The differential test and the fuzz target `fast_path` share it.

use std::{cell::Cell, convert::Infallible, fmt, rc::Rc, time::Duration};

use actix_http::{
    HttpMessage, HttpService, Method, Request, Response, StatusCode,
    body::{BodyStream, BoxBody, MessageBody},
    header,
};
use actix_service::{Service, ServiceFactory, fn_service};
use bytes::Bytes;
use fast_path::{
    FastPath, FastPathConnection, InnerStream, PendingResponse, SequentialStream, SimpleRequest,
    WireResponse,
};
use futures_util::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};

/// Separates two writes in the input: the second begins when the response to the first was read.
pub const PAUSE: u8 = 0;

/// The path of a page whose body is larger than the stream's buffers; other paths with a prefix of `/cached` are small.
const LARGE: &str = "/cached/large";
const TAG: &str = "\"tag\"";
const HEADERS: [(header::HeaderName, &str); 2] =
    [(header::ETAG, TAG), (header::VARY, "accept-encoding")];
/// How long the stream must be silent, in virtual time. Shorter than every timeout of the server.
const SILENCE: Duration = Duration::from_secs(1);
/// Longer than a test, in the real time that the fast path measures; the first request still passes through.
const PASSTHROUGH_INTERVAL: Duration = Duration::from_secs(3_600);
/// Longer than every timeout of the server, in virtual time.
const END: Duration = Duration::from_secs(40);

/// What the server sent, without the `Date` headers, and with the headers of each response in alphabetical order.
#[derive(PartialEq, Eq)]
pub struct Transcript {
    /// Response bytes after each write, and after the client closed its half of the connection.
    pub writes: Vec<Vec<u8>>,
    /// After how many of the writes the connection was closed; `None` if it was still open after the last.
    pub closed_after: Option<usize>,
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for write in &self.writes {
            writeln!(f, "----\n{}", write[..write.len().min(200)].escape_ascii())?;
        }
        write!(f, "closed after {:?}", self.closed_after)
    }
}

/// Sends `input` to both, each on streams that buffer `capacity` bytes; returns what plain actix-http sent, what the fast
/// path sent, and how many responses came from the cache.
///
/// Before the input, one request is sent that passes through, so that the connection is eligible for the fast path.
pub fn compare(input: &[u8], capacity: usize) -> (Transcript, Transcript, u32) {
    let mut writes = vec![&b"GET /cached HTTP/1.1\r\nhost: a\r\n\r\n"[..]];
    writes.extend(input.split(|byte| *byte == PAUSE));
    let (fast, hits) = fast(&writes, capacity);
    (plain(&writes, capacity), fast, hits)
}

/// What plain actix-http sends.
pub fn plain(writes: &[&[u8]], capacity: usize) -> Transcript {
    run(writes, capacity, serve_plain)
}

/// What the fast path sends, and how many responses came from the cache.
pub fn fast(writes: &[&[u8]], capacity: usize) -> (Transcript, u32) {
    let hits = Rc::new(Cell::new(0));
    let fast = run(writes, capacity, |stream| {
        serve_with_fast_path(stream, hits.clone())
    });
    (fast, hits.get())
}

/// Starts a server on a stream and talks to it. Each server has a separate clock, which starts at the real time, as
/// the first timer of actix-http does.
fn run<Server: Future<Output = ()> + 'static>(
    writes: &[&[u8]],
    capacity: usize,
    server: impl FnOnce(DuplexStream) -> Server,
) -> Transcript {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let (client, stream) = tokio::io::duplex(capacity);
        tokio::task::spawn_local(server(stream));
        exchange(client, writes).await
    })
}

async fn serve_plain(stream: DuplexStream) {
    let http = HttpService::build()
        .client_request_timeout(5 * SILENCE)
        .client_disconnect_timeout(2 * SILENCE)
        .keep_alive(30 * SILENCE)
        .on_connect_ext(|stream: &SequentialStream<DuplexStream>, data| {
            data.insert(stream.in_flight());
        })
        .h1(fn_service(respond));
    let http = http.new_service(()).await.unwrap();
    let stream = SequentialStream::new(stream, Rc::default());
    // An error is a connection that the server closed; the transcript shows it.
    let _ = http.call((stream, None)).await;
}

async fn serve_with_fast_path(stream: DuplexStream, hits: Rc<Cell<u32>>) {
    let http = HttpService::build()
        .client_request_timeout(5 * SILENCE)
        .client_disconnect_timeout(2 * SILENCE)
        .keep_alive(30 * SILENCE)
        .on_connect_ext(
            |stream: &SequentialStream<InnerStream<DuplexStream>>, data| {
                data.insert(stream.in_flight());
            },
        )
        .h1(fn_service(respond));
    let http = http.new_service(()).await.unwrap();
    let fast_path = FastPath::new(PASSTHROUGH_INTERVAL, move |request, send| {
        if look_up(request, send) {
            hits.set(hits.get() + 1);
        }
    });
    let connection = FastPathConnection::new(stream, None, Rc::new(fast_path), |stream| {
        let in_flight = stream.in_flight();
        http.call((SequentialStream::new(stream, in_flight), None))
    });
    // An error is a connection that the server closed; the transcript shows it.
    let _ = connection.await;
}

/// Writes the parts of a request stream one after another, and reads what comes back after each.
async fn exchange(client: DuplexStream, writes: &[&[u8]]) -> Transcript {
    let (mut reader, mut writer) = tokio::io::split(client);
    let mut transcript = Transcript {
        writes: Vec::new(),
        closed_after: None,
    };
    for (number, write) in writes.iter().enumerate() {
        // An error is a connection that the server closed; the transcript shows it.
        let written = async {
            let _ = timeout(END, writer.write_all(write)).await;
        };
        let (_, (received, is_closed)) =
            futures_util::future::join(written, read(&mut reader, SILENCE)).await;
        transcript.writes.push(normalized(&received));
        if is_closed {
            transcript.closed_after = Some(number);
            return transcript;
        }
    }
    let _ = writer.shutdown().await;
    let (received, is_closed) = read(&mut reader, END).await;
    assert!(is_closed, "the server closes the connection in the end");
    transcript.writes.push(normalized(&received));
    transcript
}

/// Reads until the stream has been silent for this long or is closed.
async fn read(reader: &mut (impl AsyncReadExt + Unpin), silence: Duration) -> (Vec<u8>, bool) {
    let mut received = Vec::new();
    loop {
        match timeout(silence, reader.read_buf(&mut received)).await {
            Ok(Ok(1..)) => {}
            Ok(_) => return (received, true),
            Err(_) => return (received, false),
        }
    }
}

/// Sorts the headers of each response and removes `Date`. No body of this module contains `HTTP/1.`.
fn normalized(received: &[u8]) -> Vec<u8> {
    let mut normalized = Vec::new();
    let mut rest = received;
    loop {
        let (body, head) = rest.split_at(find(rest, b"HTTP/1.").unwrap_or(rest.len()));
        normalized.extend_from_slice(body);
        let Some(end) = find(head, b"\r\n\r\n") else {
            normalized.extend_from_slice(head);
            return normalized;
        };
        let (head, body) = head.split_at(end);
        let head = String::from_utf8_lossy(head);
        let mut lines: Vec<&str> = head.split("\r\n").collect();
        lines.retain(|line| !line.starts_with("date: "));
        lines[1..].sort_unstable();
        normalized.extend_from_slice(lines.join("\r\n").as_bytes());
        rest = body;
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// The body of a cached page.
fn cached(path: &str) -> Option<Vec<u8>> {
    match path {
        LARGE => Some(b"large page\r\n\r\n".repeat(5_000)),
        _ if path.starts_with("/cached") => Some(b"a page ".repeat(100)),
        _ => None,
    }
}

/// Whether `if-none-match` is the tag of the cached page.
fn is_known<'r>(mut values: impl Iterator<Item = &'r [u8]>) -> bool {
    values.next() == Some(TAG.as_bytes())
}

/// The lookup of the fast path: the pages that [`respond`] serves under the same paths.
fn look_up(request: &SimpleRequest<'_>, send: &mut dyn FnMut(WireResponse<'_>)) -> bool {
    let Some(body) = cached(request.path()) else {
        return false;
    };
    let mut lines = String::new();
    for (name, value) in HEADERS {
        lines += &format!("{name}: {value}\r\n");
    }
    lines += "\r\n";
    let length = format!("content-length: {}\r\n", body.len());
    let head = length.len() + lines.len();
    let buffer = Bytes::from([length.as_bytes(), lines.as_bytes(), &body].concat());
    let (status, head_and_body) = if is_known(request.values(&header::IF_NONE_MATCH)) {
        (StatusCode::NOT_MODIFIED, &buffer[length.len()..head])
    } else if *request.method() == Method::HEAD {
        (StatusCode::OK, &buffer[..head])
    } else {
        (StatusCode::OK, &buffer[..])
    };
    send(WireResponse {
        status,
        head_and_body,
        buffer: &buffer,
    });
    true
}

/// The inner service: cached pages under `/cached…`, a chunked body under `/stream`, otherwise the length of the request's
/// body.
async fn respond(mut request: Request) -> Result<Response<BoxBody>, Infallible> {
    let pending = PendingResponse::of(&request);
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = if let Some(body) = cached(request.path()).filter(|_| is_read) {
        let known = request.headers().get_all(header::IF_NONE_MATCH);
        let mut response = match is_known(known.map(|value| value.as_bytes())) {
            true => Response::new(StatusCode::NOT_MODIFIED),
            false => Response::with_body(StatusCode::OK, body.boxed()),
        };
        for (name, value) in HEADERS {
            let value = header::HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    } else if request.path() == "/stream" {
        tokio::time::sleep(SILENCE / 100).await;
        let chunks = stream::iter(["one ", "two ", "three"])
            .map(|chunk| Ok::<_, Infallible>(Bytes::from_static(chunk.as_bytes())));
        Response::with_body(StatusCode::OK, BodyStream::new(chunks).boxed())
    } else {
        let mut length = 0;
        let mut is_complete = true;
        let mut payload = request.take_payload();
        while let Some(chunk) = payload.next().await {
            match chunk {
                Ok(chunk) => length += chunk.len(),
                Err(_) => is_complete = false,
            }
        }
        let text = format!("{} {length} {is_complete}", request.method());
        Response::with_body(StatusCode::OK, text.boxed())
    };
    Ok(pending.attach(response))
}
