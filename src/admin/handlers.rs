//! Wraps the handlers of admin routes: authentication, the CSRF token, and a page for each error.

use std::future::Future;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;

use super::{
    StaffRequest,
    csrf_form::{self, CsrfForm, RawForm},
    failure::{Resubmit, failure, form_failure},
};
use crate::{
    app::App,
    db::types::UserRole,
    error::{Error, Result},
    web::session,
};

/// Handles a request that requires a role.
pub async fn handle<H, F>(request: HttpRequest, required_role: UserRole, handler: H) -> HttpResponse
where
    H: FnOnce(StaffRequest) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    let result =
        async { handler(StaffRequest::authenticate(&app, &request, required_role).await?).await };
    result
        .await
        .unwrap_or_else(|error| failure(&app, &request, &error))
}

/// Handles a form that requires a role. The CSRF token is checked before the handler runs. An error
/// page contains the submitted fields, so that the user can send them again.
pub async fn handle_form<T, H, F>(
    request: HttpRequest,
    payload: web::Payload,
    required_role: UserRole,
    handler: H,
) -> HttpResponse
where
    T: DeserializeOwned,
    H: FnOnce(StaffRequest, CsrfForm<T>) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    let staff = StaffRequest::authenticate(&app, &request, required_role).await;
    let max_bytes = match (
        &staff,
        session::cookie(&app, &request, session::Name::Session),
    ) {
        (Err(_), None) => csrf_form::MAX_ANONYMOUS_BYTES,
        _ => csrf_form::MAX_BYTES,
    };
    let raw = match RawForm::receive(&app.base_url, &request, payload, max_bytes).await {
        Ok(raw) => raw,
        Err(error) => return failure(&app, &request, &error),
    };
    let csrf = match &staff {
        Ok(staff) => staff.forms_token.clone(),
        Err(_) => String::new(),
    };
    let result = async {
        let staff = staff?;
        let posted = CsrfForm::read(&raw, &staff.forms_token)?;
        handler(staff, posted).await
    };
    match result.await {
        Ok(response) => response,
        Err(error) => {
            let resubmit = Resubmit {
                action: request.path().to_owned(),
                csrf,
                fields: raw.fields(),
            };
            form_failure(&app, &request, &error, Some(resubmit))
        }
    }
}

/// A multipart form with files. Implementations check the CSRF token, which must be the first part,
/// before they read any file.
pub trait WithFiles: Sized {
    /// Receives the form of a user whose role was checked.
    fn receive(
        staff: &StaffRequest,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> impl Future<Output = Result<Self>>;
}

/// Handles a form with files that requires a role.
pub async fn handle_upload<T, H, F>(
    request: HttpRequest,
    payload: web::Payload,
    required_role: UserRole,
    handler: H,
) -> HttpResponse
where
    T: WithFiles,
    H: FnOnce(StaffRequest, T) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let http = request.clone();
    handle(request, required_role, |staff| async move {
        let upload = T::receive(&staff, &http, payload).await?;
        handler(staff, upload).await
    })
    .await
}

/// Handles a request that requires no login: the login and password-reset pages.
pub async fn handle_anonymous<H, F>(request: HttpRequest, handler: H) -> HttpResponse
where
    H: FnOnce(web::Data<App>, HttpRequest) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    handler(app.clone(), request.clone())
        .await
        .unwrap_or_else(|error| failure(&app, &request, &error))
}

/// `GET /admin/…` for a path without a page.
pub async fn not_found(_request: StaffRequest) -> Result<HttpResponse> {
    Err(Error::NotFound)
}
