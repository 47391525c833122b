//! Users: who can log in, and as what. Only admins come here.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Actor, Layout, Newsroom, Nothing, Posted, checks};
use crate::{
    db::{AnyConnection, types::UserRole},
    error::{Error, Result},
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
    /// Empty for somebody who is logged in nowhere.
    seen: String,
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct ListPage {
    layout: Layout,
    rows: Vec<Row>,
}

/// `GET /admin/users`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let (users, seen) = desk
        .read(|conn| Ok((user::all(conn)?, sessions::last_seen(conn)?)))
        .await?;
    let rows = users
        .into_iter()
        .map(|user| Row {
            seen: seen
                .get(&user.id)
                .map(|time| desk.locale.date_and_time(time.and_utc()))
                .unwrap_or_default(),
            id: user.id,
            name: user.name,
            email: user.email,
            role: user.role.as_str(),
            second_factor: user.second_factor,
            disabled: user.disabled,
        })
        .collect();
    desk.page(&ListPage {
        layout: desk.layout("Users", "/admin/users"),
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
    /// Of a user that is there.
    there: Option<There>,
    name: Field,
    email: Field,
    role: Field,
    author: Field,
    disabled: Field,
    errors: Errors,
}

/// What can be done to a user that is there.
struct There {
    second_factor: bool,
    sessions: usize,
}

const ROLES: [(UserRole, &str); 4] = [
    (
        UserRole::Contributor,
        "Contributor: writes drafts, which an editor publishes",
    ),
    (UserRole::Author, "Author: writes and publishes their own"),
    (UserRole::Editor, "Editor: everything about content"),
    (UserRole::Admin, "Admin: users and settings too"),
];

async fn page(
    desk: &Newsroom,
    user: Option<&User>,
    typed: &UserForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let id = user.map(|user| user.id);
    let (authors, sessions) = desk
        .read(move |conn| {
            let sessions = match id {
                Some(id) => sessions::of_user(conn, id)?,
                None => Vec::new(),
            };
            Ok((author::names(conn)?, sessions))
        })
        .await?;
    let lifetimes = desk.site.settings.lifetimes();
    let page = UserPage {
        layout: desk.layout(user.map_or("New user", |user| &user.name), "/admin/users"),
        action: match id {
            Some(id) => format!("/admin/users/{id}"),
            None => "/admin/users".to_owned(),
        },
        there: user.map(|user| There {
            second_factor: user.second_factor,
            sessions: sessions
                .iter()
                .filter(|session| session.is_alive(desk.now, lifetimes))
                .count(),
        }),
        name: Field::new("name", "Name")
            .value(&typed.name)
            .required()
            .errors(&errors),
        email: Field::new("email", "E-mail address")
            .value(&typed.email)
            .hint("What they log in with. Readers never see it")
            .required()
            .errors(&errors),
        role: Field::new("role", "Role")
            .choices(
                ROLES
                    .iter()
                    .map(|(role, text)| {
                        Choice::new(role.as_str(), *text, role.as_str() == typed.role)
                    })
                    .collect(),
            )
            .errors(&errors),
        author: Field::new("author", "Byline")
            .hint("The author that they are to readers, whose page they may edit")
            .choices(
                [Choice::new("", "None", typed.author.is_empty())]
                    .into_iter()
                    .chain(authors.into_iter().map(|(id, name)| {
                        let value = id.to_string();
                        let chosen = value == typed.author;
                        Choice::new(value, name, chosen)
                    }))
                    .collect(),
            )
            .errors(&errors),
        disabled: Field::new(
            "disabled",
            "Disabled: cannot log in, and is logged out everywhere",
        )
        .checked(!typed.disabled.is_empty())
        .errors(&errors),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// What was typed, checked.
struct Checked {
    email: String,
    role: UserRole,
    author_id: Option<i64>,
}

fn checked(
    conn: &mut AnyConnection,
    id: Option<i64>,
    typed: &UserForm,
) -> Result<Result<Checked, Errors>> {
    let mut errors = Errors::default();
    checks::needed(&mut errors, "name", &typed.name, "A name", 100);
    checks::short(&mut errors, "email", &typed.email, "This", 250);
    let email = user::email(&typed.email).unwrap_or_default();
    if email.is_empty() {
        errors.add("email", "This is not an e-mail address");
    } else if user::find_by_email(conn, &email)?.is_some_and(|other| Some(other.id) != id) {
        errors.add("email", "Somebody else has this e-mail address");
    }
    let role = typed.role.parse();
    if role.is_err() {
        errors.add("role", "A role is needed");
    }
    let author_id = typed.author.parse().ok();
    let found = match author_id {
        Some(id) => author::find(conn, id)?.is_some(),
        None => typed.author.is_empty(),
    };
    if !found {
        errors.add("author", "This author is no more");
    }
    Ok(match role {
        Ok(role) if errors.is_empty() => Ok(Checked {
            email,
            role,
            author_id,
        }),
        _ => Err(errors),
    })
}

/// `GET /admin/users/new`
pub async fn create(desk: Newsroom) -> Result<HttpResponse> {
    let typed = UserForm {
        role: UserRole::Author.as_str().to_owned(),
        ..UserForm::default()
    };
    page(&desk, None, &typed, Errors::default()).await
}

#[derive(Template)]
#[template(path = "admin/user_link.html")]
struct LinkPage {
    layout: Layout,
    name: String,
    email: String,
    link: String,
}

/// The page that shows a one-time link. It is not shown again.
fn link_page(desk: &Newsroom, name: &str, email: &str, link: &str) -> Result<HttpResponse> {
    desk.page(&LinkPage {
        layout: desk.layout("One-time link", "/admin/users"),
        name: name.to_owned(),
        email: email.to_owned(),
        link: format!("{}/admin/password/{link}", desk.app.base_url),
    })
}

/// `POST /admin/users`: adds somebody, who chooses a password through a link.
pub async fn add(desk: Newsroom, posted: Posted<UserForm>) -> Result<HttpResponse> {
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let looked = desk.read(move |conn| checked(conn, None, &form)).await?;
    let Checked {
        email,
        role,
        author_id,
    } = match looked {
        Ok(checked) => checked,
        Err(errors) => return page(&desk, None, &typed, errors).await,
    };
    let (name, address) = (typed.name.clone(), email.clone());
    // Until they have chosen one, a password that nobody knows.
    let unknown = token::new();
    let new = password::in_turn(move || NewUser::new(&address, &name, &unknown, role, author_id))
        .await
        .ok_or(Error::Wait(5))?
        .map_err(refused)?;
    let link = desk
        .record(move |conn, actor| {
            let id = user::insert(conn, &new, actor.now).map_err(refused)?;
            did(conn, actor, "added", id, &typed.name, role.as_str())?;
            Ok((reset_link::make(conn, id, actor.now)?, typed.name))
        })
        .await?;
    link_page(&desk, &link.1, &email, &link.0)
}

/// What could not be foreseen when the form was checked.
fn refused(error: UserError) -> Error {
    match error {
        UserError::Database(error) => error,
        other => Error::Refused(format!("{other}.")),
    }
}

fn did(
    conn: &mut AnyConnection,
    actor: &Actor,
    action: &str,
    id: i64,
    name: &str,
    detail: &str,
) -> Result<()> {
    actor.did(
        conn,
        &NewEvent {
            action,
            kind: "user",
            object_id: Some(id),
            object: name,
            detail,
        },
    )
}

async fn find(desk: &Newsroom) -> Result<User> {
    let id = desk.id("id")?;
    desk.read(move |conn| user::find(conn, id)?.ok_or(Error::NotFound))
        .await
}

/// `GET /admin/users/{id}`
pub async fn edit(desk: Newsroom) -> Result<HttpResponse> {
    let user = find(&desk).await?;
    let typed = UserForm {
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
    page(&desk, Some(&user), &typed, Errors::default()).await
}

/// `POST /admin/users/{id}`
pub async fn change(desk: Newsroom, posted: Posted<UserForm>) -> Result<HttpResponse> {
    let user = find(&desk).await?;
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let before = user.clone();
    let done = desk
        .record(move |conn, actor| {
            let checked = match checked(conn, Some(before.id), &form)? {
                Ok(checked) => checked,
                Err(errors) => return Ok(Err(errors)),
            };
            let change = Change {
                email: &checked.email,
                name: &form.name,
                role: checked.role,
                author_id: checked.author_id,
                disabled: !form.disabled.is_empty(),
            };
            match user::change(conn, before.id, &change) {
                Err(UserError::LastAdmin) => {
                    let mut errors = Errors::default();
                    let field = if change.disabled { "disabled" } else { "role" };
                    errors.add(
                        field,
                        "This is the last admin who can log in, and there has to be one",
                    );
                    return Ok(Err(errors));
                }
                other => other.map_err(refused)?,
            }
            did(
                conn,
                actor,
                "changed",
                before.id,
                change.name,
                &differences(&before, &change),
            )?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/users", "The user is saved."),
        Err(errors) => page(&desk, Some(&user), &typed, errors).await,
    }
}

/// What the history tells of a change.
fn differences(before: &User, change: &Change<'_>) -> String {
    let mut told = Vec::new();
    if before.name != change.name {
        told.push(format!("name: {} → {}", before.name, change.name));
    }
    if before.email != change.email {
        told.push(format!("e-mail: {} → {}", before.email, change.email));
    }
    if before.role != change.role {
        let (old, new) = (before.role.as_str(), change.role.as_str());
        told.push(format!("role: {old} → {new}"));
    }
    if before.author_id != change.author_id {
        told.push("byline".to_owned());
    }
    if before.disabled != change.disabled {
        let now = if change.disabled {
            "disabled"
        } else {
            "enabled"
        };
        told.push(now.to_owned());
    }
    told.join(", ")
}

/// `POST /admin/users/{id}/link`: a one-time link to a new password.
pub async fn make_link(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let user = find(&desk).await?;
    let (id, name) = (user.id, user.name.clone());
    let link = desk
        .record(move |conn, actor| {
            did(
                conn,
                actor,
                "made a link to a new password for",
                id,
                &name,
                "",
            )?;
            Ok(reset_link::make(conn, id, actor.now)?)
        })
        .await?;
    link_page(&desk, &user.name, &user.email, &link)
}

/// `POST /admin/users/{id}/sessions/end`
pub async fn end_sessions(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let user = find(&desk).await?;
    let path = format!("/admin/users/{}", user.id);
    desk.record(move |conn, actor| {
        sessions::end_all(conn, user.id)?;
        did(
            conn,
            actor,
            "logged out everywhere",
            user.id,
            &user.name,
            "",
        )
    })
    .await?;
    desk.see_other(&path, "They are logged out everywhere.")
}

/// `POST /admin/users/{id}/second-factor/off`: for somebody who lost telephone and recovery codes.
pub async fn take_second_factor(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let user = find(&desk).await?;
    let path = format!("/admin/users/{}", user.id);
    desk.record(move |conn, actor| {
        user::set_second_factor(conn, user.id, None, &[])?;
        did(
            conn,
            actor,
            "took the second factor of",
            user.id,
            &user.name,
            "",
        )
    })
    .await?;
    desk.see_other(
        &path,
        "They log in with their password alone until they set one up again.",
    )
}
