//! Password reset: requesting a link by e-mail, if e-mail is configured, and choosing a new password
//! through a link. The command line creates links too.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use super::{
    CsrfForm, checks,
    csrf_form::{MAX_ANONYMOUS_BYTES, RawForm},
    login::{LoginCookie, LoginLayout, account_of, page as render, receive},
    responses::{html, see_other},
};
use crate::{
    app::App,
    db::types::{HistoryAction, HistoryKind},
    error::{Error, Result},
    locale::Newsroom,
    models::{
        history::{self, NewEvent},
        login_failure, reset_link, user,
    },
    secrets::password,
    view::form::{Errors, Field},
    web::{mail, visitor},
};

#[derive(Template)]
#[template(path = "admin/forgotten_password.html")]
struct AskPage {
    layout: LoginLayout,
    email: Field,
    has_mail: bool,
    sent: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AskForm {
    email: String,
}

/// `GET /admin/password`
pub async fn ask(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let cookie = LoginCookie::of(&app, &request);
    let texts = &app.newsroom_locale().newsroom().password;
    let page = AskPage {
        layout: LoginLayout::new(&app, texts.forgotten, &cookie.csrf()),
        email: Field::new("email", texts.email)
            .autocomplete("username")
            .required(),
        has_mail: app.config.smtp_url.is_some(),
        sent: false,
    };
    render(&app, StatusCode::OK, &page, &cookie)
}

/// `POST /admin/password`: sends a link. The response does not reveal whether an account has this address.
pub async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (form, cookie): (AskForm, _) = receive(&app, &request, payload).await?;
    let Some(smtp) = app.config.smtp_url.clone() else {
        return Err(Error::NotFound);
    };
    let address = visitor::network(request.head(), &app.config.trusted_proxies);
    let now = app.clock.now();
    let email = account_of(&form.email);
    let account = format!("reset of {email}");
    let wait = app
        .db
        .write_unversioned(move |conn| Ok(login_failure::attempt(conn, &account, &address, now)?))
        .await?;
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    // In the background, so that the response time does not reveal whether the account exists.
    let sender = app.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = send_link(&sender, smtp, email).await {
            tracing::error!(%error, "could not send a password-reset link");
        }
    });
    let texts = &app.newsroom_locale().newsroom().password;
    let page = AskPage {
        layout: LoginLayout::new(&app, texts.forgotten, &cookie.csrf()),
        email: Field::new("email", texts.email).value(&form.email),
        has_mail: true,
        sent: true,
    };
    html(StatusCode::OK, &page)
}

/// Creates a link for the user with this address, if there is one, and sends it.
async fn send_link(app: &web::Data<App>, smtp: String, email: String) -> Result<()> {
    let now = app.clock.now();
    let to = email.clone();
    let link = app
        .db
        .write_unversioned(move |conn| match user::credentials(conn, &email)? {
            Some(user) if !user.disabled => Ok(Some(reset_link::make(conn, user.id, now)?)),
            _ => Ok(None),
        })
        .await?;
    let Some(link) = link else {
        return Ok(());
    };
    let from = app.config.mail_from.clone();
    let texts = &app.newsroom_locale().newsroom().password;
    let text = texts.mail_text(format!("{}/admin/password/{link}", app.base_url));
    web::block(move || mail::send(&smtp, &from, &to, texts.mail_subject, text))
        .await?
        .map_err(Error::Data)
}

#[derive(Template)]
#[template(path = "admin/new_password.html")]
struct ChoosePage {
    layout: LoginLayout,
    link: String,
    password: Field,
    errors: Errors,
}

impl ChoosePage {
    fn new(app: &App, csrf: &str, link: &str, errors: Errors) -> Self {
        let texts = &app.newsroom_locale().newsroom().password;
        Self {
            layout: LoginLayout::new(app, texts.choose, csrf),
            link: link.to_owned(),
            password: Field::new("password", texts.new_password)
                .hint(texts.new_password_hint)
                .autocomplete("new-password")
                .required()
                .errors(&errors),
            errors,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ChooseForm {
    password: String,
}

/// The error of a used or expired link.
fn link_expired(texts: &Newsroom) -> Error {
    Error::Refused(texts.password.link_expired.to_owned())
}

/// The link in the path.
fn link_of(request: &HttpRequest) -> String {
    request
        .match_info()
        .get("link")
        .unwrap_or_default()
        .to_owned()
}

/// `GET /admin/password/{link}`
pub async fn choose(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let cookie = LoginCookie::of(&app, &request);
    let link = link_of(&request);
    let read_link = link.clone();
    let now = app.clock.now();
    let texts = app.newsroom_locale().newsroom();
    app.db
        .read(move |conn| {
            reset_link::user_of(conn, &read_link, now)?.ok_or_else(|| link_expired(texts))
        })
        .await?;
    let csrf = cookie.csrf();
    let page = ChoosePage::new(&app, &csrf, &link, Errors::default());
    render(&app, StatusCode::OK, &page, &cookie)
}

/// `POST /admin/password/{link}`
pub async fn save(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let cookie = LoginCookie::of(&app, &request);
    let csrf = cookie.csrf();
    let raw = RawForm::receive(&app.base_url, &request, payload, MAX_ANONYMOUS_BYTES).await?;
    let form = CsrfForm::<ChooseForm>::read(&raw, &csrf)?.form;
    let link = link_of(&request);
    let now = app.clock.now();
    let texts = app.newsroom_locale().newsroom();
    let read_link = link.clone();
    let user = app
        .db
        .read(move |conn| {
            let expired = || link_expired(texts);
            let id = reset_link::user_of(conn, &read_link, now)?.ok_or_else(expired)?;
            user::find(conn, id)?.ok_or_else(expired)
        })
        .await?;
    if let Err(weak) = password::check(&form.password, &[&user.email, &user.name]) {
        let mut errors = Errors::default();
        errors.add("password", checks::password_problem(texts, &weak));
        let page = ChoosePage::new(&app, &csrf, &link, errors);
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let entered = form.password;
    let hash = password::in_turn(move || password::hash(&entered))
        .await
        .ok_or(Error::Wait(5))?
        .map_err(Error::Data)?;
    app.db
        .write_unversioned(move |conn| {
            if !reset_link::use_up(conn, &link)? {
                return Err(link_expired(texts));
            }
            user::set_password(conn, user.id, &hash, None)?;
            let event = NewEvent {
                action: HistoryAction::ChosePassword,
                kind: HistoryKind::User,
                object_id: Some(user.id),
                object: &user.name,
                detail: "",
            };
            Ok(history::add(conn, Some(user.id), &user.name, &event, now)?)
        })
        .await?;
    Ok(see_other("/admin/login"))
}
