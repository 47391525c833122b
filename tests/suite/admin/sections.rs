//! Sections: added, renamed, moved, reordered and deleted.

use dateline::{db::types::UserRole::Editor, models::article::Draft};

use crate::{
    on_both_engines,
    support::{app::TestApp, staff::Staff},
};

/// Submits a section's form; returns the status and the error messages.
fn save(editor: &Staff<'_>, path: &str, name: &str, slug: &str, parent: i64) -> (u16, String) {
    let parent = if parent == 0 {
        String::new()
    } else {
        parent.to_string()
    };
    let page = editor.post(
        path,
        &[
            ("name", name),
            ("slug", slug),
            ("parent", &parent),
            ("description", "What it is about."),
        ],
    );
    let errors = page.texts(".error").join(" ");
    (page.status, errors)
}

fn url(id: i64) -> String {
    format!("/admin/sections/{id}")
}

/// The names in the list, in order.
fn order(editor: &Staff<'_>) -> Vec<String> {
    editor.get("/admin/sections").texts(".rows strong")
}

on_both_engines! {
    fn a_new_section_gets_its_slug_from_its_name(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        assert_eq!(editor.get("/admin/sections/new").status, 200);
        assert_eq!(save(&editor, "/admin/sections", "Diplomatic  News", "", news).0, 303);
        let page = app.get("/news/diplomatic-news");
        assert_eq!(page.text("h1"), "Diplomatic News");
        assert!(page.body.contains("What it is about."));
        assert_eq!(order(&editor), ["News", "Diplomatic News"]);
    }

    fn invalid_fields_are_reported_and_values_are_kept(app: &TestApp) {
        let editor = app.staff(Editor);
        app.section("news", "News");
        app.standing_page("About", "<p>Us.</p>", "/about");
        let (status, errors) = save(&editor, "/admin/sections", "", "x", 0);
        assert_eq!((status, errors.as_str()), (422, "A name is required"));
        for taken in ["news", "about", "search", "2024", "admin"] {
            let page = editor.post("/admin/sections", &[("name", "Typed"), ("slug", taken), ("description", "kept")]);
            assert_eq!(page.status, 422, "{taken}");
            assert!(page.text("#error-slug").starts_with(&format!("/{taken} ")), "{taken}");
            assert_eq!(page.attributes("#field-name", "value"), ["Typed"]);
            assert_eq!(page.text("textarea"), "kept");
        }
        assert_eq!(save(&editor, "/admin/sections", "!!", "", 0).0, 422);
        assert_eq!(save(&editor, "/admin/sections", "Lost", "", 999).0, 422);
        assert_eq!(app.status("/typed"), 404);
    }

    fn old_addresses_of_a_renamed_section_redirect_in_one_hop(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let deep = app.section("news/diplomatic-news", "Diplomatic News");
        app.section("news/diplomatic-news/summits", "Summits");
        assert_eq!(save(&editor, &url(news), "World", "world", 0).0, 303);
        assert_eq!(app.redirect_target("/news"), "/world");
        assert_eq!(app.redirect_target("/news/diplomatic-news?page=2"), "/world/diplomatic-news?page=2");
        assert_eq!(app.redirect_target("/news/diplomatic-news/summits"), "/world/diplomatic-news/summits");
        assert_eq!(save(&editor, &url(deep), "Diplomacy", "diplomacy", news).0, 303);
        for old in ["/news/diplomatic-news/summits", "/world/diplomatic-news/summits"] {
            assert_eq!(app.redirect_target(old), "/world/diplomacy/summits");
        }
        assert_eq!(app.status("/world/diplomacy/summits"), 200);
        // Renaming back restores the old address, and the newer one redirects to it.
        assert_eq!(save(&editor, &url(news), "News", "news", 0).0, 303);
        assert_eq!(app.redirect_target("/world/diplomacy/summits"), "/news/diplomacy/summits");
    }

    fn a_moved_section_takes_its_stories_along(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let world = app.section("world", "World");
        let asia = app.section("news/asia", "Asia");
        let gulf = app.section("news/asia/gulf", "Gulf");
        for hours in [1, 30, 900, 9_000] {
            app.story(gulf, &format!("Gulf {hours}"), hours);
            app.story(asia, &format!("Asia {hours}"), hours);
            app.story(news, &format!("News {hours}"), hours);
        }
        // Articles in both the moved section and one that stays, as primary and as further section.
        app.publish(&Draft { further_section_ids: vec![news], ..app.draft(gulf, "In both") });
        app.publish(&Draft { further_section_ids: vec![asia], ..app.draft(news, "In both again") });
        app.publish(&Draft { further_section_ids: vec![gulf], ..app.draft(world, "There already") });
        app.assert_timelines_consistent();
        assert_eq!(save(&editor, &url(asia), "Asia", "asia", world).0, 303);
        app.assert_timelines_consistent();
        assert_eq!(app.redirect_target("/news/asia/gulf"), "/world/asia/gulf");
        assert!(app.get("/world").body.contains("Gulf 30"));
        assert!(!app.get("/news").body.contains("Gulf 30"));
        assert!(app.get("/news").body.contains("In both again"));
        assert_eq!(save(&editor, &url(gulf), "Gulf", "gulf", 0).0, 303);
        app.assert_timelines_consistent();
        assert_eq!(save(&editor, &url(world), "World", "world", gulf).0, 303);
        app.assert_timelines_consistent();
        assert_eq!(app.redirect_target("/news/asia"), "/gulf/world/asia");
    }

    fn a_section_cannot_be_its_own_ancestor(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let asia = app.section("news/asia", "Asia");
        let gulf = app.section("news/asia/gulf", "Gulf");
        for parent in [news, asia, gulf] {
            let (status, errors) = save(&editor, &url(news), "News", "news", parent);
            assert_eq!(status, 422);
            assert!(errors.contains("cannot be moved into itself"), "{errors}");
        }
        let offered = editor.get(&url(asia)).attributes("#field-parent option", "value");
        assert_eq!(offered, ["", &news.to_string()]);
    }

    fn sections_are_reordered_with_buttons(app: &TestApp) {
        let editor = app.staff(Editor);
        for (path, name) in [("a", "A"), ("b", "B"), ("b/x", "X"), ("c", "C")] {
            app.section(path, name);
        }
        let id = |name: &str| {
            let page = editor.get("/admin/sections");
            let names = page.texts(".rows strong");
            let index = names.iter().position(|known| known == name).unwrap();
            page.attributes(".rows form", "action")[index].clone()
        };
        assert_eq!(editor.post(&id("C"), &[("towards", "top")]).status, 303);
        assert_eq!(order(&editor), ["A", "C", "B", "X"]);
        assert_eq!(editor.post(&id("A"), &[("towards", "end")]).status, 303);
        assert_eq!(order(&editor), ["C", "A", "B", "X"]);
        assert_eq!(editor.post(&id("C"), &[("towards", "top")]).status, 303);
        assert_eq!(editor.post(&id("X"), &[("towards", "end")]).status, 303);
        assert_eq!(order(&editor), ["C", "A", "B", "X"]);
        assert_eq!(editor.post(&id("X"), &[("towards", "sideways")]).status, 400);
    }

    fn only_empty_sections_can_be_deleted_and_then_answer_404(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        let asia = app.section("news/asia", "Asia");
        let empty = app.section("empty", "Empty");
        app.story(asia, "Filed", 1);
        let page = editor.post(&format!("{}/delete", url(news)), &[]);
        assert_eq!(page.status, 400);
        assert!(page.body.contains("0 articles, including drafts and the trash, and 1 section"), "{}", page.body);
        assert!(editor.post(&format!("{}/delete", url(asia)), &[]).body.contains("1 article,"));
        assert_eq!(save(&editor, &url(empty), "Vacant", "vacant", 0).0, 303);
        assert_eq!(editor.post(&format!("{}/delete", url(empty)), &[]).status, 303);
        assert_eq!((app.status("/vacant"), app.status("/empty")), (404, 404));
        assert_eq!(editor.get(&url(empty)).status, 404);
        assert_eq!(editor.post(&format!("{}/delete", url(empty)), &[]).status, 404);
        assert_eq!(save(&editor, "/admin/sections", "Empty", "empty", 0).0, 303, "its address is free again");
    }

    fn menus_follow_a_moved_section(app: &TestApp) {
        let editor = app.staff(Editor);
        let news = app.section("news", "News");
        app.write(|conn| Ok(dateline::models::menu::replace(conn, dateline::db::types::Menu::Footer, &[("All news", "/news")])?));
        assert_eq!(save(&editor, &url(news), "World", "world", 0).0, 303);
        assert!(app.get("/").attributes("footer a", "href").contains(&"/world".to_owned()));
    }
}
