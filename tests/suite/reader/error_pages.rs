//! Error pages: 404 and 500.

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn the_404_page_offers_search_sections_and_latest_stories(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Newest story", 1);
        let page = app.get("/no/such/page");
        assert_eq!(page.status, 404);
        assert_eq!(page.text("h1"), "Page not found");
        assert_eq!(page.attributes("main form", "action"), ["/search"]);
        assert!(page.texts("main .children a").contains(&"News".to_owned()));
        assert_eq!(page.texts("main .card-headline"), ["Newest story"]);
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
        assert_eq!(page.attributes("link[rel=canonical]", "href").len(), 0);
    }

    fn the_500_page_does_not_reveal_the_cause(app: &TestApp) {
        app.section("news", "News");
        app.update_settings(|settings| settings.name = "The Calm".to_owned());
        assert_eq!(app.status("/"), 200);
        app.write(|conn| {
            use diesel::connection::SimpleConnection;
            Ok(conn.batch_execute("ALTER TABLE timeline_entries RENAME TO gone")?)
        });
        // The front page would be served stale; this page has not been cached.
        let page = app.get("/latest");
        assert_eq!(page.status, 500);
        assert_eq!(page.text("h1"), "Something went wrong");
        assert!(page.text("title").ends_with("The Calm"));
        assert!(!page.body.contains("timeline") && !page.body.contains("table"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
}
