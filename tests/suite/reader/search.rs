//! Search.

use dateline::{models::article::Draft, text::SanitizedHtml};

use crate::{on_both_engines, support::app::TestApp};

fn found(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("/search?q={query}"));
    assert_eq!(page.status, 200, "{query}");
    page.texts("main .card-headline")
}

on_both_engines! {
    fn words_are_found_in_headline_standfirst_and_text(app: &TestApp) {
        let news = app.section("news", "News");
        app.publish(&Draft {
            standfirst: "About herring.".to_owned(),
            body: SanitizedHtml::new("<p>The <strong>quay</strong>master said so.</p>"),
            ..app.draft(news, "Harbour reopens")
        });
        app.story(news, "Something else", 1);
        for query in ["harbour", "HARBOUR+reopens", "herring", "quaymaster", "harb", "reopens+herring"] {
            assert_eq!(found(app, query), ["Harbour reopens"], "{query}");
        }
        assert_eq!(found(app, "harbour+else").len(), 0);
        let page = app.get("/search?q=nowhere");
        assert!(page.text("[role=status]").contains("nowhere"));
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
    }

    fn punctuation_and_accents_do_not_keep_words_from_being_found(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "COVID-19 costs 3.5% in Élancourt and/or Genève", 1);
        for query in ["covid-19", "3.5", "and/or", "elancourt", "Gen%C3%A8ve", "geneve", "COVID"] {
            assert_eq!(found(app, query).len(), 1, "{query}");
        }
    }

    fn what_is_typed_is_words_and_never_an_error(app: &TestApp) {
        let long = "x".repeat(10_000);
        let queries = [
            "%22", "*", "a:b", "NEAR(", "AND", "-a", "%00", "'", "''", "%5C", "(", "a%26b", "!a", "%3C-%3E",
            "%F0%9F%98%80", "%ff", &long, "", "%20", "a'b%22c*",
        ];
        for query in queries {
            found(app, query);
        }
    }

    fn an_edited_text_is_found_by_its_new_words_only(app: &TestApp) {
        let news = app.section("news", "News");
        let draft = app.draft(news, "Oldword");
        let id = app.publish(&draft);
        assert_eq!(found(app, "oldword"), ["Oldword"]);
        app.edit(id, &Draft { headline: "Newword".to_owned(), ..draft });
        assert_eq!(found(app, "oldword").len(), 0);
        assert_eq!(found(app, "newword"), ["Newword"]);
    }
}
