//! Access control: every newsroom route against every role.

use std::collections::BTreeSet;

use dateline::{
    db::types::UserRole::{self, Admin, Author, Contributor, Editor},
    routes,
};

use crate::{on_both_engines, support::app::TestApp};

/// Every newsroom route and the role that it requires, repeated here so that an accidental change of a
/// route's role fails a test.
const ROUTES: &[(&str, &str, UserRole)] = &[
    ("GET", "/admin", Contributor),
    ("GET", "/admin/account", Contributor),
    ("GET", "/admin/account/second-factor", Contributor),
    ("GET", "/admin/media", Contributor),
    ("GET", "/admin/media.json", Contributor),
    ("GET", "/admin/media/{id}", Contributor),
    ("GET", "/admin/{rest:.*}", Contributor),
    ("POST", "/admin/account", Contributor),
    ("POST", "/admin/account/password", Contributor),
    ("POST", "/admin/account/recovery-codes", Contributor),
    ("POST", "/admin/account/second-factor", Contributor),
    ("POST", "/admin/account/second-factor/off", Contributor),
    ("POST", "/admin/account/sessions/end", Contributor),
    ("POST", "/admin/account/sessions/end-others", Contributor),
    ("POST", "/admin/logout", Contributor),
    ("GET", "/admin/articles", Contributor),
    ("GET", "/admin/articles.json", Contributor),
    ("GET", "/admin/articles/new", Contributor),
    ("GET", "/admin/articles/{id}", Contributor),
    ("GET", "/admin/articles/{id}/corrections", Contributor),
    ("GET", "/admin/articles/{id}/preview", Contributor),
    ("GET", "/admin/articles/{id}/preview-links", Contributor),
    ("GET", "/admin/articles/{id}/publish", Contributor),
    ("GET", "/admin/articles/{id}/revisions", Contributor),
    (
        "GET",
        "/admin/articles/{id}/revisions/{revision}",
        Contributor,
    ),
    ("POST", "/admin/articles/bulk", Editor),
    ("POST", "/admin/articles/new", Contributor),
    ("POST", "/admin/articles/{id}", Contributor),
    ("POST", "/admin/articles/{id}/corrections", Author),
    ("POST", "/admin/articles/{id}/corrections/remove", Author),
    ("POST", "/admin/articles/{id}/leave.json", Contributor),
    ("POST", "/admin/articles/{id}/presence.json", Contributor),
    ("POST", "/admin/articles/{id}/preview-links", Contributor),
    (
        "POST",
        "/admin/articles/{id}/preview-links/revoke",
        Contributor,
    ),
    ("POST", "/admin/articles/{id}/publish", Author),
    ("POST", "/admin/articles/{id}/restore", Contributor),
    ("POST", "/admin/articles/{id}/review", Contributor),
    (
        "POST",
        "/admin/articles/{id}/revisions/{revision}/restore",
        Contributor,
    ),
    ("POST", "/admin/articles/{id}/send-back", Contributor),
    ("POST", "/admin/articles/{id}/trash", Contributor),
    ("POST", "/admin/articles/{id}/unpublish", Author),
    // Administration.
    ("GET", "/admin/authors", Editor),
    ("GET", "/admin/authors/new", Editor),
    ("GET", "/admin/authors/{id}", Contributor),
    ("POST", "/admin/authors", Editor),
    ("POST", "/admin/authors/{id}", Contributor),
    ("POST", "/admin/authors/{id}/delete", Editor),
    ("GET", "/admin/menus", Editor),
    ("POST", "/admin/menus", Editor),
    ("GET", "/admin/pages", Editor),
    ("GET", "/admin/pages/new", Editor),
    ("GET", "/admin/pages/{id}", Editor),
    ("POST", "/admin/pages", Editor),
    ("POST", "/admin/pages/{id}", Editor),
    ("POST", "/admin/pages/{id}/delete", Editor),
    ("GET", "/admin/redirects", Editor),
    ("POST", "/admin/redirects", Editor),
    ("POST", "/admin/redirects/delete", Editor),
    ("POST", "/admin/redirects/forget", Editor),
    ("GET", "/admin/topics", Editor),
    ("GET", "/admin/topics/new", Editor),
    ("GET", "/admin/topics/{id}", Editor),
    ("POST", "/admin/topics", Editor),
    ("POST", "/admin/topics/{id}", Editor),
    ("POST", "/admin/topics/{id}/merge", Editor),
    ("POST", "/admin/topics/{id}/delete", Editor),
    ("GET", "/admin/sections", Editor),
    ("GET", "/admin/sections/new", Editor),
    ("GET", "/admin/sections/{id}", Editor),
    ("POST", "/admin/sections", Editor),
    ("POST", "/admin/sections/{id}", Editor),
    ("POST", "/admin/sections/{id}/shift", Editor),
    ("POST", "/admin/sections/{id}/delete", Editor),
    ("GET", "/admin/import", Admin),
    ("POST", "/admin/import", Admin),
    ("GET", "/admin/import/{id}", Admin),
    ("GET", "/admin/import/{id}/progress.json", Admin),
    ("GET", "/admin/import/{id}/report.json", Admin),
    ("POST", "/admin/import/{id}/stop", Admin),
    ("GET", "/admin/settings", Admin),
    ("POST", "/admin/settings", Admin),
    ("GET", "/admin/users", Admin),
    ("GET", "/admin/users/new", Admin),
    ("GET", "/admin/users/{id}", Admin),
    ("POST", "/admin/users", Admin),
    ("POST", "/admin/users/{id}", Admin),
    ("POST", "/admin/users/{id}/link", Admin),
    ("POST", "/admin/users/{id}/sessions/end", Admin),
    ("POST", "/admin/users/{id}/second-factor/off", Admin),
    ("POST", "/admin/media", Contributor),
    ("POST", "/admin/media.json", Contributor),
    ("POST", "/admin/media/{id}", Contributor),
    ("POST", "/admin/media/{id}/delete", Editor),
    ("POST", "/admin/media/{id}/replace", Editor),
    ("GET", "/admin/calendar", Contributor),
    ("GET", "/admin/edition", Editor),
    ("POST", "/admin/edition", Editor),
    ("GET", "/admin/history", Editor),
];

#[test]
fn every_route_requires_its_documented_role() {
    let registered: BTreeSet<_> = routes::newsroom_routes()
        .into_iter()
        .map(|route| (route.method, route.path, route.needs.as_str()))
        .collect();
    let expected: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path, required_role)| (*method, *path, required_role.as_str()))
        .collect();
    let unexpected: Vec<_> = registered.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&registered).collect();
    assert!(
        unexpected.is_empty() && missing.is_empty(),
        "unexpected: {unexpected:?}, missing: {missing:?}"
    );
}

/// The path of a route with its parameters replaced by an unused id.
fn fill_parameters(path: &str) -> String {
    let mut path_with_values = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        path_with_values.push_str(before);
        path_with_values.push_str("999999");
        rest = after.split_once('}').unwrap().1;
    }
    path_with_values + rest
}

on_both_engines! {
    fn routes_refuse_anonymous_users_and_lower_roles(app: &TestApp) {
        let staff = [Contributor, Author, Editor, Admin].map(|role| (role, app.staff(role)));
        let anonymous = app.anonymous();
        for (method, path, required_role) in ROUTES {
            let url = fill_parameters(path);
            let page = match *method {
                "GET" => anonymous.get(&url),
                _ => anonymous.post(&url, &[]),
            };
            let expected: &[u16] = if *method == "GET" { &[303, 401] } else { &[401] };
            assert!(expected.contains(&page.status), "{method} {path} answers an anonymous user {}", page.status);
            if *path == "/admin/logout" {
                continue;
            }
            for (role, user) in &staff {
                if *method == "GET" {
                    let status = user.get(&url).status;
                    assert_eq!(status == 403, *role < *required_role, "{method} {path} answers {role:?} {status}");
                } else if *role < *required_role {
                    assert_eq!(user.post(&url, &[]).status, 403, "{method} {path} as {role:?}");
                }
            }
        }
    }

    fn forms_without_csrf_token_or_from_other_sites_are_refused(app: &TestApp) {
        let admin = app.staff(Admin);
        let same_origin = ("sec-fetch-site", "same-origin");
        let token = admin.csrf();
        let other_session_token = app.staff(Admin).csrf();
        for (method, path, _) in ROUTES.iter().filter(|(method, ..)| *method == "POST") {
            let url = fill_parameters(path);
            for (fields, headers) in [
                (vec![], vec![same_origin]),
                (vec![("csrf", other_session_token.as_str())], vec![same_origin]),
                (vec![("csrf", "")], vec![same_origin]),
                (vec![("csrf", token.as_str())], vec![]),
                (vec![("csrf", token.as_str())], vec![("sec-fetch-site", "cross-site")]),
                (vec![("csrf", token.as_str())], vec![("sec-fetch-site", "same-site")]),
                (vec![("csrf", token.as_str())], vec![("origin", "https://evil.example")]),
                (vec![("csrf", token.as_str())], vec![("origin", "null")]),
            ] {
                let page = admin.post_with(&url, &fields, &headers);
                assert_eq!(page.status, 400, "{method} {path} with {fields:?} {headers:?}");
            }
        }
        assert_eq!(admin.get("/admin").status, 200, "refused forms do not end the session");
    }
}
