//! The public page of corrections.

use chrono::TimeDelta;
use dateline::{
    db::types::{
        CorrectionKind::{Clarification, Correction, Update},
        Placement::{Above, Below},
        Status,
    },
    models::article::Draft,
};

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn corrections_of_live_articles_are_listed_newest_first(app: &TestApp) {
        let page = app.get("/corrections");
        assert_eq!(page.text("h1"), "Corrections");
        assert!(page.body.contains("No corrections so far."));
        let news = app.section("news", "News");
        let talks = app.story(news, "Talks begin", 30);
        let harbour = app.story(news, "Harbour opens", 20);
        let draft = app.draft(news, "Withdrawn");
        let withdrawn = app.publish(&draft);
        let scheduled = app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(1)),
            ..app.draft(news, "Not yet")
        });
        for (id, kind, text) in [
            (talks, Correction, "It was <b>Geneva</b>, not Vienna."),
            (harbour, Clarification, "Only the west pier is open."),
            (harbour, Update, "The east pier has opened too."),
            (withdrawn, Correction, "All of it was wrong."),
            (scheduled, Correction, "Of an article that is not public yet."),
        ] {
            app.app.clock.advance(TimeDelta::minutes(1));
            app.add_correction(id, kind, if kind == Correction { Above } else { Below }, text);
        }
        app.edit(withdrawn, &Draft { status: Status::Draft, ..draft });
        let page = app.get("/corrections");
        assert_eq!(page.texts(".corrections h2"), ["Harbour opens", "Talks begin"]);
        assert_eq!(page.texts(".corrections h2 + p"), [
            "Only the west pier is open.",
            "It was <b>Geneva</b>, not Vienna.",
        ]);
        assert_eq!(page.texts(".correction-kind strong"), ["Clarification", "Correction"]);
        assert_eq!(page.attributes(".corrections a", "href"), [app.path(harbour), app.path(talks)]);
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [app.url("/corrections")]);
        assert!(app.get("/").attributes(".foot-links a", "href").contains(&"/corrections".to_owned()));
        app.app.clock.advance(TimeDelta::hours(2));
        assert_eq!(app.get("/corrections").texts(".corrections h2")[0], "Not yet");
    }

    fn corrections_are_paginated_without_gaps(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Talks begin", 5);
        for number in 0..40 {
            app.add_correction(id, Correction, Below, &format!("Number {number}"));
        }
        let texts = |path: &str| app.get(path).texts(".corrections h2 + p");
        let mut seen = texts("/corrections");
        seen.extend(texts("/corrections?page=2"));
        let expected: Vec<String> = (0..40).rev().map(|number| format!("Number {number}")).collect();
        assert_eq!(seen, expected);
        assert_eq!(app.get("/corrections").attributes(".pages a", "href"), ["/corrections?page=2"]);
        let page = app.get("/corrections?page=2");
        assert_eq!(page.attributes(".pages a", "href"), ["/corrections"]);
        assert_eq!(page.text("title"), "Corrections – Page 2 – Dateline");
        for page in ["3", "0", "x", "9223372036854775807"] {
            assert_eq!(app.status(&format!("/corrections?page={page}")), 404, "{page}");
        }
        assert_eq!(app.redirect_target("/corrections?page=1"), "/corrections");
    }
}
