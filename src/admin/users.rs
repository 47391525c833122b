//! Users and their roles, for admins.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Actor, CsrfForm, EmptyForm, FormOutcome, Layout, StaffRequest, checks, labels};
use crate::{
    db::{
        AnyConnection,
        types::{HistoryAction, HistoryKind, UserRole},
    },
    error::{Error, Result},
    locale::{Newsroom, NewsroomUsers},
    models::{
        author,
        history::NewEvent,
        reset_link, session as sessions,
        user::{self, Change, NewUser, User, UserError},
    },
    secrets::{password, token},
    view::form::{Choice, Errors, Field},
};

/// A user in the list.
struct Row {
    id: i64,
    name: String,
    email: String,
    role: &'static str,
    second_factor: bool,
    disabled: bool,
    /// The last use of a session; empty without sessions.
    seen: String,
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct ListPage {
    layout: Layout,
    rows: Vec<Row>,
}

/// `GET /admin/users`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let texts = request.texts();
    let (users, seen) = request
        .read(|conn| Ok((user::all(conn)?, sessions::last_seen(conn)?)))
        .await?;
    let rows = users
        .into_iter()
        .map(|user| Row {
            seen: seen
                .get(&user.id)
                .map(|time| request.locale.date_and_time(time.and_utc()))
                .unwrap_or_default(),
            id: user.id,
            name: user.name,
            email: user.email,
            role: labels::role(texts, user.role),
            second_factor: user.second_factor,
            disabled: user.disabled,
        })
        .collect();
    request.page(&ListPage {
        layout: request.layout(texts.users.title, "/admin/users"),
        rows,
    })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserForm {
    name: String,
    email: String,
    role: String,
    author: String,
    disabled: String,
}

impl UserForm {
    fn cleaned(self) -> Self {
        Self {
            name: checks::line(&self.name),
            email: checks::line(&self.email),
            ..self
        }
    }
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    layout: Layout,
    action: String,
    /// `None` for a new user.
    existing: Option<Existing>,
    name: Field,
    email: Field,
    role: Field,
    author: Field,
    disabled: Field,
    errors: Errors,
}

/// The access of an existing user.
struct Existing {
    second_factor: bool,
    sessions: usize,
}

/// Every role with its description.
fn roles(texts: &NewsroomUsers) -> [(UserRole, &'static str); 4] {
    [
        (UserRole::Contributor, texts.contributor),
        (UserRole::Author, texts.author),
        (UserRole::Editor, texts.editor),
        (UserRole::Admin, texts.admin),
    ]
}

async fn page(
    request: &StaffRequest,
    user: Option<&User>,
    form: &UserForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let texts = request.texts();
    let id = user.map(|user| user.id);
    let (authors, sessions) = request
        .read(move |conn| {
            let sessions = match id {
                Some(id) => sessions::of_user(conn, id)?,
                None => Vec::new(),
            };
            Ok((author::names(conn)?, sessions))
        })
        .await?;
    let lifetimes = request.site.settings.lifetimes();
    let page = UserPage {
        layout: request.layout(
            user.map_or(texts.users.new_user, |user| &user.name),
            "/admin/users",
        ),
        action: match id {
            Some(id) => format!("/admin/users/{id}"),
            None => "/admin/users".to_owned(),
        },
        existing: user.map(|user| Existing {
            second_factor: user.second_factor,
            sessions: sessions
                .iter()
                .filter(|session| session.is_alive(request.now, lifetimes))
                .count(),
        }),
        name: Field::new("name", texts.common.name)
            .value(&form.name)
            .required()
            .errors(&errors),
        email: Field::new("email", texts.users.email)
            .value(&form.email)
            .hint(texts.users.email_hint)
            .required()
            .errors(&errors),
        role: Field::new("role", texts.users.role)
            .choices(
                roles(&texts.users)
                    .into_iter()
                    .map(|(role, text)| {
                        Choice::new(role.as_str(), text, role.as_str() == form.role)
                    })
                    .collect(),
            )
            .errors(&errors),
        author: Field::new("author", texts.users.byline)
            .hint(texts.users.byline_hint)
            .choices(
                [Choice::new("", texts.common.none, form.author.is_empty())]
                    .into_iter()
                    .chain(authors.into_iter().map(|(id, name)| {
                        let value = id.to_string();
                        let chosen = value == form.author;
                        Choice::new(value, name, chosen)
                    }))
                    .collect(),
            )
            .errors(&errors),
        disabled: Field::new("disabled", texts.users.disable)
            .checked(!form.disabled.is_empty())
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// The validated values of the form.
struct ValidUser {
    email: String,
    role: UserRole,
    author_id: Option<i64>,
}

fn validate(
    conn: &mut AnyConnection,
    texts: &Newsroom,
    id: Option<i64>,
    form: &UserForm,
) -> Result<FormOutcome<ValidUser>> {
    let mut errors = Errors::default();
    checks::required(
        &mut errors,
        texts,
        "name",
        &form.name,
        [texts.users.a_name, texts.users.the_name],
        100,
    );
    checks::max_chars(
        &mut errors,
        texts,
        "email",
        &form.email,
        texts.users.the_address,
        250,
    );
    let email = user::email(&form.email).unwrap_or_default();
    if email.is_empty() {
        errors.add("email", texts.users.email_invalid);
    } else if user::find_by_email(conn, &email)?.is_some_and(|other| Some(other.id) != id) {
        errors.add("email", texts.users.email_taken);
    }
    let role = form.role.parse();
    if role.is_err() {
        errors.add("role", texts.users.role_required);
    }
    let author_id = form.author.parse().ok();
    let found = match author_id {
        Some(id) => author::find(conn, id)?.is_some(),
        None => form.author.is_empty(),
    };
    if !found {
        errors.add("author", texts.users.author_deleted);
    }
    Ok(match role {
        Ok(role) if errors.is_empty() => FormOutcome::Accepted(ValidUser {
            email,
            role,
            author_id,
        }),
        _ => FormOutcome::Invalid(errors),
    })
}

/// `GET /admin/users/new`
pub async fn create(request: StaffRequest) -> Result<HttpResponse> {
    let form = UserForm {
        role: UserRole::Author.as_str().to_owned(),
        ..UserForm::default()
    };
    page(&request, None, &form, Errors::default()).await
}

#[derive(Template)]
#[template(path = "admin/user_link.html")]
struct LinkPage {
    layout: Layout,
    name: String,
    email: String,
    link: String,
}

/// The page that shows a one-time link, once.
fn link_page(request: &StaffRequest, name: &str, email: &str, link: &str) -> Result<HttpResponse> {
    request.page(&LinkPage {
        layout: request.layout(request.texts().users.one_time_link, "/admin/users"),
        name: name.to_owned(),
        email: email.to_owned(),
        link: format!("{}/admin/password/{link}", request.app.base_url),
    })
}

/// `POST /admin/users`: adds a user, who chooses a password through a
/// one-time link.
pub async fn add(request: StaffRequest, posted: CsrfForm<UserForm>) -> Result<HttpResponse> {
    let texts = request.texts();
    let form = posted.form.cleaned();
    let input = form.clone();
    let outcome = request
        .read(move |conn| validate(conn, texts, None, &input))
        .await?;
    let ValidUser {
        email,
        role,
        author_id,
    } = match outcome {
        FormOutcome::Accepted(user) => user,
        FormOutcome::Invalid(errors) => return page(&request, None, &form, errors).await,
    };
    let (user_name, address) = (form.name.clone(), email.clone());
    // A random password until the user chooses one.
    let random = token::new();
    let new =
        password::in_turn(move || NewUser::new(&address, &user_name, &random, role, author_id))
            .await
            .ok_or(Error::Wait(5))?
            .map_err(|error| refused(texts, error))?;
    let name = form.name.clone();
    let link = request
        .write_unversioned(move |conn, actor| {
            let id = user::insert(conn, &new, actor.now).map_err(|error| refused(texts, error))?;
            audit(conn, actor, HistoryAction::Added, id, &name, role.as_str())?;
            Ok(reset_link::make(conn, id, actor.now)?)
        })
        .await?;
    link_page(&request, &form.name, &email, &link)
}

/// An error that validation did not find, such as a change by another admin.
fn refused(texts: &Newsroom, error: UserError) -> Error {
    match error {
        UserError::Database(error) => error,
        other => Error::Refused(texts.users.refused(checks::user_error(texts, &other))),
    }
}

fn audit(
    conn: &mut AnyConnection,
    actor: &Actor,
    action: HistoryAction,
    id: i64,
    name: &str,
    detail: &str,
) -> Result<()> {
    actor.audit(
        conn,
        &NewEvent {
            action,
            kind: HistoryKind::User,
            object_id: Some(id),
            object: name,
            detail,
        },
    )
}

async fn find(request: &StaffRequest) -> Result<User> {
    let id = request.id("id")?;
    request
        .read(move |conn| user::find(conn, id)?.ok_or(Error::NotFound))
        .await
}

/// `GET /admin/users/{id}`
pub async fn edit(request: StaffRequest) -> Result<HttpResponse> {
    let user = find(&request).await?;
    let form = UserForm {
        name: user.name.clone(),
        email: user.email.clone(),
        role: user.role.as_str().to_owned(),
        author: user.author_id.map(|id| id.to_string()).unwrap_or_default(),
        disabled: if user.disabled {
            "yes".to_owned()
        } else {
            String::new()
        },
    };
    page(&request, Some(&user), &form, Errors::default()).await
}

/// `POST /admin/users/{id}`
pub async fn change(request: StaffRequest, posted: CsrfForm<UserForm>) -> Result<HttpResponse> {
    let user = find(&request).await?;
    let form = posted.form.cleaned();
    let input = form.clone();
    let before = user.clone();
    let outcome = request
        .write_unversioned(move |conn, actor| {
            let texts = actor.texts();
            let valid = match validate(conn, texts, Some(before.id), &input)? {
                FormOutcome::Accepted(valid) => valid,
                FormOutcome::Invalid(errors) => return Ok(FormOutcome::Invalid(errors)),
            };
            let change = Change {
                email: &valid.email,
                name: &input.name,
                role: valid.role,
                author_id: valid.author_id,
                disabled: !input.disabled.is_empty(),
            };
            match user::change(conn, before.id, &change) {
                Err(UserError::LastAdmin) => {
                    let field = if change.disabled { "disabled" } else { "role" };
                    return Ok(FormOutcome::invalid(field, texts.users.last_admin));
                }
                other => other.map_err(|error| refused(texts, error))?,
            }
            audit(
                conn,
                actor,
                HistoryAction::Changed,
                before.id,
                change.name,
                &differences(actor.texts(), &before, &change),
            )?;
            Ok(FormOutcome::Accepted(()))
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => request.see_other("/admin/users", request.texts().users.saved),
        FormOutcome::Invalid(errors) => page(&request, Some(&user), &form, errors).await,
    }
}

/// The changed values, as the history shows them.
fn differences(texts: &Newsroom, before: &User, change: &Change<'_>) -> String {
    let details = &texts.history_details;
    let mut changes = Vec::new();
    if before.name != change.name {
        changes.push(details.new_name(&before.name, change.name));
    }
    if before.email != change.email {
        changes.push(details.new_email(&before.email, change.email));
    }
    if before.role != change.role {
        let [old, new] = [before.role, change.role].map(|role| labels::role(texts, role));
        changes.push(details.new_role(old, new));
    }
    if before.author_id != change.author_id {
        changes.push(details.byline.to_owned());
    }
    if before.disabled != change.disabled {
        let now = if change.disabled {
            details.disabled
        } else {
            details.enabled
        };
        changes.push(now.to_owned());
    }
    changes.join(", ")
}

/// `POST /admin/users/{id}/link`: creates a one-time link for choosing a
/// password.
pub async fn make_link(
    request: StaffRequest,
    _posted: CsrfForm<EmptyForm>,
) -> Result<HttpResponse> {
    let user = find(&request).await?;
    let (id, name) = (user.id, user.name.clone());
    let link = request
        .write_unversioned(move |conn, actor| {
            audit(
                conn,
                actor,
                HistoryAction::CreatedPasswordLink,
                id,
                &name,
                "",
            )?;
            Ok(reset_link::make(conn, id, actor.now)?)
        })
        .await?;
    link_page(&request, &user.name, &user.email, &link)
}

/// `POST /admin/users/{id}/sessions/end`
pub async fn end_sessions(
    request: StaffRequest,
    _posted: CsrfForm<EmptyForm>,
) -> Result<HttpResponse> {
    let user = find(&request).await?;
    let path = format!("/admin/users/{}", user.id);
    request
        .write_unversioned(move |conn, actor| {
            sessions::end_all(conn, user.id)?;
            audit(
                conn,
                actor,
                HistoryAction::LoggedOutEverywhere,
                user.id,
                &user.name,
                "",
            )
        })
        .await?;
    request.see_other(&path, request.texts().users.logged_out)
}

/// `POST /admin/users/{id}/second-factor/off`: removes the second factor of a user who
/// lost it together with the recovery codes.
pub async fn take_second_factor(
    request: StaffRequest,
    _posted: CsrfForm<EmptyForm>,
) -> Result<HttpResponse> {
    let user = find(&request).await?;
    let path = format!("/admin/users/{}", user.id);
    request
        .write_unversioned(move |conn, actor| {
            user::set_second_factor(conn, user.id, None, &[])?;
            audit(
                conn,
                actor,
                HistoryAction::RemovedSecondFactor,
                user.id,
                &user.name,
                "",
            )
        })
        .await?;
    request.see_other(&path, request.texts().users.second_factor_removed)
}
