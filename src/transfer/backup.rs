//! Online backups of database and pictures, which are verified after writing.
//!
//! A backup folder has one subfolder for each backup, named after its time, and one folder with the pictures of all
//! backups. Picture files never change, so another backup copies only new ones.

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

/// Describes a backup. It is written last, so that a folder without it is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub made_at: DateTime<Utc>,
    /// The file name of the database, in the same folder.
    pub database: String,
    /// The SHA-256 of that file, in hexadecimal digits.
    pub sha256: String,
    /// The size of that file.
    pub bytes: u64,
    /// The file names of the pictures.
    pub media: BTreeSet<String>,
}

/// The state of the server's own backups.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// The time of the newest complete backup.
    pub last: Option<DateTime<Utc>>,
    /// The time and the cause of the last failure; `None` after a success.
    pub failure: Option<(DateTime<Utc>, String)>,
}

/// Why a backup or a restore failed; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("the pictures cannot be read: {0}")]
    Pictures(#[from] Error),
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error("{0} is not a complete backup")]
    NoBackup(String),
    #[error("{0} is damaged: its checksum does not match")]
    Changed(String),
    #[error("the backup contains {0}; database_url names the other engine")]
    OtherEngine(String),
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.display().to_string();
    move |why| BackupError::File { path, why }
}

const MANIFEST: &str = "backup.json";
const MEDIA: &str = "media";

/// Creates a backup in a new subfolder of `to`; returns that folder and the manifest.
///
/// # Errors
/// The subfolder is then left without a manifest, and ignored.
pub fn back_up(
    database: &DatabaseUrl,
    media: &Path,
    to: &Path,
    now: DateTime<Utc>,
) -> Result<(PathBuf, Manifest), BackupError> {
    let folder = to.join(now.format("%Y-%m-%dT%H%M%SZ").to_string());
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    // The database first: the files of its pictures exist before their rows, and are not deleted immediately
    // after them.
    let file = folder.join(database.snapshot_name());
    database.snapshot(&file)?;
    sync(&file)?;
    let (media, pool) = (Store::new(media.to_owned()), pool(to));
    let mut names = BTreeSet::new();
    for name in media.names()? {
        // An unused picture may be deleted meanwhile.
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

/// Restores the backup in `from`, or the newest one if `from` is a backup folder. Returns its manifest, and the path to
/// which the replaced database was moved, if any.
///
/// # Errors
/// If the backup is damaged or of the other engine, or if the database is not empty and `replace` is false.
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
    // Pictures first, so that a missing one is found before the database is replaced.
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

/// Deletes all but the newest `keep` backups, and the pictures that no remaining backup contains.
pub fn prune(to: &Path, keep: usize) -> Result<(), BackupError> {
    let all = all(to)?;
    let (old, kept) = all.split_at(all.len().saturating_sub(keep));
    if old.is_empty() {
        return Ok(());
    }
    let mut used = BTreeSet::new();
    for folder in kept {
        used.extend(read(folder)?.media);
    }
    for folder in old {
        fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    let pool = pool(to);
    for name in pool.names()? {
        if !used.contains(&name) {
            let path = pool.path(&name);
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// The store with the pictures of all backups.
fn pool(to: &Path) -> Store {
    Store::new(to.join(MEDIA))
}

/// Copies the file of a picture unless the target exists; returns false if there is no such file.
fn copy(from: &Store, to: &Store, name: &str) -> Result<bool, BackupError> {
    let (from, to) = (from.path(name), to.path(name));
    if to.exists() {
        return Ok(true);
    }
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let partial = to.with_extension("part");
    match fs::copy(&from, &partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        copied => copied.map_err(at(&partial))?,
    };
    sync(&partial)?;
    fs::rename(&partial, &to).map_err(at(&to))?;
    Ok(true)
}

/// The newest complete backup in a backup folder.
///
/// # Errors
/// If the folder or the manifest cannot be read.
pub fn newest(to: &Path) -> Result<Option<Manifest>, BackupError> {
    if !to.exists() {
        return Ok(None);
    }
    all(to)?.pop().map(|folder| read(&folder)).transpose()
}

/// The folders of the complete backups, the newest last.
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
    // A manifest of unknown origin must not name files outside its folders.
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

/// The SHA-256 of a file in hexadecimal digits, and its size in bytes.
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
