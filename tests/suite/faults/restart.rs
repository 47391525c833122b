//! Stops and restarts: connections get their answers, or are refused before they are accepted.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::server_process::ServerClient;
use crate::support::app::TestApp;

#[test]
fn a_restart_with_socket_activation_refuses_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // systemd socket activation: the socket is descriptor 3, and LISTEN_PID names the process.
    let start = || {
        Command::new("sh")
            .args(["-c", "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" --data-dir \"$1\" serve"])
            .arg(env!("CARGO_BIN_EXE_dateline"))
            .arg(&data)
            .env_remove("DATELINE_REQUIRE")
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(listener.try_clone().unwrap())))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut server = start();
    ServerClient::new(port).wait_until_ready();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut answered = 0;
                    while !stop.load(Ordering::Relaxed) {
                        // A new connection for each request.
                        let page = ServerClient::new(port)
                            .get("/latest")
                            .expect("every request is answered");
                        assert_eq!(page.status, 200);
                        answered += 1;
                    }
                    answered
                })
            })
            .collect();
        for _ in 0..4 {
            std::thread::sleep(Duration::from_millis(150));
            let pid = server.id().to_string();
            assert!(
                Command::new("kill")
                    .args(["-TERM", &pid])
                    .status()
                    .unwrap()
                    .success()
            );
            assert!(server.wait().unwrap().success());
            server = start();
            // A server that is not ready yet does not handle SIGTERM.
            ServerClient::new(port).wait_until_ready();
        }
        stop.store(true, Ordering::Relaxed);
        let answered: u32 = readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .sum();
        assert!(answered > 20, "{answered}");
    });
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Reads the head of a response and the body that it announces.
fn read_answer(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    stream.read_exact(&mut vec![0; length])?;
    Ok(head)
}

#[test]
fn the_last_answer_before_a_stop_closes_the_connection() {
    for fast_path in ["on", "off"] {
        let mut app = TestApp::with_fast_path(fast_path);
        let address = app.address;
        app.get("/");
        let clients: Vec<_> = ["/", "/search", "/healthz", "/nowhere"]
            .into_iter()
            .map(|path| {
                let mut stream = TcpStream::connect(address).unwrap();
                let (started, start) = std::sync::mpsc::channel();
                let client = std::thread::spawn(move || {
                    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
                    for number in 0.. {
                        stream.write_all(request.as_bytes()).unwrap();
                        let head = read_answer(&mut stream).unwrap();
                        if number == 3 {
                            started.send(()).unwrap();
                        }
                        if head.to_ascii_lowercase().contains("\r\nconnection: close") {
                            break;
                        }
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "closed after it");
                });
                start.recv().unwrap();
                client
            })
            .collect();
        app.stop();
        for client in clients {
            client.join().unwrap();
        }
    }
}

#[test]
fn a_connection_that_is_accepted_during_a_stop_is_answered() {
    for _ in 0..3 {
        let mut app = TestApp::on_sqlite();
        let address = app.address;
        app.get("/");
        let clients: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(move || {
                    let mut answered = 0;
                    loop {
                        let limit = Duration::from_millis(500);
                        let mut stream = match TcpStream::connect_timeout(&address, limit) {
                            Ok(stream) => stream,
                            Err(error) => {
                                let kinds = [ErrorKind::ConnectionRefused, ErrorKind::TimedOut];
                                assert!(kinds.contains(&error.kind()), "{error}");
                                return answered;
                            }
                        };
                        let request = format!(
                            "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
                        );
                        stream.write_all(request.as_bytes()).unwrap();
                        let head = read_answer(&mut stream).expect("an answer");
                        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
                        answered += 1;
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(200));
        app.stop();
        let answered: u32 = clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum();
        assert!(answered > 10, "{answered}");
    }
}
