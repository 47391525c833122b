//! Who else has an article open: the form's script asks every few seconds.

use actix_web::HttpResponse;
use serde_json::json;

use super::opened;
use crate::{
    admin::{Newsroom, Nothing, Posted},
    error::Result,
    models::{presence, revision},
};

/// `POST /admin/articles/{id}/presence.json`
pub async fn note(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let (others, newest) = desk
        .record(move |conn, actor| {
            let record = opened(conn, &actor.user, id)?;
            let newest = match record.revision_id {
                Some(revision_id) => revision::find(conn, id, revision_id)?,
                None => None,
            };
            let others = presence::note(conn, id, actor.user.id, actor.now)?;
            Ok((others, newest))
        })
        .await?;
    let newest = newest.map(|(revision, _)| json!({"id": revision.id, "who": revision.who}));
    Ok(desk.json(&json!({ "others": others, "newest": newest })))
}

/// `POST /admin/articles/{id}/leave.json`
pub async fn leave(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.record(move |conn, actor| Ok(presence::leave(conn, id, actor.user.id)?))
        .await?;
    Ok(desk.json(&json!({})))
}
