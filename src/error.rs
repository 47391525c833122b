//! What can go wrong while a request is answered, and the status that each becomes.

use actix_web::http::StatusCode;

/// Everything that ends a request early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing (public) at this address.
    #[error("not found")]
    NotFound,
    /// What was asked for stands at this path of the site now.
    #[error("moved to {0}")]
    Moved(String),
    /// Only somebody who has logged in may see this.
    #[error("nobody is logged in")]
    LoginNeeded,
    /// Of a login, the second factor is missing.
    #[error("the second factor is missing")]
    SecondFactorNeeded,
    /// The user may not do this.
    #[error("not allowed")]
    Forbidden,
    /// The request cannot be acted upon; the text is for the person who made it.
    #[error("{0}")]
    Refused(String),
    /// The request is understood, but what it brings cannot be used; the text is for the person who
    /// made it.
    #[error("{0}")]
    Unusable(String),
    /// The request is larger than it may be, which is so many megabytes.
    #[error("larger than {0} megabytes")]
    TooLarge(usize),
    /// Tried too often: again after so many seconds.
    #[error("tried too often; again in {0} seconds")]
    Wait(i64),
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    #[error("no database connection: {0}")]
    Pool(#[from] diesel::r2d2::PoolError),
    /// The database has said nothing for so long that nobody waits for it.
    #[error("the database does not answer")]
    Silent,
    #[error("template: {0}")]
    Template(#[from] askama::Error),
    #[error("stored data: {0}")]
    Data(String),
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("picture: {0}")]
    Picture(#[from] image::ImageError),
    /// The work was cut off, as happens to what is under way when the process ends.
    #[error("cut off: {0}")]
    Cancelled(#[from] actix_web::error::BlockingError),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whether the database is in order and only takes nothing in just now: another process holds SQLite's
/// file, or there is no room. SQLite says so in words alone.
fn takes_nothing(error: &diesel::result::Error) -> bool {
    let diesel::result::Error::DatabaseError(_, why) = error else {
        return false;
    };
    ["database is locked", "database or disk is full"].contains(&why.message())
}

impl Error {
    /// The status to answer with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Moved(_) => StatusCode::MOVED_PERMANENTLY,
            Self::LoginNeeded | Self::SecondFactorNeeded => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::Unusable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Pool(_) | Self::Silent | Self::Cancelled(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(error) if takes_nothing(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(_)
            | Self::Template(_)
            | Self::Data(_)
            | Self::Io(_)
            | Self::Picture(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
