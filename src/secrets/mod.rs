//! Secrets: random tokens, passwords, second factors.

pub mod password;
pub mod second_factor;
pub mod token;
