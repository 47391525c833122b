//! Form data of requests whose CSRF token was checked.

use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::{
    error::{Error, Result},
    secrets::token,
    web::same_origin,
};

/// The maximum size of a form, in bytes: many times the text of a very long article.
pub(super) const MAX_BYTES: usize = 13 * 1024 * 1024;
/// The maximum size of a form without a session, in bytes.
pub(super) const MAX_ANONYMOUS_BYTES: usize = 64 * 1024;

/// The maximum number of fields of a form: the largest have some hundreds. Their values become parameters of queries, of
/// which SQLite accepts 32,766.
const MAX_FIELDS: usize = 10_000;

/// A form with nothing but its token, such as a button.
#[derive(serde::Deserialize)]
pub struct EmptyForm {}

/// The fields of a form whose token was checked. [`CsrfForm::read`] is the only constructor.
pub struct CsrfForm<T> {
    pub form: T,
}

/// A form body from a page of this site, before parsing.
pub(super) struct RawForm(Vec<u8>);

impl RawForm {
    /// Receives a form of at most `max_bytes`.
    ///
    /// # Errors
    ///
    /// `OtherSite`, `IncompleteForm` if the connection was closed, `TooLarge`.
    pub(super) async fn receive(
        base_url: &str,
        request: &HttpRequest,
        mut payload: web::Payload,
        max_bytes: usize,
    ) -> Result<Self> {
        check_origin(base_url, request)?;
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Error::IncompleteForm)?;
            if body.len() + chunk.len() > max_bytes {
                return Err(Error::TooLarge(max_bytes.div_ceil(1024 * 1024)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self(body))
    }

    /// The fields without the token, for sending the form again.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.0)
            .filter(|(name, _)| name != "csrf")
            .take(MAX_FIELDS)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }
}

impl<T: DeserializeOwned> CsrfForm<T> {
    /// Parses a form after comparing its token with `forms_token`.
    pub(super) fn read(raw: &RawForm, forms_token: &str) -> Result<Self> {
        let token = url::form_urlencoded::parse(&raw.0)
            .find(|(name, _)| name == "csrf")
            .map(|(_, value)| value.into_owned());
        check_token(token.as_deref(), forms_token)?;
        // PostgreSQL cannot store a NUL in text.
        let form = if raw.0.windows(3).any(|part| part == b"%00") {
            Err("it contains a NUL".to_owned())
        } else if raw.0.iter().filter(|byte| **byte == b'&').count() >= MAX_FIELDS {
            Err("it has too many fields".to_owned())
        } else {
            serde_html_form::from_bytes(&raw.0).map_err(|error| error.to_string())
        };
        Ok(Self {
            form: form.map_err(Error::MalformedForm)?,
        })
    }
}

/// Refuses a request that another site made.
pub(super) fn check_origin(base_url: &str, request: &HttpRequest) -> Result<()> {
    if same_origin::is(request, base_url) {
        Ok(())
    } else {
        Err(Error::OtherSite)
    }
}

/// Refuses a form whose token is not the one of this session.
pub(super) fn check_token(submitted: Option<&str>, forms_token: &str) -> Result<()> {
    if submitted.is_some_and(|submitted| token::same(submitted, forms_token)) {
        Ok(())
    } else {
        Err(Error::OldForm)
    }
}
