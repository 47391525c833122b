//! Topic pages.

use chrono::TimeDelta;
use dateline::{db::types::Status, models::article::Draft};

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_topic_lists_stories_of_all_sections(app: &TestApp) {
        let (news, sport) = (app.section("news", "News"), app.section("sport", "Sport"));
        let topic = app.topic("Gaza");
        for (section_id, headline) in [(news, "In news"), (sport, "In sport")] {
            app.publish(&Draft { topic_ids: vec![topic], ..app.draft(section_id, headline) });
        }
        app.story(news, "Of something else", 1);
        let page = app.get("/topic/gaza");
        assert_eq!(page.text("h1"), "Gaza");
        let mut headlines = page.texts(".card-headline");
        headlines.sort();
        assert_eq!(headlines, ["In news", "In sport"]);
        assert!(page.text(".count").starts_with("2 stories"));
        assert_eq!(app.status("/topic/unknown"), 404);
    }

    fn a_topic_without_public_stories_has_no_page_feed_or_redirect(app: &TestApp) {
        let news = app.section("news", "News");
        let topic = app.topic("The merger");
        let pages = [
            "/topic/the-merger", "/Topic/The-Merger/", "/topic/the-merger)", "/topic/the-merger?page=2",
            "/topic/the-merger/feed.xml", "/topic/the-merger/feed.atom", "/topic/the-merger/feed.json",
            "/topic/merger", "/topic/merger/feed.xml",
        ];
        app.write(|conn| {
            let change = dateline::models::topic::Change { slug: "merger", name: "The merger", description: "Secret" };
            dateline::models::topic::change(conn, topic, &change)?;
            let change = dateline::models::topic::Change { slug: "the-merger", ..change };
            Ok(dateline::models::topic::change(conn, topic, &change)?)
        });
        let assert_hidden = |why: &str| {
            for path in pages {
                let page = app.get(path);
                assert_eq!((page.status, page.header("location")), (404, None), "{path}: {why}");
                assert!(!page.body.contains("The merger"), "{path}: {why}");
            }
            assert!(!app.get("/search?q=merger&topic=the-merger").body.contains("The merger"), "{why}");
        };
        assert_hidden("it has no stories");
        let draft = Draft { topic_ids: vec![topic], ..app.draft(news, "They agree") };
        let due = app.now() + TimeDelta::hours(3);
        let id = app.publish(&Draft { published_at: Some(due), ..draft.clone() });
        assert_hidden("its story is scheduled");
        for status in [Status::Draft, Status::Review, Status::Trashed] {
            app.publish(&Draft { status, ..draft.clone() });
        }
        assert_hidden("its other stories are not published");
        app.app.clock.advance(TimeDelta::hours(4));
        assert_eq!(app.get("/topic/the-merger").texts(".card-headline"), ["They agree"]);
        assert_eq!(app.redirect_target("/topic/merger"), "/topic/the-merger");
        assert_eq!(app.redirect_target("/topic/merger/feed.xml"), "/topic/the-merger/feed.xml");
        assert_eq!(app.status("/topic/the-merger/feed.json"), 200);
        app.edit(id, &Draft { status: Status::Draft, published_at: Some(due), ..draft });
        assert_hidden("its story was unpublished");
    }
}
