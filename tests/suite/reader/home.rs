//! The front page.

use std::collections::HashSet;

use chrono::TimeDelta;
use dateline::models::setting::Breaking;

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn an_empty_site_has_a_front_page(app: &TestApp) {
        let page = app.get("/");
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "Dateline");
        assert!(page.body.contains("There are no stories here yet."));
    }

    fn pinned_stories_come_first_then_the_newest(app: &TestApp) {
        let section_id = app.section("news", "News");
        let ids: Vec<i64> =
            (1..=12).map(|hours| app.story(section_id, &format!("Story {hours}"), hours)).collect();
        let page = app.get("/");
        assert_eq!(page.text(".front-lead .card-headline"), "Story 1");
        app.pin(None, &[ids[7], ids[9]]);
        let page = app.get("/");
        assert_eq!(page.text(".front-lead .card-headline"), "Story 8");
        assert_eq!(page.texts(".front-side .card-headline"), ["Story 10", "Story 1"]);
    }

    fn expired_pins_are_not_shown(app: &TestApp) {
        let section_id = app.section("news", "News");
        let ids: Vec<i64> = (1..=3).map(|h| app.story(section_id, &format!("Story {h}"), h)).collect();
        let until = app.now().naive_utc() + TimeDelta::hours(1);
        app.write(|conn| {
            Ok(dateline::models::edition::place(conn, None, &[(ids[2], Some(until))])?)
        });
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 3");
        app.app.clock.advance(TimeDelta::hours(1));
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 1");
    }

    fn no_story_is_shown_twice_on_the_front_page(app: &TestApp) {
        for (path, name) in [("news", "News"), ("sport", "Sport"), ("culture", "Culture")] {
            let section_id = app.section(path, name);
            for hours in 1..=9 {
                app.story(section_id, &format!("{name} {hours}"), hours);
            }
        }
        let page = app.get("/");
        let headlines = page.texts("main .card-headline");
        let unique: HashSet<_> = headlines.iter().collect();
        assert_eq!(headlines.len(), unique.len());
        assert!(headlines.len() > 20);
        let blocks = page.texts(".block .block-head h2");
        assert_eq!(blocks, ["News", "Sport", "Culture"]);
    }

    fn section_blocks_contain_stories_of_subsections(app: &TestApp) {
        let filler = app.section("filler", "Filler");
        for hours in 0..20 {
            app.story(filler, &format!("Filler {hours}"), hours);
        }
        app.section("news", "News");
        let child = app.section("news/world", "World");
        app.story(child, "Far away", 100);
        let page = app.get("/");
        assert!(page.texts(".block .card-headline").contains(&"Far away".to_owned()));
    }

    fn empty_sections_do_not_displace_other_blocks(app: &TestApp) {
        for number in 0..20 {
            app.section(&format!("empty-{number}"), &format!("Empty {number}"));
        }
        let filler = app.section("filler", "Filler");
        for hours in 0..20 {
            app.story(filler, &format!("Filler {hours}"), hours);
        }
        app.story(app.section("news", "News"), "Old news", 100);
        assert_eq!(app.get("/").texts(".block .block-head h2"), ["Filler", "News"]);
    }

    fn breaking_news_is_shown_until_it_expires(app: &TestApp) {
        let until = app.now() + TimeDelta::hours(1);
        app.update_settings(|settings| {
            settings.breaking = Some(Breaking {
                text: "It happened".to_owned(),
                link: "/news".to_owned(),
                until,
            });
        });
        assert_eq!(app.get("/").text(".breaking a"), "It happened");
        app.app.clock.advance(TimeDelta::hours(1));
        assert_eq!(app.get("/").texts(".breaking").len(), 0);
    }
}
