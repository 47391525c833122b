//! Section pages.

use dateline::models::article::Draft;

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_section_lists_its_subsections_and_their_stories(app: &TestApp) {
        app.section("news", "News");
        let child = app.section("news/diplomatic-news", "Diplomatic News");
        app.story(child, "From the child", 1);
        let page = app.get("/news");
        assert_eq!(page.text("h1"), "News");
        assert_eq!(page.texts(".submenu a"), ["Diplomatic News"]);
        assert!(page.texts(".card-headline").contains(&"From the child".to_owned()));
        let page = app.get("/news/diplomatic-news");
        assert_eq!(page.texts(".breadcrumb a"), ["Home", "News", "Diplomatic News"]);
        assert_eq!(page.texts(".submenu a[aria-current=page]"), ["Diplomatic News"]);
        assert!(page.texts(".card-headline").contains(&"From the child".to_owned()));
    }

    fn a_story_is_also_listed_in_its_further_sections(app: &TestApp) {
        let (news, trade) = (app.section("news", "News"), app.section("trade", "Trade"));
        app.publish(&Draft {
            further_section_ids: vec![trade],
            ..app.draft(news, "In both")
        });
        for path in ["/news", "/trade"] {
            assert_eq!(app.get(path).texts(".card-headline"), ["In both"], "{path}");
        }
    }

    fn a_section_has_its_own_lead_story(app: &TestApp) {
        let news = app.section("news", "News");
        let ids: Vec<i64> = (1..=6).map(|h| app.story(news, &format!("Story {h}"), h)).collect();
        app.pin(Some(news), &[ids[3]]);
        let page = app.get("/news");
        let headlines = page.texts("main .card-headline");
        assert_eq!(page.text(".section-top .card.lead .card-headline"), "Story 4");
        assert_eq!(headlines.iter().filter(|headline| *headline == "Story 4").count(), 1);
        assert_eq!(headlines.len(), 6);
    }

    fn a_section_has_its_own_ranking(app: &TestApp) {
        let (news, sport) = (app.section("news", "News"), app.section("sport", "Sport"));
        let read_path = app.path(app.story(news, "Read in news", 2));
        app.story(news, "Not read", 2);
        let other_path = app.path(app.story(sport, "Read in sport", 2));
        app.get(&read_path);
        app.get(&other_path);
        app.flush_views();
        assert_eq!(app.get("/news").texts(".popular li"), ["Read in news"]);
        assert_eq!(app.get("/sport").texts(".popular li"), ["Read in sport"]);
    }

    fn an_empty_section_shows_a_message(app: &TestApp) {
        app.section("quiet", "Quiet");
        let page = app.get("/quiet");
        assert_eq!(page.status, 200);
        assert!(page.body.contains("There are no stories here yet."));
    }
}
