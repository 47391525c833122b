//! Users: the people who can log in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{
        AnyConnection,
        schema::{recovery_codes, reset_links, sessions, users},
        types::UserRole,
    },
    each_backend,
    secrets::{password, second_factor},
};

/// A user, without credentials.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub name: String,
    pub role: UserRole,
    /// The author of this user's articles.
    pub author_id: Option<i64>,
    pub disabled: bool,
    /// Whether a second factor is set up.
    #[diesel(select_expression = users::totp_secret.is_not_null())]
    pub second_factor: bool,
}

/// The stored credentials of a user.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Credentials {
    pub id: i64,
    pub password_hash: String,
    pub totp_secret: Option<String>,
    pub disabled: bool,
}

/// Why a user was not added or changed; its text is for the person who tried.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("{0:?} is not a valid e-mail address")]
    Email(String),
    #[error("the name is empty")]
    Name,
    #[error(transparent)]
    Password(#[from] password::Weak),
    #[error("a user with the e-mail address {0} already exists")]
    Taken(String),
    #[error("no user has the e-mail address {0}")]
    Unknown(String),
    #[error("the last admin who can log in cannot be disabled or lose the role")]
    LastAdmin,
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Database(#[from] crate::error::Error),
}

impl From<diesel::result::Error> for UserError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Normalises an e-mail address for storage and lookup.
pub fn email(input: &str) -> Result<String, UserError> {
    let email = input.trim().to_lowercase();
    let is_plausible = email
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && !email.contains(char::is_whitespace)
        && !email.contains(char::is_control);
    is_plausible
        .then(|| email.clone())
        .ok_or(UserError::Email(email))
}

/// A validated user to add, with the password hashed.
#[derive(Debug)]
pub struct NewUser {
    email: String,
    name: String,
    password_hash: String,
    role: UserRole,
    author_id: Option<i64>,
}

impl NewUser {
    /// Validates the input and hashes the password, which takes some tens of milliseconds.
    pub fn new(
        email: &str,
        name: &str,
        password: &str,
        role: UserRole,
        author_id: Option<i64>,
    ) -> Result<Self, UserError> {
        let email = self::email(email)?;
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(UserError::Name);
        }
        password::check(password, &[&email, &name])?;
        Ok(Self {
            password_hash: password::hash(password).map_err(UserError::Hash)?,
            email,
            name,
            role,
            author_id,
        })
    }
}

/// Adds a user; returns the id.
pub fn insert(
    conn: &mut AnyConnection,
    new: &NewUser,
    now: DateTime<Utc>,
) -> Result<i64, UserError> {
    let id = diesel::insert_into(users::table)
        .values((
            users::email.eq(&new.email),
            users::name.eq(&new.name),
            users::password_hash.eq(&new.password_hash),
            users::role.eq(new.role),
            users::author_id.eq(new.author_id),
            users::created_at.eq(now.naive_utc()),
        ))
        .returning(users::id)
        .get_result(conn);
    map_taken(id, &new.email)
}

/// Maps a unique violation to [`UserError::Taken`].
fn map_taken<T>(result: QueryResult<T>, email: &str) -> Result<T, UserError> {
    match result {
        Err(diesel::result::Error::DatabaseError(
            diesel::result::DatabaseErrorKind::UniqueViolation,
            _,
        )) => Err(UserError::Taken(email.to_owned())),
        other => Ok(other?),
    }
}

/// The user of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<User>> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(conn)
        .optional()
}

/// The user with this e-mail address, which [`email`] has normalised.
pub fn find_by_email(conn: &mut AnyConnection, email: &str) -> QueryResult<Option<User>> {
    users::table
        .filter(users::email.eq(email))
        .select(User::as_select())
        .first(conn)
        .optional()
}

/// All users by name.
pub fn all(conn: &mut AnyConnection) -> QueryResult<Vec<User>> {
    users::table
        .order((users::name, users::id))
        .select(User::as_select())
        .load(conn)
}

/// The credentials of the user with this e-mail address.
pub fn credentials(conn: &mut AnyConnection, email: &str) -> QueryResult<Option<Credentials>> {
    users::table
        .filter(users::email.eq(email))
        .select(Credentials::as_select())
        .first(conn)
        .optional()
}

/// The credentials of this user.
pub fn credentials_of(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Credentials>> {
    users::table
        .find(id)
        .select(Credentials::as_select())
        .first(conn)
        .optional()
}

/// The fields of a user that an admin can change.
#[derive(AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct Change<'a> {
    pub email: &'a str,
    pub name: &'a str,
    pub role: UserRole,
    pub author_id: Option<i64>,
    pub disabled: bool,
}

/// Changes a user. Lowering the role or disabling the user ends all their sessions.
///
/// # Errors
/// [`UserError::LastAdmin`] if no admin who can log in would be left.
pub fn change(conn: &mut AnyConnection, id: i64, change: &Change<'_>) -> Result<(), UserError> {
    // Lock all admins first, so that two admins who demote each other concurrently cannot both succeed.
    diesel::update(users::table.filter(users::role.eq(UserRole::Admin)))
        .set(users::role.eq(UserRole::Admin))
        .execute(conn)?;
    let admins: Vec<i64> = users::table
        .filter(users::role.eq(UserRole::Admin))
        .filter(users::disabled.eq(false))
        .select(users::id)
        .load(conn)?;
    if admins == [id] && (change.role != UserRole::Admin || change.disabled) {
        return Err(UserError::LastAdmin);
    }
    let before = find(conn, id)?.ok_or_else(|| UserError::Unknown(change.email.to_owned()))?;
    map_taken(
        diesel::update(users::table.find(id))
            .set(change)
            .execute(conn),
        change.email,
    )?;
    if change.role < before.role || change.disabled {
        diesel::delete(sessions::table.filter(sessions::user_id.eq(id))).execute(conn)?;
    }
    Ok(())
}

/// Changes the name of a user.
pub fn rename(conn: &mut AnyConnection, id: i64, name: &str) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set(users::name.eq(name))
        .execute(conn)?;
    Ok(())
}

/// Sets a new password, and ends all sessions of the user but `keep`.
pub fn set_password(
    conn: &mut AnyConnection,
    id: i64,
    password_hash: &str,
    keep: Option<i64>,
) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set(users::password_hash.eq(password_hash))
        .execute(conn)?;
    // An older reset link would allow changing it again.
    diesel::delete(reset_links::table.filter(reset_links::user_id.eq(id))).execute(conn)?;
    diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(id))
            .filter(sessions::id.ne(keep.unwrap_or(0))),
    )
    .execute(conn)?;
    Ok(())
}

/// Marks a TOTP time step as used. `false` if it, or a later one, was used already.
pub fn use_step(conn: &mut AnyConnection, id: i64, step: i64) -> QueryResult<bool> {
    let used = diesel::update(users::table.find(id))
        .filter(users::totp_step.lt(step))
        .set(users::totp_step.eq(step))
        .execute(conn)?;
    Ok(used == 1)
}

/// Consumes a recovery code. `false` if there is no such code.
pub fn use_recovery_code(conn: &mut AnyConnection, id: i64, code: &str) -> QueryResult<bool> {
    let key = (id, second_factor::recovery_code_hash(code));
    let used = diesel::delete(recovery_codes::table.find(key)).execute(conn)?;
    Ok(used == 1)
}

/// The number of unused recovery codes of a user.
pub fn recovery_codes_left(conn: &mut AnyConnection, id: i64) -> QueryResult<i64> {
    recovery_codes::table
        .filter(recovery_codes::user_id.eq(id))
        .count()
        .get_result(conn)
}

/// Sets or removes a user's second factor and its recovery codes.
pub fn set_second_factor(
    conn: &mut AnyConnection,
    id: i64,
    secret: Option<&str>,
    codes: &[String],
) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set(users::totp_secret.eq(secret))
        .execute(conn)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(id))).execute(conn)?;
    let rows: Vec<_> = codes
        .iter()
        .map(|code| {
            (
                recovery_codes::user_id.eq(id),
                recovery_codes::code_hash.eq(second_factor::recovery_code_hash(code)),
            )
        })
        .collect();
    each_backend!(conn, |c| diesel::insert_into(recovery_codes::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}
