//! What handlers lean on: files of the program, headers, the log of requests, who is asking.

pub mod assets;
pub mod headers;
pub mod media_file;
pub mod request_log;
pub mod visitor;
