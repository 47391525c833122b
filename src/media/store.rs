//! The folder of picture files. Every file is named after the content that it is made from, is written
//! whole or not at all, and never changes.

use std::{
    collections::BTreeMap,
    hash::Hash,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use image::RgbImage;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::{
    Decoded, Focal, Shape,
    encode::{self, Format, height_at},
};
use crate::error::{Error, Result};

/// The widths in pixels in which a picture is kept, unless it is smaller.
const WIDTHS: [u32; 6] = [160, 320, 640, 960, 1280, 1920];
/// Those of them that are there at once: for the library, and for an article that cannot wait.
const AT_ONCE: [u32; 2] = [320, 1280];
/// What everything else is made from is at most this wide and this high: a column of any article,
/// and no more than every format can hold.
const MASTER: (u32, u32) = (2560, 8192);
/// How wide crops are: what search engines and social networks ask for.
const CROP_WIDTH: u32 = 1200;
/// Of the hexadecimal hash that every name begins with.
const HASH_LENGTH: usize = 32;
/// Part of every hash: raised when pictures come to be encoded otherwise, because files are kept by
/// browsers for ever.
const ENCODING: u32 = 1;

/// The folder of picture files.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    /// Held for writing while files that nobody needs are deleted, so that none is deleted that is
    /// just being written anew.
    deleting: Arc<RwLock<()>>,
}

/// What became of a picture that was stored.
#[derive(Debug)]
pub struct Stored {
    pub hash: String,
    /// Of the largest file.
    pub width: u32,
    pub height: u32,
    /// Smallest first.
    pub widths: Vec<u32>,
}

/// A picture that can be shown, though not all of its files are there yet.
pub type Begun = Stored;

/// A picture all of whose files are there.
pub type Finished = Stored;

/// Widths as the database has them: `320,640`.
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

    /// Takes a picture in: writes what [`Store::finish`] makes the rest from, and enough to show it
    /// with.
    pub fn begin(&self, decoded: &Decoded) -> Result<Begun> {
        let picture = decoded.picture();
        let master = encode::resize_whole(picture, fitted(picture.dimensions(), MASTER))?;
        let hash = hash(&master);
        let name = |kind: &str| format!("{hash}{kind}.jpg");
        let widths = widths(master.width(), &AT_ONCE);
        for width in &widths {
            self.make_width(&hash, &master, *width, Format::Jpeg)?;
        }
        // Last, so that a picture that has a master has what comes before it.
        self.write(&name(""), &encode::master(&master)?)?;
        Ok(stored(hash, master.dimensions(), widths))
    }

    /// Makes all files of a picture that was taken in, around this focal point, except those that are
    /// there. To be repeated when it was cut off, and when the focal point is another.
    pub fn finish(&self, hash: &str, focal: Focal) -> Result<Finished> {
        let master = self.master(hash)?;
        let (width, height) = master.dimensions();
        let widths = widths(width, &WIDTHS);
        for format in Format::ALL {
            for width in &widths {
                if !self.path(&width_name(hash, *width, format)).try_exists()? {
                    self.make_width(hash, &master, *width, format)?;
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

    /// Stores a picture of our own in every width as JPEG, which is quick: for the demo, which makes
    /// a hundred while somebody waits and has no use for crops.
    pub fn add(&self, picture: &RgbImage) -> Result<Stored> {
        let hash = hash(picture);
        let widths = widths(picture.width(), &WIDTHS);
        for width in &widths {
            self.make_width(&hash, picture, *width, Format::Jpeg)?;
        }
        Ok(stored(hash, picture.dimensions(), widths))
    }

    /// The names of all files that are whole.
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

    /// Whether a file of ours may be called so.
    pub fn is_name(name: &str) -> bool {
        kind(name).is_some()
    }

    /// Every picture that has files, with the time of its newest one.
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

    /// Deletes all files of a picture, unless one of them was written since `before`: then somebody
    /// is just taking the same picture in again. Returns whether they are gone.
    pub fn remove(&self, hash: &str, before: SystemTime) -> Result<bool> {
        let _alone = self
            .deleting
            .write()
            .unwrap_or_else(PoisonError::into_inner);
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

    /// Deletes what was half written before `before`, when the power went.
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

    /// The file that a URL's last part names, if it has the form of one of ours, and its media type.
    pub fn file(&self, name: &str) -> Option<(PathBuf, &'static str)> {
        Some((self.path(name), kind(name)?))
    }

    /// What a picture's files are made from: its master, or the widest file of those that never had
    /// one.
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

    fn make_width(&self, hash: &str, master: &RgbImage, width: u32, format: Format) -> Result<()> {
        let height = height_at(master.dimensions(), width);
        let picture = encode::resize_whole(master, (width, height))?;
        self.write(&width_name(hash, width, format), &format.encode(&picture)?)
    }

    /// Writes a file so that it is there whole or not at all, whenever the power goes.
    fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let _shared = self.deleting.read().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let unfinished = path.with_extension(format!("{:016x}.part", rand::random::<u64>()));
        let mut file = std::fs::File::create(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        // The name is there for good only when its folder is written too.
        Ok(std::fs::File::open(folder)?.sync_all()?)
    }

    fn files(&self, hash: &str) -> Result<Vec<PathBuf>> {
        let mut files = entries(&self.folder_of(hash))?;
        files.retain(|file| hash_in_name(file).as_deref() == Some(hash));
        Ok(files)
    }

    /// Where the file of this name is, or would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder_of(name).join(name)
    }

    fn folder_of(&self, name: &str) -> PathBuf {
        // Two letters of folders keep any one folder small.
        self.folder.join(name.get(..2).unwrap_or_default())
    }
}

fn hash(picture: &RgbImage) -> String {
    let (width, height) = picture.dimensions();
    let mut hasher = SipHasher24::new();
    (ENCODING, width, height, picture.as_raw()).hash(&mut hasher);
    format!("{:032x}", hasher.finish128().as_u128())
}

/// Those of these widths that a picture has, the widest being its own if it is narrower.
fn widths(width: u32, of: &[u32]) -> Vec<u32> {
    let widest = of.last().map_or(width, |widest| width.min(*widest));
    let narrower = of.iter().copied().filter(|narrower| *narrower < widest);
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

/// The size of a picture that has to fit.
fn fitted((width, height): (u32, u32), (most_width, most_height): (u32, u32)) -> (u32, u32) {
    let narrower = width.min(most_width);
    let lower = height_at((width, height), narrower);
    if lower > most_height {
        // Turned on its side, a height is a width.
        (height_at((lower, narrower), most_height), most_height)
    } else {
        (narrower, lower)
    }
}

fn width_name(hash: &str, width: u32, format: Format) -> String {
    format!("{hash}-{width}.{}", format.extension())
}

/// The name of a crop's JPEG.
pub fn crop_name(hash: &str, shape: Shape, focal: Focal) -> String {
    crop_name_as(hash, shape, focal, Format::Jpeg)
}

fn crop_name_as(hash: &str, shape: Shape, focal: Focal, format: Format) -> String {
    let (shape, extension) = (shape.in_names(), format.extension());
    format!("{hash}-{shape}-{focal}.{extension}")
}

/// The media type of the file of this name, if it has the form of one of ours.
fn kind(name: &str) -> Option<&'static str> {
    let (stem, extension) = name.split_once('.')?;
    let kind = match extension {
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        _ => return None,
    };
    let (hash, rest) = stem.split_at_checked(HASH_LENGTH)?;
    let is_ours = is_hash(hash)
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'x'));
    is_ours.then_some(kind)
}

fn is_hash(text: &str) -> bool {
    text.len() == HASH_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hash_in_name(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let hash = name.get(..HASH_LENGTH)?;
    is_hash(hash).then(|| hash.to_owned())
}

/// What is in a folder; nothing if there is no such folder, and none of it if it is a file.
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

/// When a file was written. `None`: it is gone, by the hand of another instance on the same folder.
fn changed(file: &Path) -> Result<Option<SystemTime>> {
    match std::fs::metadata(file) {
        Ok(about) => Ok(Some(about.modified()?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Deletes a file, if another instance did not do so already.
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
    use crate::media::{Limits, decode};

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
        decode(png.get_ref(), Limits::UPLOAD).unwrap()
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
    fn a_picture_that_was_just_taken_in_can_be_shown() {
        let Folder { store, .. } = &store();
        let begun = store.begin(&picture(3000, 1500)).unwrap();
        assert_eq!((begun.width, begun.height), (1280, 640));
        assert_eq!(widths_text(&begun.widths), "320,1280");
        assert_eq!(names(store, &begun.hash), ["-1280.jpg", "-320.jpg", ".jpg"]);
        assert_eq!(size(store, &format!("{}.jpg", begun.hash)), (2560, 1280));
        assert_eq!(size(store, &format!("{}-320.jpg", begun.hash)), (320, 160));
    }

    #[test]
    fn finishing_makes_every_width_and_crop_in_jpeg_and_webp() {
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
    fn finishing_goes_on_where_it_was_cut_off_and_changes_nothing_that_is_there() {
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
    fn another_focal_point_makes_other_crops_under_other_names() {
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
    fn the_smallest_and_the_oddest_pictures_are_kept_too() {
        let Folder { store, .. } = &store();
        for (width, height) in [(1, 1), (1, 9000), (9000, 1), (161, 100), (30, 20_000)] {
            let begun = store.begin(&picture(width, height)).unwrap();
            let finished = store.finish(&begun.hash, Focal::new(0, 1000)).unwrap();
            let largest = format!("{}-{}.webp", finished.hash, finished.width);
            assert_eq!(size(store, &largest), (finished.width, finished.height));
        }
    }

    #[test]
    fn the_same_picture_has_the_same_name_whatever_file_it_came_in() {
        let Folder { store, .. } = &store();
        let first = store.begin(&picture(500, 400)).unwrap();
        let again = store.begin(&picture(500, 400)).unwrap();
        let other = store.begin(&picture(500, 401)).unwrap();
        assert_eq!(first.hash, again.hash);
        assert_ne!(first.hash, other.hash);
        assert_eq!(store.hashes().unwrap().len(), 2);
    }

    #[test]
    fn a_picture_of_the_demo_can_be_finished_though_it_has_no_master() {
        let Folder { store, .. } = &store();
        let stored = store.add(picture(800, 600).picture()).unwrap();
        let finished = store.finish(&stored.hash, Focal::MIDDLE).unwrap();
        assert_eq!(finished.widths, stored.widths);
        assert_eq!(
            size(store, &format!("{}-1x1-500-500.webp", stored.hash)),
            (600, 600)
        );
    }

    #[test]
    fn what_was_written_a_moment_ago_is_not_collected() {
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
        assert!(store.remove(&hash, in_an_hour()).unwrap(), "twice is once");
    }

    #[test]
    fn half_written_files_are_never_served_and_go_away() {
        let Folder { store, .. } = &store();
        let hash = store.begin(&picture(40, 30)).unwrap().hash;
        let half = store.path(&format!("{hash}-640.0123.part"));
        std::fs::write(&half, "half").unwrap();
        assert_eq!(store.file(&format!("{hash}-640.0123.part")), None);
        store
            .remove_unfinished(SystemTime::now() - Duration::from_secs(60))
            .unwrap();
        assert!(half.exists());
        store.remove_unfinished(in_an_hour()).unwrap();
        assert!(!half.exists());
        assert_eq!(names(store, &hash).len(), 2);
    }

    #[test]
    fn a_store_that_has_no_folder_yet_is_empty() {
        let Folder { store, .. } = &store();
        assert!(store.hashes().unwrap().is_empty());
        assert!(store.remove_unfinished(in_an_hour()).is_ok());
    }

    #[test]
    fn only_names_of_ours_lead_to_files() {
        let Folder { store, .. } = &store();
        let hash = "0123456789abcdef0123456789abcdef";
        for ours in ["-320.jpg", "-320.webp", ".jpg", "-16x9-500-500.webp"] {
            assert!(store.file(&format!("{hash}{ours}")).is_some(), "{ours}");
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
