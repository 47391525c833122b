//! Resizes and encodes pictures.

use image::RgbImage;

use super::Rect;
use crate::error::Result;

/// From 0 to 100; higher values do not visibly improve news pictures.
const JPEG_QUALITY: u8 = 80;
/// The corresponding quality on the scale of WebP.
const WEBP_QUALITY: f32 = 76.0;
/// The quality of masters, from which all other files are created.
const MASTER_QUALITY: u8 = 90;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    WebP,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Jpeg, Self::WebP];

    /// The file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    pub fn encode(self, picture: &RgbImage) -> Result<Vec<u8>> {
        match self {
            Self::Jpeg => jpeg(picture, JPEG_QUALITY),
            Self::WebP => {
                let encoder =
                    webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
                let encoded = encoder
                    .encode_simple(false, WEBP_QUALITY)
                    .map_err(|error| std::io::Error::other(format!("WebP: {error:?}")))?;
                Ok(encoded.to_vec())
            }
        }
    }
}

/// Encodes a master.
pub fn master(picture: &RgbImage) -> Result<Vec<u8>> {
    jpeg(picture, MASTER_QUALITY)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>> {
    Ok(dateline_imaging::encode_jpeg(picture, quality)?)
}

/// Scales a part of a picture to `width` by `height` pixels.
pub fn resize(picture: &RgbImage, part: Rect, width: u32, height: u32) -> Result<RgbImage> {
    Ok(dateline_imaging::resize(picture, part, width, height)?)
}

/// Resizes a whole picture.
pub fn resize_whole(picture: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage> {
    let whole = Rect {
        left: 0,
        top: 0,
        width: picture.width(),
        height: picture.height(),
    };
    resize(picture, whole, width, height)
}

/// The height of a picture of this size after scaling it to another width.
pub fn height_at((width, height): (u32, u32), other: u32) -> u32 {
    let height = u64::from(height) * u64::from(other) / u64::from(width.max(1));
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}
