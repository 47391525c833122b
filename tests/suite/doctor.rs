//! `dateline doctor`: finds problems, explains them and repairs what it can.

use dateline::doctor::{Finding, State, examine};
use diesel::{RunQueryDsl, sql_query};

use crate::{on_both_engines, support::app::TestApp};

fn findings(app: &TestApp, repair: bool) -> Vec<Finding> {
    examine(&app.app.config, repair, app.now())
}

fn broken(app: &TestApp) -> Vec<&'static str> {
    findings(app, false)
        .iter()
        .filter(|finding| finding.state == State::Broken)
        .map(|finding| finding.check)
        .collect()
}

fn execute(app: &TestApp, statement: &str) {
    app.write(|conn| Ok(sql_query(statement).execute(conn).map(drop)?));
}

on_both_engines! {
    fn missing_index_rows_are_found_and_repaired(app: &TestApp) {
        let news = app.section("news", "News");
        let (first, second) = (app.story(news, "One", 1), app.story(news, "Two", 2));
        assert!(broken(app).is_empty(), "{:?}", findings(app, false));
        let notices: Vec<Finding> = findings(app, false).into_iter().filter(|finding| finding.state == State::Notice).collect();
        assert!(notices.iter().all(|finding| !finding.remedy.is_empty()));
        assert!(notices.iter().any(|finding| finding.check == "backups"));
        assert!(notices.iter().any(|finding| finding.result.contains("no admin")));

        execute(app, &format!("DELETE FROM timeline_entries WHERE article_id = {first}"));
        execute(app, &format!("UPDATE articles SET status = 'draft' WHERE id = {second}"));
        assert_eq!(broken(app), ["search", "lists"]);
        findings(app, true);
        assert!(broken(app).is_empty(), "{:?}", findings(app, false));
        execute(app, &format!("UPDATE articles SET status = 'published' WHERE id = {second}"));
        assert_eq!(broken(app), ["search"], "the repair had removed it");
        findings(app, true);
        assert!(broken(app).is_empty(), "{:?}", findings(app, false));
        assert_eq!(app.get("/search?q=two").texts("main .card-headline"), ["Two"]);

        execute(app, &format!("DELETE FROM addresses WHERE target_id = {first} AND kind = 'article'"));
        assert_eq!(broken(app), ["addresses"]);
    }
}

#[test]
fn missing_picture_files_and_a_damaged_database_are_found() {
    let app = TestApp::on_sqlite();
    app.picture("A row without files");
    assert_eq!(broken(&app), ["pictures"]);
    let mut config = app.app.config.clone();
    config.data_dir = "/proc/no-such-place".into();
    let findings = examine(&config, false, app.now());
    assert!(
        findings
            .iter()
            .any(|finding| finding.check == "data folder" && finding.state == State::Broken)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("damaged.db");
    let mut bytes = vec![7_u8; 40_000];
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    std::fs::write(&file, bytes).unwrap();
    config = app.app.config.clone();
    config.database_url = dateline::db::DatabaseUrl::Sqlite(file);
    let findings = examine(&config, false, app.now());
    let database = findings
        .iter()
        .find(|finding| finding.check == "database")
        .unwrap();
    assert_eq!(database.state, State::Broken, "{database:?}");
    config.database_url = dateline::db::DatabaseUrl::Sqlite(folder.path().join("none.db"));
    let findings = examine(&config, false, app.now());
    assert!(
        findings
            .iter()
            .any(|finding| finding.result.contains("does not exist"))
    );
    assert!(
        !folder.path().join("none.db").exists(),
        "the doctor creates no database"
    );
}
