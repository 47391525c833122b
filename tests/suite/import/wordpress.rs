//! Imports from WordPress: nothing is lost, nothing hidden becomes public, and old addresses keep working.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    net::{IpAddr, TcpListener},
    path::{Path, PathBuf},
    sync::mpsc,
};

use chrono::TimeDelta;
use dateline::{
    cli::site::{Crawler, verify},
    db::{AnyConnection, schema::view_totals, types::UserRole},
    models::imported::{self, NewImported},
    transfer::{
        Report,
        fetch::Fetcher,
        wordpress::{ImportError, Importer, Pictures, Progress, Stop},
    },
};
use diesel::{QueryDsl, RunQueryDsl};

use crate::{on_both_engines, support::app::TestApp};

/// An item of an export.
fn item(id: u32, kind: &str, status: &str, title: &str, more: &str) -> String {
    format!(
        "<item><title><![CDATA[{title}]]></title>\
         <link>https://old.example/2020/01/0{}/post-{id}/</link>\
         <pubDate>Wed, 01 Jan 2020 10:00:00 +0000</pubDate><dc:creator><![CDATA[aqsa]]></dc:creator>\
         <wp:post_id>{id}</wp:post_id><wp:post_date>2020-01-01 15:00:00</wp:post_date>\
         <wp:post_date_gmt>2020-01-01 10:00:00</wp:post_date_gmt><wp:post_name>post-{id}</wp:post_name>\
         <wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>{more}</item>\n",
        id % 9 + 1
    )
}

fn export(items: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="x" xmlns:content="y" xmlns:dc="z" xmlns:wp="w">
<channel><title>The Old Herald</title><link>https://old.example</link><description>Since 1900</description>
<language>en</language><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_login>aqsa</wp:author_login><wp:author_display_name><![CDATA[Aqsa Bibi]]></wp:author_display_name></wp:author>
<wp:author><wp:author_login>omar</wp:author_login><wp:author_display_name><![CDATA[Omar Malik]]></wp:author_display_name></wp:author>
<wp:category><wp:term_id>2</wp:term_id><wp:category_nicename>diplomatic-news</wp:category_nicename><wp:category_parent>news</wp:category_parent><wp:cat_name>Diplomatic &amp; more</wp:cat_name></wp:category>
<wp:category><wp:term_id>1</wp:term_id><wp:category_nicename>news</wp:category_nicename><wp:category_parent></wp:category_parent><wp:cat_name>News</wp:cat_name></wp:category>
<wp:tag><wp:tag_slug>gaza</wp:tag_slug><wp:tag_name>Gaza</wp:tag_name></wp:tag>
{items}</channel></rss>"#
    )
}

fn content(html: &str) -> String {
    format!("<content:encoded><![CDATA[{html}]]></content:encoded>")
}

const CATEGORIES: &str = r#"<category domain="category" nicename="news">News</category><category domain="category" nicename="diplomatic-news">D</category><category domain="post_tag" nicename="gaza">Gaza</category>"#;

/// The export of a small newspaper with posts in every state.
pub fn herald() -> String {
    let lead = CATEGORIES.to_owned()
        + &content(
            "Geneva, 15 December 2023(TDI): The ministers <b>met</b>.\n\nAlso Read: <a href=\"https://old.example/2020/01/03/post-11/\">The bridge</a>\n\n\
             [caption id=\"x\"]<img class=\"wp-image-50\" src=\"https://old.example/wp-content/uploads/2020/01/bridge-300x200.png\" alt=\"A bridge\" /> The bridge[/caption]\n\n\
             See <a href=\"https://old.example/?p=11\">this</a>.",
        )
        + "<excerpt:encoded><![CDATA[What they <em>said</em>]]></excerpt:encoded>\
           <category domain=\"author\" nicename=\"cap-omar\">Omar</category><category domain=\"author\" nicename=\"cap-aqsa\">Aqsa</category>\
           <wp:is_sticky>1</wp:is_sticky>\
           <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>50</wp:meta_value></wp:postmeta>\
           <wp:postmeta><wp:meta_key>_yoast_wpseo_primary_category</wp:meta_key><wp:meta_value>2</wp:meta_value></wp:postmeta>\
           <wp:postmeta><wp:meta_key>_yoast_wpseo_title</wp:meta_key><wp:meta_value>Ministers meet</wp:meta_value></wp:postmeta>\
           <wp:comment><wp:comment_content>First!</wp:comment_content></wp:comment>";
    let secret = CATEGORIES.to_owned() + &content("Canary sings");
    export(
        &[
            item(10, "post", "publish", "Iran, Japan &amp; others meet", &lead),
            item(11, "post", "publish", "The bridge", &(CATEGORIES.to_owned() + &content("It opened."))),
            item(12, "post", "draft", "Canary draft", &secret),
            item(13, "post", "private", "Canary private", &secret),
            item(14, "post", "trash", "Canary trash", &secret),
            item(15, "post", "pending", "Canary pending", &secret),
            item(16, "post", "publish", "Canary protected", &(secret.clone() + "<wp:post_password>x</wp:post_password>")),
            item(17, "post", "future", "Canary future", &secret)
                .replace("2020-01-01 10:00:00", "2999-01-01 10:00:00"),
            item(20, "page", "publish", "About us", &content("We are here.")),
            item(30, "product", "publish", "A mug", ""),
            item(50, "attachment", "inherit", "bridge", "<wp:attachment_url>https://old.example/wp-content/uploads/2020/01/bridge.png</wp:attachment_url>"),
        ]
        .concat(),
    )
}

/// A folder with an export and its uploads.
struct ExportFolder {
    dir: tempfile::TempDir,
}

impl ExportFolder {
    fn new(export: &str) -> Self {
        Self::from_bytes(export.as_bytes())
    }

    fn from_bytes(export: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("export.xml"), export).unwrap();
        let uploads = dir.path().join("uploads/2020/01");
        std::fs::create_dir_all(&uploads).unwrap();
        let file = std::fs::File::create(uploads.join("bridge.png")).unwrap();
        let mut encoder = png::Encoder::new(file, 64, 48);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[90; 64 * 48 * 3]).unwrap();
        writer.finish().unwrap();
        Self { dir }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("export.xml")
    }

    fn import_into(&self, app: &TestApp) -> Report {
        import(app, &self.file(), Some(self.dir.path().join("uploads")))
    }
}

fn importer(app: &TestApp, pictures: Pictures) -> Importer<'_> {
    Importer {
        db: &app.app.db,
        store: &app.app.media,
        pictures,
        now: app.now(),
    }
}

/// Whether the report has a skipped item whose reason contains this text.
fn is_skipped(report: &Report, why: &str) -> bool {
    report.skipped.iter().any(|item| item.why.contains(why))
}

pub fn import(app: &TestApp, export: &Path, uploads: Option<PathBuf>) -> Report {
    let pictures = Pictures {
        folder: uploads,
        fetch: None,
        ..Pictures::default()
    };
    importer(app, pictures)
        .run(export, &mut |_: Progress| Ok(()))
        .unwrap()
}

on_both_engines! {
    fn an_imported_article_keeps_all_its_parts(app: &TestApp) {
        let report = ExportFolder::new(&herald()).import_into(app);
        assert_eq!(report.taken["articles"], 8);
        assert_eq!(report.taken["pages"], 1);
        assert_eq!(report.taken["pictures"], 1);
        assert_eq!(report.comments, 1);
        assert_eq!(report.skipped.len(), 1, "{:?}", report.skipped);
        assert!(report.skipped[0].why.contains("product"));
        assert_eq!(app.get("/").text(".nameplate"), "The Old Herald");

        let page = app.get("/2020/01/02/post-10");
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "Iran, Japan & others meet");
        assert_eq!(page.texts("nav.breadcrumb a")[1..3], ["News", "Diplomatic & more"]);
        assert_eq!(page.texts(".by a"), ["Omar Malik", "Aqsa Bibi"]);
        assert_eq!(page.text(".dateline"), "Geneva, 15 December 2023 (TDI):");
        assert!(page.text(".body").contains("The ministers met."));
        assert_eq!(page.attributes(".also-read a", "href"), ["/2020/01/03/post-11"]);
        assert_eq!(page.texts(".body figcaption"), ["The bridge"]);
        assert_eq!(page.attributes(".body figure img", "alt"), ["A bridge"]);
        assert!(page.attributes(".body a", "href").contains(&"/2020/01/03/post-11".to_owned()));
        assert_eq!(page.texts(".topics a"), ["Gaza"]);
        assert!(page.text("title").starts_with("Ministers meet"));
        assert!(page.body.contains("What they said"));
        assert_eq!(app.get("/").text(".front-lead h3"), "Iran, Japan & others meet", "sticky posts lead the front page");
        app.assert_timelines_consistent();
    }

    fn old_addresses_redirect_to_the_imported_pages(app: &TestApp) {
        ExportFolder::new(&herald()).import_into(app);
        for (old, new) in [
            ("/2020/01/02/post-10/", "/2020/01/02/post-10"),
            ("/?p=10", "/2020/01/02/post-10"),
            ("/?page_id=20", "/2020/01/03/post-20"),
            ("/category/news", "/news"),
            ("/category/news/diplomatic-news", "/news/diplomatic-news"),
            ("/tag/gaza", "/topic/gaza"),
        ] {
            assert_eq!(app.redirect_target(old), new);
            assert_eq!(app.status(new), 200, "{new}");
        }
        assert_eq!(app.status("/author/aqsa"), 200);
        assert_eq!(app.get("/2020/01/03/post-20").text("h1"), "About us");
        for hidden in ["/?p=12", "/?p=17", "/?p=99", "/?p=x"] {
            assert_eq!(app.status(hidden), 404, "{hidden}");
        }
    }

    fn hostile_texts_keep_their_words_and_are_reported(app: &TestApp) {
        let open: String = (0..2_000).map(|number| format!("<em x{number}>")).collect();
        let bomb = format!("<p>Kept words{open}{}", "<p>x".repeat(5_000));
        let deep = format!("Deep words{}", "<blockquote>".repeat(40_000));
        let items = [
            item(10, "post", "publish", &bomb, &(CATEGORIES.to_owned() + &content(&bomb))),
            item(11, "post", "publish", "Deep", &(CATEGORIES.to_owned() + &content(&deep))),
            item(12, "post", "publish", "Other", &(CATEGORIES.to_owned() + &content("It opened."))),
        ];
        let report = ExportFolder::new(&export(&items.concat())).import_into(app);
        assert_eq!(report.taken["articles"], 3, "{report}");
        assert_eq!(report.lost.iter().filter(|item| item.why.contains("too complex")).count(), 2, "{report}");
        assert!(app.get("/2020/01/02/post-10").text(".body").contains("Kept words"));
        assert!(app.get("/2020/01/03/post-11").text(".body").contains("Deep words"));
        assert!(app.get("/2020/01/04/post-12").text(".body").contains("It opened."));
    }

    fn pages_below_reserved_folders_get_addresses_outside_of_them(app: &TestApp) {
        let old = [("media/press-kit", "/press-kit"), ("share/us", "/us"), ("admin/x", "/x"), ("assets/y", "/y"), ("admin", "/admin-2")];
        let items: String = (20..)
            .zip(old)
            .map(|(id, (path, _))| {
                let link = format!("https://old.example/2020/01/0{}/post-{id}/", id % 9 + 1);
                item(id, "page", "publish", &format!("Page {id}"), &content("We are here."))
                    .replace(&link, &format!("https://old.example/{path}/"))
            })
            .collect();
        let report = ExportFolder::new(&export(&items)).import_into(app);
        assert_eq!(report.taken["pages"], 5, "{report}");
        for (id, (_, path)) in (20..).zip(old) {
            assert_eq!(app.get(path).text("h1"), format!("Page {id}"), "{path}");
        }
    }

    fn many_posts_of_one_name_get_different_addresses(app: &TestApp) {
        let items: String = (100..250)
            .map(|id| {
                item(id, "post", "publish", "Untitled", &(CATEGORIES.to_owned() + &content("Words.")))
                    .replace(&format!("/0{}/post-{id}/", id % 9 + 1), "/01/untitled/")
                    .replace(&format!("post-{id}<"), "untitled<")
            })
            .collect();
        let report = ExportFolder::new(&export(&items)).import_into(app);
        assert_eq!(report.taken["articles"], 150, "{report}");
        assert_eq!(app.status("/2020/01/01/untitled"), 200);
        assert_eq!(app.status("/2020/01/01/untitled-100"), 200);
    }

    fn hidden_posts_stay_hidden(app: &TestApp) {
        ExportFolder::new(&herald()).import_into(app);
        for path in ["/", "/latest", "/news", "/feed.xml", "/search?q=canary", "/author/aqsa", "/topic/gaza", "/sitemaps/articles-1.xml"] {
            let page = app.get(path);
            assert_eq!(page.status, 200, "{path}");
            let text = page.body.replace("/search?q=canary", "").replace("value=\"canary\"", "").to_lowercase();
            assert!(!text.contains("canary sings") && !text.contains("canary d") && !text.contains("canary p") && !text.contains("canary f"), "{path}");
        }
        let editor = app.staff(UserRole::Editor);
        let listed = editor.get("/admin/articles").body;
        for title in ["Canary draft", "Canary private", "Canary pending", "Canary protected", "Canary future"] {
            assert!(listed.contains(title), "{title} is missing in the newsroom");
        }
    }

    fn scheduled_pages_stay_hidden_until_their_time(app: &TestApp) {
        let due = (app.now() + TimeDelta::days(1)).format("%Y-%m-%d %H:%M:%S").to_string();
        let scheduled = |id, status| {
            item(id, "page", status, &format!("Canary {id}"), &content("Canary sings"))
                .replace("2020-01-01 10:00:00", &due)
                .replace("2020-01-01 15:00:00", &due)
        };
        let items = [scheduled(20, "future"), scheduled(21, "publish"), item(22, "page", "publish", "Open", &content("We are here."))];
        let folder = ExportFolder::new(&export(&items.concat()));
        let report = folder.import_into(app);
        assert_eq!((report.taken["pages"], report.taken["articles"]), (1, 2), "{report}");
        assert_eq!(report.lost.iter().filter(|item| item.why.contains("scheduled for")).count(), 2, "{report}");
        let old = ["/2020/01/03/post-20", "/2020/01/04/post-21"];
        for path in old {
            assert_eq!(app.status(path), 404, "{path}");
        }
        for path in ["/", "/latest", "/feed.xml", "/search?q=sings", "/sitemap.xml", "/sitemaps/pages-1.xml"] {
            assert!(!app.get(path).body.contains("Canary"), "{path}");
            assert!(old.iter().all(|old| !app.get(path).body.contains(old)), "{path}");
        }
        assert_eq!(app.status("/2020/01/05/post-22"), 200);
        let listed = app.staff(UserRole::Editor).get("/admin/articles").body;
        assert!(listed.contains("Canary 20") && listed.contains("Canary 21"));
        app.app.clock.advance(TimeDelta::days(2));
        assert_eq!(folder.import_into(app).taken["pages"], 2);
        for path in old {
            assert!(app.get(path).text(".body").contains("Canary sings"), "{path}");
        }
        assert!(folder.import_into(app).taken.is_empty());
    }

    fn posts_with_a_space_as_password_stay_hidden(app: &TestApp) {
        let protected = |id, password: &str| {
            let password = format!("<wp:post_password>{password}</wp:post_password>");
            item(id, "post", "publish", "Canary", &(CATEGORIES.to_owned() + &content("Canary sings") + &password))
        };
        let items = [
            protected(10, "<![CDATA[ ]]>"),
            protected(11, " "),
            protected(12, "<![CDATA[\u{1}]]>"),
            protected(13, "<![CDATA[   ]]>"),
            item(14, "post", "publish", "Open", &(CATEGORIES.to_owned() + &content("We are here.") + "<wp:post_password><![CDATA[]]></wp:post_password>")),
        ];
        let report = ExportFolder::new(&export(&items.concat())).import_into(app);
        assert_eq!(report.states["password-protected"], 4, "{report}");
        assert_eq!(app.get("/latest").texts("main .card-headline"), ["Open"]);
    }

    fn categories_of_hidden_posts_do_not_become_sections(app: &TestApp) {
        let category = |slug: &str| format!("<category domain=\"category\" nicename=\"{slug}\">{slug}</category>");
        let hidden = category("canary-cell") + &content("Canary sings");
        let later = item(15, "post", "future", "Later", &hidden).replace("2020-01-01 10:00:00", "2999-01-01 10:00:00");
        let items = [
            item(10, "post", "draft", "Draft", &hidden),
            item(11, "post", "private", "Private", &hidden),
            item(12, "post", "pending", "Pending", &hidden),
            item(13, "post", "trash", "Trash", &hidden),
            item(14, "post", "publish", "Protected", &(hidden.clone() + "<wp:post_password> </wp:post_password>")),
            later,
            item(16, "post", "draft", "Both", &(category("news") + &hidden)),
            item(17, "post", "publish", "Open", &(category("news") + &content("We are here."))),
        ];
        let define = |slug: &str, parent: &str| format!(
            "<wp:category><wp:category_nicename>{slug}</wp:category_nicename><wp:category_parent>{parent}</wp:category_parent><wp:cat_name>{slug}</wp:cat_name></wp:category>"
        );
        let terms = define("canary-cell", "news") + &define("canary-child", "canary-cell");
        let whole = export(&(terms + &items.concat()));
        let report = ExportFolder::new(&whole).import_into(app);
        assert_eq!(report.taken["articles"], 8, "{report}");
        assert_eq!(report.lost.iter().filter(|item| item.why.contains("canary-cell")).count(), 7, "{report}");
        for path in ["/news/canary-cell", "/canary-cell", "/category/canary-cell", "/category/news/canary-cell"] {
            assert_eq!(app.status(path), 404, "{path}");
        }
        for path in ["/", "/news", "/sitemap.xml", "/sitemaps/sections-1.xml", "/feed.xml"] {
            assert!(!app.get(path).body.contains("canary-c"), "{path}");
        }
        // Once a post is public, its category is a section.
        let published = whole.replace("<wp:status>draft</wp:status>", "<wp:status>publish</wp:status>");
        ExportFolder::new(&published).import_into(app);
        let section = app.get("/news/canary-cell");
        assert!(section.body.contains("Draft") && section.body.contains("Both"), "{}", section.body);
    }

    fn menus_do_not_link_to_hidden_posts(app: &TestApp) {
        let entry = |id: u32, kind: &str, object: u32, url: &str| {
            let fields = [("type", kind), ("object_id", &object.to_string()), ("url", url), ("menu_item_parent", "0")];
            let fields: String = fields
                .iter()
                .map(|(name, value)| format!(
                    "<wp:postmeta><wp:meta_key>_menu_item_{name}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>"
                ))
                .collect();
            item(id, "nav_menu_item", "publish", &format!("Entry {id}"), &(fields + "<category domain=\"nav_menu\" nicename=\"main\">main</category>"))
        };
        let items = [
            item(10, "post", "draft", "Canary", &(CATEGORIES.to_owned() + &content("Canary sings"))),
            item(11, "post", "publish", "Open", &(CATEGORIES.to_owned() + &content("We are here."))),
            entry(80, "post_type", 10, ""),
            entry(81, "custom", 81, "https://old.example/2020/01/02/post-10/"),
            entry(82, "post_type", 11, ""),
        ];
        ExportFolder::new(&export(&items.concat())).import_into(app);
        let entries = app.get("/").texts("nav.menu a");
        assert!(entries.iter().any(|entry| entry == "Entry 82"), "{entries:?}");
        assert!(!entries.iter().any(|entry| entry == "Entry 80" || entry == "Entry 81"), "{entries:?}");
    }

    fn control_characters_are_removed_and_counted(app: &TestApp) {
        let items = [
            item(10, "post", "publish", "Mini\0sters\u{1} meet", &(CATEGORIES.to_owned() + &content("<p>They\0 met\u{b}.</p>") + "<excerpt:encoded><![CDATA[W\0hat]]></excerpt:encoded>"))
                .replace("/post-10/", "/post%00-10/"),
            item(50, "attachment", "inherit", "x", "<wp:attachment_url>https://old.example/wp-content/uploads/2020/01/bridge%00.png</wp:attachment_url>"),
            item(20, "page", "publish", "A\0bout", &content("We\0 are here.")),
        ];
        let whole = export(&items.concat()).replace("Aqsa Bibi", "Aqsa\0 Bibi").replace(">News<", ">Ne\0ws<").replace(">Gaza<", ">Ga\0za<");
        let report = ExportFolder::new(&whole).import_into(app);
        assert_eq!((report.taken["articles"], report.taken["pages"]), (1, 1), "{report}");
        // Five in the post and two in the page; the author; the names of the category and of the tag, each also in the post.
        assert_eq!(report.control_characters, 12, "{report}");
        let page = app.get("/2020/01/02/post-10");
        assert_eq!(page.text("h1"), "Ministers meet");
        assert_eq!(page.texts(".by a"), ["Aqsa Bibi"]);
        assert!(page.text(".body").contains("They met."));
        assert_eq!(app.get("/2020/01/03/post-20").text("h1"), "About");
        assert_eq!(app.get("/news").text("h1"), "News");
    }

    fn a_repeated_id_is_imported_once_and_reported(app: &TestApp) {
        let post = |title: &str| item(10, "post", "publish", title, &(CATEGORIES.to_owned() + &content("Words.")));
        let author = "<wp:author><wp:author_login>aqsa</wp:author_login><wp:author_display_name>Other</wp:author_display_name></wp:author>";
        let tag = "<wp:tag><wp:tag_slug>gaza</wp:tag_slug><wp:tag_name>Gaza</wp:tag_name></wp:tag>";
        let items = [author, tag, &post("First"), &post("Second")].concat();
        let report = ExportFolder::new(&export(&items)).import_into(app);
        assert_eq!((report.taken["articles"], report.taken["topics"]), (1, 1), "{report}");
        assert!(is_skipped(&report, "the same id"), "{report}");
        assert_eq!(app.get("/latest").texts("main .card-headline"), ["First"]);
        let again = ExportFolder::new(&export(&items)).import_into(app);
        assert!(again.taken.is_empty() && again.updated.is_empty(), "{again}");
    }

    fn two_imports_at_once_do_not_double_anything(app: &TestApp) {
        let folder = ExportFolder::new(&herald());
        let run = || importer(app, Pictures::default()).run(&folder.file(), &mut |_| Ok(()));
        let held = app.app.db.lock_for_import().unwrap();
        assert!(held.is_some());
        assert!(matches!(run(), Err(ImportError::Busy)));
        drop(held);
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            let ended: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();
            assert!(ended.iter().any(Result::is_ok));
            for failed in ended.into_iter().filter_map(Result::err) {
                assert!(matches!(failed, ImportError::Busy), "{failed}");
            }
        });
        let report = run().unwrap();
        assert_eq!((report.left["articles"], report.taken.get("articles")), (8, None), "{report}");
        assert_eq!(app.get("/latest").texts("main .card-headline").len(), 2);
    }

    fn an_imported_object_cannot_be_recorded_twice(app: &TestApp) {
        let object = |target_id| NewImported {
            source: "old.example",
            kind: "article",
            foreign_id: "10".to_owned(),
            target_id,
            digest: 0,
        };
        let insert = |target_id| {
            let write = |conn: &mut AnyConnection| Ok(imported::insert(conn, &[object(target_id)])?);
            app.app.db.write_blocking(write)
        };
        assert!(insert(1).is_ok());
        assert!(insert(2).is_err());
    }

    fn a_second_import_adds_only_what_changed(app: &TestApp) {
        let first = ExportFolder::new(&herald());
        first.import_into(app);
        let again = first.import_into(app);
        assert!(again.taken.is_empty(), "{again:?}");
        assert_eq!(again.left["articles"], 8);
        assert_eq!(again.left["pictures"], 1);
        let changed = ExportFolder::new(&herald().replace("It opened.", "It opened late."));
        let report = changed.import_into(app);
        assert_eq!(report.updated["articles"], 1);
        assert!(app.get("/2020/01/03/post-11").body.contains("It opened late."));
        assert_eq!(app.get("/latest").texts("main .card-headline").len(), 2);
        app.assert_timelines_consistent();
    }

    fn pictures_imported_later_are_added_to_their_articles(app: &TestApp) {
        let folder = ExportFolder::new(&herald());
        let without = import(app, &folder.file(), None);
        assert_eq!(without.taken.get("pictures"), None);
        assert_eq!(app.get("/2020/01/02/post-10").texts(".body figure").len(), 0);
        let with = folder.import_into(app);
        assert_eq!((with.taken["pictures"], with.updated["articles"]), (1, 1), "{with}");
        let page = app.get("/2020/01/02/post-10");
        assert_eq!(page.attributes(".body figure img", "alt"), ["A bridge"]);
        assert_eq!(page.texts(".lead-picture").len(), 1);
        assert!(folder.import_into(app).updated.is_empty());
    }

    fn articles_edited_after_the_import_are_not_overwritten(app: &TestApp) {
        ExportFolder::new(&herald()).import_into(app);
        let editor = app.staff(UserRole::Editor);
        let id = editor.get_json("/admin/articles.json?q=bridge")["items"][0]["id"].as_i64().unwrap();
        let form = editor.get(&format!("/admin/articles/{id}"));
        let base = form.attributes("input[name=base]", "value").remove(0);
        let saved = editor.post(&format!("/admin/articles/{id}"), &[
            ("base", &base), ("headline", "The bridge, again"), ("body", "<p>Ours.</p>"),
        ]);
        assert_eq!(saved.status, 303, "{}", saved.body);
        let report = ExportFolder::new(&herald().replace("It opened.", "It opened late.")).import_into(app);
        assert!(report.updated.is_empty());
        assert!(is_skipped(&report, "edited here"));
    }

    fn a_truncated_export_is_imported_up_to_the_damage(app: &TestApp) {
        let complete = herald();
        let cut = complete.find("<item><title><![CDATA[Canary draft").unwrap() + 200;
        let report = ExportFolder::new(&complete[..cut]).import_into(app);
        assert_eq!(report.taken["articles"], 2);
        assert_eq!(report.unreadable.len(), 1);
        assert!(report.unreadable[0].line > 10);
        // A later import of the complete file adds the rest.
        assert_eq!(ExportFolder::new(&complete).import_into(app).taken["articles"], 6);
    }

    fn oversized_items_are_reported_and_all_others_imported(app: &TestApp) {
        let before = item(10, "post", "publish", "Before", &content("It was."));
        let huge = item(11, "post", "publish", "Huge", &content(&"word ".repeat(14 << 20)));
        let after = item(12, "post", "publish", "After", &content("It is."));
        let report = ExportFolder::new(&export(&[before, huge, after].concat())).import_into(app);
        assert_eq!(report.taken["articles"], 2, "{report}");
        assert_eq!(report.unreadable.len(), 1, "{report}");
        assert_eq!(report.unreadable[0].line, 11);
        assert_eq!(report.unreadable[0].why, "it is larger than 64 MB");
        assert!(app.get("/2020/01/04/post-12").body.contains("After"));
    }

    fn the_declared_encoding_of_an_export_is_respected(app: &TestApp) {
        let items = item(10, "post", "publish", "Société “à l’été”", &content("Déjà vu."));
        let export = export(&items).replace("encoding=\"UTF-8\"", "encoding=\"windows-1252\"");
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(&export);
        let report = ExportFolder::from_bytes(&bytes).import_into(app);
        assert_eq!((report.taken["articles"], report.lost.len()), (1, 0), "{report}");
        let page = app.get("/2020/01/02/post-10").body;
        assert!(page.contains("Société “à l’été”") && page.contains("Déjà vu."), "{page}");
    }

    fn invalid_characters_are_counted_and_the_article_is_imported(app: &TestApp) {
        let items = item(10, "post", "publish", "Société", &content("Déjà vu."));
        let export = export(&items);
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(&export);
        let report = ExportFolder::from_bytes(&bytes).import_into(app);
        assert_eq!(report.taken["articles"], 1, "{report}");
        assert_eq!((report.lost.len(), report.lost[0].line), (1, 10), "{report}");
        assert!(report.lost[0].why.starts_with("4 characters"), "{report}");
        assert!(app.get("/2020/01/02/post-10").body.contains("D\u{fffd}j\u{fffd} vu."));
    }

    fn a_stopped_import_continues_where_it_ended(app: &TestApp) {
        let folder = ExportFolder::new(&herald());
        let import = importer(app, Pictures::default());
        for stage in 0..3 {
            let stopped = import.run(&folder.file(), &mut |progress| {
                let reached = match progress {
                    Progress::Survey(_) => 0,
                    Progress::Pictures(..) => 1,
                    Progress::Articles(..) => 2,
                };
                if reached >= stage { Err(Stop) } else { Ok(()) }
            });
            assert!(matches!(stopped, Err(ImportError::Stopped)), "{stopped:?}");
        }
        let report = self::import(app, &folder.file(), None);
        assert_eq!(
            (report.taken.get("articles"), report.left["articles"]),
            (None, 8),
            "{report}"
        );
        assert_eq!(app.status("/2020/01/02/post-10"), 200);
    }

    fn an_import_rarely_invalidates_pages_and_is_fully_shown_at_the_end(app: &TestApp) {
        let items: String = (1..=1_000)
            .map(|id| item(id, "post", "publish", &format!("Story {id}"), CATEGORIES))
            .collect();
        let folder = ExportFolder::new(&export(&items));
        let stories = |app: &TestApp| app.get("/latest").text(".count");
        let version = || app.app.db.known_version();
        let mut steps = vec![version()];
        let stopped = importer(app, Pictures::default()).run(&folder.file(), &mut |progress| {
            if let Progress::Articles(..) = progress {
                steps.push(version());
                app.get("/latest");
            }
            if steps.len() == 5 { Err(Stop) } else { Ok(()) }
        });
        assert!(matches!(stopped, Err(ImportError::Stopped)), "{stopped:?}");
        let count = stories(app);
        assert!(count.starts_with("800"), "{count}");
        let versions: HashSet<i64> = steps.into_iter().collect();
        assert!(versions.len() < 5, "{versions:?}");
        import(app, &folder.file(), None);
        let count = stories(app);
        assert!(count.starts_with("1,000"), "{count}");
        // The 40 batches that compute related stories do not each increment the version either.
        let before = version();
        app.update_search_index();
        assert!(version() - before < 20, "{before} to {}", version());
    }

    fn markup_in_an_export_never_runs(app: &TestApp) {
        let payload = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
        let items = item(
            10,
            "post",
            "publish",
            payload,
            &(CATEGORIES.to_owned()
                + &content(&format!("{payload}<a href=\"javascript:alert(1)\">x</a>"))
                + &format!("<excerpt:encoded><![CDATA[{payload}]]></excerpt:encoded>")),
        );
        let export = export(&items).replace("Aqsa Bibi", payload);
        ExportFolder::new(&export).import_into(app);
        for path in ["/", "/2020/01/02/post-10", "/author/aqsa", "/feed.xml"] {
            let page = app.get(path);
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains("<script>alert"), "{path}");
            assert!(!page.body.contains("onerror=alert(1)>"), "{path}");
            assert!(!page.body.contains("javascript:alert"), "{path}");
        }
    }

    fn uploads_are_read_only_from_the_uploads_folder(app: &TestApp) {
        let folder =
            ExportFolder::new(&herald().replace("uploads/2020/01/bridge.png", "uploads/../export.xml"));
        let report = folder.import_into(app);
        assert!(
            is_skipped(&report, "outside the uploads folder")
        );
        let folder = ExportFolder::new(&herald());
        std::fs::write(
            folder.dir.path().join("uploads/2020/01/bridge.png"),
            "no picture",
        )
        .unwrap();
        let report = folder.import_into(app);
        assert!(
            report
                .skipped
                .iter()
                .any(|item| item.what.contains("bridge.png")),
            "{report}"
        );
    }

    fn pictures_are_found_by_any_of_their_file_names(app: &TestApp) {
        let url = |name: &str| format!("https://old.example/wp-content/uploads/2020/01/{name}");
        let picture = |name: &str, alt: &str| format!("<img src=\"{}\" alt=\"{alt}\" />\n\n", url(name));
        let upload = |id: u32, name: &str| {
            let element = format!("<wp:attachment_url>{}</wp:attachment_url>", url(name));
            item(id, "attachment", "inherit", name, &element)
        };
        let text = [
            picture("quay-580x300.png", "named like a size"),
            picture("quay-580x300-150x75.png", "a smaller size"),
            picture("pier-scaled.png", "large"),
            picture("pier-300x200.png", "a smaller size of the scaled one"),
            picture("pier.png", "the original of the scaled one"),
        ];
        let folder = ExportFolder::new(&export(
            &[
                item(
                    10,
                    "post",
                    "publish",
                    "Harbour",
                    &(CATEGORIES.to_owned() + &content(&text.concat())),
                ),
                upload(50, "quay-580x300.png"),
                upload(51, "pier-scaled.png"),
            ]
            .concat(),
        ));
        let uploads = folder.dir.path().join("uploads/2020/01");
        for name in ["quay-580x300.png", "pier-scaled.png"] {
            std::fs::copy(uploads.join("bridge.png"), uploads.join(name)).unwrap();
        }
        let report = folder.import_into(app);
        assert!(
            report.lost.is_empty() && report.skipped.is_empty(),
            "{report}"
        );
        let page = app.get("/2020/01/02/post-10");
        assert_eq!(page.attributes(".body figure img", "alt").len(), text.len());
    }

    fn pictures_are_fetched_on_request_but_not_from_private_networks(app: &TestApp) {
        let mut picture = Vec::new();
        image::RgbImage::from_pixel(64, 48, image::Rgb([90, 20, 20]))
            .write_to(
                &mut std::io::Cursor::new(&mut picture),
                image::ImageFormat::Png,
            )
            .unwrap();
        let (address, requested_paths) = old_site(move |path| {
            if path.contains("moved") {
                // Another address of this machine, which is not allowed.
                return b"HTTP/1.1 302 Found\r\nLocation: http://[::1]:9/x.png\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                picture.len()
            );
            [head.into_bytes(), picture.clone()].concat()
        });
        let import_with_fetcher = |export: &str, allowed: Vec<IpAddr>| {
            let folder = ExportFolder::new(export);
            let pictures = Pictures { fetch: Some(Fetcher::new(allowed)), ..Pictures::default() };
            importer(app, pictures).run(&folder.file(), &mut |_: Progress| Ok(())).unwrap()
        };
        let export = herald().replace(
            "<wp:attachment_url>https://old.example",
            &format!("<wp:attachment_url>http://{address}"),
        );
        let report = import_with_fetcher(&export, Vec::new());
        assert!(
            is_skipped(&report, "an internal network"),
            "{report}"
        );
        assert!(requested_paths.try_recv().is_err(), "a request was sent");
        let localhost: IpAddr = "127.0.0.1".parse().unwrap();
        let report = import_with_fetcher(&export, vec![localhost]);
        assert_eq!(report.taken["pictures"], 1, "{report}");
        assert_eq!(
            app.get("/2020/01/02/post-10")
                .attributes(".body figure img", "alt"),
            ["A bridge"]
        );
        assert_eq!(
            requested_paths.recv().unwrap(),
            "/wp-content/uploads/2020/01/bridge.png"
        );
        let report = import_with_fetcher(
            &export
                .replace("01/bridge.png</wp", "01/moved.png</wp")
                .replace("<wp:post_id>50<", "<wp:post_id>51<"),
            vec![localhost],
        );
        assert!(
            is_skipped(&report, "an internal network"),
            "{report}"
        );
    }
}

/// A server that answers with the result of `answer` and reports the requested paths.
fn old_site(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (send, requested_paths) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            // Errors if the client has disconnected.
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let _ = stream.write_all(&answer(&path));
            if send.send(path).is_err() {
                return;
            }
        }
    });
    (address, requested_paths)
}

#[test]
fn verify_requests_every_old_address_and_reports_lost_ones() {
    let app = TestApp::with_settings(&[("base_url", "https://new.example")]);
    ExportFolder::new(&herald()).import_into(&app);
    let crawler = Crawler::new(&app.app.config).unwrap();
    let addresses: Vec<String> = [
        "https://old.example/2020/01/03/post-11/",
        "https://old.example/?p=10",
        "/category/news",
        "https://old.example/author/aqsa",
        "https://old.example/gone",
        "https://old.example/?p=12",
        "no address",
    ]
    .map(str::to_owned)
    .to_vec();
    let verified = verify(&crawler, &addresses, &|| {}).unwrap();
    assert_eq!(
        (verified.found, verified.redirected),
        (1, 3),
        "{verified:?}"
    );
    let lost: Vec<(&str, &str)> = verified
        .lost
        .iter()
        .map(|(a, why)| (a.as_str(), why.as_str()))
        .collect();
    assert_eq!(
        lost,
        [
            ("https://old.example/gone", "responds with 404"),
            ("https://old.example/?p=12", "responds with 404"),
            ("no address", "not an address")
        ]
    );
    drop(crawler);
    let counted: i64 = app.write(|conn| Ok(view_totals::table.count().get_result(conn)?));
    assert_eq!(counted, 0, "verification does not count as views");
}
