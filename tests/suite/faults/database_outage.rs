//! A database that is frozen, down or locked: cached pages are served, everything else answers 503.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use dateline::db::DatabaseUrl;
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use super::{DRAFT_FIELDS, site_with_editor, wait_until_ok};
use crate::support::{app::TestApp, postgres};

/// A TCP proxy that can be frozen: connections stay open, but no data is forwarded.
struct FreezableProxy {
    port: u16,
    frozen: Arc<AtomicBool>,
}

impl FreezableProxy {
    fn new(upstream_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local_port = listener.local_addr().unwrap().port();
        let frozen = Arc::new(AtomicBool::new(false));
        let flag = frozen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let client = stream.unwrap();
                let server = TcpStream::connect(("127.0.0.1", upstream_port)).unwrap();
                for (mut from, mut to) in [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server, client),
                ] {
                    let flag = flag.clone();
                    std::thread::spawn(move || {
                        let mut buffer = [0; 1 << 16];
                        while let Ok(read @ 1..) = from.read(&mut buffer) {
                            while flag.load(Ordering::Relaxed) {
                                std::thread::sleep(Duration::from_millis(10));
                            }
                            if to.write_all(&buffer[..read]).is_err() {
                                return;
                            }
                        }
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        Self {
            port: local_port,
            frozen,
        }
    }

    fn set_frozen(&self, frozen: bool) {
        self.frozen.store(frozen, Ordering::Relaxed);
    }
}

#[test]
fn a_frozen_postgres_leaves_cached_pages_and_503_within_seconds() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let mut url = url::Url::parse(&url).unwrap();
    let proxy = FreezableProxy::new(url.port().unwrap());
    url.set_port(Some(proxy.port)).unwrap();
    let app = TestApp::on_database(&DatabaseUrl::parse(url.as_str()).unwrap());
    let (cached, uncached, editor) = site_with_editor(&app);
    proxy.set_frozen(true);
    for _ in 0..3 {
        let start = Instant::now();
        assert_eq!(app.status(&cached), 200, "it is cached");
        assert!(start.elapsed() < Duration::from_secs(6));
    }
    std::thread::scope(|scope| {
        // More requests than there are connections in the pool.
        let requests: Vec<_> = (0..40)
            .map(|number| {
                let (app, uncached) = (&app, &uncached);
                scope.spawn(move || {
                    let start = Instant::now();
                    let path = if number % 2 == 0 {
                        uncached.clone()
                    } else {
                        format!("/search?q=x{number}")
                    };
                    let page = app.get(&path);
                    (
                        page.status,
                        page.header("retry-after").is_some(),
                        start.elapsed(),
                    )
                })
            })
            .collect();
        let answers: Vec<_> = requests
            .into_iter()
            .map(|request| request.join().unwrap())
            .collect();
        proxy.set_frozen(false);
        for (status, has_retry_after, elapsed) in &answers {
            assert_eq!((*status, *has_retry_after), (503, true));
            assert!(*elapsed < Duration::from_secs(8), "{elapsed:?}");
        }
        proxy.set_frozen(true);
    });
    let start = Instant::now();
    assert_eq!(app.status("/search?q=nothing"), 503);
    assert!(
        start.elapsed() < Duration::from_secs(6),
        "the outage is known by now"
    );
    let page = editor.post("/admin/articles/new", &DRAFT_FIELDS);
    assert_eq!(page.status, 503);
    assert!(page.body.contains("My words.") && page.body.contains("kept on this page"));
    proxy.set_frozen(false);
    wait_until_ok(&app, &uncached);
    assert_eq!(
        editor.post("/admin/articles/new", &DRAFT_FIELDS).status,
        303
    );
}

#[test]
fn a_stopped_postgres_leaves_cached_pages_and_recovers() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let app = TestApp::on_database(&DatabaseUrl::parse(&url).unwrap());
    let (cached, uncached, editor) = site_with_editor(&app);
    postgres::set_down(&url, true);
    let cached_page = app.get(&cached);
    assert_eq!(cached_page.status, 200, "it is cached");
    let start = Instant::now();
    let failed = app.get(&uncached);
    assert_eq!(
        (failed.status, failed.header("retry-after").is_some()),
        (503, true)
    );
    let page = editor.post("/admin/articles/new", &DRAFT_FIELDS);
    assert_eq!(page.status, 503);
    assert!(page.body.contains("My words."), "{}", page.body);
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "requests fail fast"
    );
    postgres::set_down(&url, false);
    wait_until_ok(&app, &uncached);
    assert_eq!(
        editor.post("/admin/articles/new", &DRAFT_FIELDS).status,
        303
    );
}

#[test]
fn a_locked_sqlite_serves_readers_and_answers_503_to_saves() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let app = TestApp::with_data_dir(&data);
    let (cached, uncached, editor) = site_with_editor(&app);
    let file = data.join("dateline.db");
    let mut other_process = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    other_process.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert_eq!(app.status(&cached), 200, "from the cache");
    assert_eq!(app.status(&uncached), 200, "from the database");
    let start = Instant::now();
    let page = editor.post("/admin/articles/new", &DRAFT_FIELDS);
    assert_eq!(page.status, 503);
    assert!(page.body.contains("My words."), "{}", page.body);
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "a save waits for the lock only for a limited time"
    );
    // A save that waits for one second succeeds.
    let lock_holder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        other_process.batch_execute("ROLLBACK").unwrap();
    });
    assert_eq!(
        editor.post("/admin/articles/new", &DRAFT_FIELDS).status,
        303
    );
    lock_holder.join().unwrap();
}
