//! The doctor finds what is wrong, says how to mend it, and mends what can be mended.

use dateline::doctor::{Finding, State, examine};
use diesel::{RunQueryDsl, sql_query};

use crate::{on_both_engines, support::app::TestApp};

fn found(app: &TestApp, mend: bool) -> Vec<Finding> {
    examine(&app.app.config, mend, app.now())
}

fn broken(app: &TestApp) -> Vec<&'static str> {
    found(app, false)
        .iter()
        .filter(|one| one.state == State::Broken)
        .map(|one| one.what)
        .collect()
}

fn run(app: &TestApp, statement: &str) {
    app.change(|conn| Ok(sql_query(statement).execute(conn).map(drop)?));
}

on_both_engines! {
    fn a_newspaper_in_order_is_fine_and_what_is_missing_is_mended(app: &TestApp) {
        let news = app.section("news", "News");
        let (one, two) = (app.story(news, "One", 1), app.story(news, "Two", 2));
        assert!(broken(app).is_empty(), "{:?}", found(app, false));
        let notices: Vec<Finding> = found(app, false).into_iter().filter(|one| one.state == State::Notice).collect();
        assert!(notices.iter().all(|one| !one.mend.is_empty()));
        assert!(notices.iter().any(|one| one.what == "backups"));
        assert!(notices.iter().any(|one| one.said.contains("no admin")));

        run(app, &format!("DELETE FROM river_entries WHERE article_id = {one}"));
        run(app, &format!("UPDATE articles SET status = 'draft' WHERE id = {two}"));
        assert_eq!(broken(app), ["search", "lists"]);
        found(app, true);
        assert!(broken(app).is_empty(), "{:?}", found(app, false));
        run(app, &format!("UPDATE articles SET status = 'published' WHERE id = {two}"));
        assert_eq!(broken(app), ["search"], "it was taken out");
        found(app, true);
        assert!(broken(app).is_empty(), "{:?}", found(app, false));
        assert_eq!(app.get("/search?q=two").texts("main .card-headline"), ["Two"]);

        run(app, &format!("DELETE FROM addresses WHERE target_id = {one} AND kind = 'article'"));
        assert_eq!(broken(app), ["addresses"]);
    }
}

#[test]
fn pictures_without_files_and_a_damaged_file_are_found() {
    let app = TestApp::on_sqlite();
    app.picture("A row without files");
    assert_eq!(broken(&app), ["pictures"]);
    let mut config = app.app.config.clone();
    config.data_dir = "/proc/no-such-place".into();
    let told = examine(&config, false, app.now());
    assert!(
        told.iter()
            .any(|one| one.what == "data folder" && one.state == State::Broken)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("damaged.db");
    let mut bytes = vec![7_u8; 40_000];
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    std::fs::write(&file, bytes).unwrap();
    config = app.app.config.clone();
    config.database_url = dateline::db::DatabaseUrl::Sqlite(file);
    let told = examine(&config, false, app.now());
    let database = told.iter().find(|one| one.what == "database").unwrap();
    assert_eq!(database.state, State::Broken, "{database:?}");
    config.database_url = dateline::db::DatabaseUrl::Sqlite(folder.path().join("none.db"));
    let told = examine(&config, false, app.now());
    assert!(told.iter().any(|one| one.said.contains("is not there")));
    assert!(!folder.path().join("none.db").exists(), "it makes nothing");
}
