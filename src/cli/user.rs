//! `dateline user`: manages accounts of the newsroom.

use std::io::BufRead;

use clap::{Args, Subcommand};

use super::Failure;
use crate::{
    clock,
    config::Config,
    db::{
        AnyConnection, Db,
        types::{HistoryAction, HistoryKind, UserRole},
    },
    models::{
        history::{self, NewEvent},
        reset_link, session,
        user::{self, Change, NewUser, User, UserError},
    },
};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Add a user
    Add(AddArgs),
    /// List all users
    List,
    /// Create a link to choose a new password, valid once and for 60 minutes
    Reset(Who),
    /// Change the role of a user
    Role(RoleArgs),
    /// Disable a user and end all their sessions
    Disable(Who),
}

#[derive(Args)]
pub struct Who {
    /// The e-mail address, which is the login name
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
    /// The e-mail address, which is the login name
    #[arg(long)]
    email: String,
    /// The display name
    #[arg(long)]
    name: String,
    #[arg(long)]
    role: UserRole,
    /// Read the password from the first line of standard input instead of generating one
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
            println!("{} is now {}.", user.email, role.as_str());
            Ok(())
        }
        UserCommand::Disable(who) => {
            let user = change(config, who, |change| change.disabled = true)?;
            println!("{} is disabled.", user.email);
            Ok(())
        }
    }
}

fn add(config: &Config, args: &AddArgs) -> Result<(), Failure> {
    let generated = if args.password_stdin {
        None
    } else {
        Some(generate_password())
    };
    let password = match &generated {
        Some(password) => password.clone(),
        None => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line.trim_end_matches(['\n', '\r']).to_owned()
        }
    };
    let new = NewUser::new(&args.email, &args.name, &password, args.role, None)?;
    let db = Db::open(&config.database_url, 1)?;
    db.write_unversioned_blocking(|conn| {
        let id = user::insert(conn, &new, clock::now())?;
        audit(
            conn,
            HistoryAction::Added,
            id,
            &args.name,
            args.role.as_str(),
        )
    })?;
    println!("{} can log in as {}.", args.email, args.role.as_str());
    if let Some(password) = generated {
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
    let link = db.write_unversioned_blocking(|conn| {
        let user = find(conn, who)?;
        audit(
            conn,
            HistoryAction::CreatedPasswordLink,
            user.id,
            &user.name,
            "",
        )?;
        Ok::<_, UserError>(reset_link::make(conn, user.id, clock::now())?)
    })?;
    let base_url = config
        .base_url
        .as_ref()
        .map_or_else(|| format!("http://{}", config.bind), ToString::to_string);
    println!("{}/admin/password/{link}", base_url.trim_end_matches('/'));
    println!("The link works once, for 60 minutes.");
    Ok(())
}

/// Changes a user, with the same checks as in the newsroom.
fn change(
    config: &Config,
    who: &Who,
    decide: impl FnOnce(&mut Change<'_>),
) -> Result<User, Failure> {
    let db = Db::open(&config.database_url, 1)?;
    let changed = db.write_unversioned_blocking(|conn| {
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
        audit(conn, HistoryAction::Changed, user.id, &user.name, &detail)?;
        Ok::<_, UserError>(user)
    })?;
    Ok(changed)
}

fn find(conn: &mut AnyConnection, who: &Who) -> Result<User, UserError> {
    let email = user::email(&who.email)?;
    user::find_by_email(conn, &email)?.ok_or(UserError::Unknown(email))
}

/// Adds an event to the audit log.
fn audit(
    conn: &mut AnyConnection,
    action: HistoryAction,
    id: i64,
    name: &str,
    detail: &str,
) -> Result<(), UserError> {
    let event = NewEvent {
        action,
        kind: HistoryKind::User,
        object_id: Some(id),
        object: name,
        detail,
    };
    Ok(history::add(
        conn,
        None,
        "the command line",
        &event,
        clock::now(),
    )?)
}

/// A random password of three groups of four characters, without letters and digits that look alike. It has about 59
/// bits of entropy.
pub(super) fn generate_password() -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letter = || char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]);
    let group = || (0..4).map(|_| letter()).collect::<String>();
    [group(), group(), group()].join("-")
}
