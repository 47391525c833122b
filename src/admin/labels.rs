//! How values of the database are named to people.

use crate::{
    db::types::{HistoryAction, HistoryKind, UserRole},
    locale::Newsroom,
};

pub(super) fn role(texts: &Newsroom, role: UserRole) -> &'static str {
    match role {
        UserRole::Contributor => texts.common.contributor,
        UserRole::Author => texts.common.author,
        UserRole::Editor => texts.common.editor,
        UserRole::Admin => texts.common.admin,
    }
}

/// An action as the history stores it; unchanged if it is unknown, as one of a newer version may be.
pub(super) fn action<'a>(texts: &Newsroom, stored: &'a str) -> &'a str {
    let texts = &texts.history_actions;
    let Ok(action) = stored.parse() else {
        return stored;
    };
    match action {
        HistoryAction::Added => texts.added,
        HistoryAction::Arranged => texts.arranged,
        HistoryAction::Began => texts.began,
        HistoryAction::BeganDryRun => texts.began_dry_run,
        HistoryAction::Changed => texts.changed,
        HistoryAction::ChangedPassword => texts.changed_password,
        HistoryAction::ChosePassword => texts.chose_password,
        HistoryAction::Corrected => texts.corrected,
        HistoryAction::CreatedPasswordLink => texts.created_password_link,
        HistoryAction::CreatedPreviewLink => texts.created_preview_link,
        HistoryAction::CreatedRecoveryCodes => texts.created_recovery_codes,
        HistoryAction::Deleted => texts.deleted,
        HistoryAction::Described => texts.described,
        HistoryAction::LoggedIn => texts.logged_in,
        HistoryAction::LoggedOutEverywhere => texts.logged_out_everywhere,
        HistoryAction::Merged => texts.merged,
        HistoryAction::Moved => texts.moved,
        HistoryAction::MovedDown => texts.moved_down,
        HistoryAction::MovedUp => texts.moved_up,
        HistoryAction::Published => texts.published,
        HistoryAction::RemovedCorrection => texts.removed_correction,
        HistoryAction::RemovedOwnSecondFactor => texts.removed_own_second_factor,
        HistoryAction::RemovedSecondFactor => texts.removed_second_factor,
        HistoryAction::Renamed => texts.renamed,
        HistoryAction::Replaced => texts.replaced,
        HistoryAction::Restored => texts.restored,
        HistoryAction::RestoredRevision => texts.restored_revision,
        HistoryAction::RevokedPreviewLink => texts.revoked_preview_link,
        HistoryAction::Saved => texts.saved,
        HistoryAction::SentBack => texts.sent_back,
        HistoryAction::SentForReview => texts.sent_for_review,
        HistoryAction::Removed => texts.removed,
        HistoryAction::Scheduled => texts.scheduled,
        HistoryAction::SetUpSecondFactor => texts.set_up_second_factor,
        HistoryAction::Trashed => texts.trashed,
        HistoryAction::Unpublished => texts.unpublished,
        HistoryAction::PublishedChanges => texts.published_changes,
        HistoryAction::Uploaded => texts.uploaded,
    }
}

/// The kind of an object as the history stores it; unchanged if it is unknown.
pub(super) fn kind<'a>(texts: &Newsroom, stored: &'a str) -> &'a str {
    let texts = &texts.history_kinds;
    let Ok(kind) = stored.parse() else {
        return stored;
    };
    match kind {
        HistoryKind::Article => texts.article,
        HistoryKind::Author => texts.author,
        HistoryKind::BreakingNews => texts.breaking_news,
        HistoryKind::Edition => texts.edition,
        HistoryKind::Import => texts.import,
        HistoryKind::Media => texts.media,
        HistoryKind::Menu => texts.menu,
        HistoryKind::Page => texts.page,
        HistoryKind::Redirect => texts.redirect,
        HistoryKind::Section => texts.section,
        HistoryKind::Settings => texts.settings,
        HistoryKind::Topic => texts.topic,
        HistoryKind::User => texts.user,
    }
}
