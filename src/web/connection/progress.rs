//! How far the server is with what it was asked.

use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{Request, Response};
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};

/// How far the server is with what it was asked on a connection.
#[derive(Default)]
pub struct Progress {
    pub(super) asked: Cell<u64>,
    answered: Cell<u64>,
    /// Its buffer may hold something that was not sent yet.
    pub(super) is_unsent: Cell<bool>,
}

impl Progress {
    pub(super) fn is_idle(&self) -> bool {
        self.asked == self.answered && !self.is_unsent.get()
    }
}

/// An answer of the server's that is not done yet.
pub struct Open(Option<Rc<Progress>>);

impl Open {
    pub fn of(request: &Request) -> Self {
        Self(request.conn_data::<Rc<Progress>>().cloned())
    }

    /// It is done when the body is.
    pub fn until_sent(self, response: Response<BoxBody>) -> Response<BoxBody> {
        response.map_body(|_, body| BoxBody::new(Sending { body, _open: self }))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            progress.answered.update(|answered| answered + 1);
            progress.is_unsent.set(true);
        }
    }
}

/// The body of an answer of the server's.
struct Sending {
    body: BoxBody,
    _open: Open,
}

impl MessageBody for Sending {
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
