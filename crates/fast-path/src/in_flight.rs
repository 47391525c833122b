//! Counts the requests that the inner service has received and not answered yet.

use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{
    Request, Response,
    body::{BodySize, BoxBody, MessageBody},
};
use bytes::Bytes;

/// The requests in flight in the inner service of one connection.
#[derive(Default)]
pub struct InFlight {
    /// Requests that the fast path passed through.
    pub(crate) requests: Cell<u64>,
    /// Requests that a [`SequentialStream`](crate::SequentialStream) delivered.
    delivered: Cell<u64>,
    responses: Cell<u64>,
    /// Whether the inner service may hold response bytes that it has not flushed.
    pub(crate) is_unflushed: Cell<bool>,
}

impl InFlight {
    /// Whether every request was answered and every response was written to the stream.
    pub(crate) fn is_idle(&self) -> bool {
        self.requests == self.responses && !self.is_unflushed.get()
    }

    /// Counts a request that is delivered to the inner service.
    pub(crate) fn deliver(&self) {
        self.delivered.update(|delivered| delivered + 1);
    }

    /// Whether a delivered request was not answered, or its response not written to the stream.
    pub(crate) fn is_delivering(&self) -> bool {
        self.delivered != self.responses || self.is_unflushed.get()
    }
}

/// A response of the inner service that is not complete yet. It is complete when this is dropped.
pub struct PendingResponse(Option<Rc<InFlight>>);

impl PendingResponse {
    /// Finds the request's connection by the `Rc<InFlight>` among its connection data, where `on_connect_ext` must have put
    /// it (see [`InnerStream::in_flight`](crate::InnerStream::in_flight)). Has no effect without one.
    pub fn of(request: &Request) -> Self {
        Self(request.conn_data::<Rc<InFlight>>().cloned())
    }

    /// Makes the response complete when its body is dropped, which is after the last chunk was read from it.
    pub fn attach(self, response: Response<BoxBody>) -> Response<BoxBody> {
        response.map_body(|_, body| {
            BoxBody::new(TrackedBody {
                body,
                _pending: self,
            })
        })
    }
}

impl Drop for PendingResponse {
    fn drop(&mut self) {
        if let Some(in_flight) = &self.0 {
            in_flight.responses.update(|responses| responses + 1);
            in_flight.is_unflushed.set(true);
        }
    }
}

/// A response body whose end is recorded.
struct TrackedBody {
    body: BoxBody,
    _pending: PendingResponse,
}

impl MessageBody for TrackedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
