//! Password reset: requesting a link by e-mail, if e-mail is configured, and choosing a new password
//! through a link. The command line creates links too.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use super::{
    CsrfForm,
    csrf_form::{MAX_ANONYMOUS_BYTES, RawForm},
    login::{LoginCookie, LoginLayout, account_of, page as render, receive},
    responses::{html, see_other},
};
use crate::{
    app::App,
    error::{Error, Result},
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
    let page = AskPage {
        layout: LoginLayout::new(&app, "Forgotten password", &cookie.csrf()),
        email: Field::new("email", "E-mail address")
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
    let page = AskPage {
        layout: LoginLayout::new(&app, "Forgotten password", &cookie.csrf()),
        email: Field::new("email", "E-mail address").value(&form.email),
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
    let text = format!(
        "A password reset was requested for your account.\n\n\
         Choose a new password within two hours:\n{}/admin/password/{link}\n\n\
         If you did not request this, ignore this message. Nothing was changed.\n",
        app.base_url
    );
    web::block(move || mail::send(&smtp, &from, &to, "Password reset", text))
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
        Self {
            layout: LoginLayout::new(app, "Choose a new password", csrf),
            link: link.to_owned(),
            password: Field::new("password", "New password")
                .hint("At least 10 characters. Several unrelated words work well")
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
fn link_expired() -> Error {
    Error::Refused(
        "This link was already used or is older than two hours. Request a new one.".to_owned(),
    )
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
    app.db
        .read(move |conn| reset_link::user_of(conn, &read_link, now)?.ok_or_else(link_expired))
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
    let read_link = link.clone();
    let user = app
        .db
        .read(move |conn| {
            let id = reset_link::user_of(conn, &read_link, now)?.ok_or_else(link_expired)?;
            user::find(conn, id)?.ok_or_else(link_expired)
        })
        .await?;
    if let Err(weak) = password::check(&form.password, &[&user.email, &user.name]) {
        let mut errors = Errors::default();
        errors.add("password", weak.to_string());
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
                return Err(link_expired());
            }
            user::set_password(conn, user.id, &hash, None)?;
            let event = NewEvent {
                action: "chose a new password through a link",
                kind: "user",
                object_id: Some(user.id),
                object: &user.name,
                detail: "",
            };
            Ok(history::add(conn, Some(user.id), &user.name, &event, now)?)
        })
        .await?;
    Ok(see_other("/admin/login"))
}
