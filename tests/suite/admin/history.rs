//! The history: every action is recorded, searchable and unchangeable.

use dateline::{
    db::types::{HistoryAction, HistoryKind, UserRole},
    models::history::{self, NewEvent},
};
use diesel::{RunQueryDsl, sql_query};

use crate::{on_both_engines, support::app::TestApp};

/// Adds a history event by this user.
fn record(
    app: &TestApp,
    who: (i64, &str),
    action: HistoryAction,
    kind: HistoryKind,
    object: &str,
    detail: &str,
) {
    let now = app.now();
    app.write(|conn| {
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
    fn history_is_searched_by_words_user_and_kind(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        let (ada, bob) = (app.user("ada@example.org", UserRole::Author), app.user("bob@example.org", UserRole::Author));
        record(app, (ada, "ada"), HistoryAction::Published, HistoryKind::Article, "Talks in Geneva", "at 100%");
        record(app, (bob, "bob"), HistoryAction::Renamed, HistoryKind::Section, "World", "was Foreign_News");
        record(app, (bob, "bob"), HistoryAction::Published, HistoryKind::Article, "A quiet day", "");
        let found = |query: &str| editor.get(&format!("/admin/history{query}")).texts(".events p:first-child");
        assert_eq!(found("").len(), 3);
        assert_eq!(found("")[0], "bob published article A quiet day", "newest first");
        assert_eq!(found("?q=GENEVA+talk"), ["ada published article Talks in Geneva"]);
        assert_eq!(found("?q=foreign"), ["bob renamed section “World”"]);
        assert_eq!(found("?q=renamed+geneva").len(), 0, "all words have to match");
        assert_eq!(found("?q=100%25").len(), 1);
        assert_eq!(found("?q=10%25%25").len(), 0, "a percent sign matches itself");
        assert_eq!(found("?q=n_n").len(), 1, "an underscore matches itself, as in Foreign_News");
        assert_eq!(found("?q=%27%22!").len(), 0);
        assert_eq!(found(&format!("?user={ada}")).len(), 1);
        assert_eq!(found(&format!("?user={bob}&kind=article")), ["bob published article A quiet day"]);
        let page = editor.get(&format!("/admin/history?user={bob}&kind=article&q=quiet"));
        assert_eq!(page.attributes("[name=q]", "value"), ["quiet"]);
        assert_eq!(page.texts("select option[selected]"), ["bob", "article"]);
        assert_eq!(page.attributes(".events a", "href"), ["/admin/articles/7"]);
        assert_eq!(editor.get("/admin/history?user=x").status, 404);
    }

    fn only_admins_see_events_about_users(app: &TestApp) {
        let (editor, admin) = (app.staff(UserRole::Editor), app.staff(UserRole::Admin));
        record(app, (admin.id, "root"), HistoryAction::Changed, HistoryKind::User, "Mallory", "");
        record(app, (admin.id, "root"), HistoryAction::Renamed, HistoryKind::Section, "World", "");
        for query in ["", "?kind=user", "?q=mallory"] {
            let path = format!("/admin/history{query}");
            assert!(!editor.get(&path).body.contains("“Mallory”"), "{path}");
            assert!(admin.get(&path).body.contains("“Mallory”"), "{path}");
        }
        assert_eq!(editor.get("/admin/history").texts("#field-kind option"), ["All", "section"]);
        assert_eq!(admin.get("/admin/history").texts("#field-kind option"), ["All", "section", "user"]);
    }

    fn history_pages_are_complete_while_events_are_added(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        for number in 0..120 {
            record(app, (editor.id, "ed"), HistoryAction::Saved, HistoryKind::Article, &format!("Number {number:03}"), "");
        }
        let mut seen = vec![];
        let mut next = Some("/admin/history?q=number&kind=article".to_owned());
        while let Some(path) = next {
            let page = editor.get(&path);
            seen.extend(page.texts(".events a"));
            // Events added meanwhile do not shift the pages.
            record(app, (editor.id, "ed"), HistoryAction::Saved, HistoryKind::Article, "Number of late", "");
            next = page.attributes("a[rel=next]", "href").pop();
        }
        let expected: Vec<String> = (0..120).rev().map(|number| format!("Number {number:03}")).collect();
        assert_eq!(seen, expected);
    }

    fn history_rows_cannot_be_changed_or_deleted(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        record(app, (editor.id, "ed"), HistoryAction::Published, HistoryKind::Article, "As it was", "");
        for statement in ["UPDATE history SET who = 'another'", "DELETE FROM history"] {
            let result = app.app.db.write_unversioned_blocking(|conn| {
                sql_query(statement).execute(conn)?;
                Ok::<(), dateline::error::Error>(())
            });
            let refusal = result.expect_err(statement).to_string();
            assert!(refusal.contains("history is never"), "{statement}: {refusal}");
        }
        assert_eq!(editor.get("/admin/history").texts(".events a"), ["As it was"]);
        assert_eq!(editor.post("/admin/history", &[]).status, 405);
    }
}
