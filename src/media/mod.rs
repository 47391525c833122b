//! Pictures: every one is re-encoded in several widths, and named after its content.

use std::{
    hash::Hash,
    io::Write,
    path::{Path, PathBuf},
};

use fast_image_resize as fir;
use image::{DynamicImage, RgbImage, codecs::jpeg::JpegEncoder};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::error::Result;

/// The widths in pixels in which a picture is kept, unless it is smaller.
const WIDTHS: [u32; 6] = [160, 320, 640, 960, 1280, 1920];
/// Of 100: where a newspaper's pictures stop getting better to the eye.
const JPEG_QUALITY: u8 = 80;
/// Part of every name: raised when pictures come to be encoded otherwise, because files are kept by
/// browsers for ever.
const ENCODING: u32 = 1;

/// The folder of picture files.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
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

impl Stored {
    /// As the database has it: `320,640`.
    pub fn widths_text(&self) -> String {
        self.widths
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(",")
    }
}

impl Store {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Encodes a picture in every width and writes the files. Blocks: for the blocking pool.
    pub fn add(&self, picture: RgbImage) -> Result<Stored> {
        let (width, height) = picture.dimensions();
        let mut hasher = SipHasher24::new();
        (ENCODING, width, height, picture.as_raw()).hash(&mut hasher);
        let hash = format!("{:032x}", hasher.finish128().as_u128());
        let widths: Vec<u32> = WIDTHS
            .into_iter()
            .filter(|smaller| *smaller < width)
            .chain([width.min(WIDTHS[WIDTHS.len() - 1])])
            .collect();
        let largest = widths.last().copied().unwrap_or(width);
        let picture = DynamicImage::ImageRgb8(picture);
        for target in &widths {
            let path = self.path(&hash, *target);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            write_whole(&path, &jpeg(&picture, *target)?)?;
        }
        Ok(Stored {
            hash,
            width: largest,
            height: height_at(&picture, largest),
            widths,
        })
    }

    /// The file that a URL's last part names (`<hash>-<width>.jpg`), if it has the form of one of
    /// ours.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let (hash, width) = name.strip_suffix(".jpg")?.split_once('-')?;
        let ours = hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let width = width.parse().ok().filter(|_| ours)?;
        Some(self.path(hash, width))
    }

    fn path(&self, hash: &str, width: u32) -> PathBuf {
        // Two letters of folders keep any one folder small.
        self.folder
            .join(&hash[..2])
            .join(format!("{hash}-{width}.jpg"))
    }
}

/// The height of a picture at another width.
fn height_at(picture: &DynamicImage, width: u32) -> u32 {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width()).max(1);
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}

fn jpeg(picture: &DynamicImage, width: u32) -> Result<Vec<u8>> {
    let mut smaller = DynamicImage::new_rgb8(width, height_at(picture, width));
    fir::Resizer::new()
        .resize(picture, &mut smaller, None)
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    let mut encoded = Vec::new();
    smaller.write_with_encoder(JpegEncoder::new_with_quality(&mut encoded, JPEG_QUALITY))?;
    Ok(encoded)
}

/// Writes a file so that it is there whole or not at all, whenever the power goes.
fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension(format!("{:016x}.part", rand::random::<u64>()));
    let mut file = std::fs::File::create(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    // The name is there for good only when its folder is written too.
    path.parent()
        .map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}
