//! Site-wide data on public pages: name, language, colours, menus.

use chrono_tz::Tz;
use dateline::{db::types::Menu, models::menu};

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn settings_apply_to_the_next_request(app: &TestApp) {
        assert_eq!(app.get("/").text("h1"), "Dateline");
        app.update_settings(|settings| {
            settings.name = "The Courier".to_owned();
            settings.tagline = "Every day".to_owned();
            settings.accent = "#004488".to_owned();
        });
        let page = app.get("/");
        assert_eq!(page.text("h1"), "The Courier");
        assert_eq!(page.text("title"), "The Courier – Every day");
        let css = app.get(&page.attributes("link[rel=stylesheet]", "href")[0]);
        assert!(css.body.starts_with(":root{--accent-on-light:#004488"));
    }

    fn top_level_sections_are_the_default_menu(app: &TestApp) {
        app.section("news", "News");
        assert_eq!(app.get("/").texts(".menu a"), ["News", "Latest"]);
        app.write(|conn| {
            menu::replace(conn, Menu::Header, &[("Front", "/"), ("Reports", "/news")])?;
            Ok(menu::replace(conn, Menu::Footer, &[("Imprint", "/imprint")])?)
        });
        let page = app.get("/news");
        assert_eq!(page.texts(".menu a"), ["Front", "Reports", "Latest"]);
        assert_eq!(page.texts(".menu a[aria-current]"), ["Reports"]);
        assert!(page.texts(".foot-links a").contains(&"Imprint".to_owned()));
    }

    fn an_arabic_site_has_no_english_or_western_digits(app: &TestApp) {
        app.update_settings(|settings| {
            settings.name = "الرسالة".to_owned();
            settings.language = "ar".to_owned();
            settings.time_zone = Tz::Africa__Cairo;
        });
        let section_id = app.section("news", "أخبار");
        let path = app.path(app.story(section_id, "وزيرا الخارجية يعقدان محادثات", 1));
        let page = app.get(&path);
        assert_eq!(page.attributes("html", "dir"), ["rtl"]);
        assert_eq!(page.attributes("html", "lang"), ["ar"]);
        let published = page.text(".times time");
        assert!(published.contains('،') && !published.contains(|c: char| c.is_ascii_digit()), "{published}");
        assert_eq!(page.text(".breadcrumb a"), "الرئيسية");
        assert!(!page.body.contains("Most popular"));
    }
}
