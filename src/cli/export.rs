//! `dateline export`: exports for WordPress, as JSON, or as static files.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Failure, print_counts, site, spinner};
use crate::{clock, config::Config, db::Db, media::Store, transfer::export};

#[derive(Subcommand)]
pub enum ExportCommand {
    /// For WordPress: export.xml, and the pictures beside it
    Wordpress(ExportArgs),
    /// Everything but secrets as JSON: newspaper.json, and the pictures beside it
    Json(ExportArgs),
    /// The whole site as static files, for any web server
    Site(ExportArgs),
}

#[derive(Args)]
pub struct ExportArgs {
    /// A folder that does not exist or is empty
    to: PathBuf,
}

pub fn run(config: &Config, command: &ExportCommand) -> Result<(), Failure> {
    let media = Store::new(config.data_dir.join("media"));
    let now = clock::now();
    let bar = spinner()?;
    let show = |message: String| {
        bar.set_message(message);
        bar.tick();
    };
    match command {
        ExportCommand::Wordpress(ExportArgs { to }) => {
            let base_url = config
                .base_url
                .as_ref()
                .ok_or(export::ExportError::NoBaseUrl)?;
            let db = Db::open(&config.database_url, 1)?;
            let base_url = base_url.as_str().trim_end_matches('/');
            let counts = export::wordpress(&db, &media, base_url, to, now, &mut |done| {
                show(format!("{done} articles"));
            })?;
            bar.finish_and_clear();
            print_counts(&counts);
            println!("{0}/export.xml, {0}/media", to.display());
        }
        ExportCommand::Json(ExportArgs { to }) => {
            let counts = export::json(&config.database_url, &media, to, now)?;
            bar.finish_and_clear();
            print_counts(&counts);
            println!("{0}/newspaper.json, {0}/media", to.display());
        }
        ExportCommand::Site(ExportArgs { to }) => {
            let exported = site::export(config, to, &mut |done, known| {
                show(format!("{done} of {known} known pages"));
            })?;
            bar.finish_and_clear();
            print_counts(&exported.files);
            println!("{:>10} redirects, in _redirects", exported.redirects);
            for (path, status) in &exported.broken {
                println!("  {path} responds with {status}, but is linked");
            }
            for (path, why) in &exported.skipped {
                println!("  {path} is skipped, because it cannot be a file: {why}");
            }
            println!("{}", to.display());
        }
    }
    Ok(())
}
