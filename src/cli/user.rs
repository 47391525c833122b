//! `dateline user`: people who can log in.

use std::io::BufRead;

use clap::{Args, Subcommand};

use super::Failure;
use crate::{
    config::Config,
    db::{Db, types::UserRole},
    models::user::{self, NewUser},
};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Add somebody who can log in
    Add(AddArgs),
}

#[derive(Args)]
pub struct AddArgs {
    /// What they log in with
    #[arg(long)]
    email: String,
    /// What they are called
    #[arg(long)]
    name: String,
    #[arg(long)]
    role: UserRole,
    /// Read the password from the first line of standard input instead of making one up
    #[arg(long)]
    password_stdin: bool,
}

pub fn run(config: &Config, command: &UserCommand) -> Result<(), Failure> {
    let UserCommand::Add(args) = command;
    let made_up = if args.password_stdin {
        None
    } else {
        Some(made_up_password())
    };
    let password = match &made_up {
        Some(password) => password.clone(),
        None => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line.trim_end_matches(['\n', '\r']).to_owned()
        }
    };
    let new = NewUser::new(&args.email, &args.name, &password, args.role, None)?;
    let db = Db::open(&config.database_url, 1)?;
    db.record_blocking(|conn| user::insert(conn, &new, chrono::Utc::now()))?;
    println!("{} can log in as {}.", args.email, args.role.as_str());
    if let Some(password) = made_up {
        println!("Password: {password}");
    }
    Ok(())
}

/// A password that can be typed: three groups of four, of letters and digits that are not mistaken
/// for each other. About 59 bits.
pub(super) fn made_up_password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    let group = || (0..4).map(|_| letter()).collect::<String>();
    [group(), group(), group()].join("-")
}
