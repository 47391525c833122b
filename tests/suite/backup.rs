//! Backups: made during writes, restored to another database, verified before use.

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

fn create_backup(app: &TestApp, to: &Path) -> (std::path::PathBuf, backup::Manifest) {
    let config = &app.app.config;
    backup::back_up(
        &config.database_url,
        &config.data_dir.join("media"),
        to,
        app.now(),
    )
    .unwrap()
}

/// An empty database of the same engine.
fn other_database(app: &TestApp, folder: &Path) -> DatabaseUrl {
    match &app.app.config.database_url {
        DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(folder.join("other/dateline.db")),
        DatabaseUrl::Postgres(_) => {
            DatabaseUrl::Postgres(postgres::new_database().expect("the cluster is running"))
        }
    }
}

/// Whether the first picture on the page is in the store.
fn has_first_picture(store: &Store, page: &str) -> bool {
    let name = page
        .split("/media/")
        .nth(1)
        .and_then(|rest| rest.split(['"', ' ']).next());
    name.is_some_and(|name| store.path(name).exists())
}

on_both_engines! {
    fn a_backup_made_during_writes_is_restored_completely(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let news = app.section("news", "News");
        let mut draft = app.draft(news, "Before");
        draft.lead_media_id = Some(app.stored_picture(10));
        let before = app.publish(&draft);
        let path = app.path(before);
        let (made, acknowledged) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                (0..40).map(|n| app.story(news, &format!("During {n}"), 1)).collect::<Vec<_>>()
            });
            let made = create_backup(app, folder.path());
            (made, writer.join().unwrap())
        });
        assert!(made.1.bytes > 10_000);

        let url = other_database(app, folder.path());
        let pictures = folder.path().join("other/media");
        backup::restore(folder.path(), &url, &pictures, false).unwrap();
        let db = Db::open(&url, 1).unwrap();
        let (found, is_complete) = db
            .write_unversioned_blocking(|conn| -> dateline::error::Result<_> {
                let now = app.now().naive_utc();
                let ids: Vec<i64> = [before].iter().chain(&acknowledged).copied().collect();
                let found = article::find_all_live(conn, &ids, now)?;
                // Every restored article has its path and its text.
                let is_complete = found.iter().all(|article| !article.path.is_empty() && !article.body.as_str().is_empty());
                Ok((found.len(), is_complete))
            })
            .unwrap();
        assert!(found >= 1 && is_complete);
        // Every picture file is identical.
        let (original_store, restored_store) = (&app.app.media, Store::new(pictures.clone()));
        assert!(!made.1.media.is_empty());
        for name in &made.1.media {
            assert_eq!(fs::read(original_store.path(name)).unwrap(), fs::read(restored_store.path(name)).unwrap());
        }
        assert!(has_first_picture(&restored_store, &app.get(&path).body));
        drop(db);
        let refused = backup::restore(folder.path(), &url, &pictures, false);
        assert!(refused.unwrap_err().to_string().contains("--replace"));
        backup::restore(folder.path(), &url, &pictures, true).unwrap();
        let db = Db::open(&url, 1).unwrap();
        let name = db.write_unversioned_blocking(|conn| -> dateline::error::Result<_> { Ok(setting::load(conn)?.name) });
        assert_eq!(name.unwrap(), "Dateline");
        assert_eq!(app.status(&path), 200);
    }
}

#[test]
fn a_changed_or_unfinished_backup_is_not_restored() {
    let app = TestApp::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("restored.db"));
    let media = folder.path().join("media-restored");
    let restore = || backup::restore(folder.path(), &url, &media, false);
    assert!(matches!(restore(), Err(BackupError::NoBackup(_))));
    let (made, _) = create_backup(&app, folder.path());
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
fn a_manifest_cannot_refer_to_files_outside_its_folder() {
    let app = TestApp::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let (made, _) = create_backup(&app, folder.path());
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
fn pruning_old_backups_deletes_pictures_only_they_contain() {
    let app = TestApp::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let files = &app.app.media;
    app.stored_picture(20);
    app.stored_picture(30);
    let mut media = Vec::new();
    for _ in 0..3 {
        media.push(create_backup(&app, folder.path()).1.media);
        app.app.clock.advance(chrono::TimeDelta::hours(6));
    }
    let deleted = media[0].first().unwrap().clone();
    fs::remove_file(files.path(&deleted)).unwrap();
    create_backup(&app, folder.path());
    let backup_store = Store::new(folder.path().join("media"));
    assert!(backup_store.path(&deleted).exists());
    backup::prune(folder.path(), 1).unwrap();
    assert!(!backup_store.path(&deleted).exists());
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
fn scheduled_backups_run_and_admins_see_their_state() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backups");
    let app = TestApp::with_settings(&[("backup_to", target.to_str().unwrap())]);
    let start = std::time::Instant::now();
    while app.app.backups().last.is_none() {
        assert!(start.elapsed().as_secs() < 20, "{:?}", app.app.backups());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(backup::newest(&target).unwrap().is_some());
    assert!(
        app.staff(UserRole::Admin)
            .get("/admin")
            .text("main")
            .contains("Last backup:")
    );
    assert!(
        !app.browser_for("user@example.org")
            .get("/admin/login")
            .body
            .contains("backup")
    );

    fs::write(folder.path().join("no-folder"), "").unwrap();
    let broken = folder.path().join("no-folder/below");
    let app = TestApp::with_settings(&[("backup_to", broken.to_str().unwrap())]);
    let start = std::time::Instant::now();
    while app.app.backups().failure.is_none() {
        assert!(start.elapsed().as_secs() < 20);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(
        app.staff(UserRole::Admin)
            .get("/admin")
            .text(".notice.warn")
            .contains("The backup failed")
    );
    let invalid = std::panic::catch_unwind(|| config(&[("backup_every", "0".to_owned())]));
    assert!(invalid.is_err());
}
