//! Imports started in the newsroom: upload, progress, report.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use dateline::{
    db::types::{RunState, Stage, UserRole::Admin},
    models::import_run::{self, Position},
};

use super::logged_in_browser;
use crate::{
    import::{ghost, wordpress},
    on_both_engines,
    support::{
        app::TestApp,
        browser::{Browser, Options},
        page::Page,
        staff::Staff,
    },
};

/// Submits the import form with these fields and files: field, name, content.
fn start_import(staff: &Staff<'_>, fields: &[(&str, &str)], files: &[(&str, &str, &str)]) -> Page {
    let files: Vec<_> = files
        .iter()
        .map(|(field, name, content)| (*field, *name, content.as_bytes()))
        .collect();
    staff.send_files("/admin/import", fields, &files)
}

/// The page of a started import, once it has ended.
fn finished_page(staff: &Staff<'_>, started: &Page) -> Page {
    assert_eq!(started.status, 303, "{}", started.body);
    let path = started.header("location").unwrap().to_owned();
    let start = Instant::now();
    loop {
        let progress = staff.get_json(&format!("{path}/progress.json"));
        if progress["running"] == false {
            return staff.get(&path);
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{progress}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Imports a small newspaper; returns the path of the import's page below `/admin`.
pub fn imported(app: &TestApp) -> String {
    let admin = app.staff(Admin);
    let herald = wordpress::herald();
    let files = [(
        "export",
        "a-long-name-of-a-file-as-systems-make-them.xml",
        herald.as_str(),
    )];
    let started = start_import(&admin, &[("system", "wordpress")], &files);
    finished_page(&admin, &started);
    let path = started.header("location").unwrap();
    path.strip_prefix("/admin").unwrap().to_owned()
}

on_both_engines! {
    fn an_admin_imports_from_wordpress_and_gets_a_report(app: &TestApp) {
        let admin = app.staff(Admin);
        let started = start_import(&admin, &[("system", "wordpress")], &[("export", "herald.xml", &wordpress::herald())]);
        let page = finished_page(&admin, &started);
        assert_eq!(page.text(".import-head .tag"), "done");
        let lines = page.texts("tbody tr");
        assert!(lines.iter().any(|line| line.contains("articles") && line.contains('8')), "{lines:?}");
        assert!(page.texts(".import-troubles li").iter().any(|line| line.contains("product")));
        assert_eq!(app.get("/2020/01/02/post-10").text("h1"), "Iran, Japan & others meet");
        assert_eq!(app.status("/2020/01/04/post-12"), 404, "drafts stay drafts");
        let path = started.header("location").unwrap();
        assert_eq!(admin.get_json(&format!("{path}/report.json"))["taken"]["articles"], 8);
        let listed = admin.get("/admin/import");
        assert_eq!(listed.attributes(".rows a", "href"), [path]);
        assert!(admin.get("/admin/history").body.contains("herald.xml"));

        let again = start_import(&admin, &[("system", "wordpress")], &[("export", "herald.xml", &wordpress::herald())]);
        let page = finished_page(&admin, &again);
        assert_eq!(page.texts("tbody tr:first-child td"), ["", "", "8"], "all are unchanged");
    }

    fn an_admin_imports_from_ghost(app: &TestApp) {
        let admin = app.staff(Admin);
        let started = start_import(
            &admin,
            &[("system", "ghost"), ("url", "https://old.example"), ("permalink", "/{slug}/")],
            &[
                ("export", "ghost.json", ghost::EXPORT),
                ("redirects", "redirects.json", r#"[{"from":"/old-bridge/","to":"/the-bridge/"}]"#),
            ],
        );
        finished_page(&admin, &started);
        assert_eq!(app.status("/ministers-meet"), 200);
        assert_eq!(app.redirect_target("/old-bridge"), "/the-bridge");
    }

    fn a_dry_run_is_reported_and_saves_nothing(app: &TestApp) {
        let admin = app.staff(Admin);
        let started = start_import(&admin, &[("system", "wordpress"), ("trial", "yes")], &[("export", "herald.xml", &wordpress::herald())]);
        let page = finished_page(&admin, &started);
        assert_eq!(page.text(".import-head .tag"), "dry run");
        assert!(page.texts("tbody tr").iter().any(|line| line.contains("articles")));
        assert_eq!(app.status("/2020/01/02/post-10"), 404);
    }

    fn invalid_imports_are_refused_and_the_form_values_stay(app: &TestApp) {
        let admin = app.staff(Admin);
        let herald = wordpress::herald();
        for (fields, files, wrong) in [
            (vec![("system", "wordpress")], vec![], "export"),
            (vec![("system", "wordpress")], vec![("export", "x.xml", "")], "export"),
            (vec![("system", "wordpress")], vec![("export", "x.json", ghost::EXPORT)], "export"),
            (vec![("system", "ghost"), ("url", "https://old.example")], vec![("export", "x.xml", herald.as_str())], "export"),
            (vec![("system", "ghost"), ("url", "")], vec![("export", "x.json", ghost::EXPORT)], "url"),
            (vec![("system", "ghost"), ("url", "old")], vec![("export", "x.json", ghost::EXPORT)], "url"),
            (vec![("system", "blogger")], vec![("export", "x.xml", herald.as_str())], "system"),
        ] {
            let mut fields = fields;
            fields.push(("permalink", "/{year}/{slug}/"));
            fields.push(("fetch", "yes"));
            let page = start_import(&admin, &fields, &files);
            assert_eq!(page.status, 422, "{fields:?}");
            assert!(!page.text(&format!("#error-{wrong}")).is_empty(), "{fields:?}");
            assert_eq!(page.attributes("#field-permalink", "value"), ["/{year}/{slug}/"]);
            assert_eq!(page.attributes("#field-fetch", "checked").len(), 1);
        }
        let broken = start_import(&admin, &[("system", "wordpress")], &[("export", "x.xml", "<html><p>Hello</p></html>")]);
        let page = finished_page(&admin, &broken);
        assert_eq!(page.text(".import-head .tag"), "failed");
        assert!(page.text(".summary").contains("not a WordPress export"), "{}", page.text(".summary"));
    }

    fn imports_run_one_at_a_time_and_a_dead_one_blocks_no_other(app: &TestApp) {
        let admin = app.staff(Admin);
        let user = app.user("another-admin@example.org", Admin);
        let id = app.write(|conn| Ok(import_run::begin(conn, user, "large.xml", false, 1_000, app.now())?)).unwrap();
        let files = [("export", "herald.xml", wordpress::herald())];
        let files: Vec<_> = files.iter().map(|(field, name, text)| (*field, *name, text.as_str())).collect();
        let refused = start_import(&admin, &[("system", "wordpress")], &files);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Another import is running"));

        let position = Position { stage: Stage::Articles, done: 250, whole: 1_000, articles: 50 };
        let may_continue = app.write(|conn| Ok(import_run::record_progress(conn, id, position, app.now())?));
        assert!(may_continue, "no stop was requested");
        let page = admin.get(&format!("/admin/import/{id}"));
        assert_eq!(page.attributes("#progress progress", "value"), ["25"]);
        assert!(page.text("#progress-text").starts_with("Articles: 50"));
        assert_eq!(admin.post(&format!("/admin/import/{id}/stop"), &[]).status, 303);
        assert!(!app.write(|conn| Ok(import_run::record_progress(conn, id, position, app.now())?)), "a stop was requested");
        assert!(admin.get(&format!("/admin/import/{id}")).text("#progress-text").contains("Stopping"));

        app.app.clock.advance(TimeDelta::minutes(1));
        let page = admin.get(&format!("/admin/import/{id}"));
        assert_eq!(page.text(".import-head .tag"), "interrupted");
        assert!(page.text(".summary").contains("Upload the same file again"));
        finished_page(&admin, &start_import(&admin, &[("system", "wordpress")], &files));
        let run = app.write(|conn| Ok(import_run::find(conn, id)?)).unwrap();
        assert_eq!(run.state, RunState::Broken);
        assert_eq!(app.status("/2020/01/02/post-10"), 200);
    }

    fn markup_in_an_export_or_its_name_never_runs(app: &TestApp) {
        let admin = app.staff(Admin);
        let payload = "<script>alert(1)</script>";
        let herald = wordpress::herald().replace("A mug", &payload.replace('<', "&lt;"));
        let started = start_import(&admin, &[("system", "wordpress")], &[("export", &format!("{payload}.xml"), &herald)]);
        let page = finished_page(&admin, &started);
        assert!(page.text("main").contains(payload), "the report contains the text");
        assert!(!page.body.contains(payload));
        assert!(!admin.get("/admin/import").body.contains(payload));
    }
}

#[test]
fn uploaded_exports_are_deleted_after_the_import() {
    let app = TestApp::on_sqlite();
    let admin = app.staff(Admin);
    let files = [("export", "herald.xml", wordpress::herald())];
    let files = files
        .each_ref()
        .map(|(field, name, text)| (*field, *name, text.as_str()));
    finished_page(
        &admin,
        &start_import(&admin, &[("system", "wordpress")], &files),
    );
    start_import(&admin, &[("system", "blogger")], &files);
    let incoming = app.app.config.data_dir.join("incoming");
    let start = Instant::now();
    while incoming.read_dir().unwrap().count() > 0 {
        assert!(start.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Selects a file that exists only in the page.
fn choose_file(browser: &Browser, field: &str, name: &str, content: &str) {
    let content = serde_json::to_string(content).unwrap();
    browser.eval(&format!(
        "const given = new DataTransfer();
         given.items.add(new File([{content}], '{name}'));
         document.getElementById('field-{field}').files = given.files;"
    ));
}

#[test]
fn the_import_form_keeps_its_file_and_the_page_shows_progress() {
    let app = TestApp::on_sqlite();
    let options = Options::default();
    let Some(browser) = logged_in_browser(&app, "ada@example.org", Admin, options) else {
        return;
    };
    browser.open(&app.url("/admin/import"));
    let is_visible = |css: &str| {
        browser.eval(&format!(
            "return document.querySelector('{css}').offsetParent !== null;"
        )) == true
    };
    assert!(!is_visible("#field-url"), "fields for Ghost are hidden");
    choose_file(&browser, "export", "ghost.json", ghost::EXPORT);
    browser.click("#import button.primary");
    browser.wait_until("document.querySelector('#error-export') !== null");
    assert_eq!(
        browser.eval("return document.querySelector('#field-export').files.length;"),
        1
    );
    browser.click("[name=system][value=ghost]");
    assert!(is_visible("#field-url"));
    browser.fill("#field-url", "https://old.example");
    browser.click("#import button.primary");
    browser.wait_until("document.querySelector('.import-head .tag')?.textContent === 'done'");
    assert_eq!(app.status("/ministers-meet"), 200);
    // The browser also logs the refused request.
    assert_eq!(browser.console_errors().len(), 1);
}
