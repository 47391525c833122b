//! Rejects requests for other hosts.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};

use super::head::RequestParts;
use crate::app::App;

/// Whether a request names the site's host. Every host is accepted if no public address is configured.
pub fn is_ours(app: &App, head: &impl RequestParts) -> bool {
    let Some(ours) = &app.host else {
        return true;
    };
    let mut named = head.values(&header::HOST);
    // More than one `Host` header is invalid (RFC 9112, section 3.2).
    let (Some(host), None) = (named.next(), named.next()) else {
        return false;
    };
    let is_ours = |named: &[u8]| {
        named.eq_ignore_ascii_case(ours.as_bytes())
            || named
                .strip_suffix(b":80")
                .or(named.strip_suffix(b":443"))
                .is_some_and(|named| named.eq_ignore_ascii_case(ours.as_bytes()))
    };
    // A target in absolute form names the host as well.
    is_ours(host)
        && head
            .authority()
            .is_none_or(|authority| is_ours(authority.as_bytes()))
}

/// Middleware: answers 400 to requests for another host, except for health checks, which use the server's address.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_fine = ["/healthz", "/readyz"].contains(&request.path())
        || request
            .app_data::<web::Data<App>>()
            .is_some_and(|app| is_ours(app, request.head()));
    if is_fine {
        Ok(next.call(request).await?.map_into_left_body())
    } else {
        let refusal = super::refusal(
            StatusCode::BAD_REQUEST,
            "This server does not serve the requested host.\n",
        );
        Ok(request.into_response(refusal).map_into_right_body())
    }
}
