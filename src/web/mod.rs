//! What all requests go through and handlers lean on: connections, heads, headers, cookies, files of the program, the log
//! of requests, who is asking.

pub mod assets;
pub mod connection;
pub mod head;
pub mod headers;
pub mod host;
pub mod long_address;
pub mod mail;
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

/// The answer to what has no business here: a line of plain text, which nobody keeps.
fn refusal(status: StatusCode, why: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(why)
}
