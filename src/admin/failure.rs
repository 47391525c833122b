//! Error responses of the admin area: a page, or JSON for scripts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;

use super::{
    login,
    responses::{html, json, response, see_other},
};
use crate::{app::App, error::Error, web::request_log};

/// The fields of a form that failed, as hidden fields of a form that sends them again.
pub(super) struct Resubmit {
    pub action: String,
    pub csrf: String,
    pub fields: Vec<(String, String)>,
}

/// A link with its text.
struct Link {
    path: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "admin/failure.html")]
struct FailurePage {
    stylesheet: String,
    icon: String,
    title: String,
    text: String,
    next_step: Link,
    resubmit: Option<Resubmit>,
    request_id: String,
}

/// The response to a request that failed with `error`.
pub(super) fn failure(app: &App, request: &HttpRequest, error: &Error) -> HttpResponse {
    form_failure(app, request, error, None)
}

/// The response to a form that failed with `error`; its page offers to send the form again.
pub(super) fn form_failure(
    app: &App,
    request: &HttpRequest,
    error: &Error,
    resubmit: Option<Resubmit>,
) -> HttpResponse {
    let wants_json = request.path().ends_with(".json")
        || request
            .headers()
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accepted| accepted.starts_with("application/json"));
    if !wants_json && request.method().is_safe() {
        match error {
            Error::LoginNeeded => return see_other(&login::path_with_next(request)),
            Error::SecondFactorNeeded => return see_other("/admin/login/code"),
            _ => {}
        }
    }
    let id = request_log::id(request);
    let status = error.status();
    if status.is_server_error() {
        tracing::error!(id, %error, path = request_log::shown(request.path()), "an admin request failed");
    }
    let (title, text) = message(error);
    let mut response = if wants_json {
        json(status, &serde_json::json!({ "error": text, "request": id }))
    } else {
        let page = FailurePage {
            stylesheet: app.assets.url("css/admin.css").to_owned(),
            icon: app.assets.url("icons/icon.svg").to_owned(),
            title: title.to_owned(),
            text,
            next_step: match error {
                Error::LoginNeeded | Error::SecondFactorNeeded => Link {
                    path: "/admin/login",
                    text: "Log in",
                },
                _ => Link {
                    path: "/admin",
                    text: "To the dashboard",
                },
            },
            // Another attempt at a missing page or without the role fails again.
            resubmit: resubmit.filter(|_| !matches!(error, Error::NotFound | Error::Forbidden)),
            request_id: if status.is_server_error() {
                id
            } else {
                String::new()
            },
        };
        html(status, &page).unwrap_or_else(|_| response(status).body(page.text.clone()))
    };
    let wait = match error {
        Error::Wait(seconds) => Some(*seconds),
        Error::Pool(_) | Error::DatabaseTimeout | Error::Cancelled(_) => Some(5),
        _ => None,
    };
    if let Some(seconds) = wait {
        let seconds = header::HeaderValue::from(seconds.unsigned_abs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// The title and the text of an error page.
fn message(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound | Error::Moved(_) => (
            "Not found",
            "There is nothing at this address. It may have been deleted, or the link may be wrong."
                .to_owned(),
        ),
        Error::LoginNeeded | Error::SecondFactorNeeded => (
            "You are not logged in",
            "Your session has ended. Log in again in another tab, then return here and try again. \
             Everything you typed is kept on this page."
                .to_owned(),
        ),
        Error::Forbidden => (
            "Not allowed",
            "Your role does not allow this. Ask an editor or an admin.".to_owned(),
        ),
        Error::Refused(text) | Error::Unusable(text) => ("Request failed", text.clone()),
        Error::TooLarge(megabytes) => (
            "Too large",
            format!("The request is larger than the limit of {megabytes} MB."),
        ),
        Error::Wait(seconds) => (
            "Too many attempts",
            format!(
                "There were too many attempts. Wait {} minutes, then try again.",
                (seconds + 59) / 60
            ),
        ),
        // The database may still complete the write after the timeout.
        Error::DatabaseTimeout => (
            "The database does not respond",
            "What you typed is kept on this page, and may already have been saved. Try again in a \
             moment."
                .to_owned(),
        ),
        _ if error.status() == StatusCode::SERVICE_UNAVAILABLE => (
            "Try again in a moment",
            "The database is temporarily unavailable. Nothing was changed, and what you typed is \
             kept on this page."
                .to_owned(),
        ),
        _ => (
            "Something went wrong",
            "An internal error occurred and was logged. Nothing was changed, and what you typed is \
             kept on this page."
                .to_owned(),
        ),
    }
}
