//! What is not public is nowhere: a word that stands only there is looked for in every answer.

use std::collections::HashSet;

use chrono::TimeDelta;
use dateline::{
    db::types::Status,
    models::article::{Dateline, Draft},
    text::SanitizedHtml,
};

use crate::{
    on_both_engines,
    support::{app::TestApp, xml},
};

/// In everything that is written of an article that is not public.
const CANARY: &str = "xanthippe";

/// An article that says the canary word wherever it can say something, and "ferry".
fn secret(app: &TestApp, (section_id, topic): (i64, i64), name: &str) -> Draft {
    let word = format!("{CANARY} {name}");
    Draft {
        kicker: word.clone(),
        standfirst: format!("{word} ferry."),
        dateline: Some(Dateline {
            place: word.clone(),
            date: None,
            agency: word.clone(),
        }),
        body: SanitizedHtml::new(&format!("<p>{word} ferry harbour</p>")),
        lead_media_id: Some(app.picture(&word)),
        search_title: word.clone(),
        search_description: word.clone(),
        translations: format!("de https://{CANARY}.example/"),
        topic_ids: vec![topic],
        ..app.draft(section_id, &format!("{word} ferry"))
    }
}

on_both_engines! {
    fn no_word_of_what_is_not_public_is_in_any_answer(app: &TestApp) {
        app.section("news", "News");
        let below = app.section("news/coast", "Coast");
        let ferries = app.topic("Ferries");
        let place = (below, ferries);
        app.standing_page("About us", "<p>Who we are.</p>", "/about");
        let hidden: Vec<i64> = [Status::Draft, Status::Review, Status::Trashed]
            .into_iter()
            .enumerate()
            .map(|(number, status)| {
                app.publish(&Draft {
                    status,
                    ..secret(app, place, &format!("hidden{number}"))
                })
            })
            .collect();
        let due = app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(3)),
            ..secret(app, place, "due")
        });
        // It was public, and kept in memory, and is no more.
        let withdrawn = app.publish(&secret(app, place, "withdrawn"));
        app.finish_index();
        let path = app.path(withdrawn);
        let lists = ["/", "/latest", "/news", "/feed.xml", "/topic/ferries", "/search?q=ferry", path.as_str()];
        for list in lists {
            assert!(app.get(list).body.to_lowercase().contains(CANARY), "{list}: the test sees what is public");
        }
        app.edit(withdrawn, &Draft {
            status: Status::Draft,
            ..secret(app, place, "withdrawn")
        });
        // What is public refers to all of it.
        let mut all = hidden.clone();
        all.extend([due, withdrawn]);
        let inner: String = all.iter().map(|id| format!("<aside data-also-read=\"{id}\"></aside>")).collect();
        let open = app.publish(&Draft {
            body: SanitizedHtml::new(&format!("<p>A ferry sails.</p>{inner}")),
            also_read_ids: all.clone(),
            topic_ids: vec![ferries],
            ..app.draft(below, "Ferry sails")
        });
        app.place(None, &all);
        app.finish_index();

        let mut queue: Vec<String> = [
            "/", "/feed.atom", "/feed.json", "/sitemap.xml", "/sitemaps/news.xml", "/robots.txt", "/humans.txt",
            "/site.webmanifest", "/.well-known/security.txt", "/favicon.ico", "/healthz", "/readyz", "/admin/login",
            "/search?q=ferry", "/search?q=ferry&sort=newest", "/search?q=harbour", "/search?q=ferry+harbour",
            "/search?q=ferri", "/search?q=%22ferry+harbour%22", "/search?q=ferry&section=/news/coast",
            "/search?q=ferry&topic=ferries", "/search?q=withdrawm",
            "/ferry-harbour", "/preview/x", "/metrics", "/admin", "/admin/articles", "/admin/articles.json?q=ferry",
            "/most-popular/week", "/most-popular/ever", "/api", "/assets/x",
        ]
        .map(str::to_owned)
        .into();
        queue.extend(xml::read(&app.get("/sitemap.xml").body).texts("loc"));
        for id in all.iter().chain([&open]) {
            queue.extend([
                format!("/share/{id}.png"), format!("/?p={id}"), format!("/admin/articles/{id}"),
                format!("/admin/articles/{id}/preview"), format!("/preview/{id}"),
            ]);
        }
        // Those that have an address: what never was out has none.
        let withdrawn_path = path;
        let due_path = app.path(due);
        for path in [&withdrawn_path, &due_path, &app.path(open)] {
            queue.extend([path.clone(), format!("{path}/feed.xml"), format!("{path}?page=2")]);
        }
        let mut seen = HashSet::new();
        while let Some(url) = queue.pop() {
            let path = url.replace(&app.app.base_url, "");
            if !path.starts_with('/') || !seen.insert(path.clone()) {
                continue;
            }
            let page = app.get(&path);
            assert!(page.status < 500, "{path}");
            // Its own address is what somebody asked for, who knows it.
            let said = page.body.to_lowercase().replace(&path.to_lowercase(), "");
            assert!(!said.contains(CANARY), "{path}");
            for header in ["location", "link", "set-cookie", "etag"] {
                assert!(!page.header(header).unwrap_or_default().to_lowercase().contains(CANARY) , "{path}: {header}");
            }
            let is_hidden = path == withdrawn_path || path == due_path;
            assert!(!is_hidden || page.status == 404 || page.status == 410, "{path} answers {}", page.status);
            if page.header("content-type").is_some_and(|kind| kind.contains("html")) {
                queue.extend(page.attributes("a, link", "href"));
                queue.extend(page.attributes("img", "src"));
            } else if path.ends_with(".xml") {
                queue.extend(xml::read(&page.body).texts("loc"));
            }
        }
        assert!(seen.contains(&app.path(open)) && seen.len() > 60, "{}", seen.len());
    }
}
