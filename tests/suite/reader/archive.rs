//! The archive by year, month and day.

use chrono_tz::Tz;
use dateline::models::article::Draft;

use crate::{on_both_engines, support::app::TestApp};

fn publish_at(app: &TestApp, section_id: i64, headline: &str, time: &str) -> String {
    let id = app.publish(&Draft {
        published_at: Some(time.parse().unwrap()),
        ..app.draft(section_id, headline)
    });
    app.path(id)
}

on_both_engines! {
    fn the_archive_links_years_to_months_and_months_to_days(app: &TestApp) {
        let news = app.section("news", "News");
        publish_at(app, news, "Old", "2019-03-01T10:00:00Z");
        publish_at(app, news, "First", "2023-12-15T10:00:00Z");
        publish_at(app, news, "Second", "2023-12-15T12:00:00Z");
        publish_at(app, news, "Third", "2023-11-02T12:00:00Z");
        assert_eq!(app.get("/archive").texts(".periods li"), ["2023 3", "2019 1"]);
        let page = app.get("/2023");
        assert_eq!(page.texts(".periods a"), ["December 2023", "November 2023"]);
        assert_eq!(page.texts(".card-headline"), ["Second", "First", "Third"]);
        let page = app.get("/2023/12");
        assert_eq!(page.text("h1"), "Archive: December 2023");
        assert_eq!(page.attributes(".periods a", "href"), ["/2023/12/15"]);
        let page = app.get("/2023/12/15");
        assert_eq!(page.texts(".card-headline"), ["Second", "First"]);
        assert_eq!(
            page.attributes(".breadcrumb a", "href"),
            ["/", "/archive", "/2023", "/2023/12", "/2023/12/15"]
        );
    }

    fn invalid_dates_and_dates_without_stories_answer_404(app: &TestApp) {
        let news = app.section("news", "News");
        publish_at(app, news, "Only", "2023-12-15T10:00:00Z");
        for path in ["/2022", "/2023/11", "/2023/13", "/2023/02/30", "/2023/12/16", "/0000", "/9999"] {
            assert_eq!(app.status(path), 404, "{path}");
        }
    }

    fn the_archive_follows_a_change_of_the_time_zone(app: &TestApp) {
        let news = app.section("news", "News");
        publish_at(app, news, "Late", "2023-12-31T20:30:00Z");
        publish_at(app, news, "Early", "2023-12-31T02:30:00Z");
        assert_eq!(app.get("/archive").texts(".periods li"), ["2023 2"]);
        app.update_settings(|settings| settings.time_zone = Tz::Asia__Karachi);
        assert_eq!(app.get("/archive").texts(".periods li"), ["2024 1", "2023 1"]);
        assert_eq!(app.get("/2024/01/01").texts(".card-headline"), ["Late"]);
        assert_eq!(app.get("/2023").texts(".card-headline"), ["Early"]);
    }

    fn days_begin_at_midnight_in_the_site_time_zone(app: &TestApp) {
        app.update_settings(|settings| settings.time_zone = Tz::Asia__Karachi);
        let news = app.section("news", "News");
        // UTC+5: this is already the 16th.
        let path = publish_at(app, news, "Late", "2023-12-15T20:30:00Z");
        assert!(path.starts_with("/2023/12/16/"), "{path}");
        assert_eq!(app.get("/2023/12/16").texts(".card-headline"), ["Late"]);
        assert_eq!(app.status("/2023/12/15"), 404);
    }
}
