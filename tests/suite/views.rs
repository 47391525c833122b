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
