//! Nobody may hold a connection by sending the body of a request drop by drop.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
};
use futures_util::StreamExt;

/// The longest pause between two pieces of a body.
const PAUSE: Duration = Duration::from_secs(10);
/// From then on the body has to come at this rate on the whole, in bytes per second: slower than any line of
/// today, and faster than drops.
const RATE: u64 = 1_000;
const BEGINNING: Duration = Duration::from_secs(15);

/// Ends the bodies that come too slowly: whoever reads one is told that it is not whole.
pub async fn refuse(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let payload = request.take_payload();
    let payload = if matches!(payload, Payload::None) {
        payload
    } else {
        let state = (payload, Instant::now(), 0_u64);
        let patient =
            futures_util::stream::unfold(state, |(mut payload, began, bytes)| async move {
                let piece = match tokio::time::timeout(PAUSE, payload.next()).await {
                    Ok(piece) => piece?,
                    Err(_) => Err(slow()),
                };
                let bytes = bytes + piece.as_ref().map_or(0, |piece| piece.len() as u64);
                let is_slow =
                    began.elapsed() > BEGINNING && bytes < RATE * began.elapsed().as_secs();
                let piece = if is_slow { Err(slow()) } else { piece };
                Some((piece, (payload, began, bytes)))
            });
        Payload::Stream {
            // Some ask again after the end.
            payload: patient.fuse().boxed_local(),
        }
    };
    request.set_payload(payload);
    next.call(request).await
}

fn slow() -> PayloadError {
    PayloadError::Incomplete(Some(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "it came too slowly",
    )))
}
