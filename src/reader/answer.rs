//! How a page gets to a reader: from memory if it is kept there and still true, or may be old for a moment; otherwise
//! made on the blocking pool, in one hop, kept, and sent.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    dev::RequestHead,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web,
};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use tokio::time::timeout;

use super::{
    Desk, PAGE, Rendered,
    memory::{count_view, find, key, served},
    not_found,
};
use crate::{
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    metrics,
    page_cache::{Accepted, Answer, Effort, Headers, Page, Turn},
    view::locale::{Locale, Texts},
    web::{head::Head, headers, request_log, session, visitor},
};

/// Browsers ask again, so that a correction is seen at once, and so is an address that changed back.
const REVALIDATE: &str = "public, max-age=0, must-revalidate";
/// What was made for somebody who works here is nobody else's.
const PRIVATE: &str = "private, no-store";
/// Whoever waited this often for somebody else's page makes it.
const PATIENCE: usize = 2;
/// Those who could not be sent a page old wait no longer than this for the one who makes it anew.
const LONGEST_RENEWAL: Duration = Duration::from_secs(2);

/// Whether there is no other way to write this path: what could be written in a thousand ways would be
/// kept a thousand times.
fn is_plainly_written(path: &str) -> bool {
    percent_decode_str(path).decode_utf8().is_ok_and(|text| {
        text == path || utf8_percent_encode(&text, NOT_IN_PATHS).to_string() == path
    })
}

/// What a browser encodes in a path (the URL standard's path percent-encode set).
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Makes a page for this request alone: what depends on more than its path, or is not for everybody.
pub(super) async fn answer_once(
    app: web::Data<App>,
    request: HttpRequest,
    make: impl FnOnce(&mut Desk<'_>) -> Result<Rendered> + Send + 'static,
) -> HttpResponse {
    let work = maker(app.clone(), Wanted::new(&request), None, make);
    match app.db.read(work).await {
        Ok((status, page)) => unkept(&app, &request, status, &page),
        Err(error) => instead(&app, &request, &error),
    }
}

/// Makes a page, unless it is kept, and keeps it; or sends what there is to say instead.
pub(super) async fn answer(
    app: web::Data<App>,
    request: HttpRequest,
    make: impl FnOnce(&mut Desk<'_>) -> Result<Rendered> + Send + 'static,
) -> HttpResponse {
    let (path, query) = (request.path(), request.query_string());
    let key = key(path, query)
        .filter(|_| is_plainly_written(path) && !session::is_brought(&app, request.head()));
    let Some(key) = key else {
        return answer_once(app, request, make).await;
    };
    let now = app.clock.now();
    // While it is held, others who want the page wait for it.
    let mut _making = None;
    let mut stale = None;
    for _ in 0..PATIENCE {
        stale = None;
        if let Some((under, page)) = find(&app, path, query) {
            if page.is_fresh(app.db.known_version(), now) {
                return of_kind(
                    &page,
                    served(&app, request.head(), &under, &page, now).response(),
                );
            }
            if app.pages.in_trouble(now) && may_be_shown(&app, &page) {
                return shown_stale(&app, request.head(), &page, now);
            }
            if now < page.until && app.db.may_wait(page.version) {
                let answer = of_kind(
                    &page,
                    served(&app, request.head(), &under, &page, now).response(),
                );
                if page.begin_renewal() {
                    actix_web::rt::spawn(renew(
                        app.clone(),
                        Wanted::new(&request),
                        key,
                        page,
                        make,
                    ));
                }
                return answer;
            }
            stale = Some(page);
        }
        if let Turn::Ours(ours) = app.pages.turn(&key).await {
            _making = Some(ours);
            break;
        }
    }
    app.pages.missed();
    let work = maker(app.clone(), Wanted::new(&request), stale.clone(), make);
    match app.db.read(work).await {
        Ok((StatusCode::OK, page)) => {
            let page = keep(&app, path, key, page);
            count_view(&app, request.head(), page.article_id, now);
            of_kind(&page, page.answer.to(request.head().asked()).response())
        }
        Ok((status, page)) => unkept(&app, &request, status, &page),
        Err(error) => {
            if matches!(error, Error::Database(_) | Error::Pool(_) | Error::Silent) {
                app.pages.note_trouble(now);
            }
            match stale.filter(|page| may_be_shown(&app, page)) {
                Some(page) if error.status().is_server_error() => {
                    let id = request_log::id(&request);
                    tracing::error!(id, %error, path, "a page could not be made anew; the old one is shown");
                    shown_stale(&app, request.head(), &page, now)
                }
                _ => instead(&app, &request, &error),
            }
        }
    }
}

/// Makes a page anew that readers are sent as it was meanwhile. If that comes to nothing, they are told when they
/// have to wait for it.
async fn renew(
    app: web::Data<App>,
    wanted: Wanted,
    key: String,
    before: Arc<Page>,
    make: impl FnOnce(&mut Desk<'_>) -> Result<Rendered> + Send + 'static,
) {
    let Ok(_one) = app.pages.renewing.acquire().await else {
        return;
    };
    // Somebody who could not be sent it old may have come first.
    let Turn::Ours(_making) = app.pages.turn(&key).await else {
        return;
    };
    let kept = find(&app, &wanted.path, &wanted.query);
    if !kept.is_some_and(|(_, kept)| Arc::ptr_eq(&kept, &before)) {
        return;
    }
    app.pages.missed();
    let path = wanted.path.clone();
    let work = maker(app.clone(), wanted, Some(before), make);
    let made = timeout(LONGEST_RENEWAL, app.db.read_behind_readers(work)).await;
    match made.unwrap_or(Err(Error::Silent)) {
        Ok((StatusCode::OK, page)) => {
            keep(&app, &path, key, page);
        }
        Err(error) if error.status().is_server_error() => {
            tracing::error!(%error, path, "a page could not be made anew; the old one is shown");
        }
        Ok(_) | Err(_) => {}
    }
}

/// Keeps a page under its path, or under what it was asked for.
fn keep(app: &App, path: &str, key: String, page: Page) -> Arc<Page> {
    let key = if page.ignores_query {
        path.to_owned()
    } else {
        key
    };
    let page = Arc::new(page);
    app.pages.keep(key, page.clone());
    page
}

/// The same answer, which the log learns the kind of.
fn of_kind(page: &Page, mut response: HttpResponse) -> HttpResponse {
    response
        .extensions_mut()
        .insert(request_log::Kind(page.kind));
    response
}

/// Whether a page that is not true any more may be shown for want of a better one: not if something was
/// withdrawn since.
fn may_be_shown(app: &App, page: &Page) -> bool {
    page.version >= app.db.known_withdrawal()
}

/// Sends a page that may not be true any more, and says so (RFC 9211).
fn shown_stale(app: &App, head: &RequestHead, page: &Page, now: DateTime<Utc>) -> HttpResponse {
    count_view(app, head, page.article_id, now);
    let mut response = page.answer.to(head.asked()).response();
    response.headers_mut().insert(
        HeaderName::from_static("cache-status"),
        HeaderValue::from_static("dateline; hit; detail=stale"),
    );
    of_kind(page, response)
}

/// What a request asks for.
struct Wanted {
    path: String,
    query: String,
    accepted: Accepted,
}

impl Wanted {
    fn new(request: &HttpRequest) -> Self {
        Self {
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            accepted: request.head().asked().accepted,
        }
    }
}

/// What makes a page; compressed, if the reader takes that, as far as it costs them no time.
fn maker(
    app: web::Data<App>,
    wanted: Wanted,
    before: Option<Arc<Page>>,
    make: impl FnOnce(&mut Desk<'_>) -> Result<Rendered> + Send + 'static,
) -> impl FnOnce(&mut AnyConnection) -> Result<(StatusCode, Page)> + Send + 'static {
    let Wanted {
        path,
        query,
        accepted,
    } = wanted;
    let kind = metrics::kind_of(&path);
    move |conn| {
        let mut desk = Desk::new(conn, &app, path, query)?;
        if let Some(before) = &before
            && let Some(until) = still_true(&mut desk, before)?
        {
            return Ok((StatusCode::OK, before.renewed(until)));
        }
        let (status, rendered) = match make(&mut desk) {
            Ok(rendered) => (StatusCode::OK, rendered),
            Err(Error::NotFound) => (StatusCode::NOT_FOUND, not_found::page(&mut desk)?),
            Err(error) => return Err(error),
        };
        let (site, now) = (desk.site.clone(), desk.now);
        let until = if desk.lasts_a_minute {
            next_minute(now).min(site.until)
        } else {
            site.until
        };
        let headers = headers_of(&app, &rendered, now);
        let answer = Answer::new(&rendered.body, headers);
        let same = before
            .as_ref()
            .filter(|before| before.answer.is_same_as(&answer));
        let answer = match same {
            // What was compressed already is compressed for this one.
            Some(before) => before.answer.clone(),
            None => {
                // Of two bodies within a second the date could not tell which it means.
                let last = before.and_then(|before| before.answer.modified());
                answer.since(Some(now).filter(|now| last != Some(*now)))
            }
        };
        let answer = match answer.missing(accepted) {
            Some(_) => answer.encoded(accepted.soonest(), Effort::Quick)?,
            None => answer,
        };
        let mut page = Page::new(answer, site.version.current, until);
        page.article_id = rendered.article_id;
        page.ignores_query = !desk.reads_page;
        page.kind = kind.unwrap_or(match page.article_id {
            Some(_) => "article",
            None => "page",
        });
        page.requests = app.metrics.of_page(page.kind);
        page.ranking = desk.ranking;
        Ok((status, page))
    }
}

/// Until when a page is true that was made before this minute, if its ranking is what it was and nothing
/// else has changed.
fn still_true(desk: &mut Desk<'_>, page: &Page) -> Result<Option<DateTime<Utc>>> {
    let Some(shown) = page
        .ranking
        .as_ref()
        .filter(|shown| page.is_of(desk.site.version.current) && desk.now < shown.until)
    else {
        return Ok(None);
    };
    desk.popular(shown.section_id, shown.length)?;
    let is_same = desk
        .ranking
        .as_ref()
        .is_some_and(|now| now.article_ids == shown.article_ids);
    Ok(is_same.then(|| next_minute(desk.now).min(shown.until)))
}

fn next_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    let minute = now.timestamp().div_euclid(60);
    DateTime::from_timestamp((minute + 1) * 60, 0).unwrap_or(now)
}

/// All headers of a page that do not depend on who asks.
fn headers_of(app: &App, page: &Rendered, now: DateTime<Utc>) -> Headers {
    let mut all = app.headers.clone();
    for (name, value) in &mut all {
        if page.has_players && *name == header::CONTENT_SECURITY_POLICY {
            *value = HeaderValue::from_static(headers::CONTENT_SECURITY_POLICY_WITH_PLAYERS);
        }
        // Feeds are there for other sites to read.
        if page.content_type != PAGE && *name == header::CROSS_ORIGIN_RESOURCE_POLICY {
            *value = HeaderValue::from_static("cross-origin");
        }
    }
    all.push((
        header::CONTENT_TYPE,
        HeaderValue::from_static(page.content_type),
    ));
    let policy = match app.config.shared_max_age {
        0 => HeaderValue::from_static(REVALIDATE),
        seconds => shared(seconds, page.published_at.map(|time| now - time)),
    };
    all.push((header::CACHE_CONTROL, policy));
    if page.links.is_empty() {
        return app.pages.in_one_place(all);
    }
    let links: Vec<String> = page
        .links
        .iter()
        .map(|(to, relation)| format!("<{to}>; rel=\"{relation}\""))
        .collect();
    if let Ok(value) = HeaderValue::from_str(&links.join(", ")) {
        all.push((header::LINK, value));
    }
    all.into()
}

/// `Cache-Control` where proxies may keep pages: the older an article is, the longer.
fn shared(seconds: u32, age: Option<TimeDelta>) -> HeaderValue {
    let times = match age {
        Some(age) if age > TimeDelta::days(30) => 60,
        Some(age) if age > TimeDelta::days(1) => 6,
        _ => 1,
    };
    let seconds = u64::from(seconds) * times;
    let text = format!(
        "public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds}, stale-if-error=86400"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(REVALIDATE))
}

/// Sends a page that is not kept.
fn unkept(app: &App, request: &HttpRequest, status: StatusCode, page: &Page) -> HttpResponse {
    if status == StatusCode::NOT_FOUND
        && visitor::is_person(app, request.head())
        && let Ok(path) = percent_decode_str(request.path()).decode_utf8()
    {
        app.missed_paths.count(&path);
    }
    count_view(app, request.head(), page.article_id, app.clock.now());
    let mut response = page.answer.to(request.head().asked()).response();
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    if session::is_brought(app, request.head()) {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
    }
    response
}

/// What is sent where there is no page.
fn instead(app: &App, request: &HttpRequest, error: &Error) -> HttpResponse {
    match error {
        Error::Moved(to) => HttpResponse::MovedPermanently()
            .insert_header((header::LOCATION, whole_url(&app.base_url, to)))
            .insert_header((header::CACHE_CONTROL, REVALIDATE))
            .finish(),
        error => failure(app, request, error),
    }
}

/// The URL of a path, perhaps with a query, as headers and files for programs may hold it.
pub(super) fn whole_url(base_url: &str, path: &str) -> String {
    const NOT_PLAIN: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
    format!("{base_url}{}", utf8_percent_encode(path, NOT_PLAIN))
}

#[derive(Template)]
#[template(path = "reader/failure.html")]
struct FailurePage {
    texts: &'static Texts,
    lang: String,
    site_name: String,
    stylesheet: String,
}

/// A calm page for the reader, and one line with the cause for the operator.
fn failure(app: &App, request: &HttpRequest, error: &Error) -> HttpResponse {
    let id = request_log::id(request);
    tracing::error!(id, %error, path = request_log::shown(request.path()), "a page could not be made");
    let settings = app
        .last_known_site()
        .map(|site| site.settings.clone())
        .unwrap_or_default();
    let locale = Locale::new(&settings.language, settings.time_zone, "");
    let (on_light, on_dark) = crate::view::colour::accents(&settings.accent);
    let page = FailurePage {
        texts: locale.texts(),
        lang: settings.language,
        site_name: settings.name,
        stylesheet: app.assets.reader_css_url(&on_light, &on_dark),
    };
    let mut response = HttpResponse::build(error.status());
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if error.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "5"));
    }
    match page.render() {
        Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "the page that says so could not be made either");
            response
                .content_type("text/plain; charset=utf-8")
                .body(locale.texts().server_error.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_kept_in_one_writing_only() {
        for (path, plain) in [
            ("/news", true),
            ("/caf%C3%A9", true),
            ("/caf%c3%a9", false),
            ("/n%65ws", false),
            ("/%FF", false),
        ] {
            assert_eq!(is_plainly_written(path), plain, "{path}");
        }
    }

    #[test]
    fn proxies_may_keep_an_old_article_longer() {
        let text = |age| shared(60, age).to_str().unwrap().to_owned();
        assert!(text(None).contains("s-maxage=60,"));
        assert!(text(Some(TimeDelta::hours(3))).contains("s-maxage=60,"));
        assert!(text(Some(TimeDelta::days(3))).contains("s-maxage=360,"));
        assert!(text(Some(TimeDelta::days(300))).contains("s-maxage=3600,"));
        assert!(text(None).contains("max-age=0"));
    }
}
