//! Decodes uploaded pictures. The format is detected from the content; file name and declared media type are ignored.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{
    ColorType, DynamicImage, ImageDecoder, ImageFormat, RgbImage,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{
    alpha::blend_with_white,
    avif,
    encode::{height_at, resize_whole},
    memory_budget::{MemoryBudget, Reservation},
};
use crate::error::Error;

/// The limits of a file that is decoded.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum size of the file, in bytes.
    pub bytes: usize,
    /// The maximum number of pixels: a file of a few kilobytes can decompress to gigabytes.
    pub pixels: u64,
    /// The maximum width and height, in pixels.
    pub side: u32,
}

/// The maximum number of scans of a JPEG, each of which changes all pixels: a few kilobytes can contain thousands. Cameras
/// and editors write up to 10.
const MAX_SCANS: usize = 64;

impl Limits {
    /// More than the cameras of newsrooms produce.
    pub const UPLOAD: Self = Self {
        bytes: 50_000_000,
        pixels: 100_000_000,
        side: 32_768,
    };

    /// Checks the size of a picture before it is decoded.
    pub(super) fn check(&self, width: u32, height: u32) -> Result<(), DecodeError> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.pixels || width.max(height) > self.side {
            return Err(DecodeError::TooManyPixels {
                width,
                height,
                megapixels: self.pixels / 1_000_000,
                side: self.side,
            });
        }
        if pixels == 0 {
            return Err(DecodeError::Broken);
        }
        Ok(())
    }
}

/// Why a file cannot be used. The newsroom shows a text of its own for each; imports report this one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("The file is empty.")]
    Empty,
    #[error("The file is larger than {megabytes} MB. Save it smaller and upload it again.")]
    TooManyBytes { megabytes: usize },
    #[error(
        "The picture has {width} × {height} pixels; up to {megapixels} megapixels, and {side} pixels on each side, can be \
         used. Save it smaller and upload it again."
    )]
    TooManyPixels {
        width: u32,
        height: u32,
        megapixels: u64,
        side: u32,
    },
    #[error(
        "The picture needs more memory than the server may use for pictures. Save it smaller and upload it again."
    )]
    TooMuchMemory,
    #[error(
        "The file is not a picture that can be used: it has to be JPEG, PNG, WebP, GIF or AVIF."
    )]
    NotAPicture,
    #[error("SVG drawings cannot be used. Save it as PNG and upload that.")]
    Svg,
    #[error("The picture is damaged or incomplete.")]
    Broken,
    #[error(
        "The picture is of an unusual kind that cannot be read. Save it as JPEG or PNG and upload that."
    )]
    Unusual,
}

/// The pixels of a picture: upright, opaque, in sRGB.
pub struct Decoded {
    picture: RgbImage,
    /// The memory that the pixels take.
    _memory: Option<Reservation>,
}

impl Decoded {
    pub fn picture(&self) -> &RgbImage {
        &self.picture
    }

    /// Decodes a WebP file that the program contains: upright, opaque and in sRGB.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn embedded(webp: &[u8]) -> image::ImageResult<Self> {
        // Not generic, so that debug builds use the optimised code of the dependency.
        let picture = image::load_from_memory_with_format(webp, ImageFormat::WebP)?;
        Ok(Self {
            picture: picture.into_rgb8(),
            _memory: None,
        })
    }

    /// Scales the picture down to `width` pixels, unless it is narrower.
    ///
    /// # Errors
    /// If resizing fails.
    pub fn fit_width(self, width: u32) -> Result<Self, Error> {
        if self.picture.width() <= width {
            return Ok(self);
        }
        let height = height_at(self.picture.dimensions(), width);
        Ok(Self {
            picture: resize_whole(&self.picture, (width, height))?,
            ..self
        })
    }
}

/// The number of pixels of a picture, from its header; `None` if it is not a supported picture.
pub fn pixels(bytes: &[u8]) -> Option<u64> {
    let size = || {
        if avif::is_avif(bytes) {
            return avif::dimensions(bytes).ok();
        }
        let mut reader = image::ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .ok()?;
        reader.limits(metadata_limits());
        reader.into_dimensions().ok()
    };
    let (width, height) = catch_unwind(AssertUnwindSafe(size)).ok()??;
    Some(u64::from(width) * u64::from(height))
}

/// Decodes JPEG, PNG, WebP, GIF (the first frame) and AVIF. Waits while other pictures take the memory of the budget.
///
/// # Errors
/// If the file is not a supported picture, exceeds the limits or the budget, or is damaged.
pub fn decode(bytes: &[u8], limits: Limits, budget: &MemoryBudget) -> Result<Decoded, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(DecodeError::TooManyBytes {
            megabytes: limits.bytes / 1_000_000,
        });
    }
    // Decoders may panic on malformed files.
    catch_unwind(AssertUnwindSafe(|| decode_within(bytes, &limits, budget)))
        .unwrap_or(Err(DecodeError::Broken))
}

fn decode_within(
    bytes: &[u8],
    limits: &Limits,
    budget: &MemoryBudget,
) -> Result<Decoded, DecodeError> {
    if avif::is_avif(bytes) {
        let (picture, memory) = avif::decode(bytes, limits, budget)?;
        return Ok(decoded(picture.into_rgb8(), memory));
    }
    let file = Cursor::new(bytes);
    // What the decoders keep beside the pixels that they return, in bytes per pixel.
    let (in_rows, coefficients, canvas) = (0, 6, 4);
    match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => {
            let structure = JpegStructure::of(bytes);
            if !structure.is_complete {
                return Err(DecodeError::Broken);
            }
            let internal = match structure.scans {
                0..=1 => in_rows,
                2..=MAX_SCANS => coefficients,
                _ => return Err(DecodeError::Unusual),
            };
            upright(JpegDecoder::new(file), internal, limits, budget)
        }
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(file, metadata_limits());
            upright(decoder, in_rows, limits, budget)
        }
        Ok(ImageFormat::WebP) => upright(WebPDecoder::new(file), canvas, limits, budget),
        Ok(ImageFormat::Gif) => upright(gif(file, limits), canvas, limits, budget),
        _ if looks_like_svg(bytes) => Err(DecodeError::Svg),
        _ => Err(DecodeError::NotAPicture),
    }
}

/// A GIF decoder with a memory limit, because a frame may claim to be larger than the picture.
fn gif<'b>(
    file: Cursor<&'b [u8]>,
    limits: &Limits,
) -> image::ImageResult<GifDecoder<Cursor<&'b [u8]>>> {
    let mut decoder = GifDecoder::new(file)?;
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(limits.pixels * 4);
    decoder.set_limits(memory)?;
    Ok(decoder)
}

fn decoded(picture: RgbImage, mut memory: Reservation) -> Decoded {
    memory.shrink_to(picture.as_raw().len() as u64);
    Decoded {
        picture,
        _memory: Some(memory),
    }
}

/// `internal` is what the decoder keeps beside the pixels that it returns, in bytes per pixel.
fn upright<D: ImageDecoder>(
    decoder: image::ImageResult<D>,
    internal: u64,
    limits: &Limits,
    budget: &MemoryBudget,
) -> Result<Decoded, DecodeError> {
    let mut decoder = decoder.map_err(refused)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height)?;
    // Damaged metadata does not make the picture unusable.
    let orientation = decoder.orientation().ok();
    let profile = decoder.icc_profile().ok().flatten();
    // Formats with more than 8 bits per channel may have fewer pixels.
    let bytes = decoder.total_bytes();
    if bytes > limits.pixels * 4 {
        return Err(DecodeError::Unusual);
    }
    let pixels = u64::from(width) * u64::from(height);
    let is_rotated = orientation.is_some_and(|turned| turned != Orientation::NoTransforms);
    let copies = [
        is_rotated.then_some(bytes),
        (decoder.color_type() != ColorType::Rgb8).then_some(pixels * 3),
    ];
    // The copies are made one after the other.
    let largest_copy = copies.into_iter().flatten().max().unwrap_or_default();
    let memory = budget
        .reserve(bytes + (pixels * internal).max(largest_copy))
        .ok_or(DecodeError::TooMuchMemory)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let mut picture = on_white(picture);
    if let Some(profile) = profile {
        to_srgb(&mut picture, &profile);
    }
    Ok(decoded(picture, memory))
}

/// The limits for metadata: a compressed colour profile can be a decompression bomb, too. The largest ones, for printing,
/// have about 3 MB.
fn metadata_limits() -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(16_000_000);
    limits
}

fn refused(error: image::ImageError) -> DecodeError {
    match error {
        image::ImageError::Unsupported(_) | image::ImageError::Limits(_) => DecodeError::Unusual,
        _ => DecodeError::Broken,
    }
}

/// Replaces transparency by a white background.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (from, to) in picture.pixels().zip(opaque.pixels_mut()) {
        let [red, green, blue, opacity] = from.0;
        to.0 = [red, green, blue];
        blend_with_white(&mut to.0, opacity, false);
    }
    opaque
}

/// Converts the colours of an RGB profile, such as the Display P3 of phones, to sRGB. Grey and CMYK profiles are
/// ignored, because those pictures are already converted to RGB as in browsers. Invalid profiles are ignored, too.
fn to_srgb(picture: &mut RgbImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return;
    };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let Ok(transform) = profile.create_transform_8bit(
        Layout::Rgb,
        &ColorProfile::new_srgb(),
        Layout::Rgb,
        TransformOptions::default(),
    ) else {
        return;
    };
    let row = picture.width() as usize * 3;
    let mut converted = vec![0; row];
    for pixels in picture.chunks_exact_mut(row) {
        if transform.transform(pixels, &mut converted).is_err() {
            return;
        }
        pixels.copy_from_slice(&converted);
    }
}

struct JpegStructure {
    /// Whether it has its end marker. The decoder silently fills missing data with grey.
    is_complete: bool,
    /// One for each pass over the picture; several in a progressive picture.
    scans: usize,
}

impl JpegStructure {
    fn of(bytes: &[u8]) -> Self {
        const SCAN: u8 = 0xda;
        const END: u8 = 0xd9;
        let mut at = 2;
        // Segments are skipped up to the first scan, so that the markers of a thumbnail in the metadata do not count.
        while let Some(&[0xff, kind, high, low]) = bytes.get(at..at + 4) {
            if kind == SCAN {
                let count = |marker| {
                    let marker = [0xff, marker];
                    bytes[at..]
                        .windows(2)
                        .filter(|pair| *pair == marker)
                        .count()
                };
                return Self {
                    is_complete: count(END) > 0,
                    scans: count(SCAN),
                };
            }
            at += match kind {
                // A filler byte.
                0xff => 1,
                _ => 2 + usize::from(u16::from_be_bytes([high, low])),
            };
        }
        Self {
            is_complete: false,
            scans: 0,
        }
    }
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]).to_ascii_lowercase();
    head.contains("<svg")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use image::{
        ExtendedColorType, ImageEncoder, Luma, Rgb, Rgba, RgbaImage,
        codecs::{gif::GifEncoder, png::PngEncoder},
    };

    use super::*;

    const RED: [u8; 3] = [200, 50, 50];
    const BLUE: [u8; 3] = [50, 50, 200];

    /// Red on the left, blue on the right.
    fn two_colours(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| {
            Rgb(if x < width / 2 { RED } else { BLUE })
        })
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::from(two_colours(64, 48));
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn budget() -> MemoryBudget {
        MemoryBudget::new(2_000_000_000)
    }

    fn decoded(bytes: &[u8]) -> RgbImage {
        decode(bytes, Limits::UPLOAD, &budget()).unwrap().picture
    }

    fn refusal(bytes: &[u8]) -> DecodeError {
        decode(bytes, Limits::UPLOAD, &budget()).err().unwrap()
    }

    fn near(pixel: &Rgb<u8>, expected: [u8; 3]) -> bool {
        let close = |(a, b): (&u8, u8)| a.abs_diff(b) < 12;
        pixel.0.iter().zip(expected).all(close)
    }

    /// A uniformly grey PNG that claims this size but contains only `rows` rows.
    fn png_of_zeros(width: u32, height: u32, rows: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        let mut stream = writer.stream_writer().unwrap();
        let row = vec![0; width as usize];
        for _ in 0..rows {
            std::io::Write::write_all(&mut stream, &row).unwrap();
        }
        // Fails because of the missing rows; the written ones are kept.
        let _ = stream.finish();
        drop(writer);
        bytes
    }

    /// A JPEG with an orientation in its Exif data.
    fn jpeg_with_orientation(orientation: u8) -> Vec<u8> {
        let jpeg = encoded(ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn jpeg_png_webp_gif_and_avif_are_detected_by_content() {
        let mut files: Vec<Vec<u8>> = [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::WebP,
            ImageFormat::Gif,
        ]
        .map(encoded)
        .into();
        files.push(include_bytes!("../../tests/pictures/red-and-blue.avif").to_vec());
        for file in files {
            let picture = decoded(&file);
            assert_eq!(picture.dimensions(), (64, 48));
            assert!(near(picture.get_pixel(5, 20), RED), "{:?}", &file[..12]);
            assert!(near(picture.get_pixel(60, 20), BLUE), "{:?}", &file[..12]);
        }
    }

    #[test]
    fn avif_with_ten_bits_and_transparency_is_decoded() {
        let deep = decoded(include_bytes!("../../tests/pictures/ten-bit.avif"));
        assert!(near(deep.get_pixel(20, 1), [6; 3]) && near(deep.get_pixel(20, 38), [249; 3]));
        let half = decoded(include_bytes!("../../tests/pictures/half-transparent.avif"));
        assert!(near(half.get_pixel(5, 20), [0, 128, 0]));
        assert!(
            near(half.get_pixel(35, 20), [255; 3]),
            "{:?}",
            half.get_pixel(35, 20)
        );
    }

    #[test]
    fn the_rotation_of_an_avif_container_is_applied() {
        let file = include_bytes!("../../tests/pictures/red-and-blue.avif");
        let at = file.windows(4).position(|word| word == b"mdat").unwrap() - 4;
        let rotated = [&file[..at], b"\0\0\0\x09irot\x01", &file[at..]].concat();
        assert_eq!(
            orientations(&rotated),
            [image::metadata::Orientation::Rotate270]
        );
        assert_eq!(orientations(file), []);
    }

    fn orientations(file: &[u8]) -> Vec<image::metadata::Orientation> {
        avif::orientations(file).collect()
    }

    #[test]
    fn the_exif_orientation_is_applied() {
        let upright = decoded(&jpeg_with_orientation(6));
        assert_eq!(upright.dimensions(), (48, 64));
        assert!(near(upright.get_pixel(20, 5), RED) && near(upright.get_pixel(20, 60), BLUE));
        let mirrored = decoded(&jpeg_with_orientation(2));
        assert!(near(mirrored.get_pixel(5, 20), BLUE));
    }

    #[test]
    fn a_wide_picture_is_scaled_down_and_a_narrow_one_is_not() {
        let picture = |width| Decoded {
            picture: two_colours(width, 100),
            _memory: None,
        };
        let scaled = picture(400).fit_width(320).unwrap();
        assert_eq!(scaled.picture().dimensions(), (320, 80));
        assert!(near(scaled.picture().get_pixel(5, 20), RED));
        let same = picture(200).fit_width(320).unwrap();
        assert_eq!(same.picture().dimensions(), (200, 100));
    }

    #[test]
    fn transparency_becomes_white() {
        let mut picture = RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0]));
        picture.put_pixel(1, 1, Rgba([200, 0, 0, 128]));
        let mut png = Vec::new();
        PngEncoder::new(&mut png)
            .write_image(&picture, 4, 4, ExtendedColorType::Rgba8)
            .unwrap();
        let picture = decoded(&png);
        assert_eq!(picture.get_pixel(0, 0).0, [255, 255, 255]);
        assert!(near(picture.get_pixel(1, 1), [227, 127, 127]));
    }

    #[test]
    fn grey_sixteen_bit_and_cmyk_pictures_are_decoded() {
        let grey = image::ImageBuffer::from_pixel(8, 8, Luma([0x8000_u16]));
        let mut png = Cursor::new(Vec::new());
        DynamicImage::ImageLuma16(grey)
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        assert!(near(decoded(png.get_ref()).get_pixel(3, 3), [128; 3]));
        let cmyk = include_bytes!("../../tests/pictures/cmyk.jpg");
        assert!(near(decoded(cmyk).get_pixel(8, 8), [255, 0, 0]));
    }

    #[test]
    fn wide_gamut_colours_are_converted_to_srgb() {
        let profile = ColorProfile::new_display_p3().encode().unwrap();
        let picture = RgbImage::from_pixel(8, 8, Rgb([200, 100, 100]));
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_icc_profile(profile).unwrap();
        encoder
            .write_image(&picture, 8, 8, ExtendedColorType::Rgb8)
            .unwrap();
        let [red, green, _] = decoded(&png).get_pixel(4, 4).0;
        assert!(
            red > 205 && green < 98,
            "a P3 red is a stronger sRGB red: {red} {green}"
        );
    }

    #[test]
    fn an_invalid_colour_profile_is_ignored() {
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_icc_profile(b"not a profile".to_vec()).unwrap();
        let picture = two_colours(8, 8);
        encoder
            .write_image(&picture, 8, 8, ExtendedColorType::Rgb8)
            .unwrap();
        assert_eq!(decoded(&png), picture);
    }

    #[test]
    fn other_formats_are_refused_with_advice() {
        let svg = b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";
        assert_eq!(refusal(svg), DecodeError::Svg);
        for not_a_picture in [
            b"<!doctype html><script>alert(1)</script>".as_slice(),
            b"%PDF-1.7",
            b"\x7fELF",
            b"BM\0\0\0\0",
            b"GIF",
            &[0; 4096],
        ] {
            assert_eq!(refusal(not_a_picture), DecodeError::NotAPicture);
        }
        assert_eq!(refusal(b""), DecodeError::Empty);
        // A picture header followed by something else.
        let polyglot = [b"GIF89a".as_slice(), b"<script>alert(1)</script>"].concat();
        assert!(matches!(
            refusal(&polyglot),
            DecodeError::TooManyPixels { .. }
        ));
    }

    #[test]
    fn a_file_of_more_than_50_megabytes_is_refused_unread() {
        let large = vec![0xff; Limits::UPLOAD.bytes + 1];
        assert_eq!(
            refusal(&large).to_string(),
            "The file is larger than 50 MB. Save it smaller and upload it again."
        );
    }

    #[test]
    fn a_picture_of_30000_by_30000_pixels_is_refused_undecoded() {
        let start = Instant::now();
        let bomb = png_of_zeros(30_000, 30_000, 10);
        assert!(refusal(&bomb).to_string().starts_with(
            "The picture has 30000 × 30000 pixels; up to 100 megapixels, and 32768 pixels on each side, can be used."
        ));
        let mut gif = encoded(ImageFormat::Gif);
        gif[6..10].fill(0xff);
        assert!(matches!(
            refusal(&gif),
            DecodeError::TooManyPixels { width: 65_535, .. }
        ));
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn pictures_with_a_long_side_are_refused_undecoded() {
        for (width, height) in [(1, 100_000_000), (32_769, 2)] {
            let bomb = png_of_zeros(width, height, 0);
            let refused = DecodeError::TooManyPixels {
                width,
                height,
                megapixels: 100,
                side: 32_768,
            };
            assert_eq!(refusal(&bomb), refused);
        }
        refusal(&png_of_zeros(100_000_000, 1, 0));
    }

    #[test]
    fn pictures_that_need_more_than_the_budget_are_refused() {
        let small = MemoryBudget::new(20_000);
        let png = encoded(ImageFormat::Png);
        assert!(decode(&png, Limits::UPLOAD, &small).is_ok());
        for format in [ImageFormat::WebP, ImageFormat::Gif] {
            let refused = decode(&encoded(format), Limits::UPLOAD, &small).err();
            assert_eq!(refused, Some(DecodeError::TooMuchMemory), "{format:?}");
        }
        let avif = include_bytes!("../../tests/pictures/red-and-blue.avif");
        let refused = decode(avif, Limits::UPLOAD, &small).err();
        assert_eq!(refused, Some(DecodeError::TooMuchMemory));
    }

    #[test]
    fn a_jpeg_with_thousands_of_scans_is_refused() {
        let jpeg = encoded(ImageFormat::Jpeg);
        let scan = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap();
        let mut bomb = jpeg[..scan].to_vec();
        for _ in 0..1_000 {
            bomb.extend(&jpeg[scan..jpeg.len() - 2]);
        }
        bomb.extend([0xff, 0xd9]);
        assert_eq!(refusal(&bomb), DecodeError::Unusual);
    }

    #[test]
    fn the_pixels_of_each_format_are_read_from_the_header() {
        let mut files = [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::WebP,
            ImageFormat::Gif,
        ]
        .map(encoded)
        .to_vec();
        files.push(include_bytes!("../../tests/pictures/red-and-blue.avif").to_vec());
        for file in files {
            assert_eq!(pixels(&file), Some(64 * 48));
        }
        assert_eq!(pixels(&png_of_zeros(30_000, 30_000, 0)), Some(900_000_000));
        assert_eq!(pixels(b"no picture"), None);
    }

    #[test]
    fn truncated_pictures_are_refused() {
        for format in [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::WebP,
            ImageFormat::Gif,
        ] {
            let whole = encoded(format);
            for part in [whole.len() / 2, whole.len() / 4, 20] {
                assert_eq!(
                    refusal(&whole[..part]),
                    DecodeError::Broken,
                    "{format:?} {part}"
                );
            }
        }
        let avif = include_bytes!("../../tests/pictures/red-and-blue.avif");
        assert_eq!(refusal(&avif[..avif.len() / 2]), DecodeError::Broken);
        assert_eq!(refusal(&avif[..avif.len() - 20]), DecodeError::Broken);
        assert_eq!(
            refusal(&png_of_zeros(9_000, 9_000, 10)),
            DecodeError::Broken
        );
    }

    #[test]
    fn damaged_pictures_never_panic() {
        let avif = include_bytes!("../../tests/pictures/red-and-blue.avif");
        let mut files = vec![avif.to_vec(), jpeg_with_orientation(6)];
        files.extend([ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif].map(encoded));
        for file in files {
            for at in 0..file.len().min(250) {
                for damage in [0x00, 0xff] {
                    let mut damaged = file.clone();
                    damaged[at] = damage;
                    let _ = decode(
                        &damaged,
                        Limits {
                            pixels: 1_000_000,
                            ..Limits::UPLOAD
                        },
                        &budget(),
                    );
                }
            }
        }
    }

    #[test]
    fn only_the_first_frame_of_an_animation_is_decoded() {
        let mut gif = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut gif, 30);
        let first = RgbaImage::from_pixel(20, 20, Rgba([200, 50, 50, 255]));
        encoder.encode_frame(image::Frame::new(first)).unwrap();
        let other = RgbaImage::from_pixel(20, 20, Rgba([50, 50, 200, 255]));
        for _ in 1..10_000 {
            encoder
                .encode_frame(image::Frame::new(other.clone()))
                .unwrap();
        }
        drop(encoder);
        let start = Instant::now();
        assert!(near(decoded(&gif).get_pixel(10, 10), RED));
        assert!(start.elapsed() < Duration::from_millis(200));
    }

    #[test]
    fn the_end_marker_of_a_thumbnail_does_not_complete_a_jpeg() {
        let mut preview = b"Exif\0\0".to_vec();
        preview.extend(encoded(ImageFormat::Jpeg));
        let length = u16::try_from(preview.len() + 2).unwrap().to_be_bytes();
        let jpeg = encoded(ImageFormat::Jpeg);
        let whole = [&jpeg[..2], &[0xff, 0xe1], &length, &preview, &jpeg[2..]].concat();
        assert_eq!(decoded(&whole).dimensions(), (64, 48));
        assert_eq!(refusal(&whole[..whole.len() - 30]), DecodeError::Broken);
    }

    #[test]
    fn an_oversized_gif_frame_is_refused_before_allocation() {
        let found = include_bytes!("../../fuzz/seeds/picture/larger-than-its-canvas.gif");
        assert_eq!(refusal(found), DecodeError::Unusual);
    }

    #[test]
    fn a_panic_of_a_decoder_is_caught() {
        // The parser panics on a box with an excessive length.
        let found = include_bytes!("../../fuzz/seeds/picture/impossible-box.avif");
        assert_eq!(refusal(found), DecodeError::Broken);
    }

    #[test]
    fn an_avif_with_more_items_than_bytes_is_refused() {
        let found = include_bytes!("../../fuzz/seeds/picture/more-items-than-bytes.avif");
        assert_eq!(refusal(found), DecodeError::Broken);
    }
}
