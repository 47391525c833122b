//! Small files at addresses that programs look for by themselves: `robots.txt`, `security.txt`,
//! `humans.txt`, the web manifest, the favicon.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Datelike, Months};
use serde_json::json;

use super::{Rendered, answer};
use crate::{
    app::App,
    error::Error,
    models::setting::CRAWLERS,
    view::{
        colour,
        picture::{Picture, Place},
    },
};

const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /robots.txt` (RFC 9309): what nobody should list, and who should not come at all.
pub async fn robots(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| {
        let base_url = &desk.app.base_url;
        let mut text =
            "User-agent: *\nDisallow: /admin\nDisallow: /preview/\nDisallow: /search\n".to_owned();
        let refused = &desk.site.settings.refused_crawlers;
        for crawler in CRAWLERS
            .iter()
            .filter(|crawler| refused.iter().any(|name| name == crawler.name))
        {
            text += &format!("\nUser-agent: {}\nDisallow: /\n", crawler.name);
        }
        text +=
            &format!("\nSitemap: {base_url}/sitemap.xml\nSitemap: {base_url}/sitemaps/news.xml\n");
        Ok(Rendered::file(TEXT, text))
    })
    .await
}

/// `GET /.well-known/security.txt` (RFC 9116): whom to tell of a hole. It has to say until when it is true.
pub async fn security(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| {
        let contact = &desk.site.settings.security_contact;
        if contact.is_empty() {
            return Err(Error::NotFound);
        }
        let contact = if contact.contains("://") {
            contact.clone()
        } else {
            format!("mailto:{contact}")
        };
        let month = desk.now.with_day(1).unwrap_or(desk.now);
        let expires = month + Months::new(6);
        let text = format!(
            "Contact: {contact}\nExpires: {}\nPreferred-Languages: en\nCanonical: {}/.well-known/security.txt\n",
            expires.format("%Y-%m-%dT00:00:00Z"),
            desk.app.base_url,
        );
        Ok(Rendered::file(TEXT, text))
    })
    .await
}

/// `GET /humans.txt`: who makes the newspaper, in the newsroom's own words.
pub async fn humans(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| {
        let text = desk.site.settings.humans.clone();
        if text.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(Rendered::file(TEXT, text + "\n"))
    })
    .await
}

/// `GET /site.webmanifest`: name and icons for who puts the newspaper on their telephone.
pub async fn manifest(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| {
        let settings = &desk.site.settings;
        let mut icons = vec![json!({
            "src": desk.app.assets.url("icons/icon.svg"),
            "sizes": "any",
            "type": "image/svg+xml",
        })];
        if let Some(logo) = &desk.site.logo {
            let picture = Picture::new(logo, Place::Lead);
            if let Some(square) = picture.square() {
                icons.push(json!({"src": square, "type": "image/jpeg"}));
            }
        }
        let (accent, _) = colour::accents(&settings.accent);
        let manifest = json!({
            "name": settings.name,
            "short_name": settings.name,
            "description": settings.tagline,
            "lang": settings.language,
            "dir": desk.texts().direction,
            "start_url": "/",
            "display": "browser",
            "theme_color": accent,
            "background_color": "#ffffff",
            "icons": icons,
        });
        let kind = "application/manifest+json; charset=utf-8";
        Ok(Rendered::file(kind, manifest.to_string()))
    })
    .await
}

/// `GET /favicon.ico`: browsers ask for it however the page names its icon.
pub async fn favicon(app: web::Data<App>) -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((
            "Location",
            format!("{}{}", app.base_url, app.assets.url("icons/icon.svg")),
        ))
        .insert_header(("Cache-Control", "public, max-age=86400"))
        .finish()
}
