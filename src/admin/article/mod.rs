//! An article in the newsroom: the form, publishing, revisions, corrections, preview links.

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

use super::Newsroom;
use crate::{
    db::{
        AnyConnection,
        types::{Status, UserRole},
    },
    error::{Error, Result},
    models::{
        article::{self, Record},
        history::NewEvent,
        user::User,
    },
};

/// What the history is told that was done to an article.
pub(super) fn event<'a>(
    action: &'a str,
    id: i64,
    headline: &'a str,
    detail: &'a str,
) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: "article",
        object_id: Some(id),
        object: headline,
        detail,
    }
}

/// Whether this user may open an article in the newsroom: editors every one, others their own.
pub(super) fn may_open(user: &User, record: &Record) -> bool {
    user.role >= UserRole::Editor || record.owner_id == Some(user.id)
}

/// Whether this user may change it: contributors no more once it is published.
pub(super) fn may_edit(user: &User, record: &Record) -> bool {
    may_open(user, record) && (user.role >= UserRole::Author || !record.is_published())
}

/// Whether this user may decide what readers see of it.
fn may_publish(user: &User, record: &Record) -> bool {
    may_open(user, record) && user.role >= UserRole::Author
}

/// The article of this id, if the user may open it: whose it is not, it is not there for.
fn opened(conn: &mut AnyConnection, user: &User, id: i64) -> Result<Record> {
    article::record(conn, id)?
        .filter(|record| may_open(user, record))
        .ok_or(Error::NotFound)
}

/// The same, to be changed.
fn opened_to_edit(conn: &mut AnyConnection, user: &User, id: i64) -> Result<Record> {
    let record = opened(conn, user, id)?;
    if may_edit(user, &record) {
        Ok(record)
    } else {
        Err(Error::Forbidden)
    }
}

/// The same, to be published or withdrawn.
fn opened_to_publish(conn: &mut AnyConnection, user: &User, id: i64) -> Result<Record> {
    let record = opened(conn, user, id)?;
    if may_publish(user, &record) {
        Ok(record)
    } else {
        Err(Error::Forbidden)
    }
}

/// What an article's state is called, and the class of its tag.
pub(super) fn state(desk: &Newsroom, record: &Record) -> (&'static str, &'static str) {
    match record.status {
        Status::Draft => ("Draft", ""),
        Status::Review => ("Waiting for review", "warn"),
        Status::Trashed => ("In the trash", "trashed"),
        Status::Published if !record.is_live(desk.now) => ("Scheduled", "scheduled"),
        Status::Published => ("Published", "live"),
    }
}

/// What an article is called, also while it has no headline.
pub(super) fn title(headline: &str) -> String {
    if headline.trim().is_empty() {
        "Untitled".to_owned()
    } else {
        headline.to_owned()
    }
}

/// What surrounds the pages that belong to one article.
struct Tabs {
    id: i64,
    title: String,
    state: &'static str,
    state_class: &'static str,
    current: &'static str,
    may_edit: bool,
    may_publish: bool,
    /// Where readers find it, if they can.
    live_path: Option<String>,
}

impl Tabs {
    fn new(
        desk: &Newsroom,
        record: &Record,
        live_path: Option<String>,
        current: &'static str,
    ) -> Self {
        let (state, state_class) = state(desk, record);
        Self {
            id: record.id,
            title: title(&record.headline),
            state,
            state_class,
            current,
            may_edit: may_edit(&desk.user, record),
            may_publish: may_publish(&desk.user, record),
            live_path: live_path.filter(|_| record.is_live(desk.now)),
        }
    }
}

/// The canonical path of an article, if it has one.
fn path(conn: &mut AnyConnection, id: i64) -> Result<Option<String>> {
    Ok(article::paths(conn, &[id])?.remove(&id))
}
