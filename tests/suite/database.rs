//! The database: migrations, the two doors for writing.

use dateline::{
    db::{DatabaseUrl, Db, MigrateError, OpenError, site_version},
    error::Error,
};
use diesel::connection::SimpleConnection;

use crate::{
    on_both_engines,
    support::{app::TestApp, postgres},
};

fn sqlite(folder: &tempfile::TempDir) -> DatabaseUrl {
    DatabaseUrl::Sqlite(folder.path().join("new/dateline.db"))
}

/// A database that went through a migration of the future is refused, and left as it was.
fn refuses_a_newer_schema(url: &DatabaseUrl) {
    let db = Db::open(url, 1).unwrap();
    db.write_blocking(|conn| {
        Ok(conn.batch_execute(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000');
             CREATE TABLE of_the_future (x INTEGER);",
        )?)
    })
    .unwrap();
    drop(db);
    match Db::open(url, 1) {
        Err(OpenError::Migrate(MigrateError::Newer(version))) => {
            assert_eq!(version, "99990101000000");
        }
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("it was opened"),
    }
}

fn several_processes_may_start_at_once(url: &DatabaseUrl) {
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
fn a_newer_schema_is_refused_unharmed_on_sqlite() {
    refuses_a_newer_schema(&sqlite(&tempfile::tempdir().unwrap()));
}

#[test]
fn a_newer_schema_is_refused_unharmed_on_postgres() {
    if let Some(url) = postgres::new_database() {
        refuses_a_newer_schema(&DatabaseUrl::parse(&url).unwrap());
    }
}

#[test]
fn several_processes_may_migrate_at_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    drop(Db::open(&sqlite(&folder), 1));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("new")).unwrap();
    several_processes_may_start_at_once(&sqlite(&folder));
}

#[test]
fn several_processes_may_migrate_at_once_on_postgres() {
    if let Some(url) = postgres::new_database() {
        several_processes_may_start_at_once(&DatabaseUrl::parse(&url).unwrap());
    }
}

on_both_engines! {
    fn a_change_raises_the_site_version_and_bookkeeping_does_not(app: &TestApp) {
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
        // `path` looks the address up through the writing door.
        assert_eq!(version(), before + 1);
    }

    fn a_change_that_fails_leaves_nothing_behind(app: &TestApp) {
        let before = app.get("/").body;
        let failed = app.app.db.write_blocking(|conn| {
            conn.batch_execute("UPDATE site_state SET version = 1000")?;
            Err::<(), _>(Error::Data("on purpose".to_owned()))
        });
        assert!(failed.is_err());
        assert_eq!(app.get("/").body, before);
    }

    fn pages_cannot_write(app: &TestApp) {
        let written = actix_web::rt::System::new().block_on(
            app.app.db.read(|conn| Ok(conn.batch_execute("UPDATE site_state SET version = 7")?)),
        );
        assert!(written.is_err());
    }
}
