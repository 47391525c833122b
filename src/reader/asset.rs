//! `GET /assets/…`: the embedded static files, cached in every encoding like pages.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use chrono::{DateTime, Utc};

use crate::{
    assets::IMMUTABLE,
    http_cache::{CachedPage, CachedResponse, Effort, HttpCache, RequestConditions},
};

/// Sends a file, and stores it.
pub async fn show(cache: web::Data<HttpCache>, request: HttpRequest) -> HttpResponse {
    let (app, url) = (&cache.app, request.path());
    let file = app
        .assets
        .get(url)
        .and_then(|(content, mime)| Some((content, HeaderValue::from_str(mime).ok()?)));
    let Some((content, content_type)) = file else {
        return HttpResponse::NotFound()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body("not found");
    };
    let mut headers = cache.headers.common();
    headers.push((header::CONTENT_TYPE, content_type));
    headers.push((header::CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE)));
    let conditions = RequestConditions::new(request.head());
    let identity = CachedResponse::new(content, headers);
    let response = identity
        .with_encoding(conditions.accepted.fastest(), Effort::Fast)
        .unwrap_or(identity);
    let selected = response.select(conditions).to_http();
    // The reader style sheet can be requested in any colours; only that in the site's is stored.
    let is_stored = app.assets.is_file(url)
        || app
            .last_known_site()
            .is_some_and(|site| app.assets.reader_css_url(&site.accents) == url);
    if is_stored {
        let page = CachedPage::new(response, i64::MAX, DateTime::<Utc>::MAX_UTC);
        cache.store.insert(url.to_owned(), Arc::new(page));
    }
    selected
}
