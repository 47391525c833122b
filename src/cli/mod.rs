//! The command line: one file per command.

mod backup;
mod copy_database;
mod demo;
mod doctor;
mod export;
mod generate;
mod import;
mod serve;
mod user;
mod verify_import;

use std::{collections::BTreeMap, fmt::Display, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::{Config, ConfigError, LogFormat, Sources},
    parallel,
};

/// A complete news website in one program.
#[derive(Parser)]
#[command(name = "dateline", version, about)]
struct Cli {
    #[command(flatten)]
    settings: SettingFlags,
    #[command(subcommand)]
    command: Command,
}

/// Settings that may be given as flags; the same names, as `DATELINE_*` variables and in
/// dateline.toml, do the same.
#[derive(Args)]
struct SettingFlags {
    /// The settings file [default: dateline.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the database and the pictures are kept [default: data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// sqlite:PATH or postgres://… [default: sqlite:<data-dir>/dateline.db]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    bind: Option<String>,
    /// Where to answer /metrics, /healthz and /readyz [default: none]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    ops_bind: Option<String>,
    /// The site's public address [default: where it listens]
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(long, global = true, value_name = "ADDRESSES")]
    trusted_proxies: Option<String>,
    /// Threads that answer requests [default: one per core]
    #[arg(long, global = true, value_name = "N")]
    workers: Option<String>,
    /// How much memory finished pages may take, in megabytes [default: 64]
    #[arg(long, global = true, value_name = "MB")]
    page_cache_mb: Option<String>,
    /// How long a proxy or CDN may serve a page without asking, in seconds [default: 0]
    #[arg(long, global = true, value_name = "SECONDS")]
    shared_max_age: Option<String>,
    /// A folder that the newspaper is backed up to while it is served [default: none]
    #[arg(long, global = true, value_name = "FOLDER")]
    backup_to: Option<String>,
    /// How often, in hours [default: 6]
    #[arg(long, global = true, value_name = "HOURS")]
    backup_every: Option<String>,
    /// How many backups are kept [default: 28]
    #[arg(long, global = true, value_name = "N")]
    backup_keep: Option<String>,
    /// The server that sends e-mail, smtps://USER:PASSWORD@HOST [default: none]
    #[arg(long, global = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// Whom messages come from [default: newsroom@localhost]
    #[arg(long, global = true, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
    /// error, warn, info, debug or trace [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the newspaper
    Serve,
    /// Serve a fictional newspaper from a temporary folder, to look at
    Demo(demo::DemoArgs),
    /// Add people who can log in
    #[command(subcommand)]
    User(user::UserCommand),
    /// Back up database and pictures, also while the newspaper is served
    Backup(backup::BackupArgs),
    /// Put a backup in place, while nothing is served
    Restore(backup::RestoreArgs),
    /// Look at everything that can go wrong, and say how to mend it
    Doctor(doctor::DoctorArgs),
    /// Copy everything to an empty database, of either engine, and compare every row
    CopyDatabase(copy_database::CopyArgs),
    /// Move in from another system
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Look whether the addresses of the old site lead on
    VerifyImport(verify_import::VerifyArgs),
    /// Move out: for WordPress, as JSON, or as a site of files
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Fill the database with a synthetic archive, for load tests
    Generate(generate::GenerateArgs),
    /// Print the settings in force and where each comes from
    Config,
}

/// Why a command failed; its text is for whoever ran it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dateline: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli) -> Result<(), Failure> {
    let config = cli.settings.read()?;
    if !matches!(cli.command, Command::Serve | Command::Demo(_)) {
        // A server may run beside it, whose readers come first.
        parallel::give_way();
    }
    match cli.command {
        Command::Serve => {
            start_log(&config);
            serve::run(config)
        }
        Command::Demo(args) => demo::run(config, &args),
        Command::User(command) => user::run(&config, &command),
        Command::Backup(args) => backup::back_up(&config, &args),
        Command::Restore(args) => backup::restore(&config, &args),
        Command::Doctor(args) => doctor::run(&config, &args),
        Command::CopyDatabase(args) => copy_database::run(&args),
        Command::Import(command) => import::run(&config, &command),
        Command::VerifyImport(args) => verify_import::run(&config, &args),
        Command::Export(command) => export::run(&config, &command),
        Command::Generate(args) => generate::run(&config, &args),
        Command::Config => {
            print!("{config}");
            Ok(())
        }
    }
}

impl SettingFlags {
    fn read(self) -> Result<Config, ConfigError> {
        let mut sources = Sources::default();
        match &self.config {
            Some(path) => sources.file(path, true)?,
            None => sources.file("dateline.toml".as_ref(), false)?,
        }
        sources.environment(std::env::vars_os())?;
        for (name, value) in [
            ("data_dir", self.data_dir),
            ("database_url", self.database_url),
            ("bind", self.bind),
            ("ops_bind", self.ops_bind),
            ("base_url", self.base_url),
            ("trusted_proxies", self.trusted_proxies),
            ("workers", self.workers),
            ("page_cache_mb", self.page_cache_mb),
            ("shared_max_age", self.shared_max_age),
            ("backup_to", self.backup_to),
            ("backup_every", self.backup_every),
            ("backup_keep", self.backup_keep),
            ("smtp_url", self.smtp_url),
            ("mail_from", self.mail_from),
            ("log_format", self.log_format),
            ("log_level", self.log_level),
        ] {
            sources.flag(name, value)?;
        }
        sources.finish()
    }
}

/// A sign that something goes on, of which nobody knows how long it takes.
fn spinner() -> Result<ProgressBar, Failure> {
    let style = ProgressStyle::with_template("{spinner} {msg}")?;
    Ok(ProgressBar::new_spinner().with_style(style))
}

/// Prints how many of each kind there are.
fn print_counts<K: Display>(counts: &BTreeMap<K, u64>) {
    for (kind, count) in counts.iter().filter(|(_, count)| **count > 0) {
        println!("{count:>10} {kind}");
    }
}

/// Sends the log to standard error: of this program from the level that is set on, of the libraries
/// only what is wrong.
fn start_log(config: &Config) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(format!("warn,dateline={}", config.log_level))
        .with_target(false)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
