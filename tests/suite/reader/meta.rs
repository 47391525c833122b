//! Page metadata: titles, Open Graph, JSON-LD, translations and share images.

use chrono::TimeDelta;
use dateline::{
    media::share_picture,
    models::article::{Dateline, Draft},
    text::SanitizedHtml,
};
use serde_json::json;

use crate::{
    on_both_engines,
    support::{app::TestApp, page::Page},
};

fn meta(page: &Page, name: &str) -> Vec<String> {
    page.attributes(
        &format!("meta[property='{name}'], meta[name='{name}']"),
        "content",
    )
}

on_both_engines! {
    fn every_kind_of_page_has_complete_metadata(app: &TestApp) {
        let logo = app.picture("The logo");
        app.update_settings(|settings| {
            settings.name = "The Test".to_owned();
            settings.logo_media_id = Some(logo);
        });
        let news = app.section("news", "News");
        let story = app.path(app.publish(&Draft {
            author_ids: vec![app.author("Aqsa Bibi")],
            topic_ids: vec![app.topic("Gaza")],
            ..app.draft(news, "Bridge opens")
        }));
        app.standing_page("About us", "<p>Who we are.</p>", "/about");
        let (year, month, day) = (&story[..5], &story[..8], &story[..11]);
        for path in [
            "/", "/news", story.as_str(), "/author/aqsa-bibi", "/topic/gaza", "/about", "/latest", "/archive",
            year, month, day, "/authors", "/most-popular", "/most-popular/week", "/corrections",
        ] {
            let page = app.get(path);
            let title = page.text("title");
            assert!(title.contains("The Test"), "{path}: {title}");
            assert_eq!(page.attributes("link[rel=canonical]", "href"), [app.url(path)], "{path}");
            for (name, expected) in [
                ("og:url", app.url(path)),
                ("og:site_name", "The Test".to_owned()),
                ("robots", "max-image-preview:large".to_owned()),
            ] {
                assert_eq!(meta(&page, name), [expected], "{path}");
            }
            for name in ["description", "og:title", "og:description", "og:type", "twitter:card"] {
                let values = meta(&page, name);
                assert!(values.len() == 1 && !values[0].is_empty(), "{path}: {name} is {values:?}");
            }
            if path == "/" {
                let site = page.json_ld("WebSite");
                assert_eq!(site["name"], "The Test");
                assert_eq!(site["url"], app.url("/"));
                assert_eq!(site["publisher"]["@type"], "NewsMediaOrganization");
                continue;
            }
            let trail = page.json_ld("BreadcrumbList");
            let steps = trail["itemListElement"].as_array().unwrap();
            let shown = page.texts(".breadcrumb li");
            assert!(steps.len() > 1 && steps.len() == shown.len(), "{path}: {steps:?}");
            for ((number, step), shown) in (1..).zip(steps).zip(shown) {
                assert_eq!(step["@type"], "ListItem");
                assert_eq!(step["position"], number, "{path}");
                assert_eq!(step["name"], shown, "{path}");
                assert_eq!(app.status(&step["item"].as_str().unwrap().replace(&app.app.base_url, "")), 200);
            }
        }
        let author = app.get("/author/aqsa-bibi").json_ld("ProfilePage");
        assert_eq!(author["mainEntity"]["@type"], "Person");
        assert_eq!(author["mainEntity"]["name"], "Aqsa Bibi");
        assert_eq!(author["mainEntity"]["url"], app.url("/author/aqsa-bibi"));
        assert_eq!(meta(&app.get("/search?q=bridge"), "robots"), ["noindex"]);
    }

    fn article_json_ld_has_every_field_required_for_news_search(app: &TestApp) {
        let logo = app.picture("The logo");
        app.update_settings(|settings| {
            settings.name = "The Test".to_owned();
            settings.language = "en-GB".to_owned();
            settings.logo_media_id = Some(logo);
        });
        let news = app.section("news", "News");
        let draft = Draft {
            standfirst: "What was said.".to_owned(),
            author_ids: vec![app.author("Aqsa Bibi"), app.author("Second Author")],
            lead_media_id: Some(app.picture("A bridge")),
            updated_at: Some(app.now() - TimeDelta::minutes(5)),
            dateline: Some(Dateline {
                place: "Geneva".to_owned(),
                date: None,
                agency: String::new(),
            }),
            body: SanitizedHtml::new("<p>One two three.</p>"),
            ..app.draft(news, "Bridge opens")
        };
        let path = app.path(app.publish(&draft));
        let page = app.get(&path);
        let json_ld = page.json_ld("NewsArticle");
        let time = |time: Option<chrono::DateTime<chrono::Utc>>| json!(time.unwrap().to_rfc3339());
        let read = |field: &str| {
            let text = json_ld[field].as_str().unwrap();
            json!(chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc().to_rfc3339())
        };
        assert_eq!(json_ld["@context"], "https://schema.org");
        assert_eq!(json_ld["headline"], "Bridge opens");
        assert_eq!(json_ld["description"], "What was said.");
        assert_eq!(read("datePublished"), time(draft.published_at));
        assert_eq!(read("dateModified"), time(draft.updated_at));
        assert_eq!(json_ld["author"], json!([
            {"@type": "Person", "name": "Aqsa Bibi", "url": app.url("/author/aqsa-bibi")},
            {"@type": "Person", "name": "Second Author", "url": app.url("/author/second-author")},
        ]));
        assert_eq!(json_ld["publisher"]["name"], "The Test");
        assert_eq!(json_ld["publisher"]["url"], app.url("/"));
        assert_eq!(json_ld["publisher"]["logo"]["@type"], "ImageObject");
        assert_eq!(json_ld["mainEntityOfPage"], app.url(&path));
        assert_eq!(json_ld["articleSection"], "News");
        assert_eq!(json_ld["isAccessibleForFree"], true);
        assert_eq!(json_ld["inLanguage"], "en-GB");
        assert_eq!(json_ld["dateline"], "Geneva");
        assert_eq!(json_ld["wordCount"], 3);
        assert!(!json_ld["image"].as_array().unwrap().is_empty());
        let logo = json_ld["publisher"]["logo"]["url"].as_str().unwrap();
        assert!(logo.starts_with(&app.app.base_url) && logo.ends_with(".jpg"), "{logo}");
        assert_eq!(meta(&page, "og:type"), ["article"]);
        assert_eq!(meta(&page, "og:title"), ["Bridge opens"]);
        assert_eq!(meta(&page, "article:author").len(), 2);
        assert_eq!(meta(&page, "twitter:card"), ["summary_large_image"]);
        for name in ["article:published_time", "article:modified_time", "og:image", "og:image:width",
            "og:image:height", "og:image:alt"] {
            assert_eq!(meta(&page, name).len(), 1, "{name}");
        }
    }

    fn metadata_has_no_invisible_characters(app: &TestApp) {
        app.update_settings(|settings| {
            settings.name = "Ta\u{ad}ges\u{200b}blatt".to_owned();
            settings.tagline = "Fluss\u{ad}nachrichten".to_owned();
        });
        let news = app.section("news", "Schiff\u{ad}fahrt");
        let persian = "می\u{200c}خواهم";
        let path = app.path(app.publish(&Draft {
            standfirst: "Fähr\u{200d}schiff".to_owned(),
            author_ids: vec![app.author("A\u{2060}da")],
            body: SanitizedHtml::new("<p>Donau&shy;dampf.</p>"),
            ..app.draft(news, &format!("\u{feff}Dampf\u{ad}schiff {persian}"))
        }));
        assert!(path.contains("dampfschiff"), "{path}");
        let headline = format!("Dampfschiff {persian}");
        let page = app.get(&path);
        assert_eq!(page.text("title"), format!("{headline} – Tagesblatt"));
        for (name, expected) in [
            ("og:title", headline.as_str()),
            ("og:site_name", "Tagesblatt"),
            ("og:description", "Fährschiff"),
            ("description", "Fährschiff"),
        ] {
            assert_eq!(meta(&page, name), [expected], "{name}");
        }
        let json_ld = page.json_ld("NewsArticle");
        assert_eq!(json_ld["headline"], headline);
        assert_eq!(json_ld["author"][0]["name"], "Ada");
        assert_eq!(json_ld["articleSection"], "Schifffahrt");
        assert_eq!(page.json_ld("BreadcrumbList")["itemListElement"][2]["name"], headline);
        assert_eq!(page.text("h1"), format!("\u{feff}Dampf\u{ad}schiff {persian}"), "the page itself has them");
        assert!(page.text(".body").contains("Donau\u{ad}dampf"));
        assert_eq!(app.get("/").text("title"), "Tagesblatt – Flussnachrichten");
        assert!(app.get("/sitemaps/news.xml").body.contains(&format!(">{headline}<")));
        let manifest: serde_json::Value = serde_json::from_str(&app.get("/site.webmanifest").body).unwrap();
        assert_eq!(manifest["name"], "Tagesblatt");
    }

    fn articles_without_a_picture_get_a_generated_share_image(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Bridge opens", 1);
        let page = app.get(&app.path(id));
        let url = format!("/share/{id}.png");
        assert_eq!(meta(&page, "og:image"), [app.url(&url)]);
        assert_eq!(meta(&page, "og:image:alt"), ["Bridge opens"]);
        let picture = app.get(&url);
        assert_eq!(picture.status, 200);
        assert_eq!(picture.header("content-type"), Some("image/png"));
        assert_eq!(picture.header("cross-origin-resource-policy"), Some("cross-origin"));
        let drawn = image::load_from_memory(&picture.bytes).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (share_picture::WIDTH, share_picture::HEIGHT));
        let etag = picture.header("etag").unwrap();
        assert_eq!(app.get_with(&url, &[("if-none-match", etag)]).status, 304);

        let pictured = app.publish(&Draft {
            lead_media_id: Some(app.picture("A bridge")),
            ..app.draft(news, "Bridge closes")
        });
        assert!(meta(&app.get(&app.path(pictured)), "og:image")[0].contains("/media/"));
        let scheduled = app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(1)),
            ..app.draft(news, "Bridge falls")
        });
        let without_glyphs = app.story(news, "橋が開く", 1);
        assert!(meta(&app.get(&app.path(without_glyphs)), "og:image").is_empty());
        for none in [pictured, scheduled, without_glyphs, 9_999] {
            assert_eq!(app.status(&format!("/share/{none}.png")), 404, "{none}");
        }
        for other in [format!("/share/0{id}.png"), format!("/share/{id}.jpg"), "/share/x".to_owned()] {
            assert_eq!(app.status(&other), 404, "{other}");
        }
    }

    fn articles_link_to_their_translations(app: &TestApp) {
        app.update_settings(|settings| settings.language = "en-GB".to_owned());
        let news = app.section("news", "News");
        let plain = app.get(&app.path(app.story(news, "Bridge closes", 1)));
        assert!(plain.attributes("link[hreflang]", "href").is_empty());
        let path = app.path(app.publish(&Draft {
            translations: "de https://de.example/bruecke\nur https://ur.example/pul".to_owned(),
            ..app.draft(news, "Bridge opens")
        }));
        let page = app.get(&path);
        assert_eq!(page.attributes("link[rel=alternate][hreflang]", "hreflang"), ["en-GB", "de", "ur"]);
        assert_eq!(
            page.attributes("link[rel=alternate][hreflang]", "href"),
            [app.url(&path), "https://de.example/bruecke".to_owned(), "https://ur.example/pul".to_owned()]
        );
        assert_eq!(page.texts(".translations a"), ["Deutsch", "اردو"]);
        assert_eq!(page.attributes(".translations a", "lang"), ["de", "ur"]);
    }
}
