//! The newsroom.

mod authors;
mod guard;
mod login;
mod sections;
mod settings;
mod topics;
mod users;
