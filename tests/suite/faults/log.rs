//! The log of a server: what is written at which level, and that clients cannot fill it.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::{Command, Stdio},
};

use super::server_process::ServerClient;

/// Runs a server, lets `work` talk to its address, and returns what it has logged to a file.
fn log_of(level: &str, work: impl FnOnce(&str, &ServerClient)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let address = format!("127.0.0.1:{port}");
    let mut server = Command::new(env!("CARGO_BIN_EXE_dateline"))
        .arg("--data-dir")
        .arg(folder.path().join("data"))
        .args(["--bind", &address, "--log-level", level, "serve"])
        .env_remove("DATELINE_REQUIRE")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&file).unwrap())
        .spawn()
        .unwrap();
    let client = ServerClient::new(port);
    client.wait_until_ready();
    work(&address, &client);
    server.kill().unwrap();
    server.wait().unwrap();
    std::fs::read_to_string(&file).unwrap()
}

/// Sends bytes that are not a request, and waits until the connection ends.
fn send_malformed(address: &str, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    // The server may refuse before everything is sent.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
        "{answer}"
    );
}

#[test]
fn malformed_requests_cannot_fill_the_log() {
    let log = log_of("debug", |address, _| {
        for number in 0..40 {
            send_malformed(address, format!("\x16\x03\x01 {number}\r\n\r\n").as_bytes());
            send_malformed(address, b"GET / HTTP/1.1\r\nhost: a\r\nb\r\n\r\n");
            send_malformed(address, b"GET / HTTP/9.9\r\nhost: a\r\n\r\n");
        }
        let long = [b"GET / HTTP/1.1\r\nx: ", vec![b'a'; 300_000].as_slice()].concat();
        send_malformed(address, &long);
    });
    let lines = |part: &str| log.lines().filter(|line| line.contains(part)).count();
    assert_eq!(lines("ERROR"), 0, "{log}");
    // One at first, and one in each ten seconds that the test takes.
    let malformed = lines("a request is malformed");
    assert!((1..=20).contains(&malformed), "{malformed}: {log}");
}

#[test]
fn requests_are_logged_at_debug_and_files_have_no_colours() {
    let work = |_: &str, client: &ServerClient| {
        assert_eq!(client.get("/search").unwrap().status, 200);
        assert_eq!(client.get("/nowhere").unwrap().status, 404);
    };
    let debug = log_of("debug", work);
    assert!(debug.contains("path=\"/search\" status=200"), "{debug}");
    assert!(debug.contains("DEBUG request"), "{debug}");
    let info = log_of("info", work);
    assert!(info.contains("INFO serving"), "{info}");
    assert!(!info.contains("INFO request"), "{info}");
    assert!(!info.contains("DEBUG"), "{info}");
    for log in [debug, info] {
        assert!(!log.contains('\x1b'), "{log}");
    }
}
