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
        for name in made.1.media.keys() {
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

/// A backup with pictures, and where it is restored to.
struct WithPictures {
    app: TestApp,
    folder: tempfile::TempDir,
    made: std::path::PathBuf,
    manifest: backup::Manifest,
    url: DatabaseUrl,
    media: std::path::PathBuf,
}

fn with_pictures() -> WithPictures {
    let app = TestApp::on_sqlite();
    app.stored_picture(40);
    app.stored_picture(50);
    let folder = tempfile::tempdir().unwrap();
    let (made, manifest) = create_backup(&app, folder.path());
    WithPictures {
        url: DatabaseUrl::Sqlite(folder.path().join("restored/dateline.db")),
        media: folder.path().join("restored/media"),
        app,
        folder,
        made,
        manifest,
    }
}

impl WithPictures {
    fn restore(&self, replace: bool) -> Result<(), BackupError> {
        backup::restore(&self.made, &self.url, &self.media, replace).map(drop)
    }

    /// The path of the last picture in the backup.
    fn last_picture(&self) -> std::path::PathBuf {
        let name = self.manifest.media.keys().next_back().unwrap();
        Store::new(self.folder.path().join("media")).path(name)
    }

    fn change_manifest(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let path = self.made.join("backup.json");
        let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut manifest);
        fs::write(&path, manifest.to_string()).unwrap();
    }
}

#[test]
fn a_backup_with_a_damaged_picture_is_refused_before_any_change() {
    type Damage = fn(&Path, &[u8]);
    let damages: [(&str, Damage); 5] = [
        ("one byte changed", |path, bytes| {
            let mut bytes = bytes.to_vec();
            bytes[100] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("cut to 10 bytes", |path, bytes| {
            fs::write(path, &bytes[..10]).unwrap()
        }),
        ("emptied", |path, _| fs::write(path, "").unwrap()),
        ("a byte more", |path, bytes| {
            fs::write(path, [bytes, b"\n"].concat()).unwrap()
        }),
        ("deleted", |path, _| fs::remove_file(path).unwrap()),
    ];
    let backup = with_pictures();
    assert!(
        backup
            .manifest
            .media
            .values()
            .all(|sum| sum.as_ref().is_some_and(|sum| sum.bytes > 0))
    );
    let path = backup.last_picture();
    let bytes = fs::read(&path).unwrap();
    for (name, damage) in damages {
        damage(&path, &bytes);
        let refused = backup.restore(false).expect_err(name);
        assert!(
            matches!(refused, BackupError::Changed(_) | BackupError::Missing(_)),
            "{name}"
        );
        let shown = path.display().to_string();
        assert!(refused.to_string().contains(&shown), "{name}: {refused}");
        assert!(!backup.folder.path().join("restored").exists(), "{name}");
    }
    fs::write(&path, &bytes).unwrap();
    backup.restore(false).unwrap();
}

#[test]
fn a_backup_of_the_first_format_is_restored_and_a_newer_one_refused() {
    let backup = with_pictures();
    backup.change_manifest(|manifest| {
        assert_eq!(manifest["format"], 2);
        manifest["format"] = 3.into();
    });
    let refused = backup.restore(false).unwrap_err();
    assert!(
        matches!(refused, BackupError::NewerFormat(_, 3)),
        "{refused}"
    );
    let names: Vec<&String> = backup.manifest.media.keys().collect();
    backup.change_manifest(|manifest| manifest["format"] = 2.into());
    backup.change_manifest(|manifest| manifest["media"] = serde_json::json!(names));
    let refused = backup.restore(false).unwrap_err();
    assert!(
        matches!(refused, BackupError::NoBackup(_)),
        "sums are missing: {refused}"
    );
    backup.change_manifest(|manifest| {
        manifest.as_object_mut().unwrap().remove("format");
    });
    backup.restore(false).unwrap();
    assert!(Store::new(backup.media.clone()).path(names[0]).exists());
}

#[test]
fn a_damaged_picture_is_repaired_by_a_restore_and_by_a_new_backup() {
    let backup = with_pictures();
    backup.restore(false).unwrap();
    let name = backup.manifest.media.keys().next_back().unwrap();
    let restored = Store::new(backup.media.clone()).path(name);
    let intact = fs::read(&restored).unwrap();
    fs::write(&restored, "damaged").unwrap();
    backup.restore(true).unwrap();
    assert_eq!(fs::read(&restored).unwrap(), intact);
    fs::write(backup.last_picture(), "damaged").unwrap();
    backup.app.app.clock.advance(chrono::TimeDelta::hours(6));
    create_backup(&backup.app, backup.folder.path());
    assert_eq!(fs::read(backup.last_picture()).unwrap(), intact);
    backup.restore(true).unwrap();
}

#[test]
fn backups_are_readable_only_by_their_user() {
    use std::os::unix::fs::PermissionsExt;
    let backup = with_pictures();
    backup.restore(false).unwrap();
    let mut folders = vec![backup.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o077;
            assert_eq!(mode, 0, "{}", path.display());
            folders.extend(path.is_dir().then_some(path));
        }
    }
}

on_both_engines! {
    fn restoring_ends_all_sessions_and_reset_links(app: &TestApp) {
        use dateline::models::{reset_link, session, user};
        let editor = app.staff(UserRole::Editor);
        assert_eq!(editor.get("/admin").status, 200);
        let link = app.write(|conn| Ok(reset_link::make(conn, editor.id, app.now())?));
        let folder = tempfile::tempdir().unwrap();
        create_backup(app, folder.path());
        let url = other_database(app, folder.path());
        for replace in [false, true] {
            backup::restore(folder.path(), &url, &folder.path().join("other/media"), replace).unwrap();
            let db = Db::open(&url, 1).unwrap();
            let left = db.write_unversioned_blocking(|conn| -> dateline::error::Result<_> {
                let users = user::all(conn)?.len();
                // The next restore has something to end.
                reset_link::make(conn, editor.id, app.now())?;
                Ok((session::count(conn)?, reset_link::user_of(conn, &link, app.now())?, users))
            });
            assert_eq!(left.unwrap(), (0, None, 1), "replace: {replace}");
        }
        assert_eq!(editor.get("/admin").status, 200, "only in the restored database");
    }
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
        text.replace(
            "\"media\": {}",
            "\"media\": {\"../../etc/passwd\": {\"sha256\": \"\", \"bytes\": 1}}",
        ),
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
    let deleted = media[0].keys().next().unwrap().clone();
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
