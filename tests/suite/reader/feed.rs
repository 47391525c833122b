//! RSS, Atom and JSON feeds, and WebSub.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use chrono::TimeDelta;
use dateline::{
    db::types::Status,
    models::{article::Draft, feed},
    text::SanitizedHtml,
};

use crate::{
    on_both_engines,
    support::{app::TestApp, hub::Hub, skip, xml},
};

const FORMATS: [&str; 3] = ["feed.xml", "feed.atom", "feed.json"];

/// Texts that would be something else if they were read as HTML.
const STANDFIRSTS: [&str; 7] = [
    "If a <b and c> d, then what?",
    "<svg onload=alert(1)>",
    "<b>Bold</b> & \"quoted\" 'words'",
    "&lt;b&gt; is written &amp;lt;b&amp;gt;",
    "AT&T, R&D, &copy; and &#60;",
    "]]> <!-- no comment -->",
    "Plain words",
];

/// The content of the newest item in each format.
fn contents(app: &TestApp) -> [String; 3] {
    let rss = xml::parse(&app.get("/feed.xml").body);
    let atom = xml::parse(&app.get("/feed.atom").body);
    let json = json_feed(app, "");
    [
        rss.first("item").text("content:encoded"),
        atom.first("entry").text("content"),
        json["items"][0]["content_html"]
            .as_str()
            .unwrap()
            .to_owned(),
    ]
}

fn json_feed(app: &TestApp, prefix: &str) -> serde_json::Value {
    serde_json::from_str(&app.get(&format!("{prefix}/feed.json")).body).unwrap()
}

/// All ids of feeds and items below `prefix`, in all formats.
fn ids(app: &TestApp, prefix: &str) -> Vec<String> {
    let mut ids = xml::parse(&app.get(&format!("{prefix}/feed.xml")).body).texts("guid");
    ids.extend(xml::parse(&app.get(&format!("{prefix}/feed.atom")).body).texts("id"));
    let json = json_feed(app, prefix);
    let items = json["items"].as_array().unwrap();
    ids.extend(
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned()),
    );
    ids
}

/// A Python with the package feedparser: the first on the PATH or the system's.
fn python_with_feedparser() -> Option<&'static str> {
    let has_feedparser = |python: &&str| {
        let check = Command::new(python)
            .args(["-c", "import feedparser"])
            .output();
        check.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"]
        .into_iter()
        .find(has_feedparser);
    if found.is_none() {
        skip(
            "feedparser",
            "no Python has the module (Debian: python3-feedparser)",
        );
    }
    found
}

/// Runs a program with this input; returns its output.
fn run(command: &mut Command, input: &[u8]) -> String {
    let mut program = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(input).unwrap();
    let output = program.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ids_in_feeds_survive_a_move_of_the_site_to_another_domain() {
    let folder = tempfile::tempdir().unwrap();
    let start = |base_url: &str| {
        let folder = folder.path().to_str().unwrap();
        TestApp::with_settings(&[("data_dir", folder), ("base_url", base_url)])
    };
    let prefixes = ["", "/news"];
    let app = start("https://old.example:8443");
    app.story(app.section("news", "News"), "Bridge opens", 1);
    let before = prefixes.map(|prefix| ids(&app, prefix));
    assert!(
        before[0][0].starts_with("tag:old.example,2026:article/"),
        "{before:?}"
    );
    assert!(
        before[0].contains(&"tag:old.example,2026:feed".to_owned()),
        "{before:?}"
    );
    drop(app);
    for base_url in [
        "https://new.example",
        "http://127.0.0.1",
        "https://old.example",
    ] {
        let app = start(base_url);
        assert_eq!(
            prefixes.map(|prefix| ids(&app, prefix)),
            before,
            "{base_url}"
        );
        let link = xml::parse(&app.get("/feed.xml").body)
            .first("item")
            .text("link");
        assert!(link.starts_with(base_url), "{link}");
        // Nor does a change of the settings issue ids again.
        app.update_settings(|settings| settings.name = base_url.to_owned());
        assert_eq!(ids(&app, ""), before[0], "{base_url}");
    }
}

#[test]
fn ids_in_feeds_are_the_same_without_a_configured_address() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let app = TestApp::with_data_dir(folder.path());
    app.story(app.section("news", "News"), "Bridge opens", 1);
    let before = ids(&app, "");
    drop(app);
    let app = TestApp::with_settings(&[("data_dir", path), ("base_url", "https://news.example")]);
    assert_eq!(ids(&app, ""), before);
}

on_both_engines! {
    fn links_in_feeds_lead_where_they_lead_on_the_story_s_page(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        draft.body = SanitizedHtml::new(
            "<p><a href=\"?page=2\">A</a> <a href=\"story-two\">B</a> <a href=\"/news\">C</a> \
             <a href=\"https://other.example/#n1\">D</a> <a href=\"#nowhere\">E</a></p>",
        );
        let url = app.url(&app.path(app.publish(&draft)));
        let folder = &url[..url.rfind('/').unwrap()];
        for content in contents(app) {
            for target in [
                format!("{url}?page=2"),
                format!("{folder}/story-two"),
                app.url("/news"),
                "https://other.example/#n1".to_owned(),
            ] {
                assert!(content.contains(&format!("href=\"{target}\"")), "{target}: {content}");
            }
            assert!(content.contains("D</a> E</p>"), "{content}");
        }
    }

    fn the_authority_of_feed_ids_is_stored_once(app: &TestApp) {
        let kept = app.write(|conn| Ok(feed::keep_authority(conn, "other.example")?));
        assert_eq!(kept, "127.0.0.1");
        assert_eq!(kept, app.app.feed_authority);
        assert_eq!(app.write(|conn| Ok(feed::authority(conn)?)), Some(kept));
    }

    fn a_story_that_is_published_again_keeps_its_id_in_feeds(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let before = ids(app, "");
        draft.status = Status::Draft;
        app.edit(id, &draft);
        assert!(xml::parse(&app.get("/feed.xml").body).all("item").is_empty());
        draft.status = Status::Published;
        draft.published_at = Some(app.now());
        draft.headline = "Bridge opens again".to_owned();
        app.edit(id, &draft);
        assert_eq!(ids(app, ""), before);
    }

    fn feeds_contain_no_invisible_characters(app: &TestApp) {
        app.update_settings(|settings| settings.name = "Ta\u{ad}ges\u{200b}blatt".to_owned());
        let mut draft = app.draft(app.section("news", "Schiff\u{ad}fahrt"), "Dampf\u{ad}schiff می\u{200c}خواهم");
        draft.standfirst = "\u{feff}Fähr\u{200d}schiff".to_owned();
        draft.body = SanitizedHtml::new("<p>Donau\u{ad}dampf&shy;fahrt&#8203;</p>");
        draft.author_ids = vec![app.author("A\u{2060}da")];
        let path = app.path(app.publish(&draft));
        for format in FORMATS {
            let feed = app.get(&format!("/{format}")).body;
            for shown in ["Tagesblatt", "Schifffahrt", "Dampfschiff می\u{200c}خواهم", "Fährschiff", "Donaudampffahrt", "Ada"] {
                assert!(feed.contains(shown), "{format}: {shown}");
            }
            assert!(!feed.contains(['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}']), "{format}");
        }
        let body = app.get(&path).html(".body");
        assert!(body.contains("Donau\u{ad}dampf\u{ad}fahrt\u{200b}"), "{body}");
    }

    fn any_standfirst_arrives_as_it_was_written(app: &TestApp) {
        let news = app.section("news", "News");
        for standfirst in STANDFIRSTS {
            let mut draft = app.draft(news, standfirst);
            draft.standfirst = standfirst.to_owned();
            app.publish(&draft);
            let rss = rss::Channel::read_from(app.get("/feed.xml").bytes.as_slice()).unwrap();
            let item = rss.items().iter().find(|item| item.title() == Some(standfirst)).unwrap();
            let html = item.description().unwrap();
            let description = scraper::Html::parse_fragment(html);
            assert_eq!(description.root_element().text().collect::<String>(), standfirst, "{html}");
            assert!(!html.contains('<'), "{html}");
            let atom = xml::parse(&app.get("/feed.atom").body);
            let entry = atom.all("entry").into_iter().find(|entry| entry.text("title") == standfirst).unwrap().clone();
            assert_eq!(entry.text("summary"), standfirst);
            let json = json_feed(app, "");
            let item = json["items"].as_array().unwrap().iter().find(|item| item["title"] == standfirst).unwrap();
            assert_eq!(item["summary"], standfirst);
        }
    }

    fn feedparser_reads_descriptions_as_they_were_written(app: &TestApp) {
        let Some(python) = python_with_feedparser() else {
            return;
        };
        let news = app.section("news", "News");
        for standfirst in STANDFIRSTS {
            app.publish(&Draft { standfirst: standfirst.to_owned(), ..app.draft(news, "Bridge opens") });
        }
        let feed = app.get("/feed.xml");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/read_feed.py");
        let printed = run(Command::new(python).arg(script), &feed.bytes);
        let mut read: Vec<String> = serde_json::from_str(&printed).unwrap();
        read.sort();
        let mut written = STANDFIRSTS.map(str::to_owned);
        written.sort();
        assert_eq!(read, written);
    }

    fn feeds_contain_every_field_that_feed_readers_use(app: &TestApp) {
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
        for prefix in ["", "/news", "/author/aqsa-bibi", "/topic/transport"] {
            let rss = xml::parse(&app.get(&format!("{prefix}/feed.xml")).body);
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
            assert_eq!(rss.attribute("atom:link", "href"), app.url(&format!("{prefix}/feed.xml")));

            let atom = xml::parse(&app.get(&format!("{prefix}/feed.atom")).body);
            let entry = atom.first("entry");
            assert_eq!(entry.text("id"), item.text("guid"));
            assert!(chrono::DateTime::parse_from_rfc3339(&entry.text("updated")).is_ok());
            assert_eq!(entry.attribute("content", "type"), "html");

            let json: serde_json::Value =
                serde_json::from_str(&app.get(&format!("{prefix}/feed.json")).body).unwrap();
            assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
            assert_eq!(json["items"][0]["id"], item.text("guid"));
            assert_eq!(json["items"][0]["title"], "Bridges & <tunnels>");
            assert!(json["items"][0]["content_html"].as_str().unwrap().contains("opened"));
        }
    }

    fn guids_are_stable_and_feeds_of_renamed_sections_redirect(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        let id = app.publish(&draft);
        let guid = |app: &TestApp| xml::parse(&app.get("/feed.xml").body).first("item").text("guid");
        let before = guid(app);
        draft.slug = "another-slug".to_owned();
        app.edit(id, &draft);
        assert!(app.path(id).contains("another-slug"));
        assert_eq!(guid(app), before);
        app.write(|conn| {
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
            assert_eq!(app.redirect_target(&format!("/news/{format}")), format!("/world/{format}"));
            assert_eq!(app.status(&format!("/nowhere/{format}")), 404);
            assert_eq!(app.status(&format!("{}/{format}", app.path(id))), 404, "an article has no feed");
        }
    }

    fn pages_link_to_their_feeds_and_feeds_support_304(app: &TestApp) {
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

    fn feeds_can_be_limited_to_standfirsts_and_name_the_hub(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bridge opens");
        draft.body = SanitizedHtml::new("<p>Only on the site.</p>");
        app.publish(&draft);
        assert!(app.get("/feed.xml").body.contains("Only on the site."));
        app.update_settings(|settings| {
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

    fn the_hub_is_notified_once_of_every_changed_feed(app: &TestApp) {
        let hub = Hub::start(&[503]);
        let news = app.section("news", "News");
        app.section("sport", "Sport");
        let subsection = app.section("news/coast", "Coast");
        let author = app.author("Aqsa Bibi");
        let notified_feeds = || {
            actix_web::rt::System::new()
                .block_on(dateline::jobs::ping_hub::once(&app.app))
                .unwrap();
            let mut feeds: Vec<String> = hub.notifications().iter().map(|form| {
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
        assert!(notified_feeds().is_empty(), "no hub is set");
        app.update_settings(|settings| settings.feed_hub = hub.url.clone());
        assert_eq!(notified_feeds(), ["/feed.atom", "/feed.json", "/feed.xml", "/news/feed.atom", "/news/feed.json", "/news/feed.xml"]);
        let mut draft = app.draft(subsection, "Bridge opens");
        draft.author_ids = vec![author];
        draft.published_at = Some(app.now() + TimeDelta::hours(1));
        let id = app.publish(&draft);
        assert!(notified_feeds().is_empty(), "the story is still scheduled");
        app.app.clock.advance(TimeDelta::hours(2));
        let feeds = notified_feeds();
        for prefix in ["", "/author/aqsa-bibi", "/news", "/news/coast"] {
            assert!(feeds.contains(&format!("{prefix}/feed.xml")), "{prefix} is missing in {feeds:?}");
        }
        assert_eq!(feeds.len(), 12, "no other feeds: {feeds:?}");
        assert!(notified_feeds().is_empty(), "the hub has already been notified");
        draft.updated_at = Some(app.now());
        app.edit(id, &draft);
        assert_eq!(notified_feeds(), feeds, "an updated story is announced again");
    }

    fn feedparser_reads_all_feeds_without_errors(app: &TestApp) {
        let Some(python) = python_with_feedparser() else {
            return;
        };
        crate::demo::publish(app);
        for prefix in ["", "/news", "/news/diplomatic-news", "/author/ines-halloran", "/topic/littoral-council"] {
            for format in ["feed.xml", "feed.atom"] {
                let feed = app.get(&format!("{prefix}/{format}"));
                let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/check_feed.py");
                run(Command::new(python).arg(script), &feed.bytes);
            }
        }
    }

    fn feeds_and_sitemaps_contain_no_unpublished_article(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Bridge opens", 1);
        let mut secret = app.draft(news, "Canary sings");
        secret.published_at = Some(app.now() + TimeDelta::days(1));
        let scheduled = app.publish(&secret);
        let mut draft = app.draft(news, "Canary is silent");
        draft.status = Status::Draft;
        draft.published_at = None;
        app.publish(&draft);
        let scheduled_path = app.path(scheduled);
        let mut paths: Vec<String> = FORMATS
            .iter()
            .flat_map(|format| [format!("/{format}"), format!("/news/{format}")])
            .collect();
        let index = xml::parse(&app.get("/sitemap.xml").body);
        paths.extend(index.texts("loc").iter().map(|url| url.replace(&app.app.base_url, "")));
        paths.push("/sitemaps/news.xml".to_owned());
        assert!(paths.len() > 8, "{paths:?}");
        for path in paths {
            let page = app.get(&path);
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.to_lowercase().contains("canary"), "{path}");
            assert!(!page.body.contains(&scheduled_path), "{path}");
        }
    }

    fn control_characters_and_markup_do_not_break_feeds(app: &TestApp) {
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Bell \u{7} and ]]> and </title><script>");
        draft.body = SanitizedHtml::new("<p>Form feed \u{c} here &amp; there</p>");
        app.publish(&draft);
        for format in ["feed.xml", "feed.atom"] {
            let read = xml::parse(&app.get(&format!("/{format}")).body);
            assert!(
                read.texts("title")
                    .iter()
                    .any(|title| title == "Bell  and ]]> and </title><script>")
            );
        }
    }
}
