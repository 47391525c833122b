//! Topics: added, searched, renamed, merged and deleted.

use dateline::{db::types::UserRole::Editor, models::article::Draft};

use crate::{on_both_engines, support::app::TestApp};

fn url(id: i64) -> String {
    format!("/admin/topics/{id}")
}

on_both_engines! {
    fn the_old_address_of_a_renamed_topic_redirects(app: &TestApp) {
        let editor = app.staff(Editor);
        assert_eq!(editor.post("/admin/topics", &[("name", "Gaza Strip")]).status, 303);
        assert_eq!(app.status("/topic/gaza-strip"), 404, "it has no stories yet");
        let section_id = app.section("news", "News");
        app.write(|conn| {
            let topic_ids = dateline::models::topic::named(conn, &["Gaza Strip".to_owned()], false)?;
            let tree = dateline::models::section::tree(conn)?;
            let draft = Draft { topic_ids, ..app.draft(section_id, "Of the strip") };
            Ok(dateline::models::article::insert(conn, &draft, &tree, chrono_tz::UTC, app.now())?)
        });
        assert_eq!(app.get("/topic/gaza-strip").text("h1"), "Gaza Strip");
        let id = editor.get("/admin/topics").attributes(".rows a", "href").remove(0);
        let page = editor.post(&id, &[("name", "Gaza"), ("slug", "gaza"), ("description", "All about it")]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert_eq!(app.redirect_target("/topic/gaza-strip"), "/topic/gaza");
        assert!(app.get("/topic/gaza").body.contains("All about it"));
        let page = editor.post("/admin/topics", &[("name", "Typed"), ("slug", "gaza-strip")]);
        assert_eq!(page.status, 422, "an old address stays reserved");
        assert_eq!(page.attributes("#field-name", "value"), ["Typed"]);
        assert_eq!(editor.post("/admin/topics", &[("name", "")]).status, 422);
    }

    fn merging_a_topic_moves_its_stories_and_addresses(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let (gaza, strip, other) = (app.topic("Gaza"), app.topic("Gaza Strip"), app.topic("Other"));
        let with = |headline: &str, topic_ids: Vec<i64>| app.publish(&Draft { topic_ids, ..app.draft(news, headline) });
        with("Only the first", vec![gaza]);
        let both = with("Both", vec![other, strip, gaza]);
        with("Only the second", vec![strip]);
        let page = editor.post(&url(strip), &[("name", "The Strip"), ("slug", "strip")]);
        assert_eq!(page.status, 303);
        let page = editor.post(&format!("{}/merge", url(strip)), &[("into", "Gaza")]);
        assert_eq!(page.header("location"), Some(url(gaza).as_str()), "{}", page.body);
        app.assert_timelines_consistent();
        let page = app.get("/topic/gaza");
        for headline in ["Only the first", "Both", "Only the second"] {
            assert!(page.body.contains(headline), "{headline}");
        }
        for old in ["/topic/gaza-strip", "/topic/strip"] {
            assert_eq!(app.redirect_target(old), "/topic/gaza");
        }
        assert_eq!(app.get(&app.path(both)).body.matches("/topic/gaza\"").count(), 1);
        assert_eq!(editor.get(&url(strip)).status, 404);
    }

    fn a_topic_can_be_merged_only_into_another_existing_topic(app: &TestApp) {
        let editor = app.staff(Editor);
        let gaza = app.topic("Gaza");
        for into in ["", "nowhere", "Gaza", "/topic/gaza"] {
            let page = editor.post(&format!("{}/merge", url(gaza)), &[("into", into)]);
            assert_eq!(page.status, 422, "{into:?}");
            assert!(!page.text("#error-into").is_empty());
        }
    }

    fn only_unused_topics_can_be_deleted(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let (used, unused) = (app.topic("Used"), app.topic("Unused"));
        app.publish(&Draft { topic_ids: vec![used], ..app.draft(news, "Uses it") });
        let page = editor.post(&format!("{}/delete", url(used)), &[]);
        assert_eq!(page.status, 400);
        assert!(page.body.contains("is used by 1 article,"));
        assert_eq!(editor.post(&format!("{}/delete", url(unused)), &[]).status, 303);
        assert_eq!(app.status("/topic/unused"), 404);
        assert_eq!(app.status("/topic/used"), 200);
    }

    fn topics_are_searched_and_paginated(app: &TestApp) {
        let editor = app.staff(Editor);
        app.write(|conn| {
            for n in 0..120 {
                dateline::models::topic::insert(conn, &format!("topic-{n:03}"), &format!("Number {n}"), "")?;
            }
            Ok(dateline::models::topic::insert(conn, "elysee", "Élysée", "")?)
        });
        let mut path = "/admin/topics".to_owned();
        let mut names = vec![];
        loop {
            let page = editor.get(&path);
            names.extend(page.texts(".rows strong"));
            match page.attributes(".pager a[rel=next]", "href").pop() {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!(names.len(), 121);
        assert_eq!(names[0], "Élysée");
        assert_eq!(editor.get("/admin/topics?q=%C3%89lys").texts(".rows strong"), ["Élysée"]);
        let next = editor.get("/admin/topics?q=topic").attributes(".pager a[rel=next]", "href");
        assert_eq!(next, ["/admin/topics?q=topic&after=topic-049"]);
        for odd in ["%00", "%25", "_", "'", "%F0%9F%92%A9"] {
            let page = editor.get(&format!("/admin/topics?q={odd}&after={odd}"));
            assert_eq!(page.status, 200, "{odd}");
        }
    }
}
