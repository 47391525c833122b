//! Work in the background, thin: what it does is elsewhere, when it is done is here.

pub mod back_up;
pub mod compress_pages;
pub mod finish_media;
pub mod flush_views;
pub mod index_words;
pub mod move_in;
pub mod ping_hub;
pub mod watch_version;
