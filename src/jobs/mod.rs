//! Background jobs: when they run and how they retry. What they do is mostly in other modules.

pub mod back_up;
pub mod compress_pages;
pub mod finish_media;
pub mod flush_views;
pub mod import_job;
pub mod index_words;
pub mod ping_hub;
pub mod watch_version;
