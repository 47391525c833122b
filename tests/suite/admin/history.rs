//! The history: everybody's deeds are found in it, and nobody changes it.

use dateline::{
    db::types::UserRole,
    models::history::{self, NewEvent},
};
use diesel::{RunQueryDsl, sql_query};

use crate::{on_both_engines, support::app::TestApp};

/// Writes down that somebody did something.
fn note(app: &TestApp, who: (i64, &str), action: &str, kind: &str, object: &str, detail: &str) {
    let now = app.now();
    app.change(|conn| {
        let event = NewEvent {
            action,
            kind,
            object_id: Some(7),
            object,
            detail,
        };
        Ok(history::add(conn, Some(who.0), who.1, &event, now)?)
    });
}

on_both_engines! {
    fn it_is_searched_by_words_person_and_kind(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        let (ada, bob) = (app.user("ada@example.org", UserRole::Author), app.user("bob@example.org", UserRole::Author));
        note(app, (ada, "ada"), "published", "article", "Talks in Geneva", "at 100%");
        note(app, (bob, "bob"), "renamed", "section", "World", "was Foreign_News");
        note(app, (bob, "bob"), "published", "article", "A quiet day", "");
        let found = |query: &str| editor.get(&format!("/admin/history{query}")).texts(".deeds p:first-child");
        assert_eq!(found("").len(), 3);
        assert_eq!(found("")[0], "bob published article A quiet day", "the newest first");
        assert_eq!(found("?q=GENEVA+talk"), ["ada published article Talks in Geneva"]);
        assert_eq!(found("?q=foreign"), ["bob renamed section “World”"]);
        assert_eq!(found("?q=renamed+geneva").len(), 0, "all words");
        assert_eq!(found("?q=100%25").len(), 1);
        assert_eq!(found("?q=10%25%25").len(), 0, "a per cent sign is one");
        assert_eq!(found("?q=n_n").len(), 1, "an underscore is one, as in Foreign_News");
        assert_eq!(found("?q=%27%22!").len(), 0);
        assert_eq!(found(&format!("?user={ada}")).len(), 1);
        assert_eq!(found(&format!("?user={bob}&kind=article")), ["bob published article A quiet day"]);
        let page = editor.get(&format!("/admin/history?user={bob}&kind=article&q=quiet"));
        assert_eq!(page.attributes("[name=q]", "value"), ["quiet"]);
        assert_eq!(page.texts("select option[selected]"), ["bob", "article"]);
        assert_eq!(page.attributes(".deeds a", "href"), ["/admin/articles/7"]);
        assert_eq!(editor.get("/admin/history?user=x").status, 404);
    }

    fn what_was_done_to_users_only_admins_see(app: &TestApp) {
        let (editor, admin) = (app.staff(UserRole::Editor), app.staff(UserRole::Admin));
        note(app, (admin.id, "root"), "made an admin of", "user", "Mallory", "");
        note(app, (admin.id, "root"), "renamed", "section", "World", "");
        for query in ["", "?kind=user", "?q=mallory"] {
            let path = format!("/admin/history{query}");
            assert!(!editor.get(&path).body.contains("“Mallory”"), "{path}");
            assert!(admin.get(&path).body.contains("“Mallory”"), "{path}");
        }
        assert_eq!(editor.get("/admin/history").texts("#field-kind option"), ["All", "section"]);
        assert_eq!(admin.get("/admin/history").texts("#field-kind option"), ["All", "section", "user"]);
    }

    fn its_pages_continue_where_the_one_before_ended(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        for number in 0..120 {
            note(app, (editor.id, "ed"), "saved", "article", &format!("Number {number:03}"), "");
        }
        let mut seen = vec![];
        let mut next = Some("/admin/history?q=number&kind=article".to_owned());
        while let Some(path) = next {
            let page = editor.get(&path);
            seen.extend(page.texts(".deeds a"));
            // What happens meanwhile does not shift the pages.
            note(app, (editor.id, "ed"), "saved", "article", "Number of late", "");
            next = page.attributes("a[rel=next]", "href").pop();
        }
        let expected: Vec<String> = (0..120).rev().map(|number| format!("Number {number:03}")).collect();
        assert_eq!(seen, expected);
    }

    fn it_is_never_changed_nor_shortened(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        note(app, (editor.id, "ed"), "published", "article", "As it was", "");
        for statement in ["UPDATE history SET who = 'somebody else'", "DELETE FROM history"] {
            let done = app.app.db.record_blocking(|conn| {
                sql_query(statement).execute(conn)?;
                Ok::<(), dateline::error::Error>(())
            });
            let refusal = done.expect_err(statement).to_string();
            assert!(refusal.contains("history is never"), "{statement}: {refusal}");
        }
        assert_eq!(editor.get("/admin/history").texts(".deeds a"), ["As it was"]);
        assert_eq!(editor.post("/admin/history", &[]).status, 405);
    }
}
