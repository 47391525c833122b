//! Redirects and the log of missing paths.

use dateline::{
    db::types::{NotFoundKind, UserRole::Editor},
    models::not_found,
};

use crate::{
    on_both_engines,
    support::{app::TestApp, staff::Staff},
};

/// Adds a redirect; returns the status and the error messages.
fn add(editor: &Staff<'_>, from: &str, to: &str) -> (u16, String) {
    let page = editor.post("/admin/redirects", &[("from", from), ("to", to)]);
    if page.status == 422 {
        assert_eq!(page.attributes("#field-from", "value"), [from]);
        assert_eq!(page.attributes("#field-to", "value"), [to]);
    }
    (page.status, page.texts(".field .error").join(" "))
}

on_both_engines! {
    fn redirects_are_added_searched_and_deleted(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        assert_eq!(add(&editor, "/old_page", "/news?page=2#top").0, 303);
        assert_eq!(add(&editor, &app.url("/Other%20page.html/"), &app.url("/latest")).0, 303);
        assert_eq!(app.redirect_target("/old_page"), "/news?page=2#top");
        assert_eq!(app.redirect_target("/Other%20page.html"), "/latest");
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

    fn pages_of_the_site_cannot_be_redirected(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let article = app.path(app.story(news, "A story", 1));
        for from in ["/news", "/news/", article.as_str(), "/latest", "/2024/01", "/admin/x", "/"] {
            let (status, error) = add(&editor, from, "/authors");
            assert_eq!(status, 422, "{from}");
            let is_refused = ["is a page of this site", "is the address of"]
                .iter()
                .any(|text| error.contains(text));
            assert!(is_refused, "{from}: {error}");
        }
        for from in ["", "old", "//x", "/a?b=1", "https://evil.example/x", "/a%0ab", "/%ff"] {
            assert_eq!(add(&editor, from, "/authors").0, 422, "{from}");
        }
        for to in ["", "news", "//evil.example", "https://evil.example/", "javascript:alert(1)", "/nothing"] {
            assert_eq!(add(&editor, "/old", to).0, 422, "{to}");
        }
    }

    fn redirect_chains_are_flattened_and_loops_are_refused(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        let world = app.section("world", "World");
        assert_eq!(add(&editor, "/a", "/news").0, 303);
        assert_eq!(add(&editor, "/b", "/a?x=1").0, 303);
        assert_eq!(app.redirect_target("/b"), "/news?x=1");
        assert_eq!(add(&editor, "/c", "/c").0, 422);
        assert_eq!(add(&editor, "/c", "/C/").0, 422);
        // A redirect replaces an existing one.
        assert_eq!(add(&editor, "/a", "/world").0, 303);
        assert_eq!(app.redirect_target("/a"), "/world");
        let (status, error) = add(&editor, "/a", "/a");
        assert_eq!(status, 422, "{error}");
        assert!(error.contains("cannot lead to itself"), "{error}");
        // Imports may add redirects to missing paths.
        app.write(|conn| Ok(dateline::models::address::redirect(conn, "/p", "/q")?));
        let (status, error) = add(&editor, "/q", "/p");
        assert!(status == 422 && error.contains("cannot lead to itself"), "{error}");
        assert_eq!(add(&editor, "/q", "/news").0, 303);
        assert_eq!(app.redirect_target("/p"), "/news", "existing redirects to it are flattened");
        // The target is renamed.
        let page = editor.post(&format!("/admin/sections/{world}"), &[("name", "World"), ("slug", "planet")]);
        assert_eq!(page.status, 303);
        assert_eq!(app.redirect_target("/a"), "/planet");
        assert_eq!(add(&editor, "/d", "/world").0, 303);
        assert_eq!(app.redirect_target("/d"), "/planet");
    }

    fn redirects_do_not_reveal_scheduled_articles(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Next week", -24));
        assert_eq!(add(&editor, "/short", &path).0, 303);
        assert_eq!(app.status("/short"), 404);
        app.app.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(app.redirect_target("/short"), path);
    }

    fn missing_paths_are_listed_by_number_of_requests(app: &TestApp) {
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
        assert!(page.texts("section[aria-labelledby=missing] .path").is_empty(), "adding a redirect removes the path from the log");
    }

    fn the_log_of_missing_paths_is_limited(app: &TestApp) {
        let now = app.now();
        let rows = |from: usize| -> Vec<(String, i64)> { (from..from + 4_000).map(|n| (format!("/{n}"), if n == 7 { 2 } else { 1 })).collect() };
        app.write(|conn| {
            not_found::add(conn, NotFoundKind::Path, &rows(0), now)?;
            Ok(not_found::add(conn, NotFoundKind::Path, &rows(4_000), now + chrono::TimeDelta::hours(1))?)
        });
        let kept = app.write(|conn| Ok(not_found::most_asked(conn, NotFoundKind::Path, 1, 10_000)?));
        assert_eq!(kept.len(), 5_000);
        assert_eq!(kept[0].asked, "/7", "often requested paths stay");
        assert!(kept.iter().filter(|row| row.last_at > now.naive_utc()).count() == 4_000, "the oldest rows are deleted");
    }
}
