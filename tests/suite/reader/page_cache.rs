//! Pages kept in memory: never an old one, never somebody else's, made once.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use dateline::{
    db::{
        AnyConnection, Db,
        types::{CorrectionKind, Placement, Status, UserRole},
    },
    error::Result,
    models::{
        section,
        setting::{self, Breaking},
    },
};
use diesel::prelude::*;

use crate::{
    on_both_engines,
    support::app::{BROWSER, TestApp},
};

/// How often pages were served from memory and had to be made while `work` ran.
fn hits_and_misses(app: &TestApp, work: impl FnOnce()) -> (u64, u64) {
    let (hits, misses) = app.app.pages.counts();
    work();
    let (hits_after, misses_after) = app.app.pages.counts();
    (hits_after - hits, misses_after - misses)
}

/// A page that is surely kept; returns what it says.
fn kept(app: &TestApp, path: &str) -> String {
    // Stories in the same vein are looked for after an article is saved, and pages show them.
    app.finish_index();
    app.get(path);
    let mut body = String::new();
    // Between the two the minute may end that Most Popular holds for, but not twice.
    let is_kept = (0..2).any(|_| {
        let (hits, misses) = hits_and_misses(app, || body = app.get(path).body);
        (hits, misses) == (1, 0)
    });
    assert!(is_kept, "{path} is kept");
    body
}

/// Gives the publication another name.
fn rename(conn: &mut AnyConnection, name: &str) -> Result<()> {
    let mut settings = setting::load(conn)?;
    settings.name = name.to_owned();
    Ok(setting::save(conn, &settings)?)
}

/// Something that is in no hurry: the publication has another name.
fn brings(app: &TestApp, name: &str) {
    let db = &app.app.db;
    db.write_unhurried_blocking(|conn| rename(conn, name))
        .unwrap();
}

/// An answer as it came.
struct Sent {
    head: Vec<String>,
    body: String,
}

impl Sent {
    /// All that does not change from second to second, in an order of its own.
    fn sorted(&self) -> (Vec<&String>, &str) {
        let mut head: Vec<_> = self.head.iter().collect();
        head.retain(|line| !line.starts_with("date: "));
        head.sort();
        (head, &self.body)
    }
}

/// Asks on a connection, and reads what comes back.
fn sent(wire: &mut TcpStream, request: &str) -> Sent {
    wire.write_all(request.as_bytes()).unwrap();
    let mut wire = BufReader::new(wire);
    let mut head: Vec<String> = Vec::new();
    while head.last().is_none_or(|line| !line.is_empty()) {
        let mut line = String::new();
        wire.read_line(&mut line).unwrap();
        head.push(line.trim_end().to_owned());
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let is_bare = request.starts_with("HEAD") || length.is_none();
    let length = length
        .filter(|_| !is_bare)
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    wire.read_exact(&mut body).unwrap();
    assert!(wire.buffer().is_empty(), "nothing else is sent");
    Sent {
        head,
        body: String::from_utf8(body).unwrap(),
    }
}

/// Waits until a page says so, which is soon.
fn soon(app: &TestApp, path: &str, text: &str) {
    let began = Instant::now();
    while !app.get(path).body.contains(text) {
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{path} never says {text:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

on_both_engines! {
    fn a_page_is_made_once_and_then_served_from_memory_with_every_view_counted(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Bridge opens", 1);
        let path = app.path(id);
        for page in ["/", "/latest", "/news", "/archive", "/most-popular", "/authors", path.as_str()] {
            kept(app, page);
        }
        let queries = app.app.db.queries();
        for reader in 0..10 {
            let agent = format!("{BROWSER} reader/{reader}");
            let page = app.get_with(&path, &[("user-agent", &agent)]);
            assert!(page.body.contains("Bridge opens"));
            let etag = page.header("etag").unwrap().to_owned();
            let again = [("user-agent", agent.as_str()), ("if-none-match", &etag)];
            assert_eq!(app.get_with(&path, &again).status, 304);
        }
        // Whether the site has changed is looked up now and then, by nobody's request.
        assert!(app.app.db.queries() - queries < 20);
        let counted = app.app.views.drain(app.now());
        let views: i64 = counted.views.iter().map(|(_, _, views)| views).sum();
        assert_eq!(views, 11, "ten readers, and the one who came first");
    }

    fn an_edit_is_seen_by_the_next_request(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let path = app.path(id);
        for page in ["/", "/news", &path] {
            assert!(kept(app, page).contains("Bridge opens"), "{page}");
        }
        let etag = app.get(&path).header("etag").unwrap().to_owned();
        draft.headline = "Bridge closes".to_owned();
        app.edit(id, &draft);
        let path = app.path(id);
        for page in ["/", "/news", &path] {
            let now = app.get(page).body;
            assert!(now.contains("Bridge closes") && !now.contains("Bridge opens"), "{page}");
        }
        let known = [("user-agent", BROWSER), ("if-none-match", etag.as_str())];
        assert_eq!(app.get_with(&path, &known).status, 200, "the old tag is not the new page's");
        app.correct(id, CorrectionKind::Correction, Placement::Above, "It closed at noon.");
        assert!(app.get(&path).body.contains("It closed at noon."));
        kept(app, "/");
        app.settings(|settings| settings.name = "The Evening Courier".to_owned());
        assert!(app.get("/").body.contains("The Evening Courier"));
    }

    fn what_is_withdrawn_is_gone_with_the_next_request(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let path = app.path(id);
        for page in ["/", "/news", "/latest", &path] {
            assert!(kept(app, page).contains("Bridge opens"));
        }
        draft.status = Status::Draft;
        app.edit(id, &draft);
        for page in ["/", "/news", "/latest"] {
            assert!(!app.get(page).body.contains("Bridge opens"), "{page}");
        }
        let gone = app.get(&path);
        assert_eq!(gone.status, 404);
        assert_eq!(gone.header("etag"), app.get("/nowhere").header("etag"), "it answers as if it had never been");
    }

    fn a_page_that_is_new_itself_tells_what_is_true_now_of_stories_that_others_told_of(app: &TestApp) {
        let news = app.section("news", "News");
        let told = app.story(news, "Bridge opens", 2);
        let mut draft = app.draft(news, "Ferry sails");
        let id = app.publish(&draft);
        // Each shows stories whose cards the one before it brought.
        for page in ["/news", &app.path(told), "/latest"] {
            assert!(app.get(page).body.contains("Ferry sails"), "{page}");
        }
        draft.headline = "Ferry stays".to_owned();
        app.edit(id, &draft);
        let archive = app.get("/archive").body;
        assert!(archive.contains("Ferry stays") && !archive.contains("Ferry sails"));
        draft.status = Status::Draft;
        app.edit(id, &draft);
        let story = app.get(&app.path(told)).body;
        assert!(!story.contains("Ferry stays"));
    }

    fn a_scheduled_article_appears_at_its_time_on_kept_pages(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 5);
        let mut draft = app.draft(news, "Ferry sails");
        draft.published_at = Some(app.now() + TimeDelta::seconds(90));
        let path = app.path(app.publish(&draft));
        for page in ["/", "/news", "/latest"] {
            assert!(!kept(app, page).contains("Ferry sails"), "{page}");
        }
        assert_eq!(app.status(&path), 404);
        app.app.clock.advance(TimeDelta::seconds(88));
        for page in ["/", "/news", "/latest"] {
            assert!(!app.get(page).body.contains("Ferry sails"), "{page}");
        }
        app.app.clock.advance(TimeDelta::seconds(2));
        for page in ["/", "/news", "/latest", &path] {
            assert!(app.get(page).body.contains("Ferry sails"), "{page}");
        }
    }

    fn places_at_the_top_and_breaking_news_end_at_their_time(app: &TestApp) {
        let news = app.section("news", "News");
        let old = app.story(news, "Bridge opens", 50);
        for n in 0..20 {
            app.story(news, &format!("Other story {n}"), 1);
        }
        let until = app.now() + TimeDelta::minutes(10);
        app.change(|conn| {
            Ok(dateline::models::edition::place(conn, None, &[(old, Some(until.naive_utc()))])?)
        });
        app.settings(|settings| {
            settings.breaking = Some(Breaking {
                text: "Polls have closed".to_owned(),
                link: String::new(),
                until: until + TimeDelta::minutes(10),
            });
        });
        let lead = |app: &TestApp| app.get("/").text(".front-lead h3");
        kept(app, "/");
        assert_eq!(lead(app), "Bridge opens");
        app.app.clock.advance(TimeDelta::minutes(10));
        assert_ne!(lead(app), "Bridge opens");
        assert!(kept(app, "/").contains("Polls have closed"));
        app.app.clock.advance(TimeDelta::minutes(10));
        assert!(!app.get("/").body.contains("Polls have closed"));
    }

    fn a_renamed_section_is_renamed_everywhere_at_once(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        assert!(kept(app, &path).contains(">News<"));
        kept(app, "/news");
        app.change(|conn| {
            let tree = section::tree_to_change(conn)?;
            let change = section::Change {
                parent_id: None,
                slug: "world",
                name: "World",
                description: "",
            };
            section::change(conn, &tree, news, &change, chrono_tz::UTC)?;
            Ok(())
        });
        assert!(app.get(&path).body.contains(">World<"));
        assert_eq!(app.moved("/news"), "/world");
    }

    fn most_popular_is_never_older_than_a_minute(app: &TestApp) {
        let news = app.section("news", "News");
        let stories: Vec<i64> = (0..3)
            .map(|n| app.story(news, &format!("Story {n}"), n + 1))
            .collect();
        kept(app, "/most-popular");
        let path = app.path(stories[2]);
        for reader in 0..5 {
            app.get_with(&path, &[("user-agent", &format!("{BROWSER} reader/{reader}"))]);
        }
        app.flush_views();
        app.app.clock.advance(TimeDelta::minutes(1));
        assert!(app.get("/most-popular").body.contains("Story 2"));
    }

    fn a_page_whose_ranking_stays_is_the_same_page_after_a_minute(app: &TestApp) {
        let news = app.section("news", "News");
        let stories: Vec<i64> = (0..3)
            .map(|n| app.story(news, &format!("Story {n}"), n + 1))
            .collect();
        let path = app.path(stories[0]);
        let pages = ["/", "/news", &path];
        let next_minute = || {
            app.flush_views();
            app.app.clock.advance(TimeDelta::minutes(1));
        };
        // Whose look is no view.
        let look = |page: &str| app.get_with(page, &[("user-agent", "curl/8")]);
        app.get(&app.path(stories[1]));
        next_minute();
        for page in pages {
            assert_eq!(look(page).texts(".popular li"), ["Story 1"], "{page}");
        }
        let queries_for_all = || {
            let before = app.app.db.queries();
            for page in pages {
                look(page);
            }
            app.app.db.queries() - before
        };
        next_minute();
        let ranked = queries_for_all();
        // The list becomes longer.
        app.get(&app.path(stories[2]));
        next_minute();
        for page in pages {
            assert_eq!(look(page).texts(".popular li").len(), 2, "{page}");
        }
        // With everything that they show, which they may still have from one another as long as nothing changes.
        app.change(|_| Ok(()));
        next_minute();
        let made = queries_for_all();
        assert!(ranked * 2 < made, "{ranked} queries for ranking anew, {made} for making anew");
    }

    fn what_another_process_changes_is_seen_within_a_second(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        kept(app, "/");
        let other = Db::open(&app.app.config.database_url, 1).unwrap();
        other
            .write_blocking(|conn| rename(conn, "The Evening Courier"))
            .unwrap();
        soon(app, "/", "The Evening Courier");
    }

    fn nobody_waits_for_what_an_import_brings_and_everybody_is_shown_it_soon(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        // Nothing that it shows changes with the minute.
        kept(app, "/feed.xml");
        brings(app, "The Morning Courier");
        let (_, misses) = hits_and_misses(app, || {
            assert!(!app.get("/feed.xml").body.contains("The Morning Courier"));
        });
        assert!(misses <= 1);
        let (_, misses) = hits_and_misses(app, || soon(app, "/feed.xml", "The Morning Courier"));
        assert!(misses <= 1, "it is made once");
        assert!(app.get("/latest").body.contains("The Morning Courier"), "it was not kept");
    }

    fn an_edit_is_seen_by_the_next_request_beside_an_import_as_well(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Bridge opens", 1);
        for import_first in [true, false] {
            kept(app, "/news");
            let headline = format!("Bridge closes, {import_first}");
            let edit = || app.edit(id, &app.draft(news, &headline));
            if import_first {
                brings(app, "The Morning Courier");
                edit();
            } else {
                edit();
                brings(app, "The Noon Courier");
            }
            assert!(app.get("/news").body.contains(&headline), "{headline}");
        }
    }

    fn what_time_changes_is_changed_in_time_beside_an_import_as_well(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Ferry sails");
        draft.published_at = Some(app.now() + TimeDelta::seconds(90));
        app.publish(&draft);
        kept(app, "/news");
        brings(app, "The Morning Courier");
        app.app.clock.advance(TimeDelta::seconds(90));
        assert!(app.get("/news").body.contains("Ferry sails"));
    }

    fn what_somebody_who_is_logged_in_gets_is_kept_for_nobody(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        let editor = app.staff(UserRole::Editor);
        let (hits, misses) = hits_and_misses(app, || {
            for _ in 0..2 {
                let page = editor.get(&path);
                assert_eq!(page.header("cache-control"), Some("private, no-store"));
            }
        });
        assert_eq!((hits, misses), (0, 0), "neither served from memory nor kept");
        let (hits, misses) = hits_and_misses(app, || drop(app.get(&path)));
        assert_eq!((hits, misses), (0, 1));
        let cookies = app.get_with(&path, &[("user-agent", BROWSER), ("cookie", "session=forged; a=b")]);
        assert_eq!(cookies.header("cache-control"), Some("private, no-store"));
    }

    fn each_encoding_is_sent_to_those_who_take_it_and_says_the_same(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        let plain = kept(app, &path);
        let asked = |accept: &str| {
            app.get_with(&path, &[("user-agent", BROWSER), ("accept-encoding", accept)])
        };
        let mut tags = vec![app.get(&path).header("etag").unwrap().to_owned()];
        for accept in ["gzip", "br", "zstd", "gzip, deflate, br, zstd"] {
            // The first is not made to wait for the strong compression, but it comes soon.
            let wanted = if accept.contains("br") { "br" } else { accept };
            let began = Instant::now();
            let page = loop {
                let page = asked(accept);
                assert_eq!(page.status, 200);
                assert_eq!(page.header("vary"), Some("accept-encoding"));
                let strong = page.header("etag").unwrap().ends_with(&format!("-{wanted}\""));
                if strong {
                    break page;
                }
                assert!(began.elapsed() < Duration::from_secs(10), "{accept}");
                std::thread::sleep(Duration::from_millis(10));
            };
            assert_eq!(page.header("content-encoding"), Some(wanted));
            let body = match wanted {
                "gzip" => {
                    let mut text = String::new();
                    let mut reader = flate2::read::GzDecoder::new(page.bytes.as_slice());
                    std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
                    text
                }
                "br" => {
                    let mut bytes = Vec::new();
                    brotli::BrotliDecompress(&mut page.bytes.as_slice(), &mut bytes).unwrap();
                    String::from_utf8(bytes).unwrap()
                }
                _ => String::from_utf8(zstd::decode_all(page.bytes.as_slice()).unwrap()).unwrap(),
            };
            assert_eq!(body, plain, "{accept}");
            let etag = page.header("etag").unwrap().to_owned();
            let known = [("accept-encoding", accept), ("if-none-match", etag.as_str())];
            assert_eq!(app.get_with(&path, &known).status, 304);
            tags.push(etag);
        }
        tags.dedup();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4, "a tag for each encoding: {tags:?}");
    }

    fn a_page_is_the_same_whether_the_server_sends_it_or_it_leaves_before_the_server_is_asked(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        kept(app, &path);
        let etag = app.get(&path).header("etag").unwrap().to_owned();
        let known = format!("if-none-match: {etag}\r\n");
        for (method, path, more) in [
            ("GET", path.clone(), ""),
            ("GET", format!("{path}?utm_source=mail"), ""),
            ("HEAD", path.clone(), ""),
            ("GET", path.clone(), known.as_str()),
            ("HEAD", path.clone(), known.as_str()),
        ] {
            let mut wire = TcpStream::connect(app.address).unwrap();
            let mut ask = || sent(&mut wire, &format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{more}\r\n", app.address));
            let first = ask();
            let (hits, misses) = hits_and_misses(app, || {
                for _ in 0..3 {
                    let next = ask();
                    // So far the server has seen nothing but the first request.
                    assert!(next.head[1].starts_with("date: "), "{:?}", next.head);
                    assert_eq!(next.sorted(), first.sorted());
                }
            });
            assert_eq!((hits, misses), (3, 0));
            assert_eq!(first.body.is_empty(), method == "HEAD" || !more.is_empty());
        }
    }

    fn a_head_request_and_304_carry_what_the_page_would(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        kept(app, &path);
        let page = app.get(&path);
        let head = app.head(&path);
        assert_eq!(head.status, 200);
        assert_eq!(head.body, "");
        let modified = page.header("last-modified").unwrap();
        let not_again = app.get_with(&path, &[("if-modified-since", modified)]);
        assert_eq!((not_again.status, not_again.body.as_str()), (304, ""));
        for name in ["etag", "last-modified", "vary", "cache-control", "content-security-policy", "x-content-type-options"] {
            assert!(page.header(name).is_some(), "{name}");
            assert_eq!(head.header(name), page.header(name), "{name}");
            assert_eq!(not_again.header(name), page.header(name), "{name}");
        }
        assert_eq!(head.header("content-length"), page.header("content-length"));
    }

    fn nothing_behind_the_question_mark_fills_the_memory_or_changes_a_page(app: &TestApp) {
        let news = app.section("news", "News");
        for n in 0..45 {
            app.story(news, &format!("Story {n}"), n);
        }
        let path = app.path(app.story(news, "Bridge opens", 1));
        for page in [path.as_str(), "/news", "/"] {
            let plain = kept(app, page);
            let pages = app.app.pages.len();
            let (_, misses) = hits_and_misses(app, || {
                for n in 0..200 {
                    assert_eq!(app.get(&format!("{page}?x={n}&utm_source=mail")).body, plain);
                }
            });
            assert_eq!(misses, 0, "{page}");
            assert_eq!(app.app.pages.len(), pages);
        }
        // What knows no pages is the same on every page, and kept once.
        let before = app.app.pages.len();
        for n in 2..50 {
            assert_eq!(app.status(&format!("{path}?page={n}")), 200);
            app.get(&format!("/%6eews?page={n}"));
        }
        assert_eq!(app.app.pages.len(), before);
        // What does is kept page by page, as far as there are any.
        let second = kept(app, "/news?page=2");
        assert_ne!(second, kept(app, "/news"));
        assert_eq!(app.get("/news?utm_source=mail&page=2").body, second);
        assert_eq!(app.status("/news?page=99999"), 404);
        assert_eq!(app.app.pages.len(), before + 1);
    }

    fn readers_get_the_last_page_while_the_database_is_away_and_are_told_so(app: &TestApp) {
        let news = app.section("news", "News");
        let story = app.path(app.story(news, "Bridge opens", 1));
        let withdrawn = app.story(news, "Ferry sinks", 2);
        let withdrawn_path = app.path(withdrawn);
        kept(app, &withdrawn_path);
        let editor = app.staff(UserRole::Editor);
        editor.post(&format!("/admin/articles/{withdrawn}/trash"), &[]);
        let front_page = kept(app, "/");
        kept(app, &story);

        // It is old by its time, and nothing can be read.
        app.change(|conn| {
            diesel::sql_query("ALTER TABLE river_entries RENAME TO away").execute(conn)?;
            diesel::sql_query("ALTER TABLE addresses RENAME TO away_too").execute(conn)?;
            Ok(())
        });
        app.app.clock.advance(TimeDelta::minutes(2));
        for (path, body) in [("/", &front_page), (story.as_str(), &app.get(&story).body)] {
            let page = app.get(path);
            assert_eq!(page.status, 200, "{path}");
            assert_eq!(&page.body, body);
            assert!(page.header("cache-status").unwrap().contains("stale"), "{path}");
        }
        for path in [withdrawn_path.as_str(), "/latest"] {
            let page = app.get(path);
            assert!(page.status >= 500, "{path} was never made, or is not to be shown again");
            assert!(!page.body.contains("Ferry sinks"));
        }

        app.change(|conn| {
            diesel::sql_query("ALTER TABLE away RENAME TO river_entries").execute(conn)?;
            diesel::sql_query("ALTER TABLE away_too RENAME TO addresses").execute(conn)?;
            Ok(())
        });
        app.app.clock.advance(TimeDelta::minutes(2));
        let page = app.get("/");
        assert_eq!((page.status, page.header("cache-status")), (200, None));
        assert_eq!(app.status(&withdrawn_path), 404);
    }

    fn many_who_ask_at_once_have_a_page_made_once(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        let (hits, misses) = hits_and_misses(app, || {
            std::thread::scope(|scope| {
                for _ in 0..30 {
                    scope.spawn(|| assert!(app.get(&path).body.contains("Bridge opens")));
                }
            });
        });
        assert_eq!(misses, 1);
        assert_eq!(hits, 29);
    }
}

#[test]
fn proxies_may_keep_pages_if_the_operator_says_so() {
    let app = TestApp::with_settings(&[("shared_max_age", "60")]);
    let news = app.section("news", "News");
    let policy = |path: &str| app.get(path).header("cache-control").unwrap().to_owned();
    assert!(policy("/").starts_with("public, max-age=0, s-maxage=60, stale-while-revalidate=60"));
    let old = app.path(app.story(news, "Long ago", 24 * 90));
    assert!(policy(&old).contains("s-maxage=3600"));
    assert!(policy("/nowhere").contains("max-age=0"));
}
