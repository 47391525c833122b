//! The article page.

use chrono::{NaiveDate, TimeDelta};
use dateline::{
    db::types::{CorrectionKind, Placement, Status},
    models::article::{Dateline, Draft},
    text::SanitizedHtml,
};

use crate::{on_both_engines, support::app::TestApp};

/// Publishes an article with all optional parts; returns its id.
fn rich_article(app: &TestApp) -> i64 {
    app.update_settings(|settings| settings.name = "The Test".to_owned());
    app.section("news", "News");
    let section_id = app.section("news/diplomatic-news", "Diplomatic News");
    let other = app.story(section_id, "An earlier story", 30);
    app.story(section_id, "A later story", 0);
    let picture = app.picture("Two ministers shake hands");
    let (inner, second) = (app.picture("A hall"), app.picture("A table"));
    let topic = app.topic("Bilateral Talks");
    let related = Draft {
        topic_ids: vec![topic],
        ..app.draft(app.section("world", "World"), "A related story")
    };
    app.publish(&related);
    let body = format!(
        "<p>They met.</p><h2>The agenda</h2><p>It was <em>long</em>.</p>\
         <aside data-also-read=\"{other}\"></aside>\
         <blockquote><p>A quote.</p></blockquote>\
         <aside class=\"pull-quote\"><p>A pull quote.</p></aside>\
         <ul><li>One</li></ul><table><caption>Numbers</caption><tr><th scope=\"col\">A</th></tr></table>\
         <figure data-media=\"{inner}\" data-caption=\"Its own caption.\"></figure>\
         <div data-gallery=\"The rooms\"><figure data-media=\"{inner}\"></figure>\
         <figure data-media=\"{second}\"></figure></div>\
         <div data-embed=\"https://www.youtube.com/watch?v=abc_DEF-1\" data-title=\"The statement\"></div>"
    );
    let id = app.publish(&Draft {
        kicker: "Talks".to_owned(),
        standfirst: "What was said and what was not.".to_owned(),
        dateline: Some(Dateline {
            place: "Geneva".to_owned(),
            date: NaiveDate::from_ymd_opt(2023, 12, 15),
            agency: "TDI".to_owned(),
        }),
        author_ids: vec![app.author("Aqsa Bibi"), app.author("Second Author")],
        topic_ids: vec![topic],
        lead_media_id: Some(picture),
        published_at: Some(app.now() - TimeDelta::hours(5)),
        updated_at: Some(app.now() - TimeDelta::hours(2)),
        body: SanitizedHtml::new(&body),
        ..app.draft(
            section_id,
            "Iran, Japan foreign ministers hold bilateral talks",
        )
    });
    app.add_correction(
        id,
        CorrectionKind::Correction,
        Placement::Above,
        "It was Tuesday.",
    );
    app.add_correction(
        id,
        CorrectionKind::Clarification,
        Placement::Below,
        "Both of them.",
    );
    app.update_settings(|settings| {
        settings.social_links = vec![dateline::models::setting::SocialLink {
            network: "x".to_owned(),
            url: "https://x.com/thetest".to_owned(),
        }];
    });
    app.update_search_index();
    id
}

on_both_engines! {
    fn an_article_page_shows_every_part_of_the_article(app: &TestApp) {
        let id = rich_article(app);
        let path = app.path(id);
        let page = app.get(&path);
        assert_eq!(page.status, 200);

        let trail = page.texts(".breadcrumb a");
        let headline = "Iran, Japan foreign ministers hold bilateral talks";
        assert_eq!(trail, ["Home", "News", "Diplomatic News", headline]);
        let trail = page.attributes(".breadcrumb a", "href");
        assert_eq!(trail, ["/", "/news", "/news/diplomatic-news", &path]);

        assert_eq!(page.text("h1"), headline);
        assert_eq!(page.text(".story-head .kicker"), "Talks");
        assert_eq!(page.text(".standfirst"), "What was said and what was not.");
        assert_eq!(page.attributes(".by a", "href"), ["/author/aqsa-bibi", "/author/second-author"]);
        assert_eq!(page.texts(".times time").len(), 2, "published and updated");
        assert_eq!(page.attributes(".story time", "datetime").len(), 2, "no other time of the story is marked up");
        assert!(page.text(".times").contains("1 min read"));

        assert_eq!(page.text(".dateline"), "Geneva, 15 December 2023 (TDI):");
        assert!(page.text(".body p:has(.dateline)").ends_with("(TDI): They met."));
        assert_eq!(page.text(".body h2"), "The agenda");
        assert_eq!(page.text(".body blockquote"), "A quote.");
        assert_eq!(page.text(".pull-quote"), "A pull quote.");
        assert_eq!(page.text(".body table caption"), "Numbers");
        assert_eq!(page.text(".also-read a"), "An earlier story");

        assert_eq!(page.text(".lead-picture figcaption"), "What it shows. A. Painter");
        assert_eq!(page.attributes(".lead-picture img", "alt"), ["Two ministers shake hands"]);
        assert_eq!(page.text(".body > .picture figcaption"), "Its own caption. A. Painter");
        assert_eq!(page.attributes(".gallery img", "alt"), ["A hall", "A table"]);
        assert!(page.attributes("img", "width").len() >= 4, "pictures have dimensions");
        assert!(page.attributes(".body img", "loading").iter().all(|lazy| lazy == "lazy"));
        assert!(page.attributes(".lead-picture img", "srcset")[0].contains("-640.jpg 640w"));

        assert_eq!(
            page.attributes("a[data-player]", "data-player"),
            ["https://www.youtube-nocookie.com/embed/abc_DEF-1?autoplay=1"]
        );
        assert_eq!(page.attributes("iframe", "src").len(), 0);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-src https://www.youtube-nocookie.com"), "{policy}");

        let notes = page.texts(".note");
        assert!(notes[0].starts_with("Correction (") && notes[0].ends_with("It was Tuesday."));
        assert!(notes[1].starts_with("Clarification ("));
        let place = |text: &str| page.body.find(text).unwrap();
        assert!(place("It was Tuesday.") < place("class=\"dateline\"") && place("class=\"dateline\"") < place("Both of them."));

        assert_eq!(page.texts(".topics a"), ["Bilateral Talks"]);
        assert_eq!(page.texts(".share a").len(), 6);
        assert_eq!(page.texts(".about-authors .author-name"), ["Aqsa Bibi", "Second Author"]);
        assert!(page.text(".about-authors").contains("three continents"));
        assert_eq!(
            page.attributes(".about-authors a[href^=mailto]", "href")[0],
            "mailto:reporter@example.org"
        );
        assert_eq!(page.texts(".follow h2"), ["Follow us"]);
        assert_eq!(page.attributes(".follow a", "href"), ["https://x.com/thetest"]);
        assert_eq!(page.text(".more h2"), "More from Diplomatic News");
        assert_eq!(page.texts(".related .card-headline"), ["A related story"]);
        assert_eq!(
            page.texts(".neighbours a"),
            ["Older story An earlier story", "Newer story A later story"]
        );
    }

    fn structured_data_agrees_with_the_visible_page(app: &TestApp) {
        let id = rich_article(app);
        let path = app.path(id);
        let page = app.get(&path);
        let news = page.json_ld("NewsArticle");
        let published = page.attributes(".times time", "datetime");
        assert_eq!(news["headline"], page.text("h1"));
        assert_eq!(news["datePublished"], published[0]);
        assert_eq!(news["dateModified"], published[1]);
        assert_eq!(news["author"][0]["name"], "Aqsa Bibi");
        assert_eq!(news["author"][0]["url"], app.url("/author/aqsa-bibi"));
        assert_eq!(news["articleSection"], "Diplomatic News");
        assert_eq!(news["dateline"], "Geneva, 15 December 2023 (TDI)");
        assert_eq!(news["mainEntityOfPage"], app.url(&path));
        let trail = page.json_ld("BreadcrumbList");
        assert_eq!(trail["itemListElement"][2]["position"], 3);
        assert_eq!(trail["itemListElement"][2]["item"], app.url("/news/diplomatic-news"));
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [app.url(&path)]);
        let meta = |name: &str| page.attributes(&format!("meta[property='{name}']"), "content");
        assert_eq!(meta("og:type"), ["article"]);
        assert_eq!(meta("article:published_time"), [published[0].clone()]);
        assert_eq!(meta("og:image:width"), ["1600"]);
        assert_eq!(meta("og:image:alt"), ["Two ministers shake hands"]);
    }

    fn markup_in_any_field_is_shown_as_text(app: &TestApp) {
        let payload = "<script>alert(1)</script>";
        app.update_settings(|settings| {
            settings.name = payload.to_owned();
            settings.tagline = payload.to_owned();
        });
        let section_id = app.section("s", payload);
        let id = app.publish(&Draft {
            kicker: payload.to_owned(),
            standfirst: payload.to_owned(),
            dateline: Some(Dateline {
                place: payload.to_owned(),
                date: None,
                agency: payload.to_owned(),
            }),
            topic_ids: vec![app.topic(payload)],
            author_ids: vec![app.author(payload)],
            lead_media_id: Some(app.picture(payload)),
            body: SanitizedHtml::new(&format!("<p>a{payload}<img src=x onerror=alert(1)>b</p>")),
            ..app.draft(section_id, payload)
        });
        app.add_correction(id, CorrectionKind::Update, Placement::Above, payload);
        for path in [app.path(id).as_str(), "/", "/s", "/authors", "/latest", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"] {
            let page = app.get(path);
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains("<script>alert"), "{path}");
            assert!(!page.body.contains("onerror"), "{path}");
        }
    }

    fn articles_that_are_not_live_answer_like_missing_pages(app: &TestApp) {
        let section_id = app.section("news", "News");
        let live = app.story(section_id, "A live story", 2);
        let scheduled = app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(2)),
            ..app.draft(section_id, "A scheduled story")
        });
        // Published first, so that it has an address.
        let published = app.draft(section_id, "A draft");
        let draft = app.publish(&published);
        app.edit(draft, &Draft { status: Status::Draft, ..published });
        let missing = app.get("/2023/01/01/never-was");
        for id in [scheduled, draft] {
            let path = app.path(id);
            for path in [path.clone(), path.to_uppercase(), format!("{path}/"), format!("{path}?page=2")] {
                let page = app.get(&path);
                assert_eq!(page.status, 404, "{path}");
                assert_eq!(page.body, missing.body, "{path}");
            }
        }
        for path in ["/", "/latest", "/news", "/archive", &app.path(live), "/search?q=scheduled"] {
            let page = app.get(path);
            assert!(!page.body.contains("A scheduled story"), "{path}");
            assert!(!page.body.contains("A draft"), "{path}");
        }
    }

    fn a_scheduled_article_appears_at_its_time(app: &TestApp) {
        let section_id = app.section("news", "News");
        let id = app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::minutes(10)),
            ..app.draft(section_id, "Due soon")
        });
        let path = app.path(id);
        assert_eq!(app.status(&path), 404);
        assert!(!app.get("/news").body.contains("Due soon"));
        app.app.clock.advance(TimeDelta::minutes(10));
        assert_eq!(app.status(&path), 200);
        assert!(app.get("/news").body.contains("Due soon"));
        assert!(app.get("/").body.contains("Due soon"));
    }

    fn an_unpublished_article_disappears_with_the_next_request(app: &TestApp) {
        let section_id = app.section("news", "News");
        let draft = app.draft(section_id, "Withdrawn");
        let id = app.publish(&draft);
        let path = app.path(id);
        assert_eq!(app.status(&path), 200);
        app.edit(id, &Draft { status: Status::Draft, ..draft });
        assert_eq!(app.status(&path), 404);
        for list in ["/", "/latest", "/news", "/search?q=withdrawn"] {
            assert_eq!(app.status(list), 200);
            assert!(!app.get(list).texts(".card-headline").contains(&"Withdrawn".to_owned()), "{list}");
        }
    }

    fn also_read_links_to_articles_that_are_not_live_are_hidden(app: &TestApp) {
        let section_id = app.section("news", "News");
        let hidden = app.publish(&Draft {
            status: Status::Draft,
            ..app.draft(section_id, "Hidden")
        });
        let id = app.publish(&Draft {
            body: SanitizedHtml::new(&format!(
                "<p>Text.</p><aside data-also-read=\"{hidden}\"></aside><p>More.</p>"
            )),
            ..app.draft(section_id, "Visible")
        });
        let page = app.get(&app.path(id));
        assert_eq!(page.texts(".also-read").len(), 0);
        assert_eq!(page.texts(".body p"), ["Text.", "More."]);
    }
}
