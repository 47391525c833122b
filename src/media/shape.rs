//! Crops of a picture to other aspect ratios, around its focal point.

use std::fmt;

use dateline_imaging::Rect;

/// An aspect ratio to which every picture is cropped, for search engines, cards and social networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Wide,
    Classic,
    Square,
}

impl Shape {
    pub const ALL: [Self; 3] = [Self::Wide, Self::Classic, Self::Square];

    /// The usual notation: `16:9`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wide => "16:9",
            Self::Classic => "4:3",
            Self::Square => "1:1",
        }
    }

    /// The notation in file names: `16x9`.
    pub(super) fn in_names(self) -> &'static str {
        match self {
            Self::Wide => "16x9",
            Self::Classic => "4x3",
            Self::Square => "1x1",
        }
    }

    fn ratio(self) -> (u64, u64) {
        match self {
            Self::Wide => (16, 9),
            Self::Classic => (4, 3),
            Self::Square => (1, 1),
        }
    }

    /// The largest part of a picture with this aspect ratio, as close to the focal point as possible.
    pub fn crop(self, width: u32, height: u32, focal: Focal) -> Rect {
        let (across, down) = self.ratio();
        let (full_width, full_height) = (u64::from(width), u64::from(height));
        let crop_width = full_width.min(full_height * across / down).max(1);
        let crop_height = full_height.min(full_width * down / across).max(1);
        let start = |full: u64, crop: u64, focal: u16| {
            let middle = full * u64::from(focal) / 1000;
            middle.saturating_sub(crop / 2).min(full - crop)
        };
        // All values are at most those of the picture, which are `u32`.
        let pixels = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Rect {
            left: pixels(start(full_width, crop_width, focal.x)),
            top: pixels(start(full_height, crop_height, focal.y)),
            width: pixels(crop_width),
            height: pixels(crop_height),
        }
    }
}

/// The point that every crop contains, in thousandths of width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Focal {
    x: u16,
    y: u16,
}

impl Focal {
    pub const MIDDLE: Self = Self { x: 500, y: 500 };

    /// Clamps the coordinates to the picture.
    pub fn new(x: i32, y: i32) -> Self {
        let inside = |n: i32| u16::try_from(n.clamp(0, 1000)).unwrap_or(1000);
        Self {
            x: inside(x),
            y: inside(y),
        }
    }
}

/// The notation in file names: `500-500`.
impl fmt::Display for Focal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_is_as_large_as_possible_and_contains_the_focal_point() {
        let middle = Shape::Square.crop(1600, 900, Focal::MIDDLE);
        assert_eq!(
            middle,
            Rect {
                left: 350,
                top: 0,
                width: 900,
                height: 900
            }
        );
        let corner = Shape::Wide.crop(900, 1600, Focal::new(1000, 1000));
        assert_eq!((corner.width, corner.height), (900, 506));
        assert_eq!((corner.left, corner.top), (0, 1600 - 506));
        let left = Shape::Classic.crop(1600, 900, Focal::new(0, 500));
        assert_eq!((left.left, left.width), (0, 1200));
    }

    #[test]
    fn crops_of_extreme_sizes_stay_inside_the_picture() {
        for (width, height) in [(1, 1), (1, 8192), (2560, 1), (3, 2), (2560, 8192)] {
            for shape in Shape::ALL {
                for focal in [Focal::new(-5, 5000), Focal::MIDDLE, Focal::new(1000, 0)] {
                    let crop = shape.crop(width, height, focal);
                    assert!(crop.width >= 1 && crop.left + crop.width <= width);
                    assert!(crop.height >= 1 && crop.top + crop.height <= height);
                }
            }
        }
    }
}
