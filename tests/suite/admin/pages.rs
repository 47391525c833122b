//! Standing pages in the newsroom.

use dateline::db::types::UserRole::Editor;

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn pages_are_added_moved_and_deleted(app: &TestApp) {
        let editor = app.staff(Editor);
        let page = editor.post("/admin/pages", &[("title", "About us"), ("html", "<h2>Who</h2><p>We are <strong>us</strong>.</p>")]);
        assert_eq!(page.status, 303, "{}", page.body);
        let page = app.get("/about-us");
        assert_eq!((page.text("h1"), page.text("article strong, main strong")), ("About us".to_owned(), "us".to_owned()));
        let id = editor.get("/admin/pages").attributes(".rows a", "href").remove(0);
        let page = editor.get(&id);
        assert_eq!(page.attributes("textarea", "data-editor").len(), 1);
        assert!(page.text("textarea").contains("<strong>us</strong>"));
        let page = editor.post(&id, &[("title", "About"), ("path", "/About/Us/"), ("html", "<p>New.</p>")]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert_eq!(app.redirect_target("/about-us"), "/about/us");
        assert!(app.get("/about/us").body.contains("New."));
        assert_eq!(editor.post(&format!("{id}/delete"), &[]).status, 303);
        assert_eq!((app.status("/about/us"), app.status("/about-us"), editor.get(&id).status), (404, 404, 404));
    }

    fn invalid_fields_are_reported_and_values_are_kept(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        for (title, path, wrong) in [
            ("", "/x", "title"), ("T", "/news", "path"), ("T", "/search", "path"), ("T", "/2024/01", "path"),
            ("T", "/admin/x", "path"), ("T", "/media/x", "path"), ("T", "!!", "path"),
        ] {
            let page = editor.post("/admin/pages", &[("title", title), ("path", path), ("html", "<p>entered</p>")]);
            assert_eq!(page.status, 422, "{path}");
            assert!(!page.text(&format!("#error-{wrong}")).is_empty());
            assert_eq!(page.text("textarea"), "<p>entered</p>");
            assert_eq!(page.attributes("#field-path", "value"), [path]);
        }
    }
}
