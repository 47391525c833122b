//! The page cache: freshness, invalidation, single flight, encodings and conditional requests.

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

/// The cache hits and misses while `work` ran.
fn hits_and_misses(app: &TestApp, work: impl FnOnce()) -> (u64, u64) {
    let (hits, misses) = app.cache.store.counts();
    work();
    let (hits_after, misses_after) = app.cache.store.counts();
    (hits_after - hits, misses_after - misses)
}

/// Advances the clock to the beginning of a minute: pages with a ranking expire at its end, and must not do so during
/// a measurement.
fn begin_minute(app: &TestApp) {
    let second = app.now().timestamp().rem_euclid(60);
    app.app.clock.advance(TimeDelta::seconds(60 - second));
}

/// Makes sure that the page is cached; returns its body.
fn cached_body(app: &TestApp, path: &str) -> String {
    // Related stories, which pages show, are computed after an article is saved.
    app.update_search_index();
    app.get(path);
    let mut body = String::new();
    // The minute that the ranking is valid for may end between two requests, but not twice.
    let is_cached = (0..2).any(|_| {
        let (hits, misses) = hits_and_misses(app, || body = app.get(path).body);
        (hits, misses) == (1, 0)
    });
    assert!(is_cached, "{path} is not cached");
    body
}

/// Renames the site.
fn rename(conn: &mut AnyConnection, name: &str) -> Result<()> {
    let mut settings = setting::load(conn)?;
    settings.name = name.to_owned();
    Ok(setting::save(conn, &settings)?)
}

/// Renames the site in a deferred write, as imports do.
fn rename_deferred(app: &TestApp, name: &str) {
    let db = &app.app.db;
    db.write_deferred_blocking(|conn| rename(conn, name))
        .unwrap();
}

/// An HTTP response as received.
struct RawResponse {
    head: Vec<String>,
    body: String,
}

impl RawResponse {
    /// The sorted header lines without `date`, and the body.
    fn comparable(&self) -> (Vec<&String>, &str) {
        let mut head: Vec<_> = self.head.iter().collect();
        head.retain(|line| !line.starts_with("date: "));
        head.sort();
        (head, &self.body)
    }
}

/// Sends a request on a connection and reads the response.
fn send_request(stream: &mut TcpStream, request: &str) -> RawResponse {
    stream.write_all(request.as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut head: Vec<String> = Vec::new();
    while head.last().is_none_or(|line| !line.is_empty()) {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        head.push(line.trim_end().to_owned());
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let has_no_body = request.starts_with("HEAD") || length.is_none();
    let length = length
        .filter(|_| !has_no_body)
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    assert!(
        stream.buffer().is_empty(),
        "more than one response was sent"
    );
    RawResponse {
        head,
        body: String::from_utf8(body).unwrap(),
    }
}

/// Waits up to 5 s until the page contains the text.
fn wait_for_text(app: &TestApp, path: &str, text: &str) {
    let start = Instant::now();
    while !app.get(path).body.contains(text) {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{path} does not contain {text:?} in time"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

on_both_engines! {
    fn cached_pages_need_no_queries_and_views_are_still_counted(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Bridge opens", 1);
        let path = app.path(id);
        for page in ["/", "/latest", "/news", "/archive", "/most-popular", "/authors", path.as_str()] {
            cached_body(app, page);
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
        // The site version is polled in the background, not by requests.
        assert!(app.app.db.queries() - queries < 20);
        let counted = app.app.views.drain(app.now());
        let views: i64 = counted.views.iter().map(|(_, _, views)| views).sum();
        assert_eq!(views, 11, "ten readers and the first request");
    }

    fn edits_are_visible_with_the_next_request(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let path = app.path(id);
        for page in ["/", "/news", &path] {
            assert!(cached_body(app, page).contains("Bridge opens"), "{page}");
        }
        let etag = app.get(&path).header("etag").unwrap().to_owned();
        draft.headline = "Bridge closes".to_owned();
        app.edit(id, &draft);
        let path = app.path(id);
        for page in ["/", "/news", &path] {
            let now = app.get(page).body;
            assert!(now.contains("Bridge closes") && !now.contains("Bridge opens"), "{page}");
        }
        let conditional = [("user-agent", BROWSER), ("if-none-match", etag.as_str())];
        assert_eq!(app.get_with(&path, &conditional).status, 200, "the old ETag does not match the new page");
        app.add_correction(id, CorrectionKind::Correction, Placement::Above, "It closed at noon.");
        assert!(app.get(&path).body.contains("It closed at noon."));
        cached_body(app, "/");
        app.update_settings(|settings| settings.name = "The Evening Courier".to_owned());
        assert!(app.get("/").body.contains("The Evening Courier"));
    }

    fn unpublished_articles_disappear_with_the_next_request(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let path = app.path(id);
        for page in ["/", "/news", "/latest", &path] {
            assert!(cached_body(app, page).contains("Bridge opens"));
        }
        draft.status = Status::Draft;
        app.edit(id, &draft);
        for page in ["/", "/news", "/latest"] {
            assert!(!app.get(page).body.contains("Bridge opens"), "{page}");
        }
        let unpublished = app.get(&path);
        assert_eq!(unpublished.status, 404);
        assert_eq!(unpublished.header("etag"), app.get("/nowhere").header("etag"), "it answers like a missing page");
    }

    fn uncached_pages_do_not_show_stale_cards_of_other_pages(app: &TestApp) {
        let news = app.section("news", "News");
        let story_id = app.story(news, "Bridge opens", 2);
        let mut draft = app.draft(news, "Ferry sails");
        let id = app.publish(&draft);
        // Each page shows stories whose cards an earlier page has cached.
        for page in ["/news", &app.path(story_id), "/latest"] {
            assert!(app.get(page).body.contains("Ferry sails"), "{page}");
        }
        draft.headline = "Ferry stays".to_owned();
        app.edit(id, &draft);
        let archive = app.get("/archive").body;
        assert!(archive.contains("Ferry stays") && !archive.contains("Ferry sails"));
        draft.status = Status::Draft;
        app.edit(id, &draft);
        let story = app.get(&app.path(story_id)).body;
        assert!(!story.contains("Ferry stays"));
    }

    fn scheduled_articles_appear_on_cached_pages_at_their_time(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 5);
        let mut draft = app.draft(news, "Ferry sails");
        draft.published_at = Some(app.now() + TimeDelta::seconds(90));
        let path = app.path(app.publish(&draft));
        for page in ["/", "/news", "/latest"] {
            assert!(!cached_body(app, page).contains("Ferry sails"), "{page}");
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

    fn pins_and_breaking_news_expire_on_cached_pages(app: &TestApp) {
        let news = app.section("news", "News");
        let old = app.story(news, "Bridge opens", 50);
        for n in 0..20 {
            app.story(news, &format!("Other story {n}"), 1);
        }
        let until = app.now() + TimeDelta::minutes(10);
        app.write(|conn| {
            Ok(dateline::models::edition::place(conn, None, &[(old, Some(until.naive_utc()))])?)
        });
        app.update_settings(|settings| {
            settings.breaking = Some(Breaking {
                text: "Polls have closed".to_owned(),
                link: String::new(),
                until: until + TimeDelta::minutes(10),
            });
        });
        let lead = |app: &TestApp| app.get("/").text(".front-lead h3");
        cached_body(app, "/");
        assert_eq!(lead(app), "Bridge opens");
        app.app.clock.advance(TimeDelta::minutes(10));
        assert_ne!(lead(app), "Bridge opens");
        assert!(cached_body(app, "/").contains("Polls have closed"));
        app.app.clock.advance(TimeDelta::minutes(10));
        assert!(!app.get("/").body.contains("Polls have closed"));
    }

    fn a_renamed_section_is_renamed_on_all_pages_immediately(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        assert!(cached_body(app, &path).contains(">News<"));
        cached_body(app, "/news");
        app.write(|conn| {
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
        assert_eq!(app.redirect_target("/news"), "/world");
    }

    fn the_ranking_is_at_most_a_minute_old(app: &TestApp) {
        let news = app.section("news", "News");
        let stories: Vec<i64> = (0..3)
            .map(|n| app.story(news, &format!("Story {n}"), n + 1))
            .collect();
        cached_body(app, "/most-popular");
        let path = app.path(stories[2]);
        for reader in 0..5 {
            app.get_with(&path, &[("user-agent", &format!("{BROWSER} reader/{reader}"))]);
        }
        app.flush_views();
        app.app.clock.advance(TimeDelta::minutes(1));
        assert!(app.get("/most-popular").body.contains("Story 2"));
    }

    fn pages_are_revalidated_cheaply_if_the_ranking_is_unchanged(app: &TestApp) {
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
        // Requests of a bot, which are not counted as views.
        let get_as_bot = |page: &str| app.get_with(page, &[("user-agent", "curl/8")]);
        app.get(&app.path(stories[1]));
        next_minute();
        for page in pages {
            assert_eq!(get_as_bot(page).texts(".popular li"), ["Story 1"], "{page}");
        }
        let queries_for_all = || {
            let before = app.app.db.queries();
            for page in pages {
                get_as_bot(page);
            }
            app.app.db.queries() - before
        };
        next_minute();
        let revalidation_queries = queries_for_all();
        // The ranking gets a second story.
        app.get(&app.path(stories[2]));
        next_minute();
        for page in pages {
            assert_eq!(get_as_bot(page).texts(".popular li").len(), 2, "{page}");
        }
        // A write, so that the pages cannot reuse cached parts.
        app.write(|_| Ok(()));
        next_minute();
        let render_queries = queries_for_all();
        assert!(revalidation_queries * 2 < render_queries, "{revalidation_queries} queries for revalidation, {render_queries} for rendering");
    }

    fn changes_by_other_processes_are_visible_within_seconds(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        cached_body(app, "/");
        let other = Db::open(&app.app.config.database_url, 1).unwrap();
        other
            .write_blocking(|conn| rename(conn, "The Evening Courier"))
            .unwrap();
        wait_for_text(app, "/", "The Evening Courier");
    }

    fn deferred_writes_serve_stale_pages_while_they_are_rendered(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        // Feeds do not contain the ranking, which changes every minute.
        cached_body(app, "/feed.xml");
        rename_deferred(app, "The Morning Courier");
        let (_, misses) = hits_and_misses(app, || {
            assert!(!app.get("/feed.xml").body.contains("The Morning Courier"));
        });
        assert!(misses <= 1);
        let (_, misses) = hits_and_misses(app, || wait_for_text(app, "/feed.xml", "The Morning Courier"));
        assert!(misses <= 1, "it is rendered once");
        assert!(app.get("/latest").body.contains("The Morning Courier"), "an uncached page is up to date");
    }

    fn edits_are_visible_immediately_also_during_an_import(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Bridge opens", 1);
        for import_first in [true, false] {
            cached_body(app, "/news");
            let headline = format!("Bridge closes, {import_first}");
            let edit = || app.edit(id, &app.draft(news, &headline));
            if import_first {
                rename_deferred(app, "The Morning Courier");
                edit();
            } else {
                edit();
                rename_deferred(app, "The Noon Courier");
            }
            assert!(app.get("/news").body.contains(&headline), "{headline}");
        }
    }

    fn scheduled_articles_appear_on_time_also_during_an_import(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Ferry sails");
        draft.published_at = Some(app.now() + TimeDelta::seconds(90));
        app.publish(&draft);
        cached_body(app, "/news");
        rename_deferred(app, "The Morning Courier");
        app.app.clock.advance(TimeDelta::seconds(90));
        assert!(app.get("/news").body.contains("Ferry sails"));
    }

    fn responses_to_logged_in_users_are_not_cached(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        let editor = app.staff(UserRole::Editor);
        begin_minute(app);
        let (hits, misses) = hits_and_misses(app, || {
            for _ in 0..2 {
                let page = editor.get(&path);
                assert_eq!(page.header("cache-control"), Some("private, no-store"));
            }
        });
        assert_eq!((hits, misses), (0, 0), "neither served from the cache nor stored");
        let (hits, misses) = hits_and_misses(app, || drop(app.get(&path)));
        assert_eq!((hits, misses), (0, 1));
        let cookies = app.get_with(&path, &[("user-agent", BROWSER), ("cookie", "session=forged; a=b")]);
        assert_eq!(cookies.header("cache-control"), Some("private, no-store"));
    }

    fn every_encoding_is_negotiated_and_has_the_same_content(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        let plain = cached_body(app, &path);
        let get_with_encoding = |accept: &str| {
            app.get_with(&path, &[("user-agent", BROWSER), ("accept-encoding", accept)])
        };
        let mut tags = vec![app.get(&path).header("etag").unwrap().to_owned()];
        for accept in ["gzip", "br", "zstd", "gzip, deflate, br, zstd"] {
            // The first response uses fast compression; the strong one follows in the background.
            let expected_encoding = if accept.contains("br") { "br" } else { accept };
            let start = Instant::now();
            let page = loop {
                let page = get_with_encoding(accept);
                assert_eq!(page.status, 200);
                assert_eq!(page.header("vary"), Some("accept-encoding"));
                let is_strong = page.header("etag").unwrap().ends_with(&format!("-{expected_encoding}\""));
                if is_strong {
                    break page;
                }
                assert!(start.elapsed() < Duration::from_secs(10), "{accept}");
                std::thread::sleep(Duration::from_millis(10));
            };
            assert_eq!(page.header("content-encoding"), Some(expected_encoding));
            let body = match expected_encoding {
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
            let conditional = [("accept-encoding", accept), ("if-none-match", etag.as_str())];
            assert_eq!(app.get_with(&path, &conditional).status, 304);
            tags.push(etag);
        }
        tags.dedup();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4, "one ETag per encoding: {tags:?}");
    }

    fn the_fast_path_and_the_server_send_the_same_response(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        begin_minute(app);
        cached_body(app, &path);
        let etag = app.get(&path).header("etag").unwrap().to_owned();
        let conditional = format!("if-none-match: {etag}\r\n");
        for (method, path, more) in [
            ("GET", path.clone(), ""),
            ("GET", format!("{path}?utm_source=mail"), ""),
            ("HEAD", path.clone(), ""),
            ("GET", path.clone(), conditional.as_str()),
            ("HEAD", path.clone(), conditional.as_str()),
        ] {
            let mut stream = TcpStream::connect(app.address).unwrap();
            let mut request = || send_request(&mut stream, &format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{more}\r\n", app.address));
            let first = request();
            let (hits, misses) = hits_and_misses(app, || {
                for _ in 0..3 {
                    let next = request();
                    // The fast path writes the date first; actix-http writes it last.
                    let is_from_fast_path = next.head[1].starts_with("date: ");
                    assert_eq!(is_from_fast_path, app.has_fast_path(), "{:?}", next.head);
                    assert_eq!(next.comparable(), first.comparable());
                }
            });
            assert_eq!((hits, misses), (3, 0));
            assert_eq!(first.body.is_empty(), method == "HEAD" || !more.is_empty());
        }
    }

    fn head_and_304_responses_have_the_headers_of_the_page(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        cached_body(app, &path);
        let page = app.get(&path);
        let head = app.head(&path);
        assert_eq!(head.status, 200);
        assert_eq!(head.body, "");
        let modified = page.header("last-modified").unwrap();
        let not_modified = app.get_with(&path, &[("if-modified-since", modified)]);
        assert_eq!((not_modified.status, not_modified.body.as_str()), (304, ""));
        for name in ["etag", "last-modified", "vary", "cache-control", "content-security-policy", "x-content-type-options"] {
            assert!(page.header(name).is_some(), "{name}");
            assert_eq!(head.header(name), page.header(name), "{name}");
            assert_eq!(not_modified.header(name), page.header(name), "{name}");
        }
        assert_eq!(head.header("content-length"), page.header("content-length"));
    }

    fn unknown_query_parameters_do_not_add_cache_entries(app: &TestApp) {
        let news = app.section("news", "News");
        for n in 0..45 {
            app.story(news, &format!("Story {n}"), n);
        }
        let path = app.path(app.story(news, "Bridge opens", 1));
        for page in [path.as_str(), "/news", "/"] {
            begin_minute(app);
            let plain = cached_body(app, page);
            let pages = app.cache.store.len();
            let (_, misses) = hits_and_misses(app, || {
                for n in 0..200 {
                    assert_eq!(app.get(&format!("{page}?x={n}&utm_source=mail")).body, plain);
                }
            });
            assert_eq!(misses, 0, "{page}");
            assert_eq!(app.cache.store.len(), pages);
        }
        // Pages without pagination ignore `page` and have a single entry.
        let before = app.cache.store.len();
        for n in 2..50 {
            assert_eq!(app.status(&format!("{path}?page={n}")), 200);
            app.get(&format!("/%6eews?page={n}"));
        }
        assert_eq!(app.cache.store.len(), before);
        // Paginated lists have one entry for each existing page.
        let second = cached_body(app, "/news?page=2");
        assert_ne!(second, cached_body(app, "/news"));
        assert_eq!(app.get("/news?utm_source=mail&page=2").body, second);
        assert_eq!(app.status("/news?page=99999"), 404);
        assert_eq!(app.cache.store.len(), before + 1);
    }

    fn stale_pages_are_served_and_marked_while_the_database_fails(app: &TestApp) {
        let news = app.section("news", "News");
        let story = app.path(app.story(news, "Bridge opens", 1));
        let withdrawn = app.story(news, "Ferry sinks", 2);
        let withdrawn_path = app.path(withdrawn);
        cached_body(app, &withdrawn_path);
        let editor = app.staff(UserRole::Editor);
        editor.post(&format!("/admin/articles/{withdrawn}/trash"), &[]);
        let front_page = cached_body(app, "/");
        cached_body(app, &story);

        // The cached pages are stale, and the database fails.
        app.write(|conn| {
            diesel::sql_query("ALTER TABLE timeline_entries RENAME TO missing_entries").execute(conn)?;
            diesel::sql_query("ALTER TABLE addresses RENAME TO missing_addresses").execute(conn)?;
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
            assert!(page.status >= 500, "{path} has no page that may be served");
            assert!(!page.body.contains("Ferry sinks"));
        }

        app.write(|conn| {
            diesel::sql_query("ALTER TABLE missing_entries RENAME TO timeline_entries").execute(conn)?;
            diesel::sql_query("ALTER TABLE missing_addresses RENAME TO addresses").execute(conn)?;
            Ok(())
        });
        app.app.clock.advance(TimeDelta::minutes(2));
        let page = app.get("/");
        assert_eq!((page.status, page.header("cache-status")), (200, None));
        assert_eq!(app.status(&withdrawn_path), 404);
    }

    fn concurrent_requests_render_a_page_once(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Bridge opens", 1));
        app.update_search_index();
        begin_minute(app);
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

/// Advances the clock to the next noon in UTC, the time zone of the site: nothing changes by itself for hours.
fn advance_to_noon(app: &TestApp) {
    let noon = (app.now() + TimeDelta::days(1)).date_naive();
    let noon = noon.and_hms_opt(12, 0, 0).unwrap().and_utc();
    app.app.clock.advance(noon - app.now());
}

#[test]
fn last_modified_is_not_later_than_the_date_on_either_path() {
    for fast_path in ["on", "off"] {
        let app = TestApp::with_fast_path(fast_path);
        let news = app.section("news", "News");
        for number in 0..12 {
            let path = app.path(app.story(news, &format!("Story {number}"), 1));
            for _ in 0..3 {
                let page = app.get(&path);
                let date = |name| {
                    let value = page.header(name).unwrap();
                    chrono::DateTime::parse_from_rfc2822(value).unwrap()
                };
                assert!(date("last-modified") <= date("date"), "{path}");
                assert_eq!(page.header_count("date"), 1);
            }
            // Every part of a second.
            std::thread::sleep(Duration::from_millis(130));
        }
    }
}

#[test]
fn proxies_keep_no_page_past_the_moment_at_which_it_changes() {
    for fast_path in ["on", "off"] {
        let settings = [("shared_max_age", "600"), ("fast_path", fast_path)];
        let app = TestApp::with_settings(&settings);
        advance_to_noon(&app);
        let news = app.section("news", "News");
        let story = app.path(app.story(news, "Bridge opens", 24 * 90));
        let seconds = |path: &str, name: &str| -> i64 {
            let page = app.get(path);
            let policy = page.header("cache-control").unwrap();
            let found = policy
                .split(", ")
                .find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            found.map_or(0, |seconds| seconds.parse().unwrap())
        };
        assert_eq!(seconds("/", "s-maxage"), 600);
        // The page changes by itself in five minutes.
        let later = app.now() + TimeDelta::minutes(5);
        app.update_settings(|settings| {
            settings.breaking = Some(Breaking {
                text: "Polls have closed".to_owned(),
                link: String::new(),
                until: later,
            });
        });
        app.update_search_index();
        for advance in [0, 60, 200] {
            app.app.clock.advance(TimeDelta::seconds(advance));
            // A client that has the page keeps it.
            let tag = app.get(&story).header("etag").unwrap().to_owned();
            let known = app.get_with(&story, &[("if-none-match", &tag)]);
            assert_eq!(known.status, 304, "{advance}");
            let policy = known.header("cache-control").unwrap();
            assert!(!policy.contains("s-maxage=600"), "{policy}");
            for path in [
                "/",
                "/news",
                "/feed.xml",
                story.as_str(),
                "/search?q=bridge",
            ] {
                for _ in 0..3 {
                    let rest = (later - app.now()).num_seconds();
                    let kept = seconds(path, "s-maxage") + seconds(path, "stale-while-revalidate");
                    assert!((1..=rest).contains(&kept), "{path}: {kept} of {rest}");
                    assert!(seconds("/nowhere", "s-maxage") <= 10);
                }
            }
        }
        assert_eq!(seconds("/nowhere", "stale-while-revalidate"), 0);
        assert_eq!(seconds("/nowhere", "stale-if-error"), 0);
    }
}

#[test]
fn shared_max_age_lets_proxies_cache_pages() {
    let app = TestApp::with_settings(&[("shared_max_age", "60")]);
    advance_to_noon(&app);
    let news = app.section("news", "News");
    let policy = |path: &str| app.get(path).header("cache-control").unwrap().to_owned();
    assert!(policy("/").starts_with("public, max-age=0, s-maxage=60, stale-while-revalidate=60"));
    let old = app.path(app.story(news, "Long ago", 24 * 90));
    assert!(policy(&old).contains("s-maxage=3600"));
    assert_eq!(policy("/nowhere"), "public, max-age=0, s-maxage=10");
}
