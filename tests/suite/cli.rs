//! The command line, as an operator uses it: the real program.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use crate::support::postgres;

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

/// A running program, which does not outlive its test.
struct Running(Child);

impl Running {
    fn send(&self, signal: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; whether it was a good one.
    fn ends_well(&mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Either fails only if it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts serving on a free port and waits until it says where; with what it logs from then on.
fn serve_with_log(folder: &Path) -> (Running, String, BufReader<ChildStderr>) {
    let mut child = dateline(folder)
        .args(["serve", "--bind", "127.0.0.1:0", "--log-format", "json"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let url = loop {
        let mut line = String::new();
        assert!(
            log.read_line(&mut line).unwrap() > 0,
            "it ended before it served"
        );
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
        if entry["message"] == "serving" {
            break entry["url"].as_str().unwrap().to_owned();
        }
    };
    (Running(child), url, log)
}

/// Starts serving on a free port and waits until it says where.
fn serve(folder: &Path) -> (Running, String) {
    let (child, url, mut log) = serve_with_log(folder);
    // Somebody has to read the log, or the program would wait for room in the pipe.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    (child, url)
}

#[test]
fn serving_needs_no_configuration_and_ends_cleanly_on_sigterm_and_ctrl_c() {
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
        assert!(child.ends_well(), "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_goes_back_to_the_system_however_the_program_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let (program, _) = serve(folder.path());
    let of = |what: &str| {
        let lines = std::fs::read(format!("/proc/{}/{what}", program.0.id())).unwrap();
        text(&lines)
            .split('\0')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(of("environ").contains(&"MIMALLOC_PURGE_DELAY=0".to_owned()));
    // It has begun once more for that, as it was called.
    let called = of("cmdline");
    assert_eq!(called[0], env!("CARGO_BIN_EXE_dateline"));
    assert_eq!(called[1..4], ["serve", "--bind", "127.0.0.1:0"]);
}

#[test]
fn a_request_is_one_line_in_the_log_with_id_status_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, url, mut log) = serve_with_log(folder.path());
    let answer = ureq::get(format!("{url}/healthz")).call().unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
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
    assert!(child.ends_well());
}

#[test]
fn the_demo_prints_where_it_is_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = dateline(folder.path())
        .args(["demo", "--quick", "--bind", "127.0.0.1:0"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let mut child = Running(child);
    let mut lines = String::new();
    while !lines.contains("Ctrl-C") {
        assert!(
            printed.read_line(&mut lines).unwrap() > 0,
            "it ended early: {lines}"
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
    assert!(child.ends_well());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn adds_users_once_and_with_long_passwords(database_url: &str) {
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
        "a given password is not printed"
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
fn a_user_is_added_once_with_a_password_that_is_long_enough_on_sqlite() {
    adds_users_once_and_with_long_passwords("sqlite:users.db");
}

#[test]
fn a_user_is_added_once_with_a_password_that_is_long_enough_on_postgres() {
    if let Some(url) = postgres::new_database() {
        adds_users_once_and_with_long_passwords(&url);
    }
}

fn looks_after_users(database_url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let user = |arguments: &[&str]| {
        let output = dateline(folder.path())
            .env("DATELINE_DATABASE_URL", database_url)
            .args(["user"])
            .args(arguments)
            .output()
            .unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.success(), said)
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
    let (lowered, why) = role("author");
    assert!(!lowered && why.contains("the last one"), "{why}");
    let (disabled, why) = user(&["disable", "--email", "ed@example.org"]);
    assert!(!disabled && why.contains("the last one"), "{why}");

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
    assert!(!found && why.contains("nobody has"), "{why}");
}

#[test]
fn users_are_listed_lowered_disabled_and_given_a_link_on_sqlite() {
    looks_after_users("sqlite:users.db");
}

#[test]
fn users_are_listed_lowered_disabled_and_given_a_link_on_postgres() {
    if let Some(url) = postgres::new_database() {
        looks_after_users(&url);
    }
}

#[test]
fn the_configuration_in_force_is_printed_with_where_it_comes_from() {
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
    let printed = text(&output.stdout);
    let line = |name: &str| {
        printed
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(line("bind").contains("127.0.0.1:9") && line("bind").contains("dateline.toml"));
    assert!(line("workers").contains('5') && line("workers").contains("DATELINE_WORKERS"));
    assert!(line("log_level").contains("--log-level"));
    assert!(line("log_format").contains("default"));
    assert!(!printed.contains("hunter2"));
}

#[test]
fn a_wrong_setting_is_refused_before_anything_is_done() {
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
fn an_address_that_is_taken_is_said_plainly() {
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
