//! What may break, broken on purpose.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use dateline::db::{DatabaseUrl, Db};

use crate::support::app::TestApp;

/// An export of so many small posts.
fn export(posts: u32) -> String {
    let items: String = (1..=posts)
        .map(|id| {
            format!(
                "<item><title>Story {id}</title><link>https://old.example/2020/01/01/story-{id}/</link>\
                 <dc:creator>aqsa</dc:creator><wp:post_id>{id}</wp:post_id>\
                 <wp:post_date_gmt>2020-01-01 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status>\
                 <wp:post_type>post</wp:post_type><category domain=\"category\" nicename=\"news\">News</category>\
                 <content:encoded><![CDATA[{}]]></content:encoded></item>",
                "Some words about what happened. ".repeat(40)
            )
        })
        .collect();
    format!(
        "<rss xmlns:dc=\"d\" xmlns:wp=\"w\" xmlns:content=\"c\"><channel><title>Old</title>\
         <link>https://old.example</link>{items}</channel></rss>"
    )
}

#[test]
fn an_import_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.xml");
    std::fs::write(&file, export(2_500)).unwrap();
    let data = folder.path().join("data");
    let import = || {
        Command::new(env!("CARGO_BIN_EXE_dateline"))
            .args(["import", "wordpress"])
            .arg(&file)
            .arg("--data-dir")
            .arg(&data)
            .env_remove("DATELINE_REQUIRE")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    for round in 0..12_u64 {
        let mut child = import();
        // Each time a little later, so that every part of the work is hit.
        std::thread::sleep(Duration::from_millis(40 + round * 130));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let whole = import().wait_with_output().unwrap();
    assert!(whole.status.success());
    let database = data.join("dateline.db");
    let url = DatabaseUrl::Sqlite(database.clone());
    url.check_snapshot(&database).unwrap();
    let db = Db::open(&url, 1).unwrap();
    let counted = db.record_blocking(|conn| -> dateline::error::Result<_> {
        use dateline::models::{river, search};
        let now = chrono::Utc::now().naive_utc();
        let page = river::page(
            conn,
            river::SITE,
            river::Period::Ever,
            chrono_tz::UTC,
            now,
            1,
            20,
        )?;
        let found = search::newest(conn, "2500", now)?;
        Ok((page.map(|page| page.entries), found.len()))
    });
    assert_eq!(counted.unwrap(), (Some(2_500), 1));
}

#[test]
fn slow_and_idle_connections_are_closed_while_readers_go_on() {
    let app = TestApp::on_sqlite();
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
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(app.status("/"), 200);
    }
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "readers do not wait"
    );
    for stream in &mut slow {
        stream
            .set_read_timeout(Some(Duration::from_secs(15)))
            .unwrap();
        let mut answer = Vec::new();
        // An error is a connection that was cut, which is what is wanted too.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
}

#[test]
fn a_head_without_end_is_refused() {
    let app = TestApp::on_sqlite();
    let address = app.app.base_url.trim_start_matches("http://").to_owned();
    let status = |request: &[u8]| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        // It may be refused before all of it is sent.
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
    let two = b"POST /admin/login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc";
    for request in [long.as_slice(), many.as_bytes(), two] {
        let status = status(request);
        assert!(["400", "431", "cut"].contains(&status.as_str()), "{status}");
    }
    assert_eq!(app.status("/"), 200);
}
