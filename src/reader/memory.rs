//! In front of the application: a page that is kept in memory, and true, is sent from here, so that such a request
//! meets no router, no log and no database.

use std::{
    borrow::Cow,
    future::{Ready, ready},
    sync::Arc,
};

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::{
    HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{
        AppConfig, RequestHead, Response, Service, ServiceFactory, ServiceResponse, forward_ready,
    },
    http::Method,
};
use chrono::{DateTime, Utc};
use futures_util::{
    FutureExt, TryFutureExt,
    future::{Either, LocalBoxFuture, MapOk},
};

use super::home;
use crate::{
    app::App,
    page_cache::{Asked, Page},
    web::{host, session, visitor},
};

/// Answers what it can from memory; the rest is for what stands behind it.
pub struct Memory<S> {
    app: Arc<App>,
    behind: S,
}

/// Puts the memory in front of an application.
pub fn before<S: ServiceFactory<Request>>(
    behind: impl IntoServiceFactory<S, Request>,
    app: Arc<App>,
) -> Memory<S> {
    Memory {
        app,
        behind: behind.into_factory(),
    }
}

impl<S, B> ServiceFactory<Request> for Memory<S>
where
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>>,
    S::Future: 'static,
    B: MessageBody,
{
    type Response = Response<EitherBody<BoxBody, B>>;
    type Error = S::Error;
    type Config = AppConfig;
    type Service = Memory<S::Service>;
    type InitError = S::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let app = self.app.clone();
        self.behind
            .new_service(config)
            .map_ok(|behind| Memory { app, behind })
            .boxed_local()
    }
}

/// What the application answers, as the server takes it.
type Passed<B> = fn(ServiceResponse<B>) -> Response<EitherBody<BoxBody, B>>;

impl<S, B> Service<Request> for Memory<S>
where
    S: Service<Request, Response = ServiceResponse<B>>,
    B: MessageBody,
{
    type Response = Response<EitherBody<BoxBody, B>>;
    type Error = S::Error;
    type Future = Either<Ready<Result<Self::Response, Self::Error>>, MapOk<S::Future, Passed<B>>>;

    forward_ready!(behind);

    fn call(&self, request: Request) -> Self::Future {
        match kept(&self.app, request.head()) {
            Some(response) => Either::Left(ready(Ok(response.map_into_left_body().into()))),
            None => Either::Right(
                self.behind
                    .call(request)
                    .map_ok(|response| HttpResponse::from(response).map_into_right_body().into()),
            ),
        }
    }
}

fn kept(app: &App, head: &RequestHead) -> Option<HttpResponse> {
    if !matches!(head.method, Method::GET | Method::HEAD)
        || !host::is_ours(app, head)
        || session::is_brought(app, head.headers())
    {
        return None;
    }
    let (key, page) = find(app, head.uri.path(), head.uri.query().unwrap_or_default())?;
    let now = app.clock.now();
    if !page.is_fresh(app.db.known_version(), now) {
        return None;
    }
    let response = served(app, head, &key, &page, now);
    // Nobody else does: it goes past the log.
    if let Some(requests) = &page.requests {
        requests.count(response.status().as_u16());
    }
    Some(response)
}

/// The page that is kept for a request, and under which key.
pub(super) fn find<'p>(app: &App, path: &'p str, query: &str) -> Option<(Cow<'p, str>, Arc<Page>)> {
    let bare = app.pages.get(path);
    if query.is_empty() {
        return Some((path.into(), bare?));
    }
    if let Some(page) = bare.filter(|page| page.ignores_query) {
        return Some((path.into(), page));
    }
    let key = key(path, query)?;
    let page = app.pages.get(&key)?;
    Some((key.into(), page))
}

/// What a page is kept under: its path, and which page of a list it is. Nothing else that a request
/// brings changes what is answered. `None` for what is not kept.
pub(super) fn key(path: &str, query: &str) -> Option<String> {
    if path == "/" && home::old_number(query).is_some() {
        return None;
    }
    let mut pages = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "page")
        .map(|(_, number)| number);
    let Some(number) = pages.next() else {
        return Some(path.to_owned());
    };
    let is_number = number.len() < 10 && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && pages.next().is_none()).then(|| format!("{path}?page={number}"))
}

/// Sends what is kept, and counts it as a view.
pub(super) fn served(
    app: &App,
    head: &RequestHead,
    key: &str,
    page: &Arc<Page>,
    now: DateTime<Utc>,
) -> HttpResponse {
    let asked = Asked::new(head);
    app.pages.served(key, page, asked.accepted);
    count_view(app, head, page.article_id, now);
    page.answer.to(asked)
}

pub(super) fn count_view(
    app: &App,
    head: &RequestHead,
    article_id: Option<i64>,
    now: DateTime<Utc>,
) {
    if let Some(article_id) = article_id {
        match visitor::reader(app, head) {
            Some(reader) => app.views.count(article_id, &reader, now, || {
                visitor::person(app, head, &reader)
            }),
            None => app.views.pass_over(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_of_a_page_tells_two_requests_for_a_path_apart() {
        for (query, expected) in [
            ("", Some("/news")),
            ("utm_source=mail&fbclid=1", Some("/news")),
            ("page=2", Some("/news?page=2")),
            ("x=1&page=2", Some("/news?page=2")),
            ("page=2&page=3", None),
            ("page=-1", None),
            ("page=1e18", None),
            ("page=99999999999", None),
        ] {
            assert_eq!(key("/news", query).as_deref(), expected, "{query}");
        }
    }
}
