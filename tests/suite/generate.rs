//! `dateline generate`: the synthetic archive.

use dateline::generate;

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_generated_archive_has_lists_pages_and_rankings(app: &TestApp) {
        let mut reported = 0;
        generate::archive(&app.app.db, 500, 1, app.now(), &mut |progress| {
            if let generate::Progress::Articles(done) = progress {
                reported = done;
            }
        })
        .unwrap();
        assert_eq!(reported, 500);
        let page = app.get("/latest");
        assert_eq!(page.text(".count"), "500 stories");
        assert_eq!(page.text(".pages p"), "Page 1 of 25");
        assert_eq!(app.get("/latest?page=25").texts(".card-headline").len(), 20);
        assert_eq!(app.status("/latest?page=26"), 404);
        assert!(app.get("/archive").texts(".periods a").len() >= 10, "ten years");
        let article = page.attributes(".card-headline a", "href").remove(0);
        assert!(app.get(&article).texts(".body p").len() > 3);
        assert_eq!(app.get("/").texts(".popular li").len(), 10);
        assert!(!app.get("/search?q=bridge").texts("main .card-headline").is_empty());
        // A story added afterwards is listed first.
        let section_id = app.section("after", "After");
        app.story(section_id, "Written by hand", 0);
        assert_eq!(app.get("/latest").text(".card-headline"), "Written by hand");
    }

    fn generate_refuses_a_database_with_articles(app: &TestApp) {
        app.story(app.section("news", "News"), "Mine", 1);
        let refused = generate::archive(&app.app.db, 10, 1, app.now(), &mut |_| {});
        assert!(refused.unwrap_err().to_string().contains("empty"));
        assert_eq!(app.get("/latest").text(".count"), "1 story");
    }
}

#[test]
fn the_same_seed_generates_the_same_archive() {
    let headlines = |seed| {
        let app = TestApp::on_sqlite();
        generate::archive(&app.app.db, 30, seed, app.now(), &mut |_| {}).unwrap();
        app.get("/latest").texts(".card-headline")
    };
    assert_eq!(headlines(7), headlines(7));
    assert_ne!(headlines(7), headlines(8));
}
