//! Cross-site scripting: markup in any field of the administration pages never runs, for readers or staff.

use dateline::{db::types::UserRole::Admin, models::article::Draft};

use crate::{on_both_engines, support::app::TestApp};

const PAYLOADS: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "'-alert(1)-'</textarea><svg onload=alert(1)>",
];

/// A form: its path, the fields to attack, and valid values of the other fields.
type Form = (String, Vec<&'static str>, Vec<(&'static str, &'static str)>);

/// Fails if the page contains anything that would run.
fn assert_no_script(body: &str, path: &str) {
    let page = scraper::Html::parse_document(body);
    let all = scraper::Selector::parse("*").unwrap();
    for element in page.select(&all) {
        let value = element.value();
        let markup = || element.html().chars().take(200).collect::<String>();
        for (name, text) in value.attrs() {
            assert!(!name.starts_with("on"), "{path}: {}", markup());
            let text = text.trim().to_ascii_lowercase();
            let is_url = ["href", "src", "action", "formaction", "data-dialog"].contains(&name);
            assert!(
                !(is_url && text.starts_with("javascript:")),
                "{path}: {}",
                markup()
            );
        }
        if value.name() == "script" {
            let is_json_ld = value.attr("type") == Some("application/ld+json");
            let is_own_asset = value
                .attr("src")
                .is_some_and(|src| src.starts_with("/assets/"));
            assert!(is_json_ld || is_own_asset, "{path}: {}", markup());
        }
        assert!(value.attr("src") != Some("x"), "{path}: {}", markup());
    }
}

on_both_engines! {
    fn markup_in_any_admin_field_never_runs(app: &TestApp) {
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
                vec!["name", "tagline", "language", "time_zone", "date_format", "accent", "agency", "email", "logo", "session_hours", "session_max_hours", "session_days", "network", "url"],
                vec![("name", "Site"), ("language", "en"), ("time_zone", "UTC"), ("accent", "#112233"), ("session_hours", "8"), ("session_max_hours", "12"), ("session_days", "30")],
            ),
            (format!("/admin/users/{}", app.staff(Admin).id), vec!["name", "email", "role", "author"], vec![("name", "A"), ("email", "a@example.org"), ("role", "admin")]),
        ];
        for payload in PAYLOADS {
            for (path, fields, valid) in &forms {
                for field in fields {
                    let required_partner = match *field {
                        "network" => Some(("url", "https://social.example/")),
                        "url" => Some(("network", "x")),
                        "header_label" => Some(("header_path", "/")),
                        "header_path" => Some(("header_label", "x")),
                        "footer_label" => Some(("footer_path", "/")),
                        "footer_path" => Some(("footer_label", "x")),
                        _ => None,
                    };
                    let mut sent = vec![(*field, payload)];
                    sent.extend(valid.iter().filter(|(name, _)| name != field));
                    sent.extend(required_partner);
                    let page = admin.post(path, &sent);
                    assert!([303, 422].contains(&page.status), "{path} {field}: {} {}", page.status, page.body);
                    assert_no_script(&page.body, path);
                    if page.status == 303 {
                        assert_no_script(&admin.get(path).body, path);
                    }
                }
            }
            let query: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
            for list in ["topics", "authors", "redirects"] {
                let path = format!("/admin/{list}?q={query}&after={query}&from={query}");
                assert_no_script(&admin.get(&path).body, &path);
            }
            app.status(&format!("/missing/{query}"));
            app.flush_views();
            for path in ["/admin", "/admin/sections", "/admin/topics", "/admin/authors", "/admin/pages", "/admin/menus", "/admin/redirects", "/admin/settings", "/admin/users", "/admin/account"] {
                let page = admin.get(path);
                assert_eq!(page.status, 200, "{path}");
                assert_no_script(&page.body, path);
            }
            let front = app.get("/");
            let mut paths = front.attributes("a", "href");
            paths.retain(|path| path.starts_with('/'));
            paths.extend(["/about".to_owned(), "/authors".to_owned(), app.path(article)]);
            for path in paths {
                assert_no_script(&app.get(&path).body, &path);
            }
        }
    }
}
