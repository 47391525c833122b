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

    fn a_pasted_address_with_text_around_it_redirects_to_the_story(app: &TestApp) {
        let section_id = app.section("news", "News");
        let path = app.path(app.story(section_id, "A story", 1));
        for added in [
            "%E2%80%9D", "%22", "%20", "%C2%A0", "%A0", "%E2%80%8B", ")", ").", ",", "...", "%E2%80%A6", "**", "%3E", "%5D",
            "&utm_source=x", "&utm_source=x&utm_medium=y", "%3Futm_source=x", "%23top", "&quot;", ";jsessionid=7",
            "/amp", "/amp/", "/amp)", "/amp&utm_source=x", "/%E2%80%9D", "%20says%20it%20all", "%2520",
            "%22%3Ethe%20story%3C/a%3E",
        ] {
            assert_eq!(app.redirect_target(&format!("{path}{added}")), path, "{added}");
        }
        assert_eq!(app.redirect_target(&format!("{}%E2%80%9D", path.to_uppercase())), path);
        assert_eq!(app.redirect_target(&format!("/%E2%80%9C{}%E2%80%9D", &path[1..])), path);
        assert_eq!(app.redirect_target(&format!("{path})?page=2")), format!("{path}?page=2"), "the query is kept");
        assert_eq!(app.redirect_target("/news)"), "/news");
        assert_eq!(app.redirect_target("/latest%20"), "/latest");
        for nothing in ["/%E2%80%9D", "/)", "/%20", "/nothing)", "/nothing/amp", "/.env", "/amp"] {
            assert_eq!(app.status(nothing), 404, "{nothing}");
        }
    }

    fn a_pasted_address_with_two_meanings_answers_404(app: &TestApp) {
        let section_id = app.section("news", "News");
        let (first, second) = (app.story(section_id, "First", 1), app.story(section_id, "Second", 1));
        let kind = dateline::db::types::AddressKind::Article;
        app.write(|conn| {
            address::set_canonical(conn, kind, first, "/guide")?;
            Ok(address::set_canonical(conn, kind, second, "/guide/amp")?)
        });
        assert_eq!(app.status("/guide/amp"), 200, "an address of its own comes first");
        assert_eq!(app.redirect_target("/guide)"), "/guide");
        assert_eq!(app.status("/guide/amp)"), 404);
    }

    fn a_pasted_address_does_not_reveal_an_unpublished_story(app: &TestApp) {
        let draft = app.draft(app.section("news", "News"), "To come");
        let id = app.publish(&Draft { published_at: Some(app.now() + chrono::TimeDelta::hours(2)), ..draft });
        let path = app.path(id);
        for added in ["", ")", "%20", "/amp", "&utm_source=x"] {
            let page = app.get(&format!("{path}{added}"));
            assert_eq!((page.status, page.header("location")), (404, None), "{added}");
        }
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
