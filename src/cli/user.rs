//! `dateline user`: people who can log in.

use std::io::BufRead;

use clap::{Args, Subcommand};

use super::Failure;
use crate::{
    config::Config,
    db::{AnyConnection, Db, types::UserRole},
    models::{
        history::{self, NewEvent},
        reset_link, session,
        user::{self, Change, NewUser, User, UserError},
    },
};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Add somebody who can log in
    Add(AddArgs),
    /// List who can log in
    List,
    /// Make a link, for one use within two hours, with which somebody chooses a new password
    Reset(Who),
    /// Give somebody another role
    Role(RoleArgs),
    /// Keep somebody from logging in, and log them out everywhere
    Disable(Who),
}

#[derive(Args)]
pub struct Who {
    /// What they log in with
    #[arg(long)]
    email: String,
}

#[derive(Args)]
pub struct RoleArgs {
    #[command(flatten)]
    who: Who,
    #[arg(long)]
    role: UserRole,
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
    match command {
        UserCommand::Add(args) => add(config, args),
        UserCommand::List => list(config),
        UserCommand::Reset(who) => reset(config, who),
        UserCommand::Role(args) => {
            let role = args.role;
            let user = change(config, &args.who, |change| change.role = role)?;
            println!("{} is {} now.", user.email, role.as_str());
            Ok(())
        }
        UserCommand::Disable(who) => {
            let user = change(config, who, |change| change.disabled = true)?;
            println!("{} cannot log in any more.", user.email);
            Ok(())
        }
    }
}

fn add(config: &Config, args: &AddArgs) -> Result<(), Failure> {
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
    db.record_blocking(|conn| {
        let id = user::insert(conn, &new, chrono::Utc::now())?;
        did(conn, "added", id, &args.name, args.role.as_str())
    })?;
    println!("{} can log in as {}.", args.email, args.role.as_str());
    if let Some(password) = made_up {
        println!("Password: {password}");
    }
    Ok(())
}

fn list(config: &Config) -> Result<(), Failure> {
    let db = Db::open(&config.database_url, 1)?;
    let (users, seen) = db.read_blocking(|conn| {
        Ok::<_, crate::error::Error>((user::all(conn)?, session::last_seen(conn)?))
    })?;
    for user in users {
        let seen = seen.get(&user.id).map_or_else(
            || "not logged in".to_owned(),
            |time| format!("seen {time} UTC"),
        );
        let state = if user.disabled { ", disabled" } else { "" };
        println!(
            "{}  {} ({}{state}), {seen}",
            user.email,
            user.name,
            user.role.as_str()
        );
    }
    Ok(())
}

fn reset(config: &Config, who: &Who) -> Result<(), Failure> {
    let db = Db::open(&config.database_url, 1)?;
    let link = db.record_blocking(|conn| {
        let user = find(conn, who)?;
        did(
            conn,
            "made a link to a new password for",
            user.id,
            &user.name,
            "",
        )?;
        Ok::<_, UserError>(reset_link::make(conn, user.id, chrono::Utc::now())?)
    })?;
    let base_url = config
        .base_url
        .as_ref()
        .map_or_else(|| format!("http://{}", config.bind), ToString::to_string);
    println!("{}/admin/password/{link}", base_url.trim_end_matches('/'));
    println!("It works once, within two hours.");
    Ok(())
}

/// Changes somebody as an admin would.
fn change(
    config: &Config,
    who: &Who,
    decide: impl FnOnce(&mut Change<'_>),
) -> Result<User, Failure> {
    let db = Db::open(&config.database_url, 1)?;
    let changed = db.record_blocking(|conn| {
        let user = find(conn, who)?;
        let mut change = Change {
            email: &user.email,
            name: &user.name,
            role: user.role,
            author_id: user.author_id,
            disabled: user.disabled,
        };
        decide(&mut change);
        user::change(conn, user.id, &change)?;
        let state = if change.disabled { ", disabled" } else { "" };
        let detail = format!("{}{state}", change.role.as_str());
        did(conn, "changed", user.id, &user.name, &detail)?;
        Ok::<_, UserError>(user)
    })?;
    Ok(changed)
}

fn find(conn: &mut AnyConnection, who: &Who) -> Result<User, UserError> {
    let email = user::email(&who.email)?;
    user::find_by_email(conn, &email)?.ok_or(UserError::Unknown(email))
}

/// Writes into the history what was done here.
fn did(
    conn: &mut AnyConnection,
    action: &str,
    id: i64,
    name: &str,
    detail: &str,
) -> Result<(), UserError> {
    let event = NewEvent {
        action,
        kind: "user",
        object_id: Some(id),
        object: name,
        detail,
    };
    Ok(history::add(
        conn,
        None,
        "the command line",
        &event,
        chrono::Utc::now(),
    )?)
}

/// A password that can be typed: three groups of four, of letters and digits that are not mistaken
/// for each other. About 59 bits.
pub(super) fn made_up_password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    let group = || (0..4).map(|_| letter()).collect::<String>();
    [group(), group(), group()].join("-")
}
