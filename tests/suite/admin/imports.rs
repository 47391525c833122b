//! Moving in from the newsroom: an export is handed over, its progress shown, and told what came of it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use dateline::{
    db::types::{RunState, Stage, UserRole::Admin},
    models::import_run::{self, Position},
};

use super::writing::logged_in;
use crate::{
    ghost, import, on_both_engines,
    support::{
        app::TestApp,
        browser::{Browser, Options},
        page::Page,
        staff::Staff,
    },
};

/// Sends the form with these fields and files: field, name, content.
fn hand_over(staff: &Staff<'_>, fields: &[(&str, &str)], files: &[(&str, &str, &str)]) -> Page {
    let files: Vec<_> = files
        .iter()
        .map(|(field, name, content)| (*field, *name, content.as_bytes()))
        .collect();
    staff.send_files("/admin/import", fields, &files)
}

/// The page of an import that was begun, when it has ended.
fn outcome(staff: &Staff<'_>, begun: &Page) -> Page {
    assert_eq!(begun.status, 303, "{}", begun.body);
    let path = begun.header("location").unwrap().to_owned();
    let asked = Instant::now();
    loop {
        let progress = staff.get_json(&format!("{path}/progress.json"));
        if progress["running"] == false {
            return staff.get(&path);
        }
        assert!(asked.elapsed() < Duration::from_secs(30), "{progress}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Takes a small newspaper in; returns where below `/admin` the newsroom tells of it.
pub fn imported(app: &TestApp) -> String {
    let admin = app.staff(Admin);
    let herald = import::herald();
    let files = [(
        "export",
        "a-long-name-of-a-file-as-systems-make-them.xml",
        herald.as_str(),
    )];
    let begun = hand_over(&admin, &[("system", "wordpress")], &files);
    outcome(&admin, &begun);
    let path = begun.header("location").unwrap();
    path.strip_prefix("/admin").unwrap().to_owned()
}

on_both_engines! {
    fn an_admin_moves_in_from_wordpress_and_reads_what_came_of_it(app: &TestApp) {
        let admin = app.staff(Admin);
        let begun = hand_over(&admin, &[("system", "wordpress")], &[("export", "herald.xml", &import::herald())]);
        let page = outcome(&admin, &begun);
        assert_eq!(page.text(".import-head .tag"), "done");
        let lines = page.texts("tbody tr");
        assert!(lines.iter().any(|line| line.contains("articles") && line.contains('8')), "{lines:?}");
        assert!(page.texts(".import-troubles li").iter().any(|line| line.contains("product")));
        assert_eq!(app.get("/2020/01/02/post-10").text("h1"), "Iran, Japan & others meet");
        assert_eq!(app.status("/2020/01/04/post-12"), 404, "a draft stays one");
        let path = begun.header("location").unwrap();
        assert_eq!(admin.get_json(&format!("{path}/report.json"))["taken"]["articles"], 8);
        let listed = admin.get("/admin/import");
        assert_eq!(listed.attributes(".rows a", "href"), [path]);
        assert!(admin.get("/admin/history").body.contains("herald.xml"));

        let again = hand_over(&admin, &[("system", "wordpress")], &[("export", "herald.xml", &import::herald())]);
        let page = outcome(&admin, &again);
        assert_eq!(page.texts("tbody tr:first-child td"), ["", "", "8"], "left as they are, all");
    }

    fn an_admin_moves_in_from_ghost(app: &TestApp) {
        let admin = app.staff(Admin);
        let begun = hand_over(
            &admin,
            &[("system", "ghost"), ("url", "https://old.example"), ("permalink", "/{slug}/")],
            &[
                ("export", "ghost.json", ghost::EXPORT),
                ("redirects", "redirects.json", r#"[{"from":"/old-bridge/","to":"/the-bridge/"}]"#),
            ],
        );
        outcome(&admin, &begun);
        assert_eq!(app.status("/ministers-meet"), 200);
        assert_eq!(app.moved("/old-bridge"), "/the-bridge");
    }

    fn what_is_only_tried_is_told_of_and_not_kept(app: &TestApp) {
        let admin = app.staff(Admin);
        let begun = hand_over(&admin, &[("system", "wordpress"), ("trial", "yes")], &[("export", "herald.xml", &import::herald())]);
        let page = outcome(&admin, &begun);
        assert_eq!(page.text(".import-head .tag"), "tried");
        assert!(page.texts("tbody tr").iter().any(|line| line.contains("articles")));
        assert_eq!(app.status("/2020/01/02/post-10"), 404);
    }

    fn what_cannot_be_taken_is_told_beside_its_field_and_the_rest_stays_typed(app: &TestApp) {
        let admin = app.staff(Admin);
        let herald = import::herald();
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
            let page = hand_over(&admin, &fields, &files);
            assert_eq!(page.status, 422, "{fields:?}");
            assert!(!page.text(&format!("#error-{wrong}")).is_empty(), "{fields:?}");
            assert_eq!(page.attributes("#field-permalink", "value"), ["/{year}/{slug}/"]);
            assert_eq!(page.attributes("#field-fetch", "checked").len(), 1);
        }
        let broken = hand_over(&admin, &[("system", "wordpress")], &[("export", "x.xml", "<html><p>Hello</p></html>")]);
        let page = outcome(&admin, &broken);
        assert_eq!(page.text(".import-head .tag"), "failed");
        assert!(page.text(".summary").contains("no WordPress export"), "{}", page.text(".summary"));
    }

    fn one_import_goes_on_at_a_time_and_one_that_was_broken_off_lets_the_next_begin(app: &TestApp) {
        let admin = app.staff(Admin);
        let user = app.user("somebody@example.org", Admin);
        let id = app.change(|conn| Ok(import_run::begin(conn, user, "large.xml", false, 1_000, app.now())?)).unwrap();
        let files = [("export", "herald.xml", import::herald())];
        let files: Vec<_> = files.iter().map(|(field, name, text)| (*field, *name, text.as_str())).collect();
        let refused = hand_over(&admin, &[("system", "wordpress")], &files);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Another import is going on"));

        let position = Position { stage: Stage::Taking, done: 250, whole: 1_000, articles: 50 };
        let go_on = app.change(|conn| Ok(import_run::note(conn, id, position, app.now())?));
        assert!(go_on, "nobody has asked it to stop");
        let page = admin.get(&format!("/admin/import/{id}"));
        assert_eq!(page.attributes("#progress progress", "value"), ["25"]);
        assert!(page.text("#progress-text").starts_with("Articles: 50"));
        assert_eq!(admin.post(&format!("/admin/import/{id}/stop"), &[]).status, 303);
        assert!(!app.change(|conn| Ok(import_run::note(conn, id, position, app.now())?)), "it is told to stop");
        assert!(admin.get(&format!("/admin/import/{id}")).text("#progress-text").contains("stops as soon as"));

        app.app.clock.advance(TimeDelta::minutes(1));
        let page = admin.get(&format!("/admin/import/{id}"));
        assert_eq!(page.text(".import-head .tag"), "broken off");
        assert!(page.text(".summary").contains("goes on from there"));
        outcome(&admin, &hand_over(&admin, &[("system", "wordpress")], &files));
        let run = app.change(|conn| Ok(import_run::find(conn, id)?)).unwrap();
        assert_eq!(run.state, RunState::Broken);
        assert_eq!(app.status("/2020/01/02/post-10"), 200);
    }

    fn what_an_export_or_its_name_says_never_runs_on_the_page_of_its_import(app: &TestApp) {
        let admin = app.staff(Admin);
        let evil = "<script>alert(1)</script>";
        let herald = import::herald().replace("A mug", &evil.replace('<', "&lt;"));
        let begun = hand_over(&admin, &[("system", "wordpress")], &[("export", &format!("{evil}.xml"), &herald)]);
        let page = outcome(&admin, &begun);
        assert!(page.text("main").contains(evil), "it is told of");
        assert!(!page.body.contains(evil));
        assert!(!admin.get("/admin/import").body.contains(evil));
    }
}

#[test]
fn a_file_that_was_handed_over_is_gone_when_its_import_has_ended() {
    let app = TestApp::on_sqlite();
    let admin = app.staff(Admin);
    let files = [("export", "herald.xml", import::herald())];
    let files = files
        .each_ref()
        .map(|(field, name, text)| (*field, *name, text.as_str()));
    outcome(
        &admin,
        &hand_over(&admin, &[("system", "wordpress")], &files),
    );
    hand_over(&admin, &[("system", "blogger")], &files);
    let incoming = app.app.config.data_dir.join("incoming");
    let asked = Instant::now();
    while incoming.read_dir().unwrap().count() > 0 {
        assert!(asked.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Chooses a file that was never on a disk.
fn choose_file(browser: &Browser, field: &str, name: &str, content: &str) {
    let content = serde_json::to_string(content).unwrap();
    browser.eval(&format!(
        "const given = new DataTransfer();
         given.items.add(new File([{content}], '{name}'));
         document.getElementById('field-{field}').files = given.files;"
    ));
}

#[test]
fn in_a_browser_the_file_stays_chosen_after_a_mistake_and_the_page_follows_the_import_to_its_end() {
    let app = TestApp::on_sqlite();
    let options = Options::default();
    let Some(browser) = logged_in(&app, "ada@example.org", Admin, options) else {
        return;
    };
    browser.open(&app.url("/admin/import"));
    let shown = |css: &str| {
        browser.eval(&format!(
            "return document.querySelector('{css}').offsetParent !== null;"
        )) == true
    };
    assert!(!shown("#field-url"), "what only Ghost needs is not there");
    choose_file(&browser, "export", "ghost.json", ghost::EXPORT);
    browser.click("#import button.primary");
    browser.wait_until("document.querySelector('#error-export') !== null");
    assert_eq!(
        browser.eval("return document.querySelector('#field-export').files.length;"),
        1
    );
    browser.click("[name=system][value=ghost]");
    assert!(shown("#field-url"));
    browser.fill("#field-url", "https://old.example");
    browser.click("#import button.primary");
    browser.wait_until("document.querySelector('.import-head .tag')?.textContent === 'done'");
    assert_eq!(app.status("/ministers-meet"), 200);
    // The browser tells of the refusal as well.
    assert_eq!(browser.complaints().len(), 1);
}
