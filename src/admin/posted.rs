//! What a form sent, after its token was checked.

use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::{
    error::{Error, Result},
    secrets::token,
    web::same_origin,
};

/// The largest form, in megabytes: the text of a very long article many times over.
const LARGEST: usize = 8;

/// The fields of a form that came from a page of ours. There is no other way to have one than to
/// check its token.
pub struct Posted<T> {
    pub form: T,
}

impl<T: DeserializeOwned> Posted<T> {
    /// Reads a form and checks that it came from a page made for whoever holds `forms_token`.
    pub(super) async fn read(
        base_url: &str,
        request: &HttpRequest,
        mut payload: web::Payload,
        forms_token: &str,
    ) -> Result<Self> {
        same_origin_or_refused(base_url, request)?;
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| {
                Error::Refused("The connection broke before everything arrived.".to_owned())
            })?;
            if body.len() + chunk.len() > LARGEST * 1024 * 1024 {
                return Err(Error::TooLarge(LARGEST));
            }
            body.extend_from_slice(&chunk);
        }
        let sent = url::form_urlencoded::parse(&body)
            .find(|(name, _)| name == "csrf")
            .map(|(_, value)| value.into_owned());
        check_token(sent.as_deref(), forms_token)?;
        let form = serde_html_form::from_bytes(&body)
            .map_err(|error| Error::Refused(format!("The form could not be read: {error}.")))?;
        Ok(Self { form })
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
            "This page was made for an earlier login. Open it anew and send it again.".to_owned(),
        ))
    }
}
