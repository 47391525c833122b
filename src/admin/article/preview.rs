//! The preview of an article, and preview links, which work without a login until they expire or are
//! revoked.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Bytes,
};
use askama::Template;
use serde::Deserialize;

use super::{Tabs, find_viewable, path};
use crate::{
    admin::{CsrfForm, EmptyForm, Layout, StaffRequest, responses::response},
    app::App,
    db::AnyConnection,
    db::types::HistoryAction,
    error::{Error, Result},
    models::preview_link,
};

/// `GET /admin/articles/{id}/preview`. `render` returns the page as readers will see it and, if it needs
/// one, a content security policy.
pub async fn preview<R>(request: StaffRequest, render: R) -> Result<HttpResponse>
where
    R: FnOnce(&mut AnyConnection, &App, i64) -> Result<(Bytes, Option<&'static str>)>
        + Send
        + 'static,
{
    let id = request.id("id")?;
    let user = request.user.clone();
    let app = request.app.clone();
    let (html, policy) = request
        .read(move |conn| {
            find_viewable(conn, &user, id)?;
            render(conn, &app, id)
        })
        .await?;
    let mut response = response(StatusCode::OK);
    if let Some(policy) = policy {
        response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    Ok(response.content_type("text/html; charset=utf-8").body(html))
}

/// A preview link in the list.
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
    /// The new link, which is shown once.
    made: Option<String>,
}

async fn page(request: &StaffRequest, made: Option<String>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let user = request.user.clone();
    let now = request.now;
    let (record, live_path, links) = request
        .read(move |conn| {
            Ok((
                find_viewable(conn, &user, id)?,
                path(conn, id)?,
                preview_link::of_article(conn, id, now)?,
            ))
        })
        .await?;
    let time = |time: chrono::NaiveDateTime| request.locale.date_and_time(time.and_utc());
    request.page(&PreviewLinksPage {
        layout: request.layout(request.texts().preview_links.title, "/admin/articles"),
        tabs: Tabs::new(request, &record, live_path, "preview"),
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
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, None).await
}

/// `POST /admin/articles/{id}/preview-links`
pub async fn make(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let token = request
        .write_unversioned(move |conn, actor| {
            let record = find_viewable(conn, &actor.user, id)?;
            let token = preview_link::make(conn, id, actor.user.id, actor.now)?;
            actor.audit(
                conn,
                &super::event(
                    HistoryAction::CreatedPreviewLink,
                    id,
                    &super::title(actor.texts(), &record.headline),
                    "",
                ),
            )?;
            Ok(token)
        })
        .await?;
    let url = format!("{}/preview/{token}", request.app.base_url);
    page(&request, Some(url)).await
}

#[derive(Deserialize)]
pub struct RevokeForm {
    link: i64,
}

/// `POST /admin/articles/{id}/preview-links/revoke`
pub async fn revoke(request: StaffRequest, posted: CsrfForm<RevokeForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let link = posted.form.link;
    request
        .write_unversioned(move |conn, actor| {
            let record = find_viewable(conn, &actor.user, id)?;
            if !preview_link::revoke(conn, link, id)? {
                return Err(Error::NotFound);
            }
            actor.audit(
                conn,
                &super::event(
                    HistoryAction::RevokedPreviewLink,
                    id,
                    &super::title(actor.texts(), &record.headline),
                    "",
                ),
            )
        })
        .await?;
    request.see_other(
        &format!("/admin/articles/{id}/preview-links"),
        request.texts().preview_links.revoked,
    )
}
