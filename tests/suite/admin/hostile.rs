//! Script in any field of the managing pages never runs, for readers or for admins.

use dateline::{db::types::UserRole::Admin, models::article::Draft};

use crate::{on_both_engines, support::app::TestApp};

const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "'-alert(1)-'</textarea><svg onload=alert(1)>",
];

/// A form: where it goes, the fields to attack, and what the others hold.
type Form = (String, Vec<&'static str>, Vec<(&'static str, &'static str)>);

/// Looks for anything in a page that would run.
fn harmless(body: &str, path: &str) {
    let page = scraper::Html::parse_document(body);
    let all = scraper::Selector::parse("*").unwrap();
    for element in page.select(&all) {
        let value = element.value();
        let markup = || element.html().chars().take(200).collect::<String>();
        for (name, text) in value.attrs() {
            assert!(!name.starts_with("on"), "{path}: {}", markup());
            let text = text.trim().to_ascii_lowercase();
            let leads = ["href", "src", "action", "formaction", "data-dialog"].contains(&name);
            assert!(
                !(leads && text.starts_with("javascript:")),
                "{path}: {}",
                markup()
            );
        }
        if value.name() == "script" {
            let data = value.attr("type") == Some("application/ld+json");
            let ours = value
                .attr("src")
                .is_some_and(|src| src.starts_with("/assets/"));
            assert!(data || ours, "{path}: {}", markup());
        }
        assert!(value.attr("src") != Some("x"), "{path}: {}", markup());
    }
}

on_both_engines! {
    fn script_in_any_field_stays_harmless_for_readers_and_for_admins(app: &TestApp) {
        let admin = app.staff(Admin);
        let (section, author, topic) = (app.section("news", "News"), app.author("Aqsa Bibi"), app.topic("Gaza"));
        let article = app.publish(&Draft {
            author_ids: vec![author],
            topic_ids: vec![topic],
            ..app.draft(section, "A story")
        });
        app.standing_page("About", "<p>Us.</p>", "/about");
        let standing = admin.get("/admin/pages").attributes(".rows a", "href").remove(0);
        let forms: [Form; 9] = [
            (format!("/admin/sections/{section}"), vec!["name", "slug", "description", "parent"], vec![("name", "News")]),
            (format!("/admin/topics/{topic}"), vec!["name", "slug", "description"], vec![("name", "Gaza")]),
            (format!("/admin/topics/{topic}/merge"), vec!["into"], vec![]),
            (format!("/admin/authors/{author}"), vec!["name", "slug", "title", "biography", "email", "portrait", "network", "url"], vec![("name", "Aqsa")]),
            (standing, vec!["title", "path", "html"], vec![("title", "About")]),
            ("/admin/menus".to_owned(), vec!["header_label", "header_path", "footer_label", "footer_path"], vec![]),
            ("/admin/redirects".to_owned(), vec!["from", "to"], vec![]),
            (
                "/admin/settings".to_owned(),
                vec!["name", "tagline", "language", "time_zone", "date_format", "accent", "agency", "email", "logo", "session_hours", "session_days", "network", "url"],
                vec![("name", "Site"), ("language", "en"), ("time_zone", "UTC"), ("accent", "#112233"), ("session_hours", "8"), ("session_days", "30")],
            ),
            (format!("/admin/users/{}", app.staff(Admin).id), vec!["name", "email", "role", "author"], vec![("name", "A"), ("email", "a@example.org"), ("role", "admin")]),
        ];
        for hostile in HOSTILE {
            for (path, fields, usual) in &forms {
                for field in fields {
                    let partner = match *field {
                        "network" => Some(("url", "https://social.example/")),
                        "url" => Some(("network", "x")),
                        "header_label" => Some(("header_path", "/")),
                        "header_path" => Some(("header_label", "x")),
                        "footer_label" => Some(("footer_path", "/")),
                        "footer_path" => Some(("footer_label", "x")),
                        _ => None,
                    };
                    let mut sent = vec![(*field, hostile)];
                    sent.extend(usual.iter().filter(|(name, _)| name != field));
                    sent.extend(partner);
                    let page = admin.post(path, &sent);
                    assert!([303, 422].contains(&page.status), "{path} {field}: {} {}", page.status, page.body);
                    harmless(&page.body, path);
                    if page.status == 303 {
                        harmless(&admin.get(path).body, path);
                    }
                }
            }
            let query: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
            for list in ["topics", "authors", "redirects"] {
                let path = format!("/admin/{list}?q={query}&after={query}&from={query}");
                harmless(&admin.get(&path).body, &path);
            }
            app.status(&format!("/missing/{query}"));
            app.flush_views();
            for path in ["/admin", "/admin/sections", "/admin/topics", "/admin/authors", "/admin/pages", "/admin/menus", "/admin/redirects", "/admin/settings", "/admin/users", "/admin/account"] {
                let page = admin.get(path);
                assert_eq!(page.status, 200, "{path}");
                harmless(&page.body, path);
            }
            let front = app.get("/");
            let mut paths = front.attributes("a", "href");
            paths.retain(|path| path.starts_with('/'));
            paths.extend(["/about".to_owned(), "/authors".to_owned(), app.path(article)]);
            for path in paths {
                harmless(&app.get(&path).body, &path);
            }
        }
    }
}
