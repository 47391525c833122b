//! `dateline backup` and `dateline restore`.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::{
    clock,
    config::Config,
    data_folder::DataFolder,
    db::{Db, RestoreLock},
    transfer::backup,
};

#[derive(Args)]
pub struct BackupArgs {
    /// The backup folder, in which a new subfolder is created
    to: PathBuf,
    /// Delete all but the newest N backups afterwards
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// A backup, or a backup folder to restore the newest one
    from: PathBuf,
    /// Replace a database that is not empty (the old file of SQLite is kept beside it)
    #[arg(long)]
    replace: bool,
}

pub fn back_up(config: &Config, args: &BackupArgs) -> Result<(), Failure> {
    let (folder, manifest) = backup::back_up(
        &config.database_url,
        &config.data_dir.join("media"),
        &args.to,
        clock::now(),
    )?;
    if let Some(keep) = args.keep {
        backup::prune(&args.to, usize::try_from(keep)?)?;
    }
    println!(
        "{}: database of {} bytes and {} picture files, verified",
        folder.display(),
        manifest.bytes,
        manifest.media.len()
    );
    Ok(())
}

pub fn restore(config: &Config, args: &RestoreArgs) -> Result<(), Failure> {
    // Until the end of the function, so that no server starts on a half-restored newspaper.
    let _alone = DataFolder::open_exclusively(config)?;
    let lock = RestoreLock::take(&config.database_url)?;
    let (manifest, kept) = backup::restore(
        &args.from,
        &config.database_url,
        &config.data_dir.join("media"),
        args.replace,
    )?;
    drop(lock);
    // Migrates an older schema and rejects a newer one.
    Db::open(&config.database_url, 1)?;
    println!("Restored the backup of {}.", manifest.made_at);
    println!("All sessions were ended; everyone has to log in again.");
    if let Some(kept) = kept {
        println!("The previous database was moved to {}.", kept.display());
    }
    Ok(())
}
