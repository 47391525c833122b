//! Answers requests for pages: from the store while the page is fresh, or stale while it is revalidated; otherwise by
//! rendering it on the blocking pool, once for all requests that wait for it.

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
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use tokio::time::timeout;

use super::{
    HttpCache,
    cache_control::{PRIVATE, REVALIDATE, SharedLifetime},
    encoding::{Accepted, Effort},
    page::{PageContext, RenderedPage},
    policy::{CachePolicy, Expiry},
    query::{self, PageQuery},
    response::{CachedResponse, RequestConditions},
    single_flight::SingleFlight,
    store::CachedPage,
};
use crate::{
    app::Clock,
    db::AnyConnection,
    error::{Error, Result},
    metrics, paths,
    web::{request_log, session, visitor},
};

/// How often a request follows another one's rendering before it renders the page itself.
const MAX_FOLLOWED: usize = 2;
/// Limits a background revalidation, for the requests that follow it because their page may not be served stale.
const MAX_REVALIDATION: Duration = Duration::from_secs(2);

/// Whether the path is percent-encoded in the one way in which browsers do it: each of the others would be stored as
/// another page.
fn is_normalized(path: &str) -> bool {
    percent_decode_str(path).decode_utf8().is_ok_and(|text| {
        text == path || utf8_percent_encode(&text, PATH_ENCODE_SET).to_string() == path
    })
}

/// The path percent-encode set of the URL standard.
const PATH_ENCODE_SET: &AsciiSet = &CONTROLS
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

/// Renders a page for this request alone.
pub async fn respond_uncached<Q: PageQuery>(
    cache: web::Data<HttpCache>,
    request: HttpRequest,
    policy: CachePolicy<Q>,
    render: impl FnOnce(&mut PageContext<'_>, Q) -> Result<RenderedPage> + Send + 'static,
) -> HttpResponse {
    let work = render_job(cache.clone(), Target::new(&request), None, policy, render);
    match cache.app.db.read(work).await {
        Ok((status, page)) => uncached_response(&cache, &request, status, &page),
        Err(error) => error_response(&cache, &request, &error),
    }
}

/// Answers a request for a page under its cache policy.
pub async fn respond_cached<Q: PageQuery>(
    cache: web::Data<HttpCache>,
    request: HttpRequest,
    policy: CachePolicy<Q>,
    render: impl FnOnce(&mut PageContext<'_>, Q) -> Result<RenderedPage> + Send + 'static,
) -> HttpResponse {
    let app = &cache.app;
    let (path, query) = (request.path(), request.query_string());
    let key = query::key(path, query, policy.parameters()).filter(|_| {
        policy.is_stored && is_normalized(path) && !session::has_session_cookie(app, request.head())
    });
    let Some(key) = key else {
        return respond_uncached(cache, request, policy, render).await;
    };
    let now = app.clock.now();
    // Followers wait while it is held.
    let mut _leader = None;
    let mut stale = None;
    for _ in 0..MAX_FOLLOWED {
        stale = None;
        if let Some((key_found, page)) = cache.store.lookup(path, query) {
            let serve = || {
                let selected = cache.serve(request.head(), &key_found, &page, now);
                labelled(&page, selected.to_http())
            };
            if page.is_fresh(app.db.known_version(), now) {
                return serve();
            }
            if cache.is_failing(now) && may_be_served_stale(&cache, &page) {
                return stale_response(&cache, request.head(), &page, now);
            }
            if now < page.expires_at && app.db.may_serve_stale(page.version) {
                let response = serve();
                if page.begin_revalidation() {
                    let target = Target::new(&request);
                    let job =
                        revalidate_in_background(cache.clone(), target, key, page, policy, render);
                    actix_web::rt::spawn(job);
                }
                return response;
            }
            stale = Some(page);
        }
        if let SingleFlight::Leader(guard) = cache.renderings.join(&key).await {
            _leader = Some(guard);
            break;
        }
    }
    cache.store.record_miss();
    let work = render_job(
        cache.clone(),
        Target::new(&request),
        stale.clone(),
        policy,
        render,
    );
    match app.db.read(work).await {
        Ok((StatusCode::OK, page)) => {
            let page = insert(&cache, path, key, page);
            cache.count_view(request.head(), page.article_id, now);
            let conditions = RequestConditions::new(request.head());
            let selected = page.response.select(conditions);
            let limited = selected.with_cache_control(page.shared.limited(now));
            labelled(&page, limited.to_http())
        }
        Ok((status, page)) => uncached_response(&cache, &request, status, &page),
        Err(error) => {
            if matches!(
                error,
                Error::Database(_) | Error::Pool(_) | Error::DatabaseTimeout
            ) {
                cache.record_failure(now);
            }
            match stale.filter(|page| may_be_served_stale(&cache, page)) {
                Some(page) if error.status().is_server_error() => {
                    let id = request_log::id(&request);
                    tracing::error!(id, %error, path, "could not render a page; serving it stale");
                    stale_response(&cache, request.head(), &page, now)
                }
                _ => error_response(&cache, &request, &error),
            }
        }
    }
}

/// Stale-while-revalidate: renders a page while requests get the stale one. If that fails, the requests that have to wait
/// for the page report it.
async fn revalidate_in_background<Q: PageQuery>(
    cache: web::Data<HttpCache>,
    target: Target,
    key: String,
    stale: Arc<CachedPage>,
    policy: CachePolicy<Q>,
    render: impl FnOnce(&mut PageContext<'_>, Q) -> Result<RenderedPage> + Send + 'static,
) {
    let Ok(_permit) = cache.revalidations.acquire().await else {
        return;
    };
    // A request that may not get the stale page may have become the leader meanwhile.
    let SingleFlight::Leader(_leader) = cache.renderings.join(&key).await else {
        return;
    };
    let stored = cache.store.lookup(&target.path, &target.query);
    if !stored.is_some_and(|(_, stored)| Arc::ptr_eq(&stored, &stale)) {
        return;
    }
    cache.store.record_miss();
    let path = target.path.clone();
    let work = render_job(cache.clone(), target, Some(stale), policy, render);
    let rendered = timeout(MAX_REVALIDATION, cache.app.db.read_low_priority(work)).await;
    match rendered.unwrap_or(Err(Error::DatabaseTimeout)) {
        Ok((StatusCode::OK, page)) => {
            insert(&cache, &path, key, page);
        }
        Err(error) if error.status().is_server_error() => {
            tracing::error!(%error, path, "could not revalidate a page; serving it stale");
        }
        Ok(_) | Err(_) => {}
    }
}

/// Stores a page under its path alone if it does not depend on the query, otherwise under the request's key.
fn insert(cache: &HttpCache, path: &str, key: String, page: CachedPage) -> Arc<CachedPage> {
    let key = if page.parameters.contains(&query::PAGE) {
        key
    } else {
        path.to_owned()
    };
    let page = Arc::new(page);
    cache.store.insert(key, page.clone());
    page
}

/// Labels a response with the kind of its page, for metrics.
fn labelled(page: &CachedPage, mut response: HttpResponse) -> HttpResponse {
    response
        .extensions_mut()
        .insert(request_log::Kind(page.kind));
    response
}

/// Whether a stale page may be served when it cannot be rendered: not if something was withdrawn since.
fn may_be_served_stale(cache: &HttpCache, page: &CachedPage) -> bool {
    page.version >= cache.app.db.known_withdrawal()
}

/// A stale page, marked as such (RFC 9211).
fn stale_response(
    cache: &HttpCache,
    head: &RequestHead,
    page: &CachedPage,
    now: DateTime<Utc>,
) -> HttpResponse {
    cache.count_view(head, page.article_id, now);
    let selected = page.response.select(RequestConditions::new(head));
    let mut response = selected
        .with_cache_control(page.shared.limited(now))
        .to_http();
    response.headers_mut().insert(
        HeaderName::from_static("cache-status"),
        HeaderValue::from_static("dateline; hit; detail=stale"),
    );
    labelled(page, response)
}

/// What a request asks for.
struct Target {
    path: String,
    query: String,
    accepted: Accepted,
}

impl Target {
    fn new(request: &HttpRequest) -> Self {
        Self {
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            accepted: RequestConditions::new(request.head()).accepted,
        }
    }
}

/// The work of rendering a page and compressing it as fast as possible, for the blocking pool. Returns 200 or 404.
fn render_job<Q: PageQuery>(
    cache: web::Data<HttpCache>,
    target: Target,
    stale: Option<Arc<CachedPage>>,
    policy: CachePolicy<Q>,
    render: impl FnOnce(&mut PageContext<'_>, Q) -> Result<RenderedPage> + Send + 'static,
) -> impl FnOnce(&mut AnyConnection) -> Result<(StatusCode, CachedPage)> + Send + 'static {
    let Target {
        path,
        query,
        accepted,
    } = target;
    let kind = metrics::kind_of(&path);
    move |conn| {
        let mut ctx = PageContext::new(conn, &cache.app, path, query)?;
        if let Some(stale) = &stale
            && let Some(expires_at) = revalidate(&mut ctx, stale)?
        {
            return Ok((StatusCode::OK, stale.extended(expires_at)));
        }
        let rendered = ctx.apply(policy).and_then(|query| render(&mut ctx, query));
        let (status, rendered) = match rendered {
            Ok(rendered) => (StatusCode::OK, rendered),
            Err(Error::NotFound) => (
                StatusCode::NOT_FOUND,
                (cache.error_pages.not_found)(&mut ctx)?,
            ),
            Err(error) => return Err(error),
        };
        let (site, now) = (ctx.site.clone(), ctx.now);
        let expires_at = match ctx.expiry {
            Expiry::SiteVersion => site.until,
            Expiry::NextMinute | Expiry::NextMinuteIfRankingChanged => {
                next_minute(now).min(site.until)
            }
        };
        let shared = SharedLifetime {
            seconds: cache.headers.shared_seconds(&rendered, now),
            until: match ctx.expiry {
                Expiry::NextMinute => expires_at,
                // Shared caches may keep a ranking beside the page's content for longer.
                Expiry::SiteVersion | Expiry::NextMinuteIfRankingChanged => site.until,
            },
        };
        let headers = cache.headers.of(&rendered, now);
        let response = CachedResponse::new(&rendered.body, headers);
        let unchanged = stale
            .as_ref()
            .filter(|stale| stale.response.same_content_as(&response));
        let response = match unchanged {
            // Keeps the compressed variants.
            Some(stale) => stale.response.clone(),
            None => {
                // For two bodies within one second the date could not tell which of them a client has.
                let previous = stale.and_then(|stale| stale.response.last_modified());
                let last_modified = Some(Clock::date()).filter(|date| previous != Some(*date));
                response.with_last_modified(last_modified)
            }
        };
        let response = match response.missing_encoding(accepted) {
            Some(_) => response.with_encoding(accepted.fastest(), Effort::Fast)?,
            None => response,
        };
        let mut page = CachedPage::new(response, site.version.current, expires_at);
        page.article_id = rendered.article_id;
        page.shared = shared;
        page.parameters = ctx.parameters;
        page.kind = kind.unwrap_or(match page.article_id {
            Some(_) => "article",
            None => "page",
        });
        page.requests = cache.app.metrics.cached_requests(page.kind);
        page.ranking = ctx
            .ranking
            .filter(|_| ctx.expiry == Expiry::NextMinuteIfRankingChanged);
        Ok((status, page))
    }
}

/// The new expiry of a page that has expired by its minute alone and whose ranking is unchanged; `None` if it has to be
/// rendered.
fn revalidate(ctx: &mut PageContext<'_>, page: &CachedPage) -> Result<Option<DateTime<Utc>>> {
    let Some(shown) = page
        .ranking
        .as_ref()
        .filter(|shown| page.is_current(ctx.site.version.current) && ctx.now < shown.expires_at)
    else {
        return Ok(None);
    };
    let ranked = ctx.app.popular.now(ctx.conn, shown.section_id, ctx.now)?;
    let is_unchanged = ranked.iter().take(shown.length).eq(&shown.article_ids);
    Ok(is_unchanged.then(|| next_minute(ctx.now).min(shown.expires_at)))
}

fn next_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    let minute = now.timestamp().div_euclid(60);
    DateTime::from_timestamp((minute + 1) * 60, 0).unwrap_or(now)
}

/// A page that is not stored.
fn uncached_response(
    cache: &HttpCache,
    request: &HttpRequest,
    status: StatusCode,
    page: &CachedPage,
) -> HttpResponse {
    let app = &cache.app;
    if status == StatusCode::NOT_FOUND
        && visitor::is_person(app, request.head())
        && let Ok(path) = percent_decode_str(request.path()).decode_utf8()
    {
        app.missed_paths.count(&path);
    }
    let now = app.clock.now();
    cache.count_view(request.head(), page.article_id, now);
    let cache_control = match status {
        StatusCode::OK => page.shared.limited(now),
        _ => Some(page.shared.of_missing(now)),
    };
    let selected = page.response.select(RequestConditions::new(request.head()));
    let mut response = selected.with_cache_control(cache_control).to_http();
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    if session::has_session_cookie(app, request.head()) {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
    }
    response
}

/// A redirect, or the failure page with one line in the log.
fn error_response(cache: &HttpCache, request: &HttpRequest, error: &Error) -> HttpResponse {
    let app = &cache.app;
    if let Error::Moved(to) = error {
        return HttpResponse::MovedPermanently()
            .insert_header((header::LOCATION, paths::absolute_url(&app.base_url, to)))
            .insert_header((header::CACHE_CONTROL, REVALIDATE))
            .finish();
    }
    let id = request_log::id(request);
    tracing::error!(id, %error, path = request_log::shown(request.path()), "could not render a page");
    let mut response = HttpResponse::build(error.status());
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if error.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "5"));
    }
    let (content_type, body) = (cache.error_pages.failure)(app);
    response.content_type(content_type).body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cached_in_one_notation_only() {
        for (path, expected) in [
            ("/news", true),
            ("/caf%C3%A9", true),
            ("/caf%c3%a9", false),
            ("/n%65ws", false),
            ("/%FF", false),
        ] {
            assert_eq!(is_normalized(path), expected, "{path}");
        }
    }
}
