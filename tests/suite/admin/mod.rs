//! The newsroom.

mod article;
mod calendar;
mod edition;
mod guard;
mod history;
mod login;
mod writing;
