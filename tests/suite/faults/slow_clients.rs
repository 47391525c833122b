//! Clients that send slowly, never finish or send malformed requests.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{on_both_engines, support::app::TestApp};

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
