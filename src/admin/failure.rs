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
use crate::{
    app::App,
    error::Error,
    locale::{Newsroom, NewsroomFailure},
    web::request_log,
};

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
    lang: String,
    direction: &'static str,
    texts: &'static NewsroomFailure,
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
    let locale = app.newsroom_locale();
    let texts = locale.newsroom();
    let (title, text) = message(texts, error);
    let mut response = if wants_json {
        json(status, &serde_json::json!({ "error": text, "request": id }))
    } else {
        let page = FailurePage {
            lang: locale.tag().to_owned(),
            direction: locale.texts().direction,
            texts: &texts.failure,
            stylesheet: app.assets.url("css/admin.css").to_owned(),
            icon: app.assets.url("icons/icon.svg").to_owned(),
            title: title.to_owned(),
            text,
            next_step: match error {
                Error::LoginNeeded | Error::SecondFactorNeeded => Link {
                    path: "/admin/login",
                    text: texts.failure.log_in,
                },
                _ => Link {
                    path: "/admin",
                    text: texts.failure.to_dashboard,
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
fn message(texts: &Newsroom, error: &Error) -> (&'static str, String) {
    let texts = &texts.failure;
    let (title, text) = match error {
        Error::NotFound | Error::Moved(_) => (texts.not_found, texts.not_found_text),
        Error::LoginNeeded | Error::SecondFactorNeeded => {
            (texts.login_needed, texts.login_needed_text)
        }
        Error::Forbidden => (texts.forbidden, texts.forbidden_text),
        Error::OtherSite => (texts.refused, texts.other_site),
        Error::OldForm => (texts.refused, texts.old_form),
        Error::IncompleteForm => (texts.refused, texts.incomplete_form),
        Error::MalformedForm(why) => return (texts.refused, texts.malformed_form(why)),
        Error::Refused(text) | Error::Unusable(text) => return (texts.refused, text.clone()),
        Error::TooLarge(megabytes) => return (texts.too_large, texts.too_large_text(megabytes)),
        Error::Wait(seconds) => {
            let minutes = (seconds + 59) / 60;
            return (texts.wait, texts.wait_text(minutes));
        }
        // The database may still complete the write after the timeout.
        Error::DatabaseTimeout => (texts.timeout, texts.timeout_text),
        Error::DataReplaced(_) => (texts.data_replaced, texts.data_replaced_text),
        _ if error.status() == StatusCode::INSUFFICIENT_STORAGE => {
            (texts.disk_full, texts.disk_full_text)
        }
        _ if error.status() == StatusCode::SERVICE_UNAVAILABLE => {
            (texts.unavailable, texts.unavailable_text)
        }
        _ => (texts.internal, texts.internal_text),
    };
    (title, text.to_owned())
}
