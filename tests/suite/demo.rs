//! The demo edition: a whole newspaper, every part of which can be reached.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use dateline::{
    db::types::UserRole,
    demo::{self, Size},
};

use crate::{
    on_both_engines,
    support::{app::TestApp, xml},
};

/// Puts the demo edition into the application, with small pictures.
pub fn publish(app: &TestApp) {
    let pictures = demo::draw(&app.app.media, Size::Small).unwrap();
    let now = app.now();
    app.change(|conn| demo::publish(conn, &pictures, now));
}

on_both_engines! {
    fn a_crawl_from_the_front_page_finds_every_page_and_no_broken_link(app: &TestApp) {
        publish(app);
        let mut found: HashMap<String, u16> = HashMap::new();
        let mut queue = vec!["/".to_owned()];
        let mut titles = HashSet::new();
        while let Some(path) = queue.pop() {
            if found.contains_key(&path) {
                continue;
            }
            let page = app.get(&path);
            found.insert(path.clone(), page.status);
            assert_eq!(page.status, 200, "{path}");
            if !page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                continue;
            }
            assert!(!page.text("h1").is_empty(), "{path} has a headline");
            assert!(!page.text("title").is_empty(), "{path} has a title");
            for description in page.attributes("meta[name=description]", "content") {
                assert!(!description.is_empty(), "{path} has a description");
            }
            if page.attributes("meta[name=robots]", "content") != ["noindex"] {
                assert_eq!(page.attributes("link[rel=canonical]", "href"), [app.url(&path)]);
            }
            titles.insert(page.text("title"));
            let links = page.attributes("a", "href").into_iter()
                .chain(page.attributes("img", "src"))
                .chain(page.attributes("link[rel=stylesheet], link[rel=icon], link[rel=preload]", "href"));
            queue.extend(links.filter(|link| link.starts_with('/')));
        }
        let articles = found.keys().filter(|path| path.len() > 12 && path.starts_with("/20")).count();
        assert!(articles >= 40, "only {articles} articles were reached");
        let sections = ["/news/diplomatic-news", "/opinion/columns", "/sport/football"];
        assert!(sections.iter().all(|path| found.contains_key(*path)));
        assert_eq!(found.keys().filter(|path| path.starts_with("/author/")).count(), 8);
        assert!(titles.len() > 80, "titles tell the pages apart");
        let index = xml::read(&app.get("/sitemap.xml").body);
        for file in index.texts("loc") {
            let listed = xml::read(&app.get(&file.replace(&app.app.base_url, "")).body).texts("loc");
            for url in listed {
                let path = url.replace(&app.app.base_url, "");
                assert!(found.contains_key(&path), "{path} is in a sitemap, but no link leads there");
            }
        }
    }

    fn the_demo_newsroom_has_people_at_work_and_readers_see_none_of_it(app: &TestApp) {
        publish(app);
        let now = app.now();
        app.change(|conn| demo::newsroom::fill(conn, now));
        let editor = app.staff(UserRole::Editor);
        let scheduled = "Crane inquiry to hear from the night foreman";
        for url in ["/", "/latest", "/news/national", "/author/ines-halloran"] {
            assert!(!app.get(url).body.contains(scheduled), "{url}");
        }
        let changes = editor.get("/admin").body;
        for headline in [scheduled, "Skerry Point loses its Sunday ferry from March"] {
            assert!(changes.contains(headline), "{headline}");
        }
        app.app.clock.advance(TimeDelta::hours(20));
        assert!(app.get("/latest").body.contains(scheduled), "its time has come");
    }
}
