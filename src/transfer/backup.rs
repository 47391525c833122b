//! Backups: the database and the pictures together, taken while the newspaper is served, and checked after
//! they are written.
//!
//! A folder of backups holds one folder for each, named after its moment, and the pictures of all of them
//! once: pictures never change, so a second backup adds only what is new.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    db::{DatabaseUrl, SnapshotError},
    error::Error,
    media::Store,
};

/// What says what a backup is, in a file of its own that is written last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub made_at: DateTime<Utc>,
    /// The file of the database, beside this one.
    pub database: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    pub bytes: u64,
    /// The names of the pictures' files.
    pub media: BTreeSet<String>,
}

/// How the backups are that a server makes.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// When the newest whole one was made.
    pub last: Option<DateTime<Utc>>,
    /// When the last try failed, and why; `None` after a good one.
    pub failure: Option<(DateTime<Utc>, String)>,
}

/// Why there is no backup, or none to restore; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("the pictures cannot be read: {0}")]
    Pictures(#[from] Error),
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error("{0}: this is no backup, or not a whole one")]
    NoBackup(String),
    #[error("{0} is not what was written: its checksum is another")]
    Changed(String),
    #[error("the backup is of {0}, and the database that is set is another kind")]
    OtherEngine(String),
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.display().to_string();
    move |why| BackupError::File { path, why }
}

const MANIFEST: &str = "backup.json";
const MEDIA: &str = "media";

/// Backs everything up to a new folder in `to`; returns it with what it holds.
///
/// # Errors
/// Then what was written so far is no backup, and the next one leaves it out.
pub fn back_up(
    database: &DatabaseUrl,
    media: &Path,
    to: &Path,
    now: DateTime<Utc>,
) -> Result<(PathBuf, Manifest), BackupError> {
    let folder = to.join(now.format("%Y-%m-%dT%H%M%SZ").to_string());
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    // The database first: a picture that it names is there before it, and is not taken away at once.
    let file = folder.join(database.snapshot_name());
    database.snapshot(&file)?;
    sync(&file)?;
    let (media, pool) = (Store::new(media.to_owned()), pool(to));
    let mut names = BTreeSet::new();
    for name in media.names()? {
        // One that nobody needs may be deleted at any moment.
        if copy(&media, &pool, &name)? {
            names.insert(name);
        }
    }
    database.check_snapshot(&file)?;
    let (sha256, bytes) = sha256(&file)?;
    let manifest = Manifest {
        made_at: now,
        database: database.snapshot_name().to_owned(),
        sha256,
        bytes,
        media: names,
    };
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| BackupError::File {
        path: path.display().to_string(),
        why: error.into(),
    })?;
    fs::write(&path, text).map_err(at(&path))?;
    sync(&path)?;
    Ok((folder, manifest))
}

/// Restores a backup: one of a folder of backups, or the newest of it.
pub fn restore(
    from: &Path,
    database: &DatabaseUrl,
    media: &Path,
    replace: bool,
) -> Result<(Manifest, Option<PathBuf>), BackupError> {
    let folder = if from.join(MANIFEST).exists() {
        from.to_owned()
    } else {
        all(from)?
            .pop()
            .ok_or_else(|| BackupError::NoBackup(from.display().to_string()))?
    };
    let manifest = read(&folder)?;
    if manifest.database != database.snapshot_name() {
        return Err(BackupError::OtherEngine(manifest.database));
    }
    let file = folder.join(&manifest.database);
    if sha256(&file)?.0 != manifest.sha256 {
        return Err(BackupError::Changed(file.display().to_string()));
    }
    // Pictures first: what is missing is found before anything is replaced.
    let pool = pool(folder.parent().unwrap_or(Path::new(".")));
    let media = Store::new(media.to_owned());
    for name in &manifest.media {
        if !copy(&pool, &media, name)? {
            let from = pool.path(name);
            return Err(at(&from)(io::ErrorKind::NotFound.into()));
        }
    }
    let kept = database.restore(&file, replace)?;
    Ok((manifest, kept))
}

/// Deletes all but the newest `keep` backups, and the pictures that only they had.
pub fn prune(to: &Path, keep: usize) -> Result<(), BackupError> {
    let all = all(to)?;
    let (old, kept) = all.split_at(all.len().saturating_sub(keep));
    if old.is_empty() {
        return Ok(());
    }
    let mut wanted = BTreeSet::new();
    for folder in kept {
        wanted.extend(read(folder)?.media);
    }
    for folder in old {
        fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    let pool = pool(to);
    for name in pool.names()? {
        if !wanted.contains(&name) {
            let path = pool.path(&name);
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// The pictures of all backups in a folder of them.
fn pool(to: &Path) -> Store {
    Store::new(to.join(MEDIA))
}

/// Copies a picture's file, unless it is there already; returns whether there was one to copy.
fn copy(from: &Store, to: &Store, name: &str) -> Result<bool, BackupError> {
    let (from, to) = (from.path(name), to.path(name));
    if to.exists() {
        return Ok(true);
    }
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let half = to.with_extension("part");
    match fs::copy(&from, &half) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        copied => copied.map_err(at(&half))?,
    };
    sync(&half)?;
    fs::rename(&half, &to).map_err(at(&to))?;
    Ok(true)
}

/// The newest backup in a folder of backups, if there is one.
pub fn newest(to: &Path) -> Result<Option<Manifest>, BackupError> {
    if !to.exists() {
        return Ok(None);
    }
    all(to)?.pop().map(|folder| read(&folder)).transpose()
}

/// The whole backups in a folder of them, the newest last.
fn all(to: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(to).map_err(at(to))? {
        let path = entry.map_err(at(to))?.path();
        if path.join(MANIFEST).exists() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(folder: &Path) -> Result<Manifest, BackupError> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(at(&path))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|_| BackupError::NoBackup(folder.display().to_string()))?;
    // Names, not paths: a backup from elsewhere cannot reach out of its folders.
    let is_name = |name: &String| !name.contains(['/', '\\']) && !name.starts_with('.');
    let is_picture = |name: &String| is_name(name) && Store::is_name(name);
    if manifest.media.iter().all(is_picture) && is_name(&manifest.database) {
        Ok(manifest)
    } else {
        Err(BackupError::NoBackup(folder.display().to_string()))
    }
}

fn sync(path: &Path) -> Result<(), BackupError> {
    fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(at(path))
}

/// The checksum of a file, and its size in bytes.
fn sha256(path: &Path) -> Result<(String, u64), BackupError> {
    let mut file = fs::File::open(path).map_err(at(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = io::Read::read(&mut file, &mut buffer).map_err(at(path))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    let hash = hasher.finalize();
    Ok((data_encoding::HEXLOWER.encode(&hash), bytes))
}
