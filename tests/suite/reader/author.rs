//! Author pages.

use dateline::models::article::Draft;

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn an_author_page_shows_the_biography_and_their_stories(app: &TestApp) {
        let news = app.section("news", "News");
        let (first, second) = (app.author("Aqsa Bibi"), app.author("Other Person"));
        app.publish(&Draft { author_ids: vec![first, second], ..app.draft(news, "Together") });
        app.publish(&Draft { author_ids: vec![second], ..app.draft(news, "Alone") });
        let page = app.get("/author/aqsa-bibi");
        assert_eq!(page.text("h1"), "Aqsa Bibi");
        assert!(page.text(".author-head").contains("three continents"));
        assert_eq!(page.texts(".author-links a"), ["reporter@example.org", "Mastodon"]);
        assert_eq!(page.texts(".card-headline"), ["Together"]);
        assert_eq!(page.attributes(".card-meta time", "datetime").len(), 1);
        assert_eq!(page.json_ld("ProfilePage")["mainEntity"]["name"], "Aqsa Bibi");
        assert_eq!(app.get("/author/other-person").texts(".card-headline").len(), 2);
    }
}
