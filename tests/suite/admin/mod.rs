//! The newsroom.

mod guard;
mod login;
