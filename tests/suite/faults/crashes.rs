//! Processes killed with SIGKILL: no confirmed write is lost.

use std::{
    collections::BTreeMap,
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::Ordering,
    time::Duration,
};

use dateline::{
    db::{DatabaseUrl, Db},
    doctor,
    models::{article, media, revision},
};

use super::server_process::{ServerClient, UnlessKilled};
use crate::support::{app::TestApp, postgres, staff::PASSWORD};

/// A WordPress export with this number of small posts.
fn wordpress_export(posts: u32) -> String {
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
fn a_killed_import_loses_and_duplicates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.xml");
    std::fs::write(&file, wordpress_export(2_500)).unwrap();
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
        // 130 ms later in each round, so that every phase is interrupted.
        std::thread::sleep(Duration::from_millis(40 + round * 130));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let finished = import().wait_with_output().unwrap();
    assert!(finished.status.success());
    let database = data.join("dateline.db");
    let url = DatabaseUrl::Sqlite(database.clone());
    url.check_snapshot(&database).unwrap();
    let db = Db::open(&url, 1).unwrap();
    let counts = db.write_unversioned_blocking(|conn| -> dateline::error::Result<_> {
        use dateline::models::{search, timeline};
        let now = chrono::Utc::now().naive_utc();
        let page = timeline::page(
            conn,
            timeline::SITE,
            timeline::Period::Ever,
            chrono_tz::UTC,
            now,
            1,
            20,
        )?;
        let found = search::newest(conn, "2500", now)?;
        Ok((page.map(|page| page.entries), found.len()))
    });
    assert_eq!(counts.unwrap(), (Some(2_500), 1));
}

fn dateline(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command
        .arg("--data-dir")
        .arg(data)
        .env_remove("DATELINE_REQUIRE")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Everything that the server has confirmed.
#[derive(Default)]
struct Confirmed {
    /// The last confirmed text of each article.
    saved: BTreeMap<i64, String>,
    published: BTreeMap<i64, String>,
    pictures: Vec<i64>,
}

/// Uploads, saves and publishes until the server is killed.
fn write_until_killed(client: &ServerClient, round: u64, confirmed: &mut Confirmed) -> Option<()> {
    for number in 0.. {
        let text = |version: u32| format!("marker{round}x{number}v{version}");
        let body_html = |body: &str| format!("<p>{body}</p>");
        let shade = u8::try_from((round * 7 + number) % 251).unwrap();
        let mut picture = Vec::new();
        image::RgbImage::from_pixel(
            420,
            300,
            image::Rgb([shade, u8::try_from(round % 251).unwrap(), 9]),
        )
        .write_to(
            &mut std::io::Cursor::new(&mut picture),
            image::ImageFormat::Png,
        )
        .unwrap();
        let page = client
            .upload("colour.png", &picture)
            .unless_killed(client)?;
        assert_eq!(page.status, 201, "{}", page.body);
        let answer: serde_json::Value = serde_json::from_str(&page.body).unwrap();
        confirmed
            .pictures
            .push(answer["item"]["id"].as_i64().unwrap());
        let headline = format!("Headline{round}x{number}");
        let first = body_html(&text(1));
        let page = client
            .post(
                "/admin/articles/new",
                &[
                    ("headline", &headline),
                    ("section", "1"),
                    ("standfirst", "It is so."),
                    ("body", &first),
                ],
            )
            .unless_killed(client)?;
        assert_eq!(page.status, 303, "{}", page.body);
        let id: i64 = page.header("location")?.rsplit('/').next()?.parse().ok()?;
        confirmed.saved.insert(id, text(1));
        let form = client
            .get(&format!("/admin/articles/{id}"))
            .unless_killed(client)?;
        let base = form
            .attributes("input[name=base]", "value")
            .into_iter()
            .next()?;
        let second = body_html(&text(2));
        let page = client
            .post(
                &format!("/admin/articles/{id}"),
                &[
                    ("base", &base),
                    ("headline", &headline),
                    ("section", "1"),
                    ("standfirst", "It is so."),
                    ("body", &second),
                ],
            )
            .unless_killed(client)?;
        assert_eq!(page.status, 303, "{}", page.body);
        confirmed.saved.insert(id, text(2));
        let form = client
            .get(&format!("/admin/articles/{id}/publish"))
            .unless_killed(client)?;
        let revision = form
            .attributes("form input[name=revision]", "value")
            .into_iter()
            .next()?;
        let page = client
            .post(
                &format!("/admin/articles/{id}/publish"),
                &[
                    ("when", "now"),
                    ("revision", &revision),
                    ("status", "draft"),
                ],
            )
            .unless_killed(client)?;
        assert_eq!(page.status, 303, "{}", page.body);
        confirmed.published.insert(id, text(2));
    }
    None
}

#[test]
fn a_killed_server_loses_no_confirmed_write_on_sqlite() {
    check_that_kills_lose_nothing(None);
}

#[test]
fn a_killed_server_loses_no_confirmed_write_on_postgres() {
    if let Some(url) = postgres::new_database() {
        check_that_kills_lose_nothing(Some(&url));
    }
}

/// Kills the server 12 times, or `KILLS` times if that variable is set.
fn check_that_kills_lose_nothing(database: Option<&str>) {
    let kills: u64 = std::env::var("KILLS").map_or(12, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let dateline = || {
        let mut command = dateline(&data);
        if let Some(url) = database {
            command.env("DATELINE_DATABASE_URL", url);
        }
        command
    };
    let mut add = dateline()
        .args([
            "user",
            "add",
            "--email",
            "ada@example.org",
            "--name",
            "Ada",
            "--role",
            "admin",
            "--password-stdin",
        ])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(add.wait().unwrap().success());
    let port = free_port();
    let client = ServerClient::new(port);
    let mut confirmed = Confirmed::default();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..kills {
        let mut server = dateline()
            .args(["serve", "--bind", &format!("127.0.0.1:{port}")])
            .spawn()
            .unwrap();
        client.wait_until_ready();
        if round == 0 {
            client.get("/admin/login").unwrap();
            let page = client
                .post(
                    "/admin/login",
                    &[("email", "ada@example.org"), ("password", PASSWORD)],
                )
                .unwrap();
            assert_eq!(page.status, 303, "{}", page.body);
            let page = client
                .post(
                    "/admin/sections",
                    &[
                        ("name", "News"),
                        ("slug", "news"),
                        ("description", ""),
                        ("parent_id", ""),
                    ],
                )
                .unwrap();
            assert_eq!(page.status, 303, "{}", page.body);
        }
        // The session survives the crash.
        assert_eq!(client.get("/admin").unwrap().status, 200);
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Up to 12 responses, two articles, and up to 60 ms later, so that every step is interrupted at any point.
        let (responses, pause) = (seed % 13, Duration::from_micros((seed >> 8) % 60_000));
        client.responses.store(0, Ordering::Relaxed);
        client.is_killed.store(false, Ordering::Release);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| write_until_killed(&client, round, &mut confirmed));
            while client.responses.load(Ordering::Relaxed) < responses && !writer.is_finished() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(pause);
            client.is_killed.store(true, Ordering::Release);
            server.kill().unwrap();
            server.wait().unwrap();
            writer.join().unwrap();
        });
    }
    assert!(
        confirmed.published.len() as u64 > kills / 3,
        "too little was written to test anything"
    );
    let mut settings = vec![("data_dir", data.to_str().unwrap())];
    settings.extend(database.map(|url| ("database_url", url)));
    let app = TestApp::with_settings(&settings);
    app.update_search_index();
    let texts = app.write(|conn| {
        let ids: Vec<i64> = confirmed.saved.keys().copied().collect();
        let mut texts = BTreeMap::new();
        for id in ids {
            let record = article::record(conn, id)?.expect("a confirmed article is missing");
            let content = revision::working_copy(conn, &record)?;
            texts.insert(id, (record.is_published(), content.body.to_string()));
        }
        Ok(texts)
    });
    for (id, text) in &confirmed.saved {
        assert!(
            texts[id].1.contains(text) || texts[id].1.contains(&text.replace("v1", "v2")),
            "{id} should contain {text}, but contains {}",
            texts[id].1
        );
    }
    for (id, text) in &confirmed.published {
        assert!(texts[id].0, "{id} is not published");
        let path = app.path(*id);
        assert!(app.get(&path).body.contains(text), "{path}");
        assert_eq!(
            app.get(&format!("/search?q={text}"))
                .texts("main .card-headline")
                .len(),
            1,
            "{text} is not found"
        );
    }
    let stored = app.write(|conn| Ok(media::items(conn, &confirmed.pictures)?));
    let mut expected = confirmed.pictures.clone();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(stored.len(), expected.len());
    app.assert_timelines_consistent();
    let broken: Vec<_> = doctor::examine(&app.app.config, false, app.now())
        .into_iter()
        .filter(|finding| finding.state == doctor::State::Broken)
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
    eprintln!(
        "{kills} kills, {} saves, {} publications, {} pictures confirmed",
        confirmed.saved.len(),
        confirmed.published.len(),
        confirmed.pictures.len()
    );
}
