//! Decodes AVIF pictures, which the `image` crate supports only with a system library.

use image::{DynamicImage, RgbImage, metadata::Orientation};
use re_rav1d::dav1d::{
    Decoder, Picture, PixelLayout, PlanarImageComponent as Component, Settings, pixel,
};

use super::{
    DecodeError, Limits,
    memory_budget::{MemoryBudget, Reservation},
    yuv::{Chroma, Matrix, Plane, Range, to_rgb},
};

/// Whether the file has the signature of an AVIF picture.
pub fn is_avif(bytes: &[u8]) -> bool {
    // The first box lists the brands. Of a sequence, the first picture is decoded.
    let brands = bytes.get(8..bytes.len().min(64)).unwrap_or_default();
    bytes.get(4..8) == Some(b"ftyp")
        && brands
            .chunks_exact(4)
            .any(|brand| brand == b"avif" || brand == b"avis")
}

/// The memory that decoding takes: the frame and its transparency, the planes, and the picture in RGB.
const BYTES_PER_PIXEL: u64 = 16;

/// Width and height in pixels, from the header.
///
/// # Errors
/// If the file is damaged or uses unsupported features.
pub fn dimensions(bytes: &[u8]) -> Result<(u32, u32), DecodeError> {
    size(&parse(bytes)?)
}

fn parse(bytes: &[u8]) -> Result<avif_parse::AvifData, DecodeError> {
    avif_parse::read_avif(&mut &*bytes).map_err(|error| match error {
        avif_parse::Error::Unsupported(_) => DecodeError::Unusual,
        _ => DecodeError::Broken,
    })
}

fn size(file: &avif_parse::AvifData) -> Result<(u32, u32), DecodeError> {
    let metadata = file
        .primary_item_metadata()
        .map_err(|_| DecodeError::Broken)?;
    Ok((
        metadata.max_frame_width.get(),
        metadata.max_frame_height.get(),
    ))
}

/// Decodes a picture; returns it with the memory that was reserved for decoding it. Colour profiles and HDR transfer
/// functions are ignored: the parser does not provide them, and nearly all AVIF pictures on the web are sRGB.
///
/// # Errors
/// If the file exceeds the limits or the budget, is damaged, or uses unsupported features.
pub fn decode(
    bytes: &[u8],
    limits: &Limits,
    budget: &MemoryBudget,
) -> Result<(DynamicImage, Reservation), DecodeError> {
    let file = parse(bytes)?;
    let (width, height) = size(&file)?;
    limits.check(width, height)?;
    let memory = budget
        .reserve(u64::from(width) * u64::from(height) * BYTES_PER_PIXEL)
        .ok_or(DecodeError::TooMuchMemory)?;
    let mut picture = frame_to_rgb(&frame(&file.primary_item, limits)?)?;
    if let Some(alpha) = &file.alpha_item {
        let metadata = file.alpha_item_metadata().ok().flatten();
        let metadata = metadata.ok_or(DecodeError::Broken)?;
        limits.check(
            metadata.max_frame_width.get(),
            metadata.max_frame_height.get(),
        )?;
        let alpha = frame(alpha, limits)?;
        if (alpha.width(), alpha.height()) != picture.dimensions() {
            return Err(DecodeError::Broken);
        }
        let opacity = plane(&alpha, Component::Y);
        for (y, row) in (0..).zip(picture.rows_mut()) {
            let opacity = opacity.row(y, alpha.width()).ok_or(DecodeError::Broken)?;
            for (pixel, &opacity) in row.zip(opacity) {
                super::alpha::blend_with_white(&mut pixel.0, opacity, file.premultiplied_alpha);
            }
        }
    }
    let mut picture = DynamicImage::ImageRgb8(picture);
    for orientation in orientations(bytes) {
        picture.apply_orientation(orientation);
    }
    Ok((picture, memory))
}

fn frame(data: &[u8], limits: &Limits) -> Result<Picture, DecodeError> {
    let mut settings = Settings::new();
    // One thread, to leave cores for requests.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(limits.pixels).unwrap_or(u32::MAX));
    let broken = |_: re_rav1d::dav1d::Error| DecodeError::Broken;
    let mut decoder = Decoder::with_settings(&settings).map_err(broken)?;
    decoder
        .send_data(data.to_vec(), None, None, None)
        .map_err(broken)?;
    decoder.get_picture().map_err(broken)
}

fn plane(frame: &Picture, component: Component) -> Plane {
    let data = frame.plane(component);
    let stride = frame.stride(component) as usize;
    match frame.bit_depth() {
        // The additional bits of 10 or 12 bit samples are below the precision of JPEG.
        depth @ 9.. => Plane {
            samples: data
                .chunks_exact(2)
                .map(|pair| {
                    let sample = u16::from_le_bytes([pair[0], pair[1]]) >> (depth - 8);
                    u8::try_from(sample).unwrap_or(u8::MAX)
                })
                .collect(),
            stride: stride / 2,
        },
        _ => Plane {
            samples: data.to_vec(),
            stride,
        },
    }
}

/// Converts a frame to RGB.
fn frame_to_rgb(frame: &Picture) -> Result<RgbImage, DecodeError> {
    let range = match frame.color_range() {
        pixel::YUVRange::Limited => Range::Limited,
        pixel::YUVRange::Full => Range::Full,
    };
    let layout = frame.pixel_layout();
    use pixel::MatrixCoefficients as Coefficients;
    let matrix = match frame.matrix_coefficients() {
        // Without chroma, every matrix yields the same grey.
        _ if layout == PixelLayout::I400 => Matrix::BT601,
        Coefficients::BT709 => Matrix::BT709,
        Coefficients::BT2020NonConstantLuminance => Matrix::BT2020,
        Coefficients::ST240M => Matrix::ST240,
        Coefficients::BT470M => Matrix::FCC,
        // Most encoders use this matrix if they do not specify one.
        Coefficients::Unspecified | Coefficients::BT470BG | Coefficients::ST170M => Matrix::BT601,
        Coefficients::Identity if layout == PixelLayout::I444 => Matrix::Identity,
        _ => return Err(DecodeError::Unusual),
    };
    let chroma = |(halved_width, halved_height)| Chroma {
        u: plane(frame, Component::U),
        v: plane(frame, Component::V),
        halved_width,
        halved_height,
    };
    let chroma = match layout {
        PixelLayout::I400 => None,
        PixelLayout::I444 => Some(chroma((false, false))),
        PixelLayout::I422 => Some(chroma((true, false))),
        PixelLayout::I420 => Some(chroma((true, true))),
    };
    let size = (frame.width(), frame.height());
    to_rgb(
        size,
        &plane(frame, Component::Y),
        chroma.as_ref(),
        range,
        matrix,
    )
    .ok_or(DecodeError::Broken)
}

/// The rotation and mirroring of the container: the boxes `irot` and `imir`, which the parser ignores. They precede the
/// frames.
pub(super) fn orientations(bytes: &[u8]) -> impl Iterator<Item = Orientation> {
    let head = bytes
        .windows(4)
        .position(|word| word == b"mdat")
        .map_or(bytes, |start| &bytes[..start]);
    let value = |name: &[u8; 4]| {
        let header = [&[0, 0, 0, 9], name.as_slice()].concat();
        let start = head.windows(8).position(|word| word == header)?;
        head.get(start + 8).copied()
    };
    let rotation = value(b"irot").and_then(|quarters| match quarters & 3 {
        1 => Some(Orientation::Rotate270),
        2 => Some(Orientation::Rotate180),
        3 => Some(Orientation::Rotate90),
        _ => None,
    });
    let mirroring = value(b"imir").map(|axis| match axis & 1 {
        0 => Orientation::FlipVertical,
        _ => Orientation::FlipHorizontal,
    });
    rotation.into_iter().chain(mirroring)
}
