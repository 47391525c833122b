//! The user's own account: name, password, second factor, sessions.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{CsrfForm, EmptyForm, Layout, StaffRequest, checks};
use crate::{
    db::types::{HistoryAction, HistoryKind},
    error::{Error, Result},
    locale::NewsroomAccount,
    models::{
        history::NewEvent,
        login_failure,
        session::{self as sessions, Session},
        user,
    },
    secrets::{password, second_factor},
    view::form::{Errors, Field},
};

/// A session, as a device.
struct Device {
    id: i64,
    name: String,
    address: String,
    made: String,
    seen: String,
    current: bool,
}

impl Device {
    fn new(request: &StaffRequest, session: &Session) -> Self {
        let time = |time: chrono::NaiveDateTime| request.locale.date_and_time(time.and_utc());
        Self {
            id: session.id,
            name: device_name(&request.texts().account, &session.user_agent),
            address: session.address.clone(),
            made: time(session.made_at),
            seen: time(session.seen_at),
            current: session.id == request.session.id,
        }
    }
}

/// The browser and operating system of a `User-Agent` header, roughly.
fn device_name(texts: &NewsroomAccount, user_agent: &str) -> String {
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
        (Some(browser), Some(system)) => texts.device(browser, system),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => texts.unknown_device.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    layout: Layout,
    email: String,
    /// The admin page of the user's author, if any.
    author: Option<String>,
    name: Field,
    old_password: Field,
    new_password: Field,
    has_second_factor: bool,
    codes_left: i64,
    devices: Vec<Device>,
    errors: Errors,
}

async fn page(request: &StaffRequest, errors: Errors) -> Result<HttpResponse> {
    let texts = &request.texts().account;
    let id = request.user.id;
    let (sessions, codes_left) = request
        .read(move |conn| {
            Ok((
                sessions::of_user(conn, id)?,
                user::recovery_codes_left(conn, id)?,
            ))
        })
        .await?;
    let lifetimes = request.site.settings.lifetimes();
    let page = AccountPage {
        layout: request.layout(texts.title, "/admin/account"),
        email: request.user.email.clone(),
        author: request
            .user
            .author_id
            .map(|id| format!("/admin/authors/{id}")),
        name: Field::new("name", texts.your_name)
            .value(&request.user.name)
            .autocomplete("name")
            .required()
            .errors(&errors),
        old_password: Field::new("old_password", texts.old_password)
            .autocomplete("current-password")
            .required()
            .errors(&errors),
        new_password: Field::new("new_password", texts.new_password)
            .hint(texts.new_password_hint)
            .autocomplete("new-password")
            .required()
            .errors(&errors),
        has_second_factor: request.user.second_factor,
        codes_left,
        devices: sessions
            .iter()
            .filter(|session| session.verified && session.is_alive(request.now, lifetimes))
            .map(|session| Device::new(request, session))
            .collect(),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// `GET /admin/account`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, Errors::default()).await
}

#[derive(Deserialize)]
pub struct NameForm {
    name: String,
}

/// `POST /admin/account`
pub async fn update(request: StaffRequest, posted: CsrfForm<NameForm>) -> Result<HttpResponse> {
    let name = posted.form.name.trim().to_owned();
    if name.is_empty() {
        let mut errors = Errors::default();
        errors.add("name", request.texts().account.name_required);
        return page(&request, errors).await;
    }
    request
        .write_unversioned(move |conn, actor| {
            user::rename(conn, actor.user.id, &name)?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::Renamed,
                    kind: HistoryKind::User,
                    object_id: Some(actor.user.id),
                    object: &name,
                    detail: &actor.user.name,
                },
            )
        })
        .await?;
    request.see_other("/admin/account", request.texts().account.name_changed)
}

#[derive(Deserialize)]
pub struct PasswordForm {
    old_password: String,
    new_password: String,
}

/// Whether `input` is the user's password. Attempts are limited, so that a stolen session cannot be used to
/// guess it.
async fn is_password(request: &StaffRequest, input: String) -> Result<bool> {
    let id = request.user.id;
    let account = format!("password of {id}");
    let key = account.clone();
    let (wait, known) = request
        .write_unversioned(move |conn, actor| {
            let wait = login_failure::attempt(conn, &key, &key, actor.now)?;
            Ok((wait, user::credentials_of(conn, id)?))
        })
        .await?;
    if let Some(seconds) = wait {
        return Err(Error::Wait(seconds));
    }
    let stored = known.map(|known| known.password_hash);
    let is_correct = password::in_turn(move || password::matches(&input, stored.as_deref()))
        .await
        .ok_or(Error::Wait(5))?;
    if is_correct {
        request
            .write_unversioned(move |conn, _| Ok(login_failure::forget(conn, &account, &account)?))
            .await?;
    }
    Ok(is_correct)
}

/// `POST /admin/account/password`
pub async fn change_password(
    request: StaffRequest,
    posted: CsrfForm<PasswordForm>,
) -> Result<HttpResponse> {
    let PasswordForm {
        old_password,
        new_password,
    } = posted.form;
    let texts = request.texts();
    let mut errors = Errors::default();
    if !is_password(&request, old_password).await? {
        errors.add("old_password", texts.account.wrong_password);
    }
    if let Err(weak) = password::check(&new_password, &[&request.user.email, &request.user.name]) {
        errors.add("new_password", checks::password_problem(texts, &weak));
    }
    if !errors.is_empty() {
        return page(&request, errors).await;
    }
    let hash = password::in_turn(move || password::hash(&new_password))
        .await
        .ok_or(Error::Wait(5))?
        .map_err(Error::Data)?;
    let session = request.session.id;
    request
        .write_unversioned(move |conn, actor| {
            user::set_password(conn, actor.user.id, &hash, Some(session))?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::ChangedPassword,
                    kind: HistoryKind::User,
                    object_id: Some(actor.user.id),
                    object: &actor.user.name,
                    detail: "",
                },
            )
        })
        .await?;
    request.see_other("/admin/account", texts.account.password_changed)
}

#[derive(Deserialize)]
pub struct SessionForm {
    id: i64,
}

/// `POST /admin/account/sessions/end`
pub async fn end_session(
    request: StaffRequest,
    posted: CsrfForm<SessionForm>,
) -> Result<HttpResponse> {
    let id = posted.form.id;
    let ended = request
        .write_unversioned(move |conn, actor| Ok(sessions::end(conn, id, actor.user.id)?))
        .await?;
    if !ended {
        return Err(Error::NotFound);
    }
    request.see_other("/admin/account", request.texts().account.device_logged_out)
}

/// `POST /admin/account/sessions/end-others`
pub async fn end_other_sessions(
    request: StaffRequest,
    _posted: CsrfForm<EmptyForm>,
) -> Result<HttpResponse> {
    let keep = request.session.id;
    request
        .write_unversioned(move |conn, actor| Ok(sessions::end_others(conn, keep, actor.user.id)?))
        .await?;
    request.see_other("/admin/account", request.texts().account.others_logged_out)
}

#[derive(Template)]
#[template(path = "admin/second_factor.html")]
struct SecondFactorPage {
    layout: Layout,
    secret: String,
    /// The secret in groups of four characters.
    shown_secret: String,
    qr_code: Option<QrCode>,
    code: Field,
    password: Field,
    errors: Errors,
}

/// A QR code as an SVG path.
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

fn second_factor_page(
    request: &StaffRequest,
    secret: &str,
    errors: Errors,
) -> Result<HttpResponse> {
    let texts = &request.texts().second_factor;
    let groups: Vec<&str> = secret
        .as_bytes()
        .chunks(4)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    let page = SecondFactorPage {
        layout: request.layout(texts.title, "/admin/account"),
        shown_secret: groups.join(" "),
        qr_code: second_factor::qr_code(secret, &request.site.settings.name, &request.user.email)
            .map(QrCode::from),
        secret: secret.to_owned(),
        code: Field::new("code", texts.code)
            .autocomplete("one-time-code")
            .required()
            .errors(&errors),
        password: Field::new("password", texts.your_password)
            .autocomplete("current-password")
            .required()
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// `GET /admin/account/second-factor`
pub async fn second_factor(request: StaffRequest) -> Result<HttpResponse> {
    if request.user.second_factor {
        return request.see_other("/admin/account", request.texts().second_factor.already_on);
    }
    second_factor_page(&request, &second_factor::new_secret(), Errors::default())
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
    request: StaffRequest,
    posted: CsrfForm<SecondFactorForm>,
) -> Result<HttpResponse> {
    let texts = request.texts();
    let form = posted.form;
    let mut errors = Errors::default();
    let seconds = u64::try_from(request.now.timestamp()).unwrap_or(0);
    let step = second_factor::step_of(&form.secret, &form.code, seconds);
    if step.is_none() {
        errors.add("code", texts.second_factor.wrong_code);
    }
    if !is_password(&request, form.password).await? {
        errors.add("password", texts.account.wrong_password);
    }
    let Some(step) = step.filter(|_| errors.is_empty()) else {
        return second_factor_page(&request, &form.secret, errors);
    };
    let codes = second_factor::new_recovery_codes();
    let stored = codes.clone();
    let session = request.session.id;
    request
        .write_unversioned(move |conn, actor| {
            let id = actor.user.id;
            user::set_second_factor(conn, id, Some(&form.secret), &stored)?;
            user::use_step(conn, id, step)?;
            // Other sessions were started with the password alone.
            sessions::end_others(conn, session, id)?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::SetUpSecondFactor,
                    kind: HistoryKind::User,
                    object_id: Some(id),
                    object: &actor.user.name,
                    detail: "",
                },
            )
        })
        .await?;
    request.page(&RecoveryCodesPage {
        layout: request.layout(request.texts().second_factor.codes_title, "/admin/account"),
        codes,
    })
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    password: String,
}

/// Checks the password that a form contains.
async fn confirm(request: &StaffRequest, form: ConfirmForm) -> Result<()> {
    if is_password(request, form.password).await? {
        Ok(())
    } else {
        Err(Error::Refused(
            request.texts().account.wrong_password_text.to_owned(),
        ))
    }
}

/// `POST /admin/account/recovery-codes`: replaces the recovery codes.
pub async fn new_recovery_codes(
    request: StaffRequest,
    posted: CsrfForm<ConfirmForm>,
) -> Result<HttpResponse> {
    confirm(&request, posted.form).await?;
    if !request.user.second_factor {
        return Err(Error::NotFound);
    }
    let codes = second_factor::new_recovery_codes();
    let stored = codes.clone();
    request
        .write_unversioned(move |conn, actor| {
            let id = actor.user.id;
            let known = user::credentials_of(conn, id)?.ok_or(Error::LoginNeeded)?;
            user::set_second_factor(conn, id, known.totp_secret.as_deref(), &stored)?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::CreatedRecoveryCodes,
                    kind: HistoryKind::User,
                    object_id: Some(id),
                    object: &actor.user.name,
                    detail: "",
                },
            )
        })
        .await?;
    request.page(&RecoveryCodesPage {
        layout: request.layout(request.texts().second_factor.codes_title, "/admin/account"),
        codes,
    })
}

/// `POST /admin/account/second-factor/off`
pub async fn second_factor_off(
    request: StaffRequest,
    posted: CsrfForm<ConfirmForm>,
) -> Result<HttpResponse> {
    confirm(&request, posted.form).await?;
    request
        .write_unversioned(move |conn, actor| {
            let id = actor.user.id;
            user::set_second_factor(conn, id, None, &[])?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::RemovedOwnSecondFactor,
                    kind: HistoryKind::User,
                    object_id: Some(id),
                    object: &actor.user.name,
                    detail: "",
                },
            )
        })
        .await?;
    request.see_other("/admin/account", request.texts().second_factor.removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn device_names_tell_browser_and_system() {
        let texts = Locale::for_newsroom("en", chrono_tz::Tz::UTC).newsroom();
        let name = |user_agent| device_name(&texts.account, user_agent);
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(name(firefox), "Firefox on Linux");
        assert_eq!(name("curl/8"), "Unknown device");
    }
}
