//! Authors: managed by editors, and each by themselves.

use dateline::{
    db::types::UserRole::{Admin, Author, Contributor, Editor},
    models::article::Draft,
};

use crate::{on_both_engines, support::app::TestApp};

fn url(id: i64) -> String {
    format!("/admin/authors/{id}")
}

on_both_engines! {
    fn an_author_is_added_with_everything_that_readers_see(app: &TestApp) {
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
        for shown in ["Aqsa Bibi", "Diplomatic Correspondent", "Covers talks.", "aqsa@example.org", "https://x.com/aqsa"] {
            assert!(page.body.contains(shown), "{shown}");
        }
        let mine = editor.get("/admin/authors").attributes(".rows a", "href").remove(0);
        let page = editor.get(&mine);
        assert_eq!(page.attributes("input[name=network]", "value"), ["x", "mastodon", "", ""]);
        assert_eq!(page.attributes("#field-portrait", "value"), [portrait]);
    }

    fn what_is_wrong_is_said_and_nothing_typed_is_lost(app: &TestApp) {
        let editor = app.staff(Editor);
        app.author("Aqsa Bibi");
        let page = editor.post("/admin/authors", &[
            ("name", "Aqsa Bibi"), ("biography", "typed"), ("email", "nothing"), ("portrait", "88"),
            ("network", "x"), ("url", "javascript:alert(1)"), ("network", "y"), ("url", "https://y.example"),
        ]);
        assert_eq!(page.status, 422);
        for field in ["slug", "email", "portrait", "social_links"] {
            assert!(!page.text(&format!("#error-{field}")).is_empty());
        }
        assert_eq!(page.text("textarea"), "typed");
        assert_eq!(page.attributes("input[name=url]", "value")[..2], ["javascript:alert(1)", "https://y.example"]);
    }

    fn a_renamed_author_answers_at_the_old_address(app: &TestApp) {
        let editor = app.staff(Editor);
        let id = app.author("Aqsa Bibi");
        assert_eq!(editor.post(&url(id), &[("name", "Aqsa Khan"), ("slug", "aqsa-khan")]).status, 303);
        assert_eq!(app.moved("/author/aqsa-bibi"), "/author/aqsa-khan");
        assert_eq!(app.get("/author/aqsa-khan").text("h1"), "Aqsa Khan");
    }

    fn somebody_edits_the_author_that_they_are_and_no_other(app: &TestApp) {
        let (mine, other) = (app.author("Aqsa Bibi"), app.author("Somebody Else"));
        for role in [Contributor, Author] {
            let aqsa = app.staff(role);
            assert_eq!(aqsa.get(&url(mine)).status, 404, "before they are tied");
            let admin = app.staff(Admin);
            let (email, byline) = (aqsa.email.clone(), mine.to_string());
            let page = admin.post(&format!("/admin/users/{}", aqsa.id), &[("name", "Aqsa"), ("email", &email), ("role", role.as_str()), ("author", &byline)]);
            assert_eq!(page.status, 303);
            let page = aqsa.get(&url(mine));
            assert_eq!(page.status, 200);
            assert!(page.texts("#field-name, #field-slug").is_empty(), "not theirs to change");
            assert!(aqsa.get("/admin/account").attributes("a", "href").contains(&url(mine)));
            let text = format!("Written by the {}.", role.as_str());
            let page = aqsa.post(&url(mine), &[("biography", &text), ("name", "Lord Aqsa"), ("slug", "lord")]);
            assert_eq!(page.status, 303, "{}", page.body);
            let page = app.get("/author/aqsa-bibi");
            assert_eq!(page.text("h1"), "Aqsa Bibi");
            assert!(page.body.contains(&text));
            for path in [url(other), url(999_999)] {
                assert_eq!(aqsa.get(&path).status, 404);
                assert_eq!(aqsa.post(&path, &[("biography", "stolen")]).status, 404);
            }
            assert_eq!(aqsa.post(&format!("{}/delete", url(mine)), &[]).status, 403);
            assert_eq!(aqsa.post("/admin/authors", &[("name", "New")]).status, 403);
        }
        assert!(!app.get("/author/somebody-else").body.contains("stolen"));
    }

    fn only_an_author_without_an_article_is_deleted(app: &TestApp) {
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
        assert_eq!(user.get("/admin").status, 200, "who was tied to the author still logs in");
    }

    fn the_list_is_searched(app: &TestApp) {
        let editor = app.staff(Editor);
        app.author("Zoë Šimić");
        app.author("Aqsa Bibi");
        assert_eq!(editor.get("/admin/authors").texts(".rows strong"), ["Aqsa Bibi", "Zoë Šimić"]);
        assert_eq!(editor.get("/admin/authors?q=ZOE+simic").texts(".rows strong"), ["Zoë Šimić"]);
        assert!(editor.get("/admin/authors?q=%E2%80%A6").texts(".rows strong").is_empty());
    }
}
