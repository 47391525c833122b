//! Ends request bodies that arrive too slowly (slow-loris attacks).

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
};
use futures_util::StreamExt;

/// The maximum time between two chunks of a body.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// The minimum average rate in bytes per second, after [`GRACE`].
const MIN_RATE: u64 = 1_000;
const GRACE: Duration = Duration::from_secs(15);

/// Middleware: the reader of a slow body gets [`PayloadError::Incomplete`].
pub async fn refuse(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let payload = request.take_payload();
    let payload = if matches!(payload, Payload::None) {
        payload
    } else {
        let state = (payload, Instant::now(), 0_u64);
        let timed = futures_util::stream::unfold(state, |(mut payload, began, bytes)| async move {
            let chunk = match tokio::time::timeout(MAX_PAUSE, payload.next()).await {
                Ok(chunk) => chunk?,
                Err(_) => Err(slow()),
            };
            let bytes = bytes + chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
            let is_slow = began.elapsed() > GRACE && bytes < MIN_RATE * began.elapsed().as_secs();
            let chunk = if is_slow { Err(slow()) } else { chunk };
            Some((chunk, (payload, began, bytes)))
        });
        Payload::Stream {
            // Fused: some readers poll again after the end.
            payload: timed.fuse().boxed_local(),
        }
    };
    request.set_payload(payload);
    next.call(request).await
}

fn slow() -> PayloadError {
    PayloadError::Incomplete(Some(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "the request body arrived too slowly",
    )))
}
