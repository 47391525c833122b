//! Feeds, as feed readers use them.

use chrono::TimeDelta;
use dateline::text::SanitizedHtml;

use crate::{
    on_both_engines,
    support::{app::TestApp, xml},
};

const FORMATS: [&str; 3] = ["feed.xml", "feed.atom", "feed.json"];

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
}

#[test]
fn control_characters_and_markup_do_not_break_a_feed() {
    let app = TestApp::on_sqlite();
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
