//! Responses of the admin area: HTML, JSON and redirects, none of which a cache or a search engine
//! keeps.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    cookie::Cookie,
    http::{StatusCode, header},
};
use askama::Template;
use serde::Serialize;

use super::StaffRequest;
use crate::{
    error::{Error, Result},
    view::form::Errors,
    web::session,
};

impl StaffRequest {
    /// Renders a page with status 200.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse> {
        self.page_as(StatusCode::OK, page)
    }

    /// Renders a page with another status than 200.
    pub fn page_as(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
        let mut response = html(status, page)?;
        // The page shows the notice, so its cookie is removed.
        if session::notice(&self.app, &self.http).is_some() {
            add_cookie(
                &mut response,
                &session::clear(&self.app, session::Name::Notice),
            )?;
        }
        Ok(response)
    }

    /// Renders a page with a form: status 422 if there are `errors`, otherwise 200.
    pub fn form_page(&self, errors: &Errors, page: &impl Template) -> Result<HttpResponse> {
        let status = if errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        self.page_as(status, page)
    }

    /// Redirects to another admin page, which shows `notice` once unless it is empty.
    pub fn see_other(&self, path: &str, notice: &str) -> Result<HttpResponse> {
        let mut response = see_other(path);
        if !notice.is_empty() {
            add_cookie(&mut response, &session::set_notice(&self.app, notice))?;
        }
        Ok(response)
    }

    /// A JSON response with status 200.
    pub fn json(&self, body: &impl Serialize) -> HttpResponse {
        json(StatusCode::OK, body)
    }
}

/// A response that is neither cached nor indexed.
pub(super) fn response(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.insert_header(("X-Robots-Tag", "noindex"));
    response
}

/// An HTML response.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
    Ok(response(status)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

/// A JSON response.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    response(status).json(body)
}

/// A redirect with status 303. `Location` is a path without a host, so that the browser stays on the
/// host name that it used.
pub(super) fn see_other(path: &str) -> HttpResponse {
    response(StatusCode::SEE_OTHER)
        .insert_header((header::LOCATION, path))
        .finish()
}

/// Adds a `Set-Cookie` header.
pub(super) fn add_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<()> {
    response
        .add_cookie(cookie)
        .map_err(|error| Error::Data(error.to_string()))
}
