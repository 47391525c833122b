//! Feeds, as feed readers use them.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use chrono::TimeDelta;
use dateline::text::SanitizedHtml;

use crate::{
    on_both_engines,
    support::{app::TestApp, hub::Hub, skip, xml},
};

const FORMATS: [&str; 3] = ["feed.xml", "feed.atom", "feed.json"];

/// A Python that knows <https://pypi.org/project/feedparser/>: the first on the path, or the system's.
fn python_with_feedparser() -> Option<&'static str> {
    let knows = |python: &&str| {
        let asked = Command::new(python)
            .args(["-c", "import feedparser"])
            .output();
        asked.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(knows);
    if found.is_none() {
        skip(
            "feedparser",
            "no Python has it (Debian: python3-feedparser)",
        );
    }
    found
}

on_both_engines! {
    fn a_feed_tells_all_that_a_feed_reader_wants_to_know(app: &TestApp) {
        let news = app.section("news", "News");
        let author = app.author("Aqsa Bibi");
        let mut draft = app.draft(news, "Bridges & <tunnels>");
        draft.author_ids = vec![author];
        draft.topic_ids = vec![app.topic("Transport")];
        draft.lead_media_id = Some(app.picture("A bridge"));
        let other = app.path(app.story(news, "Another story", 5));
        draft.body = SanitizedHtml::new(&format!(
            "<p>It <a href=\"{other}\">opened</a> on Monday.</p><p>More “words”.</p>"
        ));
        let id = app.publish(&draft);
        let path = app.path(id);
        for of in ["", "/news", "/author/aqsa-bibi", "/topic/transport"] {
            let rss = xml::read(&app.get(&format!("{of}/feed.xml")).body);
            let item = rss.first("item");
            assert_eq!(item.text("title"), "Bridges & <tunnels>");
            assert_eq!(item.text("link"), app.url(&path));
            assert_eq!(item.attribute("guid", "isPermaLink"), "false");
            assert!(chrono::DateTime::parse_from_rfc2822(&item.text("pubDate")).is_ok());
            assert_eq!(item.text("dc:creator"), "Aqsa Bibi");
            assert_eq!(item.texts("category"), ["News", "Transport"]);
            assert_eq!(item.text("description"), draft.standfirst);
            let content = item.text("content:encoded");
            assert!(content.contains(&format!("href=\"{}\"", app.url(&other))), "{content}");
            assert!(content.contains("More “words”."));
            assert!(item.attribute("media:content", "url").starts_with(&app.app.base_url));
            assert_eq!(rss.attribute("atom:link", "rel"), "self");
            assert_eq!(rss.attribute("atom:link", "href"), app.url(&format!("{of}/feed.xml")));

            let atom = xml::read(&app.get(&format!("{of}/feed.atom")).body);
            let entry = atom.first("entry");
            assert_eq!(entry.text("id"), item.text("guid"));
            assert!(chrono::DateTime::parse_from_rfc3339(&entry.text("updated")).is_ok());
            assert_eq!(entry.attribute("content", "type"), "html");

            let json: serde_json::Value =
                serde_json::from_str(&app.get(&format!("{of}/feed.json")).body).unwrap();
            assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
            assert_eq!(json["items"][0]["id"], item.text("guid"));
            assert_eq!(json["items"][0]["title"], "Bridges & <tunnels>");
            assert!(json["items"][0]["content_html"].as_str().unwrap().contains("opened"));
        }
    }

    fn the_guid_stays_when_the_address_changes_and_the_feed_moves_with_its_section(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let guid = |app: &TestApp| xml::read(&app.get("/feed.xml").body).first("item").text("guid");
        let before = guid(app);
        draft.slug = "another-slug".to_owned();
        app.edit(id, &draft);
        assert!(app.path(id).contains("another-slug"));
        assert_eq!(guid(app), before);
        app.change(|conn| {
            let tree = dateline::models::section::tree_to_change(conn)?;
            let change = dateline::models::section::Change {
                parent_id: None,
                slug: "world",
                name: "World",
                description: "",
            };
            dateline::models::section::change(conn, &tree, news, &change, chrono_tz::UTC)?;
            Ok(())
        });
        for format in FORMATS {
            assert_eq!(app.moved(&format!("/news/{format}")), format!("/world/{format}"));
            assert_eq!(app.status(&format!("/nowhere/{format}")), 404);
            assert_eq!(app.status(&format!("{}/{format}", app.path(id))), 404, "an article has no feed");
        }
    }

    fn pages_lead_to_their_feeds_and_feeds_answer_304(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        let page = app.get("/news");
        let feeds = page.attributes("link[rel=alternate]", "href");
        assert_eq!(feeds, ["/feed.xml", "/news/feed.xml", "/news/feed.atom", "/news/feed.json"]);
        for feed in feeds {
            let answer = app.get(&feed);
            assert_eq!(answer.status, 200, "{feed}");
            assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
            let etag = answer.header("etag").unwrap();
            assert_eq!(app.get_with(&feed, &[("if-none-match", etag)]).status, 304);
            assert_eq!(app.head(&feed).status, 200);
        }
    }

    fn standfirsts_alone_are_fed_if_the_newsroom_says_so_and_the_hub_is_named(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        draft.body = SanitizedHtml::new("<p>Only on the site.</p>");
        app.publish(&draft);
        assert!(app.get("/feed.xml").body.contains("Only on the site."));
        app.settings(|settings| {
            settings.feed_whole_texts = false;
            settings.feed_hub = "https://hub.example/".to_owned();
        });
        for format in FORMATS {
            let page = app.get(&format!("/{format}"));
            assert!(!page.body.contains("Only on the site."), "{format}");
            assert!(page.body.contains(&draft.standfirst));
            assert!(page.body.contains("https://hub.example/"));
            let links = page.header("link").unwrap();
            assert_eq!(links.matches("rel=\"self\"").count(), 1);
            assert_eq!(links.matches("rel=\"hub\"").count(), 1);
        }
    }

    fn the_hub_is_told_of_every_feed_that_has_something_new_and_once(app: &TestApp) {
        let hub = Hub::start(&[503]);
        let news = app.section("news", "News");
        app.section("sport", "Sport");
        let below = app.section("news/coast", "Coast");
        let author = app.author("Aqsa Bibi");
        let told = || {
            actix_web::rt::System::new()
                .block_on(dateline::jobs::ping_hub::once(&app.app))
                .unwrap();
            let mut feeds: Vec<String> = hub.told().iter().map(|form| {
                let fields: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
                assert_eq!(fields[0], ("hub.mode".to_owned(), "publish".to_owned()));
                assert_eq!(fields[1].0, "hub.url");
                fields[1].1.replace(&app.app.base_url, "")
            }).collect();
            feeds.sort();
            feeds.dedup();
            feeds
        };
        app.story(news, "Old story", 1);
        assert!(told().is_empty(), "there is no hub");
        app.settings(|settings| settings.feed_hub = hub.url.clone());
        assert_eq!(told(), ["/feed.atom", "/feed.json", "/feed.xml", "/news/feed.atom", "/news/feed.json", "/news/feed.xml"]);
        let mut draft = app.draft(below, "Bridge opens");
        draft.author_ids = vec![author];
        draft.published_at = Some(app.now() + TimeDelta::hours(1));
        let id = app.publish(&draft);
        assert!(told().is_empty(), "it is not out yet");
        app.app.clock.advance(TimeDelta::hours(2));
        let feeds = told();
        for of in ["", "/author/aqsa-bibi", "/news", "/news/coast"] {
            assert!(feeds.contains(&format!("{of}/feed.xml")), "{of} is missing in {feeds:?}");
        }
        assert_eq!(feeds.len(), 12, "no other: {feeds:?}");
        assert!(told().is_empty(), "it knows");
        draft.updated_at = Some(app.now());
        app.edit(id, &draft);
        assert_eq!(told(), feeds, "the story was brought up to date");
    }

    fn feeds_are_what_feedparser_reads_without_a_complaint(app: &TestApp) {
        let Some(python) = python_with_feedparser() else {
            return;
        };
        crate::demo::publish(app);
        for of in ["", "/news", "/news/diplomatic-news", "/author/ines-halloran", "/topic/littoral-council"] {
            for format in ["feed.xml", "feed.atom"] {
                let feed = app.get(&format!("{of}/{format}"));
                let mut parser = Command::new(python)
                    .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/check_feed.py"))
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                parser.stdin.take().unwrap().write_all(&feed.bytes).unwrap();
                let output = parser.wait_with_output().unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{of}/{format}: {said}");
            }
        }
    }

    fn no_feed_and_no_sitemap_knows_what_is_not_public(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        let mut secret = app.draft(news, "Canary sings");
        secret.published_at = Some(app.now() + TimeDelta::days(1));
        let scheduled = app.publish(&secret);
        let mut draft = app.draft(news, "Canary is silent");
        draft.status = dateline::db::types::Status::Draft;
        draft.published_at = None;
        app.publish(&draft);
        let of_scheduled = app.path(scheduled);
        let mut paths: Vec<String> = FORMATS
            .iter()
            .flat_map(|format| [format!("/{format}"), format!("/news/{format}")])
            .collect();
        let index = xml::read(&app.get("/sitemap.xml").body);
        paths.extend(index.texts("loc").iter().map(|url| url.replace(&app.app.base_url, "")));
        paths.push("/sitemaps/news.xml".to_owned());
        assert!(paths.len() > 8, "{paths:?}");
        for path in paths {
            let page = app.get(&path);
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.to_lowercase().contains("canary"), "{path}");
            assert!(!page.body.contains(&of_scheduled), "{path}");
        }
    }

    fn control_characters_and_markup_do_not_break_a_feed(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bell \u{7} and ]]> and </title><script>");
        draft.body = SanitizedHtml::new("<p>Form feed \u{c} here &amp; there</p>");
        app.publish(&draft);
        for format in ["feed.xml", "feed.atom"] {
            let read = xml::read(&app.get(&format!("/{format}")).body);
            assert!(
                read.texts("title")
                    .iter()
                    .any(|title| title == "Bell  and ]]> and </title><script>")
            );
        }
    }
}
