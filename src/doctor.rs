//! Looks at everything that can go wrong with an installation, and says of each thing how to mend it.

use std::{
    collections::BTreeSet,
    fmt,
    path::Path,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    config::Config,
    db::{Db, integrity, pending_migrations},
    error::Result,
    media::Store,
    models::{health, media, section, setting},
    transfer::backup,
};

/// How grave something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Fine,
    /// It works, but an operator should know.
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

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub state: State,
    pub said: String,
    /// How to mend it; empty if there is nothing to mend.
    pub mend: String,
}

fn finding(
    what: &'static str,
    state: State,
    said: impl Into<String>,
    mend: impl Into<String>,
) -> Finding {
    Finding {
        what,
        state,
        said: said.into(),
        mend: mend.into(),
    }
}

fn fine(what: &'static str, said: impl Into<String>) -> Finding {
    finding(what, State::Fine, said, "")
}

/// Less room than this is a notice, and less than a tenth of it is broken: in bytes.
const ROOM: u64 = 2 << 30;
/// Files without a picture are of no account for so long: theirs may be on its way into the database.
const GRACE: Duration = Duration::from_secs(3600);

/// Looks at everything. With `mend`, what can be mended from what is there is mended first.
pub fn examine(config: &Config, mend: bool, now: DateTime<Utc>) -> Vec<Finding> {
    let mut found = configuration(config);
    found.push(folder(&config.data_dir));
    found.push(room("room for data", &config.data_dir));
    found.extend(database(config, mend));
    found.extend(backups(config, now));
    found
}

fn configuration(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "configuration";
    let mut found = Vec::new();
    match &config.base_url {
        None => found.push(finding(
            WHAT,
            State::Notice,
            "base_url is not set: pages, feeds and sitemaps name the address where the server listens",
            "set base_url to the public address, like https://example.com",
        )),
        Some(url) if url.scheme() == "http" && !is_local(url) => found.push(finding(
            WHAT,
            State::Notice,
            format!("{url} is not https: passwords go over the wire as they are"),
            "put a proxy with a certificate in front, and set base_url to the https address",
        )),
        Some(_) => {}
    }
    if config.trusted_proxies.is_empty() && config.base_url.as_ref().is_some_and(|u| !is_local(u)) {
        found.push(finding(
            WHAT,
            State::Notice,
            "trusted_proxies is empty: behind a proxy, every visitor seems to be the proxy",
            "set trusted_proxies to the proxy's address, unless there is none",
        ));
    }
    if found.is_empty() {
        found.push(fine(WHAT, "it is complete"));
    }
    found
}

fn is_local(url: &url::Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Whether files can be written in a folder.
fn folder(path: &Path) -> Finding {
    const WHAT: &str = "data folder";
    let tried = std::fs::create_dir_all(path).and_then(|()| tempfile::tempfile_in(path).map(drop));
    match tried {
        Ok(()) => fine(WHAT, format!("{} can be written", path.display())),
        Err(error) => finding(
            WHAT,
            State::Broken,
            format!("{}: {error}", path.display()),
            "give the folder to the user that runs dateline (chown), or name another one (data_dir)",
        ),
    }
}

fn room(what: &'static str, path: &Path) -> Finding {
    let room = match rustix::fs::statvfs(path) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            return finding(
                what,
                State::Broken,
                format!("{}: {error}", path.display()),
                "the folder has to be there",
            );
        }
    };
    let said = format!("{} MB are free where {} is", room >> 20, path.display());
    match room {
        room if room < ROOM / 10 => finding(what, State::Broken, said, "make room now"),
        room if room < ROOM => finding(what, State::Notice, said, "make room soon"),
        _ => fine(what, said),
    }
}

fn database(config: &Config, mend: bool) -> Vec<Finding> {
    const WHAT: &str = "database";
    let url = &config.database_url;
    if let Some(path) = url.missing_file() {
        return vec![finding(
            WHAT,
            State::Broken,
            format!("{} is not there", path.display()),
            "dateline serve makes a new one; dateline restore puts a backup in its place",
        )];
    }
    let pending = match pending_migrations(url) {
        Ok(pending) => pending,
        Err(error) => {
            return vec![finding(
                WHAT,
                State::Broken,
                error.to_string(),
                "see that the database runs, and that database_url is right",
            )];
        }
    };
    if !pending.is_empty() {
        // What follows would have to change it first.
        return vec![finding(
            WHAT,
            State::Notice,
            format!(
                "its schema is older than this program ({} to do)",
                pending.len()
            ),
            "back it up; then dateline serve brings it up to date",
        )];
    }
    let found = Db::open(url, 1)
        .map_err(|error| error.to_string())
        .and_then(|db| contents(config, &db, mend).map_err(|error| error.to_string()));
    found.unwrap_or_else(|error| {
        vec![finding(
            WHAT,
            State::Broken,
            error,
            "restore the newest backup (dateline restore)",
        )]
    })
}

fn contents(config: &Config, db: &Db, mend: bool) -> Result<Vec<Finding>> {
    if mend {
        db.write_blocking(|conn| {
            let (tree, settings) = (section::tree(conn)?, setting::load(conn)?);
            Ok(health::mend(conn, &tree, settings.time_zone)?)
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
            format!("{} is whole", config.database_url.shown()),
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
            "people",
            State::Notice,
            "there is no admin who can log in",
            "dateline user add --role admin --email … --name …",
        ));
    }
    let is_broken = |is: bool| if is { State::Broken } else { State::Fine };
    let wrong = counts.not_findable + counts.wrongly_findable;
    found.push(finding(
        "search",
        is_broken(wrong > 0),
        format!(
            "{} published stories cannot be found, {} can that are not published, {} wait for their turn",
            counts.not_findable, counts.wrongly_findable, counts.waiting
        ),
        if wrong > 0 { "dateline doctor --mend" } else { "" },
    ));
    found.push(finding(
        "lists",
        is_broken(counts.not_listed > 0),
        format!("{} published stories stand in no list", counts.not_listed),
        if counts.not_listed > 0 {
            "dateline doctor --mend"
        } else {
            ""
        },
    ));
    let wrong = counts.without_address + counts.of_nothing;
    found.push(finding(
        "addresses",
        is_broken(wrong > 0),
        format!(
            "{} published stories have none, {} lead to nothing, {} redirect to a redirect",
            counts.without_address, counts.of_nothing, counts.chains
        ),
        if wrong > 0 {
            "save the stories anew in the newsroom; remove the addresses under Redirects"
        } else {
            ""
        },
    ));
    found.push(pictures(&store, &hashes)?);
    Ok(found)
}

/// The files of pictures against their rows.
fn pictures(store: &Store, rows: &BTreeSet<String>) -> Result<Finding> {
    const WHAT: &str = "pictures";
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
    let said = format!(
        "{} pictures, {} of them without files; files of {orphans} that nobody needs",
        rows.len(),
        missing.len()
    );
    Ok(match missing.first() {
        Some(first) => finding(
            WHAT,
            State::Broken,
            format!("{said} (the first is {first})"),
            "copy the folder media of a backup over the one in the data folder, or replace the pictures in the library",
        ),
        None if orphans > 0 => finding(
            WHAT,
            State::Notice,
            said,
            "dateline serve deletes them within ten minutes",
        ),
        None => fine(WHAT, said),
    })
}

fn backups(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    const WHAT: &str = "backups";
    let Some(to) = &config.backup_to else {
        return vec![finding(
            WHAT,
            State::Notice,
            "the server makes none",
            "set backup_to to a folder on another disk, or see that something else calls dateline backup",
        )];
    };
    let every = TimeDelta::hours(i64::from(config.backup_every));
    let newest = match backup::newest(to) {
        Ok(newest) => newest,
        Err(error) => {
            let mend = "see that the folder can be read; move away what is no backup";
            return vec![finding(WHAT, State::Broken, error.to_string(), mend)];
        }
    };
    let age = newest.map(|newest| now - newest.made_at);
    let state = match age {
        Some(age) if age < every * 2 => fine(
            WHAT,
            format!("the newest is {} minutes old", age.num_minutes()),
        ),
        age => finding(
            WHAT,
            State::Broken,
            match age {
                Some(age) => format!("the newest is {} hours old", age.num_hours()),
                None => format!("there is none in {}", to.display()),
            },
            "the server's log and the dashboard say why; dateline backup makes one now",
        ),
    };
    let mut found = vec![state];
    if to.exists() {
        found.push(room("room for backups", to));
        let device = |path: &Path| rustix::fs::stat(path).map(|stat| stat.st_dev).ok();
        if device(to) == device(&config.data_dir) {
            found.push(finding(
                WHAT,
                State::Notice,
                "they are on the disk that the newspaper is on",
                "have backup_to lead to another disk, or copy the backups to another machine",
            ));
        }
    }
    found
}
