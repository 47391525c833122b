//! One's own account: name, password, second factor, the devices that are logged in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{Layout, Newsroom, Nothing, Posted};
use crate::{
    error::{Error, Result},
    models::{
        history::NewEvent,
        login_failure,
        session::{self as sessions, Session},
        user,
    },
    secrets::{password, second_factor},
    view::form::{Errors, Field},
};

/// A device that is logged in.
struct Device {
    id: i64,
    name: String,
    address: String,
    made: String,
    seen: String,
    current: bool,
}

impl Device {
    fn new(desk: &Newsroom, session: &Session) -> Self {
        let time = |time: chrono::NaiveDateTime| desk.locale.date_and_time(time.and_utc());
        Self {
            id: session.id,
            name: browser(&session.user_agent),
            address: session.address.clone(),
            made: time(session.made_at),
            seen: time(session.seen_at),
            current: session.id == desk.session.id,
        }
    }
}

/// A browser and its system, roughly, of what it says of itself.
fn browser(user_agent: &str) -> String {
    let first = |names: &[(&str, &str)]| {
        names
            .iter()
            .find(|(part, _)| user_agent.contains(part))
            .map(|(_, name)| (*name).to_owned())
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => "Another program".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    layout: Layout,
    email: String,
    /// Where they say who they are to readers, if they have a byline.
    author: Option<String>,
    name: Field,
    old_password: Field,
    new_password: Field,
    has_second_factor: bool,
    codes_left: i64,
    devices: Vec<Device>,
    errors: Errors,
}

async fn page(desk: &Newsroom, errors: Errors) -> Result<HttpResponse> {
    let id = desk.user.id;
    let (sessions, codes_left) = desk
        .read(move |conn| {
            Ok((
                sessions::of_user(conn, id)?,
                user::recovery_codes_left(conn, id)?,
            ))
        })
        .await?;
    let lifetimes = desk.site.settings.lifetimes();
    let page = AccountPage {
        layout: desk.layout("Account", "/admin/account"),
        email: desk.user.email.clone(),
        author: desk.user.author_id.map(|id| format!("/admin/authors/{id}")),
        name: Field::new("name", "Your name")
            .value(&desk.user.name)
            .autocomplete("name")
            .required()
            .errors(&errors),
        old_password: Field::new("old_password", "Your password now")
            .autocomplete("current-password")
            .required()
            .errors(&errors),
        new_password: Field::new("new_password", "New password")
            .hint("At least 10 characters. Every other device is logged out")
            .autocomplete("new-password")
            .required()
            .errors(&errors),
        has_second_factor: desk.user.second_factor,
        codes_left,
        devices: sessions
            .iter()
            .filter(|session| session.verified && session.is_alive(desk.now, lifetimes))
            .map(|session| Device::new(desk, session))
            .collect(),
        errors,
    };
    let status = if page.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    desk.page_as(status, &page)
}

/// `GET /admin/account`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, Errors::default()).await
}

#[derive(Deserialize)]
pub struct NameForm {
    name: String,
}

/// `POST /admin/account`
pub async fn update(desk: Newsroom, posted: Posted<NameForm>) -> Result<HttpResponse> {
    let name = posted.form.name.trim().to_owned();
    if name.is_empty() {
        let mut errors = Errors::default();
        errors.add("name", "A name is needed");
        return page(&desk, errors).await;
    }
    desk.record(move |conn, actor| {
        user::rename(conn, actor.user.id, &name)?;
        actor.did(
            conn,
            &NewEvent {
                action: "renamed",
                kind: "user",
                object_id: Some(actor.user.id),
                object: &name,
                detail: &actor.user.name,
            },
        )
    })
    .await?;
    desk.see_other("/admin/account", "Your name is changed.")
}

#[derive(Deserialize)]
pub struct PasswordForm {
    old_password: String,
    new_password: String,
}

/// Whether this is the user's password.
async fn is_password(desk: &Newsroom, typed: String) -> Result<bool> {
    let id = desk.user.id;
    // Whoever has got hold of a session must not be able to guess the password with it.
    let account = format!("password of {id}");
    let key = account.clone();
    let (wait, known) = desk
        .record(move |conn, actor| {
            let wait = login_failure::attempt(conn, &key, &key, actor.now)?;
            Ok((wait, user::credentials_of(conn, id)?))
        })
        .await?;
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    let stored = known.map(|known| known.password_hash);
    let right = password::in_turn(move || password::matches(&typed, stored.as_deref()))
        .await
        .ok_or(Error::Wait(5))?;
    if right {
        desk.record(move |conn, _| Ok(login_failure::forget(conn, &account, &account)?))
            .await?;
    }
    Ok(right)
}

/// `POST /admin/account/password`
pub async fn change_password(desk: Newsroom, posted: Posted<PasswordForm>) -> Result<HttpResponse> {
    let PasswordForm {
        old_password,
        new_password,
    } = posted.form;
    let mut errors = Errors::default();
    if !is_password(&desk, old_password).await? {
        errors.add("old_password", "This is not your password");
    }
    if let Err(weak) = password::check(&new_password, &[&desk.user.email, &desk.user.name]) {
        errors.add("new_password", weak.to_string());
    }
    if !errors.is_empty() {
        return page(&desk, errors).await;
    }
    let hash = password::in_turn(move || password::hash(&new_password))
        .await
        .ok_or(Error::Wait(5))?
        .map_err(Error::Data)?;
    let session = desk.session.id;
    desk.record(move |conn, actor| {
        user::set_password(conn, actor.user.id, &hash, Some(session))?;
        actor.did(
            conn,
            &NewEvent {
                action: "changed the password",
                kind: "user",
                object_id: Some(actor.user.id),
                object: &actor.user.name,
                detail: "",
            },
        )
    })
    .await?;
    desk.see_other(
        "/admin/account",
        "Your password is changed, and every other device is logged out.",
    )
}

#[derive(Deserialize)]
pub struct SessionForm {
    id: i64,
}

/// `POST /admin/account/sessions/end`
pub async fn end_session(desk: Newsroom, posted: Posted<SessionForm>) -> Result<HttpResponse> {
    let id = posted.form.id;
    let ended = desk
        .record(move |conn, actor| Ok(sessions::end(conn, id, actor.user.id)?))
        .await?;
    if !ended {
        return Err(Error::NotFound);
    }
    desk.see_other("/admin/account", "That device is logged out.")
}

/// `POST /admin/account/sessions/end-others`
pub async fn end_other_sessions(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let keep = desk.session.id;
    desk.record(move |conn, actor| Ok(sessions::end_others(conn, keep, actor.user.id)?))
        .await?;
    desk.see_other("/admin/account", "Every other device is logged out.")
}

#[derive(Template)]
#[template(path = "admin/second_factor.html")]
struct SecondFactorPage {
    layout: Layout,
    secret: String,
    /// In groups of four, for typing.
    shown_secret: String,
    qr_code: Option<QrCode>,
    code: Field,
    password: Field,
    errors: Errors,
}

/// The picture for the authenticator app.
struct QrCode {
    path: String,
    side: usize,
    view_box: String,
}

impl From<second_factor::QrCode> for QrCode {
    fn from(code: second_factor::QrCode) -> Self {
        Self {
            view_box: format!("0 0 {0} {0}", code.side),
            path: code.path,
            side: code.side,
        }
    }
}

fn second_factor_page(desk: &Newsroom, secret: &str, errors: Errors) -> Result<HttpResponse> {
    let groups: Vec<&str> = secret
        .as_bytes()
        .chunks(4)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    let page = SecondFactorPage {
        layout: desk.layout("Second factor", "/admin/account"),
        shown_secret: groups.join(" "),
        qr_code: second_factor::qr_code(secret, &desk.site.settings.name, &desk.user.email)
            .map(QrCode::from),
        secret: secret.to_owned(),
        code: Field::new("code", "Code that the app shows now")
            .autocomplete("one-time-code")
            .required()
            .errors(&errors),
        password: Field::new("password", "Your password")
            .autocomplete("current-password")
            .required()
            .errors(&errors),
        errors,
    };
    let status = if page.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    desk.page_as(status, &page)
}

/// `GET /admin/account/second-factor`
pub async fn second_factor(desk: Newsroom) -> Result<HttpResponse> {
    if desk.user.second_factor {
        return desk.see_other("/admin/account", "You have a second factor already.");
    }
    second_factor_page(&desk, &second_factor::new_secret(), Errors::default())
}

#[derive(Deserialize)]
pub struct SecondFactorForm {
    secret: String,
    code: String,
    password: String,
}

#[derive(Template)]
#[template(path = "admin/recovery_codes.html")]
struct RecoveryCodesPage {
    layout: Layout,
    codes: Vec<String>,
}

/// `POST /admin/account/second-factor`
pub async fn second_factor_on(
    desk: Newsroom,
    posted: Posted<SecondFactorForm>,
) -> Result<HttpResponse> {
    let form = posted.form;
    let mut errors = Errors::default();
    let seconds = u64::try_from(desk.now.timestamp()).unwrap_or(0);
    let step = second_factor::step_of(&form.secret, &form.code, seconds);
    if step.is_none() {
        errors.add("code", "This is not the code that belongs to the picture");
    }
    if !is_password(&desk, form.password).await? {
        errors.add("password", "This is not your password");
    }
    let Some(step) = step.filter(|_| errors.is_empty()) else {
        return second_factor_page(&desk, &form.secret, errors);
    };
    let codes = second_factor::new_recovery_codes();
    let kept = codes.clone();
    let session = desk.session.id;
    desk.record(move |conn, actor| {
        let id = actor.user.id;
        user::set_second_factor(conn, id, Some(&form.secret), &kept)?;
        user::use_step(conn, id, step)?;
        // Whoever logged in before with the password alone does so again, with both.
        sessions::end_others(conn, session, id)?;
        actor.did(
            conn,
            &NewEvent {
                action: "set up a second factor",
                kind: "user",
                object_id: Some(id),
                object: &actor.user.name,
                detail: "",
            },
        )
    })
    .await?;
    desk.page(&RecoveryCodesPage {
        layout: desk.layout("Recovery codes", "/admin/account"),
        codes,
    })
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    password: String,
}

async fn confirmed(desk: &Newsroom, form: ConfirmForm) -> Result<()> {
    if is_password(desk, form.password).await? {
        Ok(())
    } else {
        Err(Error::Refused("This is not your password.".to_owned()))
    }
}

/// `POST /admin/account/recovery-codes`: new ones in place of the old.
pub async fn new_recovery_codes(
    desk: Newsroom,
    posted: Posted<ConfirmForm>,
) -> Result<HttpResponse> {
    confirmed(&desk, posted.form).await?;
    if !desk.user.second_factor {
        return Err(Error::NotFound);
    }
    let codes = second_factor::new_recovery_codes();
    let kept = codes.clone();
    desk.record(move |conn, actor| {
        let id = actor.user.id;
        let known = user::credentials_of(conn, id)?.ok_or(Error::LoginNeeded)?;
        user::set_second_factor(conn, id, known.totp_secret.as_deref(), &kept)?;
        actor.did(
            conn,
            &NewEvent {
                action: "made new recovery codes",
                kind: "user",
                object_id: Some(id),
                object: &actor.user.name,
                detail: "",
            },
        )
    })
    .await?;
    desk.page(&RecoveryCodesPage {
        layout: desk.layout("Recovery codes", "/admin/account"),
        codes,
    })
}

/// `POST /admin/account/second-factor/off`
pub async fn second_factor_off(
    desk: Newsroom,
    posted: Posted<ConfirmForm>,
) -> Result<HttpResponse> {
    confirmed(&desk, posted.form).await?;
    desk.record(move |conn, actor| {
        let id = actor.user.id;
        user::set_second_factor(conn, id, None, &[])?;
        actor.did(
            conn,
            &NewEvent {
                action: "gave the second factor up",
                kind: "user",
                object_id: Some(id),
                object: &actor.user.name,
                detail: "",
            },
        )
    })
    .await?;
    desk.see_other("/admin/account", "Your second factor is off.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_what_its_owner_calls_it() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(browser(firefox), "Firefox on Linux");
        assert_eq!(browser("curl/8"), "Another program");
    }
}
