//! Login with password and second factor, and logout.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    CsrfForm, EmptyForm, StaffRequest,
    csrf_form::{MAX_ANONYMOUS_BYTES, RawForm},
    responses::{add_cookie, html, see_other},
};
use crate::{
    app::App,
    db::AnyConnection,
    db::types::{HistoryAction, HistoryKind},
    error::{Error, Result},
    locale::Newsroom,
    models::{
        history::{self, NewEvent},
        login_failure,
        session::{self as sessions, NewSession, Session},
        setting,
        user::{self, Credentials, User},
    },
    secrets::{password, second_factor, token},
    view::form::{Errors, Field},
    web::{session, visitor},
};

/// The data of `layouts/login.html`, the layout of pages that require no login.
pub struct LoginLayout {
    pub title: &'static str,
    /// The language and the direction of the admin interface.
    pub lang: String,
    pub direction: &'static str,
    pub texts: &'static Newsroom,
    pub site_name: String,
    pub stylesheet: String,
    pub script: String,
    pub icon: String,
    pub csrf: String,
}

impl LoginLayout {
    pub(super) fn new(app: &App, title: &'static str, csrf: &str) -> Self {
        let site = app.last_known_site();
        let locale = app.newsroom_locale();
        Self {
            title,
            lang: locale.tag().to_owned(),
            direction: locale.texts().direction,
            texts: locale.newsroom(),
            site_name: site.map_or_else(|| "Dateline".to_owned(), |s| s.settings.name.clone()),
            stylesheet: app.assets.url("css/admin.css").to_owned(),
            script: app.assets.url("js/admin.js").to_owned(),
            icon: app.assets.url("icons/icon.svg").to_owned(),
            csrf: csrf.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/login.html")]
struct LoginPage {
    layout: LoginLayout,
    email: Field,
    password: Field,
    keep: Field,
    next: String,
    errors: Errors,
}

impl LoginPage {
    fn new(app: &App, csrf: &str, form: &LoginForm, errors: Errors) -> Self {
        let texts = &app.newsroom_locale().newsroom().login;
        Self {
            layout: LoginLayout::new(app, texts.title, csrf),
            email: Field::new("email", texts.email)
                .value(&form.email)
                .autocomplete("username")
                .required()
                .errors(&errors),
            password: Field::new("password", texts.password)
                .autocomplete("current-password")
                .required()
                .errors(&errors),
            keep: Field::new("keep", texts.keep).checked(!form.keep.is_empty()),
            next: form.next.clone(),
            errors,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    email: String,
    password: String,
    keep: String,
    next: String,
}

/// The path of the login form, which redirects to the requested page afterwards.
pub(super) fn path_with_next(request: &HttpRequest) -> String {
    let requested = request
        .uri()
        .path_and_query()
        .map_or("", |requested| requested.as_str());
    if requested == "/admin" || admin_path(requested).is_none() {
        return "/admin/login".to_owned();
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", requested)
        .finish();
    format!("/admin/login?{query}")
}

/// `next` if it is the path of an admin page, so that the login is no open redirect.
fn admin_path(next: &str) -> Option<&str> {
    let is_admin = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let is_plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (is_admin && is_plain && !next.contains("//")).then_some(next)
}

/// The key that failed logins with an e-mail address are counted under. Input that cannot be an address
/// is hashed, which limits the size of what anonymous requests store.
pub(super) fn account_of(email: &str) -> String {
    /// The maximum length of an address in RFC 5321, in bytes.
    const MAX_BYTES: usize = 254;
    let email = email.trim().to_lowercase();
    if email.len() > MAX_BYTES || email.contains(char::is_control) {
        token::hash(&email)
    } else {
        email
    }
}

/// The cookie that a CSRF token is derived from while there is no session.
pub(super) struct LoginCookie {
    value: String,
    /// Whether the browser does not have the cookie yet.
    is_new: bool,
}

impl LoginCookie {
    /// The cookie of the request, or a new one.
    pub(super) fn of(app: &App, request: &HttpRequest) -> Self {
        match session::cookie(app, request, session::Name::Login) {
            Some(value) => Self {
                value,
                is_new: false,
            },
            None => Self {
                value: token::new(),
                is_new: true,
            },
        }
    }

    pub(super) fn csrf(&self) -> String {
        token::for_forms(&self.value)
    }
}

/// Renders a page that requires no login, and sets the cookie of its form.
pub(super) fn page(
    app: &App,
    status: StatusCode,
    page: &impl Template,
    cookie: &LoginCookie,
) -> Result<HttpResponse> {
    let mut response = html(status, page)?;
    if cookie.is_new {
        let cookie = session::set(app, session::Name::Login, &cookie.value, None);
        add_cookie(&mut response, &cookie)?;
    }
    Ok(response)
}

/// Receives a form that requires no login.
pub(super) async fn receive<T: serde::de::DeserializeOwned>(
    app: &App,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<(T, LoginCookie)> {
    let cookie = LoginCookie::of(app, request);
    let raw = RawForm::receive(&app.base_url, request, payload, MAX_ANONYMOUS_BYTES).await?;
    Ok((CsrfForm::<T>::read(&raw, &cookie.csrf())?.form, cookie))
}

/// `GET /admin/login`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let cookie = LoginCookie::of(&app, &request);
    // Loads the site, whose name the layout shows.
    let site_app = app.clone();
    app.db.read(move |conn| site_app.site(conn)).await?;
    let query: LoginForm = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let form = LoginForm {
        next: query.next,
        ..LoginForm::default()
    };
    let login_page = LoginPage::new(&app, &cookie.csrf(), &form, Errors::default());
    page(&app, StatusCode::OK, &login_page, &cookie)
}

/// `POST /admin/login`
pub async fn log_in(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (form, cookie): (LoginForm, _) = receive(&app, &request, payload).await?;
    let account = account_of(&form.email);
    let address = visitor::network(request.head(), &app.config.trusted_proxies);
    let now = app.clock.now();
    // Every attempt counts as a failure until it succeeds, so that concurrent attempts are limited too.
    let (wait, credentials) = {
        let (account, address) = (account.clone(), address.clone());
        app.db
            .write_unversioned(move |conn| {
                let wait = login_failure::attempt(conn, &account, &address, now)?;
                let credentials = match wait {
                    None => user::credentials(conn, &account)?,
                    Some(_) => None,
                };
                Ok((wait, credentials))
            })
            .await?
    };
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    // A missing or disabled account gets the same response after the same time.
    let credentials = credentials.filter(|credentials| !credentials.disabled);
    let entered = form.password.clone();
    let stored = credentials
        .as_ref()
        .map(|credentials| credentials.password_hash.clone());
    let is_correct = password::in_turn(move || password::matches(&entered, stored.as_deref()))
        .await
        .ok_or(Error::Wait(5))?;
    match credentials.filter(|_| is_correct) {
        Some(credentials) => {
            let next = admin_path(&form.next).unwrap_or("/admin").to_owned();
            let login = Login {
                verified: credentials.totp_secret.is_none(),
                persistent: !form.keep.is_empty(),
                account,
                address,
                next,
            };
            begin_session(&app, &request, credentials, login).await
        }
        None => {
            let mut errors = Errors::default();
            errors.add("email", app.newsroom_locale().newsroom().login.wrong);
            let login_page = LoginPage::new(&app, &cookie.csrf(), &form, errors);
            page(&app, StatusCode::UNPROCESSABLE_ENTITY, &login_page, &cookie)
        }
    }
}

/// A login whose password was correct.
struct Login {
    /// Whether no second factor is pending.
    verified: bool,
    persistent: bool,
    account: String,
    address: String,
    next: String,
}

/// Creates a session with a new token, and redirects to `login.next`.
async fn begin_session(
    app: &web::Data<App>,
    request: &HttpRequest,
    credentials: Credentials,
    login: Login,
) -> Result<HttpResponse> {
    let cookie = token::new();
    let now = app.clock.now();
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let persistent = login.persistent;
    let verified = login.verified;
    let next = login.next;
    let token = cookie.clone();
    let days = app
        .db
        .write_unversioned(move |conn| {
            // The password may have changed, or the user been disabled, during the check.
            let is_current = user::credentials_of(conn, credentials.id)?.is_some_and(|current| {
                current.password_hash == credentials.password_hash && !current.disabled
            });
            if !is_current {
                return Err(Error::LoginNeeded);
            }
            sessions::insert(
                conn,
                &NewSession {
                    cookie: &token,
                    user_id: credentials.id,
                    verified,
                    persistent,
                    address: &login.address,
                    user_agent: &user_agent,
                },
                now,
            )?;
            login_failure::forget(conn, &login.account, &login.address)?;
            if verified {
                let user = user::find(conn, credentials.id)?.ok_or(Error::LoginNeeded)?;
                audit_login(conn, &user, &login.address, now)?;
            }
            Ok(setting::load(conn)?.session_days)
        })
        .await?;
    let mut response = if verified {
        see_other(&next)
    } else {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", &next)
            .finish();
        see_other(&format!("/admin/login/code?{query}"))
    };
    let max_age = persistent.then_some(days);
    add_cookie(
        &mut response,
        &session::set(app, session::Name::Session, &cookie, max_age),
    )?;
    add_cookie(&mut response, &session::clear(app, session::Name::Login))?;
    Ok(response)
}

/// Adds a login to the history.
fn audit_login(
    conn: &mut AnyConnection,
    user: &User,
    address: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = NewEvent {
        action: HistoryAction::LoggedIn,
        kind: HistoryKind::User,
        object_id: Some(user.id),
        object: &user.name,
        detail: address,
    };
    Ok(history::add(conn, Some(user.id), &user.name, &event, now)?)
}

#[derive(Template)]
#[template(path = "admin/login_code.html")]
struct CodePage {
    layout: LoginLayout,
    code: Field,
    next: String,
    errors: Errors,
}

impl CodePage {
    fn new(app: &App, csrf: &str, next: &str, errors: Errors) -> Self {
        let texts = &app.newsroom_locale().newsroom().login;
        Self {
            layout: LoginLayout::new(app, texts.second_factor, csrf),
            code: Field::new("code", texts.code)
                .hint(texts.code_hint)
                .autocomplete("one-time-code")
                .required()
                .errors(&errors),
            next: next.to_owned(),
            errors,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    next: String,
}

/// The cookie, session and user of a login whose second factor is pending.
async fn pending_login(
    app: &web::Data<App>,
    request: &HttpRequest,
) -> Result<(String, Session, User)> {
    let cookie = session::cookie(app, request, session::Name::Session).ok_or(Error::LoginNeeded)?;
    let now = app.clock.now();
    let site_app = app.clone();
    let token = cookie.clone();
    let (site, found) = app
        .db
        .read(move |conn| Ok((site_app.site(conn)?, sessions::find(conn, &token)?)))
        .await?;
    let (session, user) = found
        .filter(|(session, _)| session.is_alive(now, site.settings.lifetimes()))
        .filter(|(session, _)| !session.verified)
        .ok_or(Error::LoginNeeded)?;
    Ok((cookie, session, user))
}

/// `GET /admin/login/code`
pub async fn code(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (cookie, ..) = pending_login(&app, &request).await?;
    let query: CodeForm = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let csrf = token::for_forms(&cookie);
    html(
        StatusCode::OK,
        &CodePage::new(&app, &csrf, &query.next, Errors::default()),
    )
}

/// `POST /admin/login/code`
pub async fn log_in_with_code(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (cookie, pending, user) = pending_login(&app, &request).await?;
    let csrf = token::for_forms(&cookie);
    let raw = RawForm::receive(&app.base_url, &request, payload, MAX_ANONYMOUS_BYTES).await?;
    let form = CsrfForm::<CodeForm>::read(&raw, &csrf)?.form;
    let address = visitor::network(request.head(), &app.config.trusted_proxies);
    // Codes are counted separately from passwords, since the password was correct.
    let account = format!("code of {}", user.email);
    let now = app.clock.now();
    let entered = form.code.clone();
    let user_id = user.id;
    let (wait, is_correct, credentials) = {
        let (account, address) = (account.clone(), address.clone());
        app.db
            .write_unversioned(move |conn| {
                // Also limited per account from any address, since the password is known.
                let any_address = format!("any code of {user_id}");
                let wait = login_failure::attempt(conn, &account, &address, now)?.or(
                    login_failure::attempt(conn, &any_address, &any_address, now)?,
                );
                if wait.is_some() {
                    // Further attempts require the password again.
                    sessions::end(conn, pending.id, user_id)?;
                }
                let credentials = user::credentials_of(conn, user_id)?.ok_or(Error::LoginNeeded)?;
                let secret = credentials.totp_secret.as_deref().unwrap_or_default();
                let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
                let is_correct = wait.is_none()
                    && match second_factor::step_of(secret, &entered, seconds) {
                        Some(step) => user::use_step(conn, user_id, step)?,
                        None => user::use_recovery_code(conn, user_id, &entered)?,
                    };
                if is_correct {
                    // The login continues with a new token.
                    sessions::end(conn, pending.id, user_id)?;
                    login_failure::forget(conn, &any_address, &any_address)?;
                }
                Ok((wait, is_correct, credentials))
            })
            .await?
    };
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    if !is_correct {
        let mut errors = Errors::default();
        errors.add("code", app.newsroom_locale().newsroom().login.wrong_code);
        let page = CodePage::new(&app, &csrf, &form.next, errors);
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let login = Login {
        verified: true,
        persistent: pending.persistent,
        account,
        address,
        next: admin_path(&form.next).unwrap_or("/admin").to_owned(),
    };
    begin_session(&app, &request, credentials, login).await
}

/// `POST /admin/logout`
pub async fn log_out(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let (id, user_id) = (request.session.id, request.user.id);
    request
        .write_unversioned(move |conn, _| Ok(sessions::end(conn, id, user_id)?))
        .await?;
    let mut response = see_other("/admin/login");
    add_cookie(
        &mut response,
        &session::clear(&request.app, session::Name::Session),
    )?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_redirects_only_to_admin_pages() {
        for next in ["/admin", "/admin/articles/7?tab=text", "/admin?x=1"] {
            assert_eq!(admin_path(next), Some(next));
        }
        for next in [
            "",
            "/",
            "//e.example",
            "/\\e.example",
            "/admin//e.example",
            "/%09/e.example",
            "/admin/\t/e",
            "javascript:alert(1)",
            "https://e.example/admin",
            "/administrator",
            "/admin/\\e",
        ] {
            assert_eq!(admin_path(next), None, "{next}");
        }
    }
}
