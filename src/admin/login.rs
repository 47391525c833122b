//! The way in: password, second factor, and the way out.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{
    Newsroom, Nothing, Posted, add_cookie, html,
    posted::{LARGEST_OF_STRANGERS, Sent},
    see_other,
};
use crate::{
    app::App,
    error::{Error, Result},
    models::{
        history::{self, NewEvent},
        login_failure,
        session::{self as sessions, NewSession},
        user::{self, Credentials},
    },
    secrets::{password, second_factor, token},
    view::form::{Errors, Field},
    web::{session, visitor},
};

/// What surrounds the pages of those who have not logged in.
pub struct WayIn {
    pub title: &'static str,
    pub site_name: String,
    pub stylesheet: String,
    pub script: String,
    pub icon: String,
    pub csrf: String,
}

impl WayIn {
    pub(super) fn new(app: &App, title: &'static str, csrf: &str) -> Self {
        let site = app.last_known_site();
        Self {
            title,
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
    way: WayIn,
    email: Field,
    password: Field,
    keep: Field,
    next: String,
    errors: Errors,
}

impl LoginPage {
    fn new(app: &App, csrf: &str, form: &LoginForm, errors: Errors) -> Self {
        Self {
            way: WayIn::new(app, "Log in", csrf),
            email: Field::new("email", "E-mail address")
                .value(&form.email)
                .autocomplete("username")
                .required()
                .errors(&errors),
            password: Field::new("password", "Password")
                .autocomplete("current-password")
                .required()
                .errors(&errors),
            keep: Field::new("keep", "Keep me signed in on this device")
                .checked(!form.keep.is_empty()),
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

/// The path of the login form that leads on to what was asked for.
pub(super) fn path_with_next(request: &HttpRequest) -> String {
    let asked = request
        .uri()
        .path_and_query()
        .map_or("", |asked| asked.as_str());
    if asked == "/admin" || local(asked).is_none() {
        return "/admin/login".to_owned();
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", asked)
        .finish();
    format!("/admin/login?{query}")
}

/// `next`, if it leads to a page of the newsroom and nowhere else.
fn local(next: &str) -> Option<&str> {
    let below = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (below && plain && !next.contains("//")).then_some(next)
}

/// The account that an e-mail address is counted under. What is none is kept as its hash: a failed
/// login must not fill the database with whatever a stranger sends.
pub(super) fn account_of(email: &str) -> String {
    /// In bytes: RFC 5321 allows no longer address.
    const LONGEST: usize = 254;
    let email = email.trim().to_lowercase();
    if email.len() > LONGEST || email.contains(char::is_control) {
        token::hash(&email)
    } else {
        email
    }
}

/// The token that ties a form to this browser before there is a session, and whether its cookie
/// has to be set.
pub(super) fn before_session(app: &App, request: &HttpRequest) -> (String, bool) {
    match session::cookie(app, request, session::Name::Login) {
        Some(known) => (known, false),
        None => (token::new(), true),
    }
}

/// Sends a page of those who have not logged in, with the cookie that its form is tied to.
pub(super) fn send(
    app: &App,
    status: StatusCode,
    page: &impl Template,
    cookie: &(String, bool),
) -> Result<HttpResponse> {
    let mut response = html(status, page)?;
    if cookie.1 {
        let cookie = session::set(app, session::Name::Login, &cookie.0, None);
        add_cookie(&mut response, &cookie)?;
    }
    Ok(response)
}

/// Reads a form of somebody who has not logged in.
pub(super) async fn posted<T: serde::de::DeserializeOwned>(
    app: &App,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<(T, (String, bool))> {
    let cookie = before_session(app, request);
    let token = token::for_forms(&cookie.0);
    let sent = Sent::receive(&app.base_url, request, payload, LARGEST_OF_STRANGERS).await?;
    Ok((Posted::<T>::read(&sent, &token)?.form, cookie))
}

/// `GET /admin/login`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let cookie = before_session(&app, &request);
    // So that the page can say whose newsroom it is.
    let of_site = app.clone();
    app.db.read(move |conn| of_site.site(conn)).await?;
    let query: LoginForm = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let form = LoginForm {
        next: query.next,
        ..LoginForm::default()
    };
    let page = LoginPage::new(&app, &token::for_forms(&cookie.0), &form, Errors::default());
    send(&app, StatusCode::OK, &page, &cookie)
}

/// `POST /admin/login`
pub async fn enter(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (form, cookie): (LoginForm, _) = posted(&app, &request, payload).await?;
    let account = account_of(&form.email);
    let address = visitor::network(request.head(), &app.config.trusted_proxies);
    let now = app.clock.now();
    // Every try counts as a failure until it has succeeded, so that many at once are not many tries.
    let (wait, known) = {
        let (account, address) = (account.clone(), address.clone());
        app.db
            .record(move |conn| {
                let wait = login_failure::attempt(conn, &account, &address, now)?;
                // Nobody is looked up for somebody who has tried too often.
                let known = match wait {
                    None => user::credentials(conn, &account)?,
                    Some(_) => None,
                };
                Ok((wait, known))
            })
            .await?
    };
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    // An account that is not there, or disabled, takes as long and is told the same.
    let known = known.filter(|known| !known.disabled);
    let typed = form.password.clone();
    let stored = known.as_ref().map(|known| known.password_hash.clone());
    let right = password::in_turn(move || password::matches(&typed, stored.as_deref()))
        .await
        .ok_or(Error::Wait(5))?;
    match known.filter(|_| right) {
        Some(known) => {
            let next = local(&form.next).unwrap_or("/admin").to_owned();
            let login = Login {
                verified: known.totp_secret.is_none(),
                persistent: !form.keep.is_empty(),
                account,
                address,
                next,
            };
            begin(&app, &request, known, login).await
        }
        None => {
            let mut errors = Errors::default();
            errors.add(
                "email",
                "E-mail address and password do not belong together",
            );
            let page = LoginPage::new(&app, &token::for_forms(&cookie.0), &form, errors);
            send(&app, StatusCode::UNPROCESSABLE_ENTITY, &page, &cookie)
        }
    }
}

struct Login {
    verified: bool,
    persistent: bool,
    account: String,
    address: String,
    next: String,
}

/// Makes a session under a new token and leads on.
async fn begin(
    app: &web::Data<App>,
    request: &HttpRequest,
    known: Credentials,
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
        .record(move |conn| {
            // The password may have been changed, or the user disabled, while it was being checked.
            let still = user::credentials_of(conn, known.id)?
                .is_some_and(|now| now.password_hash == known.password_hash && !now.disabled);
            if !still {
                return Err(Error::LoginNeeded);
            }
            sessions::insert(
                conn,
                &NewSession {
                    cookie: &token,
                    user_id: known.id,
                    verified,
                    persistent,
                    address: &login.address,
                    user_agent: &user_agent,
                },
                now,
            )?;
            login_failure::forget(conn, &login.account, &login.address)?;
            if verified {
                let who = user::find(conn, known.id)?.ok_or(Error::LoginNeeded)?;
                logged_in(conn, &who, &login.address, now)?;
            }
            Ok(crate::models::setting::load(conn)?.session_days)
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
    let kept = persistent.then_some(days);
    add_cookie(
        &mut response,
        &session::set(app, session::Name::Session, &cookie, kept),
    )?;
    add_cookie(&mut response, &session::clear(app, session::Name::Login))?;
    Ok(response)
}

fn logged_in(
    conn: &mut crate::db::AnyConnection,
    who: &user::User,
    address: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let event = NewEvent {
        action: "logged in",
        kind: "user",
        object_id: Some(who.id),
        object: &who.name,
        detail: address,
    };
    Ok(history::add(conn, Some(who.id), &who.name, &event, now)?)
}

#[derive(Template)]
#[template(path = "admin/login_code.html")]
struct CodePage {
    way: WayIn,
    code: Field,
    next: String,
    errors: Errors,
}

impl CodePage {
    fn new(app: &App, csrf: &str, next: &str, errors: Errors) -> Self {
        Self {
            way: WayIn::new(app, "Second factor", csrf),
            code: Field::new("code", "Code")
                .hint("The six digits that your authenticator app shows, or one of your recovery codes")
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

/// The login that waits for its second factor.
async fn waiting(
    app: &web::Data<App>,
    request: &HttpRequest,
) -> Result<(String, sessions::Session, user::User)> {
    let cookie = session::cookie(app, request, session::Name::Session).ok_or(Error::LoginNeeded)?;
    let now = app.clock.now();
    let of_site = app.clone();
    let hashed = cookie.clone();
    let (site, found) = app
        .db
        .read(move |conn| Ok((of_site.site(conn)?, sessions::find(conn, &hashed)?)))
        .await?;
    let (session, user) = found
        .filter(|(session, _)| session.is_alive(now, site.settings.lifetimes()))
        .filter(|(session, _)| !session.verified)
        .ok_or(Error::LoginNeeded)?;
    Ok((cookie, session, user))
}

/// `GET /admin/login/code`
pub async fn code(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (cookie, ..) = waiting(&app, &request).await?;
    let query: CodeForm = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let csrf = token::for_forms(&cookie);
    html(
        StatusCode::OK,
        &CodePage::new(&app, &csrf, &query.next, Errors::default()),
    )
}

/// `POST /admin/login/code`
pub async fn enter_code(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (cookie, half, user) = waiting(&app, &request).await?;
    let csrf = token::for_forms(&cookie);
    let sent = Sent::receive(&app.base_url, &request, payload, LARGEST_OF_STRANGERS).await?;
    let form = Posted::<CodeForm>::read(&sent, &csrf)?.form;
    let address = visitor::network(request.head(), &app.config.trusted_proxies);
    // Codes are counted apart from passwords: whoever is here knows the password.
    let account = format!("code of {}", user.email);
    let now = app.clock.now();
    let typed = form.code.clone();
    let user_id = user.id;
    let (wait, right, known) = {
        let (account, address) = (account.clone(), address.clone());
        app.db
            .record(move |conn| {
                // Of the account as well, from wherever: its password is known to whoever is here.
                let of_account = format!("any code of {user_id}");
                let wait = login_failure::attempt(conn, &account, &address, now)?
                    .or(login_failure::attempt(conn, &of_account, &of_account, now)?);
                if wait.is_some() {
                    // Whoever tries codes has to know the password once more.
                    sessions::end(conn, half.id, user_id)?;
                }
                let known = user::credentials_of(conn, user_id)?.ok_or(Error::LoginNeeded)?;
                let secret = known.totp_secret.as_deref().unwrap_or_default();
                let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
                let right = wait.is_none()
                    && match second_factor::step_of(secret, &typed, seconds) {
                        Some(step) => user::use_step(conn, user_id, step)?,
                        None => user::use_recovery_code(conn, user_id, &typed)?,
                    };
                if right {
                    // The login goes on under a new token; the half-way one is of no use any more.
                    sessions::end(conn, half.id, user_id)?;
                    login_failure::forget(conn, &of_account, &of_account)?;
                }
                Ok((wait, right, known))
            })
            .await?
    };
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    if !right {
        let mut errors = Errors::default();
        errors.add("code", "This code is wrong, too old, or was used already");
        let page = CodePage::new(&app, &csrf, &form.next, errors);
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let login = Login {
        verified: true,
        persistent: half.persistent,
        account,
        address,
        next: local(&form.next).unwrap_or("/admin").to_owned(),
    };
    begin(&app, &request, known, login).await
}

/// `POST /admin/logout`
pub async fn leave(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let (id, user_id) = (desk.session.id, desk.user.id);
    desk.record(move |conn, _| Ok(sessions::end(conn, id, user_id)?))
        .await?;
    let mut response = see_other("/admin/login");
    add_cookie(
        &mut response,
        &session::clear(&desk.app, session::Name::Session),
    )?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_leads_on_to_the_newsroom_and_nowhere_else() {
        for next in ["/admin", "/admin/articles/7?tab=text", "/admin?x=1"] {
            assert_eq!(local(next), Some(next));
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
            assert_eq!(local(next), None, "{next}");
        }
    }
}
