//! Presence: which other users have an article open. The script of the form polls it.

use actix_web::HttpResponse;
use serde_json::json;

use super::find_viewable;
use crate::{
    admin::{CsrfForm, EmptyForm, StaffRequest},
    error::Result,
    models::{presence, revision},
};

/// `POST /admin/articles/{id}/presence.json`
pub async fn note(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let (others, newest) = request
        .write_unversioned(move |conn, actor| {
            let record = find_viewable(conn, &actor.user, id)?;
            let newest = match record.revision_id {
                Some(revision_id) => revision::find(conn, id, revision_id)?,
                None => None,
            };
            let others = presence::note(conn, id, actor.user.id, actor.now)?;
            Ok((others, newest))
        })
        .await?;
    let newest = newest.map(|(revision, _)| json!({"id": revision.id, "who": revision.who}));
    Ok(request.json(&json!({ "others": others, "newest": newest })))
}

/// `POST /admin/articles/{id}/leave.json`
pub async fn leave(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    request
        .write_unversioned(move |conn, actor| Ok(presence::leave(conn, id, actor.user.id)?))
        .await?;
    Ok(request.json(&json!({})))
}
