//! In front of the application: a page that is kept in memory, and true, is sent from here, so that such a request
//! meets no router, no log and no database.

use std::{
    borrow::Cow,
    future::{self, ready},
    sync::Arc,
    task::{Context, Poll},
};

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{AppConfig, Response, Service, ServiceFactory, ServiceResponse},
    http::Method,
};
use chrono::{DateTime, Utc};
use futures_util::{
    FutureExt, TryFutureExt,
    future::{Either, LocalBoxFuture},
};

use super::home;
use crate::{
    app::App,
    page_cache::{Page, Ready, Reply},
    web::{
        connection::Open,
        head::{Head, Plain},
        host, session, visitor,
    },
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
    S::Error: Into<Response<BoxBody>>,
    S::Future: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
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

impl<S, B> Service<Request> for Memory<S>
where
    S: Service<Request, Response = ServiceResponse<B>>,
    S::Error: Into<Response<BoxBody>>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = S::Error;
    type Future = Either<
        future::Ready<Result<Self::Response, S::Error>>,
        LocalBoxFuture<'static, Result<Self::Response, S::Error>>,
    >;

    // Not `forward_ready!`: with the error known to become an answer, what it converts into is ambiguous.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.behind.poll_ready(cx)
    }

    fn call(&self, request: Request) -> Self::Future {
        let open = Open::of(&request);
        if let Some(response) = kept(&self.app, request.head(), |reply| reply.response()) {
            return Either::Left(ready(Ok(open.until_sent(response.into()))));
        }
        let answer = self.behind.call(request);
        Either::Right(Box::pin(async move {
            Ok(open.until_sent(match answer.await {
                Ok(response) => HttpResponse::from(response).map_into_boxed_body().into(),
                Err(error) => error.into(),
            }))
        }))
    }
}

/// Answers before even the server is asked, if that is possible.
pub fn at_once(app: &App, head: &Plain<'_>, send: &mut dyn FnMut(Ready<'_>)) {
    kept(app, head, |reply| send(reply.ready()));
}

fn kept<T>(app: &App, head: &impl Head, send: impl FnOnce(&Reply<'_>) -> T) -> Option<T> {
    if !matches!(*head.method(), Method::GET | Method::HEAD)
        || !host::is_ours(app, head)
        || session::is_brought(app, head)
    {
        return None;
    }
    let (key, page) = find(app, head.path(), head.query())?;
    let now = app.clock.now();
    if !page.is_fresh(app.db.known_version(), now) {
        return None;
    }
    let reply = served(app, head, &key, &page, now);
    // Nobody else does: it goes past the log.
    if let Some(requests) = &page.requests {
        requests.count(reply.status().as_u16());
    }
    Some(send(&reply))
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

/// What is sent of what is kept; counts it as a view.
pub(super) fn served<'a>(
    app: &App,
    head: &impl Head,
    key: &str,
    page: &'a Arc<Page>,
    now: DateTime<Utc>,
) -> Reply<'a> {
    let asked = head.asked();
    app.pages.served(key, page, asked.accepted);
    count_view(app, head, page.article_id, now);
    page.answer.to(asked)
}

pub(super) fn count_view(app: &App, head: &impl Head, article_id: Option<i64>, now: DateTime<Utc>) {
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
