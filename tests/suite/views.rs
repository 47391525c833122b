//! View counting: which requests count, and that no view is lost.

use dateline::db::schema::{view_hours, view_totals};
use diesel::prelude::*;

use crate::{
    on_both_engines,
    support::app::{BROWSER, TestApp},
};

/// The stored number of views of an article.
fn view_count(app: &TestApp, id: i64) -> i64 {
    app.flush_views();
    app.write(|conn| {
        let hours: Vec<i64> = view_hours::table
            .filter(view_hours::article_id.eq(id))
            .select(view_hours::views)
            .load(conn)?;
        let total: Option<i64> = view_totals::table
            .find(id)
            .select(view_totals::views)
            .first(conn)
            .optional()?;
        assert_eq!(hours.iter().sum::<i64>(), total.unwrap_or(0));
        Ok(total.unwrap_or(0))
    })
}

on_both_engines! {
    fn a_reader_is_counted_once_within_half_an_hour(app: &TestApp) {
        let id = app.story(app.section("news", "News"), "Read me", 1);
        let path = app.path(id);
        app.get(&path);
        app.get(&path);
        assert_eq!(view_count(app, id), 1);
        app.app.clock.advance(chrono::TimeDelta::minutes(31));
        app.get(&path);
        assert_eq!(view_count(app, id), 2);
    }

    fn bots_prefetches_and_head_requests_are_not_counted(app: &TestApp) {
        let id = app.story(app.section("news", "News"), "Read me", 1);
        let path = app.path(id);
        app.get_with(&path, &[("user-agent", "Googlebot/2.1 (+http://www.google.com/bot.html)")]);
        app.get_with(&path, &[("user-agent", BROWSER), ("sec-purpose", "prefetch")]);
        app.get_with(&path, &[("user-agent", "")]);
        app.head(&path);
        app.get("/news");
        assert_eq!(view_count(app, id), 0);
    }

    fn phones_and_apps_are_counted_and_programs_are_not(app: &TestApp) {
        let id = app.story(app.section("news", "News"), "Read me", 1);
        let path = app.path(id);
        for program in [
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 (compatible; GoogleOther)",
            "Mozilla/5.0 (compatible; Miniflux/2.2.0; +https://miniflux.app)",
            "Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/) Bot",
            "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
            "WhatsApp/2.24.10.85 A",
            "Uptime-Kuma/1.23.11",
            "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
        ] {
            app.get_with(&path, &[("user-agent", program)]);
            assert_eq!(view_count(app, id), 0, "{program}");
        }
        let readers = [
            "Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 337.0.3",
            "Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0;]",
        ];
        for (before, reader) in (0..).zip(readers) {
            app.get_with(&path, &[("user-agent", reader)]);
            assert_eq!(view_count(app, id), before + 1, "{reader}");
        }
    }

    fn missing_pages_count_no_view(app: &TestApp) {
        let news = app.section("news", "News");
        let draft = app.draft(news, "Gone");
        let id = app.publish(&draft);
        let path = app.path(id);
        app.edit(id, &dateline::models::article::Draft {
            status: dateline::db::types::Status::Draft,
            ..draft
        });
        app.get(&path);
        assert_eq!(view_count(app, id), 0);
    }
}

#[test]
fn pending_views_are_saved_when_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("kept.db").display());
    let mut app = TestApp::with_settings(&[("database_url", &url)]);
    let id = app.story(app.section("news", "News"), "Read me", 1);
    app.get(&app.path(id));
    app.stop();
    let restarted = TestApp::with_settings(&[("database_url", &url)]);
    assert_eq!(view_count(&restarted, id), 1);
}
