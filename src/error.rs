//! The errors that end a request, and the HTTP status of each.

use actix_web::http::StatusCode;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no public page at this address.
    #[error("not found")]
    NotFound,
    /// The page has moved to this path of the site.
    #[error("moved to {0}")]
    Moved(String),
    /// The page requires a login.
    #[error("login required")]
    LoginNeeded,
    /// The password was accepted; the second factor is missing.
    #[error("second factor required")]
    SecondFactorNeeded,
    /// The user's role does not permit this.
    #[error("not allowed")]
    Forbidden,
    /// The request is malformed; the text is shown to the user.
    #[error("{0}")]
    Refused(String),
    /// Another site made the request.
    #[error("the request was made by another site")]
    OtherSite,
    /// The CSRF token is missing or belongs to another session.
    #[error("the form has no token of this session")]
    OldForm,
    /// The connection was closed before the form was complete.
    #[error("the form is incomplete")]
    IncompleteForm,
    /// The fields of a form cannot be parsed.
    #[error("the form is malformed: {0}")]
    MalformedForm(String),
    /// The request is well-formed but its content cannot be processed; the text is shown to the user.
    #[error("{0}")]
    Unusable(String),
    /// The request body exceeds this limit, in megabytes.
    #[error("larger than {0} megabytes")]
    TooLarge(usize),
    /// Too many attempts; the next one is allowed after this many seconds.
    #[error("too many attempts; try again in {0} seconds")]
    Wait(i64),
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    #[error("no database connection: {0}")]
    Pool(#[from] diesel::r2d2::PoolError),
    /// The database did not respond in time, or the circuit breaker is open.
    #[error("the database does not answer")]
    DatabaseTimeout,
    /// The path of a file of the data folder that was deleted or replaced while it was in use. Nothing is written then,
    /// because it would be lost.
    #[error("the data folder was deleted or replaced while the server runs: {0}")]
    DataReplaced(String),
    #[error("template: {0}")]
    Template(#[from] askama::Error),
    #[error("stored data: {0}")]
    Data(String),
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("picture: {0}")]
    Picture(#[from] image::ImageError),
    /// The blocking task was cancelled, as happens when the process shuts down.
    #[error("cancelled: {0}")]
    Cancelled(#[from] actix_web::error::BlockingError),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What SQLite reports when its file cannot grow.
const DATABASE_FULL: &str = "database or disk is full";
/// What SQLite reports when another process holds the lock.
const DATABASE_LOCKED: &str = "database is locked";

/// Whether there is no space for a file, or no more of it for this user.
fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// Whether SQLite reports this, which it does only by the message.
fn is_sqlite_error(error: &diesel::result::Error, message: &str) -> bool {
    matches!(error, diesel::result::Error::DatabaseError(_, why) if why.message() == message)
}

impl Error {
    /// The HTTP status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Moved(_) => StatusCode::MOVED_PERMANENTLY,
            Self::LoginNeeded | Self::SecondFactorNeeded => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Refused(_)
            | Self::OtherSite
            | Self::OldForm
            | Self::IncompleteForm
            | Self::MalformedForm(_) => StatusCode::BAD_REQUEST,
            Self::Unusable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Pool(_) | Self::DatabaseTimeout | Self::DataReplaced(_) | Self::Cancelled(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Io(error) if is_full(error) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Database(error) if is_sqlite_error(error, DATABASE_FULL) => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            Self::Database(error) if is_sqlite_error(error, DATABASE_LOCKED) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Database(_)
            | Self::Template(_)
            | Self::Data(_)
            | Self::Io(_)
            | Self::Picture(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
