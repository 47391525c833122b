//! The dashboard: scheduled and waiting articles, recent changes, views and referrers.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use dateline::{
    db::{
        schema::{referrer_days, site_hours},
        types::{Status, UserRole},
    },
    models::{
        article::Draft,
        view_count::{self, hour_of},
    },
};
use diesel::prelude::*;

use crate::{
    on_both_engines,
    support::app::{BROWSER, TestApp},
};

/// The texts of the rows of the table with this label.
fn rows(page: &crate::support::page::Page, labelled_by: &str) -> Vec<String> {
    page.texts(&format!("[aria-labelledby={labelled_by}] tbody tr"))
}

on_both_engines! {
    fn an_empty_site_has_a_dashboard(app: &TestApp) {
        for role in [UserRole::Contributor, UserRole::Author, UserRole::Editor, UserRole::Admin] {
            let page = app.staff(role).get("/admin");
            assert_eq!(page.status, 200);
            assert_eq!(page.text("h1"), "Dashboard");
            assert!(page.body.contains("No articles are scheduled."));
        }
    }

    fn due_and_waiting_articles_are_shown_only_to_those_with_access(app: &TestApp) {
        let news = app.section("news", "News");
        app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(2)),
            ..app.draft(news, "Due soon")
        });
        app.publish(&Draft { status: Status::Review, published_at: None, ..app.draft(news, "Look at me") });
        let editor = app.staff(UserRole::Editor);
        let page = editor.get("/admin");
        assert!(page.text("[aria-labelledby=due]").contains("Due soon"));
        assert!(page.text("[aria-labelledby=waiting]").contains("Look at me"));
        let writer = app.staff(UserRole::Contributor);
        writer.post("/admin/articles/new", &[("headline", "My own draft")]);
        let page = writer.get("/admin");
        assert!(!page.body.contains("Due soon") && !page.body.contains("Look at me"));
        assert!(page.text("[aria-labelledby=waiting]").contains("My own draft"));
        assert!(page.text("[aria-labelledby=changes]").contains("My own draft"));
        let other = app.staff(UserRole::Author).get("/admin");
        assert!(!other.body.contains("My own draft"), "others' drafts are hidden");
        assert!(!editor.get("/admin").text("[aria-labelledby=changes]").contains("logged in"));
        assert!(app.staff(UserRole::Admin).get("/admin").text("[aria-labelledby=changes]").contains("logged in"));
    }

    fn views_are_shown_by_hour_day_section_and_author(app: &TestApp) {
        // Shortly before noon in Kolkata (UTC+5:30): the counted hours, which are UTC hours, begin at half past in
        // local time, and the one around midnight belongs to the previous day.
        let tomorrow = app.now().date_naive() + Days::new(1);
        let noon = tomorrow.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(6);
        app.app.clock.advance(noon - app.now());
        app.update_settings(|settings| settings.time_zone = Tz::Asia__Kolkata);
        let news = app.section("news", "News");
        let sport = app.section("sport", "Sport");
        let ada = app.author("Ada");
        let first = app.publish(&Draft { author_ids: vec![ada], ..app.draft(news, "First") });
        let second = app.story(sport, "Second", 1);
        let now = app.now();
        let hour = |ago: i64| hour_of((now - TimeDelta::hours(ago)).naive_utc());
        app.write(|conn| Ok(view_count::add(conn, &[
            (hour(0), first, 1_200), (hour(0), second, 30), (hour(24 * 7), first, 77), (hour(24 * 40), first, 5_000),
        ])?));
        let page = app.staff(UserRole::Editor).get("/admin");
        assert_eq!(page.texts("[aria-labelledby=read] li a"), ["First", "Second"]);
        assert_eq!(rows(&page, "by-section"), ["News1,200", "Sport30"]);
        assert_eq!(rows(&page, "by-author"), ["Ada1,200"]);
        let labels = page.attributes("svg[role=img]", "aria-label");
        assert!(labels[0].starts_with("Views by hour: 1,230 today so far; 77 on "), "{labels:?}");
        assert_eq!(labels[1], "Views by day: 1,307 in the last 30 days.");
        let hours = rows(&page, "hours");
        assert_eq!(hours.len(), 24);
        assert!(hours.iter().any(|row| row.ends_with("1,23077")), "the same hour a week ago: {hours:?}");
        assert_eq!(rows(&page, "days").len(), 30);
        assert!(!page.body.contains("style="), "the chart uses no inline style");
    }

    fn a_day_with_a_clock_change_has_the_right_number_of_hours(app: &TestApp) {
        app.update_settings(|settings| settings.time_zone = Tz::Europe__Berlin);
        let editor = app.staff(UserRole::Admin);
        for (noon, hours) in [("2027-03-28T10:00:00Z", 24), ("2027-10-31T11:00:00Z", 25), ("2027-06-01T10:00:00Z", 24)] {
            let noon: DateTime<Utc> = noon.parse().unwrap();
            app.app.clock.advance(noon - app.now());
            editor.log_in(crate::support::staff::PASSWORD);
            let page = editor.get("/admin");
            assert_eq!(page.status, 200);
            // As many rows as the longer of the two days: the one a week before has 24 hours.
            assert_eq!(rows(&page, "hours").len(), hours, "{noon}");
        }
    }

    fn views_are_counted_by_referrer_and_staff_views_are_not_counted(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Read me", 1);
        let path = app.path(id);
        let internal = format!("{}/latest", app.app.base_url);
        for (number, referrer) in ["https://www.Search.example/?q=private", "https://search.example/", &internal, ""].iter().enumerate() {
            let agent = format!("{BROWSER} {number}");
            app.get_with(&path, &[("user-agent", &agent), ("referer", referrer)]);
        }
        let editor = app.staff(UserRole::Editor);
        assert_eq!(editor.get(&path).status, 200);
        app.flush_views();
        let (hosts, views) = app.write(|conn| {
            let hosts: Vec<(String, i64)> = referrer_days::table
                .select((referrer_days::host, referrer_days::views)).load(conn)?;
            let views: Vec<i64> = site_hours::table.select(site_hours::views).load(conn)?;
            Ok((hosts, views.iter().sum::<i64>()))
        });
        assert_eq!(hosts, [("search.example".to_owned(), 2)]);
        assert_eq!(views, 4, "the editor's view is not counted");
        app.get_with(&path, &[("user-agent", "Mozilla/5.0 (another)"), ("referer", "https://search.example/x")]);
        app.flush_views();
        let page = editor.get("/admin");
        assert_eq!(rows(&page, "referrers"), ["search.example3"]);
        assert!(!page.body.contains("private"));
    }
}
