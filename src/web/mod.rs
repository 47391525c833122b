//! What handlers lean on: files of the program, headers, cookies, the log of requests, who is asking.

pub mod assets;
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
