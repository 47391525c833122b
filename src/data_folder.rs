//! The data folder in use: locked against a restore, checked before a database is opened in it, and recognised when it is
//! deleted or replaced.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::{
    config::Config,
    database_url::{DatabaseUrl, with_ending},
    private_file,
};

/// Why the data folder cannot be used; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("cannot create the folder {path}: {why}")]
    Folder { path: String, why: io::Error },
    #[error(
        "cannot write to {0}: its file system is mounted read-only. Mount it writable, or set data_dir and \
         database_url to another folder"
    )]
    ReadOnly(String),
    #[error("cannot write to {path}: {why}. Make the user that runs dateline its owner (chown)")]
    NotWritable { path: String, why: io::Error },
    #[error("cannot lock {path}: {why}")]
    Lock { path: String, why: io::Error },
    #[error(
        "{0} is in use by a running server or another command; stop it first. Nothing was changed"
    )]
    InUse(String),
    #[error("{0} is being restored or copied into; try again when that is finished")]
    Busy(String),
    #[error(
        "the database {file} is {state}, but {beside} exists, so this is not a new newspaper. Restore a backup \
         (dateline restore), or move both away to begin a new newspaper"
    )]
    LostDatabase {
        file: String,
        state: &'static str,
        beside: String,
    },
    #[error(
        "restoring a backup into {database} was interrupted. Run dateline restore again to finish it, or delete \
         {marker} to begin a new newspaper"
    )]
    Interrupted { database: String, marker: String },
}

/// Whether the folder may be used by other processes at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    Shared,
    Exclusive,
}

/// The locks on a data folder and its database, until it is dropped or the process ends.
#[derive(Debug)]
pub struct DataFolder {
    locks: Vec<LockFile>,
    /// The folder of pictures and its identity, once it exists.
    media: PathBuf,
    media_id: OnceLock<FileId>,
}

#[derive(Debug)]
struct LockFile {
    path: PathBuf,
    /// While it is open, no other file can have its inode number.
    file: File,
}

/// The identity of a file. It is unique while the file is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|about| Self::from(&about))
    }
}

impl From<&fs::Metadata> for FileId {
    fn from(about: &fs::Metadata) -> Self {
        Self {
            device: about.dev(),
            inode: about.ino(),
        }
    }
}

impl DataFolder {
    /// Opens the data folder for a server or an ordinary command, and creates it if it is missing. Its database and its
    /// folders become readable only by this user.
    ///
    /// # Errors
    /// If a restore is running or was interrupted, the folder is not writable, or the database was lost.
    pub fn open(config: &Config) -> Result<Self, DataError> {
        let (data_dir, database) = (&config.data_dir, &config.database_url);
        create(data_dir)?;
        let mut folders = vec![data_dir.clone(), data_dir.join("media")];
        if let Some(file) = database.sqlite_file() {
            let folder = folder_of(file);
            create(folder)?;
            folders.push(folder.to_owned());
        }
        for folder in folders.iter().filter(|folder| folder.exists()) {
            check_writable(folder)?;
        }
        let mut opened = Self::lock(data_dir, database, Sharing::Shared)?;
        opened.media = data_dir.join("media");
        check_database(config)?;
        if let Some(marker) = interrupted(config) {
            let marker = marker.display();
            tracing::warn!(
                %marker,
                "restoring a backup was interrupted before it replaced the database, which is unchanged; run dateline \
                 restore --replace again to finish it, or delete the marker to keep the database"
            );
        }
        restrict(config);
        Ok(opened)
    }

    /// Locks the data folder for a restore.
    ///
    /// # Errors
    /// If a server or another command uses the folder or the database.
    pub fn open_exclusively(config: &Config) -> Result<Self, DataError> {
        create(&config.data_dir)?;
        Self::lock(&config.data_dir, &config.database_url, Sharing::Exclusive)
    }

    /// Locks a database that is read from, in whatever folder.
    ///
    /// # Errors
    /// If it is being restored.
    pub fn read_from(database: &DatabaseUrl) -> Result<Self, DataError> {
        Self::lock_all(database_lock(database)?, Sharing::Shared)
    }

    /// Locks a database that is filled, and the data folder if it is the configured database.
    ///
    /// # Errors
    /// If a server or another command uses it.
    pub fn fill(config: &Config, database: &DatabaseUrl) -> Result<Self, DataError> {
        if *database == config.database_url {
            return Self::open_exclusively(config);
        }
        Self::lock_all(database_lock(database)?, Sharing::Exclusive)
    }

    fn lock(data_dir: &Path, database: &DatabaseUrl, sharing: Sharing) -> Result<Self, DataError> {
        let mut paths = vec![data_dir.join("dateline.lock")];
        paths.extend(database_lock(database)?);
        Self::lock_all(paths, sharing)
    }

    fn lock_all(
        paths: impl IntoIterator<Item = PathBuf>,
        sharing: Sharing,
    ) -> Result<Self, DataError> {
        let mut locks = Vec::new();
        for path in paths {
            locks.extend(lock_file(path, sharing)?);
        }
        Ok(Self {
            locks,
            media: PathBuf::new(),
            media_id: OnceLock::new(),
        })
    }

    /// Checks that the folder is still the one that was opened, and so is that of the pictures.
    ///
    /// # Errors
    /// The path of what was deleted or replaced: a lock file, with its folder or alone, or the folder of the pictures.
    pub fn check(&self) -> Result<(), PathBuf> {
        let is_same = |lock: &&LockFile| {
            let held = lock.file.metadata().map(|about| FileId::from(&about));
            matches!((held, FileId::of(&lock.path)), (Ok(held), Ok(now)) if held == now)
        };
        if let Some(lock) = self.locks.iter().find(|lock| !is_same(lock)) {
            return Err(lock.path.clone());
        }
        // It is created with the first picture.
        let now = FileId::of(&self.media).ok();
        let known = match now {
            Some(now) => Some(*self.media_id.get_or_init(|| now)),
            None => self.media_id.get().copied(),
        };
        if now == known {
            Ok(())
        } else {
            Err(self.media.clone())
        }
    }
}

/// The file that shows an interrupted restore, if there is one.
pub fn interrupted(config: &Config) -> Option<PathBuf> {
    Some(config.database_url.restoring(&config.data_dir)).filter(|marker| marker.exists())
}

/// Checks that the database is not one that was lost: opening it would begin a new newspaper, which would delete the
/// pictures of the old one as unused.
///
/// # Errors
/// If the SQLite file is missing or empty, and a restore was interrupted or pictures or backups exist.
pub fn check_database(config: &Config) -> Result<(), DataError> {
    let Some(file) = config.database_url.sqlite_file() else {
        return Ok(());
    };
    let state = match fs::metadata(file).map(|about| about.len()) {
        Ok(0) => "empty (0 bytes)",
        Err(error) if error.kind() == io::ErrorKind::NotFound => "missing",
        // Other errors are reported when the database is opened.
        _ => return Ok(()),
    };
    if let Some(marker) = interrupted(config) {
        return Err(DataError::Interrupted {
            database: file.display().to_string(),
            marker: marker.display().to_string(),
        });
    }
    let is_missing = state == "missing";
    let beside = [
        Some(config.data_dir.join("media")),
        // A new newspaper may have a backup folder that other newspapers use.
        config.backup_to.clone().filter(|_| !is_missing),
        Some(config.data_dir.join("backups")).filter(|_| !is_missing),
        Some(with_ending(file, "-wal")).filter(|_| !is_missing),
    ];
    let has_content = |path: &PathBuf| match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() > 0),
    };
    match beside.into_iter().flatten().find(has_content) {
        Some(beside) => Err(DataError::LostDatabase {
            file: file.display().to_string(),
            state,
            beside: beside.display().to_string(),
        }),
        None => Ok(()),
    }
}

fn create(folder: &Path) -> Result<(), DataError> {
    private_file::create_folder(folder).map_err(|why| match why.kind() {
        io::ErrorKind::ReadOnlyFilesystem => DataError::ReadOnly(folder.display().to_string()),
        _ => DataError::Folder {
            path: folder.display().to_string(),
            why,
        },
    })
}

fn check_writable(folder: &Path) -> Result<(), DataError> {
    let path = || folder.display().to_string();
    match tempfile::tempfile_in(folder) {
        Err(why) if why.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            Err(DataError::ReadOnly(path()))
        }
        Err(why) if why.kind() == io::ErrorKind::PermissionDenied => {
            Err(DataError::NotWritable { path: path(), why })
        }
        // A full disk, for example, does not prevent reading.
        _ => Ok(()),
    }
}

/// Withdraws the permissions of others, as an earlier version may have given them.
fn restrict(config: &Config) {
    let mut paths = vec![config.data_dir.clone()];
    if let Some(file) = config.database_url.sqlite_file() {
        paths.extend(["", "-wal", "-shm"].map(|ending| with_ending(file, ending)));
    }
    for path in paths {
        if let Err(error) = private_file::restrict(&path) {
            let path = path.display();
            tracing::warn!(%path, %error, "other users of this machine may be able to read this file");
        }
    }
}

/// The folder of a file; the current one if the path is only a name.
fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The lock file of a SQLite database. It is beside the database, which restoring replaces.
fn database_lock(database: &DatabaseUrl) -> Result<Option<PathBuf>, DataError> {
    let Some(file) = database.sqlite_file() else {
        return Ok(None);
    };
    create(folder_of(file))?;
    // A link and its target are one database.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    Ok(Some(with_ending(&file, ".lock")))
}

/// Locks a file, without waiting. `None` if it cannot be created or locked, so that no restore can lock it either.
fn lock_file(path: PathBuf, sharing: Sharing) -> Result<Option<LockFile>, DataError> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, Unsupported};
    let shown = || path.display().to_string();
    let folder = || folder_of(&path).display().to_string();
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path);
    let file = match opened {
        Err(why) if matches!(why.kind(), PermissionDenied | ReadOnlyFilesystem) => {
            match (sharing, File::open(&path)) {
                (_, Ok(file)) => file,
                (Sharing::Shared, Err(_)) => return Ok(None),
                (Sharing::Exclusive, Err(_)) => {
                    let path = shown();
                    return Err(DataError::Lock { path, why });
                }
            }
        }
        opened => opened.map_err(|why| DataError::Lock { path: shown(), why })?,
    };
    let locked = match sharing {
        Sharing::Shared => file.try_lock_shared(),
        Sharing::Exclusive => file.try_lock(),
    };
    match (locked, sharing) {
        (Ok(()), _) => Ok(Some(LockFile { path, file })),
        (Err(TryLockError::WouldBlock), Sharing::Shared) => Err(DataError::Busy(folder())),
        (Err(TryLockError::WouldBlock), Sharing::Exclusive) => Err(DataError::InUse(folder())),
        // Some network file systems have no locks.
        (Err(TryLockError::Error(why)), Sharing::Shared) if why.kind() == Unsupported => Ok(None),
        (Err(TryLockError::Error(why)), _) => Err(DataError::Lock { path: shown(), why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn config(data_dir: &Path) -> Config {
        let mut sources = Sources::default();
        let data_dir = data_dir.display().to_string();
        sources.flag("data_dir", Some(data_dir)).unwrap();
        sources.finish().unwrap()
    }

    #[test]
    fn users_share_the_folder_and_a_restore_has_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder.path().join("data"));
        let first = DataFolder::open(&config).unwrap();
        let second = DataFolder::open(&config).unwrap();
        let refused = DataFolder::open_exclusively(&config).unwrap_err();
        assert!(matches!(refused, DataError::InUse(_)), "{refused}");
        drop((first, second));
        let alone = DataFolder::open_exclusively(&config).unwrap();
        let refused = DataFolder::open(&config).unwrap_err();
        assert!(matches!(refused, DataError::Busy(_)), "{refused}");
        drop(alone);
        DataFolder::open(&config).unwrap();
    }

    #[test]
    fn a_database_is_locked_whatever_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let used = config(&folder.path().join("data"));
        let _used = DataFolder::open(&used).unwrap();
        let other = config(&folder.path().join("other"));
        drop(DataFolder::fill(&other, &other.database_url).unwrap());
        assert!(DataFolder::fill(&other, &used.database_url).is_err());
        drop(DataFolder::read_from(&used.database_url).unwrap());
        fs::write(folder.path().join("data/dateline.db"), "x").unwrap();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(folder.path().join("data/dateline.db"), &link).unwrap();
        assert!(DataFolder::fill(&other, &DatabaseUrl::file(link)).is_err());
    }

    #[test]
    fn a_deleted_or_replaced_folder_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let opened = DataFolder::open(&config(&data)).unwrap();
        assert_eq!(opened.check(), Ok(()));
        fs::rename(&data, folder.path().join("away")).unwrap();
        assert_eq!(opened.check(), Err(data.join("dateline.lock")));
        fs::create_dir(&data).unwrap();
        fs::write(data.join("dateline.lock"), "").unwrap();
        assert!(opened.check().is_err());
        fs::remove_dir_all(&data).unwrap();
        fs::rename(folder.path().join("away"), &data).unwrap();
        assert_eq!(opened.check(), Ok(()), "it is back");
    }

    #[test]
    fn a_replaced_folder_of_pictures_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let (media, away) = (folder.path().join("media"), folder.path().join("away"));
        let opened = DataFolder::open(&config(folder.path())).unwrap();
        assert_eq!(opened.check(), Ok(()));
        fs::create_dir(&media).unwrap();
        assert_eq!(
            opened.check(),
            Ok(()),
            "it is created with the first picture"
        );
        fs::rename(&media, &away).unwrap();
        assert_eq!(opened.check(), Err(media.clone()));
        fs::create_dir(&media).unwrap();
        assert_eq!(opened.check(), Err(media.clone()));
        fs::remove_dir(&media).unwrap();
        fs::rename(&away, &media).unwrap();
        assert_eq!(opened.check(), Ok(()));
    }

    #[test]
    fn a_lost_database_is_not_taken_for_a_new_newspaper() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let (file, media) = (
            folder.path().join("dateline.db"),
            folder.path().join("media"),
        );
        let refused = || DataFolder::open(&config).unwrap_err().to_string();
        DataFolder::open(&config).unwrap();
        fs::create_dir(&media).unwrap();
        fs::write(&file, "").unwrap();
        DataFolder::open(&config).unwrap();
        fs::create_dir(media.join("01")).unwrap();
        assert!(refused().contains("0 bytes"), "{}", refused());
        fs::remove_file(&file).unwrap();
        assert!(refused().contains("missing"), "{}", refused());
        fs::remove_dir_all(&media).unwrap();
        fs::write(folder.path().join("dateline.db.restoring"), "").unwrap();
        assert!(
            refused().contains("dateline restore again"),
            "{}",
            refused()
        );
        fs::write(&file, "a database").unwrap();
        DataFolder::open(&config).unwrap();
    }
}
