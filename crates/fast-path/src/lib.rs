//! Fast path: serves cached responses at the socket. Everything but a complete GET or HEAD without a body passes through
//! to actix-http.
//!
//! [`FastPathConnection`] owns the stream of one connection and reads it first. A read that holds exactly one
//! [`SimpleRequest`] is looked up with [`FastPath`]'s lookup function; a cached response is written from the cache's own
//! buffer, without a header map, timers or a copy of the body. On a miss, or for any other input, the bytes pass through
//! unchanged to the inner HTTP service, which reads and writes an [`InnerStream`]. The order of responses is kept: while the
//! inner service has a response in flight, everything passes through, and while a cached response is being written, the
//! inner service is not polled.
//!
//! The inner service must create a [`PendingResponse`] for each request and attach it to the response. After the first
//! input that is not a simple request, the number of requests that the inner service has received is unknown, and the
//! connection passes everything through until it closes.
//!
//! [`SequentialStream`] belongs between this and the inner service, or between the socket and the service: it delivers
//! pipelined requests one at a time.
//!
//! How long a client may take to read a response is for the stream to limit: a write that fails ends the connection. The
//! keep-alive timer of the inner service runs while a cached response is written: it closes the connection after that
//! response at the earliest.
#![forbid(unsafe_code)]

mod chunked;
mod connection;
mod in_flight;
mod lookup;
mod request;
mod response;
mod sequential;

pub use connection::{FastPathConnection, InnerStream};
pub use in_flight::{InFlight, PendingResponse};
pub use lookup::FastPath;
pub use request::SimpleRequest;
pub use response::WireResponse;
pub use sequential::SequentialStream;
