//! Rejects requests with overlong paths and queries.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};

/// Maximum length of a path in bytes. 300 percent-encoded letters of any script take a quarter of it.
const MAX_PATH: usize = 8_192;
/// Maximum length of a query in bytes.
const MAX_QUERY: usize = 40_000;

/// Middleware: answers 414 (RFC 9110, section 15.5.15). Request lines that actix-http cannot parse answer 400 before.
pub async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.path().len() <= MAX_PATH && request.query_string().len() <= MAX_QUERY {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let refusal = super::refusal(StatusCode::URI_TOO_LONG, "This address is too long.\n");
    Ok(request.into_response(refusal).map_into_right_body())
}
