//! A system clock that is set back.

use dateline::db::types::UserRole;

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_clock_set_back_loses_no_text_and_hides_no_new_article(app: &TestApp) {
        let news = app.section("news", "News");
        let one = app.path(app.story(news, "One", 30));
        let editor = app.staff(UserRole::Editor);
        assert_eq!(app.status(&one), 200);
        app.app.clock.advance(chrono::TimeDelta::hours(-3));
        assert_eq!(app.status(&one), 200);
        assert_eq!(app.status("/"), 200);
        assert_eq!(editor.get("/admin").status, 200, "the session stays valid");
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
        assert!(editor.get(&path).body.contains("Second words."), "the last save is shown");
        let form = editor.get(&format!("{path}/publish"));
        let revision = form.attributes("form input[name=revision]", "value").remove(0);
        let page = editor.post(&format!("{path}/publish"), &[("when", "now"), ("revision", &revision), ("status", "draft")]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert!(app.get("/").body.contains("Written yesterday"), "readers see it immediately");
        app.flush_views();
        app.assert_timelines_consistent();
    }
}
