//! Full-text search of published articles.
//!
//! The engines differ here: SQLite's FTS5, and PostgreSQL's `tsvector` with a GIN index. Both index the same words,
//! which [`crate::text::words`] produces.

mod document;
mod expression;
mod find;
mod index;
mod pairs;
mod postgres;
mod stemming;
mod suggest;

pub use expression::Filter;
pub use find::{Found, Order, find, newest};
pub(super) use find::{MIN_KEYWORD_LENGTH, with_similar_headline};
pub use index::put_words;
pub(super) use index::{refresh, remove};
pub use stemming::stemming;
pub use suggest::suggestion;

pub use super::index_queue::{done, lock, queued};
