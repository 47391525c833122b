//! Moving in: nothing is lost, nothing hidden becomes public, and every address goes on working.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    net::{IpAddr, TcpListener},
    path::{Path, PathBuf},
    sync::mpsc,
};

use dateline::{
    db::{schema::view_totals, types::UserRole},
    transfer::{
        Report,
        fetch::Fetcher,
        verify,
        visitor::Visitor,
        wordpress::{Import, ImportError, Pictures, Progress, Stop},
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

const FILED: &str = r#"<category domain="category" nicename="news">News</category><category domain="category" nicename="diplomatic-news">D</category><category domain="post_tag" nicename="gaza">Gaza</category>"#;

/// A whole small newspaper.
pub fn herald() -> String {
    let lead = FILED.to_owned()
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
    let secret = FILED.to_owned() + &content("Canary sings");
    export(
        &[
            item(10, "post", "publish", "Iran, Japan &amp; others meet", &lead),
            item(11, "post", "publish", "The bridge", &(FILED.to_owned() + &content("It opened."))),
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

/// A folder with an export, and the uploads that belong to it.
struct Moving {
    folder: tempfile::TempDir,
}

impl Moving {
    fn new(export: &str) -> Self {
        Self::of_bytes(export.as_bytes())
    }

    fn of_bytes(export: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("export.xml"), export).unwrap();
        let uploads = folder.path().join("uploads/2020/01");
        std::fs::create_dir_all(&uploads).unwrap();
        let file = std::fs::File::create(uploads.join("bridge.png")).unwrap();
        let mut encoder = png::Encoder::new(file, 64, 48);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[90; 64 * 48 * 3]).unwrap();
        writer.finish().unwrap();
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("export.xml")
    }

    fn moves_into(&self, app: &TestApp) -> Report {
        import(app, &self.file(), Some(self.folder.path().join("uploads")))
    }
}

fn importer(app: &TestApp, pictures: Pictures) -> Import<'_> {
    Import {
        db: &app.app.db,
        store: &app.app.media,
        pictures,
        now: app.now(),
    }
}

/// Whether something was skipped, for a reason that says so.
fn is_skipped(report: &Report, why: &str) -> bool {
    report
        .skipped
        .iter()
        .any(|trouble| trouble.why.contains(why))
}

pub fn import(app: &TestApp, export: &Path, uploads: Option<PathBuf>) -> Report {
    let pictures = Pictures {
        folder: uploads,
        fetch: None,
    };
    importer(app, pictures)
        .run(export, &mut |_: Progress| Ok(()))
        .unwrap()
}

on_both_engines! {
    fn an_article_arrives_with_everything_that_it_had(app: &TestApp) {
        let report = Moving::new(&herald()).moves_into(app);
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
        assert_eq!(app.get("/").text(".front-lead h3"), "Iran, Japan & others meet", "it was sticky");
        app.rivers_are_right();
    }

    fn every_address_that_worked_leads_to_where_it_did(app: &TestApp) {
        Moving::new(&herald()).moves_into(app);
        for (old, new) in [
            ("/2020/01/02/post-10/", "/2020/01/02/post-10"),
            ("/?p=10", "/2020/01/02/post-10"),
            ("/?page_id=20", "/2020/01/03/post-20"),
            ("/category/news", "/news"),
            ("/category/news/diplomatic-news", "/news/diplomatic-news"),
            ("/tag/gaza", "/topic/gaza"),
        ] {
            assert_eq!(app.moved(old), new);
            assert_eq!(app.status(new), 200, "{new}");
        }
        assert_eq!(app.status("/author/aqsa"), 200);
        assert_eq!(app.get("/2020/01/03/post-20").text("h1"), "About us");
        for hidden in ["/?p=12", "/?p=17", "/?p=99", "/?p=x"] {
            assert_eq!(app.status(hidden), 404, "{hidden}");
        }
    }

    fn what_was_hidden_stays_hidden(app: &TestApp) {
        Moving::new(&herald()).moves_into(app);
        for path in ["/", "/latest", "/news", "/feed.xml", "/search?q=canary", "/author/aqsa", "/topic/gaza", "/sitemaps/articles-1.xml"] {
            let page = app.get(path);
            assert_eq!(page.status, 200, "{path}");
            let said = page.body.replace("/search?q=canary", "").replace("value=\"canary\"", "").to_lowercase();
            assert!(!said.contains("canary sings") && !said.contains("canary d") && !said.contains("canary p") && !said.contains("canary f"), "{path}");
        }
        let editor = app.staff(UserRole::Editor);
        let listed = editor.get("/admin/articles").body;
        for title in ["Canary draft", "Canary private", "Canary pending", "Canary protected", "Canary future"] {
            assert!(listed.contains(title), "{title} is in the newsroom");
        }
    }

    fn a_second_run_doubles_nothing_and_takes_what_changed(app: &TestApp) {
        let first = Moving::new(&herald());
        first.moves_into(app);
        let again = first.moves_into(app);
        assert!(again.taken.is_empty(), "{again:?}");
        assert_eq!(again.left["articles"], 8);
        assert_eq!(again.left["pictures"], 1);
        let changed = Moving::new(&herald().replace("It opened.", "It opened late."));
        let report = changed.moves_into(app);
        assert_eq!(report.updated["articles"], 1);
        assert!(app.get("/2020/01/03/post-11").body.contains("It opened late."));
        assert_eq!(app.get("/latest").texts("main .card-headline").len(), 2);
        app.rivers_are_right();
    }

    fn pictures_that_come_later_are_placed_where_they_were(app: &TestApp) {
        let moving = Moving::new(&herald());
        let without = import(app, &moving.file(), None);
        assert_eq!(without.taken.get("pictures"), None);
        assert_eq!(app.get("/2020/01/02/post-10").texts(".body figure").len(), 0);
        let with = moving.moves_into(app);
        assert_eq!((with.taken["pictures"], with.updated["articles"]), (1, 1), "{with}");
        let page = app.get("/2020/01/02/post-10");
        assert_eq!(page.attributes(".body figure img", "alt"), ["A bridge"]);
        assert_eq!(page.texts(".lead-picture").len(), 1);
        assert!(moving.moves_into(app).updated.is_empty());
    }

    fn what_was_edited_here_is_not_undone(app: &TestApp) {
        Moving::new(&herald()).moves_into(app);
        let editor = app.staff(UserRole::Editor);
        let id = editor.get_json("/admin/articles.json?q=bridge")["items"][0]["id"].as_i64().unwrap();
        let form = editor.get(&format!("/admin/articles/{id}"));
        let base = form.attributes("input[name=base]", "value").remove(0);
        let saved = editor.post(&format!("/admin/articles/{id}"), &[
            ("base", &base), ("headline", "The bridge, again"), ("body", "<p>Ours.</p>"),
        ]);
        assert_eq!(saved.status, 303, "{}", saved.body);
        let report = Moving::new(&herald().replace("It opened.", "It opened late.")).moves_into(app);
        assert!(report.updated.is_empty());
        assert!(is_skipped(&report, "edited here"));
    }

    fn half_a_file_is_taken_and_the_rest_is_named(app: &TestApp) {
        let whole = herald();
        let cut = whole.find("<item><title><![CDATA[Canary draft").unwrap() + 200;
        let report = Moving::new(&whole[..cut]).moves_into(app);
        assert_eq!(report.taken["articles"], 2);
        assert_eq!(report.unreadable.len(), 1);
        assert!(report.unreadable[0].line > 10);
        // The whole file later brings what is missing.
        assert_eq!(Moving::new(&whole).moves_into(app).taken["articles"], 6);
    }

    fn what_is_too_large_is_named_and_everything_around_it_is_taken(app: &TestApp) {
        let before = item(10, "post", "publish", "Before", &content("It was."));
        let huge = item(11, "post", "publish", "Huge", &content(&"word ".repeat(14 << 20)));
        let after = item(12, "post", "publish", "After", &content("It is."));
        let report = Moving::new(&export(&[before, huge, after].concat())).moves_into(app);
        assert_eq!(report.taken["articles"], 2, "{report}");
        assert_eq!(report.unreadable.len(), 1, "{report}");
        assert_eq!(report.unreadable[0].line, 11);
        assert_eq!(report.unreadable[0].why, "it is larger than 64 MB");
        assert!(app.get("/2020/01/04/post-12").body.contains("After"));
    }

    fn an_export_keeps_its_letters_in_whatever_encoding_it_says_it_is(app: &TestApp) {
        let items = item(10, "post", "publish", "Société “à l’été”", &content("Déjà vu."));
        let export = export(&items).replace("encoding=\"UTF-8\"", "encoding=\"windows-1252\"");
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(&export);
        let report = Moving::of_bytes(&bytes).moves_into(app);
        assert_eq!((report.taken["articles"], report.lost.len()), (1, 0), "{report}");
        let page = app.get("/2020/01/02/post-10").body;
        assert!(page.contains("Société “à l’été”") && page.contains("Déjà vu."), "{page}");
    }

    fn letters_that_are_in_no_encoding_are_counted_and_the_article_is_taken(app: &TestApp) {
        let items = item(10, "post", "publish", "Société", &content("Déjà vu."));
        let export = export(&items);
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(&export);
        let report = Moving::of_bytes(&bytes).moves_into(app);
        assert_eq!(report.taken["articles"], 1, "{report}");
        assert_eq!((report.lost.len(), report.lost[0].line), (1, 10), "{report}");
        assert!(report.lost[0].why.starts_with("4 characters"), "{report}");
        assert!(app.get("/2020/01/02/post-10").body.contains("D\u{fffd}j\u{fffd} vu."));
    }

    fn an_import_that_is_stopped_keeps_what_it_took_and_goes_on_from_there(app: &TestApp) {
        let moving = Moving::new(&herald());
        let import = importer(app, Pictures::default());
        for stage in 0..3 {
            let stopped = import.run(&moving.file(), &mut |progress| {
                let reached = match progress {
                    Progress::Looking(_) => 0,
                    Progress::Pictures(..) => 1,
                    Progress::Taking(..) => 2,
                };
                if reached >= stage { Err(Stop) } else { Ok(()) }
            });
            assert!(matches!(stopped, Err(ImportError::Stopped)), "{stopped:?}");
        }
        let report = self::import(app, &moving.file(), None);
        assert_eq!(
            (report.taken.get("articles"), report.left["articles"]),
            (None, 8),
            "{report}"
        );
        assert_eq!(app.status("/2020/01/02/post-10"), 200);
    }

    fn pages_are_not_made_anew_with_every_step_of_an_import_and_show_all_of_it_at_its_end(app: &TestApp) {
        let items: String = (1..=1_000)
            .map(|id| item(id, "post", "publish", &format!("Story {id}"), FILED))
            .collect();
        let moving = Moving::new(&export(&items));
        let stories = |app: &TestApp| app.get("/latest").text(".count");
        let version = || app.app.db.known_version();
        let mut steps = vec![version()];
        let stopped = importer(app, Pictures::default()).run(&moving.file(), &mut |progress| {
            if let Progress::Taking(..) = progress {
                steps.push(version());
                app.get("/latest");
            }
            if steps.len() == 5 { Err(Stop) } else { Ok(()) }
        });
        assert!(matches!(stopped, Err(ImportError::Stopped)), "{stopped:?}");
        let taken = stories(app);
        assert!(taken.starts_with("800"), "{taken}");
        let shown: HashSet<i64> = steps.into_iter().collect();
        assert!(shown.len() < 5, "{shown:?}");
        import(app, &moving.file(), None);
        let taken = stories(app);
        assert!(taken.starts_with("1,000"), "{taken}");
        // Nor with every step of looking for stories in the same vein, of which there are forty.
        let before = version();
        app.finish_index();
        assert!(version() - before < 20, "{before} to {}", version());
    }

    fn script_in_an_export_never_runs(app: &TestApp) {
        let evil = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
        let items = item(
            10,
            "post",
            "publish",
            evil,
            &(FILED.to_owned()
                + &content(&format!("{evil}<a href=\"javascript:alert(1)\">x</a>"))
                + &format!("<excerpt:encoded><![CDATA[{evil}]]></excerpt:encoded>")),
        );
        let export = export(&items).replace("Aqsa Bibi", evil);
        Moving::new(&export).moves_into(app);
        for path in ["/", "/2020/01/02/post-10", "/author/aqsa", "/feed.xml"] {
            let page = app.get(path);
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains("<script>alert"), "{path}");
            assert!(!page.body.contains("onerror=alert(1)>"), "{path}");
            assert!(!page.body.contains("javascript:alert"), "{path}");
        }
    }

    fn an_upload_is_read_from_its_folder_and_from_nowhere_else(app: &TestApp) {
        let moving =
            Moving::new(&herald().replace("uploads/2020/01/bridge.png", "uploads/../export.xml"));
        let report = moving.moves_into(app);
        assert!(
            is_skipped(&report, "out of the folder")
        );
        let moving = Moving::new(&herald());
        std::fs::write(
            moving.folder.path().join("uploads/2020/01/bridge.png"),
            "no picture",
        )
        .unwrap();
        let report = moving.moves_into(app);
        assert!(
            report
                .skipped
                .iter()
                .any(|trouble| trouble.what.contains("bridge.png")),
            "{report}"
        );
    }

    fn a_picture_is_found_by_whichever_of_its_names_a_text_has_for_it(app: &TestApp) {
        let at = |name: &str| format!("https://old.example/wp-content/uploads/2020/01/{name}");
        let picture = |name: &str, alt: &str| format!("<img src=\"{}\" alt=\"{alt}\" />\n\n", at(name));
        let upload = |id: u32, name: &str| {
            let url = format!("<wp:attachment_url>{}</wp:attachment_url>", at(name));
            item(id, "attachment", "inherit", name, &url)
        };
        let text = [
            picture("quay-580x300.png", "called so"),
            picture("quay-580x300-150x75.png", "a size of that"),
            picture("pier-scaled.png", "large"),
            picture("pier-300x200.png", "a size of the large one"),
            picture("pier.png", "what the large one was made from"),
        ];
        let moving = Moving::new(&export(
            &[
                item(
                    10,
                    "post",
                    "publish",
                    "Harbour",
                    &(FILED.to_owned() + &content(&text.concat())),
                ),
                upload(50, "quay-580x300.png"),
                upload(51, "pier-scaled.png"),
            ]
            .concat(),
        ));
        let uploads = moving.folder.path().join("uploads/2020/01");
        for name in ["quay-580x300.png", "pier-scaled.png"] {
            std::fs::copy(uploads.join("bridge.png"), uploads.join(name)).unwrap();
        }
        let report = moving.moves_into(app);
        assert!(
            report.lost.is_empty() && report.skipped.is_empty(),
            "{report}"
        );
        let page = app.get("/2020/01/02/post-10");
        assert_eq!(page.attributes(".body figure img", "alt").len(), text.len());
    }

    fn pictures_are_fetched_when_that_is_asked_for_and_never_from_inside_a_network(app: &TestApp) {
        let mut picture = Vec::new();
        image::RgbImage::from_pixel(64, 48, image::Rgb([90, 20, 20]))
            .write_to(
                &mut std::io::Cursor::new(&mut picture),
                image::ImageFormat::Png,
            )
            .unwrap();
        let (address, asked) = old_site(move |path| {
            if path.contains("moved") {
                // Another name of the same machine, which nobody has allowed.
                return b"HTTP/1.1 302 Found\r\nLocation: http://[::1]:9/x.png\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                picture.len()
            );
            [head.into_bytes(), picture.clone()].concat()
        });
        let take = |export: &str, allowed: Vec<IpAddr>| {
            let moving = Moving::new(export);
            let pictures = Pictures { folder: None, fetch: Some(Fetcher::new(allowed)) };
            importer(app, pictures).run(&moving.file(), &mut |_: Progress| Ok(())).unwrap()
        };
        let here = herald().replace(
            "<wp:attachment_url>https://old.example",
            &format!("<wp:attachment_url>http://{address}"),
        );
        let report = take(&here, Vec::new());
        assert!(
            is_skipped(&report, "inside a network"),
            "{report}"
        );
        assert!(asked.try_recv().is_err(), "nobody called");
        let localhost: IpAddr = "127.0.0.1".parse().unwrap();
        let report = take(&here, vec![localhost]);
        assert_eq!(report.taken["pictures"], 1, "{report}");
        assert_eq!(
            app.get("/2020/01/02/post-10")
                .attributes(".body figure img", "alt"),
            ["A bridge"]
        );
        assert_eq!(
            asked.recv().unwrap(),
            "/wp-content/uploads/2020/01/bridge.png"
        );
        let report = take(
            &here
                .replace("01/bridge.png</wp", "01/moved.png</wp")
                .replace("<wp:post_id>50<", "<wp:post_id>51<"),
            vec![localhost],
        );
        assert!(
            is_skipped(&report, "inside a network"),
            "{report}"
        );
    }
}

/// A server that answers every request with this, and says which paths were asked for.
fn old_site(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (send, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            // An error is a client that hung up.
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let _ = stream.write_all(&answer(&path));
            if send.send(path).is_err() {
                return;
            }
        }
    });
    (address, asked)
}

#[test]
fn every_old_address_is_asked_for_and_what_is_lost_is_named() {
    let app = TestApp::with_settings(&[("base_url", "https://new.example")]);
    Moving::new(&herald()).moves_into(&app);
    let visitor = Visitor::new(&app.app.config).unwrap();
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
    let verified = verify::verify(&visitor, &addresses, &|| {}).unwrap();
    assert_eq!((verified.there, verified.moved), (1, 3), "{verified:?}");
    let lost: Vec<(&str, &str)> = verified
        .lost
        .iter()
        .map(|(a, why)| (a.as_str(), why.as_str()))
        .collect();
    assert_eq!(
        lost,
        [
            ("https://old.example/gone", "answers 404"),
            ("https://old.example/?p=12", "answers 404"),
            ("no address", "this is no address")
        ]
    );
    drop(visitor);
    let counted: i64 = app.change(|conn| Ok(view_totals::table.count().get_result(conn)?));
    assert_eq!(counted, 0, "looking is not reading");
}
