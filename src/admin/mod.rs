//! What the newsroom sees: one file per page, and the desk at which each request is met.
//!
//! A handler is given a [`Newsroom`], and only `routes.rs` can have one made: by naming the role that
//! the route needs. What is posted comes as [`Posted`], whose token was checked. So no page can stand
//! outside its guard, and no form be taken from another site.

mod account;
mod article;
mod articles;
mod authors;
mod body_editor;
mod calendar;
mod checks;
mod dashboard;
mod delivery;
mod edition;
mod history;
mod import_run;
mod imports;
mod layout;
mod login;
mod media;
mod menus;
mod pager;
mod pages;
mod password;
mod posted;
mod redirects;
mod sections;
mod settings;
mod social_links;
mod topics;
mod upload;
mod users;

use std::{future::Future, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    cookie::Cookie,
    http::{StatusCode, header},
    web,
};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};

pub use account::{
    change_password, end_other_sessions, end_session, new_recovery_codes, second_factor,
    second_factor_off, second_factor_on, show as account, update as account_update,
};
pub use article::{
    add_correction, ask_to_publish, corrections, create as create_article, edit as edit_article,
    leave as leave_article, make_preview_link, new as new_article, note_presence, preview,
    preview_links, publish, remove_correction, restore_article, restore_revision, review, revision,
    revisions, revoke_preview_link, save as save_article, send_back, trash, unpublish,
};
pub use articles::{bulk as change_articles, list as articles, pick as pick_articles};
pub use authors::{
    add as add_author, change as change_author, create as new_author, delete as delete_author,
    edit as author, show as authors,
};
pub use calendar::show as calendar;
pub use dashboard::show as dashboard;
pub use delivery::Delivery;
pub use edition::{show as edition, update as update_edition};
pub use history::show as history;
pub use import_run::{
    progress as import_progress, report as import_report, show as import, stop as stop_import,
};
pub use imports::{begin as begin_import, show as imports};
pub use layout::Layout;
pub use login::{
    code as login_code, enter as log_in, enter_code as log_in_with_code, leave as log_out,
    show as login,
};
pub use media::{
    add as add_media, delete as delete_media, describe as describe_media, item as media_item,
    library as media, list_json as media_json, replace as replace_media,
    take_json as take_media_json,
};
pub use menus::{save as save_menus, show as menus};
pub use pages::{
    add as add_page, change as change_page, create as new_page, delete as delete_page,
    edit as page, show as pages,
};
pub use password::{
    ask as forgotten_password, choose as new_password, save as set_new_password,
    send as send_reset_link,
};
pub use posted::{Nothing, Posted};
pub use redirects::{
    add as add_redirect, delete as delete_redirect, forget as forget_missing_path,
    show as redirects,
};
pub use sections::{
    add as add_section, change as change_section, create as new_section, delete as delete_section,
    edit as section, shift as shift_section, show as sections,
};
pub use settings::{save as save_settings, show as settings};
pub use topics::{
    add as add_topic, change as change_topic, create as new_topic, delete as delete_topic,
    edit as topic, merge as merge_topic, show as topics,
};
pub use upload::Upload;
pub use users::{
    add as add_user, change as change_user, create as new_user, edit as user,
    end_sessions as end_user_sessions, make_link as make_user_link, show as users,
    take_second_factor,
};

use posted::Sent;

use crate::{
    app::App,
    db::{AnyConnection, types::UserRole},
    error::{Error, Result},
    models::{
        history::{self as past, NewEvent},
        revision::Filing,
        session::{self as sessions, Session},
        user::User,
    },
    secrets::token,
    site::Site,
    view::{form::Errors, locale::Locale},
    web::{request_log, session},
};

/// Where a request of somebody who has logged in is met.
pub struct Newsroom {
    pub app: web::Data<App>,
    pub request: HttpRequest,
    pub site: Arc<Site>,
    /// How the newsroom writes dates: in English, in the site's time zone.
    pub locale: Locale,
    pub user: User,
    pub session: Session,
    pub now: DateTime<Utc>,
    /// What forms have to send back.
    pub forms_token: String,
}

/// Who does something, when, and on which site: what changing something has to know.
#[derive(Clone)]
pub struct Actor {
    pub user: User,
    pub now: DateTime<Utc>,
    pub site: Arc<Site>,
}

impl Actor {
    /// What filing an article has to know.
    pub fn filing(&self) -> Filing<'_> {
        Filing {
            user_id: self.user.id,
            now: self.now,
            sections: &self.site.sections,
            time_zone: self.site.settings.time_zone,
            page: "",
        }
    }

    /// How the newsroom writes dates.
    pub fn locale(&self) -> Locale {
        newsroom_locale(&self.site)
    }

    /// Writes into the history what was done, in the transaction that does it.
    pub fn did(&self, conn: &mut AnyConnection, event: &NewEvent<'_>) -> Result<()> {
        let User { id, name, .. } = &self.user;
        Ok(past::add(conn, Some(*id), name, event, self.now)?)
    }
}

/// In English, in the site's time zone.
fn newsroom_locale(site: &Site) -> Locale {
    Locale::new("en-GB", site.settings.time_zone, "")
}

/// A session's use is noted no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Newsroom {
    /// Meets a request: finds out who makes it and whether they have the role that it needs.
    async fn enter(app: &web::Data<App>, request: &HttpRequest, needs: UserRole) -> Result<Self> {
        let cookie =
            session::cookie(app, request, session::Name::Session).ok_or(Error::LoginNeeded)?;
        let now = app.clock.now();
        let (site, found) = {
            let (app, cookie) = (app.clone(), cookie.clone());
            app.clone()
                .db
                .read(move |conn| Ok((app.site(conn)?, sessions::find(conn, &cookie)?)))
                .await?
        };
        let (session, user) = found
            .filter(|(session, _)| session.is_alive(now, site.settings.lifetimes()))
            .ok_or(Error::LoginNeeded)?;
        if !session.verified {
            return Err(Error::SecondFactorNeeded);
        }
        if user.role < needs {
            return Err(Error::Forbidden);
        }
        if now.naive_utc() - session.seen_at >= NOTED_EVERY {
            let id = session.id;
            let noted = app
                .db
                .record(move |conn| Ok(sessions::touch(conn, id, now)?))
                .await;
            // A page can be read although the database takes nothing in just now.
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        }
        Ok(Self {
            app: app.clone(),
            request: request.clone(),
            locale: newsroom_locale(&site),
            forms_token: token::for_forms(&cookie),
            site,
            user,
            session,
            now,
        })
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        Actor {
            user: self.user.clone(),
            now: self.now,
            site: self.site.clone(),
        }
    }

    /// Whether the user may do what this role may.
    pub fn may(&self, role: UserRole) -> bool {
        self.user.role >= role
    }

    /// Reads from the database.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.db.read(work).await
    }

    /// Changes something that readers could see.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = self.actor();
        self.app.db.write(move |conn| work(conn, &actor)).await
    }

    /// Changes something that readers do not see.
    pub async fn record<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = self.actor();
        self.app.db.record(move |conn| work(conn, &actor)).await
    }

    /// The part of the path that a route calls `name`, as a number.
    pub fn id(&self, name: &str) -> Result<i64> {
        let part = self.request.match_info().get(name);
        part.and_then(|part| part.parse().ok())
            .ok_or(Error::NotFound)
    }

    /// The value of a parameter in the query; empty if it is not there.
    pub fn query(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.request.query_string().as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }

    /// What surrounds a page. `path` is the entry of the menu that is open.
    pub fn layout(&self, title: &str, path: &str) -> Layout {
        Layout::new(self, title, path)
    }

    /// Sends a page.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse> {
        self.page_as(StatusCode::OK, page)
    }

    /// Sends a page with another status than 200: 422 for a form that has to be mended.
    pub fn page_as(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
        let mut response = html(status, page)?;
        // The notice is told once.
        if session::notice(&self.app, &self.request).is_some() {
            add_cookie(
                &mut response,
                &session::clear(&self.app, session::Name::Notice),
            )?;
        }
        Ok(response)
    }

    /// "1,234 stories"
    fn stories(&self, number: Option<&i64>) -> String {
        let texts = self.locale.texts();
        self.locale
            .count(&texts.stories, number.copied().unwrap_or(0))
    }

    /// Sends a page with a form: with 422 if something has to be mended.
    pub fn form_page(&self, errors: &Errors, page: &impl Template) -> Result<HttpResponse> {
        let status = if errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        self.page_as(status, page)
    }

    /// Leads on to another page of the newsroom, which tells `notice` (unless it is empty).
    pub fn see_other(&self, path: &str, notice: &str) -> Result<HttpResponse> {
        let mut response = see_other(path);
        if !notice.is_empty() {
            add_cookie(&mut response, &session::set_notice(&self.app, notice))?;
        }
        Ok(response)
    }

    /// Answers a script.
    pub fn json(&self, answer: &impl Serialize) -> HttpResponse {
        json(StatusCode::OK, answer)
    }
}

/// An answer of the newsroom's: never kept by a cache, never listed by a search engine.
fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.insert_header(("X-Robots-Tag", "noindex"));
    response
}

fn html(status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
    Ok(answer(status)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

/// Answers a script.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    answer(status).json(body)
}

/// The path alone: whichever name of the host the browser used, it stays there.
fn see_other(path: &str) -> HttpResponse {
    answer(StatusCode::SEE_OTHER)
        .insert_header((header::LOCATION, path))
        .finish()
}

fn add_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<()> {
    response
        .add_cookie(cookie)
        .map_err(|error| Error::Data(error.to_string()))
}

/// Answers a request that needs a role.
pub async fn meet<H, F>(request: HttpRequest, needs: UserRole, handler: H) -> HttpResponse
where
    H: FnOnce(Newsroom) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    let done = async { handler(Newsroom::enter(&app, &request, needs).await?).await };
    done.await
        .unwrap_or_else(|error| failure(&app, &request, &error))
}

/// Answers a form that needs a role: its token is checked before anything else is done. What was typed
/// is not lost when it could not be taken: the page that says so can send it again.
pub async fn meet_form<T, H, F>(
    request: HttpRequest,
    payload: web::Payload,
    needs: UserRole,
    handler: H,
) -> HttpResponse
where
    T: DeserializeOwned,
    H: FnOnce(Newsroom, Posted<T>) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    let desk = Newsroom::enter(&app, &request, needs).await;
    let largest = match (
        &desk,
        session::cookie(&app, &request, session::Name::Session),
    ) {
        (Err(_), None) => posted::LARGEST_OF_STRANGERS,
        _ => posted::LARGEST,
    };
    let sent = match Sent::receive(&app.base_url, &request, payload, largest).await {
        Ok(sent) => sent,
        Err(error) => return failure(&app, &request, &error),
    };
    let csrf = match &desk {
        Ok(desk) => desk.forms_token.clone(),
        Err(_) => String::new(),
    };
    let done = async {
        let desk = desk?;
        let posted = Posted::read(&sent, &desk.forms_token)?;
        handler(desk, posted).await
    };
    match done.await {
        Ok(response) => response,
        Err(error) => {
            let again = Again {
                action: request.path().to_owned(),
                csrf,
                fields: sent.fields(),
            };
            failure_of_form(&app, &request, &error, Some(again))
        }
    }
}

/// What a form with files brings. There is no other way to have one than to check its token, which has to come
/// before any file.
pub trait WithFiles: Sized {
    /// Receives it for somebody who has the role that it needs.
    fn receive(
        desk: &Newsroom,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> impl Future<Output = Result<Self>>;
}

/// Answers a form with files that needs a role: its token is checked before any of them is read.
pub async fn meet_files<T, H, F>(
    request: HttpRequest,
    payload: web::Payload,
    needs: UserRole,
    handler: H,
) -> HttpResponse
where
    T: WithFiles,
    H: FnOnce(Newsroom, T) -> F,
    F: Future<Output = Result<HttpResponse>>,
{
    let of_request = request.clone();
    meet(request, needs, |desk| async move {
        let brought = T::receive(&desk, &of_request, payload).await?;
        handler(desk, brought).await
    })
    .await
}

/// A form that can be sent again.
struct Again {
    action: String,
    csrf: String,
    fields: Vec<(String, String)>,
}

/// Answers a request of somebody who need not have logged in: the way in.
pub async fn meet_stranger<H, F>(request: HttpRequest, handler: H) -> HttpResponse
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

/// `GET /admin/…` that leads nowhere.
pub async fn nowhere(_desk: Newsroom) -> Result<HttpResponse> {
    Err(Error::NotFound)
}

#[derive(Template)]
#[template(path = "admin/failure.html")]
struct FailurePage {
    stylesheet: String,
    icon: String,
    title: String,
    text: String,
    /// Where to go from here, and what that is called.
    way_out: (&'static str, &'static str),
    again: Option<Again>,
    request_id: String,
}

/// What is said when a request could not be answered as it was meant.
fn failure(app: &App, request: &HttpRequest, error: &Error) -> HttpResponse {
    failure_of_form(app, request, error, None)
}

fn failure_of_form(
    app: &App,
    request: &HttpRequest,
    error: &Error,
    again: Option<Again>,
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
        tracing::error!(id, %error, path = request_log::shown(request.path()), "a page of the newsroom could not be made");
    }
    let (title, text) = in_words(error);
    let mut response = if wants_json {
        json(status, &serde_json::json!({ "error": text, "request": id }))
    } else {
        let page = FailurePage {
            stylesheet: app.assets.url("css/admin.css").to_owned(),
            icon: app.assets.url("icons/icon.svg").to_owned(),
            title: title.to_owned(),
            text,
            way_out: match error {
                Error::LoginNeeded | Error::SecondFactorNeeded => ("/admin/login", "Log in"),
                _ => ("/admin", "To the dashboard"),
            },
            // What is not there, or not allowed, will not be so a second time.
            again: again.filter(|_| !matches!(error, Error::NotFound | Error::Forbidden)),
            request_id: if status.is_server_error() {
                id
            } else {
                String::new()
            },
        };
        html(status, &page).unwrap_or_else(|_| answer(status).body(page.text.clone()))
    };
    let wait = match error {
        Error::Wait(seconds) => Some(*seconds),
        Error::Pool(_) | Error::Silent | Error::Cancelled(_) => Some(5),
        _ => None,
    };
    if let Some(seconds) = wait {
        let seconds = header::HeaderValue::from(seconds.unsigned_abs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// Title and text for the person.
fn in_words(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound | Error::Moved(_) => (
            "Not found",
            "There is nothing at this address. It may have been deleted, or the link may be wrong."
                .to_owned(),
        ),
        Error::LoginNeeded | Error::SecondFactorNeeded => (
            "You are not logged in",
            "Your login has ended. Log in again in another tab, come back here and try again: \
             everything that you typed is kept in this page."
                .to_owned(),
        ),
        Error::Forbidden => (
            "Not allowed",
            "Your role does not allow this. An editor or an admin can do it, or give you the role."
                .to_owned(),
        ),
        Error::Refused(text) | Error::Unusable(text) => ("That did not work", text.clone()),
        Error::TooLarge(megabytes) => (
            "Too large",
            format!("That is larger than the {megabytes} MB that are allowed here."),
        ),
        Error::Wait(seconds) => (
            "Too many tries",
            format!(
                "That was tried too often. Please wait {} minutes and try again.",
                (seconds + 59) / 60
            ),
        ),
        // It may do what it was asked for once it wakes up.
        Error::Silent => (
            "The database does not answer",
            "What you typed is kept in this page. Please try again in a moment; whether it was saved \
             already will show then."
                .to_owned(),
        ),
        _ if error.status() == StatusCode::SERVICE_UNAVAILABLE => (
            "Please try again in a moment",
            "The database takes nothing in just now. Nothing was changed, and what you typed is kept \
             in this page."
                .to_owned(),
        ),
        _ => (
            "Something went wrong",
            "The fault is ours, and it is in the log. Nothing was changed, and what you typed is kept \
             in this page."
                .to_owned(),
        ),
    }
}
