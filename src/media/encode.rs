//! Resizing and encoding.

use fast_image_resize as fir;
use image::{RgbImage, codecs::jpeg::JpegEncoder};

use super::Rect;
use crate::error::Result;

/// Of 100: where a newspaper's pictures stop getting better to the eye.
const JPEG_QUALITY: u8 = 80;
/// The same for WebP, whose numbers mean something else.
const WEBP_QUALITY: f32 = 76.0;
/// For what everything else is made from.
const MASTER_QUALITY: u8 = 90;

/// How a file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    WebP,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Jpeg, Self::WebP];

    /// How names of its files end.
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

/// A picture encoded so that others can be made from it.
pub fn master(picture: &RgbImage) -> Result<Vec<u8>> {
    jpeg(picture, MASTER_QUALITY)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>> {
    let mut encoded = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut encoded, quality))?;
    Ok(encoded)
}

/// A part of a picture in another size.
pub fn resize(picture: &RgbImage, part: Rect, width: u32, height: u32) -> Result<RgbImage> {
    let failed = |error: String| std::io::Error::other(error);
    let from = fir::images::ImageRef::new(
        picture.width(),
        picture.height(),
        picture.as_raw(),
        fir::PixelType::U8x3,
    )
    .map_err(|error| failed(error.to_string()))?;
    let mut to = fir::images::Image::new(width, height, fir::PixelType::U8x3);
    let options = fir::ResizeOptions::new().crop(
        part.left.into(),
        part.top.into(),
        part.width.into(),
        part.height.into(),
    );
    fir::Resizer::new()
        .resize(&from, &mut to, &options)
        .map_err(|error| failed(error.to_string()))?;
    let resized = RgbImage::from_raw(width, height, to.into_vec());
    Ok(resized.ok_or_else(|| failed("a resized picture is not of its size".to_owned()))?)
}

/// The whole of a picture in another size.
pub fn resize_whole(picture: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage> {
    let whole = Rect {
        left: 0,
        top: 0,
        width: picture.width(),
        height: picture.height(),
    };
    resize(picture, whole, width, height)
}

/// The height of a picture of this size at another width.
pub fn height_at((width, height): (u32, u32), other: u32) -> u32 {
    let height = u64::from(height) * u64::from(other) / u64::from(width.max(1));
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}
