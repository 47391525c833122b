//! Exports: complete, importable without loss, and free of secrets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use dateline::{
    cli::site,
    db::types::{Menu, Status, UserRole},
    models::{
        article::{self, Dateline, Draft},
        menu, page,
    },
    text::SanitizedHtml,
    transfer::{
        export,
        wordpress::{Importer, Pictures},
    },
};

use crate::{
    on_both_engines,
    support::{app::TestApp, staff::PASSWORD},
};

/// Publishes articles with all optional parts, a page, menus and a draft.
fn publish_everything(app: &TestApp) {
    let news = app.section("news", "News & more");
    let sub = app.section("news/world", "World");
    let author = app.author("Ada Lovelace");
    let topic = app.topic("Bridges");
    let (first_picture, second_picture) = (app.stored_picture(10), app.stored_picture(200));
    let other = app.story(news, "The other story", 30);
    let body = format!(
        "<p>First <strong>bold</strong> &amp; \"quoted\" ]]&gt; text.<br>Next line.</p>\
         <figure data-media=\"{first_picture}\" data-alt=\"Own &quot;alt&quot;\" data-credit=\"B. Photographer\"></figure>\
         <p lang=\"fr\">Une phrase.</p><h2 id=\"text-head\">Head</h2><ul><li>One<ul><li>Two</li></ul></li></ul>\
         <ol start=\"3\" reversed=\"\" type=\"a\"><li>Three</li><li value=\"7\" id=\"text-seven\">Not <s>seven</s></li></ol>\
         <p id=\"text-back\"><a href=\"#text-head\">Up</a> or <a href=\"#text-seven\">there</a></p>\
         <aside class=\"pull-quote\"><p>Pulled.</p></aside>\
         <aside data-also-read=\"{other}\"></aside>\
         <div data-gallery=\"Both\"><figure data-media=\"{first_picture}\"></figure><figure data-media=\"{second_picture}\"></figure></div>\
         <div data-embed=\"https://www.youtube.com/watch?v=abc\" data-title=\"A film\"></div>\
         <table><caption>Numbers</caption><thead><tr><th scope=\"col\">A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>\
         <blockquote><p>Said.</p><footer>A minister, <cite>A journal</cite></footer></blockquote>\
         <p>  Spaces   and\nlines stay. </p>\n<figure data-media=\"{second_picture}\"></figure>\n\n<figure data-media=\"{first_picture}\"></figure>\n"
    );
    let draft = Draft {
        kicker: "Analysis".to_owned(),
        standfirst: "What <happened> & why".to_owned(),
        dateline: Some(Dateline {
            place: "Geneva".to_owned(),
            date: chrono::NaiveDate::from_ymd_opt(2023, 12, 15),
            agency: "TDI".to_owned(),
        }),
        further_section_ids: vec![news],
        author_ids: vec![author],
        topic_ids: vec![topic],
        also_read_ids: vec![other],
        lead_media_id: Some(second_picture),
        body: SanitizedHtml::new(&body),
        search_title: "For machines".to_owned(),
        translations: "de https://de.example/geschichte".to_owned(),
        ..app.draft(sub, "Everything & <nothing>")
    };
    app.publish(&draft);
    app.publish(&Draft {
        published_at: Some(app.now() + chrono::TimeDelta::days(3)),
        ..app.draft(news, "Not before Saturday")
    });
    let now = app.now();
    app.write(|conn| {
        let html = SanitizedHtml::new("<p>We are <em>here</em>.</p>");
        page::insert(conn, "About us", &html, "/about-us", now)?;
        menu::replace(conn, Menu::Header, &[("World", "/news/world")])?;
        menu::replace(conn, Menu::Footer, &[("About", "/about-us")])?;
        Ok(())
    });
    let editor = app.staff(UserRole::Editor);
    editor.post(
        "/admin/articles/new",
        &[("headline", "Half a thought"), ("body", "<p>Not yet.</p>")],
    );
}

fn export_wordpress(app: &TestApp, to: &Path) -> BTreeMap<&'static str, u64> {
    let (db, store) = (&app.app.db, &app.app.media);
    export::wordpress(
        db,
        store,
        "https://paper.example",
        to,
        app.now(),
        &mut |_| {},
    )
    .unwrap()
}

fn import(app: &TestApp, from: &Path) -> dateline::transfer::Report {
    let importer = Importer {
        db: &app.app.db,
        store: &app.app.media,
        pictures: Pictures {
            folder: Some(from.join("media")),
            fetch: None,
            ..Pictures::default()
        },
        now: app.now(),
    };
    importer
        .run(&from.join("export.xml"), &mut |_| Ok(()))
        .unwrap()
}

/// All articles by headline, with their paths.
fn articles(app: &TestApp) -> BTreeMap<String, Draft> {
    app.app
        .db
        .write_unversioned_blocking(|conn| -> dateline::error::Result<_> {
            let records = article::records_after(conn, 0, 100)?;
            let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
            let mut paths = article::paths(conn, &ids)?;
            let drafts = article::drafts_of(conn, &ids)?;
            Ok(drafts
                .into_iter()
                .map(|(id, draft)| {
                    let path = paths.remove(&id);
                    (draft.headline.clone(), Draft { path, ..draft })
                })
                .collect())
        })
        .unwrap()
}

on_both_engines! {
    fn a_wordpress_export_is_imported_again_without_loss(app: &TestApp) {
        publish_everything(app);
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("1"), folder.path().join("2"));
        let counts = export_wordpress(app, &first);
        assert_eq!((counts["articles"], counts["pictures"], counts["pages"]), (4, 2, 1), "{counts:?}");
        let other = TestApp::on_sqlite();
        let report = import(&other, &first);
        assert!(report.lost.is_empty() && report.skipped.is_empty() && report.unreadable.is_empty(), "{report}");
        export_wordpress(&other, &second);
        let third = TestApp::on_sqlite();
        import(&third, &second);

        let (original, imported, reimported) = (articles(app), articles(&other), articles(&third));
        let other_headlines = |all: &BTreeMap<String, Draft>| all.keys().filter(|h| *h != "Half a thought").cloned().collect::<Vec<_>>();
        assert_eq!(other_headlines(&original), other_headlines(&imported));
        for (headline, draft) in &imported {
            let again = &reimported[headline];
            assert_eq!(draft.body, again.body, "{headline}");
            assert_eq!(format!("{draft:?}"), format!("{again:?}"), "{headline}");
        }
        let (before, after) = (&original["Everything & <nothing>"], &imported["Everything & <nothing>"]);
        assert_eq!(before.body, after.body);
        assert_eq!(before.path, after.path);
        assert_eq!(before.dateline, after.dateline);
        assert_eq!(
            (&before.kicker, &before.standfirst, &before.search_title, &before.translations, before.published_at),
            (&after.kicker, &after.standfirst, &after.search_title, &after.translations, after.published_at)
        );
        assert_eq!(after.also_read_ids.len(), 1);
        assert_eq!(imported["Half a thought"].status, Status::Draft);
        assert_eq!(imported["Half a thought"].body.as_str(), "<p>Not yet.</p>");
        assert_eq!(other.status(imported["Not before Saturday"].path.as_ref().unwrap()), 404, "it is still scheduled");
        for path in ["/news/world", "/author/ada-lovelace", "/topic/bridges", "/about-us", before.path.as_ref().unwrap()] {
            assert_eq!(other.status(path), 200, "{path}");
        }
        let page = other.get(before.path.as_ref().unwrap());
        for target in ["#text-head", "#text-seven"] {
            assert_eq!(page.texts(target).len(), 1, "{target}");
            assert_eq!(page.texts(&format!("a[href='{target}']")).len(), 1, "{target}");
        }
        assert_eq!(page.text(".body s"), "seven");
        assert_eq!(page.texts("nav.menu a").first().map(String::as_str), Some("World"));
        assert!(page.text(".foot").contains("About"));
        assert!(page.body.contains("A. Painter"), "the picture has lost its credit");
        other.assert_timelines_consistent();
    }

    fn articles_can_be_published_during_an_export(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Before", 1);
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("export");
        let mut published = Vec::new();
        let (db, store) = (&app.app.db, &app.app.media);
        let counts = export::wordpress(db, store, "https://paper.example", &to, app.now(), &mut |_| {
            published.push(app.story(news, "Meanwhile", 1));
        });
        assert_eq!(counts.unwrap()["articles"], 1, "the export is a snapshot");
        assert_eq!(published.len(), 1);
        assert_eq!(app.status(&app.path(published[0])), 200);
    }

    fn the_json_export_contains_everything_except_secrets(app: &TestApp) {
        publish_everything(app);
        let admin = app.staff(UserRole::Admin);
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("json");
        let config = &app.app.config;
        let counts = export::json(&config.database_url, &app.app.media, &to, app.now()).unwrap();
        let text = fs::read_to_string(to.join("newspaper.json")).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["format"], "dateline");
        assert_eq!(document["tables"]["articles"].as_array().unwrap().len() as u64, counts["articles"]);
        let bodies = document["tables"]["bodies"].as_array().unwrap();
        assert!(bodies.iter().any(|body| body["html"].as_str().unwrap().contains("data-also-read")));
        let user = &document["tables"]["users"][0];
        assert!(user["email"].is_string() && user["password_hash"].is_null() && user["totp_secret"].is_null());
        for secret in ["password_hash", "totp_secret", "token_hash", "$argon2", PASSWORD, &admin.cookie("session").unwrap()] {
            assert!(!text.contains(secret), "{secret}");
        }
        for name in app.app.media.names().unwrap() {
            assert!(to.join("media").join(&name).exists(), "{name}");
        }
        let again = export::json(&config.database_url, &app.app.media, &to, app.now());
        assert!(again.unwrap_err().to_string().contains("exists and is not empty"));
    }
}

#[test]
fn the_static_export_has_every_page_and_no_broken_link() {
    let app = TestApp::with_settings(&[("base_url", "http://paper.example")]);
    publish_everything(&app);
    let news = app.write(|conn| {
        Ok(dateline::models::section::tree(conn)?
            .children(None)
            .next()
            .unwrap()
            .id)
    });
    for number in 0..45 {
        app.story(news, &format!("Story number {number}"), 40 + number);
    }
    app.write(|conn| {
        Ok(dateline::models::address::redirect(
            conn,
            "/old story",
            "/about-us",
        )?)
    });
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("site");
    let exported = site::export(&app.app.config, &to, &mut |_, _| {}).unwrap();
    assert!(exported.broken.is_empty(), "{:?}", exported.broken);
    let path = articles(&app)["Everything & <nothing>"]
        .path
        .clone()
        .unwrap();
    for file in [
        "index.html",
        "404.html",
        "feed.xml",
        "sitemap.xml",
        "robots.txt",
        "about-us/index.html",
        "news/page/2/index.html",
    ] {
        assert!(to.join(file).exists(), "{file}");
    }
    let article = fs::read_to_string(to.join(&path[1..]).join("index.html")).unwrap();
    assert!(article.contains("Une phrase.") && article.contains("http://paper.example"));
    let redirects = fs::read_to_string(to.join("_redirects")).unwrap();
    assert!(
        redirects.contains("/old%20story /about-us 301"),
        "{redirects}"
    );
    let mut links = BTreeSet::new();
    let mut pages = 0;
    visit_files(&to, &mut |file| {
        if file.extension().is_some_and(|ending| ending == "html") {
            pages += 1;
            let html = fs::read_to_string(file).unwrap();
            assert!(!html.contains("Half a thought") && !html.contains("Not before Saturday"));
            let document = scraper::Html::parse_document(&html);
            for (selector, name) in [
                ("a[href]", "href"),
                ("link[rel=stylesheet]", "href"),
                ("img[src]", "src"),
                ("script[src]", "src"),
            ] {
                let selector = scraper::Selector::parse(selector).unwrap();
                links.extend(document.select(&selector).filter_map(|element| {
                    let address = element.value().attr(name)?.split('#').next()?.to_owned();
                    address.starts_with('/').then_some(address)
                }));
            }
        }
    });
    assert!(pages > 50, "{pages}");
    assert!(links.len() > 40);
    for link in links {
        let decoded = percent_encoding::percent_decode_str(link[1..].trim_end_matches('/'))
            .decode_utf8()
            .unwrap()
            .into_owned();
        let file = to.join(&decoded);
        assert!(
            file.is_file() || file.join("index.html").is_file() || link.starts_with("/search"),
            "{link}"
        );
    }
}

#[test]
fn the_static_export_skips_addresses_that_cannot_be_files() {
    let app = TestApp::with_settings(&[("base_url", "http://paper.example")]);
    let (long, below_a_file) = (format!("/{}", "日".repeat(100)), "/about/index.html");
    let now = app.now();
    app.write(|conn| {
        let html = SanitizedHtml::new("<p>We are here.</p>");
        for path in ["/about", &long, below_a_file, "/404.html"] {
            page::insert(conn, "About", &html, path, now)?;
        }
        Ok(())
    });
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("site");
    let exported = site::export(&app.app.config, &to, &mut |_, _| {}).unwrap();
    assert_eq!(exported.skipped.len(), 3, "{:?}", exported.skipped);
    let is_skipped = |path: &str| {
        exported.skipped.keys().any(|skipped| {
            let decoded = percent_encoding::percent_decode_str(skipped).decode_utf8();
            decoded.unwrap() == path
        })
    };
    assert!(is_skipped(&long) && is_skipped("/404.html"));
    assert!(is_skipped(below_a_file) || is_skipped("/about"));
    assert!(to.join("index.html").is_file() && to.join("404.html").is_file());
}

fn visit_files(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit_files(&path, visit);
        } else {
            visit(&path);
        }
    }
}
