//! The command-line interface of the real binary.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use dateline::db::DatabaseUrl;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};

use crate::{database::dump, import::wordpress::herald, support::postgres};

fn dateline(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command
        .current_dir(folder)
        .env_remove("DATELINE_REQUIRE")
        .env_remove("MIMALLOC_PURGE_DELAY");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn add_user(folder: &Path, database_url: &str, email: &str, password: &str) -> Output {
    let mut child = dateline(folder)
        .env("DATELINE_DATABASE_URL", database_url)
        .args([
            "user",
            "add",
            "--email",
            email,
            "--name",
            "Ed",
            "--role",
            "editor",
            "--password-stdin",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{password}\n").as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

/// A running process, killed when the test ends.
struct Process(Child);

impl Process {
    fn send(&self, signal: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to exit; whether it succeeded.
    fn exits_successfully(&mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the process has already exited.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server on a free port and waits until it serves: the process, its URL and the rest of its log.
fn serve_with_log(folder: &Path, level: &str) -> (Process, String, BufReader<ChildStderr>) {
    let mut child = dateline(folder)
        .args(["serve", "--bind", "127.0.0.1:0", "--log-format", "json"])
        .args(["--log-level", level])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let url = loop {
        let mut line = String::new();
        assert!(
            log.read_line(&mut line).unwrap() > 0,
            "the process exited before it served"
        );
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
        if entry["message"] == "serving" {
            break entry["url"].as_str().unwrap().to_owned();
        }
    };
    (Process(child), url, log)
}

/// Starts a server on a free port and waits until it serves: the process and its URL.
fn serve(folder: &Path) -> (Process, String) {
    let (child, url, mut log) = serve_with_log(folder, "info");
    // Unless the log is read, the process blocks once the pipe is full.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    (child, url)
}

#[test]
fn serve_needs_no_configuration_and_stops_on_sigterm_and_sigint() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let (mut child, url) = serve(folder.path());
        let page = ureq::get(format!("{url}/healthz"))
            .call()
            .unwrap()
            .body_mut()
            .read_to_string();
        assert_eq!(page.unwrap(), "alive\n");
        assert!(folder.path().join("data/dateline.db").exists());
        child.send(signal);
        assert!(child.exits_successfully(), "{signal}");
    }
}

#[test]
fn each_request_is_logged_at_debug_with_id_status_and_duration() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, url, mut log) = serve_with_log(folder.path(), "debug");
    let answer = ureq::get(format!("{url}/healthz")).call().unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    let entry = loop {
        let mut line = String::new();
        assert!(
            log.read_line(&mut line).unwrap() > 0,
            "the process exited early"
        );
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
        if entry["message"] == "request" {
            break entry;
        }
    };
    assert_eq!(entry["id"], id);
    assert_eq!(
        (&entry["method"], &entry["path"]),
        (&"GET".into(), &"/healthz".into())
    );
    assert_eq!(entry["status"], 200);
    assert!(
        entry["ms"]
            .as_str()
            .is_some_and(|ms| ms.parse::<f64>().is_ok()),
        "{entry}"
    );
    child.send("-TERM");
    assert!(child.exits_successfully());
}

#[test]
fn the_demo_prints_its_urls_and_deletes_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = dateline(folder.path())
        .args(["demo", "--quick", "--bind", "127.0.0.1:0"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut child = Process(child);
    let mut lines = String::new();
    while !lines.contains("Ctrl-C") {
        assert!(
            output.read_line(&mut lines).unwrap() > 0,
            "the process exited early: {lines}"
        );
    }
    let value = |name: &str| {
        let line = lines
            .lines()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    let front = ureq::get(value("Newspaper"))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert!(front.contains("The Dunmere Courier"));
    assert!(value("Newsroom").ends_with("/admin"));
    assert!(value("Login").contains('@') && value("Password").len() >= 10);
    child.send("-INT");
    assert!(child.exits_successfully());
    let remaining: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(remaining.is_empty(), "{remaining:?}");
}

fn check_user_add(database_url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let add = |email, password| add_user(folder.path(), database_url, email, password);
    let short = add("ed@example.org", "short");
    assert!(!short.status.success());
    assert!(text(&short.stderr).contains("at least 10 characters"));
    let wrong = add("example.org", "long enough it is");
    assert!(text(&wrong.stderr).contains("e-mail address"));
    let added = add("Ed@Example.org", "long enough it is");
    assert!(added.status.success(), "{}", text(&added.stderr));
    assert!(
        !text(&added.stdout).contains("long enough"),
        "a password from standard input is not printed"
    );
    let twice = add("ed@example.org", "long enough it is");
    assert!(!twice.status.success());
    assert!(
        text(&twice.stderr).contains("already"),
        "{}",
        text(&twice.stderr)
    );
}

#[test]
fn user_add_requires_a_long_password_and_a_new_email_on_sqlite() {
    check_user_add("sqlite:users.db");
}

#[test]
fn user_add_requires_a_long_password_and_a_new_email_on_postgres() {
    if let Some(url) = postgres::new_database() {
        check_user_add(&url);
    }
}

fn check_user_commands(database_url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let user = |arguments: &[&str]| {
        let output = dateline(folder.path())
            .env("DATELINE_DATABASE_URL", database_url)
            .args(["user"])
            .args(arguments)
            .output()
            .unwrap();
        let output_text = text(&output.stdout) + &text(&output.stderr);
        (output.status.success(), output_text)
    };
    add_user(
        folder.path(),
        database_url,
        "ed@example.org",
        "long enough it is",
    );
    let (made, link) = user(&["reset", "--email", "Ed@example.org"]);
    assert!(made, "{link}");
    let token = link
        .lines()
        .next()
        .unwrap()
        .strip_prefix("http://127.0.0.1:8080/admin/password/")
        .unwrap();
    assert_eq!(token.len(), 43);
    let (_, link) = user(&[
        "reset",
        "--email",
        "ed@example.org",
        "--base-url",
        "https://news.example",
    ]);
    assert!(
        link.starts_with("https://news.example/admin/password/"),
        "{link}"
    );

    let role = |role| user(&["role", "--email", "ed@example.org", "--role", role]);
    assert!(role("admin").0);
    assert!(
        user(&["list"])
            .1
            .contains("ed@example.org  Ed (admin), not logged in")
    );
    let (demoted, why) = role("author");
    assert!(!demoted && why.contains("the last admin"), "{why}");
    let (disabled, why) = user(&["disable", "--email", "ed@example.org"]);
    assert!(!disabled && why.contains("the last admin"), "{why}");

    add_user(
        folder.path(),
        database_url,
        "al@example.org",
        "long enough it is",
    );
    assert!(user(&["disable", "--email", "al@example.org"]).0);
    assert!(
        user(&["list"])
            .1
            .contains("al@example.org  Ed (editor, disabled)")
    );
    let (found, why) = user(&["reset", "--email", "nobody@example.org"]);
    assert!(!found && why.contains("no user has"), "{why}");
}

#[test]
fn users_are_listed_demoted_disabled_and_reset_on_sqlite() {
    check_user_commands("sqlite:users.db");
}

#[test]
fn users_are_listed_demoted_disabled_and_reset_on_postgres() {
    if let Some(url) = postgres::new_database() {
        check_user_commands(&url);
    }
}

#[test]
fn config_prints_each_setting_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("dateline.toml"),
        "bind = \"127.0.0.1:9\"\nworkers = 3\n",
    )
    .unwrap();
    let output = dateline(folder.path())
        .args(["config", "--log-level", "debug"])
        .env("DATELINE_WORKERS", "5")
        .env("DATELINE_DATABASE_URL", "postgres://me:hunter2@localhost/x")
        .output()
        .unwrap();
    let output = text(&output.stdout);
    let line = |name: &str| {
        output
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(line("bind").contains("127.0.0.1:9") && line("bind").contains("dateline.toml"));
    assert!(line("workers").contains('5') && line("workers").contains("DATELINE_WORKERS"));
    assert!(line("log_level").contains("--log-level"));
    assert!(line("log_format").contains("default"));
    assert!(!output.contains("hunter2"));
}

#[test]
fn invalid_settings_are_refused_before_anything_is_created() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dateline.toml"), "wrokers = 3\n").unwrap();
    let misspelt = dateline(folder.path()).arg("serve").output().unwrap();
    assert!(!misspelt.status.success());
    assert!(text(&misspelt.stderr).contains("wrokers"));
    std::fs::write(folder.path().join("dateline.toml"), "").unwrap();
    for (flag, value, allowed) in [
        ("--bind", "nowhere", "ADDRESS:PORT"),
        ("--workers", "0", "from 1 to 256"),
        ("--base-url", "ftp://x", "http"),
        ("--database-url", "mysql://x", "sqlite:PATH"),
        ("--log-level", "loud", "warn"),
        ("--trusted-proxies", "proxy", "IP addresses"),
    ] {
        let output = dateline(folder.path())
            .args(["serve", flag, value])
            .output()
            .unwrap();
        let message = text(&output.stderr);
        assert!(!output.status.success(), "{flag}");
        assert!(
            message.contains(flag) && message.contains(allowed),
            "{message}"
        );
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn an_address_in_use_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = dateline(folder.path())
        .args(["serve", "--bind", &address])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains(&format!("cannot listen on {address}")));
}

/// Runs a command on a database and returns what it prints.
fn run(folder: &Path, database_url: &str, arguments: &[&str]) -> String {
    let output = dateline(folder)
        .env("DATELINE_DATABASE_URL", database_url)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// The length of the longest time that commands have stored: 26 characters with microseconds.
fn longest_time(database: &Path) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Longest {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        length: i64,
    }
    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let longest: Longest = sql_query(
        "SELECT MAX(LENGTH(time)) AS length FROM (SELECT created_at AS time FROM users \
         UNION ALL SELECT created_at FROM articles UNION ALL SELECT changed_at FROM articles \
         UNION ALL SELECT published_at FROM articles UNION ALL SELECT updated_at FROM pages \
         UNION ALL SELECT expires_at FROM reset_links UNION ALL SELECT made_at FROM history \
         UNION ALL SELECT published_at FROM timeline_entries)",
    )
    .get_result(&mut conn)
    .unwrap();
    longest.length
}

#[test]
fn newspapers_begun_by_commands_are_copied_without_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("export.xml"), herald()).unwrap();
    let (imported, generated) = ("sqlite:imported.db", "sqlite:generated.db");
    let email = ["--email", "ed@example.org"];
    assert!(
        add_user(folder.path(), imported, email[1], "long enough it is")
            .status
            .success()
    );
    run(
        folder.path(),
        imported,
        &["user", "reset", email[0], email[1]],
    );
    run(
        folder.path(),
        imported,
        &["import", "wordpress", "export.xml"],
    );
    run(folder.path(), generated, &["generate", "--articles", "300"]);
    for name in ["imported", "generated"] {
        let database = at(&format!("{name}.db"));
        assert!(longest_time(&database) <= 26, "{name}");
        let source = format!("sqlite:{name}.db");
        let copy = postgres::new_database().unwrap_or_else(|| format!("sqlite:{name}-copy.db"));
        let back = format!("sqlite:{name}-back.db");
        for (from, to) in [(&source, &copy), (&copy, &back)] {
            let printed = run(
                folder.path(),
                "sqlite:unused.db",
                &["copy-database", from, to],
            );
            assert!(printed.contains("every row was compared"), "{printed}");
        }
        let rows = |name: &str| {
            let mut tables = dump(&DatabaseUrl::Sqlite(at(name)));
            // The copy indexes all articles for the search.
            tables.retain(|(table, _)| !["known_words", "index_queue"].contains(&table.as_str()));
            tables
        };
        assert_eq!(
            rows(&format!("{name}.db")),
            rows(&format!("{name}-back.db")),
            "{name}"
        );
    }
}
