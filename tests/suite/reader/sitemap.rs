//! Sitemaps, robots.txt, security.txt and other files for programs.

use chrono::TimeDelta;
use dateline::{db::types::UserRole, models::article::Draft};

use crate::{
    on_both_engines,
    support::{app::TestApp, xml},
};

on_both_engines! {
    fn sitemaps_list_every_public_page_and_nothing_else(app: &TestApp) {
        let news = app.section("news", "News");
        app.section("news/diplomatic-news", "Diplomatic News");
        app.author("Aqsa Bibi");
        let topic = app.topic("Gaza");
        let unpublished_topic = app.topic("What is to come");
        app.standing_page("About", "<p>Us.</p>", "/about");
        let story = app.path(app.publish(&Draft {
            topic_ids: vec![topic],
            ..app.draft(news, "Bridge opens")
        }));
        app.publish(&Draft {
            topic_ids: vec![unpublished_topic],
            published_at: Some(app.now() + TimeDelta::hours(1)),
            ..app.draft(news, "Bridge closes")
        });
        let index = xml::parse(&app.get("/sitemap.xml").body);
        let mut listed = Vec::new();
        for file in index.texts("loc") {
            let page = app.get(file.strip_prefix(&app.app.base_url).unwrap());
            assert_eq!(page.status, 200, "{file}");
            assert_eq!(page.header("content-type"), Some("application/xml; charset=utf-8"));
            listed.extend(xml::parse(&page.body).texts("loc"));
        }
        for path in [
            "/", "/news", "/news/diplomatic-news", "/author/aqsa-bibi", "/topic/gaza", "/about",
            "/latest", "/archive", story.as_str(),
        ] {
            assert!(listed.contains(&app.url(path)), "{path}");
        }
        for url in &listed {
            assert_eq!(app.status(url.strip_prefix(&app.app.base_url).unwrap()), 200, "{url}");
        }
        assert!(!listed.contains(&app.url("/topic/what-is-to-come")), "its only story is still scheduled");
        for wrong in ["/sitemaps/articles-2.xml", "/sitemaps/articles-0.xml", "/sitemaps/users-1.xml", "/sitemaps/x"] {
            assert_eq!(app.status(wrong), 404, "{wrong}");
        }
    }

    fn the_news_sitemap_contains_stories_of_two_days(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Old bridge", 49);
        app.story(news, "New bridge & tunnel", 47);
        app.update_settings(|settings| settings.language = "en-GB".to_owned());
        let file = xml::parse(&app.get("/sitemaps/news.xml").body);
        assert_eq!(file.texts("news:title"), ["New bridge & tunnel"]);
        assert_eq!(file.text("news:language"), "en");
        assert_eq!(file.text("news:name"), app.get("/").text(".nameplate"));
        app.app.clock.advance(TimeDelta::hours(1));
        let file = xml::parse(&app.get("/sitemaps/news.xml").body);
        assert_eq!(file.texts("news:title"), [""; 0]);
    }

    fn robots_security_and_humans_txt_follow_the_settings(app: &TestApp) {
        let admin = app.staff(UserRole::Admin);
        let robots = app.get("/robots.txt").body;
        for line in ["Disallow: /admin", "Disallow: /search", &format!("Sitemap: {}", app.url("/sitemap.xml"))] {
            assert!(robots.contains(line), "{line}");
        }
        assert!(!robots.contains("GPTBot"));
        assert_eq!(app.status("/humans.txt"), 404);
        assert_eq!(app.status("/.well-known/security.txt"), 404);
        let fields = [
            ("name", "The Courier"), ("language", "en"), ("time_zone", "UTC"), ("accent", "#8f1d21"),
            ("session_hours", "8"), ("session_max_hours", "12"), ("session_days", "30"), ("feed_whole_texts", "yes"),
            ("refused_crawlers", "GPTBot"), ("refused_crawlers", "CCBot"), ("refused_crawlers", "MadeUp\nAllow: /"),
            ("security_contact", "holes@courier.example"), ("humans", "Made by people."),
        ];
        assert_eq!(admin.post("/admin/settings", &fields).status, 303);
        let robots = app.get("/robots.txt").body;
        assert!(robots.contains("User-agent: GPTBot\nDisallow: /\n"));
        assert!(robots.contains("User-agent: CCBot\nDisallow: /\n"));
        assert!(!robots.contains("MadeUp"));
        assert!(app.get("/.well-known/security.txt").body.starts_with("Contact: mailto:holes@courier.example\nExpires: "));
        assert_eq!(app.get("/humans.txt").body, "Made by people.\n");
        let wrong = [("feed_hub", "javascript:alert(1)"), ("security_contact", "no address")];
        let page = admin.post("/admin/settings", &[&fields[..9], &wrong].concat());
        assert_eq!(page.status, 422);
        assert!(page.text("#error-feed_hub").contains("https"));
        assert!(!page.text("#error-security_contact").is_empty());
    }

    fn well_known_files_exist_and_cannot_be_redirected(app: &TestApp) {
        let manifest: serde_json::Value =
            serde_json::from_str(&app.get("/site.webmanifest").body).unwrap();
        assert_eq!(manifest["start_url"], "/");
        assert_eq!(app.status(manifest["icons"][0]["src"].as_str().unwrap()), 200);
        let icon = app.redirect_target("/favicon.ico");
        assert_eq!(app.get(&icon).header("content-type"), Some("image/svg+xml"));
        let editor = app.staff(UserRole::Editor);
        for path in ["/feed.xml", "/robots.txt", "/sitemaps/mine", "/news/feed.json", "/.well-known/x"] {
            let page = editor.post("/admin/redirects", &[("from", path), ("to", "/")]);
            assert_eq!(page.status, 422, "{path}");
        }
    }
}
