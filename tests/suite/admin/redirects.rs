//! Redirects, and the log of paths asked for in vain.

use dateline::{
    db::types::{MissKind, UserRole::Editor},
    models::miss,
};

use crate::{
    on_both_engines,
    support::{app::TestApp, staff::Staff},
};

/// Adds a redirect; returns the status and what is said to be wrong.
fn add(editor: &Staff<'_>, from: &str, to: &str) -> (u16, String) {
    let page = editor.post("/admin/redirects", &[("from", from), ("to", to)]);
    if page.status == 422 {
        assert_eq!(page.attributes("#field-from", "value"), [from]);
        assert_eq!(page.attributes("#field-to", "value"), [to]);
    }
    (page.status, page.texts(".field .error").join(" "))
}

on_both_engines! {
    fn a_redirect_is_added_searched_and_deleted(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        assert_eq!(add(&editor, "/old_page", "/news?page=2#top").0, 303);
        assert_eq!(add(&editor, &app.url("/Other%20page.html/"), &app.url("/latest")).0, 303);
        assert_eq!(app.moved("/old_page"), "/news?page=2#top");
        assert_eq!(app.moved("/Other%20page.html"), "/latest");
        let found = |q: &str| editor.get(&format!("/admin/redirects?q={q}")).texts(".rows .path");
        assert_eq!(found("").len(), 2);
        assert_eq!(found("old_"), ["/old_page → /news?page=2#top"]);
        assert_eq!(found("lates"), ["/Other page.html → /latest"]);
        for none in ["%25", "%5C", "xx%00"] {
            assert!(found(none).is_empty(), "{none}");
        }
        assert_eq!(editor.post("/admin/redirects/delete", &[("path", "/old_page")]).status, 303);
        assert_eq!(app.status("/old_page"), 404);
        assert_eq!(editor.post("/admin/redirects/delete", &[("path", "/news")]).status, 404);
        assert_eq!(app.status("/news"), 200);
    }

    fn a_page_of_the_site_is_not_redirected(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let article = app.path(app.story(news, "A story", 1));
        for from in ["/news", "/news/", article.as_str(), "/latest", "/2024/01", "/admin/x", "/"] {
            let (status, wrong) = add(&editor, from, "/authors");
            assert_eq!(status, 422, "{from}");
            assert!(wrong.contains("is a page of this site"), "{from}: {wrong}");
        }
        for from in ["", "old", "//x", "/a?b=1", "https://evil.example/x", "/a%0ab", "/%ff"] {
            assert_eq!(add(&editor, from, "/authors").0, 422, "{from}");
        }
        for to in ["", "news", "//evil.example", "https://evil.example/", "javascript:alert(1)", "/nothing"] {
            assert_eq!(add(&editor, "/old", to).0, 422, "{to}");
        }
    }

    fn chains_become_one_hop_and_loops_are_refused(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        let world = app.section("world", "World");
        assert_eq!(add(&editor, "/a", "/news").0, 303);
        assert_eq!(add(&editor, "/b", "/a?x=1").0, 303);
        assert_eq!(app.moved("/b"), "/news?x=1");
        assert_eq!(add(&editor, "/c", "/c").0, 422);
        assert_eq!(add(&editor, "/c", "/C/").0, 422);
        // A redirect in place of one.
        assert_eq!(add(&editor, "/a", "/world").0, 303);
        assert_eq!(app.moved("/a"), "/world");
        let (status, wrong) = add(&editor, "/a", "/a");
        assert_eq!(status, 422, "{wrong}");
        assert!(wrong.contains("back to where it came from"), "{wrong}");
        // As imports may bring them: to where nothing is.
        app.change(|conn| Ok(dateline::models::address::redirect(conn, "/p", "/q")?));
        let (status, wrong) = add(&editor, "/q", "/p");
        assert!(status == 422 && wrong.contains("back to where it came from"), "{wrong}");
        assert_eq!(add(&editor, "/q", "/news").0, 303);
        assert_eq!(app.moved("/p"), "/news", "what led there leads on in one hop");
        // What it leads to moves on.
        let page = editor.post(&format!("/admin/sections/{world}"), &[("name", "World"), ("slug", "planet")]);
        assert_eq!(page.status, 303);
        assert_eq!(app.moved("/a"), "/planet");
        assert_eq!(add(&editor, "/d", "/world").0, 303);
        assert_eq!(app.moved("/d"), "/planet");
    }

    fn a_redirect_to_what_is_not_public_gives_nothing_away(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Next week", -24));
        assert_eq!(add(&editor, "/short", &path).0, 303);
        assert_eq!(app.status("/short"), 404);
        app.app.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(app.moved("/short"), path);
    }

    fn paths_asked_for_in_vain_are_listed_most_often_first(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        for _ in 0..3 {
            assert_eq!(app.status("/often"), 404);
        }
        app.status("/o%22nce");
        app.get_with("/bot", &[("user-agent", "Googlebot/2.1")]);
        app.status(&format!("/{}", "x".repeat(300)));
        app.status("/news");
        app.flush_views();
        app.status("/often");
        app.flush_views();
        let page = editor.get("/admin/redirects");
        let log: Vec<String> = page.texts("section[aria-labelledby=missing] .path");
        assert_eq!(log.len(), 2);
        assert!(log[0].starts_with("/often4×") && log[1].starts_with("/o\"nce1×"), "{log:?}");
        let links = page.attributes("section[aria-labelledby=missing] a", "href");
        assert_eq!(editor.get(&links[1]).attributes("#field-from", "value"), ["/o\"nce"]);
        assert_eq!(editor.post("/admin/redirects/forget", &[("path", "/o\"nce")]).status, 303);
        assert_eq!(add(&editor, "/often", "/news").0, 303);
        let page = editor.get("/admin/redirects");
        assert!(page.texts("section[aria-labelledby=missing] .path").is_empty(), "a redirect settles it");
    }

    fn the_log_stays_small(app: &TestApp) {
        let now = app.now();
        let rows = |from: usize| -> Vec<(String, i64)> { (from..from + 4_000).map(|n| (format!("/{n}"), if n == 7 { 2 } else { 1 })).collect() };
        app.change(|conn| {
            miss::add(conn, MissKind::Path, &rows(0), now)?;
            Ok(miss::add(conn, MissKind::Path, &rows(4_000), now + chrono::TimeDelta::hours(1))?)
        });
        let kept = app.change(|conn| Ok(miss::most_asked(conn, MissKind::Path, 1, 10_000)?));
        assert_eq!(kept.len(), 5_000);
        assert_eq!(kept[0].asked, "/7", "what is asked for often stays");
        assert!(kept.iter().filter(|row| row.last_at > now.naive_utc()).count() == 4_000, "the oldest go");
    }
}
