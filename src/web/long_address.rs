//! Addresses that are longer than any that is anywhere: they are refused before anybody looks for them.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};

/// In bytes: a path of three hundred letters of any script, each written in percent signs, has a quarter of it.
const LONGEST_PATH: usize = 8_192;
/// In bytes: ten thousand letters that somebody searches for fit in.
const LONGEST_QUERY: usize = 40_000;

/// Middleware: answers 414 (RFC 9110, section 15.5.15). What does not even fit into a request line of HTTP's
/// library is 400 before it comes here.
pub async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.path().len() <= LONGEST_PATH && request.query_string().len() <= LONGEST_QUERY {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let refusal = super::refusal(
        StatusCode::URI_TOO_LONG,
        "This address is too long: there is nothing here that has such a one.\n",
    );
    Ok(request.into_response(refusal).map_into_right_body())
}
