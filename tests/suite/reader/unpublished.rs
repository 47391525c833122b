//! Unpublished content: a word that occurs only there must not occur in any response.

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

/// Occurs in every text of the articles that are not public.
const CANARY: &str = "xanthippe";

/// An article with the canary word in every field, and the word "ferry".
fn canary_article(app: &TestApp, (section_id, topic): (i64, i64), name: &str) -> Draft {
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
    fn no_response_contains_text_of_unpublished_articles(app: &TestApp) {
        app.section("news", "News");
        let subsection = app.section("news/coast", "Coast");
        let ferries = app.topic("Ferries");
        let section_and_topic = (subsection, ferries);
        app.standing_page("About us", "<p>Who we are.</p>", "/about");
        let hidden: Vec<i64> = [Status::Draft, Status::Review, Status::Trashed]
            .into_iter()
            .enumerate()
            .map(|(number, status)| {
                app.publish(&Draft {
                    status,
                    ..canary_article(app, section_and_topic, &format!("hidden{number}"))
                })
            })
            .collect();
        let scheduled = app.publish(&Draft {
            published_at: Some(app.now() + TimeDelta::hours(3)),
            ..canary_article(app, section_and_topic, "due")
        });
        // Published, cached and then unpublished.
        let withdrawn = app.publish(&canary_article(app, section_and_topic, "withdrawn"));
        app.update_search_index();
        let path = app.path(withdrawn);
        let lists = ["/", "/latest", "/news", "/feed.xml", "/topic/ferries", "/search?q=ferry", path.as_str()];
        for list in lists {
            assert!(app.get(list).body.to_lowercase().contains(CANARY), "{list}: the published article is missing");
        }
        app.edit(withdrawn, &Draft {
            status: Status::Draft,
            ..canary_article(app, section_and_topic, "withdrawn")
        });
        // A public article refers to all of them.
        let mut all = hidden.clone();
        all.extend([scheduled, withdrawn]);
        let inner: String = all.iter().map(|id| format!("<aside data-also-read=\"{id}\"></aside>")).collect();
        let public = app.publish(&Draft {
            body: SanitizedHtml::new(&format!("<p>A ferry sails.</p>{inner}")),
            also_read_ids: all.clone(),
            topic_ids: vec![ferries],
            ..app.draft(subsection, "Ferry sails")
        });
        app.pin(None, &all);
        app.update_search_index();

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
        queue.extend(xml::parse(&app.get("/sitemap.xml").body).texts("loc"));
        for id in all.iter().chain([&public]) {
            queue.extend([
                format!("/share/{id}.png"), format!("/?p={id}"), format!("/admin/articles/{id}"),
                format!("/admin/articles/{id}/preview"), format!("/preview/{id}"),
            ]);
        }
        // Only articles that were published or scheduled have an address.
        let withdrawn_path = path;
        let scheduled_path = app.path(scheduled);
        for path in [&withdrawn_path, &scheduled_path, &app.path(public)] {
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
            // The requested path itself may be repeated in the response.
            let text = page.body.to_lowercase().replace(&path.to_lowercase(), "");
            assert!(!text.contains(CANARY), "{path}");
            for header in ["location", "link", "set-cookie", "etag"] {
                assert!(!page.header(header).unwrap_or_default().to_lowercase().contains(CANARY) , "{path}: {header}");
            }
            let is_hidden = path == withdrawn_path || path == scheduled_path;
            assert!(!is_hidden || page.status == 404 || page.status == 410, "{path} answers {}", page.status);
            if page.header("content-type").is_some_and(|kind| kind.contains("html")) {
                queue.extend(page.attributes("a, link", "href"));
                queue.extend(page.attributes("img", "src"));
            } else if path.ends_with(".xml") {
                queue.extend(xml::parse(&page.body).texts("loc"));
            }
        }
        assert!(seen.contains(&app.path(public)) && seen.len() > 60, "{}", seen.len());
    }
}
