//! The newsroom.

mod article;
mod articles;
mod guard;
mod login;
mod writing;
