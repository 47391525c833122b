//! The data folder: locked while it is in use, private, and not lost unnoticed.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use dateline::{
    db::{DatabaseUrl, Db},
    doctor::{self, State},
    models::setting,
    transfer::backup,
};

use super::{DRAFT_FIELDS, server_process::ServerClient, site_with_editor};
use crate::support::{app::TestApp, postgres, staff::PASSWORD};

fn dateline(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command
        .arg("--data-dir")
        .arg(data)
        .args(arguments)
        .env_remove("DATELINE_REQUIRE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command; whether it succeeded, and what it printed.
fn run(data: &Path, arguments: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = dateline(data, arguments).output().unwrap();
    let text = [stdout, stderr].concat();
    (
        status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// A running server, killed when the test ends.
struct Server {
    process: Child,
    client: ServerClient,
}

impl Server {
    fn start(data: &Path) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = dateline(data, &["serve", "--bind", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let client = ServerClient::new(port);
        client.wait_until_ready();
        Self { process, client }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if it has already exited.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A newspaper with this name, and a backup of it.
fn newspaper(data: &Path, to: &Path, name: &str) {
    let db = Db::open(&database(data), 1).unwrap();
    db.write_blocking(|conn| {
        let mut settings = setting::load(conn)?;
        settings.name = name.to_owned();
        Ok(setting::save(conn, &settings)?)
    })
    .unwrap();
    drop(db);
    backup::back_up(&database(data), &data.join("media"), to, chrono::Utc::now()).unwrap();
}

fn database(data: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(data.join("dateline.db"))
}

fn name_of(data: &Path) -> String {
    let db = Db::open(&database(data), 1).unwrap();
    db.read_blocking(|conn| Ok::<_, dateline::error::Error>(setting::load(conn)?.name))
        .unwrap()
}

/// The databases that were replaced.
fn kept(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.contains(".before-") && name.ends_with(".db")
    };
    paths.filter(is_kept).collect()
}

#[test]
fn a_running_server_is_not_restored_or_copied_over() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backups) = (folder.path().join("data"), folder.path().join("backups"));
    newspaper(&data, &backups, "The Backup");
    let backups = backups.to_str().unwrap();
    let server = Server::start(&data);
    let into = format!("sqlite:{}", data.join("dateline.db").display());
    let other = folder.path().join("other");
    newspaper(&other, &folder.path().join("b"), "Another");
    let from = format!("sqlite:{}", other.join("dateline.db").display());
    let commands: [(&Path, &[&str]); 4] = [
        (&data, &["restore", "--replace", backups]),
        // The same database with another data folder.
        (
            &other,
            &["--database-url", &into, "restore", "--replace", backups],
        ),
        (&data, &["copy-database", &from, &into]),
        (&other, &["copy-database", &from, &into]),
    ];
    for (data_dir, command) in commands {
        let (succeeded, text) = run(data_dir, command);
        assert!(!succeeded && text.contains("in use"), "{command:?}: {text}");
    }
    // Commands that only add something run beside it.
    let to = folder.path().join("again");
    let (succeeded, text) = run(&data, &["backup", to.to_str().unwrap()]);
    assert!(succeeded, "{text}");
    assert_eq!(server.client.get("/readyz").unwrap().status, 200);
    drop(server);
    // The lock of a killed process does not remain.
    for _ in 0..3 {
        let (succeeded, text) = run(&data, &["restore", "--replace", backups]);
        assert!(succeeded, "{text}");
    }
    assert_eq!(kept(&data).len(), 3, "each replaced database is kept");
    assert_eq!(name_of(&data), "The Backup");
}

#[test]
fn a_postgres_database_in_use_is_not_restored_or_copied_over() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    let settings = [
        ("database_url", url.as_str()),
        ("data_dir", data.to_str().unwrap()),
    ];
    let app = TestApp::with_settings(&settings);
    let to = folder.path().join("backups");
    let command = |command: &[&str]| {
        let arguments = [&["--database-url", url.as_str()], command].concat();
        run(&other, &arguments)
    };
    let (succeeded, text) = command(&["backup", to.to_str().unwrap()]);
    assert!(succeeded, "commands share the database: {text}");
    let from = folder.path().join("from");
    newspaper(&from, &folder.path().join("b"), "Another");
    let from = format!("sqlite:{}", from.join("dateline.db").display());
    let restore = ["restore", "--replace", to.to_str().unwrap()];
    for refused in [&restore[..], &["copy-database", &from, &url]] {
        let (succeeded, text) = command(refused);
        assert!(!succeeded && text.contains("in use"), "{refused:?}: {text}");
    }
    assert_eq!(app.status("/"), 200);
    drop(app);
    let (succeeded, text) = command(&restore);
    assert!(succeeded, "{text}");
}

#[test]
fn a_killed_restore_leaves_the_old_or_the_new_newspaper() {
    let folder = tempfile::tempdir().unwrap();
    let (source, backups) = (folder.path().join("source"), folder.path().join("backups"));
    newspaper(&source, &backups, "The New");
    let data = folder.path().join("data");
    newspaper(&data, &folder.path().join("other-backups"), "The Old");
    let marker = data.join("dateline.db.restoring");
    let mut names = Vec::new();
    for round in 0..24 {
        let mut restore = dateline(&data, &["restore", "--replace", backups.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(round * 12));
        restore.kill().unwrap();
        restore.wait().unwrap();
        assert!(data.join("dateline.db").exists(), "round {round}");
        let name = name_of(&data);
        assert!(name == "The Old" || name == "The New", "{name}");
        assert!(
            !marker.exists() || name == "The Old" || names.contains(&"The New".to_owned()),
            "a complete restore leaves no marker"
        );
        names.push(name);
    }
    let (succeeded, text) = run(&data, &["restore", "--replace", backups.to_str().unwrap()]);
    assert!(succeeded, "{text}");
    assert!(!marker.exists());
    assert_eq!(name_of(&data), "The New");
}

#[test]
fn serve_does_not_begin_a_new_newspaper_after_an_interrupted_restore() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backups) = (folder.path().join("data"), folder.path().join("backups"));
    newspaper(&data, &backups, "The Old");
    let marker = data.join("dateline.db.restoring");
    fs::write(&marker, "half of a database").unwrap();
    let config = crate::support::app::config(&[("data_dir", data.display().to_string())]);
    let findings = doctor::examine(&config, false, chrono::Utc::now());
    let is_named = |finding: &doctor::Finding| finding.result.contains("interrupted");
    assert!(
        findings
            .iter()
            .any(|finding| is_named(finding) && finding.state == State::Broken)
    );
    drop(Server::start(&data));
    assert_eq!(name_of(&data), "The Old", "it is complete, so it is served");
    fs::remove_file(data.join("dateline.db")).unwrap();
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(data.join(format!("dateline.db{ending}")));
    }
    for command in [&["serve", "--bind", "127.0.0.1:0"][..], &["user", "list"]] {
        let (succeeded, text) = run(&data, command);
        assert!(
            !succeeded && text.contains("dateline restore again"),
            "{text}"
        );
    }
    assert!(!data.join("dateline.db").exists());
    let (succeeded, text) = run(&data, &["restore", backups.to_str().unwrap()]);
    assert!(succeeded, "{text}");
    assert_eq!(name_of(&data), "The Old");
}

#[test]
fn an_empty_database_beside_pictures_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("media/01")).unwrap();
    fs::write(data.join("dateline.db"), "").unwrap();
    for command in [
        &["serve", "--bind", "127.0.0.1:0"][..],
        &["user", "list"],
        &["doctor"],
    ] {
        let (succeeded, text) = run(&data, command);
        assert!(
            !succeeded && text.contains("0 bytes"),
            "{command:?}: {text}"
        );
        assert!(text.contains("dateline.db"), "{text}");
    }
    assert_eq!(fs::metadata(data.join("dateline.db")).unwrap().len(), 0);
    fs::remove_dir_all(data.join("media")).unwrap();
    assert!(
        run(&data, &["user", "list"]).0,
        "an empty file alone is a new newspaper"
    );
}

#[test]
fn a_deleted_or_replaced_data_folder_is_reported_and_saves_fail() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let app = TestApp::with_data_dir(&data);
    let (cached, uncached, editor) = site_with_editor(&app);
    let away = folder.path().join("away");
    let mut config = app.app.config.clone();
    config.bind = app.address;
    let server = || {
        let findings = doctor::examine(&config, false, app.now());
        let mut server = findings
            .into_iter()
            .filter(|finding| finding.check == "server");
        server.next().map(|finding| finding.state)
    };
    assert_eq!(server(), Some(State::Fine));
    let check = |what: &str| {
        let ready = app.get("/readyz");
        assert_eq!(ready.status, 503, "{what}");
        assert!(
            ready.body.contains("data folder was deleted or replaced"),
            "{what}"
        );
        let page = editor.post("/admin/articles/new", &DRAFT_FIELDS);
        assert_eq!(page.status, 503, "{what}");
        assert!(page.body.contains("deleted or replaced"), "{}", page.body);
        assert!(page.body.contains("My words."), "{what}");
        assert_eq!(server(), Some(State::Broken), "{what}");
        assert_eq!(app.status(&cached), 200, "{what}");
        assert_eq!(app.status(&uncached), 200, "{what}");
    };
    fs::rename(&data, &away).unwrap();
    check("moved away");
    assert!(!data.join("media").exists(), "it is not created again");
    let copied = Command::new("cp").arg("-a").args([&away, &data]).status();
    assert!(copied.unwrap().success());
    check("replaced by a copy");
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    assert_eq!(app.status("/readyz"), 200, "it is back");
    assert_eq!(
        editor.post("/admin/articles/new", &DRAFT_FIELDS).status,
        303
    );
    let log = data.join("dateline.db-wal");
    fs::rename(&log, data.join("moved-wal")).unwrap();
    check("without the log of changes");
    fs::rename(data.join("moved-wal"), &log).unwrap();
    assert_eq!(app.status("/readyz"), 200, "the log is back");
    fs::rename(data.join("dateline.db"), data.join("moved.db")).unwrap();
    fs::copy(data.join("moved.db"), data.join("dateline.db")).unwrap();
    check("another database");
}

#[test]
fn a_read_only_data_folder_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    newspaper(&data, &folder.path().join("backups"), "Read Only");
    let mount = |arguments: &[&str]| {
        let done = Command::new("mount")
            .args(arguments)
            .arg(&data)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
    };
    let bound = data.to_str().unwrap();
    if !mount(&["--bind", bound]) {
        crate::support::skip("small-disk", "a folder cannot be mounted");
        return;
    }
    let is_read_only = mount(&["-o", "remount,ro,bind"]);
    let results = [
        run(&data, &["serve", "--bind", "127.0.0.1:0"]),
        run(&data, &["doctor"]),
    ];
    let unmounted = Command::new("umount").arg("-l").arg(&data).status();
    assert!(unmounted.unwrap().success());
    if !is_read_only {
        crate::support::skip("small-disk", "a folder cannot be mounted read-only");
        return;
    }
    for (succeeded, text) in results {
        assert!(!succeeded && text.contains("mounted read-only"), "{text}");
    }
}

#[test]
fn files_are_private_whatever_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // As an earlier version would have left it.
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    newspaper(&data, &folder.path().join("earlier"), "Private");
    fs::set_permissions(data.join("dateline.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let with_umask = |arguments: &[&str]| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "umask 000; exec \"$0\" \"$@\""])
            .arg(env!("CARGO_BIN_EXE_dateline"))
            .arg("--data-dir")
            .arg(&data)
            .args(arguments)
            .env_remove("DATELINE_REQUIRE")
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        shell
    };
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut add = with_umask(&[
        "user",
        "add",
        "--email",
        "ada@example.org",
        "--name",
        "Ada",
        "--role",
        "admin",
        "--password-stdin",
    ])
    .spawn()
    .unwrap();
    std::io::Write::write_all(
        &mut add.stdin.take().unwrap(),
        format!("{PASSWORD}\n").as_bytes(),
    )
    .unwrap();
    assert!(add.wait().unwrap().success());
    for arguments in [
        &["backup", &path("backups")][..],
        &["export", "json", &path("export")],
    ] {
        assert!(
            with_umask(arguments).status().unwrap().success(),
            "{arguments:?}"
        );
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&data), 0o700);
    for name in ["backups", "export"] {
        assert_eq!(mode(&folder.path().join(name)), 0o700, "{name}");
    }
    let mut folders = vec![
        data,
        folder.path().join("backups"),
        folder.path().join("export"),
    ];
    let mut files = 0;
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}", path.display());
            files += 1;
            folders.extend(path.is_dir().then_some(path));
        }
    }
    assert!(files >= 5, "{files}");
}
