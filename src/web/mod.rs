//! HTTP plumbing shared by all handlers: request parts, middleware, headers, cookies, the request log, clients.

pub mod body;
pub mod client_stream;
pub mod head;
pub mod headers;
pub mod host;
pub mod long_address;
pub mod mail;
pub mod malformed_requests;
pub mod media_file;
pub mod request_log;
pub mod same_origin;
pub mod session;
pub mod slow_body;
pub mod visitor;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};

/// A rejected request: one line of plain text.
fn refusal(status: StatusCode, why: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(why)
}
