//! Cookies of the newsroom: the session, the login form's CSRF protection, and the notice for the next page. Readers never
//! get one.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header,
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::head::{self, RequestParts};
use crate::app::App;

/// A cookie of the newsroom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Session,
    /// The login form's token is bound to it before there is a session.
    Login,
    /// A message that the next page shows.
    Notice,
}

impl Name {
    /// On https, the `__Host-` prefix makes browsers require `Secure`, `Path=/` and no other host (RFC 6265bis, section
    /// 4.1.3.2).
    fn as_str(self, app: &App) -> &'static str {
        match (self, app.is_https()) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Login, true) => "__Host-login",
            (Self::Login, false) => "login",
            (Self::Notice, true) => "__Host-notice",
            (Self::Notice, false) => "notice",
        }
    }
}

/// Whether a request has a session cookie, valid or not.
pub fn has_session_cookie(app: &App, head: &impl RequestParts) -> bool {
    let name = Name::Session.as_str(app);
    head.values(&header::COOKIE).any(|cookies| {
        head::text(cookies).is_some_and(|cookies| {
            cookies.split(';').any(|cookie| {
                let (found, value) = cookie.split_once('=').unwrap_or((cookie, ""));
                found.trim() == name && !value.trim().is_empty()
            })
        })
    })
}

/// The value of a cookie; `None` if it is missing or empty.
pub fn cookie(app: &App, request: &HttpRequest, name: Name) -> Option<String> {
    let value = request.cookie(name.as_str(app))?.value().to_owned();
    (!value.is_empty()).then_some(value)
}

/// A cookie to set, for a number of days or until the browser is closed.
pub fn set(app: &App, name: Name, value: &str, days: Option<i64>) -> Cookie<'static> {
    let mut cookie = Cookie::build(name.as_str(app), value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.is_https())
        .finish();
    cookie.set_max_age(days.map(Duration::days));
    cookie
}

/// Removes a cookie.
pub fn clear(app: &App, name: Name) -> Cookie<'static> {
    let mut cookie = set(app, name, "", None);
    cookie.make_removal();
    cookie
}

/// The notice that the requested page has to show.
pub fn notice(app: &App, request: &HttpRequest) -> Option<String> {
    let value = cookie(app, request, Name::Notice)?;
    let text = percent_decode_str(&value).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// A notice for the next page.
pub fn set_notice(app: &App, text: &str) -> Cookie<'static> {
    let value = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    set(app, Name::Notice, &value, None)
}
