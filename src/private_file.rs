//! Files and folders that only the user of this process can read, whatever the umask.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// The permissions of the group and of all others.
const OTHERS: u32 = 0o077;
/// The bit of shared folders such as `/tmp`, in which each user may delete only their own files.
const STICKY: u32 = 0o1000;

/// Creates a file for writing, or empties an existing one.
pub fn create(path: &Path) -> io::Result<File> {
    let file = options().create(true).truncate(true).open(path)?;
    // The mode applies only to a new file.
    if file.metadata()?.permissions().mode() & OTHERS != 0 {
        file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    }
    Ok(file)
}

/// Creates a file for writing.
///
/// # Errors
/// Also if it exists.
pub fn create_new(path: &Path) -> io::Result<File> {
    options().create_new(true).open(path)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(FILE_MODE);
    options
}

/// Writes a whole file, without syncing it to disk.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    create(path)?.write_all(content.as_ref())
}

/// Copies a file, without syncing it to disk. `fs::copy` would copy the permissions as well.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    io::copy(&mut source, &mut create(to)?).map(drop)
}

/// Creates a folder and the missing ones above it; existing ones are not changed.
pub fn create_folder(path: &Path) -> io::Result<()> {
    // An empty path is the parent of a file in the current folder.
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
}

/// Withdraws the permissions of others from an existing file or folder; a folder that is shared, such as `/tmp`, is not
/// changed.
pub fn restrict(path: &Path) -> io::Result<()> {
    let about = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        about => about?,
    };
    let mode = about.permissions().mode();
    if mode & OTHERS == 0 || (about.is_dir() && mode & STICKY != 0) {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS & 0o7777))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn new_files_copies_and_folders_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        create_folder(&below).unwrap();
        create_folder(&below).unwrap();
        assert_eq!(
            (mode(&below), mode(&folder.path().join("a"))),
            (0o700, 0o700)
        );
        let open = below.join("open");
        fs::write(&open, "words").unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o644)).unwrap();
        copy(&open, &below.join("copy")).unwrap();
        assert_eq!(fs::read_to_string(below.join("copy")).unwrap(), "words");
        assert_eq!(mode(&below.join("copy")), 0o600);
        create(&open).unwrap();
        assert_eq!(mode(&open), 0o600, "an existing file becomes private");
        assert!(create_new(&open).is_err());
    }

    #[test]
    fn permissions_of_others_are_withdrawn_except_from_shared_folders() {
        let folder = tempfile::tempdir().unwrap();
        for (before, after) in [(0o755, 0o700), (0o2750, 0o2700), (0o1777, 0o1777)] {
            fs::set_permissions(folder.path(), Permissions::from_mode(before)).unwrap();
            restrict(folder.path()).unwrap();
            assert_eq!(mode(folder.path()), after, "{before:o}");
        }
        restrict(&folder.path().join("missing")).unwrap();
    }
}
