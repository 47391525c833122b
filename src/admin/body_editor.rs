//! Where a page finds the body editor and its dialog for choosing a picture.

use crate::web::assets::Assets;

/// What a page loads; empty is what this build of the program does not have.
pub struct BodyEditor {
    pub script: String,
    pub stylesheet: String,
    /// Puts a button for the dialog beside the number of a picture.
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
