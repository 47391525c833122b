//! AVIF pictures, which the `image` library cannot read without a system library: the container, the
//! AV1 frames in it, and their colours.

use image::{DynamicImage, RgbImage, metadata::Orientation};
use re_rav1d::dav1d::{
    Decoder, Picture, PixelLayout, PlanarImageComponent as Component, Settings, pixel,
};
use yuv::{YuvGrayImage, YuvPlanarImage, YuvRange, YuvStandardMatrix};

use super::{Limits, Refused};

/// Whether these bytes say that they are an AVIF picture.
pub fn is_avif(bytes: &[u8]) -> bool {
    // The first box lists the brands; a sequence of pictures begins with one picture.
    let brands = bytes.get(8..bytes.len().min(64)).unwrap_or_default();
    bytes.get(4..8) == Some(b"ftyp")
        && brands
            .chunks_exact(4)
            .any(|brand| brand == b"avif" || brand == b"avis")
}

/// Colour profiles and HDR transfer curves are not looked at: the container's reader does not hand
/// them out, and nearly all AVIF pictures of the web are sRGB.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, Refused> {
    let file = avif_parse::read_avif(&mut &*bytes).map_err(|error| match error {
        avif_parse::Error::Unsupported(_) => Refused::Unusual,
        _ => Refused::Broken,
    })?;
    let said = file.primary_item_metadata().map_err(|_| Refused::Broken)?;
    limits.check(said.max_frame_width.get(), said.max_frame_height.get())?;
    let mut picture = to_rgb(&frame(&file.primary_item, limits)?)?;
    if let Some(alpha) = &file.alpha_item {
        let said = file.alpha_item_metadata().ok().flatten();
        let said = said.ok_or(Refused::Broken)?;
        limits.check(said.max_frame_width.get(), said.max_frame_height.get())?;
        let alpha = frame(alpha, limits)?;
        if (alpha.width(), alpha.height()) != picture.dimensions() {
            return Err(Refused::Broken);
        }
        let opacity = plane(&alpha, Component::Y);
        let stride = opacity.stride as usize;
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let opacity = opacity.samples[y as usize * stride + x as usize];
            super::decode::lay_on_white(&mut pixel.0, opacity, file.premultiplied_alpha);
        }
    }
    let mut picture = DynamicImage::ImageRgb8(picture);
    for turn in turns(bytes) {
        picture.apply_orientation(turn);
    }
    Ok(picture)
}

fn frame(data: &[u8], limits: &Limits) -> Result<Picture, Refused> {
    let mut settings = Settings::new();
    // One thread: other uploads and readers are waiting too.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(limits.pixels).unwrap_or(u32::MAX));
    let broken = |_: re_rav1d::dav1d::Error| Refused::Broken;
    let mut decoder = Decoder::with_settings(&settings).map_err(broken)?;
    decoder
        .send_data(data.to_vec(), None, None, None)
        .map_err(broken)?;
    decoder.get_picture().map_err(broken)
}

/// One plane of a frame, in 8 bits a sample.
struct Plane {
    samples: Vec<u8>,
    stride: u32,
}

fn plane(frame: &Picture, component: Component) -> Plane {
    let data = frame.plane(component);
    let stride = frame.stride(component);
    match frame.bit_depth() {
        // The lowest bits of 10 or 12 are below what a JPEG keeps.
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

/// The colours of a frame.
fn to_rgb(frame: &Picture) -> Result<RgbImage, Refused> {
    let (width, height) = (frame.width(), frame.height());
    let mut rgb = RgbImage::new(width, height);
    let row = width * 3;
    let range = match frame.color_range() {
        pixel::YUVRange::Limited => YuvRange::Limited,
        pixel::YUVRange::Full => YuvRange::Full,
    };
    let y = plane(frame, Component::Y);
    let layout = frame.pixel_layout();
    if layout == PixelLayout::I400 {
        let grey = YuvGrayImage {
            y_plane: &y.samples,
            y_stride: y.stride,
            width,
            height,
        };
        yuv::yuv400_to_rgb(&grey, &mut rgb, row, range, YuvStandardMatrix::Bt601)
    } else {
        let (u, v) = (plane(frame, Component::U), plane(frame, Component::V));
        let planes = YuvPlanarImage {
            y_plane: &y.samples,
            y_stride: y.stride,
            u_plane: &u.samples,
            u_stride: u.stride,
            v_plane: &v.samples,
            v_stride: v.stride,
            width,
            height,
        };
        use pixel::MatrixCoefficients as Said;
        let matrix = match frame.matrix_coefficients() {
            Said::BT709 => YuvStandardMatrix::Bt709,
            Said::BT2020NonConstantLuminance => YuvStandardMatrix::Bt2020,
            Said::ST240M => YuvStandardMatrix::Smpte240,
            Said::BT470M => YuvStandardMatrix::Fcc,
            // What most encoders use without saying so.
            Said::Unspecified | Said::BT470BG | Said::ST170M => YuvStandardMatrix::Bt601,
            Said::Identity if layout == PixelLayout::I444 => {
                yuv::gbr_to_rgb(&planes, &mut rgb, row, range).map_err(|_| Refused::Broken)?;
                return Ok(rgb);
            }
            _ => return Err(Refused::Unusual),
        };
        match layout {
            PixelLayout::I444 => yuv::yuv444_to_rgb(&planes, &mut rgb, row, range, matrix),
            PixelLayout::I422 => yuv::yuv422_to_rgb(&planes, &mut rgb, row, range, matrix),
            _ => yuv::yuv420_to_rgb(&planes, &mut rgb, row, range, matrix),
        }
    }
    .map_err(|_| Refused::Broken)?;
    Ok(rgb)
}

/// How the container says that the picture is to be turned and mirrored: the boxes `irot` and `imir`,
/// which its reader passes over. They stand before the frames.
pub(super) fn turns(bytes: &[u8]) -> impl Iterator<Item = Orientation> {
    let head = bytes
        .windows(4)
        .position(|word| word == b"mdat")
        .map_or(bytes, |start| &bytes[..start]);
    let value = |name: &[u8; 4]| {
        let header = [&[0, 0, 0, 9], name.as_slice()].concat();
        let start = head.windows(8).position(|word| word == header)?;
        head.get(start + 8).copied()
    };
    let turned = value(b"irot").and_then(|quarters| match quarters & 3 {
        1 => Some(Orientation::Rotate270),
        2 => Some(Orientation::Rotate180),
        3 => Some(Orientation::Rotate90),
        _ => None,
    });
    let mirrored = value(b"imir").map(|axis| match axis & 1 {
        0 => Orientation::FlipVertical,
        _ => Orientation::FlipHorizontal,
    });
    turned.into_iter().chain(mirrored)
}
