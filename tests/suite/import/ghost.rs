//! Imports from Ghost.

use std::fs;

use dateline::{
    db::types::UserRole,
    transfer::{
        Report,
        ghost::{self, GhostError, OldSite},
        wordpress::{Importer, Pictures},
    },
};

use crate::{on_both_engines, support::app::TestApp};

/// An export in the format of Ghost 5.
pub const EXPORT: &str = r##"{"db":[{"meta":{"exported_on":1,"version":"5.80.0"},"data":{
"settings":[{"key":"title","value":"The Ghostly Herald"},{"key":"description","value":"Since 2015"},{"key":"locale","value":"en"},{"key":"timezone","value":"Asia/Karachi"},{"key":"is_private","value":false}],
"users":[{"id":"u1","name":"Aqsa & Bibi","slug":"aqsa","email":"aqsa@example.org","password":"$2a$10$secret"},{"id":"u2","name":"Omar Malik","slug":"omar","email":"omar@example.org"}],
"tags":[{"id":"t1","name":"Diplomacy","slug":"diplomacy","visibility":"public","description":null},{"id":"t2","name":"Gaza","slug":"gaza","visibility":"public"},{"id":"t3","name":"#internal","slug":"hash-internal","visibility":"internal"}],
"posts_tags":[{"post_id":"p1","tag_id":"t2","sort_order":1},{"post_id":"p1","tag_id":"t1","sort_order":0},{"post_id":"p1","tag_id":"t3","sort_order":2},{"post_id":"p2","tag_id":"t1","sort_order":0}],
"posts_authors":[{"post_id":"p1","author_id":"u2","sort_order":0},{"post_id":"p1","author_id":"u1","sort_order":1},{"post_id":"p2","author_id":"u1","sort_order":0}],
"posts_meta":[{"post_id":"p1","meta_title":"For machines","meta_description":null,"feature_image_alt":"A bridge","feature_image_caption":"The <b>bridge</b>"}],
"posts":[
{"id":"p1","title":"Ministers <meet>","slug":"ministers-meet","html":"<p>They met.\nThen <a href=\"__GHOST_URL__/the-bridge/\">the bridge</a>.</p><figure class=\"kg-card kg-image-card\"><img src=\"__GHOST_URL__/content/images/size/w600/2020/01/bridge.png\" alt=\"In the text\"><figcaption>Seen</figcaption></figure>","feature_image":"__GHOST_URL__/content/images/2020/01/bridge.png","featured":1,"type":"post","status":"published","visibility":"public","custom_excerpt":"What was said","published_at":"2020-01-02T10:00:00.000Z","created_at":"2020-01-01T10:00:00.000Z","updated_at":"2020-01-03T10:00:00.000Z"},
{"id":"p2","title":"The bridge","slug":"the-bridge","html":null,"lexical":"{\"root\":{\"type\":\"root\",\"children\":[{\"type\":\"paragraph\",\"children\":[{\"type\":\"extended-text\",\"text\":\"It opened.\",\"format\":1}]}]}}","type":"post","status":"published","visibility":"public","published_at":"2020-01-01 10:00:00"},
{"id":"p3","title":"Canary members","slug":"canary-members","html":"<p>Canary sings</p>","type":"post","status":"published","visibility":"members","published_at":"2020-01-01 10:00:00"},
{"id":"p4","title":"Canary draft","slug":"canary-draft","html":"<p>Canary sings</p>","type":"post","status":"draft","visibility":"public"},
{"id":"p5","title":"Canary later","slug":"canary-later","html":"<p>Canary sings</p>","type":"post","status":"scheduled","visibility":"public","published_at":"2999-01-01 10:00:00"},
{"id":"p6","title":"Canary letter","slug":"canary-letter","html":"<p>Canary sings</p>","type":"post","status":"sent","visibility":"public","published_at":"2020-01-01 10:00:00"},
{"id":"p7","title":"About","slug":"about","html":"<p>We are here.</p>","type":"page","status":"published","visibility":"public","published_at":"2020-01-01 10:00:00"}
]}}]}"##;

fn import(app: &TestApp, export: &str) -> Result<Report, GhostError> {
    import_bytes(app, export.as_bytes())
}

fn import_bytes(app: &TestApp, export: &[u8]) -> Result<Report, GhostError> {
    let folder = tempfile::tempdir().unwrap();
    let (file, images) = (
        folder.path().join("export.json"),
        folder.path().join("images"),
    );
    fs::write(&file, export).unwrap();
    fs::create_dir_all(images.join("2020/01")).unwrap();
    image::RgbImage::from_pixel(640, 400, image::Rgb([9, 90, 120]))
        .save(images.join("2020/01/bridge.png"))
        .unwrap();
    let redirects = folder.path().join("redirects.json");
    fs::write(
        &redirects,
        r#"[{"from":"^/old-bridge/?$","to":"/the-bridge/","permanent":true},{"from":"^/(.*)/amp$","to":"/$1"}]"#,
    )
    .unwrap();
    let importer = Importer {
        db: &app.app.db,
        store: &app.app.media,
        pictures: Pictures {
            folder: Some(images),
            fetch: None,
            ..Pictures::default()
        },
        now: app.now(),
    };
    let old = OldSite {
        url: "https://old.example/".to_owned(),
        permalink: "/{slug}/".to_owned(),
    };
    ghost::import(&importer, &file, &old, Some(&redirects), &mut |_| Ok(()))
}

on_both_engines! {
    fn a_ghost_site_keeps_its_addresses_and_hidden_posts(app: &TestApp) {
        let report = import(app, EXPORT).unwrap();
        assert_eq!((report.taken["articles"], report.taken["pages"], report.taken["pictures"]), (6, 1, 1), "{report}");
        assert_eq!(report.skipped.len(), 1, "{report}");
        assert!(report.skipped[0].what.contains("amp"));
        let page = app.get("/ministers-meet");
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "Ministers <meet>");
        assert_eq!(page.texts(".by a"), ["Omar Malik", "Aqsa & Bibi"]);
        assert_eq!(page.texts("nav.breadcrumb a")[1..2], ["Diplomacy"]);
        assert_eq!(page.texts(".topics a"), ["Gaza"]);
        assert!(page.text(".body").contains("They met. Then the bridge."), "a line break in the source is a space");
        assert_eq!(page.attributes(".body a", "href"), ["/the-bridge"]);
        assert_eq!(page.attributes(".body figure img", "alt"), ["In the text"]);
        assert!(page.text("title").starts_with("For machines"));
        assert_eq!(app.get("/the-bridge").text(".body p strong"), "It opened.");
        assert_eq!(app.get("/about").text("h1"), "About");
        for (old, new) in [("/ministers-meet/", "/ministers-meet"), ("/tag/diplomacy", "/diplomacy"), ("/tag/gaza", "/topic/gaza"), ("/old-bridge", "/the-bridge")] {
            assert_eq!(app.redirect_target(old), new);
        }
        assert_eq!(app.status("/author/aqsa"), 200);
        for hidden in ["/canary-members", "/canary-draft", "/canary-later", "/canary-letter"] {
            assert_eq!(app.status(hidden), 404, "{hidden}");
        }
        for path in ["/", "/latest", "/feed.xml", "/diplomacy", "/sitemaps/articles-1.xml"] {
            assert!(!app.get(path).body.contains("Canary"), "{path}");
        }
        let again = import(app, EXPORT).unwrap();
        assert!(again.taken.is_empty(), "{again}");
        assert_eq!(app.get("/").text(".nameplate"), "The Ghostly Herald");
        let listed = app.staff(UserRole::Editor).get("/admin/articles").body;
        assert!(listed.contains("Canary members"));
    }
}

on_both_engines! {
    fn a_malformed_row_of_a_ghost_site_costs_no_other(app: &TestApp) {
        let export = EXPORT
            .replace("\"title\":\"Canary members\"", "\"title\":\"Canary members\",\"html\":\"\\udc00\"")
            .replace("\"title\":\"Canary draft\"", "\"title\":\"\\ud800\"")
            .replace("\"title\":\"Canary later\"", "\"title\":\"Canary later\",\"featured\":1e400")
            .replace("\"value\":\"Since 2015\"", "\"value\":-1e999")
            .replace("\"name\":\"#internal\"", "\"name\":\"\\ud800x\"")
            .replace("\"sort_order\":2}", "\"sort_order\":1e400}")
            .replace("\"exported_on\":1", "\"exported_on\":1e400");
        let report = import(app, &export).unwrap();
        let unreadable: Vec<&str> = report.unreadable.iter().map(|row| row.what.as_str()).collect();
        for what in ["“Canary members”", "“canary-draft”", "“Canary later”", "the setting number 2", "the tag number 3", "the tag of a post number 3"] {
            assert!(unreadable.contains(&what), "{what} is not in {unreadable:?}");
        }
        assert_eq!((report.taken["articles"], report.taken["pages"], unreadable.len()), (3, 1, 6), "{report}");
        assert_eq!(app.get("/ministers-meet").texts(".by a"), ["Omar Malik", "Aqsa & Bibi"]);
        assert_eq!(app.status("/the-bridge"), 200);
    }

    fn control_characters_of_a_ghost_site_are_counted(app: &TestApp) {
        let export = EXPORT
            .replace("Ministers <meet>", "Mini\\u0000sters <meet>")
            .replace("They met", "They\\u0001 met\\u0085")
            .replace("Aqsa & Bibi", "Aqsa\\u0000 & Bibi");
        let report = import(app, &export).unwrap();
        assert!(report.control_characters >= 4, "{report}");
        let page = app.get("/ministers-meet");
        assert_eq!(page.text("h1"), "Ministers <meet>");
        assert_eq!(page.texts(".by a"), ["Omar Malik", "Aqsa & Bibi"]);
        assert!(page.text(".body").contains("They met."));
    }
}

#[test]
fn an_invalid_byte_of_a_ghost_site_costs_no_post() {
    let app = TestApp::on_sqlite();
    let (before, after) = EXPORT.split_once("It opened.").unwrap();
    let export = [
        b"\xef\xbb\xbf",
        before.as_bytes(),
        b"It \xff opened.",
        after.as_bytes(),
    ]
    .concat();
    let report = import_bytes(&app, &export).unwrap();
    assert_eq!(
        (report.taken["articles"], report.unreadable.len()),
        (6, 0),
        "{report}"
    );
    assert_eq!(
        app.get("/the-bridge").text(".body p strong"),
        "It \u{fffd} opened."
    );
}

#[test]
fn files_that_are_not_ghost_exports_are_refused() {
    let app = TestApp::on_sqlite();
    for other in [
        "",
        "{}",
        "[1,2]",
        "<rss></rss>",
        r#"{"db":[]}"#,
        r#"{"db":[{"data":{"posts":"x"}}]}"#,
    ] {
        assert!(
            matches!(import(&app, other), Err(GhostError::NoExport(_))),
            "{other}"
        );
    }
    let deep = format!("{{\"data\":{}", "[".repeat(100_000));
    assert!(matches!(import(&app, &deep), Err(GhostError::NoExport(_))));
}
