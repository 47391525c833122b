//! The command line: one file per command.

mod backup;
mod copy_database;
mod demo;
mod doctor;
mod export;
mod generate;
mod import;
mod serve;
pub mod site;
mod user;
mod verify_import;

use std::{collections::BTreeMap, fmt::Display, io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{Arg, ArgMatches, Args, FromArgMatches, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    config::{Config, ConfigError, LogFormat, SETTINGS, Sources},
    data_folder::DataFolder,
    parallel::{self, Priority},
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

/// The flags of the settings, one for each of [`SETTINGS`].
struct SettingFlags {
    /// The settings file.
    config: Option<PathBuf>,
    values: Vec<(&'static str, String)>,
}

impl Args for SettingFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let file = Arg::new("config")
            .long("config")
            .global(true)
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("Settings file [default: dateline.toml, if it exists]");
        let settings = SETTINGS.iter().map(|setting| {
            Arg::new(setting.name)
                .long(setting.name.replace('_', "-"))
                .global(true)
                .value_name(setting.value_name)
                .help(format!(
                    "{} [default: {}]",
                    setting.help,
                    setting.default_text()
                ))
        });
        command.arg(file).args(settings)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let value = |name| Some((name, matches.get_one::<String>(name)?.clone()));
        Ok(Self {
            config: matches.get_one("config").cloned(),
            values: SETTINGS
                .iter()
                .filter_map(|setting| value(setting.name))
                .collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[derive(Subcommand)]
enum Command {
    /// Serve the newspaper
    Serve,
    /// Serve a fictional newspaper from a temporary folder
    Demo(demo::DemoArgs),
    /// Manage users of the newsroom
    #[command(subcommand)]
    User(user::UserCommand),
    /// Back up database and pictures, also while the server runs
    Backup(backup::BackupArgs),
    /// Restore a backup, while the server is stopped
    Restore(backup::RestoreArgs),
    /// Check the installation and say how to repair it
    Doctor(doctor::DoctorArgs),
    /// Copy all data to an empty database of either engine, and compare every row
    CopyDatabase(copy_database::CopyArgs),
    /// Import from WordPress or Ghost
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Check that the addresses of the old site still work
    VerifyImport(verify_import::VerifyArgs),
    /// Export for WordPress, as JSON, or as static files
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Fill the database with a synthetic archive, for load tests
    Generate(generate::GenerateArgs),
    /// Print the settings in force and where each comes from
    Config,
}

/// Why a command failed; its text is for the operator.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    // Everything that this process and its children create is for its user alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
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
        // A server may run on the same machine, and its requests take precedence.
        parallel::lower_priority(Priority::Writer);
    }
    let _in_use = if uses_data_folder(&cli.command) {
        Some(DataFolder::open(&config)?)
    } else {
        None
    };
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
        Command::CopyDatabase(args) => copy_database::run(&config, &args),
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

/// Whether a command reads or writes the data folder while other processes may use it as well. Servers open it themselves,
/// as do the commands that need it alone.
fn uses_data_folder(command: &Command) -> bool {
    match command {
        Command::Import(command) => !command.is_dry_run(),
        Command::User(_)
        | Command::Backup(_)
        | Command::Export(_)
        | Command::Generate(_)
        | Command::VerifyImport(_) => true,
        Command::Serve
        | Command::Demo(_)
        | Command::Restore(_)
        | Command::Doctor(_)
        | Command::CopyDatabase(_)
        | Command::Config => false,
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
        for (name, value) in self.values {
            sources.flag(name, Some(value))?;
        }
        sources.finish()
    }
}

/// A progress indicator for work of unknown length.
fn spinner() -> Result<ProgressBar, Failure> {
    let style = ProgressStyle::with_template("{spinner} {msg}")?;
    Ok(ProgressBar::new_spinner().with_style(style))
}

/// Prints the counts that are not zero.
fn print_counts<K: Display>(counts: &BTreeMap<K, u64>) {
    for (kind, count) in counts.iter().filter(|(_, count)| **count > 0) {
        println!("{count:>10} {kind}");
    }
}

/// Modules of actix-http that log a line at level `error` for every malformed request. The server counts these requests, and
/// logs why a connection failed itself.
const NOT_LOGGED: [&str; 2] = ["actix_http::h1::decoder", "actix_http::h1::dispatcher"];

/// Starts logging to standard error: this program at the configured level, libraries at `warn`. Colours are for terminals
/// only: escape sequences would make files and the journal unreadable.
fn start_log(config: &Config) {
    let filter = Targets::new()
        .with_default(tracing::Level::WARN)
        .with_targets(NOT_LOGGED.map(|module| (module, LevelFilter::OFF)))
        .with_target(env!("CARGO_CRATE_NAME"), config.log_level);
    let log = fmt::layer()
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry();
    match config.log_format {
        LogFormat::Text => registry.with(log.with_filter(filter)).init(),
        LogFormat::Json => {
            let log = log.json().flatten_event(true);
            registry.with(log.with_filter(filter)).init();
        }
    }
}
