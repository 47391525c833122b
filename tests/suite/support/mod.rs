//! Test support: a running application on either database engine, fixtures, clients and fake servers.

pub mod app;
pub mod browser;
pub mod fixtures;
pub mod hub;
pub mod mail;
pub mod page;
pub mod postgres;
pub mod staff;
pub mod timeline_consistency;
pub mod xml;

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
};

use tokio::net::TcpSocket;

/// A connection whose client buffers only a few kilobytes, so that the server notices what it does not read. The standard
/// library cannot set the size of the buffer.
pub fn connect_with_small_buffer(address: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let stream = socket.connect(address).await.unwrap();
        stream.into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream
}

/// Declares tests that run on SQLite and on PostgreSQL, each with a new [`app::TestApp`].
#[macro_export]
macro_rules! on_both_engines {
    ($(fn $name:ident($app:ident: &TestApp) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                fn check($app: &TestApp) $body

                #[test]
                fn on_sqlite() {
                    check(&TestApp::on_sqlite());
                }

                #[test]
                fn on_postgres() {
                    if let Some(app) = TestApp::on_postgres() {
                        check(&app);
                    }
                }
            }
        )+
    };
}

/// Reports a test as skipped because something is not installed; fails if `DATELINE_REQUIRE` lists it.
pub fn skip(requirement: &str, reason: &str) {
    let required = std::env::var("DATELINE_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|required| required == requirement),
        "{requirement} is required, but {reason}"
    );
    // Not `eprintln!`, whose output the test runner hides when the test passes.
    let message = format!("SKIPPED, {requirement} is not available: {reason}\n");
    std::io::stderr().write_all(message.as_bytes()).unwrap();
}

/// A file of the npm packages in `tests/`; `None`, reported as skipped, if they are not installed.
pub fn npm_file(name: &str) -> Option<std::path::PathBuf> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/node_modules")
        .join(name);
    if !path.exists() {
        skip("browser", "`npm ci --prefix tests` has not been run");
        return None;
    }
    Some(path)
}
