//! The request log: one line for every request that is not served from memory, at level debug unless it was slow or failed.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use crate::{app::App, metrics};

/// The response header with the request's id, which its log lines contain.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Requests that take longer are logged as warnings.
const SLOW: Duration = Duration::from_secs(1);

/// The kind of a response for metrics, where it cannot be derived from the path.
#[derive(Clone, Copy)]
pub struct Kind(pub &'static str);

/// The id of a request.
struct Id(String);

/// The id of a request, for log lines about it.
pub fn id(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<Id>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

/// A path as it is logged: without the secrets of links.
pub fn shown(path: &str) -> &str {
    ["/admin/password/", "/preview/"]
        .into_iter()
        .find(|secret| path.starts_with(secret))
        .unwrap_or(path)
}

/// Middleware: assigns an id to the request, and logs and counts it when it is answered.
pub async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = format!("{:016x}", rand::random::<u64>());
    request.extensions_mut().insert(Id(id.clone()));
    let method = request.method().clone();
    let path = shown(request.path()).to_owned();
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let took = started.elapsed();
    let milliseconds = took.as_secs_f64() * 1_000.0;
    let status = response.status().as_u16();
    if let Some(app) = response.request().app_data::<web::Data<App>>() {
        let kind = metrics::kind_of(&path).unwrap_or_else(|| {
            let label = response.response().extensions().get::<Kind>().copied();
            label.map_or("page", |Kind(kind)| kind)
        });
        app.metrics.request(kind, status, took);
    }
    let ms = format_args!("{milliseconds:.2}");
    // At level debug, as these lines are several gigabytes a day for a busy site.
    if status >= 500 {
        tracing::error!(id, %method, path, status, ms, "request failed");
    } else if took >= SLOW {
        tracing::warn!(id, %method, path, status, ms, "slow request");
    } else {
        tracing::debug!(id, %method, path, status, ms, "request");
    }
    Ok(response)
}
