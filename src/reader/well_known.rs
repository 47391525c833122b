//! Files at well-known addresses: `robots.txt`, `security.txt`, `humans.txt`, the web manifest, the favicon.

use actix_web::{HttpResponse, web};
use chrono::{Datelike, Months};
use serde_json::json;

use crate::{
    app::App,
    error::{Error, Result},
    http_cache::{CachePolicy, NoQuery, PageContext, RenderedPage},
    models::setting::CRAWLERS,
    text::visible,
    view::picture::{Picture, Place},
};

pub const CACHE: CachePolicy = CachePolicy::site_version();

const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /robots.txt` (RFC 9309): what is not to be indexed, and which crawlers are refused.
pub fn robots(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let base_url = &ctx.app.base_url;
    let mut text =
        "User-agent: *\nDisallow: /admin\nDisallow: /preview/\nDisallow: /search\n".to_owned();
    let refused = &ctx.site.settings.refused_crawlers;
    for crawler in CRAWLERS
        .iter()
        .filter(|crawler| refused.iter().any(|name| name == crawler.name))
    {
        text += &format!("\nUser-agent: {}\nDisallow: /\n", crawler.name);
    }
    text += &format!("\nSitemap: {base_url}/sitemap.xml\nSitemap: {base_url}/sitemaps/news.xml\n");
    Ok(RenderedPage::file(TEXT, text))
}

/// `GET /.well-known/security.txt` (RFC 9116): the contact for security reports, with the required expiry.
pub fn security(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let contact = &ctx.site.settings.security_contact;
    if contact.is_empty() {
        return Err(Error::NotFound);
    }
    let contact = if contact.contains("://") {
        contact.clone()
    } else {
        format!("mailto:{contact}")
    };
    let month = ctx.now.with_day(1).unwrap_or(ctx.now);
    let expires = month + Months::new(6);
    let text = format!(
        "Contact: {contact}\nExpires: {}\nPreferred-Languages: en\nCanonical: {}/.well-known/security.txt\n",
        expires.format("%Y-%m-%dT00:00:00Z"),
        ctx.app.base_url,
    );
    Ok(RenderedPage::file(TEXT, text))
}

/// `GET /humans.txt`: who makes the newspaper, as written in the settings.
pub fn humans(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let text = ctx.site.settings.humans.clone();
    if text.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(RenderedPage::file(TEXT, text + "\n"))
}

/// `GET /site.webmanifest`: name and icons for the home screen of a phone.
pub fn manifest(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let settings = &ctx.site.settings;
    let mut icons = vec![json!({
        "src": ctx.app.assets.url("icons/icon.svg"),
        "sizes": "any",
        "type": "image/svg+xml",
    })];
    if let Some(logo) = &ctx.site.logo {
        let picture = Picture::new(logo, Place::Lead);
        if let Some(square) = picture.square() {
            icons.push(json!({"src": square, "type": "image/jpeg"}));
        }
    }
    let manifest = json!({
        "name": settings.name,
        "short_name": settings.name,
        "description": settings.tagline,
        "lang": settings.language,
        "dir": ctx.texts().direction,
        "start_url": "/",
        "display": "browser",
        "theme_color": ctx.site.accents.on_light,
        "background_color": "#ffffff",
        "icons": icons,
    });
    let kind = "application/manifest+json; charset=utf-8";
    let manifest = visible(&manifest.to_string()).into_owned();
    Ok(RenderedPage::file(kind, manifest))
}

/// `GET /favicon.ico`: browsers request it even if the page names another icon.
pub async fn favicon(app: web::Data<App>) -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((
            "Location",
            format!("{}{}", app.base_url, app.assets.url("icons/icon.svg")),
        ))
        .insert_header(("Cache-Control", "public, max-age=86400"))
        .finish()
}
