//! A picture with dimensions and widths, so that the layout does not shift while it loads.

use crate::{
    media::{Focal, Shape, crop_name},
    models::media::Media,
};

/// The place of a picture on the page, which determines its display width and lazy loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of an article, or with the lead story.
    Lead,
    /// In the text of an article.
    Text,
    /// On a card.
    Card,
    /// On a small card in a list.
    Thumbnail,
    /// A portrait of an author.
    Portrait,
}

impl Place {
    /// The `sizes` attribute.
    fn sizes(self) -> &'static str {
        match self {
            Self::Lead => "(min-width: 75em) 46rem, (min-width: 60em) 62vw, 100vw",
            Self::Text => "(min-width: 48em) 42rem, 100vw",
            Self::Card => "(min-width: 60em) 20rem, (min-width: 40em) 46vw, 100vw",
            Self::Thumbnail => "(min-width: 40em) 18rem, 8rem",
            Self::Portrait => "8rem",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Picture {
    pub src: String,
    pub srcset: String,
    /// The WebP files; empty if there are none.
    pub webp_srcset: String,
    pub sizes: &'static str,
    pub width: i32,
    pub height: i32,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    /// Whether it is loaded lazily.
    pub lazy: bool,
    /// The URL of the largest file.
    pub largest: String,
    /// The URLs of its crops, from wide to square; empty until they are created.
    pub crops: Vec<String>,
}

impl Picture {
    pub fn new(media: &Media, place: Place) -> Self {
        let url = |width: &str| format!("/media/{}-{width}.jpg", media.hash);
        let widths: Vec<&str> = media.widths.split(',').collect();
        let srcset = |ending: &str| {
            let files = widths
                .iter()
                .map(|width| format!("/media/{}-{width}.{ending} {width}w", media.hash));
            files.collect::<Vec<_>>().join(", ")
        };
        let largest = widths.last().copied().unwrap_or_default();
        // For browsers without `srcset`.
        let default = match place {
            Place::Thumbnail | Place::Portrait => widths.get(1).or(widths.first()),
            _ => widths
                .iter()
                .find(|width| width.parse().is_ok_and(|width: u32| width >= 640)),
        };
        Self {
            src: url(default.copied().unwrap_or(largest)),
            srcset: srcset("jpg"),
            webp_srcset: if media.webp {
                srcset("webp")
            } else {
                String::new()
            },
            sizes: place.sizes(),
            width: media.width,
            height: media.height,
            alt: media.alt.clone(),
            caption: media.caption.clone(),
            credit: media.credit.clone(),
            lazy: place != Place::Lead,
            largest: url(largest),
            crops: if media.has_crops() {
                let focal = Focal::new(media.focal_x, media.focal_y);
                Shape::ALL
                    .map(|shape| format!("/media/{}", crop_name(&media.hash, shape, focal)))
                    .into()
            } else {
                Vec::new()
            },
        }
    }

    /// The URL of its square crop, which is the last one; `None` until it is created.
    pub fn square(&self) -> Option<&str> {
        self.crops.last().map(String::as_str)
    }

    /// The picture for another place on the page.
    pub fn placed(self, place: Place) -> Self {
        Self {
            sizes: place.sizes(),
            lazy: place != Place::Lead,
            ..self
        }
    }

    /// The picture without alternative text, for places where the adjacent text describes it.
    pub fn decorative(self) -> Self {
        Self {
            alt: String::new(),
            ..self
        }
    }
}
