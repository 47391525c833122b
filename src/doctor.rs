//! Checks an installation, and says for each problem how to repair it.

use std::{
    collections::BTreeSet,
    fmt,
    path::Path,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    config::Config,
    data_folder,
    db::{Db, integrity, pending_migrations},
    error::Result,
    media::Store,
    models::{health, media, section, setting},
    ops,
    transfer::backup,
};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Fine,
    /// It works, but the operator should know.
    Notice,
    Broken,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "fine",
            Self::Notice => "notice",
            Self::Broken => "BROKEN",
        })
    }
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static str,
    pub state: State,
    pub result: String,
    /// How to repair it; empty if there is nothing to repair.
    pub remedy: String,
}

fn finding(
    check: &'static str,
    state: State,
    result: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    Finding {
        check,
        state,
        result: result.into(),
        remedy: remedy.into(),
    }
}

fn fine(check: &'static str, result: impl Into<String>) -> Finding {
    finding(check, State::Fine, result, "")
}

/// Free disk space in bytes below which there is a notice; below a tenth of it the check fails.
const MIN_FREE: u64 = 2 << 30;
/// The age up to which files without a database row are ignored: the row may not be written yet.
const GRACE: Duration = Duration::from_secs(3600);

/// How long a running server may take to answer.
const SERVER_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs all checks. With `repair`, data that can be derived from other data is rebuilt first.
pub fn examine(config: &Config, repair: bool, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = configuration(config);
    findings.push(data_folder(&config.data_dir));
    findings.push(free_space(
        "free space for data",
        existing(&config.data_dir),
    ));
    findings.extend(database(config, repair));
    findings.extend(server(config));
    findings.extend(backups(config, now));
    findings
}

fn configuration(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "configuration";
    let mut found = Vec::new();
    match &config.base_url {
        None => found.push(finding(
            CHECK,
            State::Notice,
            "base_url is not set: pages, feeds and sitemaps contain the address that the server listens on",
            "set base_url to the public address, like https://example.com",
        )),
        Some(url) if url.scheme() == "http" && !is_local(url) => found.push(finding(
            CHECK,
            State::Notice,
            format!("{url} is not https: passwords are sent unencrypted"),
            "put a proxy with a certificate in front, and set base_url to the https address",
        )),
        Some(_) => {}
    }
    if config.trusted_proxies.is_empty() && config.base_url.as_ref().is_some_and(|u| !is_local(u)) {
        found.push(finding(
            CHECK,
            State::Notice,
            "trusted_proxies is empty: behind a proxy, all visitors have the address of the proxy",
            "set trusted_proxies to the address of the proxy, if there is one",
        ));
    }
    if found.is_empty() {
        found.push(fine(CHECK, "complete"));
    }
    found
}

fn is_local(url: &url::Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Checks that files can be created in a folder, without creating it: a server may be running whose folder was deleted.
fn data_folder(path: &Path) -> Finding {
    const CHECK: &str = "data folder";
    let shown = path.display();
    match tempfile::tempfile_in(existing(path)) {
        Ok(_) if path.exists() => fine(CHECK, format!("{shown} is writable")),
        Ok(_) => finding(
            CHECK,
            State::Notice,
            format!("{shown} does not exist"),
            "dateline serve creates it; if it did exist, mount or restore it first",
        ),
        Err(error) if error.kind() == std::io::ErrorKind::ReadOnlyFilesystem => finding(
            CHECK,
            State::Broken,
            format!("{shown}: its file system is mounted read-only"),
            "mount it writable (mount -o remount,rw), or set data_dir to another folder",
        ),
        Err(error) => finding(
            CHECK,
            State::Broken,
            format!("{shown}: {error}"),
            "make the user that runs dateline the owner of the folder (chown), or set data_dir to another one",
        ),
    }
}

/// A folder, or the first one above it that exists.
fn existing(path: &Path) -> &Path {
    let mut above = path
        .ancestors()
        .filter(|folder| !folder.as_os_str().is_empty());
    above
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."))
}

fn free_space(check: &'static str, path: &Path) -> Finding {
    let free = match rustix::fs::statvfs(path) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            return finding(
                check,
                State::Broken,
                format!("{}: {error}", path.display()),
                "create the folder",
            );
        }
    };
    let result = format!("{} MB free on the disk of {}", free >> 20, path.display());
    match free {
        free if free < MIN_FREE / 10 => {
            finding(check, State::Broken, result, "free disk space immediately")
        }
        free if free < MIN_FREE => finding(check, State::Notice, result, "free disk space soon"),
        _ => fine(check, result),
    }
}

fn database(config: &Config, repair: bool) -> Vec<Finding> {
    const CHECK: &str = "database";
    let url = &config.database_url;
    if let Err(error) = data_folder::check_database(config) {
        // The text says what to do.
        let remedy = "dateline restore restores the newest backup of a folder";
        return vec![finding(CHECK, State::Broken, error.to_string(), remedy)];
    }
    if let Some(path) = url.missing_file() {
        return vec![finding(
            CHECK,
            State::Broken,
            format!("{} does not exist", path.display()),
            "run dateline serve to create it, or dateline restore to restore a backup",
        )];
    }
    let mut found = Vec::new();
    if let Some(marker) = data_folder::interrupted(config) {
        found.push(finding(
            CHECK,
            State::Broken,
            "restoring a backup was interrupted before it replaced the database, which is unchanged",
            format!(
                "run dateline restore --replace again, or delete {} to keep the database",
                marker.display()
            ),
        ));
    }
    found.extend(opened_database(config, repair));
    found
}

/// The checks of a database that exists.
fn opened_database(config: &Config, repair: bool) -> Vec<Finding> {
    const CHECK: &str = "database";
    let url = &config.database_url;
    let pending = match pending_migrations(url) {
        Ok(pending) => pending,
        Err(error) => {
            return vec![finding(
                CHECK,
                State::Broken,
                error.to_string(),
                "check that the database is running and that database_url is correct",
            )];
        }
    };
    if !pending.is_empty() {
        // The other checks need the current schema.
        return vec![finding(
            CHECK,
            State::Notice,
            format!(
                "the schema is outdated ({} pending migrations)",
                pending.len()
            ),
            "create a backup; then dateline serve migrates the schema",
        )];
    }
    let found = Db::open(url, 1)
        .map_err(|error| error.to_string())
        .and_then(|db| contents(config, &db, repair).map_err(|error| error.to_string()));
    found.unwrap_or_else(|error| {
        vec![finding(
            CHECK,
            State::Broken,
            error,
            "restore the newest backup (dateline restore)",
        )]
    })
}

/// Asks a running server whether it still uses this data folder, which no other process can see.
fn server(config: &Config) -> Option<Finding> {
    const CHECK: &str = "server";
    let address = config.ops_bind.unwrap_or(config.bind);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(SERVER_TIMEOUT))
        .build()
        .into();
    // No answer: it does not run.
    let mut answer = agent.get(format!("http://{address}/readyz")).call().ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    match text.trim() {
        ready if ready == ops::READY.trim() => {
            Some(fine(CHECK, format!("it is running at {address}")))
        }
        replaced if replaced == ops::DATA_REPLACED => Some(finding(
            CHECK,
            State::Broken,
            replaced,
            "put the folder back, or restore a backup; then restart the server",
        )),
        // Another program, or a server whose database is checked above.
        _ => None,
    }
}

fn contents(config: &Config, db: &Db, repair: bool) -> Result<Vec<Finding>> {
    if repair {
        db.write_blocking(|conn| {
            let (tree, settings) = (section::tree(conn)?, setting::load(conn)?);
            Ok(health::repair(conn, &tree, settings.time_zone)?)
        })?;
    }
    let store = Store::new(config.data_dir.join("media"));
    let (integrity, counts, has_admin, hashes) = db.read_blocking(|conn| {
        Ok::<_, crate::error::Error>((
            integrity(conn)?,
            health::counts(conn)?,
            health::has_admin(conn)?,
            media::hashes(conn)?,
        ))
    })?;
    let mut found = vec![if integrity.is_empty() {
        fine(
            "database",
            format!("{} is intact", config.database_url.shown()),
        )
    } else {
        finding(
            "database",
            State::Broken,
            integrity.join("; "),
            "stop the server, keep the file, and restore the newest backup (dateline restore --replace)",
        )
    }];
    if !has_admin {
        found.push(finding(
            "users",
            State::Notice,
            "there is no admin account that can log in",
            "dateline user add --role admin --email … --name …",
        ));
    }
    let is_broken = |is: bool| if is { State::Broken } else { State::Fine };
    let wrong = counts.not_findable + counts.wrongly_findable;
    found.push(finding(
        "search",
        is_broken(wrong > 0),
        format!(
            "{} published articles are missing in the index, {} unpublished ones are in it, {} are queued",
            counts.not_findable, counts.wrongly_findable, counts.waiting
        ),
        if wrong > 0 { "dateline doctor --repair" } else { "" },
    ));
    found.push(finding(
        "lists",
        is_broken(counts.not_listed > 0),
        format!(
            "{} published articles are missing in the timelines",
            counts.not_listed
        ),
        if counts.not_listed > 0 {
            "dateline doctor --repair"
        } else {
            ""
        },
    ));
    let wrong = counts.without_address + counts.of_nothing;
    found.push(finding(
        "addresses",
        is_broken(wrong > 0),
        format!(
            "{} published articles have none, {} have no target, {} redirect to a redirect",
            counts.without_address, counts.of_nothing, counts.chains
        ),
        if wrong > 0 {
            "save the articles again in the newsroom; remove the addresses under Redirects"
        } else {
            ""
        },
    ));
    found.push(pictures(&store, &hashes)?);
    Ok(found)
}

/// Compares the files of the pictures with their rows.
fn pictures(store: &Store, rows: &BTreeSet<String>) -> Result<Finding> {
    const CHECK: &str = "pictures";
    let files = store.hashes()?;
    let missing: Vec<&String> = rows
        .iter()
        .filter(|hash| !files.contains_key(*hash))
        .collect();
    let old = SystemTime::now() - GRACE;
    let orphans = files
        .iter()
        .filter(|(hash, time)| !rows.contains(*hash) && **time < old)
        .count();
    let result = format!(
        "{} pictures, {} of them without files; unused files of {orphans} pictures",
        rows.len(),
        missing.len()
    );
    Ok(match missing.first() {
        Some(first) => finding(
            CHECK,
            State::Broken,
            format!("{result} (first: {first})"),
            "copy the folder media from a backup into the data folder, or replace the pictures in the library",
        ),
        None if orphans > 0 => finding(
            CHECK,
            State::Notice,
            result,
            "dateline serve deletes them within ten minutes",
        ),
        None => fine(CHECK, result),
    })
}

fn backups(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    const CHECK: &str = "backups";
    let Some(to) = &config.backup_to else {
        return vec![finding(
            CHECK,
            State::Notice,
            "the server makes no backups",
            "set backup_to to a folder on another disk, or run dateline backup regularly",
        )];
    };
    let every = TimeDelta::hours(i64::from(config.backup_every));
    let newest = match backup::newest(to) {
        Ok(newest) => newest,
        Err(error) => {
            let remedy = "make the folder readable; move files that are not backups elsewhere";
            return vec![finding(CHECK, State::Broken, error.to_string(), remedy)];
        }
    };
    let age = newest.map(|newest| now - newest.made_at);
    let state = match age {
        Some(age) if age < every * 2 => fine(
            CHECK,
            format!("the newest backup is {} minutes old", age.num_minutes()),
        ),
        age => finding(
            CHECK,
            State::Broken,
            match age {
                Some(age) => format!("the newest backup is {} hours old", age.num_hours()),
                None => format!("there are none in {}", to.display()),
            },
            "see the log of the server and the dashboard; run dateline backup to create one now",
        ),
    };
    let mut found = vec![state];
    if to.exists() {
        found.push(free_space("free space for backups", to));
        let device = |path: &Path| rustix::fs::stat(path).map(|stat| stat.st_dev).ok();
        if device(to) == device(&config.data_dir) {
            found.push(finding(
                CHECK,
                State::Notice,
                "backups are on the same disk as the data",
                "set backup_to to a folder on another disk, or copy the backups to another machine",
            ));
        }
    }
    found
}
