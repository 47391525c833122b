//! Online backups of database and pictures, which are verified after writing.
//!
//! A backup folder has one subfolder for each backup, named after its time, and one folder with the pictures of all
//! backups. Picture files never change, so another backup copies only new ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    db::{DatabaseUrl, SnapshotError},
    error::Error,
    media::Store,
    private_file,
};

/// The format of the manifests that are written. Format 1, which had no number, had no checksums of pictures.
const FORMAT: u32 = 2;

/// Describes a backup. It is written last, so that a folder without it is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(default = "first_format")]
    pub format: u32,
    pub made_at: DateTime<Utc>,
    /// The file name of the database, in the same folder.
    pub database: String,
    /// The SHA-256 of that file, in hexadecimal digits.
    pub sha256: String,
    /// The size of that file.
    pub bytes: u64,
    /// The pictures by file name; without a sum in a backup of format 1.
    #[serde(deserialize_with = "pictures")]
    pub media: BTreeMap<String, Option<FileSum>>,
}

/// What a file of a backup contains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    /// In hexadecimal digits.
    pub sha256: String,
    /// The size in bytes.
    pub bytes: u64,
}

fn first_format() -> u32 {
    1
}

/// Reads the pictures of a manifest: their names and sums, or only their names in format 1.
fn pictures<'de, D: Deserializer<'de>>(
    manifest: D,
) -> Result<BTreeMap<String, Option<FileSum>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Pictures {
        Names(BTreeSet<String>),
        Sums(BTreeMap<String, FileSum>),
    }
    Ok(match Pictures::deserialize(manifest)? {
        Pictures::Names(names) => names.into_iter().map(|name| (name, None)).collect(),
        Pictures::Sums(sums) => sums
            .into_iter()
            .map(|(name, sum)| (name, Some(sum)))
            .collect(),
    })
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
    #[error(transparent)]
    Data(#[from] Error),
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error("{0} is not a complete backup")]
    NoBackup(String),
    #[error("{0} is damaged: its size or checksum does not match. Nothing was restored")]
    Changed(String),
    #[error("{0} is missing in the backup. Nothing was restored")]
    Missing(String),
    #[error(
        "{0} was made by a newer version of dateline (format {1}); restore it with that version"
    )]
    NewerFormat(String, u32),
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
    private_file::create_folder(&folder).map_err(at(&folder))?;
    hide_earlier(to)?;
    // Pictures of earlier backups whose files must not have changed since.
    let known = newest(to)
        .ok()
        .flatten()
        .map(|manifest| manifest.media)
        .unwrap_or_default();
    // The database first: the files of its pictures exist before their rows, and are not deleted immediately
    // after them.
    let file = folder.join(database.snapshot_name());
    database.snapshot(&file)?;
    sync(&file)?;
    let (media, pool) = (Store::new(media.to_owned()), pool(to));
    let mut pictures = BTreeMap::new();
    for name in media.names()? {
        let known = known.get(&name).and_then(Option::as_ref);
        // An unused picture may be deleted meanwhile.
        if let Some(sum) = add_picture(&media, &pool, &name, known)? {
            pictures.insert(name, Some(sum));
        }
    }
    database.check_snapshot(&file)?;
    let FileSum { sha256, bytes } = sum(&file)?;
    let manifest = Manifest {
        format: FORMAT,
        made_at: now,
        database: database.snapshot_name().to_owned(),
        sha256,
        bytes,
        media: pictures,
    };
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| BackupError::File {
        path: path.display().to_string(),
        why: error.into(),
    })?;
    // Renamed, so that a manifest is never incomplete.
    let partial = path.with_extension("part");
    private_file::write(&partial, text).map_err(at(&partial))?;
    sync(&partial)?;
    fs::rename(&partial, &path).map_err(at(&path))?;
    Ok((folder, manifest))
}

/// Withdraws the permissions that an earlier version gave other users to its backups.
fn hide_earlier(to: &Path) -> Result<(), BackupError> {
    for folder in all(to)?.into_iter().chain([to.join(MEDIA)]) {
        if let Err(error) = private_file::restrict(&folder) {
            let path = folder.display();
            tracing::warn!(%path, %error, "other users of this machine may be able to read this backup");
        }
    }
    Ok(())
}

/// Adds a picture to the pool unless it is there and intact; returns the sum of the file in the pool, or `None` if the
/// picture does not exist any more. `known` is its sum in an earlier backup.
fn add_picture(
    media: &Store,
    pool: &Store,
    name: &str,
    known: Option<&FileSum>,
) -> Result<Option<FileSum>, BackupError> {
    let (from, to) = (media.path(name), pool.path(name));
    if to.exists() {
        let stored = sum(&to)?;
        let expected = match known {
            Some(known) => known.clone(),
            None if from.exists() => sum(&from)?,
            None => stored.clone(),
        };
        if stored == expected {
            return Ok(Some(stored));
        }
    }
    copy(&from, &to, None)
}

/// Restores the backup in `from`, or the newest one if `from` is a backup folder. Returns its manifest, and the path to
/// which the replaced database was moved, if any. All sessions and links to reset a password are ended.
///
/// # Errors
/// If the backup is damaged or of the other engine, or if the database is not empty and `replace` is false. Then, no file
/// has been put in place. A later error, such as a full disk, leaves the database unchanged.
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
    let pool = pool(folder.parent().unwrap_or(Path::new(".")));
    verify(&manifest, &file, &pool)?;
    let data_dir = media.parent().unwrap_or(Path::new("."));
    let staged = database.stage(&file, &database.restoring(data_dir), replace)?;
    // Pictures first, so that the database is never without them.
    let media = Store::new(media.to_owned());
    for (name, expected) in &manifest.media {
        let to = media.path(name);
        let is_there = to.exists()
            && match expected {
                Some(expected) => sum(&to)? == *expected,
                None => true,
            };
        if !is_there && copy(&pool.path(name), &to, expected.as_ref())?.is_none() {
            return Err(BackupError::Missing(pool.path(name).display().to_string()));
        }
    }
    let kept = staged.put_in_place()?;
    Ok((manifest, kept))
}

/// Verifies every file of a backup.
fn verify(manifest: &Manifest, database: &Path, pool: &Store) -> Result<(), BackupError> {
    let of_database = FileSum {
        sha256: manifest.sha256.clone(),
        bytes: manifest.bytes,
    };
    let pictures = manifest
        .media
        .iter()
        .map(|(name, expected)| (pool.path(name), expected.as_ref()));
    for (path, expected) in pictures.chain([(database.to_owned(), Some(&of_database))]) {
        let bytes = match fs::metadata(&path) {
            Ok(about) => about.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BackupError::Missing(path.display().to_string()));
            }
            Err(error) => return Err(at(&path)(error)),
        };
        let is_intact = match expected {
            // Before all of a large file is read.
            Some(expected) => bytes == expected.bytes && sum(&path)? == *expected,
            // Format 1 has no more than this.
            None => bytes > 0,
        };
        if !is_intact {
            return Err(BackupError::Changed(path.display().to_string()));
        }
    }
    Ok(())
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
        used.extend(read(folder)?.media.into_keys());
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

/// Copies the file of a picture, and reads the copy; returns its sum, or `None` if there is no such file.
///
/// # Errors
/// Also if the copy differs from `expected`. No partial file is left.
fn copy(
    from: &Path,
    to: &Path,
    expected: Option<&FileSum>,
) -> Result<Option<FileSum>, BackupError> {
    let folder = to.parent().unwrap_or(Path::new("."));
    private_file::create_folder(folder).map_err(at(folder))?;
    let partial = to.with_extension("part");
    let copied = match private_file::copy(from, &partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        copied => copied
            .map_err(at(&partial))
            .and_then(|()| sync(&partial))
            .and_then(|()| sum(&partial)),
    };
    let placed = copied.and_then(|copied| {
        if expected.is_some_and(|expected| *expected != copied) {
            return Err(BackupError::Changed(from.display().to_string()));
        }
        fs::rename(&partial, to).map_err(at(to))?;
        Ok(Some(copied))
    });
    if placed.is_err() {
        // The first error is the cause.
        let _ = fs::remove_file(&partial);
    }
    placed
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
    #[derive(Deserialize)]
    struct Format {
        #[serde(default = "first_format")]
        format: u32,
    }
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(at(&path))?;
    let shown = || folder.display().to_string();
    let no_backup = || BackupError::NoBackup(shown());
    let Format { format } = serde_json::from_slice(&text).map_err(|_| no_backup())?;
    if format > FORMAT {
        return Err(BackupError::NewerFormat(shown(), format));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| no_backup())?;
    // A manifest of unknown origin must not name files outside its folders.
    let is_name = |name: &String| !name.contains(['/', '\\']) && !name.starts_with('.');
    let is_picture = |(name, sum): (&String, &Option<FileSum>)| {
        is_name(name) && Store::is_name(name) && sum.is_some() == (format > 1)
    };
    if manifest.media.iter().all(is_picture) && is_name(&manifest.database) {
        Ok(manifest)
    } else {
        Err(no_backup())
    }
}

fn sync(path: &Path) -> Result<(), BackupError> {
    fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(at(path))
}

fn sum(path: &Path) -> Result<FileSum, BackupError> {
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
    Ok(FileSum {
        sha256: data_encoding::HEXLOWER.encode(&hasher.finalize()),
        bytes,
    })
}
