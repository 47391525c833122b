//! Menus: edited with buttons that work without JavaScript.

use dateline::db::types::UserRole::Editor;

use crate::{
    on_both_engines,
    support::{app::TestApp, page::Page},
};

/// The rows of a menu's form.
fn rows(page: &Page, menu: &str) -> Vec<(String, String)> {
    let of = |part: &str| page.attributes(&format!("input[name={menu}_{part}]"), "value");
    of("label").into_iter().zip(of("path")).collect()
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter()
        .map(|(label, path)| ((*label).to_owned(), (*path).to_owned()))
        .collect()
}

on_both_engines! {
    fn saved_menus_are_shown_to_readers(app: &TestApp) {
        let editor = app.staff(Editor);
        let page = editor.post("/admin/menus", &[
            ("header_label", "News"), ("header_path", "/latest"), ("header_label", ""), ("header_path", " "),
            ("footer_label", "Shop"), ("footer_path", "https://shop.example/"), ("footer_label", "Authors"), ("footer_path", "/authors"),
        ]);
        assert_eq!(page.status, 303, "{}", page.body);
        let front = app.get("/");
        assert!(front.attributes("header a, nav a", "href").contains(&"/latest".to_owned()));
        assert!(front.attributes("footer a", "href").contains(&"https://shop.example/".to_owned()));
        let page = editor.get("/admin/menus");
        assert_eq!(rows(&page, "header"), pairs(&[("News", "/latest")]));
        assert_eq!(editor.post("/admin/menus", &[]).status, 303);
        assert!(rows(&editor.get("/admin/menus"), "footer").is_empty());
    }

    fn buttons_add_remove_and_move_items_and_keep_values(app: &TestApp) {
        let editor = app.staff(Editor);
        let values = [
            ("header_label", "A"), ("header_path", "not yet right"), ("header_label", "B"), ("header_path", "/b"),
            ("footer_label", "C"), ("footer_path", "/c"),
        ];
        for (step, header) in [
            ("add:header", pairs(&[("A", "not yet right"), ("B", "/b"), ("", "")])),
            ("up:header:1", pairs(&[("B", "/b"), ("A", "not yet right")])),
            ("down:header:0", pairs(&[("B", "/b"), ("A", "not yet right")])),
            ("up:header:0", pairs(&[("A", "not yet right"), ("B", "/b")])),
            ("down:header:1", pairs(&[("A", "not yet right"), ("B", "/b")])),
            ("remove:header:0", pairs(&[("B", "/b")])),
            ("remove:header:99999999999999999999", pairs(&[("B", "/b")])),
            ("up:side:1", pairs(&[("A", "not yet right"), ("B", "/b")])),
        ] {
            let mut fields = values.to_vec();
            fields.push(("step", step));
            let page = editor.post("/admin/menus", &fields);
            assert_eq!(page.status, 200, "{step}");
            assert_eq!(rows(&page, "header"), header, "{step}");
            assert_eq!(rows(&page, "footer"), pairs(&[("C", "/c")]), "{step}");
        }
        assert!(rows(&editor.get("/admin/menus"), "header").is_empty(), "nothing was saved");
    }

    fn menus_refuse_scripts_and_disguised_external_links(app: &TestApp) {
        let editor = app.staff(Editor);
        for path in ["javascript:alert(1)", "//evil.example", "/\\evil.example", "http://a.example", "about", ""] {
            let page = editor.post("/admin/menus", &[("header_label", "Good"), ("header_path", "/"), ("header_label", "Bad"), ("header_path", path)]);
            assert_eq!(page.status, 422, "{path}");
            assert_eq!(rows(&page, "header"), pairs(&[("Good", "/"), ("Bad", path)]));
            assert_eq!(page.texts(".menu-item .error").len(), 1);
        }
        let page = editor.post("/admin/menus", &[("footer_label", ""), ("footer_path", "/x")]);
        assert!(page.text(".error").contains("A label is required"));
    }
}
