//! URLs of the body editor and of its picture dialog.

use crate::assets::Assets;

/// The files that a page loads. A URL is empty if this build does not include the file.
pub struct BodyEditor {
    pub script: String,
    pub stylesheet: String,
    /// Adds a button that opens the picture dialog to fields for the number of a picture.
    pub pick_media: String,
}

impl BodyEditor {
    pub(super) fn new(assets: &Assets) -> Self {
        Self {
            script: assets.url("js/editor.js").to_owned(),
            stylesheet: assets.url("css/editor.css").to_owned(),
            pick_media: assets.url("js/pick-media.js").to_owned(),
        }
    }
}
