//! Topic pages.

use dateline::models::article::Draft;

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
}
