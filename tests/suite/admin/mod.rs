//! The newsroom.

mod guard;
mod login;
mod sections;
