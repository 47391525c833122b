//! A database as a file: taken while others read and write, and put back.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

use super::{AnyConnection, DatabaseUrl, connection::Manager, connection::Role};

/// Why a snapshot failed; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::r2d2::Error),
    #[error("database: {0}")]
    Query(#[from] diesel::result::Error),
    #[error("{path}: {why}")]
    File { path: String, why: std::io::Error },
    #[error("the database at {0} holds something already; --replace puts the backup in its place")]
    NotEmpty(String),
    #[error("{program} failed: {said}")]
    Program { program: &'static str, said: String },
    #[error("{0} is not whole: {1}")]
    Broken(String, String),
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> SnapshotError {
    let path = path.display().to_string();
    move |why| SnapshotError::File { path, why }
}

impl DatabaseUrl {
    /// What a snapshot of such a database is called.
    pub fn snapshot_name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "database.sqlite",
            Self::Postgres(_) => "database.pgdump",
        }
    }

    /// Writes all that is in the database at one moment to `file`, while others read and write.
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
                let how = ["--format=custom", "--no-owner", "--no-privileges"];
                let (to, from) = (OsStr::new("--file"), OsStr::new("--dbname"));
                let (url, password) = without_password(url);
                let last = [to, file.as_os_str(), from, OsStr::new(&url)];
                run("pg_dump", &how, &last, password)
            }
        }
    }

    /// Reads a snapshot from end to end.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check_snapshot(&self, file: &Path) -> Result<(), SnapshotError> {
        match self {
            Self::Sqlite(_) => {
                #[derive(QueryableByName)]
                struct Said {
                    #[diesel(sql_type = Text)]
                    quick_check: String,
                }
                let mut conn = SqliteConnection::establish(&file.display().to_string())
                    .map_err(diesel::r2d2::Error::ConnectionError)?;
                conn.batch_execute("PRAGMA query_only = ON")?;
                let said: Vec<Said> = sql_query("PRAGMA quick_check").load(&mut conn)?;
                match said.as_slice() {
                    [one] if one.quick_check == "ok" => Ok(()),
                    other => {
                        let said: Vec<&str> =
                            other.iter().map(|said| said.quick_check.as_str()).collect();
                        let file = file.display().to_string();
                        Err(SnapshotError::Broken(file, said.join("; ")))
                    }
                }
            }
            Self::Postgres(_) => run("pg_restore", &["--file=-"], &[file.as_os_str()], None),
        }
    }

    /// Puts a snapshot into the place of the database. One that holds something is replaced only if that is
    /// asked for; of SQLite it is kept beside, and where is returned.
    pub fn restore(&self, file: &Path, replace: bool) -> Result<Option<PathBuf>, SnapshotError> {
        match self {
            Self::Sqlite(path) => {
                let mut kept = None;
                if path.exists() {
                    if !replace {
                        return Err(SnapshotError::NotEmpty(path.display().to_string()));
                    }
                    let now = chrono::Utc::now().format("%Y%m%dT%H%M%SZ");
                    let beside = path.with_extension(format!("before-{now}.db"));
                    std::fs::rename(path, &beside).map_err(at(path))?;
                    // What was not yet moved from the log into the file belongs to the old one.
                    for ending in ["-wal", "-shm"] {
                        let log = PathBuf::from(format!("{}{ending}", path.display()));
                        let to = PathBuf::from(format!("{}{ending}", beside.display()));
                        if log.exists() {
                            std::fs::rename(&log, to).map_err(at(&log))?;
                        }
                    }
                    kept = Some(beside);
                }
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(at(folder))?;
                }
                let half = path.with_extension("restoring");
                std::fs::copy(file, &half).map_err(at(&half))?;
                std::fs::File::open(&half)
                    .and_then(|copied| copied.sync_all())
                    .map_err(at(&half))?;
                std::fs::rename(&half, path).map_err(at(path))?;
                Ok(kept)
            }
            Self::Postgres(url) => {
                let queries = std::sync::Arc::default();
                let mut conn = Manager::new(self.clone(), Role::Migrator, queries).open()?;
                if !replace && has_tables(&mut conn)? {
                    return Err(SnapshotError::NotEmpty(self.shown()));
                }
                drop(conn);
                let mut how = vec!["--no-owner", "--single-transaction"];
                if replace {
                    how.extend(["--clean", "--if-exists"]);
                }
                let (url, password) = without_password(url);
                let to = [OsStr::new("--dbname"), OsStr::new(&url), file.as_os_str()];
                run("pg_restore", &how, &to, password)?;
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

/// The URL without its password, and the password: everybody on the machine sees what programs are called
/// with.
fn without_password(url: &str) -> (String, Option<String>) {
    let Ok(mut parsed) = url::Url::parse(url) else {
        return (url.to_owned(), None);
    };
    let password = parsed.password().map(|password| {
        percent_encoding::percent_decode_str(password)
            .decode_utf8_lossy()
            .into_owned()
    });
    // It is refused only where there is no host, and so no password.
    if parsed.set_password(None).is_err() {
        return (url.to_owned(), None);
    }
    (parsed.to_string(), password)
}

/// Runs one of PostgreSQL's programs.
fn run(
    program: &'static str,
    how: &[&str],
    what: &[&OsStr],
    password: Option<String>,
) -> Result<(), SnapshotError> {
    let failed = |said: String| SnapshotError::Program { program, said };
    let done = Command::new(program_path(program))
        .args(how)
        .args(what)
        .envs(password.map(|password| ("PGPASSWORD", password)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| failed(format!("{error}; it comes with PostgreSQL's client")))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(failed(
            String::from_utf8_lossy(&done.stderr).trim().to_owned(),
        ))
    }
}

/// Where a program of PostgreSQL's is: on the path, or where Debian keeps the newest.
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
    fn a_password_is_not_among_what_a_program_is_called_with() {
        let (url, password) =
            without_password("postgres://desk:p%40ss@db.example:5432/paper?sslmode=disable");
        assert_eq!(url, "postgres://desk@db.example:5432/paper?sslmode=disable");
        assert_eq!(password.as_deref(), Some("p@ss"));
        let plain = "postgres://desk@localhost/paper";
        assert_eq!(without_password(plain), (plain.to_owned(), None));
    }
}
