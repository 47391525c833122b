//! Transparency, which JPEG does not have.

/// Blends a pixel with white. `premultiplied` means that its colour is already multiplied by the opacity.
pub(super) fn blend_with_white(pixel: &mut [u8; 3], opacity: u8, premultiplied: bool) {
    for colour in pixel {
        let weight = if premultiplied {
            255
        } else {
            u16::from(opacity)
        };
        let mixed = u16::from(*colour) * weight / 255 + u16::from(255 - opacity);
        *colour = u8::try_from(mixed).unwrap_or(u8::MAX);
    }
}
