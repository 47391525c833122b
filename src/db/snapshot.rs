//! Snapshots: a database copied to a file while it is in use, and restored from it.

use std::{
    ffi::OsStr,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

use super::{
    connection::{AnyConnection, DatabaseUrl, Manager, Role},
    error::MigrateError,
    migrate::migrate,
};
use crate::{database_url::with_ending, private_file};

/// The tables whose rows are not restored: sessions and links of the time of the backup would be valid again, although
/// they may have been ended since.
const NOT_RESTORED: [&str; 2] = ["sessions", "reset_links"];
/// The files of SQLite beside a database.
const LOGS: [&str; 2] = ["-wal", "-shm"];
/// The number of names that are tried for a replaced database.
const MAX_KEPT: u32 = 1_000;

/// Why a snapshot failed; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::r2d2::Error),
    #[error("database: {0}")]
    Query(#[from] diesel::result::Error),
    #[error("{path}: {why}")]
    File { path: String, why: std::io::Error },
    #[error("the database at {0} is not empty; use --replace to replace it with the backup")]
    NotEmpty(String),
    #[error("another program uses the database at {0}; stop it first")]
    InUse(String),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("{program} failed: {message}")]
    Program {
        program: &'static str,
        message: String,
    },
    #[error("{0} is damaged: {1}")]
    Broken(String, String),
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> SnapshotError {
    let path = path.display().to_string();
    move |why| SnapshotError::File { path, why }
}

impl DatabaseUrl {
    /// The file name of a snapshot of such a database.
    pub fn snapshot_name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "database.sqlite",
            Self::Postgres(_) => "database.pgdump",
        }
    }

    /// Writes a consistent copy of the database to the new `file`, without blocking readers and writers.
    pub fn snapshot(&self, file: &Path) -> Result<(), SnapshotError> {
        // Both engines fill an empty file, and would make a new one readable by other users.
        private_file::create_new(file).map_err(file_error(file))?;
        match self {
            Self::Sqlite(_) => {
                let queries = std::sync::Arc::default();
                let mut conn = Manager::new(self.clone(), Role::Writer, queries).open()?;
                sql_query("VACUUM INTO $1")
                    .bind::<Text, _>(file.display().to_string())
                    .execute(&mut conn)?;
                Ok(())
            }
            Self::Postgres(url) => {
                let options = ["--format=custom", "--no-owner", "--no-privileges"];
                let (to, from) = (OsStr::new("--file"), OsStr::new("--dbname"));
                let (url, password) = without_password(url);
                let arguments = [to, file.as_os_str(), from, OsStr::new(&url)];
                run("pg_dump", &options, &arguments, password, Stdio::null()).map(drop)
            }
        }
    }

    /// Verifies a snapshot by reading all of it.
    ///
    /// # Errors
    /// [`SnapshotError::Broken`] with the problems that were found.
    pub fn check_snapshot(&self, file: &Path) -> Result<(), SnapshotError> {
        match self {
            Self::Sqlite(_) => {
                #[derive(QueryableByName)]
                struct Check {
                    #[diesel(sql_type = Text)]
                    quick_check: String,
                }
                let mut conn = SqliteConnection::establish(&file.display().to_string())
                    .map_err(diesel::r2d2::Error::ConnectionError)?;
                conn.batch_execute("PRAGMA query_only = ON")?;
                let checks: Vec<Check> = sql_query("PRAGMA quick_check").load(&mut conn)?;
                match checks.as_slice() {
                    [one] if one.quick_check == "ok" => Ok(()),
                    other => {
                        let problems: Vec<&str> = other
                            .iter()
                            .map(|check| check.quick_check.as_str())
                            .collect();
                        let file = file.display().to_string();
                        Err(SnapshotError::Broken(file, problems.join("; ")))
                    }
                }
            }
            Self::Postgres(_) => {
                let options = ["--file=-"];
                run(
                    "pg_restore",
                    &options,
                    &[file.as_os_str()],
                    None,
                    Stdio::null(),
                )
                .map(drop)
            }
        }
    }

    /// Prepares a snapshot for taking the place of this database: up to [`Staged::put_in_place`], nothing is replaced.
    /// `marker` is the path of [`DatabaseUrl::restoring`].
    ///
    /// # Errors
    /// Also if the database is not empty and `replace` is false, or a SQLite snapshot has a newer schema.
    pub fn stage(
        &self,
        file: &Path,
        marker: &Path,
        replace: bool,
    ) -> Result<Staged, SnapshotError> {
        if !replace && !self.is_empty()? {
            return Err(SnapshotError::NotEmpty(self.shown()));
        }
        if let Some(folder) = marker.parent() {
            private_file::create_folder(folder).map_err(file_error(folder))?;
        }
        // Of an interrupted restore: SQLite would apply them to the new copy.
        for ending in ["-wal", "-shm", "-journal"] {
            remove(&with_ending(marker, ending))?;
        }
        let staged = Staged {
            database: self.clone(),
            snapshot: file.to_owned(),
            marker: marker.to_owned(),
            replace,
        };
        match self {
            Self::Sqlite(_) => {
                private_file::copy(file, marker).map_err(file_error(marker))?;
                prepare(marker)?;
            }
            Self::Postgres(_) => private_file::write(marker, b"").map_err(file_error(marker))?,
        }
        Ok(staged)
    }

    fn is_empty(&self) -> Result<bool, SnapshotError> {
        match self {
            Self::Sqlite(path) => match std::fs::metadata(path) {
                Ok(about) => Ok(about.len() == 0),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
                Err(error) => Err(file_error(path)(error)),
            },
            Self::Postgres(_) => {
                let queries = std::sync::Arc::default();
                let mut conn = Manager::new(self.clone(), Role::Migrator, queries).open()?;
                Ok(!has_tables(&mut conn)?)
            }
        }
    }
}

/// A snapshot that is about to take the place of a database. Its marker is deleted when it is dropped, and remains if the
/// process is killed.
pub struct Staged {
    database: DatabaseUrl,
    snapshot: PathBuf,
    marker: PathBuf,
    replace: bool,
}

impl Staged {
    /// Replaces the database in one step, so that at any moment there is either the old or the new one. The replaced SQLite
    /// file is kept under another name, which is returned.
    ///
    /// # Errors
    /// The database is then unchanged.
    pub fn put_in_place(self) -> Result<Option<PathBuf>, SnapshotError> {
        match &self.database {
            DatabaseUrl::Sqlite(path) => replace_file(path, &self.marker),
            DatabaseUrl::Postgres(url) => {
                let list = contents(&self.snapshot)?;
                let list = list.path().as_os_str();
                let mut options = vec!["--no-owner", "--single-transaction"];
                if self.replace {
                    options.extend(["--clean", "--if-exists"]);
                }
                let (url, password) = without_password(url);
                let (to, only) = (OsStr::new("--dbname"), OsStr::new("--use-list"));
                let arguments = [to, OsStr::new(&url), only, list, self.snapshot.as_os_str()];
                run("pg_restore", &options, &arguments, password, Stdio::null())?;
                Ok(None)
            }
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for path in LOGS.map(|ending| with_ending(&self.marker, ending)) {
            // It remains as after an interruption, and the next restore deletes it.
            let _ = remove(&path);
        }
        let _ = remove(&self.marker);
    }
}

/// Brings a copy of a SQLite snapshot up to date, as a single file that is durable.
fn prepare(file: &Path) -> Result<(), SnapshotError> {
    let url = DatabaseUrl::Sqlite(file.to_owned());
    let mut conn = Manager::new(url, Role::Migrator, std::sync::Arc::default()).open()?;
    migrate(&mut conn)?;
    conn.write_transaction(|conn| {
        for table in NOT_RESTORED {
            sql_query(format!("DELETE FROM {table}")).execute(conn)?;
        }
        Ok::<_, diesel::result::Error>(())
    })?;
    conn.batch_execute("PRAGMA journal_mode = DELETE")?;
    drop(conn);
    std::fs::File::open(file)
        .and_then(|file| file.sync_all())
        .map_err(file_error(file))
}

/// The contents of a PostgreSQL snapshot without the rows that are not restored, as a list for `pg_restore`.
fn contents(snapshot: &Path) -> Result<tempfile::NamedTempFile, SnapshotError> {
    let arguments = [snapshot.as_os_str()];
    let all = run("pg_restore", &["--list"], &arguments, None, Stdio::piped())?;
    let kept: String = String::from_utf8_lossy(&all)
        .lines()
        .filter(|line| !is_not_restored(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let file = tempfile::NamedTempFile::new().map_err(file_error(&std::env::temp_dir()))?;
    std::fs::write(file.path(), kept).map_err(file_error(file.path()))?;
    Ok(file)
}

/// Whether a line of the list names rows that are not restored: `3512; 0 16460 TABLE DATA public sessions owner`.
fn is_not_restored(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    matches!(words.as_slice(), [_, _, _, "TABLE", "DATA", _, table, ..] if NOT_RESTORED.contains(table))
}

/// Replaces a SQLite file, which no process uses, by `new`; returns the name under which the old one is kept.
fn replace_file(path: &Path, new: &Path) -> Result<Option<PathBuf>, SnapshotError> {
    fold_log(path)?;
    let has_content = std::fs::metadata(path).is_ok_and(|about| about.len() > 0);
    let logs = LOGS.map(|ending| (ending, with_ending(path, ending)));
    let mut kept = None;
    if has_content || logs.iter().any(|(_, log)| log.exists()) {
        let name = free_name(path)?;
        if has_content {
            // A second name for the old file: without a name, there would be no newspaper for a moment.
            if std::fs::hard_link(path, &name).is_err() {
                // Not every file system has second names. An interruption before the next step is then recognised by
                // the marker.
                std::fs::rename(path, &name).map_err(file_error(path))?;
            }
            kept = Some(name.clone());
        }
        // What remains of the log belongs to the old file; SQLite would write it into the new one.
        for (ending, log) in logs {
            if log.exists() {
                std::fs::rename(&log, with_ending(&name, ending)).map_err(file_error(&log))?;
            }
        }
    }
    if let Err(why) = std::fs::rename(new, path) {
        if let Some(name) = kept.filter(|_| !path.exists()) {
            std::fs::rename(&name, path).map_err(file_error(path))?;
        }
        return Err(file_error(path)(why));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // The new name is durable only after the folder is synced.
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(file_error(folder))?;
    Ok(kept)
}

/// Writes the write-ahead log of a SQLite database into its file.
///
/// # Errors
/// If another program uses the database. A damaged one is left as it is, to be kept together with its log.
fn fold_log(path: &Path) -> Result<(), SnapshotError> {
    #[derive(QueryableByName)]
    struct Checkpoint {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }
    // SQLite deletes the log of a file that is empty or no database.
    if !with_ending(path, "-wal").exists() || !is_database(path) {
        return Ok(());
    }
    let Ok(mut conn) = SqliteConnection::establish(&path.display().to_string()) else {
        return Ok(());
    };
    let folded = conn
        .batch_execute("PRAGMA busy_timeout = 5000; SELECT COUNT(*) FROM sqlite_schema;")
        .and_then(|()| sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn));
    match folded {
        Ok(Checkpoint { busy: 0 }) => Ok(()),
        Ok(_) => Err(SnapshotError::InUse(path.display().to_string())),
        Err(error) if is_damaged(&error) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a file begins like a SQLite database.
fn is_database(path: &Path) -> bool {
    let mut head = [0; 16];
    std::fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut head))
        .is_ok_and(|()| head == *b"SQLite format 3\0")
}

/// Whether SQLite cannot read a file. It reports this only by its message.
fn is_damaged(error: &diesel::result::Error) -> bool {
    let message = error.to_string();
    ["malformed", "not a database"]
        .iter()
        .any(|text| message.contains(text))
}

/// A name for a replaced database that no file has, neither a database nor its log.
fn free_name(path: &Path) -> Result<PathBuf, SnapshotError> {
    let now = chrono::Utc::now().format("%Y%m%dT%H%M%SZ");
    let name = |number: u32| match number {
        1 => path.with_extension(format!("before-{now}.db")),
        number => path.with_extension(format!("before-{now}-{number}.db")),
    };
    let is_free = |name: &PathBuf| {
        let mut files = ["", "-wal", "-shm"]
            .map(|ending| with_ending(name, ending))
            .into_iter();
        files.all(|file| file.symlink_metadata().is_err())
    };
    (1..=MAX_KEPT)
        .map(name)
        .find(is_free)
        .ok_or_else(|| file_error(path)(ErrorKind::AlreadyExists.into()))
}

/// Deletes a file that may not exist.
fn remove(path: &Path) -> Result<(), SnapshotError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error(path)(error)),
        _ => Ok(()),
    }
}

fn has_tables(conn: &mut AnyConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        tables: i64,
    }
    let found: Count = sql_query(
        "SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema = 'public'",
    )
    .get_result(conn)?;
    Ok(found.tables > 0)
}

/// The URL without its password, and the password: other users of the machine can read command lines.
fn without_password(url: &str) -> (String, Option<String>) {
    let Ok(mut parsed) = url::Url::parse(url) else {
        return (url.to_owned(), None);
    };
    let password = parsed.password().map(|password| {
        percent_encoding::percent_decode_str(password)
            .decode_utf8_lossy()
            .into_owned()
    });
    // Setting a password fails only for a URL without a host, which has none.
    if parsed.set_password(None).is_err() {
        return (url.to_owned(), None);
    }
    (parsed.to_string(), password)
}

/// Runs a client program of PostgreSQL; returns its output if `stdout` is piped.
fn run(
    program: &'static str,
    options: &[&str],
    arguments: &[&OsStr],
    password: Option<String>,
    stdout: Stdio,
) -> Result<Vec<u8>, SnapshotError> {
    let failed = |message: String| SnapshotError::Program { program, message };
    let done = Command::new(program_path(program))
        .args(options)
        .args(arguments)
        .envs(password.map(|password| ("PGPASSWORD", password)))
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| failed(format!("{error}; install PostgreSQL's client")))?;
    if done.status.success() {
        Ok(done.stdout)
    } else {
        Err(failed(
            String::from_utf8_lossy(&done.stderr).trim().to_owned(),
        ))
    }
}

/// The path of a client program: found on `PATH`, or the newest in Debian's folder.
fn program_path(program: &str) -> PathBuf {
    let on_path = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    });
    if on_path {
        return program.into();
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    versions
        .filter_map(|version| Some(version.ok()?.path().join("bin").join(program)))
        .filter(|path| path.is_file())
        .max()
        .unwrap_or_else(|| program.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rows_of_sessions_and_links_are_not_restored() {
        for (line, expected) in [
            ("3512; 0 16460 TABLE DATA public sessions dateline", true),
            ("3513; 0 16470 TABLE DATA public reset_links dateline", true),
            ("3514; 0 16480 TABLE DATA public users dateline", false),
            ("3515; 0 16490 TABLE DATA public articles sessions", false),
            ("216; 1259 16460 TABLE public sessions dateline", false),
            ("; Archive created at 2026-11-29", false),
            ("", false),
        ] {
            assert_eq!(is_not_restored(line), expected, "{line}");
        }
    }

    #[test]
    fn two_replacements_within_a_second_keep_both_old_databases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        std::fs::write(&path, "first").unwrap();
        let mut kept = Vec::new();
        for next in ["second", "third", "fourth"] {
            let new = folder.path().join("new");
            std::fs::write(&new, next).unwrap();
            kept.push(replace_file(&path, &new).unwrap().unwrap());
        }
        let texts = kept
            .iter()
            .map(|kept| std::fs::read_to_string(kept).unwrap());
        assert_eq!(texts.collect::<Vec<_>>(), ["first", "second", "third"]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "fourth");
    }

    #[test]
    fn the_log_of_a_replaced_database_is_kept_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        let new = folder.path().join("new");
        std::fs::write(&path, "damaged").unwrap();
        std::fs::write(with_ending(&path, "-wal"), "its log").unwrap();
        std::fs::write(&new, "new").unwrap();
        let kept = replace_file(&path, &new).unwrap().unwrap();
        let log = std::fs::read_to_string(with_ending(&kept, "-wal"));
        assert_eq!(log.unwrap(), "its log");
        assert!(!with_ending(&path, "-wal").exists());
        // A log without its database must not become that of the new one.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(with_ending(&path, "-wal"), "left").unwrap();
        std::fs::write(&new, "newer").unwrap();
        assert_eq!(replace_file(&path, &new).unwrap(), None);
        assert!(!with_ending(&path, "-wal").exists());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer");
    }

    #[test]
    fn a_password_is_not_on_the_command_line() {
        let (url, password) =
            without_password("postgres://desk:p%40ss@db.example:5432/paper?sslmode=disable");
        assert_eq!(url, "postgres://desk@db.example:5432/paper?sslmode=disable");
        assert_eq!(password.as_deref(), Some("p@ss"));
        let plain = "postgres://desk@localhost/paper";
        assert_eq!(without_password(plain), (plain.to_owned(), None));
    }
}
