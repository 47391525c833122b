//! The ranking of the most popular stories.

use chrono::TimeDelta;

use crate::{on_both_engines, support::app::TestApp};

/// Requests a path as this number of different readers and advances the clock to the next ranking.
fn read_by(app: &TestApp, path: &str, readers: usize) {
    for reader in 0..readers {
        let agent = format!("Mozilla/5.0 (Person {reader}) Firefox/140.0");
        app.get_with(path, &[("user-agent", &agent)]);
    }
    app.flush_views();
    app.app.clock.advance(TimeDelta::minutes(1));
}

on_both_engines! {
    fn stories_are_ranked_by_number_of_readers(app: &TestApp) {
        let news = app.section("news", "News");
        let stories: Vec<String> =
            (1..=3).map(|n| app.path(app.story(news, &format!("Story {n}"), n))).collect();
        read_by(app, &stories[1], 3);
        read_by(app, &stories[2], 2);
        read_by(app, &stories[0], 1);
        let page = app.get("/most-popular");
        assert_eq!(page.texts(".ranking .card-headline"), ["Story 2", "Story 3", "Story 1"]);
        assert_eq!(app.get("/").texts(".popular li"), ["Story 2", "Story 3", "Story 1"]);
    }

    fn the_ranking_is_updated_every_minute(app: &TestApp) {
        let news = app.section("news", "News");
        let (first, second) = (app.story(news, "One", 1), app.story(news, "Two", 1));
        read_by(app, &app.path(first), 1);
        assert_eq!(app.get("/most-popular").texts(".card-headline"), ["One"]);
        read_by(app, &app.path(second), 2);
        assert_eq!(app.get("/most-popular").texts(".card-headline"), ["Two", "One"]);
    }

    fn views_expire_from_the_day_and_week_but_not_from_all_time(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Read once", 1));
        read_by(app, &path, 1);
        let ranked = |path: &str| app.get(path).texts(".ranking .card-headline").len();
        assert_eq!((ranked("/most-popular"), ranked("/most-popular/week")), (1, 1));
        app.app.clock.advance(TimeDelta::hours(25));
        assert_eq!((ranked("/most-popular"), ranked("/most-popular/week")), (0, 1));
        app.app.clock.advance(TimeDelta::days(8));
        assert_eq!((ranked("/most-popular/week"), ranked("/most-popular/ever")), (0, 1));
        // If too few stories were read, the front page falls back to longer periods.
        assert_eq!(app.get("/").texts(".popular li"), ["Read once"]);
    }
}
