//! Whether a request was meant for this site. Everything that is linked and redirected to is built from the
//! configured address anyway; but a request for another host has no business here.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};

use super::head::Head;
use crate::app::App;

/// Whether the host that a request names is the site's. Any is, until the operator has said what the site's
/// address is.
pub fn is_ours(app: &App, head: &impl Head) -> bool {
    let Some(ours) = &app.host else {
        return true;
    };
    let mut named = head.values(&header::HOST);
    // Two hosts are none (RFC 9112, section 3.2).
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
    // A request line may name the host as well; then it has to be the same.
    is_ours(host)
        && head
            .authority()
            .is_none_or(|authority| is_ours(authority.as_bytes()))
}

/// Middleware: refuses what was meant for another host. Whoever watches over the process asks it by its
/// address.
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
            "This server does not answer for the host that was asked for.\n",
        );
        Ok(request.into_response(refusal).map_into_right_body())
    }
}
