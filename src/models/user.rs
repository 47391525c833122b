//! Users: people who can log in.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, phc::PasswordHash},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::db::{AnyConnection, schema::users, types::UserRole};

/// Why a user was not added; its text is for whoever adds one.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    #[error("the e-mail address {0:?} is not one: it needs an @ with something on both sides")]
    Email(String),
    #[error("the name is empty")]
    Name,
    #[error("the password is too short: it needs at least {MIN_PASSWORD} characters")]
    Password,
    #[error("there is a user with the e-mail address {0} already")]
    Taken(String),
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Database(#[from] crate::error::Error),
}

impl From<diesel::result::Error> for AddUserError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// In characters, as THE NIST guideline SP 800-63B counts them.
const MIN_PASSWORD: usize = 10;

/// A user to be added, checked and with the password hashed.
#[derive(Debug)]
pub struct NewUser {
    email: String,
    name: String,
    password_hash: String,
    role: UserRole,
    author_id: Option<i64>,
}

impl NewUser {
    /// Checks what was typed and hashes the password, which takes some tens of milliseconds.
    pub fn new(
        email: &str,
        name: &str,
        password: &str,
        role: UserRole,
        author_id: Option<i64>,
    ) -> Result<Self, AddUserError> {
        let email = email.trim().to_lowercase();
        if !email
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty())
        {
            return Err(AddUserError::Email(email));
        }
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(AddUserError::Name);
        }
        if password.chars().count() < MIN_PASSWORD {
            return Err(AddUserError::Password);
        }
        Ok(Self {
            email,
            name,
            password_hash: hash(password)?,
            role,
            author_id,
        })
    }
}

/// Argon2id with 19 MiB, two passes, one lane: the OWASP password storage recommendation.
fn hash(password: &str) -> Result<String, AddUserError> {
    let params = Params::new(19 * 1024, 2, 1, None)
        .map_err(|error| AddUserError::Hash(error.to_string()))?;
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes())
        .map_err(|error| AddUserError::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

/// Adds a user; returns the id.
pub fn insert(
    conn: &mut AnyConnection,
    new: &NewUser,
    now: DateTime<Utc>,
) -> Result<i64, AddUserError> {
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
    match id {
        Err(diesel::result::Error::DatabaseError(
            diesel::result::DatabaseErrorKind::UniqueViolation,
            _,
        )) => Err(AddUserError::Taken(new.email.clone())),
        other => Ok(other?),
    }
}
