//! Authors: managed by editors; each user edits their own author page.

use dateline::{
    db::types::UserRole::{Admin, Author, Contributor, Editor},
    models::article::Draft,
};

use crate::{on_both_engines, support::app::TestApp};

fn url(id: i64) -> String {
    format!("/admin/authors/{id}")
}

on_both_engines! {
    fn an_added_author_is_shown_to_readers_with_all_fields(app: &TestApp) {
        let editor = app.staff(Editor);
        let portrait = app.picture("Aqsa at her desk").to_string();
        let page = editor.post("/admin/authors", &[
            ("name", "Aqsa Bibi"), ("title", "Diplomatic Correspondent"), ("biography", "Covers talks.\nSpeaks five languages."),
            ("email", "aqsa@example.org"), ("portrait", &portrait),
            ("network", "X"), ("url", "https://x.com/aqsa"), ("network", "mastodon"), ("url", "https://social.example/@aqsa"),
            ("network", " "), ("url", ""),
        ]);
        assert_eq!(page.status, 303, "{}", page.body);
        let page = app.get("/author/aqsa-bibi");
        for expected in ["Aqsa Bibi", "Diplomatic Correspondent", "Covers talks.", "aqsa@example.org", "https://x.com/aqsa"] {
            assert!(page.body.contains(expected), "{expected}");
        }
        let author_url = editor.get("/admin/authors").attributes(".rows a", "href").remove(0);
        let page = editor.get(&author_url);
        assert_eq!(page.attributes("input[name=network]", "value"), ["x", "mastodon", "", ""]);
        assert_eq!(page.attributes("#field-portrait", "value"), [portrait]);
    }

    fn invalid_fields_are_reported_and_values_are_kept(app: &TestApp) {
        let editor = app.staff(Editor);
        app.author("Aqsa Bibi");
        let page = editor.post("/admin/authors", &[
            ("name", "Aqsa Bibi"), ("biography", "entered"), ("email", "nothing"), ("portrait", "88"),
            ("network", "x"), ("url", "javascript:alert(1)"), ("network", "y"), ("url", "https://y.example"),
        ]);
        assert_eq!(page.status, 422);
        for field in ["slug", "email", "portrait", "social_links"] {
            assert!(!page.text(&format!("#error-{field}")).is_empty());
        }
        assert_eq!(page.text("textarea"), "entered");
        assert_eq!(page.attributes("input[name=url]", "value")[..2], ["javascript:alert(1)", "https://y.example"]);
    }

    fn the_old_address_of_a_renamed_author_redirects(app: &TestApp) {
        let editor = app.staff(Editor);
        let id = app.author("Aqsa Bibi");
        assert_eq!(editor.post(&url(id), &[("name", "Aqsa Khan"), ("slug", "aqsa-khan")]).status, 303);
        assert_eq!(app.redirect_target("/author/aqsa-bibi"), "/author/aqsa-khan");
        assert_eq!(app.get("/author/aqsa-khan").text("h1"), "Aqsa Khan");
    }

    fn users_edit_only_the_author_linked_to_their_account(app: &TestApp) {
        let (own, other) = (app.author("Aqsa Bibi"), app.author("Another Author"));
        for role in [Contributor, Author] {
            let aqsa = app.staff(role);
            assert_eq!(aqsa.get(&url(own)).status, 404, "not linked yet");
            let admin = app.staff(Admin);
            let (email, byline) = (aqsa.email.clone(), own.to_string());
            let page = admin.post(&format!("/admin/users/{}", aqsa.id), &[("name", "Aqsa"), ("email", &email), ("role", role.as_str()), ("author", &byline)]);
            assert_eq!(page.status, 303);
            let page = aqsa.get(&url(own));
            assert_eq!(page.status, 200);
            assert!(page.texts("#field-name, #field-slug").is_empty(), "only editors change name and slug");
            assert!(aqsa.get("/admin/account").attributes("a", "href").contains(&url(own)));
            let text = format!("Written by the {}.", role.as_str());
            let page = aqsa.post(&url(own), &[("biography", &text), ("name", "Lord Aqsa"), ("slug", "lord")]);
            assert_eq!(page.status, 303, "{}", page.body);
            let page = app.get("/author/aqsa-bibi");
            assert_eq!(page.text("h1"), "Aqsa Bibi");
            assert!(page.body.contains(&text));
            for path in [url(other), url(999_999)] {
                assert_eq!(aqsa.get(&path).status, 404);
                assert_eq!(aqsa.post(&path, &[("biography", "stolen")]).status, 404);
            }
            assert_eq!(aqsa.post(&format!("{}/delete", url(own)), &[]).status, 403);
            assert_eq!(aqsa.post("/admin/authors", &[("name", "New")]).status, 403);
        }
        assert!(!app.get("/author/another-author").body.contains("stolen"));
    }

    fn only_authors_without_articles_can_be_deleted(app: &TestApp) {
        let editor = app.staff(Editor);
        let (busy, idle) = (app.author("Busy"), app.author("Idle"));
        app.publish(&Draft { author_ids: vec![busy], ..app.draft(app.section("news", "News"), "Hers") });
        assert_eq!(editor.post(&format!("{}/delete", url(busy)), &[]).status, 400);
        let user = app.staff(Author);
        let admin = app.staff(Admin);
        let byline = idle.to_string();
        admin.post(&format!("/admin/users/{}", user.id), &[("name", "I"), ("email", &user.email), ("role", "author"), ("author", &byline)]);
        assert_eq!(editor.post(&format!("{}/delete", url(idle)), &[]).status, 303);
        assert_eq!(app.status("/author/idle"), 404);
        assert_eq!(user.get("/admin").status, 200, "the user linked to the deleted author can still log in");
    }

    fn authors_are_searched_without_regard_to_case_and_accents(app: &TestApp) {
        let editor = app.staff(Editor);
        app.author("Zoë Šimić");
        app.author("Aqsa Bibi");
        assert_eq!(editor.get("/admin/authors").texts(".rows strong"), ["Aqsa Bibi", "Zoë Šimić"]);
        assert_eq!(editor.get("/admin/authors?q=ZOE+simic").texts(".rows strong"), ["Zoë Šimić"]);
        assert!(editor.get("/admin/authors?q=%E2%80%A6").texts(".rows strong").is_empty());
    }
}
