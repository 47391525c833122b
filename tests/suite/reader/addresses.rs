//! Addresses: old ones redirect, variants redirect to the canonical one, hostile ones answer 404.

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
        assert_eq!(app.redirect_target(&first), second);
        assert_eq!(app.status(&second), 200);
        app.edit(id, &draft);
        assert_eq!(app.redirect_target(&second), first);
    }

    fn the_old_address_of_an_unpublished_article_answers_404(app: &TestApp) {
        let draft = app.draft(app.section("news", "News"), "First headline");
        let id = app.publish(&draft);
        let first = app.path(id);
        app.edit(id, &Draft {
            status: dateline::db::types::Status::Draft,
            slug: "confidential-slug".to_owned(),
            ..draft
        });
        let page = app.get(&first);
        assert_eq!(page.status, 404);
        assert_eq!(page.header("location"), None);
    }

    fn articles_with_the_same_headline_have_different_addresses(app: &TestApp) {
        let section_id = app.section("news", "News");
        let (first, second) = (app.story(section_id, "Same words", 1), app.story(section_id, "Same words", 1));
        assert_ne!(app.path(first), app.path(second));
        assert_eq!(app.status(&app.path(first)), 200);
        assert_eq!(app.status(&app.path(second)), 200);
    }

    fn variants_in_case_and_slashes_redirect_to_the_canonical_address(app: &TestApp) {
        let section_id = app.section("news", "News");
        app.section("news/world", "World");
        let path = app.path(app.story(section_id, "A story", 1));
        assert_eq!(app.redirect_target(&path.to_uppercase()), path);
        assert_eq!(app.redirect_target(&format!("{path}/")), path);
        assert_eq!(app.redirect_target("//news///world/"), "/news/world");
        assert_eq!(app.redirect_target("/News?page=2"), "/news?page=2");
        assert_eq!(app.redirect_target("/Authors/"), "/authors");
        assert_eq!(app.redirect_target("/2020/01/"), "/2020/01");
        assert_eq!(app.status("/NOTHING/here/"), 404);
    }

    fn redirects_lead_to_their_target_in_one_hop(app: &TestApp) {
        app.section("news", "News");
        app.write(|conn| Ok(address::redirect(conn, "/old-news", "/news")?));
        assert_eq!(app.redirect_target("/old-news"), "/news");
        assert_eq!(app.redirect_target("/Old-News/"), "/news");
    }

    fn imported_addresses_may_contain_upper_case_letters(app: &TestApp) {
        let id = app.story(app.section("news", "News"), "Imported", 1);
        app.write(|conn| {
            let kind = dateline::db::types::AddressKind::Article;
            Ok(address::set_canonical(conn, kind, id, "/Archive/Story_7.html")?)
        });
        assert_eq!(app.status("/Archive/Story_7.html"), 200);
    }

    fn redirects_ignore_the_host_header(app: &TestApp) {
        app.section("news", "News");
        let page = app.get_with("/News", &[("host", "evil.example")]);
        assert_eq!(page.header("location"), Some(app.url("/news").as_str()));
    }

    fn hostile_paths_answer_404(app: &TestApp) {
        for path in ["/%00", "/%ff%fe", "/..%2f..%2fetc/passwd", "/media/..%2f..%2fx", "/assets/../x"] {
            assert_eq!(app.status(path), 404, "{path}");
        }
    }
}
