//! Search, related stories and suggestions.

use chrono::TimeDelta;
use dateline::{
    db::types::UserRole::Editor,
    models::{article::Draft, topic},
    text::SanitizedHtml,
};

use crate::{on_both_engines, support::app::TestApp};

fn found(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("/search?q={query}"));
    assert_eq!(page.status, 200, "{query}");
    page.texts(".stories .card-headline")
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

    fn search_ignores_punctuation_and_accents(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "COVID-19 costs 3.5% in Élancourt and/or Genève", 1);
        for query in ["covid-19", "3.5", "and/or", "elancourt", "Gen%C3%A8ve", "geneve", "COVID"] {
            assert_eq!(found(app, query).len(), 1, "{query}");
        }
    }

    fn search_ignores_invisible_characters(app: &TestApp) {
        let news = app.section("news", "News");
        app.publish(&Draft {
            body: SanitizedHtml::new("<p>Ein Fracht&shy;schiff, super&#8203;lang, Auf&zwnj;lage.</p>"),
            ..app.draft(news, "Donau\u{ad}dampf\u{ad}schiff")
        });
        app.story(news, "او می\u{200c}خواهد", 1);
        for query in [
            "donaudampfschiff", "Donau%C2%ADdampfschiff", "donaudampf", "%22donau%E2%80%8Bdampfschiff%22",
            "frachtschiff", "superlang", "auflage", "Auf%E2%80%8Clage", "%EF%BB%BFfracht%C2%ADschiff",
            "%D9%85%DB%8C%D8%AE%D9%88%D8%A7%D9%87%D8%AF", "%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88%D8%A7%D9%87%D8%AF",
        ] {
            assert_eq!(found(app, query).len(), 1, "{query}");
        }
        assert_eq!(found(app, "dampf").len(), 0, "a soft hyphen does not divide a word");
        let page = app.get("/search?q=donaudampfschiff");
        assert_eq!(page.texts("main .card-headline mark"), ["Donau\u{ad}dampf\u{ad}schiff"]);
    }

    fn any_search_input_is_accepted_without_an_error(app: &TestApp) {
        let long = "x".repeat(10_000);
        let queries = [
            "%22", "*", "a:b", "NEAR(", "AND", "-a", "%00", "'", "''", "%5C", "(", "a%26b", "!a", "%3C-%3E",
            "%F0%9F%98%80", "%ff", &long, "", "%20", "a'b%22c*",
        ];
        for query in queries {
            found(app, query);
        }
    }

    fn an_edited_text_is_found_only_by_its_new_words(app: &TestApp) {
        let news = app.section("news", "News");
        let draft = app.draft(news, "Oldword");
        let id = app.publish(&draft);
        assert_eq!(found(app, "oldword"), ["Oldword"]);
        app.edit(id, &Draft { headline: "Newword".to_owned(), ..draft });
        assert_eq!(found(app, "oldword").len(), 0);
        assert_eq!(found(app, "newword"), ["Newword"]);
    }

    fn inflected_words_and_exact_phrases_are_found(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Harbours reopened by the prime minister", 2);
        app.story(news, "A minister in his prime", 1);
        assert_eq!(found(app, "harbour"), ["Harbours reopened by the prime minister"]);
        assert_eq!(found(app, "reopening"), ["Harbours reopened by the prime minister"]);
        assert_eq!(found(app, "%22prime+minister%22"), ["Harbours reopened by the prime minister"]);
        assert_eq!(found(app, "prime+minister").len(), 2);
        assert_eq!(found(app, "harbourm").len(), 0);
        app.story(news, "The ministry of quiet", 3);
        assert_eq!(found(app, "ministry"), ["The ministry of quiet"]);
        assert_eq!(found(app, "ministers").len(), 2, "another word may have the same stem");
    }

    fn languages_without_spaces_between_words_are_searched(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "東京の新しい港が開く", 1);
        assert_eq!(found(app, "%E6%96%B0%E3%81%97%E3%81%84%E6%B8%AF").len(), 1);
        assert_eq!(found(app, "%E6%B8%AF%E6%9D%B1").len(), 0);
    }

    fn results_are_sorted_by_relevance_or_date(app: &TestApp) {
        let news = app.section("news", "News");
        let standfirst = "The ferry is late.".to_owned();
        app.publish(&Draft { standfirst, ..app.draft(news, "Commuters wait") });
        app.story(news, "The ferry sank", 24 * 400);
        app.story(news, "The ferry is back", 24 * 3);
        assert_eq!(found(app, "ferry"), ["The ferry is back", "Commuters wait", "The ferry sank"]);
        assert_eq!(found(app, "ferry&sort=newest"), ["Commuters wait", "The ferry is back", "The ferry sank"]);
    }

    fn results_are_filtered_by_section_author_topic_and_date(app: &TestApp) {
        let news = app.section("news", "News");
        let subsection = app.section("news/coast", "Coast");
        let sport = app.section("sport", "Sport");
        let (author, ferries, boats) = (app.author("Ada Byron"), app.topic("Ferries"), app.topic("Boats"));
        app.publish(&Draft {
            author_ids: vec![author],
            topic_ids: vec![ferries],
            published_at: Some(app.now() - TimeDelta::days(10)),
            ..app.draft(subsection, "Ferry A")
        });
        app.publish(&Draft { further_section_ids: vec![sport], ..app.draft(news, "Ferry B") });
        app.story(sport, "Ferry C", 1);
        let sorted = |query: &str| { let mut all = found(app, query); all.sort(); all };
        assert_eq!(sorted("ferry&section=/news"), ["Ferry A", "Ferry B"]);
        assert_eq!(sorted("ferry&section=/news/coast"), ["Ferry A"]);
        assert_eq!(sorted("ferry&section=/sport"), ["Ferry B", "Ferry C"]);
        assert_eq!(sorted("ferry&author=ada-byron"), ["Ferry A"]);
        assert_eq!(sorted("ferry&topic=ferries"), ["Ferry A"]);
        assert_eq!(sorted("ferry&topic=boats").len(), 3, "a topic without stories is no filter");
        let day = (app.now() - TimeDelta::days(10)).format("%Y-%m-%d");
        assert_eq!(sorted(&format!("ferry&from={day}&to={day}")), ["Ferry A"]);
        assert_eq!(sorted(&format!("ferry&section=/sport&to={day}")).len(), 0);
        assert_eq!(sorted("ferry&from=never&section=/nowhere").len(), 3, "invalid filters are ignored");
        let page = app.get("/search?q=ferry&section=/sport&author=ada-byron");
        assert!(page.attributes("main a", "href").contains(&"/search?q=ferry".to_owned()), "a link removes the filters");
        app.write(|conn| Ok(topic::merge(conn, ferries, boats, chrono_tz::UTC)?));
        app.update_search_index();
        assert_eq!(sorted("ferry&topic=boats"), ["Ferry A"], "a merged topic keeps its stories");
    }

    fn spelling_suggestions_do_not_reveal_unpublished_words(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Harbour master resigns", 1);
        app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(2)),
            ..app.draft(news, "Chancellor arrested")
        });
        let page = app.get("/search?q=hrabour+master");
        assert_eq!(page.texts(".did-you-mean a"), ["Did you mean harbour master?"]);
        assert_eq!(page.attributes(".did-you-mean a", "href"), ["/search?q=harbour+master"]);
        for hidden in ["chancelor", "chancellor", "chanc", "chancelor+resigns"] {
            let page = app.get(&format!("/search?q={hidden}"));
            assert!(page.texts(".did-you-mean").is_empty(), "{hidden}");
            assert!(page.texts("main .card.row mark").is_empty());
        }
    }

    fn results_show_the_matching_excerpt_with_highlights(app: &TestApp) {
        let news = app.section("news", "News");
        let long = "Much else was said. ".repeat(60);
        app.publish(&Draft {
            standfirst: "Nothing of it here.".to_owned(),
            body: SanitizedHtml::new(&format!("<p>{long}</p><p>Then a <em>lighthouse</em> &lt;b&gt; fell.</p>")),
            ..app.draft(news, "Storm over the coast")
        });
        let page = app.get("/search?q=lighthouse+storms");
        assert_eq!(page.texts("main .card-headline mark"), ["Storm"]);
        assert_eq!(page.texts("main .card-standfirst mark"), ["lighthouse"]);
        let excerpt = page.text("main .card-standfirst");
        assert!(excerpt.contains("lighthouse <b> fell") && excerpt.len() < 400, "{excerpt}");
        assert!(!page.body.contains("<b>"));
    }

    fn results_are_paginated(app: &TestApp) {
        let news = app.section("news", "News");
        for n in 1..=45 {
            app.story(news, &format!("Regatta {n}"), n);
        }
        let first = app.get("/search?q=regatta&sort=newest");
        assert_eq!(first.texts("main .card-headline").len(), 20);
        assert_eq!(first.text("[role=status]"), "45 stories");
        let links = first.attributes(".pages a[rel=next]", "href");
        assert_eq!(links, ["/search?q=regatta&sort=newest&page=2"]);
        let last = app.get("/search?q=regatta&sort=newest&page=3");
        assert_eq!(last.texts("main .card-headline"), ["Regatta 41", "Regatta 42", "Regatta 43", "Regatta 44", "Regatta 45"]);
        assert_eq!(app.status("/search?q=regatta&page=4"), 404);
    }

    fn only_public_articles_are_found(app: &TestApp) {
        let news = app.section("news", "News");
        app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::minutes(5)),
            ..app.draft(news, "Embargoed")
        });
        assert_eq!(found(app, "embargoed").len(), 0);
        app.app.clock.advance(TimeDelta::minutes(6));
        assert_eq!(found(app, "embargoed"), ["Embargoed"]);
    }

    fn articles_published_in_the_same_minute_are_all_found(app: &TestApp) {
        let news = app.section("news", "News");
        let published_at = Some(app.now() - TimeDelta::days(3000));
        for n in 0..70 {
            app.publish(&Draft { published_at, ..app.draft(news, &format!("Ledger {n}")) });
        }
        assert_eq!(app.get("/search?q=ledger").text("[role=status]"), "70 stories");
    }

    fn phrases_are_found_beyond_the_newest_thousand_matches(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "The port authority sails", 90_000);
        app.story(news, "An authority on the port", 50_000);
        // On PostgreSQL the newest 1,000 matches are compared directly, older ones through the index.
        let newest: Vec<Draft> = (1..=1_005)
            .map(|n| Draft {
                published_at: Some(app.now() - TimeDelta::hours(n)),
                ..app.draft(news, &format!("Authority of the port {n}"))
            })
            .collect();
        app.publish_all(&newest);
        assert_eq!(found(app, "%22the+port+authority%22"), ["The port authority sails"]);
        assert_eq!(found(app, "%22authority+on+the%22"), ["An authority on the port"]);
        assert_eq!(found(app, "%22port+the+authority%22").len(), 0);
        assert_eq!(found(app, "%22port+authority%22+sailing&sort=newest"), ["The port authority sails"]);
    }

    fn changing_the_language_rebuilds_the_search_index(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Die Häuser der Kinder", 1);
        app.update_settings(|settings| settings.language = "de".to_owned());
        app.update_search_index();
        assert_eq!(found(app, "haus").len() + found(app, "kindern").len(), 2);
    }

    fn searches_without_results_are_listed_without_personal_data(app: &TestApp) {
        for query in ["Barrage+Costs", "barrage%20costs", "once", "ada@example.org", "ada@example.org", "0301234567", "0301234567"] {
            app.get(&format!("/search?q={query}"));
        }
        app.flush_views();
        let page = app.staff(Editor).get("/admin");
        let failed_searches = page.text("section[aria-labelledby=missed]");
        assert!(failed_searches.contains("barrage costs"), "{failed_searches}");
        for hidden in ["once", "ada", "0301234567"] {
            assert!(!failed_searches.contains(hidden), "{failed_searches}");
        }
    }

    fn the_404_page_suggests_stories_for_old_addresses(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Ferry company buys three ships", 1);
        let page = app.get("/2009/ferry-company-buys-ships.html");
        assert_eq!(page.status, 404);
        assert_eq!(page.texts("[aria-labelledby=suggestions] .card-headline"), ["Ferry company buys three ships"]);
    }

    fn related_stories_are_chosen_by_topics_and_words(app: &TestApp) {
        let (news, sport) = (app.section("news", "News"), app.section("sport", "Sport"));
        let topic = app.topic("Ferries");
        app.story(sport, "Marathon winner disqualified", 3);
        app.story(news, "Council raises the parking fee", 2);
        app.story(sport, "Lighthouse keeper rescues stranded whale", 24 * 20);
        app.publish(&Draft { topic_ids: vec![topic], ..app.draft(sport, "A crossing is closed") });
        let whale = app.publish(&Draft { topic_ids: vec![topic], ..app.draft(news, "Stranded whale returns to the lighthouse") });
        app.update_search_index();
        let page = app.get(&app.path(whale));
        let mut related = page.texts(".related .card-headline");
        related.sort();
        assert_eq!(related, ["A crossing is closed", "Lighthouse keeper rescues stranded whale"]);
    }
}
