//! Accessibility of every newsroom page, checked with axe.

use dateline::db::types::UserRole;

use super::{imports::imported, logged_in_browser};
use crate::support::{
    app::TestApp,
    browser::{ColorScheme, Options},
    npm_file,
};

#[test]
fn newsroom_pages_have_no_accessibility_violations() {
    let app = TestApp::on_sqlite();
    crate::demo::publish(&app);
    let now = app.now();
    app.write(|conn| dateline::demo::newsroom::fill(conn, now));
    let Some(axe) = npm_file("axe-core/axe.min.js") else {
        return;
    };
    let axe = std::fs::read_to_string(axe).unwrap();
    let Some(browser) = logged_in_browser(
        &app,
        "chief@example.org",
        UserRole::Admin,
        Options::default(),
    ) else {
        return;
    };
    let import = imported(&app);
    let paths: Vec<String> = [
        "",
        "/account",
        "/account/second-factor",
        "/articles",
        "/articles/new",
        "/articles/1",
        "/articles/1/publish",
        "/articles/1/revisions",
        "/articles/1/corrections",
        "/articles/1/preview-links",
        "/authors",
        "/authors/new",
        "/authors/1",
        "/calendar",
        "/edition",
        "/history",
        "/import",
        &import,
        "/media",
        "/media/1",
        "/menus",
        "/pages",
        "/pages/new",
        "/redirects",
        "/sections",
        "/sections/new",
        "/sections/1",
        "/settings",
        "/topics",
        "/topics/new",
        "/topics/1",
        "/users",
        "/users/new",
        "/users/1",
    ]
    .iter()
    .map(|path| app.url(&format!("/admin{path}")))
    .collect();
    let mut found = vec![];
    for (width, scheme) in [(375, ColorScheme::Light), (1280, ColorScheme::Dark)] {
        browser.resize(width, 800);
        browser.set_color_scheme(scheme);
        let violations = crate::browser::accessibility_violations(&browser, &axe, &paths);
        found.extend(
            violations
                .into_iter()
                .map(|what| format!("{width} {scheme:?} {what}")),
        );
    }
    browser.resize(320, 800);
    for path in &paths {
        browser.open(path);
        found.extend(
            crate::browser::overflow(&browser).map(|what| format!("{path} overflows: {what}")),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
