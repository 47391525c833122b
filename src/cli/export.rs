//! `dateline export`: moves out.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Failure, print_counts, spinner};
use crate::{config::Config, db::Db, media::Store, transfer::export};

#[derive(Subcommand)]
pub enum ExportCommand {
    /// As WordPress reads it: export.xml, and the pictures beside it
    Wordpress(ExportArgs),
    /// Everything but secrets as JSON: newspaper.json, and the pictures beside it
    Json(ExportArgs),
    /// The whole site as files, for every server that can serve files
    Site(ExportArgs),
}

#[derive(Args)]
pub struct ExportArgs {
    /// A folder that is not there yet, or empty
    to: PathBuf,
}

pub fn run(config: &Config, command: &ExportCommand) -> Result<(), Failure> {
    let media = Store::new(config.data_dir.join("media"));
    let now = chrono::Utc::now();
    let bar = spinner()?;
    let tell = |message: String| {
        bar.set_message(message);
        bar.tick();
    };
    match command {
        ExportCommand::Wordpress(ExportArgs { to }) => {
            let base_url = config
                .base_url
                .as_ref()
                .ok_or(export::ExportError::NoAddress)?;
            let db = Db::open(&config.database_url, 1)?;
            let base_url = base_url.as_str().trim_end_matches('/');
            let counts = export::wordpress(&db, &media, base_url, to, now, &mut |done| {
                tell(format!("{done} articles"));
            })?;
            bar.finish_and_clear();
            print_counts(&counts);
            println!("{0}/export.xml; of its pictures, {0}/media", to.display());
        }
        ExportCommand::Json(ExportArgs { to }) => {
            let counts = export::json(&config.database_url, &media, to, now)?;
            bar.finish_and_clear();
            print_counts(&counts);
            println!("{0}/newspaper.json, {0}/media", to.display());
        }
        ExportCommand::Site(ExportArgs { to }) => {
            let left = export::site(config, to, &mut |done, known| {
                tell(format!("{done} of {known} found so far"));
            })?;
            bar.finish_and_clear();
            print_counts(&left.files);
            println!("{:>10} redirects, in _redirects", left.redirects);
            for (path, status) in &left.broken {
                println!("  {path} answers {status}, and pages lead to it");
            }
            println!("{}", to.display());
        }
    }
    Ok(())
}
