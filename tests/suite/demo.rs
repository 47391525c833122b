//! The demo: every page can be reached and no link is broken.

use std::{
    collections::{HashMap, HashSet},
    fs,
    sync::LazyLock,
};

use chrono::TimeDelta;
use dateline::{
    db::types::UserRole,
    demo::{self, Pictures, Size},
    media::Store,
};

use crate::{
    on_both_engines,
    support::{app::TestApp, xml},
};

/// The name and the content of a file.
type NamedFile = (String, Vec<u8>);

/// The demo's pictures with their files, decoded once for all tests.
static PICTURES: LazyLock<(Pictures, Vec<NamedFile>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().to_owned());
    let pictures = demo::load_pictures(&store, Size::Small).unwrap();
    let names = store.names().unwrap().into_iter();
    let files = names.map(|name| {
        let content = fs::read(store.path(&name)).unwrap();
        (name, content)
    });
    (pictures, files.collect())
});

/// Publishes the demo's content with small pictures.
pub fn publish(app: &TestApp) {
    let (pictures, files) = &*PICTURES;
    for (name, content) in files {
        let path = app.app.media.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let now = app.now();
    app.write(|conn| demo::publish(conn, pictures, now));
}

on_both_engines! {
    fn a_crawl_from_the_front_page_reaches_every_page(app: &TestApp) {
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
            assert!(!page.text("h1").is_empty(), "{path} has no headline");
            assert!(!page.text("title").is_empty(), "{path} has no title");
            for description in page.attributes("meta[name=description]", "content") {
                assert!(!description.is_empty(), "{path} has an empty description");
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
        assert!(titles.len() > 80, "too few different titles");
        let index = xml::parse(&app.get("/sitemap.xml").body);
        for file in index.texts("loc") {
            let listed = xml::parse(&app.get(&file.replace(&app.app.base_url, "")).body).texts("loc");
            for url in listed {
                let path = url.replace(&app.app.base_url, "");
                assert!(found.contains_key(&path), "{path} is in a sitemap, but no link leads there");
            }
        }
    }

    fn the_demo_newsroom_has_drafts_that_readers_do_not_see(app: &TestApp) {
        publish(app);
        let now = app.now();
        app.write(|conn| demo::newsroom::fill(conn, now));
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
        assert!(app.get("/latest").body.contains(scheduled), "the scheduled article is published");
    }
}
