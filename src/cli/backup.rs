//! `dateline backup` and `dateline restore`.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::{config::Config, db::Db, transfer::backup};

#[derive(Args)]
pub struct BackupArgs {
    /// The folder of backups, in which this one gets a folder of its own
    to: PathBuf,
    /// Delete all but the newest so many afterwards
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// A backup, or a folder of backups for the newest in it
    from: PathBuf,
    /// Put it in the place of a database that holds something (of SQLite the old file is kept beside)
    #[arg(long)]
    replace: bool,
}

pub fn back_up(config: &Config, args: &BackupArgs) -> Result<(), Failure> {
    let (folder, manifest) = backup::back_up(
        &config.database_url,
        &config.data_dir.join("media"),
        &args.to,
        chrono::Utc::now(),
    )?;
    if let Some(keep) = args.keep {
        backup::prune(&args.to, usize::try_from(keep)?)?;
    }
    println!(
        "{}: {} bytes of database and {} files of pictures, read back and whole",
        folder.display(),
        manifest.bytes,
        manifest.media.len()
    );
    Ok(())
}

pub fn restore(config: &Config, args: &RestoreArgs) -> Result<(), Failure> {
    let (manifest, kept) = backup::restore(
        &args.from,
        &config.database_url,
        &config.data_dir.join("media"),
        args.replace,
    )?;
    // Brings an older schema up to date, and refuses a newer one.
    Db::open(&config.database_url, 1)?;
    println!("The newspaper is as it was at {}.", manifest.made_at);
    if let Some(kept) = kept {
        println!("What was there before is in {}.", kept.display());
    }
    Ok(())
}
