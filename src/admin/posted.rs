//! What a form sent, after its token was checked.

use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::{
    error::{Error, Result},
    secrets::token,
    web::same_origin,
};

/// The largest form in bytes: the text of a very long article many times over.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;
/// The largest form in bytes of somebody who has not logged in.
pub(super) const LARGEST_OF_STRANGERS: usize = 64 * 1024;

/// A form with nothing but its token: a button.
#[derive(serde::Deserialize)]
pub struct Nothing {}

/// The fields of a form that came from a page of ours. There is no other way to have one than to
/// check its token.
pub struct Posted<T> {
    pub form: T,
}

/// A form as it arrived from a page of this site; nothing of it has been looked at.
pub(super) struct Sent(Vec<u8>);

impl Sent {
    /// Waits for a form from a page of this site, of at most so many bytes.
    pub(super) async fn receive(
        base_url: &str,
        request: &HttpRequest,
        mut payload: web::Payload,
        largest: usize,
    ) -> Result<Self> {
        same_origin_or_refused(base_url, request)?;
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| {
                Error::Refused(
                    "The connection broke, or was too slow, before everything arrived.".to_owned(),
                )
            })?;
            if body.len() + chunk.len() > largest {
                return Err(Error::TooLarge(largest.div_ceil(1024 * 1024)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self(body))
    }

    /// Its fields but the token, to be sent once more.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.0)
            .filter(|(name, _)| name != "csrf")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }
}

impl<T: DeserializeOwned> Posted<T> {
    /// Reads a form that came from a page made for whoever holds `forms_token`.
    pub(super) fn read(sent: &Sent, forms_token: &str) -> Result<Self> {
        let token = url::form_urlencoded::parse(&sent.0)
            .find(|(name, _)| name == "csrf")
            .map(|(_, value)| value.into_owned());
        check_token(token.as_deref(), forms_token)?;
        // PostgreSQL keeps no NUL in a text, and nobody types one.
        let form = if sent.0.windows(3).any(|part| part == b"%00") {
            Err("it holds a NUL".to_owned())
        } else {
            serde_html_form::from_bytes(&sent.0).map_err(|error| error.to_string())
        };
        Ok(Self {
            form: form
                .map_err(|error| Error::Refused(format!("The form could not be read: {error}.")))?,
        })
    }
}

/// Refuses what no page of this site sent.
pub(super) fn same_origin_or_refused(base_url: &str, request: &HttpRequest) -> Result<()> {
    if same_origin::is(request, base_url) {
        Ok(())
    } else {
        Err(Error::Refused(
            "This was sent from another site, so it was not taken.".to_owned(),
        ))
    }
}

/// Refuses a form whose token is not the one that this login's pages have.
pub(super) fn check_token(sent: Option<&str>, forms_token: &str) -> Result<()> {
    if sent.is_some_and(|sent| token::same(sent, forms_token)) {
        Ok(())
    } else {
        Err(Error::Refused(
            "This page was made for an earlier login, so it was not taken yet.".to_owned(),
        ))
    }
}
