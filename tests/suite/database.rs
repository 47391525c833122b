//! The database: migrations, transactions and copying between engines.

use dateline::{
    db::{DatabaseUrl, Db, MigrateError, OpenError, rows, site_version},
    error::Error,
    transfer::copy,
};
use diesel::{
    Connection, PgConnection, SqliteConnection, connection::SimpleConnection,
    migration::MigrationSource,
};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use crate::{
    on_both_engines,
    support::{app::TestApp, postgres},
};

fn sqlite(folder: &tempfile::TempDir) -> DatabaseUrl {
    DatabaseUrl::Sqlite(folder.path().join("new/dateline.db"))
}

/// A database with an unknown newer migration is refused and left unchanged.
fn check_newer_schema_is_refused(url: &DatabaseUrl) {
    let db = Db::open(url, 1).unwrap();
    db.write_blocking(|conn| {
        Ok(conn.batch_execute(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000');
             CREATE TABLE from_the_future (x INTEGER);",
        )?)
    })
    .unwrap();
    drop(db);
    match Db::open(url, 1) {
        Err(OpenError::Migrate(MigrateError::Newer(version))) => {
            assert_eq!(version, "99990101000000");
        }
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("the database was opened"),
    }
}

fn check_concurrent_migration(url: &DatabaseUrl) {
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| Db::open(url, 1).map(drop)))
            .collect();
        for start in starts {
            start.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_newer_schema_is_refused_and_left_unchanged_on_sqlite() {
    check_newer_schema_is_refused(&sqlite(&tempfile::tempdir().unwrap()));
}

#[test]
fn a_newer_schema_is_refused_and_left_unchanged_on_postgres() {
    if let Some(url) = postgres::new_database() {
        check_newer_schema_is_refused(&DatabaseUrl::parse(&url).unwrap());
    }
}

#[test]
fn several_processes_can_migrate_concurrently_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    drop(Db::open(&sqlite(&folder), 1));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("new")).unwrap();
    check_concurrent_migration(&sqlite(&folder));
}

#[test]
fn several_processes_can_migrate_concurrently_on_postgres() {
    if let Some(url) = postgres::new_database() {
        check_concurrent_migration(&DatabaseUrl::parse(&url).unwrap());
    }
}

on_both_engines! {
    fn writes_increment_the_site_version_and_counters_do_not(app: &TestApp) {
        let version = || {
            actix_web::rt::System::new()
                .block_on(app.app.db.read(|conn| Ok(site_version(conn)?.current)))
                .unwrap()
        };
        let before = version();
        app.section("news", "News");
        assert_eq!(version(), before + 1);
        let id = app.story(app.section("sport", "Sport"), "Read", 1);
        let before = version();
        app.get(&app.path(id));
        app.flush_views();
        // `path` reads through a write transaction, which increments the version once.
        assert_eq!(version(), before + 1);
    }

    fn a_failed_write_is_rolled_back(app: &TestApp) {
        let before = app.get("/").body;
        let failed = app.app.db.write_blocking(|conn| {
            conn.batch_execute("UPDATE site_state SET version = 1000")?;
            Err::<(), _>(Error::Data("on purpose".to_owned()))
        });
        assert!(failed.is_err());
        assert_eq!(app.get("/").body, before);
    }

    fn read_connections_cannot_write(app: &TestApp) {
        let result = actix_web::rt::System::new().block_on(
            app.app.db.read(|conn| Ok(conn.batch_execute("UPDATE site_state SET version = 7")?)),
        );
        assert!(result.is_err());
    }
}

/// The content of a site as of the first migration.
const FIRST_SCHEMA_CONTENT: &str = "
    INSERT INTO sections (id, parent_id, slug, name, description, position) VALUES (1, NULL, 'news', 'News', '', 0);
    INSERT INTO authors (id, slug, name, title, biography, email, social_links) VALUES (1, 'ada', 'Ada', '', '', '', '[]');
    INSERT INTO users (id, email, name, password_hash, role, created_at)
      VALUES (1, 'ada@example.org', 'Ada', 'x', 'admin', '2020-01-01 10:00:00');
    INSERT INTO articles (id, status, kicker, headline, standfirst, dateline_place, dateline_agency, section_id,
        published_at, created_at, word_count)
      VALUES (1, 'published', '', 'The bridge of old', 'It stood.', '', '', 1, '2020-01-01 10:00:00', '2020-01-01 10:00:00', 2),
             (2, 'draft', '', 'Never told', '', '', '', 1, NULL, '2020-01-01 10:00:00', 0);
    INSERT INTO bodies (article_id, html) VALUES (1, '<p>It opened.</p>'), (2, '');
    INSERT INTO article_authors (article_id, position, author_id) VALUES (1, 0, 1);
    INSERT INTO addresses (path, kind, target_id, canonical) VALUES ('/news', 'section', 1, TRUE),
        ('/author/ada', 'author', 1, TRUE), ('/2020/01/01/the-bridge-of-old', 'article', 1, TRUE);
    INSERT INTO addresses (path, kind, moved_to, canonical) VALUES ('/bridge', 'redirect', '/2020/01/01/the-bridge-of-old', FALSE);
    INSERT INTO river_entries (river, owner_id, published_at, article_id)
      VALUES ('site', 0, '2020-01-01 10:00:00', 1), ('section', 1, '2020-01-01 10:00:00', 1), ('author', 1, '2020-01-01 10:00:00', 1);
    INSERT INTO view_hours (hour, article_id, views) VALUES ('2020-01-01 10:00:00', 1, 7);
    INSERT INTO view_totals (article_id, views) VALUES (1, 7);
";

/// Upgrades a database from each earlier schema and reads its pages.
fn check_upgrade_from_every_schema<C>(engine: &str, new: impl Fn() -> Option<(DatabaseUrl, C)>)
where
    C: MigrationHarness<C::Backend> + SimpleConnection + diesel::Connection,
    FileBasedMigrations: MigrationSource<C::Backend>,
{
    let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
    let source = FileBasedMigrations::from_path(&folder).unwrap();
    let mut all = source.migrations().unwrap();
    all.sort_by_key(|migration| migration.name().version().to_string());
    assert!(all.len() > 5);
    for applied in 1..=all.len() {
        let Some((url, mut conn)) = new() else {
            return;
        };
        conn.applied_migrations().unwrap();
        for (number, migration) in (1..).zip(&all[..applied]) {
            conn.run_migration(migration).unwrap();
            if number == 1 {
                conn.batch_execute(FIRST_SCHEMA_CONTENT).unwrap();
            }
        }
        drop(conn);
        let app = TestApp::on_database(&url);
        app.update_search_index();
        let page = app.get("/2020/01/01/the-bridge-of-old");
        assert_eq!(
            (page.status, page.text("h1")),
            (200, "The bridge of old".to_owned()),
            "from schema {applied}"
        );
        assert!(page.text(".body").contains("It opened."));
        assert_eq!(
            app.redirect_target("/bridge"),
            "/2020/01/01/the-bridge-of-old"
        );
        for list in [
            "/",
            "/news",
            "/author/ada",
            "/search?q=bridge",
            "/search?q=opened&section=news",
            "/feed.xml",
        ] {
            assert!(
                app.get(list).body.contains("The bridge of old")
                    || app.get(list).body.contains("bridge</mark> of old"),
                "{list} from schema {applied}"
            );
        }
        assert!(!app.get("/latest").body.contains("Never told"));
        let broken: Vec<_> = dateline::doctor::examine(&app.app.config, false, app.now())
            .into_iter()
            .filter(|finding| finding.state == dateline::doctor::State::Broken)
            .collect();
        assert!(broken.is_empty(), "from schema {applied}: {broken:?}");
    }
}

#[test]
fn every_earlier_schema_is_upgraded_without_loss_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    check_upgrade_from_every_schema("sqlite", || {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.db", number.get()));
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        // As in `Db::open`: recreating a table does not cascade to other tables.
        conn.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
        Some((DatabaseUrl::Sqlite(path), conn))
    });
}

#[derive(diesel::QueryableByName)]
struct StoredText {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// The values of an SQL expression as SQLite stores them.
fn stored_texts(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows: Vec<StoredText> = diesel::RunQueryDsl::load(diesel::sql_query(query), conn).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

#[test]
fn times_of_earlier_versions_are_stored_in_microseconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    let source =
        FileBasedMigrations::from_path(format!("{}/migrations/sqlite", env!("CARGO_MANIFEST_DIR")))
            .unwrap();
    let mut all = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&source).unwrap();
    all.sort_by_key(|migration| migration.name().version().to_string());
    conn.applied_migrations().unwrap();
    for (number, migration) in (1..).zip(&all) {
        if migration.name().version().to_string().as_str() >= "20261129000010" {
            break;
        }
        conn.run_migration(migration).unwrap();
        if number == 1 {
            conn.batch_execute(FIRST_SCHEMA_CONTENT).unwrap();
        }
    }
    let cases = [
        ("10:00:00.123456789", "10:00:00.123456"),
        ("10:00:00.999999999", "10:00:00.999999"),
        ("10:00:00.123000789", "10:00:00.123"),
        ("10:00:00.000000789", "10:00:00"),
        ("10:00:00.123456", "10:00:00.123456"),
        ("10:00:00", "10:00:00"),
    ];
    for (number, (before, _)) in (10..).zip(cases) {
        conn.batch_execute(&format!(
            "INSERT INTO users (id, email, name, password_hash, role, created_at) \
             VALUES ({number}, 'user-{number}', 'U', 'x', 'editor', '2020-01-01 {before}'); \
             INSERT INTO history (id, made_at, who, action, kind, object, detail) \
             VALUES ({number}, '2020-01-01 {before}', 'U', 'added', 'user', 'U', '');"
        ))
        .unwrap();
    }
    conn.batch_execute(
        "UPDATE articles SET published_at = '2020-01-01 10:00:00.123456789', \
         created_at = '2020-01-01 10:00:00.123456789' WHERE id = 1; \
         UPDATE timeline_entries SET published_at = '2020-01-01 10:00:00.123456789';",
    )
    .unwrap();
    drop(conn);
    drop(Db::open(&DatabaseUrl::Sqlite(path.clone()), 1).unwrap());

    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let expected: Vec<String> = cases
        .iter()
        .map(|(_, after)| format!("2020-01-01 {after}"))
        .collect();
    for query in [
        "SELECT created_at AS text FROM users WHERE id >= 10 ORDER BY id",
        "SELECT made_at AS text FROM history WHERE id >= 10 ORDER BY id",
    ] {
        assert_eq!(stored_texts(&mut conn, query), expected, "{query}");
    }
    for query in [
        "SELECT published_at AS text FROM articles WHERE id = 1",
        "SELECT created_at AS text FROM articles WHERE id = 1",
        "SELECT DISTINCT published_at AS text FROM timeline_entries",
    ] {
        let stored = stored_texts(&mut conn, query);
        assert_eq!(stored, ["2020-01-01 10:00:00.123456"], "{query}");
    }
    assert!(
        conn.batch_execute("UPDATE history SET who = 'other'")
            .is_err(),
        "history can be changed"
    );
}

#[test]
fn every_earlier_schema_is_upgraded_without_loss_on_postgres() {
    check_upgrade_from_every_schema("postgres", || {
        let url = postgres::new_database()?;
        let conn = PgConnection::establish(&url).unwrap();
        Some((DatabaseUrl::parse(&url).unwrap(), conn))
    });
}

on_both_engines! {
    fn a_copy_to_the_other_engine_and_back_is_identical(app: &TestApp) {
        let news = app.section("news", "News");
        let author = app.author("Zoë \"Ada\" O'Neil");
        for number in 0..20 {
            let mut draft = app.draft(news, &format!("Story number {number} — ümläut, عربي, 日本 \\ '\""));
            draft.author_ids = vec![author];
            app.publish(&draft);
        }
        app.picture("A picture");
        let editor = app.staff(dateline::db::types::UserRole::Editor);
        editor.post("/admin/articles/new", &[("headline", "Half a thought"), ("body", "<p>Not yet.</p>")]);
        app.update_search_index();
        let folder = tempfile::tempdir().unwrap();
        let original = app.app.config.database_url.clone();
        let Some(other) = (match &original {
            DatabaseUrl::Sqlite(_) => postgres::new_database().map(|url| DatabaseUrl::parse(&url).unwrap()),
            DatabaseUrl::Postgres(_) => Some(DatabaseUrl::Sqlite(folder.path().join("other.db"))),
        }) else {
            return;
        };
        let back = match &original {
            DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(folder.path().join("back.db")),
            DatabaseUrl::Postgres(_) => DatabaseUrl::parse(&postgres::new_database().unwrap()).unwrap(),
        };
        let counts = copy::copy(&original, &other, &mut |_| {}).unwrap();
        assert_eq!(counts["articles"], 21);
        assert!(counts["history"] >= 1 && counts["revisions"] >= 1);
        assert_eq!(copy::copy(&other, &back, &mut |_| {}).unwrap(), counts);
        assert_eq!(dump(&original), dump(&back), "the copy of the copy is identical");

        let copied = TestApp::on_database(&other);
        assert_eq!(copied.get("/latest").texts("main .card-headline").len(), 20);
        assert_eq!(copied.get("/search?q=umlaut+number+7").texts("main .card-headline").len(), 1);
        assert!(dateline::doctor::examine(&copied.app.config, false, copied.now()).iter().all(|finding| {
            finding.state != dateline::doctor::State::Broken || finding.check == "pictures"
        }));
        // New rows get unused ids.
        copied.story(news, "After the move", 1);
        copied.author("New author");
        assert_eq!(copied.get("/latest").texts("main .card-headline").len(), 20);
        copied.assert_timelines_consistent();

        let refused = copy::copy(&original, &other, &mut |_| {}).unwrap_err();
        assert!(refused.to_string().contains("is not empty"), "{refused}");
        assert!(copy::copy(&original, &original, &mut |_| {}).is_err());
        let not_found = DatabaseUrl::Sqlite(folder.path().join("nowhere.db"));
        let refused = copy::copy(&not_found, &original, &mut |_| {}).unwrap_err();
        assert!(refused.to_string().contains("does not exist"), "{refused}");
        assert!(!folder.path().join("nowhere.db").exists());
    }
}

/// All rows of all tables, sorted.
pub fn dump(url: &DatabaseUrl) -> Vec<(String, Vec<rows::Row>)> {
    let mut conn = rows::open(url).unwrap();
    rows::tables(&mut conn)
        .unwrap()
        .into_iter()
        .map(|table| {
            let mut all = table.read(&mut conn, None, 10_000).unwrap();
            all.sort_by_key(|row| format!("{row:?}"));
            (table.name, all)
        })
        .collect()
}
