//! Backups: taken under writes, restored elsewhere, and refused where they would do harm.

use std::{fs, path::Path};

use dateline::{
    db::{DatabaseUrl, Db, types::UserRole},
    media::Store,
    models::{article, setting},
    transfer::backup::{self, BackupError},
};

use crate::{
    on_both_engines,
    support::{
        app::{TestApp, config},
        postgres,
    },
};

fn back_up(app: &TestApp, to: &Path) -> (std::path::PathBuf, backup::Manifest) {
    let config = &app.app.config;
    backup::back_up(
        &config.database_url,
        &config.data_dir.join("media"),
        to,
        app.now(),
    )
    .unwrap()
}

/// A new database of the same engine.
fn elsewhere(app: &TestApp, folder: &Path) -> DatabaseUrl {
    match &app.app.config.database_url {
        DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(folder.join("other/dateline.db")),
        DatabaseUrl::Postgres(_) => {
            DatabaseUrl::Postgres(postgres::new_database().expect("there was one before"))
        }
    }
}

/// Whether the first picture that a page shows is in a store.
fn found_picture(store: &Store, page: &str) -> bool {
    let name = page
        .split("/media/")
        .nth(1)
        .and_then(|rest| rest.split(['"', ' ']).next());
    name.is_some_and(|name| store.path(name).exists())
}

on_both_engines! {
    fn a_backup_taken_under_writes_is_restored_whole_elsewhere(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Before");
        draft.lead_media_id = Some(app.painted(10));
        let before = app.publish(&draft);
        let path = app.path(before);
        let (made, acknowledged) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                (0..40).map(|n| app.story(news, &format!("During {n}"), 1)).collect::<Vec<_>>()
            });
            let made = back_up(app, folder.path());
            (made, writer.join().unwrap())
        });
        assert!(made.1.bytes > 10_000);

        let url = elsewhere(app, folder.path());
        let pictures = folder.path().join("other/media");
        backup::restore(folder.path(), &url, &pictures, false).unwrap();
        let db = Db::open(&url, 1).unwrap();
        let (found, whole) = db
            .record_blocking(|conn| -> dateline::error::Result<_> {
                let now = app.now().naive_utc();
                let ids: Vec<i64> = [before].iter().chain(&acknowledged).copied().collect();
                let found = article::find_all_live(conn, &ids, now)?;
                // What is there is there with its address and its text.
                let whole = found.iter().all(|article| !article.path.is_empty() && !article.body.as_str().is_empty());
                Ok((found.len(), whole))
            })
            .unwrap();
        assert!(found >= 1 && whole);
        // Every file of the picture is there, byte for byte.
        let (here, there) = (&app.app.media, Store::new(pictures.clone()));
        assert!(!made.1.media.is_empty());
        for name in &made.1.media {
            assert_eq!(fs::read(here.path(name)).unwrap(), fs::read(there.path(name)).unwrap());
        }
        assert!(found_picture(&there, &app.get(&path).body));
        drop(db);
        let other = backup::restore(folder.path(), &url, &pictures, false);
        assert!(other.unwrap_err().to_string().contains("--replace"));
        backup::restore(folder.path(), &url, &pictures, true).unwrap();
        let db = Db::open(&url, 1).unwrap();
        let name = db.record_blocking(|conn| -> dateline::error::Result<_> { Ok(setting::load(conn)?.name) });
        assert_eq!(name.unwrap(), "Dateline");
        assert_eq!(app.status(&path), 200);
    }
}

#[test]
fn a_backup_that_was_changed_or_never_finished_is_not_restored() {
    let app = TestApp::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("restored.db"));
    let media = folder.path().join("media-restored");
    let restore = || backup::restore(folder.path(), &url, &media, false);
    assert!(matches!(restore(), Err(BackupError::NoBackup(_))));
    let (made, _) = back_up(&app, folder.path());
    let file = made.join("database.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&file, bytes).unwrap();
    assert!(matches!(restore(), Err(BackupError::Changed(_))));
    fs::remove_file(made.join("backup.json")).unwrap();
    assert!(matches!(restore(), Err(BackupError::NoBackup(_))));
    assert!(!folder.path().join("restored.db").exists());
}

#[test]
fn a_manifest_cannot_reach_out_of_its_folders() {
    let app = TestApp::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let (made, _) = back_up(&app, folder.path());
    let path = made.join("backup.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"media\": []", "\"media\": [\"../../etc/passwd\"]"),
    )
    .unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("restored.db"));
    let refused = backup::restore(folder.path(), &url, &folder.path().join("m"), false);
    assert!(matches!(refused, Err(BackupError::NoBackup(_))));
}

#[test]
fn old_backups_go_with_the_pictures_that_only_they_had() {
    let app = TestApp::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let files = &app.app.media;
    app.painted(20);
    app.painted(30);
    let mut media = Vec::new();
    for _ in 0..3 {
        media.push(back_up(&app, folder.path()).1.media);
        app.app.clock.advance(chrono::TimeDelta::hours(6));
    }
    let gone = media[0].first().unwrap().clone();
    fs::remove_file(files.path(&gone)).unwrap();
    back_up(&app, folder.path());
    let kept = Store::new(folder.path().join("media"));
    assert!(kept.path(&gone).exists());
    backup::prune(folder.path(), 1).unwrap();
    assert!(!kept.path(&gone).exists());
    let newest = backup::newest(folder.path()).unwrap().unwrap();
    assert_eq!(newest.media.len(), media[0].len() - 1);
    assert!(
        backup::restore(
            folder.path(),
            &DatabaseUrl::Sqlite(folder.path().join("r.db")),
            &folder.path().join("m"),
            false
        )
        .is_ok()
    );
}

#[test]
fn backups_are_made_while_serving_and_admins_see_how_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backups");
    let app = TestApp::with_settings(&[("backup_to", to.to_str().unwrap())]);
    let began = std::time::Instant::now();
    while app.app.backups().last.is_none() {
        assert!(began.elapsed().as_secs() < 20, "{:?}", app.app.backups());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(backup::newest(&to).unwrap().is_some());
    assert!(
        app.staff(UserRole::Admin)
            .get("/admin")
            .text("main")
            .contains("The last backup is of")
    );
    assert!(
        !app.browser_of("somebody@example.org")
            .get("/admin/login")
            .body
            .contains("backup")
    );

    fs::write(folder.path().join("no-folder"), "").unwrap();
    let broken = folder.path().join("no-folder/below");
    let app = TestApp::with_settings(&[("backup_to", broken.to_str().unwrap())]);
    let began = std::time::Instant::now();
    while app.app.backups().failure.is_none() {
        assert!(began.elapsed().as_secs() < 20);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(
        app.staff(UserRole::Admin)
            .get("/admin")
            .text(".notice.warn")
            .contains("The backup failed")
    );
    let wrong = std::panic::catch_unwind(|| config(&[("backup_every", "0".to_owned())]));
    assert!(wrong.is_err());
}
