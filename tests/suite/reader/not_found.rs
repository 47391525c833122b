//! What readers get when there is nothing, or when something is broken.

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_wrong_address_helps_on(app: &TestApp) {
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

    fn a_fault_gives_a_calm_page_without_its_cause(app: &TestApp) {
        app.section("news", "News");
        app.settings(|settings| settings.name = "The Calm".to_owned());
        assert_eq!(app.status("/"), 200);
        app.change(|conn| {
            use diesel::connection::SimpleConnection;
            Ok(conn.batch_execute("ALTER TABLE river_entries RENAME TO gone")?)
        });
        // Of the front page there is the last one to be shown; of this there is none.
        let page = app.get("/latest");
        assert_eq!(page.status, 500);
        assert_eq!(page.text("h1"), "Something went wrong");
        assert!(page.text("title").ends_with("The Calm"));
        assert!(!page.body.contains("river") && !page.body.contains("table"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
}
