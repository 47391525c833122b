//! The address of the database.

use std::path::{Path, PathBuf};

/// A SQLite file, or a PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence without a subject.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            if path.is_empty() || path.starts_with(':') {
                return Err("it names no file".to_owned());
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err("it starts with neither sqlite: nor postgres://".to_owned())
        }
    }
}

impl DatabaseUrl {
    /// The URL of the SQLite database in this file.
    pub fn file(path: PathBuf) -> Self {
        Self::Sqlite(path)
    }

    /// The SQLite file, which may not exist.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// The SQLite file, if it does not exist.
    pub fn missing_file(&self) -> Option<&Path> {
        self.sqlite_file().filter(|path| !path.exists())
    }

    /// The file that exists while a backup is restored: for SQLite, the new database before it is in place. After an
    /// interruption, it shows that the restore is not complete.
    pub fn restoring(&self, data_dir: &Path) -> PathBuf {
        match self {
            Self::Sqlite(path) => with_ending(path, ".restoring"),
            Self::Postgres(_) => data_dir.join("database.restoring"),
        }
    }

    /// The URL for logs and messages: without the password.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(text) => match url::Url::parse(text) {
                Ok(mut url) => {
                    // Setting a password fails only for a URL without a host, which has none.
                    if url.password().is_some() && url.set_password(Some("***")).is_err() {
                        return "postgres://…".to_owned();
                    }
                    url.to_string()
                }
                Err(_) => "postgres://…".to_owned(),
            },
        }
    }
}

/// The path with an ending after its file name, as of the files beside a SQLite database.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
