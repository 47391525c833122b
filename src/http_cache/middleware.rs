//! In front of the application: fresh pages are served from memory without routing, logging or database.

use std::{
    future::{self, ready},
    sync::Arc,
    task::{Context, Poll},
};

use actix_http::{ConnectionType, Request};
use actix_service::IntoServiceFactory;
use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{AppConfig, Response, Service, ServiceFactory, ServiceResponse},
    http::Method,
};
use fast_path::{PendingResponse, SimpleRequest, WireResponse};
use futures_util::{
    FutureExt, TryFutureExt,
    future::{Either, LocalBoxFuture},
};

use super::{HttpCache, response::SelectedResponse, store::CachedPage};
use crate::{
    app::Clock,
    web::{body, head::RequestParts, host, session},
};

/// Serves fresh pages; all other requests go to the inner service.
pub struct CacheMiddleware<S> {
    cache: Arc<HttpCache>,
    inner: S,
}

impl<S> CacheMiddleware<S> {
    /// Wraps an application.
    pub fn new(cache: Arc<HttpCache>, inner: impl IntoServiceFactory<S, Request>) -> Self
    where
        S: ServiceFactory<Request>,
    {
        Self {
            cache,
            inner: inner.into_factory(),
        }
    }
}

impl<S, B> ServiceFactory<Request> for CacheMiddleware<S>
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
    type Service = CacheMiddleware<S::Service>;
    type InitError = S::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let cache = self.cache.clone();
        self.inner
            .new_service(config)
            .map_ok(|inner| CacheMiddleware { cache, inner })
            .boxed_local()
    }
}

impl<S, B> Service<Request> for CacheMiddleware<S>
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

    // Not `forward_ready!`, which cannot infer the error type here.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: Request) -> Self::Future {
        let pending = PendingResponse::of(&request);
        let fresh = serve_fresh(&self.cache, request.head(), |_| true, |page| page.to_http());
        if let Some(response) = fresh {
            let response = self.cache.finish(response.into());
            return Either::Left(ready(Ok(pending.attach(response))));
        }
        let cache = self.cache.clone();
        let response = self.inner.call(request);
        Either::Right(Box::pin(async move {
            let response = match response.await {
                Ok(response) => HttpResponse::from(response).map_into_boxed_body().into(),
                Err(error) => error.into(),
            };
            Ok(pending.attach(cache.finish(response)))
        }))
    }
}

impl HttpCache {
    /// A response as it is sent: with its body in pieces, and closing the connection if the server stops.
    fn finish(&self, response: Response<BoxBody>) -> Response<BoxBody> {
        let mut response = response.map_body(|_, body| body::in_pieces(body));
        if self.is_stopping() {
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
        response
    }
}

/// The lookup of the fast path: sends the page that answers a request, if there is a fresh one.
pub fn fast_path_lookup(
    cache: &HttpCache,
    request: &SimpleRequest<'_>,
    send: &mut dyn FnMut(WireResponse<'_>),
) {
    // The fast path cannot close a connection.
    if cache.is_stopping() {
        return;
    }
    // `Last-Modified` is in the prepared response, and later than `Date` if the clock was set back.
    let is_in_order = |page: &CachedPage| {
        let modified = page.response.last_modified();
        modified.is_none_or(|modified| modified <= Clock::date())
    };
    serve_fresh(cache, request, is_in_order, |page| page.send(send));
}

/// Sends the page that answers a request, if there is a fresh one that `send` can send.
fn serve_fresh<T>(
    cache: &HttpCache,
    request: &impl RequestParts,
    can_send: impl FnOnce(&CachedPage) -> bool,
    send: impl FnOnce(&SelectedResponse<'_>) -> T,
) -> Option<T> {
    let app = &cache.app;
    if !matches!(*request.method(), Method::GET | Method::HEAD)
        || !host::is_ours(app, request)
        || session::has_session_cookie(app, request)
    {
        return None;
    }
    let (key, page) = cache.store.lookup(request.path(), request.query())?;
    let now = app.clock.now();
    if !page.is_fresh(app.db.known_version(), now) || !can_send(&page) {
        return None;
    }
    let selected = cache.serve(request, &key, &page, now);
    // The request log does not see this request.
    if let Some(requests) = &page.requests {
        requests.count(selected.status().as_u16());
    }
    Some(send(&selected))
}
