//! Labels of corrections, clarifications and updates.

use crate::{db::types::CorrectionKind, locale::Texts};

/// The name of a kind of note in the site's language.
pub fn label(texts: &Texts, kind: CorrectionKind) -> &str {
    match kind {
        CorrectionKind::Correction => texts.correction,
        CorrectionKind::Clarification => texts.clarification,
        CorrectionKind::Update => texts.update,
    }
}
