//! What may break, broken on purpose.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dateline::{
    db::{DatabaseUrl, Db, types::UserRole},
    doctor,
    models::{article, media, revision},
    secrets::token,
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use crate::{
    on_both_engines,
    support::{
        app::TestApp,
        page::Page,
        postgres,
        staff::{PASSWORD, Staff},
    },
};

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

/// A browser of the newsroom of a process of its own.
struct Desk {
    client: ureq::Agent,
    port: u16,
    cookies: Mutex<BTreeMap<String, String>>,
    /// How often something was answered.
    steps: AtomicU64,
    is_killed: AtomicBool,
}

impl Desk {
    fn new(port: u16) -> Self {
        Self {
            client: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(Duration::from_secs(20)))
                .build()
                .into(),
            port,
            cookies: Mutex::default(),
            steps: AtomicU64::new(0),
            is_killed: AtomicBool::new(false),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let all: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        all.join("; ")
    }

    fn keep(&self, page: Page) -> Page {
        for set in page.headers_named("set-cookie") {
            let (name, rest) = set.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.lock().unwrap().insert(name.to_owned(), value);
        }
        self.steps.fetch_add(1, Ordering::Relaxed);
        page
    }

    /// An error is a server that is gone.
    fn get(&self, path: &str) -> Result<Page, ureq::Error> {
        let request = self
            .client
            .get(self.url(path))
            .header("cookie", self.cookie_header());
        Ok(self.keep(Page::read(request.call()?)))
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page, ureq::Error> {
        let name = if path == "/admin/login" {
            "login"
        } else {
            "session"
        };
        let csrf = self
            .cookies
            .lock()
            .unwrap()
            .get(name)
            .map(|value| token::for_forms(value))
            .unwrap_or_default();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("csrf", &csrf)
            .finish();
        let request = self
            .client
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.cookie_header());
        Ok(self.keep(Page::read(request.send(body)?)))
    }

    fn upload(&self, name: &str, picture: &[u8]) -> Result<Page, ureq::Error> {
        let csrf = token::for_forms(&self.cookies.lock().unwrap()["session"]);
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), picture, b"\r\n--x--\r\n"].concat();
        let request = self
            .client
            .post(self.url("/admin/media.json"))
            .header("content-type", "multipart/form-data; boundary=x")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.cookie_header());
        Ok(self.keep(Page::read(request.send(&body[..])?)))
    }

    fn wait_until_it_answers(&self) {
        let began = Instant::now();
        while self.get("/healthz").map_or(0, |page| page.status) != 200 {
            assert!(began.elapsed() < Duration::from_secs(20), "it starts");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
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

/// An answer, or `None` when the server was killed meanwhile.
trait OrGone<T> {
    fn or_gone(self, desk: &Desk) -> Option<T>;
}

impl<T> OrGone<T> for Result<T, ureq::Error> {
    fn or_gone(self, desk: &Desk) -> Option<T> {
        match self {
            Ok(answer) => Some(answer),
            Err(_) if desk.is_killed.load(Ordering::Acquire) => None,
            Err(error) => panic!("it lives, and does not answer: {error}"),
        }
    }
}

/// What the server said yes to.
#[derive(Default)]
struct Acknowledged {
    /// The last text of each article.
    saved: BTreeMap<i64, String>,
    published: BTreeMap<i64, String>,
    pictures: Vec<i64>,
}

/// Writes until the server is gone.
fn write_until_it_is_gone(desk: &Desk, round: u64, done: &mut Acknowledged) -> Option<()> {
    for number in 0.. {
        let text = |version: u32| format!("marker{round}x{number}v{version}");
        let fields = |body: &str| format!("<p>{body}</p>");
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
        let page = desk.upload("colour.png", &picture).or_gone(desk)?;
        assert_eq!(page.status, 201, "{}", page.body);
        let answer: serde_json::Value = serde_json::from_str(&page.body).unwrap();
        done.pictures.push(answer["item"]["id"].as_i64().unwrap());
        let headline = format!("Headline{round}x{number}");
        let first = fields(&text(1));
        let page = desk
            .post(
                "/admin/articles/new",
                &[
                    ("headline", &headline),
                    ("section", "1"),
                    ("standfirst", "It is so."),
                    ("body", &first),
                ],
            )
            .or_gone(desk)?;
        assert_eq!(page.status, 303, "{}", page.body);
        let id: i64 = page.header("location")?.rsplit('/').next()?.parse().ok()?;
        done.saved.insert(id, text(1));
        let form = desk.get(&format!("/admin/articles/{id}")).or_gone(desk)?;
        let base = form
            .attributes("input[name=base]", "value")
            .into_iter()
            .next()?;
        let second = fields(&text(2));
        let page = desk
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
            .or_gone(desk)?;
        assert_eq!(page.status, 303, "{}", page.body);
        done.saved.insert(id, text(2));
        let form = desk
            .get(&format!("/admin/articles/{id}/publish"))
            .or_gone(desk)?;
        let revision = form
            .attributes("form input[name=revision]", "value")
            .into_iter()
            .next()?;
        let page = desk
            .post(
                &format!("/admin/articles/{id}/publish"),
                &[
                    ("when", "now"),
                    ("revision", &revision),
                    ("status", "draft"),
                ],
            )
            .or_gone(desk)?;
        assert_eq!(page.status, 303, "{}", page.body);
        done.published.insert(id, text(2));
    }
    None
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_nothing_that_it_said_yes_to_on_sqlite() {
    nothing_is_lost_by_killing(None);
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_nothing_that_it_said_yes_to_on_postgres() {
    if let Some(url) = postgres::new_database() {
        nothing_is_lost_by_killing(Some(&url));
    }
}

/// `KILLS` says how often; it is a few times unless it is set.
fn nothing_is_lost_by_killing(database: Option<&str>) {
    let rounds: u64 = std::env::var("KILLS").map_or(12, |text| text.parse().unwrap());
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
    let desk = Desk::new(port);
    let mut done = Acknowledged::default();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..rounds {
        let mut server = dateline()
            .args(["serve", "--bind", &format!("127.0.0.1:{port}")])
            .spawn()
            .unwrap();
        desk.wait_until_it_answers();
        if round == 0 {
            desk.get("/admin/login").unwrap();
            let page = desk
                .post(
                    "/admin/login",
                    &[("email", "ada@example.org"), ("password", PASSWORD)],
                )
                .unwrap();
            assert_eq!(page.status, 303, "{}", page.body);
            let page = desk
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
        // Somebody who was logged in still is.
        assert_eq!(desk.get("/admin").unwrap().status, 200);
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // After so many steps, and a little later: at any moment of any of them.
        let (steps, pause) = (seed % 9, Duration::from_micros((seed >> 8) % 60_000));
        desk.steps.store(0, Ordering::Relaxed);
        desk.is_killed.store(false, Ordering::Release);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| write_until_it_is_gone(&desk, round, &mut done));
            while desk.steps.load(Ordering::Relaxed) < steps && !writer.is_finished() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(pause);
            desk.is_killed.store(true, Ordering::Release);
            server.kill().unwrap();
            server.wait().unwrap();
            writer.join().unwrap();
        });
    }
    assert!(
        done.published.len() as u64 > rounds / 3,
        "something was written"
    );
    let mut settings = vec![("data_dir", data.to_str().unwrap())];
    settings.extend(database.map(|url| ("database_url", url)));
    let app = TestApp::with_settings(&settings);
    app.finish_index();
    let texts = app.change(|conn| {
        let ids: Vec<i64> = done.saved.keys().copied().collect();
        let mut texts = BTreeMap::new();
        for id in ids {
            let record = article::record(conn, id)?.expect("it is there");
            let content = revision::working(conn, &record)?;
            texts.insert(id, (record.is_published(), content.body.to_string()));
        }
        Ok(texts)
    });
    for (id, text) in &done.saved {
        assert!(
            texts[id].1.contains(text) || texts[id].1.contains(&text.replace("v1", "v2")),
            "{id}: {text}, not {}",
            texts[id].1
        );
    }
    for (id, text) in &done.published {
        assert!(texts[id].0, "{id} is published");
        let path = app.path(*id);
        assert!(app.get(&path).body.contains(text), "{path}");
        assert_eq!(
            app.get(&format!("/search?q={text}"))
                .texts("main .card-headline")
                .len(),
            1,
            "{text} is found"
        );
    }
    let there = app.change(|conn| Ok(media::items(conn, &done.pictures)?));
    let mut wanted = done.pictures.clone();
    wanted.sort_unstable();
    wanted.dedup();
    assert_eq!(there.len(), wanted.len());
    app.rivers_are_right();
    let wrong: Vec<_> = doctor::examine(&app.app.config, false, app.now())
        .into_iter()
        .filter(|one| one.state == doctor::State::Broken)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    eprintln!(
        "{rounds} kills, {} saves, {} publications, {} pictures acknowledged",
        done.saved.len(),
        done.published.len(),
        done.pictures.len()
    );
}

/// What is typed while something is broken.
const KEPT: [(&str, &str); 2] = [("headline", "Kept"), ("body", "<p>My words.</p>")];

/// A newspaper with two stories, of which the first is kept in memory, and an editor.
fn at_work(app: &TestApp) -> (String, String, Staff<'_>) {
    let news = app.section("news", "News");
    let one = app.path(app.story(news, "One", 1));
    let two = app.path(app.story(news, "Two", 2));
    let editor = app.staff(UserRole::Editor);
    app.finish_index();
    assert_eq!(app.status(&one), 200);
    (one, two, editor)
}

fn wait_until_it_recovers(app: &TestApp, path: &str) {
    let began = Instant::now();
    while app.status(path) != 200 {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "it recovers by itself"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What a connection says until it ends, and how that ended: one that was cut is an error.
fn rest_of(stream: &mut TcpStream, patience: u64) -> (std::io::Result<usize>, String) {
    stream
        .set_read_timeout(Some(Duration::from_secs(patience)))
        .unwrap();
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    (ended, String::from_utf8_lossy(&answer).into_owned())
}

/// A small disk of its own; `None`, said aloud, where nobody may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(folder))
        } else {
            crate::support::skip("small-disk", "a disk in memory cannot be mounted");
            None
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

#[test]
fn a_full_disk_stops_writing_and_nothing_else_and_is_well_when_there_is_room_again() {
    let Some(disk) = SmallDisk::new() else { return };
    let data = disk.0.path().join("data");
    let app = TestApp::with_settings(&[("data_dir", data.to_str().unwrap())]);
    let (one, two, editor) = at_work(&app);
    let mut filler = std::fs::File::create(disk.0.path().join("filler")).unwrap();
    while filler.write_all(&[7; 4096]).is_ok() {}
    assert_eq!(app.status(&one), 200, "from memory");
    assert_eq!(app.status(&two), 200, "from the database");
    let words = "Many words. ".repeat(20_000);
    let fields = [("headline", "Kept"), ("body", words.as_str())];
    let page = editor.post("/admin/articles/new", &fields);
    assert_eq!(page.status, 503, "{}", page.body);
    assert!(
        page.body.contains("Many words. Many words."),
        "what was typed is in the page"
    );
    let json = editor.post_with(
        "/admin/articles/new",
        &[
            fields[0],
            fields[1],
            ("intent", "autosave"),
            ("csrf", &editor.csrf()),
        ],
        &[
            ("accept", "application/json"),
            ("sec-fetch-site", "same-origin"),
        ],
    );
    assert_eq!(json.status, 503, "{}", json.body);
    assert_eq!(app.status("/latest"), 200);
    drop(filler);
    std::fs::remove_file(disk.0.path().join("filler")).unwrap();
    assert_eq!(
        editor.post("/admin/articles/new", &fields).status,
        303,
        "all is well again"
    );
    app.flush_views();
    app.rivers_are_right();
    let url = app.app.config.database_url.clone();
    url.check_snapshot(&data.join("dateline.db")).unwrap();
}

/// A way to a database that can be frozen: it stays open, and nothing goes through.
struct Way {
    port: u16,
    frozen: Arc<AtomicBool>,
}

impl Way {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().port();
        let frozen = Arc::new(AtomicBool::new(false));
        let flag = frozen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let one = stream.unwrap();
                let other = TcpStream::connect(("127.0.0.1", port)).unwrap();
                for (mut from, mut to) in [
                    (one.try_clone().unwrap(), other.try_clone().unwrap()),
                    (other, one),
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
        Self { port: here, frozen }
    }

    fn freeze(&self, is: bool) {
        self.frozen.store(is, Ordering::Relaxed);
    }
}

#[test]
fn while_postgres_is_frozen_kept_pages_go_on_and_the_rest_is_told_so_in_seconds() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let mut url = url::Url::parse(&url).unwrap();
    let way = Way::to(url.port().unwrap());
    url.set_port(Some(way.port)).unwrap();
    let app = TestApp::on(&DatabaseUrl::parse(url.as_str()).unwrap());
    let (one, two, editor) = at_work(&app);
    way.freeze(true);
    for _ in 0..3 {
        let began = Instant::now();
        assert_eq!(app.status(&one), 200, "it is in memory");
        assert!(began.elapsed() < Duration::from_secs(6));
    }
    std::thread::scope(|scope| {
        // More of them than there are connections.
        let asked: Vec<_> = (0..40)
            .map(|number| {
                let (app, two) = (&app, &two);
                scope.spawn(move || {
                    let began = Instant::now();
                    let path = if number % 2 == 0 {
                        two.clone()
                    } else {
                        format!("/search?q=x{number}")
                    };
                    let page = app.get(&path);
                    (
                        page.status,
                        page.header("retry-after").is_some(),
                        began.elapsed(),
                    )
                })
            })
            .collect();
        let answers: Vec<_> = asked.into_iter().map(|one| one.join().unwrap()).collect();
        way.freeze(false);
        for (status, says_when, took) in &answers {
            assert_eq!((*status, *says_when), (503, true));
            assert!(*took < Duration::from_secs(8), "{took:?}");
        }
        way.freeze(true);
    });
    let began = Instant::now();
    assert_eq!(app.status("/search?q=nothing"), 503);
    assert!(began.elapsed() < Duration::from_secs(6), "it is known");
    let page = editor.post("/admin/articles/new", &KEPT);
    assert_eq!(page.status, 503);
    assert!(page.body.contains("My words.") && page.body.contains("kept in this page"));
    way.freeze(false);
    wait_until_it_recovers(&app, &two);
    assert_eq!(editor.post("/admin/articles/new", &KEPT).status, 303);
}

#[test]
fn while_postgres_is_down_kept_pages_go_on_and_all_is_well_when_it_is_back() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let app = TestApp::on(&DatabaseUrl::parse(&url).unwrap());
    let (one, two, editor) = at_work(&app);
    postgres::set_down(&url, true);
    let kept = app.get(&one);
    assert_eq!(kept.status, 200, "it is in memory");
    let began = Instant::now();
    let other = app.get(&two);
    assert_eq!(
        (other.status, other.header("retry-after").is_some()),
        (503, true)
    );
    let page = editor.post("/admin/articles/new", &KEPT);
    assert_eq!(page.status, 503);
    assert!(page.body.contains("My words."), "{}", page.body);
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "nobody waits for long"
    );
    postgres::set_down(&url, false);
    wait_until_it_recovers(&app, &two);
    assert_eq!(editor.post("/admin/articles/new", &KEPT).status, 303);
}

#[test]
fn while_another_process_holds_the_database_readers_read_and_editors_are_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let app = TestApp::on_data(&data);
    let (one, two, editor) = at_work(&app);
    let file = data.join("dateline.db");
    let mut other = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert_eq!(app.status(&one), 200, "from memory");
    assert_eq!(app.status(&two), 200, "from the database");
    let began = Instant::now();
    let page = editor.post("/admin/articles/new", &KEPT);
    assert_eq!(page.status, 503);
    assert!(page.body.contains("My words."), "{}", page.body);
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "it waits a moment, and not for ever"
    );
    // Whoever waits only for a moment does not even notice.
    let holding = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        other.batch_execute("ROLLBACK").unwrap();
    });
    assert_eq!(editor.post("/admin/articles/new", &KEPT).status, 303);
    holding.join().unwrap();
}

#[test]
fn a_restart_turns_nobody_away_when_the_socket_is_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // As systemd does it: the socket is descriptor 3, and the process that it is for is named.
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
    Desk::new(port).wait_until_it_answers();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut answered = 0;
                    while !stop.load(Ordering::Relaxed) {
                        // Each with a connection of its own, as readers come.
                        let page = Desk::new(port).get("/latest").expect("an answer");
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
            // Until then it does not know how to be stopped.
            Desk::new(port).wait_until_it_answers();
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

on_both_engines! {
    fn a_clock_that_is_set_back_loses_no_words_and_hides_nothing_that_is_new(app: &TestApp) {
        let news = app.section("news", "News");
        let one = app.path(app.story(news, "One", 30));
        let editor = app.staff(UserRole::Editor);
        assert_eq!(app.status(&one), 200);
        app.app.clock.advance(chrono::TimeDelta::hours(-3));
        assert_eq!(app.status(&one), 200);
        assert_eq!(app.status("/"), 200);
        assert_eq!(editor.get("/admin").status, 200, "who was logged in still is");
        let page = editor.post("/admin/articles/new", &[
            ("headline", "Written yesterday"), ("section", &news.to_string()), ("standfirst", "So it seems."),
            ("body", "<p>First words.</p>"),
        ]);
        assert_eq!(page.status, 303, "{}", page.body);
        let path = page.header("location").unwrap().to_owned();
        app.app.clock.advance(chrono::TimeDelta::hours(-3));
        let form = editor.get(&path);
        let base = form.attributes("input[name=base]", "value").remove(0);
        let page = editor.post(&path, &[
            ("base", &base), ("headline", "Written yesterday"), ("section", &news.to_string()),
            ("standfirst", "So it seems."), ("body", "<p>Second words.</p>"),
        ]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert!(editor.get(&path).body.contains("Second words."), "the last that was saved is what is shown");
        let form = editor.get(&format!("{path}/publish"));
        let revision = form.attributes("form input[name=revision]", "value").remove(0);
        let page = editor.post(&format!("{path}/publish"), &[("when", "now"), ("revision", &revision), ("status", "draft")]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert!(app.get("/").body.contains("Written yesterday"), "readers see it at once");
        app.flush_views();
        app.rivers_are_right();
    }

    fn slow_and_idle_connections_are_closed_while_readers_go_on(app: &TestApp) {
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
            // However it ends: a connection that is cut is what is wanted too.
            let (_, answer) = rest_of(stream, 15);
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
                "{answer}"
            );
        }
    }

    fn a_head_without_end_is_refused(app: &TestApp) {
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

    fn a_body_that_comes_drop_by_drop_is_cut_while_readers_go_on(app: &TestApp) {
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
            // An error is a connection that was cut, which is what is wanted too.
            let (ended, answer) = rest_of(stream, 30);
            let timed_out = ended.is_err_and(|error| {
                matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                )
            });
            assert!(!timed_out, "it is not held open: {answer}");
        }
    }
}
