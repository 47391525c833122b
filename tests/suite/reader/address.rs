//! Addresses: none that ever worked stops working.

use dateline::models::{address, article::Draft};

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_new_slug_keeps_the_old_address_working(app: &TestApp) {
        let section_id = app.section("news", "News");
        let draft = app.draft(section_id, "First headline");
        let id = app.publish(&draft);
        let first = app.path(id);
        app.edit(id, &Draft { slug: "second-headline".to_owned(), ..draft.clone() });
        let second = app.path(id);
        assert_ne!(first, second);
        assert_eq!(app.moved(&first), second);
        assert_eq!(app.status(&second), 200);
        app.edit(id, &draft);
        assert_eq!(app.moved(&second), first);
    }

    fn the_old_address_of_a_withdrawn_article_tells_nothing(app: &TestApp) {
        let draft = app.draft(app.section("news", "News"), "First headline");
        let id = app.publish(&draft);
        let first = app.path(id);
        app.edit(id, &Draft {
            status: dateline::db::types::Status::Draft,
            slug: "what-nobody-may-know".to_owned(),
            ..draft
        });
        let page = app.get(&first);
        assert_eq!(page.status, 404);
        assert_eq!(page.header("location"), None);
    }

    fn two_articles_of_one_headline_have_two_addresses(app: &TestApp) {
        let section_id = app.section("news", "News");
        let (one, two) = (app.story(section_id, "Same words", 1), app.story(section_id, "Same words", 1));
        assert_ne!(app.path(one), app.path(two));
        assert_eq!(app.status(&app.path(one)), 200);
        assert_eq!(app.status(&app.path(two)), 200);
    }

    fn case_and_slashes_lead_to_the_one_address(app: &TestApp) {
        let section_id = app.section("news", "News");
        app.section("news/world", "World");
        let path = app.path(app.story(section_id, "A story", 1));
        assert_eq!(app.moved(&path.to_uppercase()), path);
        assert_eq!(app.moved(&format!("{path}/")), path);
        assert_eq!(app.moved("//news///world/"), "/news/world");
        assert_eq!(app.moved("/News?page=2"), "/news?page=2");
        assert_eq!(app.moved("/Authors/"), "/authors");
        assert_eq!(app.moved("/2020/01/"), "/2020/01");
        assert_eq!(app.status("/NOTHING/here/"), 404);
    }

    fn a_redirect_leads_on_in_one_hop(app: &TestApp) {
        app.section("news", "News");
        app.change(|conn| Ok(address::redirect(conn, "/old-news", "/news")?));
        assert_eq!(app.moved("/old-news"), "/news");
        assert_eq!(app.moved("/Old-News/"), "/news");
    }

    fn an_address_kept_from_elsewhere_may_have_capitals(app: &TestApp) {
        let id = app.story(app.section("news", "News"), "Imported", 1);
        app.change(|conn| {
            let kind = dateline::db::types::AddressKind::Article;
            Ok(address::set_canonical(conn, kind, id, "/Archive/Story_7.html")?)
        });
        assert_eq!(app.status("/Archive/Story_7.html"), 200);
    }

    fn a_redirect_stays_on_the_site_whatever_the_host_header_says(app: &TestApp) {
        app.section("news", "News");
        let page = app.get_with("/News", &[("host", "evil.example")]);
        assert_eq!(page.header("location"), Some(app.url("/news").as_str()));
    }

    fn hostile_paths_are_not_found(app: &TestApp) {
        for path in ["/%00", "/%ff%fe", "/..%2f..%2fetc/passwd", "/media/..%2f..%2fx", "/assets/../x"] {
            assert_eq!(app.status(path), 404, "{path}");
        }
    }
}
