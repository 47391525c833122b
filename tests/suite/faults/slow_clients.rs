//! Clients that send or read slowly, never finish or send malformed requests.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    on_both_engines,
    support::{app::TestApp, connect_with_small_buffer},
};

/// Reads until the connection ends: how it ended (a reset is an error) and what was received.
fn read_to_end(stream: &mut TcpStream, timeout_seconds: u64) -> (std::io::Result<usize>, String) {
    stream
        .set_read_timeout(Some(Duration::from_secs(timeout_seconds)))
        .unwrap();
    let mut received = Vec::new();
    let result = stream.read_to_end(&mut received);
    (result, String::from_utf8_lossy(&received).into_owned())
}

on_both_engines! {
    fn slow_connections_are_closed_and_do_not_delay_readers(app: &TestApp) {
        let address = app.app.base_url.trim_start_matches("http://").to_owned();
        let mut slow: Vec<TcpStream> = (0..300)
            .map(|_| {
                let mut stream = TcpStream::connect(&address).unwrap();
                stream
                    .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                    .unwrap();
                stream
            })
            .collect();
        let start = Instant::now();
        for _ in 0..20 {
            assert_eq!(app.status("/"), 200);
        }
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "readers do not wait"
        );
        for stream in &mut slow {
            // A reset connection is also accepted.
            let (_, answer) = read_to_end(stream, 15);
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
                "{answer}"
            );
        }
    }

    fn endless_and_ambiguous_request_heads_are_refused(app: &TestApp) {
        let address = app.app.base_url.trim_start_matches("http://").to_owned();
        let status = |request: &[u8]| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .unwrap();
            // The server may refuse before the whole request is sent.
            let _ = stream.write_all(request);
            let mut answer = [0; 12];
            match stream.read_exact(&mut answer) {
                Ok(()) => String::from_utf8_lossy(&answer[9..]).into_owned(),
                Err(_) => "cut".to_owned(),
            }
        };
        let long = [
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ".to_vec(),
            vec![b'a'; 1 << 20],
        ]
        .concat();
        let many = format!(
            "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
            (0..1_000)
                .map(|n| format!("X-{n}: 1\r\n"))
                .collect::<String>()
        );
        let two_lengths = b"POST /admin/login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc";
        for request in [long.as_slice(), many.as_bytes(), two_lengths] {
            let status = status(request);
            assert!(["400", "431", "cut"].contains(&status.as_str()), "{status}");
        }
        assert_eq!(app.status("/"), 200);
    }

    fn slow_request_bodies_are_cut_off_and_do_not_delay_readers(app: &TestApp) {
        let address = app.app.base_url.trim_start_matches("http://").to_owned();
        let mut slow: Vec<TcpStream> = (0..50)
            .map(|number| {
                let mut stream = TcpStream::connect(&address).unwrap();
                let path = if number % 2 == 0 { "/admin/login" } else { "/" };
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: same-origin\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\nemail="
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream
            })
            .collect();
        for _ in 0..20 {
            assert_eq!(app.status("/"), 200);
        }
        for stream in &mut slow {
            // A reset connection is an error here, and is also accepted.
            let (ended, answer) = read_to_end(stream, 30);
            let timed_out = ended.is_err_and(|error| {
                matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                )
            });
            assert!(!timed_out, "the connection is still open: {answer}");
        }
    }
}

/// A connection on which a page was served already, so that the next may come from the fast path.
fn connect(app: &TestApp) -> TcpStream {
    let mut stream = connect_with_small_buffer(app.address);
    request(&mut stream, app, "/healthz");
    let mut answer = Vec::new();
    while !answer.ends_with(b"alive\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    stream
}

fn request(stream: &mut TcpStream, app: &TestApp, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", app.address);
    stream.write_all(request.as_bytes()).unwrap();
}

/// A picture of 8 MB, a cached page of 210 KB, and the length of the page.
fn long_bodies(app: &TestApp) -> (String, &'static str, usize) {
    let name = format!("{}.jpg", "ab".repeat(16));
    let file = app.app.media.path(&name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, vec![7; 8 << 20]).unwrap();
    let paragraph = "<p>The council voted on the bridge over the estuary late on Tuesday.</p>";
    app.standing_page("Long read", &paragraph.repeat(2_900), "/long-read");
    let length = app.get("/long-read").bytes.len();
    (format!("/media/{name}"), "/long-read", length)
}

/// Clients that never read are cut after 30 s, while one that reads 5 KB/s receives everything.
fn check_clients_that_do_not_read(fast_path: &str) {
    let app = TestApp::with_fast_path(fast_path);
    let (picture, page, length) = long_bodies(&app);
    let mut slow = connect(&app);
    request(&mut slow, &app, page);
    let stuck: Vec<TcpStream> = (0..40)
        .map(|number| {
            let mut stream = connect(&app);
            let path = if number % 2 == 0 {
                picture.as_str()
            } else {
                page
            };
            request(&mut stream, &app, path);
            stream
        })
        .collect();
    let began = Instant::now();
    let reader = std::thread::spawn(move || {
        let mut received = 0;
        while received < length {
            let mut part = [0; 1_000];
            received += match slow.read(&mut part).unwrap() {
                0 => panic!("closed after {received} of {length} bytes"),
                length => length,
            };
            std::thread::sleep(Duration::from_millis(200));
        }
        began.elapsed()
    });
    // A connection that was reset has an error.
    let is_open = |stream: &&TcpStream| stream.take_error().unwrap().is_none();
    let mut open: Vec<&TcpStream> = stuck.iter().collect();
    while !open.is_empty() {
        std::thread::sleep(Duration::from_millis(500));
        open.retain(is_open);
        let passed = began.elapsed();
        assert!(
            passed > Duration::from_secs(20) || open.len() == stuck.len(),
            "cut after {passed:?}"
        );
        assert!(
            passed < Duration::from_secs(50),
            "{} are open after {passed:?}",
            open.len()
        );
    }
    assert_eq!(app.status("/"), 200);
    assert!(reader.join().unwrap() > Duration::from_secs(35));
}

#[test]
fn clients_that_never_read_are_cut_on_the_fast_path() {
    check_clients_that_do_not_read("on");
}

#[test]
fn clients_that_never_read_are_cut_without_fast_path() {
    check_clients_that_do_not_read("off");
}

#[test]
fn clients_that_never_read_do_not_delay_a_stop() {
    for fast_path in ["on", "off"] {
        let mut app = TestApp::with_fast_path(fast_path);
        let (picture, page, _) = long_bodies(&app);
        let _stuck: Vec<TcpStream> = [picture.as_str(), page]
            .into_iter()
            .map(|path| {
                let mut stream = connect(&app);
                request(&mut stream, &app, path);
                stream
            })
            .collect();
        std::thread::sleep(Duration::from_millis(500));
        let began = Instant::now();
        app.stop();
        assert!(began.elapsed() < Duration::from_secs(15), "{fast_path}");
    }
}
