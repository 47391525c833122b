//! Pagination of lists.

use chrono::TimeDelta;
use dateline::{db::types::Status, models::article::Draft};

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn lists_are_paginated_without_gaps_or_duplicates(app: &TestApp) {
        let news = app.section("news", "News");
        // Irregular intervals: several stories on one day, and years without any.
        let hours = |n: i64| n * n * 7 + (n % 3);
        for number in 0..65 {
            app.story(news, &format!("Story {number:02}"), hours(number));
        }
        for list in ["/latest", "/archive"] {
            let mut headlines = vec![];
            for page in 1..=4 {
                let path = if page == 1 { list.to_owned() } else { format!("{list}?page={page}") };
                headlines.extend(app.get(&path).texts(".card-headline"));
            }
            let expected: Vec<String> = (0..65).map(|number| format!("Story {number:02}")).collect();
            assert_eq!(headlines, expected, "{list}");
        }
        let page = app.get("/latest?page=2");
        assert_eq!(page.text(".pages p"), "Page 2 of 4");
        assert_eq!(page.attributes(".pages a[rel=prev]", "href"), ["/latest"]);
        assert_eq!(page.attributes(".pages a[rel=next]", "href"), ["/latest?page=3"]);
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [app.url("/latest?page=2")]);
    }

    fn invalid_page_numbers_answer_404(app: &TestApp) {
        let news = app.section("news", "News");
        for number in 0..21 {
            app.story(news, &format!("Story {number}"), number);
        }
        for list in ["/latest", "/news", "/archive"] {
            for page in ["0", "-1", "abc", "3", "1e18", "99999999999999999999", "", "2.0", "+2", "%00"] {
                assert_eq!(app.status(&format!("{list}?page={page}")), 404, "{list}?page={page}");
            }
            assert_eq!(app.status(&format!("{list}?page=2")), 200);
            assert_eq!(app.redirect_target(&format!("{list}?page=1")), list);
            assert_eq!(app.redirect_target(&format!("{list}?page=02")), format!("{list}?page=2"));
        }
    }

    fn scheduled_stories_do_not_shift_pages(app: &TestApp) {
        let news = app.section("news", "News");
        for number in 0..45 {
            app.story(news, &format!("Story {number:02}"), number);
        }
        for days in [0, 1, 400] {
            app.publish(&Draft {
                published_at: Some(app.now() + TimeDelta::hours(days * 24 + 1)),
                ..app.draft(news, "Not yet")
            });
        }
        let headlines: Vec<String> = ["/latest", "/latest?page=2", "/latest?page=3"]
            .iter()
            .flat_map(|path| app.get(path).texts(".card-headline"))
            .collect();
        let expected: Vec<String> = (0..45).map(|number| format!("Story {number:02}")).collect();
        assert_eq!(headlines, expected);
        assert_eq!(app.get("/latest").text(".count"), "45 stories");
    }

    fn counts_stay_correct_when_articles_are_moved_or_unpublished(app: &TestApp) {
        let (news, sport) = (app.section("news", "News"), app.section("sport", "Sport"));
        let draft = app.draft(news, "Moving");
        let id = app.publish(&draft);
        app.story(news, "Staying", 3);
        app.edit(id, &Draft { section_id: Some(sport), ..draft.clone() });
        app.edit(id, &Draft {
            section_id: Some(sport),
            published_at: Some(app.now() - TimeDelta::days(800)),
            ..draft.clone()
        });
        assert_eq!(app.get("/news").texts(".card-headline"), ["Staying"]);
        assert_eq!(app.get("/sport").texts(".card-headline"), ["Moving"]);
        assert_eq!(app.get("/archive").texts(".periods a").len(), 2, "two years");
        app.edit(id, &Draft { status: Status::Draft, ..draft });
        assert_eq!(app.get("/latest").text(".count"), "1 story");
        assert_eq!(app.get("/archive").texts(".periods a").len(), 1);
    }
}
