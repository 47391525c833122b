//! Editing an article: the form, publishing, revisions, corrections, preview links.

mod checks;
mod corrections;
mod form;
mod presence;
mod preview;
mod publish;
mod revisions;

pub use corrections::{add as add_correction, remove as remove_correction, show as corrections};
pub use form::{create, edit, new, save};
pub use presence::{leave, note as note_presence};
pub use preview::{
    make as make_preview_link, preview, revoke as revoke_preview_link, show as preview_links,
};
pub use publish::{
    ask as ask_to_publish, publish, restore as restore_article, review, send_back, trash, unpublish,
};
pub use revisions::{list as revisions, restore as restore_revision, show as revision};

use super::StaffRequest;
use crate::{
    db::{
        AnyConnection,
        types::{HistoryAction, HistoryKind, Status, UserRole},
    },
    error::{Error, Result},
    locale::{Newsroom, NewsroomArticleTabs},
    models::{
        article::{self, Record},
        history::NewEvent,
        user::User,
    },
};

/// A history event about an article.
pub(super) fn event<'a>(
    action: HistoryAction,
    id: i64,
    headline: &'a str,
    detail: &'a str,
) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: HistoryKind::Article,
        object_id: Some(id),
        object: headline,
        detail,
    }
}

/// Whether the user may open an article: editors every one, other roles their own.
pub(super) fn may_open(user: &User, record: &Record) -> bool {
    user.role >= UserRole::Editor || record.owner_id == Some(user.id)
}

/// Whether the user may change an article: contributors only while it is unpublished.
pub(super) fn may_edit(user: &User, record: &Record) -> bool {
    may_open(user, record) && (user.role >= UserRole::Author || !record.is_published())
}

/// Whether the user may publish and unpublish an article.
fn may_publish(user: &User, record: &Record) -> bool {
    may_open(user, record) && user.role >= UserRole::Author
}

/// The article with this id.
///
/// # Errors
///
/// `NotFound` if it does not exist or the user may not open it.
fn find_viewable(conn: &mut AnyConnection, user: &User, id: i64) -> Result<Record> {
    article::record(conn, id)?
        .filter(|record| may_open(user, record))
        .ok_or(Error::NotFound)
}

/// Like [`find_viewable`]; `Forbidden` if the user may not change the article.
fn find_editable(conn: &mut AnyConnection, user: &User, id: i64) -> Result<Record> {
    let record = find_viewable(conn, user, id)?;
    if may_edit(user, &record) {
        Ok(record)
    } else {
        Err(Error::Forbidden)
    }
}

/// Like [`find_viewable`]; `Forbidden` if the user may not publish the article.
fn find_publishable(conn: &mut AnyConnection, user: &User, id: i64) -> Result<Record> {
    let record = find_viewable(conn, user, id)?;
    if may_publish(user, &record) {
        Ok(record)
    } else {
        Err(Error::Forbidden)
    }
}

/// The name of an article's state, and the CSS class of its tag.
pub(super) fn state(request: &StaffRequest, record: &Record) -> (&'static str, &'static str) {
    let texts = &request.texts().article_tabs;
    match record.status {
        Status::Draft => (texts.draft, ""),
        Status::Review => (texts.in_review, "warn"),
        Status::Trashed => (texts.in_trash, "trashed"),
        Status::Published if !record.is_live(request.now) => (texts.scheduled, "scheduled"),
        Status::Published => (texts.published, "live"),
    }
}

/// The title of an article in lists: its headline or "Untitled".
pub(super) fn title(texts: &Newsroom, headline: &str) -> String {
    if headline.trim().is_empty() {
        texts.article_tabs.untitled.to_owned()
    } else {
        headline.to_owned()
    }
}

/// The header and tabs of the pages of one article.
struct Tabs {
    texts: &'static NewsroomArticleTabs,
    id: i64,
    title: String,
    state: &'static str,
    state_class: &'static str,
    current: &'static str,
    may_edit: bool,
    may_publish: bool,
    /// The public path, if the article is live.
    live_path: Option<String>,
}

impl Tabs {
    fn new(
        request: &StaffRequest,
        record: &Record,
        live_path: Option<String>,
        current: &'static str,
    ) -> Self {
        let (state, state_class) = state(request, record);
        let texts = request.texts();
        Self {
            texts: &texts.article_tabs,
            id: record.id,
            title: title(texts, &record.headline),
            state,
            state_class,
            current,
            may_edit: may_edit(&request.user, record),
            may_publish: may_publish(&request.user, record),
            live_path: live_path.filter(|_| record.is_live(request.now)),
        }
    }
}

/// The canonical path of an article, if it has one.
fn path(conn: &mut AnyConnection, id: i64) -> Result<Option<String>> {
    Ok(article::paths(conn, &[id])?.remove(&id))
}
