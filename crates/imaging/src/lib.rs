//! Resizing and JPEG encoding. Both libraries are generic, so that their code is compiled in the crate
//! that calls them: this crate is optimised in debug builds too.

use std::io;

use fast_image_resize::{
    self as fir,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};
use image::{ImageResult, RgbImage, codecs::jpeg::JpegEncoder};

/// A rectangle within a picture, in pixels from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// Encodes a picture as JPEG. `quality` is 1 to 100.
///
/// # Errors
/// If the picture has more than 65,535 pixels in a dimension, which JPEG cannot hold.
pub fn encode_jpeg(picture: &RgbImage, quality: u8) -> ImageResult<Vec<u8>> {
    let mut encoded = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut encoded, quality))?;
    Ok(encoded)
}

/// Scales a part of a picture to `width` by `height` pixels.
///
/// # Errors
/// If the part is not within the picture.
pub fn resize(picture: &RgbImage, part: Rect, width: u32, height: u32) -> io::Result<RgbImage> {
    // With the type of a pixel: the code for the other types would take a minute to compile.
    let from = TypedImageRef::<U8x3>::from_buffer(picture.width(), picture.height(), picture)
        .map_err(io::Error::other)?;
    let mut resized = RgbImage::new(width, height);
    let mut to =
        TypedImage::<U8x3>::from_buffer(width, height, &mut resized).map_err(io::Error::other)?;
    let options = fir::ResizeOptions::new().crop(
        part.left.into(),
        part.top.into(),
        part.width.into(),
        part.height.into(),
    );
    fir::Resizer::new()
        .resize_typed(&from, &mut to, &options)
        .map_err(io::Error::other)?;
    Ok(resized)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_picture_is_decoded_with_its_size_and_colour() {
        let picture = RgbImage::from_pixel(40, 30, image::Rgb([200, 50, 50]));
        let encoded = encode_jpeg(&picture, 90).unwrap();
        let decoded = image::load_from_memory(&encoded).unwrap().into_rgb8();
        assert_eq!(decoded.dimensions(), (40, 30));
        let [red, green, blue] = decoded.get_pixel(20, 15).0;
        assert!(red > 190 && green < 60 && blue < 60, "{red} {green} {blue}");
    }

    #[test]
    fn a_part_is_scaled_and_one_outside_the_picture_is_an_error() {
        let picture = RgbImage::from_fn(40, 30, |x, _| {
            image::Rgb([if x < 20 { 0 } else { 255 }, 0, 0])
        });
        let part = |left| Rect {
            left,
            top: 0,
            width: 20,
            height: 10,
        };
        let right = resize(&picture, part(20), 10, 5).unwrap();
        assert_eq!(right.dimensions(), (10, 5));
        // The filter reads beyond the left edge of the part, but not as far as its middle.
        assert_eq!(right.get_pixel(5, 2).0, [255, 0, 0]);
        assert_eq!(right.get_pixel(9, 4).0, [255, 0, 0]);
        assert!(resize(&picture, part(30), 10, 5).is_err());
    }
}
