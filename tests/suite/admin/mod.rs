//! The newsroom.

mod article;
mod guard;
mod login;
mod writing;
mod media;
