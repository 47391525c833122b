//! An article as readers will see it; and links that show it to somebody without a login, which end by
//! themselves and can be revoked.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Bytes,
};
use askama::Template;
use serde::Deserialize;

use super::{Tabs, opened, path};
use crate::{
    admin::{Layout, Newsroom, Nothing, Posted, answer},
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    models::preview_link,
};

/// `GET /admin/articles/{id}/preview`. `render` makes the page, as readers' pages are made: with what
/// else has to be allowed for it.
pub async fn preview<R>(desk: Newsroom, render: R) -> Result<HttpResponse>
where
    R: FnOnce(&mut AnyConnection, &App, i64) -> Result<(Bytes, Option<&'static str>)>
        + Send
        + 'static,
{
    let id = desk.id("id")?;
    let user = desk.user.clone();
    let app = desk.app.clone();
    let (html, policy) = desk
        .read(move |conn| {
            opened(conn, &user, id)?;
            render(conn, &app, id)
        })
        .await?;
    let mut response = answer(StatusCode::OK);
    if let Some(policy) = policy {
        response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    Ok(response.content_type("text/html; charset=utf-8").body(html))
}

struct LinkRow {
    id: i64,
    made: String,
    expires: String,
}

#[derive(Template)]
#[template(path = "admin/article/preview_links.html")]
struct PreviewLinksPage {
    layout: Layout,
    tabs: Tabs,
    links: Vec<LinkRow>,
    /// The link that was just made: it is shown once.
    made: Option<String>,
}

async fn page(desk: &Newsroom, made: Option<String>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let user = desk.user.clone();
    let now = desk.now;
    let (record, live_path, links) = desk
        .read(move |conn| {
            Ok((
                opened(conn, &user, id)?,
                path(conn, id)?,
                preview_link::of_article(conn, id, now)?,
            ))
        })
        .await?;
    let time = |time: chrono::NaiveDateTime| desk.locale.date_and_time(time.and_utc());
    desk.page(&PreviewLinksPage {
        layout: desk.layout("Preview", "/admin/articles"),
        tabs: Tabs::new(desk, &record, live_path, "preview"),
        links: links
            .iter()
            .map(|link| LinkRow {
                id: link.id,
                made: time(link.made_at),
                expires: time(link.expires_at),
            })
            .collect(),
        made,
    })
}

/// `GET /admin/articles/{id}/preview-links`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, None).await
}

/// `POST /admin/articles/{id}/preview-links`
pub async fn make(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let token = desk
        .record(move |conn, actor| {
            let record = opened(conn, &actor.user, id)?;
            let token = preview_link::make(conn, id, actor.user.id, actor.now)?;
            actor.did(
                conn,
                &super::event(
                    "made a preview link to",
                    id,
                    &super::title(&record.headline),
                    "",
                ),
            )?;
            Ok(token)
        })
        .await?;
    let url = format!("{}/preview/{token}", desk.app.base_url);
    page(&desk, Some(url)).await
}

#[derive(Deserialize)]
pub struct RevokeForm {
    link: i64,
}

/// `POST /admin/articles/{id}/preview-links/revoke`
pub async fn revoke(desk: Newsroom, posted: Posted<RevokeForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let link = posted.form.link;
    desk.record(move |conn, actor| {
        let record = opened(conn, &actor.user, id)?;
        if !preview_link::revoke(conn, link, id)? {
            return Err(Error::NotFound);
        }
        actor.did(
            conn,
            &super::event(
                "revoked a preview link to",
                id,
                &super::title(&record.headline),
                "",
            ),
        )
    })
    .await?;
    desk.see_other(
        &format!("/admin/articles/{id}/preview-links"),
        "That link does not work any more.",
    )
}
