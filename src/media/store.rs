//! The folder of picture files. Files are named after a hash of the picture, written atomically, and never changed.

use std::{
    collections::BTreeMap,
    hash::Hash,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use image::RgbImage;
use parking_lot::RwLock;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::{
    Decoded, Focal, Shape,
    encode::{self, Format, height_at},
};
use crate::{
    error::{Error, Result},
    private_file,
};

/// The widths of the stored files, in pixels; a picture is never enlarged.
const WIDTHS: [u32; 6] = [160, 320, 640, 960, 1280, 1920];
/// The widths that are created on upload, for the library and for urgent articles.
const UPLOAD_WIDTHS: [u32; 2] = [320, 1280];
/// The maximum width and height of the master, from which all other files are created. All formats support this size.
const MASTER: (u32, u32) = (2560, 8192);
/// The width of crops in pixels, as recommended by search engines and social networks.
const CROP_WIDTH: u32 = 1200;
/// The length of the hexadecimal hash at the start of every file name.
const HASH_LENGTH: usize = 32;
/// Part of every hash. It must be raised when the encoding changes, because browsers cache files permanently.
const ENCODING: u32 = 1;

/// The folder of picture files.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    /// Locked exclusively while unused files are deleted, so that no file is deleted that is being written again.
    deleting: Arc<RwLock<()>>,
}

/// A stored picture.
#[derive(Debug)]
pub struct Stored {
    pub hash: String,
    /// The width of the largest file, as is `height`.
    pub width: u32,
    pub height: u32,
    /// In ascending order.
    pub widths: Vec<u32>,
}

/// A picture that can be shown, although not all of its files exist yet.
pub type Begun = Stored;

/// A picture with all of its files.
pub type Finished = Stored;

/// The widths as they are stored in the database: `320,640`.
pub fn widths_text(widths: &[u32]) -> String {
    let widths: Vec<String> = widths.iter().map(u32::to_string).collect();
    widths.join(",")
}

impl Store {
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            deleting: Arc::default(),
        }
    }

    /// Stores a new picture: its master, and the widths needed to show it. [`Store::finish`] creates the rest. An error, such
    /// as a full disk, leaves no files.
    pub fn begin(&self, decoded: &Decoded) -> Result<Begun> {
        let picture = decoded.picture();
        let master = encode::resize_whole(picture, fitted(picture.dimensions(), MASTER))?;
        let hash = hash(&master);
        let name = |kind: &str| format!("{hash}{kind}.jpg");
        let widths = widths(master.width(), &UPLOAD_WIDTHS);
        let is_new = !self.path(&name("")).try_exists()?;
        let written = widths
            .iter()
            .try_for_each(|width| self.write_width(&hash, &master, *width, Format::Jpeg))
            // The master is written last: if it exists, so do the widths.
            .and_then(|()| self.write(&name(""), &encode::master(&master)?));
        if let Err(error) = written {
            if is_new {
                for width in &widths {
                    // The first error is the cause.
                    let _ =
                        std::fs::remove_file(self.path(&width_name(&hash, *width, Format::Jpeg)));
                }
            }
            return Err(error);
        }
        Ok(stored(hash, master.dimensions(), widths))
    }

    /// Creates the missing files of a picture, with crops around the focal point. It can be repeated after an interruption,
    /// and after a change of the focal point.
    pub fn finish(&self, hash: &str, focal: Focal) -> Result<Finished> {
        let master = self.master(hash)?;
        let (width, height) = master.dimensions();
        let widths = widths(width, &WIDTHS);
        for format in Format::ALL {
            for width in &widths {
                if !self.path(&width_name(hash, *width, format)).try_exists()? {
                    self.write_width(hash, &master, *width, format)?;
                }
            }
            for shape in Shape::ALL {
                let name = crop_name_as(hash, shape, focal, format);
                if !self.path(&name).try_exists()? {
                    let part = shape.crop(width, height, focal);
                    let crop_width = part.width.min(CROP_WIDTH);
                    let crop_height = height_at((part.width, part.height), crop_width);
                    let crop = encode::resize(&master, part, crop_width, crop_height)?;
                    self.write(&name, &format.encode(&crop)?)?;
                }
            }
        }
        Ok(stored(hash.to_owned(), (width, height), widths))
    }

    /// The names of all complete files.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for folder in entries(&self.folder)? {
            let files = entries(&folder)?.into_iter();
            let whole = files.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()));
            names.extend(whole.filter(|name| Self::is_name(name)));
        }
        names.sort();
        Ok(names)
    }

    /// Whether this is a valid name of a picture file.
    pub fn is_name(name: &str) -> bool {
        kind(name).is_some()
    }

    /// The hashes of all pictures with files, and the time of the newest file of each.
    pub fn hashes(&self) -> Result<BTreeMap<String, SystemTime>> {
        let mut found = BTreeMap::new();
        for folder in entries(&self.folder)? {
            for file in entries(&folder)? {
                let Some(hash) = hash_in_name(&file) else {
                    continue;
                };
                let Some(time) = changed(&file)? else {
                    continue;
                };
                let newest = found.entry(hash).or_insert(SystemTime::UNIX_EPOCH);
                *newest = time.max(*newest);
            }
        }
        Ok(found)
    }

    /// Deletes all files of a picture, unless one of them was written since `before`: then the same picture is being
    /// uploaded again. Returns whether the files were deleted.
    pub fn remove(&self, hash: &str, before: SystemTime) -> Result<bool> {
        let _exclusive = self.deleting.write();
        let files = self.files(hash)?;
        for file in &files {
            if changed(file)?.is_some_and(|time| time >= before) {
                return Ok(false);
            }
        }
        for file in files {
            delete(&file)?;
        }
        Ok(true)
    }

    /// Deletes partial files that were written before `before`, as are left after a crash.
    pub fn remove_unfinished(&self, before: SystemTime) -> Result<()> {
        for folder in entries(&self.folder)? {
            for file in entries(&folder)? {
                let unfinished = file.extension().is_some_and(|ending| ending == "part");
                if unfinished && changed(&file)?.is_some_and(|time| time < before) {
                    delete(&file)?;
                }
            }
        }
        Ok(())
    }

    /// The path and media type for a file name from a URL; `None` if the name is not valid.
    pub fn file(&self, name: &str) -> Option<(PathBuf, &'static str)> {
        Some((self.path(name), kind(name)?))
    }

    /// The master of a picture, or the widest JPEG file if the master is missing.
    fn master(&self, hash: &str) -> Result<RgbImage> {
        let widest = |file: &PathBuf| {
            let stem = file.file_stem()?.to_str()?.strip_prefix(hash)?;
            stem.strip_prefix('-')?.parse::<u32>().ok()
        };
        let mut master = self.path(&format!("{hash}.jpg"));
        if !master.try_exists()? {
            master = self
                .files(hash)?
                .into_iter()
                .filter(|file| file.extension().is_some_and(|ending| ending == "jpg"))
                .max_by_key(widest)
                .ok_or_else(|| Error::Data(format!("picture {hash} has no files")))?;
        }
        Ok(image::load_from_memory(&std::fs::read(master)?)?.into_rgb8())
    }

    fn write_width(&self, hash: &str, master: &RgbImage, width: u32, format: Format) -> Result<()> {
        let height = height_at(master.dimensions(), width);
        let picture = encode::resize_whole(master, (width, height))?;
        self.write(&width_name(hash, width, format), &format.encode(&picture)?)
    }

    /// Writes a file atomically and durably. An error, such as a full disk, leaves no partial file.
    fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let _shared = self.deleting.read();
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder);
        private_file::create_folder(folder)?;
        let partial = path.with_extension(format!("{:016x}.part", rand::random::<u64>()));
        let written = private_file::create(&partial)
            .and_then(|mut file| {
                file.write_all(content)?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&partial, &path));
        if let Err(error) = written {
            // The first error is the cause; `remove_unfinished` tries again.
            let _ = std::fs::remove_file(&partial);
            return Err(error.into());
        }
        // The directory entry is durable only after the folder is synced.
        Ok(std::fs::File::open(folder)?.sync_all()?)
    }

    fn files(&self, hash: &str) -> Result<Vec<PathBuf>> {
        let mut files = entries(&self.folder_of(hash))?;
        files.retain(|file| hash_in_name(file).as_deref() == Some(hash));
        Ok(files)
    }

    /// The path of the file with this name, which may not exist.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder_of(name).join(name)
    }

    fn folder_of(&self, name: &str) -> PathBuf {
        // Subfolders named after the first two digits keep each folder small.
        self.folder.join(name.get(..2).unwrap_or_default())
    }
}

fn hash(picture: &RgbImage) -> String {
    let (width, height) = picture.dimensions();
    let mut hasher = SipHasher24::new();
    (ENCODING, width, height, picture.as_raw()).hash(&mut hasher);
    format!("{:032x}", hasher.finish128().as_u128())
}

/// The widths in `targets` that are narrower than a picture of this width, and its own width or the widest target.
fn widths(width: u32, targets: &[u32]) -> Vec<u32> {
    let widest = targets.last().map_or(width, |widest| width.min(*widest));
    let narrower = targets
        .iter()
        .copied()
        .filter(|narrower| *narrower < widest);
    narrower.chain([widest]).collect()
}

fn stored(hash: String, size: (u32, u32), widths: Vec<u32>) -> Stored {
    let width = widths.last().copied().unwrap_or(size.0);
    Stored {
        hash,
        width,
        height: height_at(size, width),
        widths,
    }
}

/// The size of a picture after scaling it down to a maximum size.
fn fitted((width, height): (u32, u32), (max_width, max_height): (u32, u32)) -> (u32, u32) {
    let narrower = width.min(max_width);
    let lower = height_at((width, height), narrower);
    if lower > max_height {
        // The width at this height, by swapping both.
        (height_at((lower, narrower), max_height), max_height)
    } else {
        (narrower, lower)
    }
}

fn width_name(hash: &str, width: u32, format: Format) -> String {
    format!("{hash}-{width}.{}", format.extension())
}

/// The file name of the JPEG of a crop.
pub fn crop_name(hash: &str, shape: Shape, focal: Focal) -> String {
    crop_name_as(hash, shape, focal, Format::Jpeg)
}

fn crop_name_as(hash: &str, shape: Shape, focal: Focal, format: Format) -> String {
    let (shape, extension) = (shape.in_names(), format.extension());
    format!("{hash}-{shape}-{focal}.{extension}")
}

/// The media type for a file name; `None` if the name is not valid.
fn kind(name: &str) -> Option<&'static str> {
    let (stem, extension) = name.split_once('.')?;
    let kind = match extension {
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        _ => return None,
    };
    let (hash, rest) = stem.split_at_checked(HASH_LENGTH)?;
    let is_valid = is_hash(hash)
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'x'));
    is_valid.then_some(kind)
}

fn is_hash(text: &str) -> bool {
    text.len() == HASH_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hash_in_name(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let hash = name.get(..HASH_LENGTH)?;
    is_hash(hash).then(|| hash.to_owned())
}

/// The entries of a folder; empty if it does not exist or is not a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// The modification time of a file; `None` if another process has deleted it.
fn changed(file: &Path) -> Result<Option<SystemTime>> {
    match std::fs::metadata(file) {
        Ok(about) => Ok(Some(about.modified()?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Deletes a file, which another process may have deleted already.
fn delete(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use image::Rgb;

    use super::*;
    use crate::media::{Limits, MemoryBudget, decode};

    struct Folder {
        store: Store,
        _folder: tempfile::TempDir,
    }

    fn store() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        Folder {
            store: Store::new(folder.path().join("media")),
            _folder: folder,
        }
    }

    fn picture(width: u32, height: u32) -> Decoded {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            let of = |n: u32, all: u32| u8::try_from(n * 255 / all).unwrap();
            Rgb([of(x, width), of(y, height), 90])
        });
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        decode(png.get_ref(), Limits::UPLOAD, &MemoryBudget::default()).unwrap()
    }

    fn names(store: &Store, hash: &str) -> Vec<String> {
        let mut names: Vec<String> = store
            .files(hash)
            .unwrap()
            .iter()
            .map(|file| {
                file.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace(hash, "")
            })
            .collect();
        names.sort();
        names
    }

    fn size(store: &Store, name: &str) -> (u32, u32) {
        let (path, _) = store.file(name).unwrap();
        image::load_from_memory(&std::fs::read(path).unwrap())
            .unwrap()
            .into_rgb8()
            .dimensions()
    }

    fn in_an_hour() -> SystemTime {
        SystemTime::now() + Duration::from_secs(3600)
    }

    #[test]
    fn a_new_picture_can_be_shown_immediately() {
        let Folder { store, .. } = &store();
        let begun = store.begin(&picture(3000, 1500)).unwrap();
        assert_eq!((begun.width, begun.height), (1280, 640));
        assert_eq!(widths_text(&begun.widths), "320,1280");
        assert_eq!(names(store, &begun.hash), ["-1280.jpg", "-320.jpg", ".jpg"]);
        assert_eq!(size(store, &format!("{}.jpg", begun.hash)), (2560, 1280));
        assert_eq!(size(store, &format!("{}-320.jpg", begun.hash)), (320, 160));
    }

    #[test]
    fn finishing_creates_every_width_and_crop_in_jpeg_and_webp() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(2000, 1500)).unwrap().hash;
        let finished = store.finish(&hash, Focal::new(300, 1000)).unwrap();
        assert_eq!((finished.width, finished.height), (1920, 1440));
        assert_eq!(finished.widths, WIDTHS);
        assert_eq!(names(store, &hash).len(), 1 + 2 * 6 + 2 * 3);
        for extension in ["jpg", "webp"] {
            let of = |kind: &str| size(store, &format!("{hash}{kind}.{extension}"));
            assert_eq!(of("-960"), (960, 720));
            assert_eq!(of("-16x9-300-1000"), (1200, 675));
            assert_eq!(of("-4x3-300-1000"), (1200, 900));
            assert_eq!(of("-1x1-300-1000"), (1200, 1200));
        }
    }

    #[test]
    fn finishing_resumes_and_keeps_existing_files() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(700, 500)).unwrap().hash;
        store.finish(&hash, Focal::MIDDLE).unwrap();
        let all = names(store, &hash);
        let lost = store.path(&format!("{hash}-320.webp"));
        std::fs::remove_file(&lost).unwrap();
        let kept = store.path(&format!("{hash}-160.webp"));
        let written = changed(&kept).unwrap();
        store.finish(&hash, Focal::MIDDLE).unwrap();
        assert_eq!(names(store, &hash), all);
        assert_eq!(changed(&kept).unwrap(), written);
    }

    #[test]
    fn another_focal_point_creates_other_crops() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(900, 300)).unwrap().hash;
        store.finish(&hash, Focal::MIDDLE).unwrap();
        store.finish(&hash, Focal::new(0, 500)).unwrap();
        let read = |focal: &str| {
            let (path, _) = store.file(&format!("{hash}-1x1-{focal}.jpg")).unwrap();
            image::load_from_memory(&std::fs::read(path).unwrap())
                .unwrap()
                .into_rgb8()
        };
        let (middle, left) = (read("500-500"), read("0-500"));
        assert!(left.get_pixel(0, 0)[0] < 10 && middle.get_pixel(0, 0)[0] > 60);
    }

    #[test]
    fn extreme_sizes_can_be_stored() {
        let Folder { store, .. } = &store();
        for (width, height) in [(1, 1), (1, 9000), (9000, 1), (161, 100), (30, 20_000)] {
            let begun = store.begin(&picture(width, height)).unwrap();
            let finished = store.finish(&begun.hash, Focal::new(0, 1000)).unwrap();
            let largest = format!("{}-{}.webp", finished.hash, finished.width);
            assert_eq!(size(store, &largest), (finished.width, finished.height));
        }
    }

    #[test]
    fn the_hash_depends_on_the_pixels_only() {
        let Folder { store, .. } = &store();
        let first = store.begin(&picture(500, 400)).unwrap();
        let again = store.begin(&picture(500, 400)).unwrap();
        let other = store.begin(&picture(500, 401)).unwrap();
        assert_eq!(first.hash, again.hash);
        assert_ne!(first.hash, other.hash);
        assert_eq!(store.hashes().unwrap().len(), 2);
    }

    #[test]
    fn a_picture_without_its_master_is_finished_from_its_widest_file() {
        let Folder { store, .. } = &store();
        let begun = store.begin(&picture(800, 600)).unwrap();
        std::fs::remove_file(store.path(&format!("{}.jpg", begun.hash))).unwrap();
        let finished = store.finish(&begun.hash, Focal::MIDDLE).unwrap();
        assert_eq!(finished.widths, [160, 320, 640, 800]);
        assert_eq!(
            size(store, &format!("{}-1x1-500-500.webp", begun.hash)),
            (600, 600)
        );
    }

    #[test]
    fn recently_written_files_are_not_deleted() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(40, 30)).unwrap().hash;
        let other = store.begin(&picture(40, 31)).unwrap().hash;
        let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
        assert!(!store.remove(&hash, an_hour_ago).unwrap());
        assert!(store.remove(&hash, in_an_hour()).unwrap());
        assert_eq!(
            store.hashes().unwrap().into_keys().collect::<Vec<_>>(),
            [other]
        );
        assert!(
            store.remove(&hash, in_an_hour()).unwrap(),
            "deleting is idempotent"
        );
    }

    #[test]
    fn partial_files_are_never_served_and_are_deleted() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(40, 30)).unwrap().hash;
        let partial = store.path(&format!("{hash}-640.0123.part"));
        std::fs::write(&partial, "partial").unwrap();
        assert_eq!(store.file(&format!("{hash}-640.0123.part")), None);
        store
            .remove_unfinished(SystemTime::now() - Duration::from_secs(60))
            .unwrap();
        assert!(partial.exists());
        store.remove_unfinished(in_an_hour()).unwrap();
        assert!(!partial.exists());
        assert_eq!(names(store, &hash).len(), 2);
    }

    #[test]
    fn a_file_that_cannot_be_stored_leaves_no_partial_file() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(40, 30)).unwrap().hash;
        let name = format!("{hash}-640.jpg");
        // A folder in the place of the file fails the last step.
        std::fs::create_dir(store.path(&name)).unwrap();
        assert!(store.write(&name, b"content").is_err());
        let partial = |name: &String| name.ends_with(".part");
        assert!(!names(store, &hash).iter().any(partial));
    }

    #[test]
    fn a_store_without_a_folder_is_empty() {
        let Folder { store, .. } = &store();
        assert!(store.hashes().unwrap().is_empty());
        assert!(store.remove_unfinished(in_an_hour()).is_ok());
    }

    #[test]
    fn only_valid_names_have_files() {
        let Folder { store, .. } = &store();
        let hash = "0123456789abcdef0123456789abcdef";
        for name in ["-320.jpg", "-320.webp", ".jpg", "-16x9-500-500.webp"] {
            assert!(store.file(&format!("{hash}{name}")).is_some(), "{name}");
        }
        for other in [
            format!("{hash}-320.png"),
            format!("{hash}-320.jpg.part"),
            format!("{hash}/../x.jpg"),
            format!("../../{hash}.jpg"),
            format!("é{hash}.jpg"),
            "x.jpg".to_owned(),
            String::new(),
        ] {
            assert!(store.file(&other).is_none(), "{other}");
        }
    }
}
