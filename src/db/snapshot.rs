//! Snapshots: a database copied to a file while it is in use, and restored from it.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

use super::connection::{AnyConnection, DatabaseUrl, Manager, Role};

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

    /// Writes a consistent copy of the database to `file`, without blocking readers and writers.
    pub fn snapshot(&self, file: &Path) -> Result<(), SnapshotError> {
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
                run("pg_dump", &options, &arguments, password)
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
            Self::Postgres(_) => run("pg_restore", &["--file=-"], &[file.as_os_str()], None),
        }
    }

    /// Restores a snapshot. A database that is not empty is replaced only if `replace`; a replaced SQLite file is
    /// renamed, and its new path returned.
    pub fn restore(&self, file: &Path, replace: bool) -> Result<Option<PathBuf>, SnapshotError> {
        match self {
            Self::Sqlite(path) => {
                let mut kept = None;
                if path.exists() {
                    if !replace {
                        return Err(SnapshotError::NotEmpty(path.display().to_string()));
                    }
                    let now = chrono::Utc::now().format("%Y%m%dT%H%M%SZ");
                    let renamed = path.with_extension(format!("before-{now}.db"));
                    std::fs::rename(path, &renamed).map_err(file_error(path))?;
                    // The write-ahead log belongs to the old file.
                    for ending in ["-wal", "-shm"] {
                        let log = PathBuf::from(format!("{}{ending}", path.display()));
                        let to = PathBuf::from(format!("{}{ending}", renamed.display()));
                        if log.exists() {
                            std::fs::rename(&log, to).map_err(file_error(&log))?;
                        }
                    }
                    kept = Some(renamed);
                }
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(file_error(folder))?;
                }
                let partial = path.with_extension("restoring");
                std::fs::copy(file, &partial).map_err(file_error(&partial))?;
                std::fs::File::open(&partial)
                    .and_then(|copied| copied.sync_all())
                    .map_err(file_error(&partial))?;
                std::fs::rename(&partial, path).map_err(file_error(path))?;
                Ok(kept)
            }
            Self::Postgres(url) => {
                let queries = std::sync::Arc::default();
                let mut conn = Manager::new(self.clone(), Role::Migrator, queries).open()?;
                if !replace && has_tables(&mut conn)? {
                    return Err(SnapshotError::NotEmpty(self.shown()));
                }
                drop(conn);
                let mut options = vec!["--no-owner", "--single-transaction"];
                if replace {
                    options.extend(["--clean", "--if-exists"]);
                }
                let (url, password) = without_password(url);
                let to = [OsStr::new("--dbname"), OsStr::new(&url), file.as_os_str()];
                run("pg_restore", &options, &to, password)?;
                Ok(None)
            }
        }
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

/// Runs a client program of PostgreSQL.
fn run(
    program: &'static str,
    options: &[&str],
    arguments: &[&OsStr],
    password: Option<String>,
) -> Result<(), SnapshotError> {
    let failed = |message: String| SnapshotError::Program { program, message };
    let done = Command::new(program_path(program))
        .args(options)
        .args(arguments)
        .envs(password.map(|password| ("PGPASSWORD", password)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| failed(format!("{error}; install PostgreSQL's client")))?;
    if done.status.success() {
        Ok(())
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
    fn a_password_is_not_on_the_command_line() {
        let (url, password) =
            without_password("postgres://desk:p%40ss@db.example:5432/paper?sslmode=disable");
        assert_eq!(url, "postgres://desk@db.example:5432/paper?sslmode=disable");
        assert_eq!(password.as_deref(), Some("p@ss"));
        let plain = "postgres://desk@localhost/paper";
        assert_eq!(without_password(plain), (plain.to_owned(), None));
    }
}
