//! Most Popular.

use chrono::TimeDelta;

use crate::{on_both_engines, support::app::TestApp};

/// Reads a path as so many different people, and waits for the next minute's ranking.
fn read_by(app: &TestApp, path: &str, people: usize) {
    for person in 0..people {
        let agent = format!("Mozilla/5.0 (Person {person}) Firefox/140.0");
        app.get_with(path, &[("user-agent", &agent)]);
    }
    app.flush_views();
    app.app.clock.advance(TimeDelta::minutes(1));
}

on_both_engines! {
    fn what_more_people_read_stands_higher(app: &TestApp) {
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

    fn the_ranking_is_right_to_the_minute(app: &TestApp) {
        let news = app.section("news", "News");
        let (one, two) = (app.story(news, "One", 1), app.story(news, "Two", 1));
        read_by(app, &app.path(one), 1);
        assert_eq!(app.get("/most-popular").texts(".card-headline"), ["One"]);
        read_by(app, &app.path(two), 2);
        assert_eq!(app.get("/most-popular").texts(".card-headline"), ["Two", "One"]);
    }

    fn views_leave_the_day_then_the_week_but_not_all_time(app: &TestApp) {
        let news = app.section("news", "News");
        let path = app.path(app.story(news, "Read once", 1));
        read_by(app, &path, 1);
        let ranked = |path: &str| app.get(path).texts(".ranking .card-headline").len();
        assert_eq!((ranked("/most-popular"), ranked("/most-popular/week")), (1, 1));
        app.app.clock.advance(TimeDelta::hours(25));
        assert_eq!((ranked("/most-popular"), ranked("/most-popular/week")), (0, 1));
        app.app.clock.advance(TimeDelta::days(8));
        assert_eq!((ranked("/most-popular/week"), ranked("/most-popular/ever")), (0, 1));
        // With little to rank, the front page falls back to the longer windows.
        assert_eq!(app.get("/").texts(".popular li"), ["Read once"]);
    }
}
