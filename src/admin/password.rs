//! A forgotten password: asking for a link by e-mail, where e-mail is set up, and choosing a new one
//! through a link, which the command line makes as well.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use super::{
    Posted, html,
    login::{WayIn, account_of, before_session, posted, send as send_page},
    posted::{LARGEST_OF_STRANGERS, Sent},
    see_other,
};
use crate::{
    app::App,
    error::{Error, Result},
    models::{
        history::{self, NewEvent},
        login_failure, reset_link, user,
    },
    secrets::{password, token},
    view::form::{Errors, Field},
    web::{mail, visitor},
};

#[derive(Template)]
#[template(path = "admin/forgotten_password.html")]
struct AskPage {
    way: WayIn,
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
    let cookie = before_session(&app, &request);
    let page = AskPage {
        way: WayIn::new(&app, "Forgotten password", &token::for_forms(&cookie.0)),
        email: Field::new("email", "E-mail address")
            .autocomplete("username")
            .required(),
        has_mail: app.config.smtp_url.is_some(),
        sent: false,
    };
    send_page(&app, StatusCode::OK, &page, &cookie)
}

/// `POST /admin/password`: sends a link, and says the same whether or not somebody has this address.
pub async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let (form, cookie): (AskForm, _) = posted(&app, &request, payload).await?;
    let Some(smtp) = app.config.smtp_url.clone() else {
        return Err(Error::NotFound);
    };
    let address = visitor::network(request.head(), &app.config.trusted_proxies);
    let now = app.clock.now();
    let email = account_of(&form.email);
    let account = format!("reset of {email}");
    let wait = app
        .db
        .record(move |conn| Ok(login_failure::attempt(conn, &account, &address, now)?))
        .await?;
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    // Not waited for: the answer must not take longer for an address that somebody has.
    let sender = app.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = send_link(&sender, smtp, email).await {
            tracing::error!(%error, "a message could not be sent");
        }
    });
    let page = AskPage {
        way: WayIn::new(&app, "Forgotten password", &token::for_forms(&cookie.0)),
        email: Field::new("email", "E-mail address").value(&form.email),
        has_mail: true,
        sent: true,
    };
    html(StatusCode::OK, &page)
}

/// Makes a link for whoever has this address, if anybody has, and sends it there.
async fn send_link(app: &web::Data<App>, smtp: String, email: String) -> Result<()> {
    let now = app.clock.now();
    let to = email.clone();
    let made = app
        .db
        .record(move |conn| match user::credentials(conn, &email)? {
            Some(known) if !known.disabled => Ok(Some(reset_link::make(conn, known.id, now)?)),
            _ => Ok(None),
        })
        .await?;
    let Some(link) = made else {
        return Ok(());
    };
    let from = app.config.mail_from.clone();
    let text = format!(
        "Somebody, probably you, asked for a new password for the newsroom.\n\n\
         Choose one here within two hours:\n{}/admin/password/{link}\n\n\
         If it was not you, leave this message be: nothing has changed.\n",
        app.base_url
    );
    web::block(move || mail::send(&smtp, &from, &to, "A new password", text))
        .await?
        .map_err(Error::Data)
}

#[derive(Template)]
#[template(path = "admin/new_password.html")]
struct ChoosePage {
    way: WayIn,
    link: String,
    password: Field,
    errors: Errors,
}

impl ChoosePage {
    fn new(app: &App, csrf: &str, link: &str, errors: Errors) -> Self {
        Self {
            way: WayIn::new(app, "Choose a new password", csrf),
            link: link.to_owned(),
            password: Field::new("password", "New password")
                .hint("At least 10 characters. Several words that only you would put together are best")
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

fn gone() -> Error {
    Error::Refused(
        "This link has been used, or is older than two hours. Ask for a new one.".to_owned(),
    )
}

fn link_of(request: &HttpRequest) -> String {
    request
        .match_info()
        .get("link")
        .unwrap_or_default()
        .to_owned()
}

/// `GET /admin/password/{link}`
pub async fn choose(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let cookie = before_session(&app, &request);
    let link = link_of(&request);
    let asked = link.clone();
    let now = app.clock.now();
    app.db
        .read(move |conn| reset_link::user_of(conn, &asked, now)?.ok_or_else(gone))
        .await?;
    let csrf = token::for_forms(&cookie.0);
    let page = ChoosePage::new(&app, &csrf, &link, Errors::default());
    send_page(&app, StatusCode::OK, &page, &cookie)
}

/// `POST /admin/password/{link}`
pub async fn save(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let cookie = before_session(&app, &request);
    let csrf = token::for_forms(&cookie.0);
    let sent = Sent::receive(&app.base_url, &request, payload, LARGEST_OF_STRANGERS).await?;
    let form = Posted::<ChooseForm>::read(&sent, &csrf)?.form;
    let link = link_of(&request);
    let now = app.clock.now();
    let asked = link.clone();
    let user = app
        .db
        .read(move |conn| {
            let id = reset_link::user_of(conn, &asked, now)?.ok_or_else(gone)?;
            user::find(conn, id)?.ok_or_else(gone)
        })
        .await?;
    if let Err(weak) = password::check(&form.password, &[&user.email, &user.name]) {
        let mut errors = Errors::default();
        errors.add("password", weak.to_string());
        let page = ChoosePage::new(&app, &csrf, &link, errors);
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let typed = form.password;
    let hash = password::in_turn(move || password::hash(&typed))
        .await
        .ok_or(Error::Wait(5))?
        .map_err(Error::Data)?;
    app.db
        .record(move |conn| {
            if !reset_link::use_up(conn, &link)? {
                return Err(gone());
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
