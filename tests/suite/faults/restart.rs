//! Restarts with a listening socket that the service manager keeps open.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::server_process::ServerClient;

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
