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
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    #[error("no database connection: {0}")]
    Pool(#[from] diesel::r2d2::PoolError),
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

impl Error {
    /// The status to answer with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Moved(_) => StatusCode::MOVED_PERMANENTLY,
            Self::Pool(_) | Self::Cancelled(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(_)
            | Self::Template(_)
            | Self::Data(_)
            | Self::Io(_)
            | Self::Picture(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
