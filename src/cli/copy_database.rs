//! `dateline copy-database`: copies the data to a database of either engine.

use clap::Args;

use super::{Failure, print_counts, spinner};
use crate::{
    config::Config,
    data_folder::DataFolder,
    db::{DatabaseUrl, RestoreLock},
    transfer::copy::{self, Progress},
};

#[derive(Args)]
pub struct CopyArgs {
    /// sqlite:PATH or postgres://…; nothing may write to it during the copy
    #[arg(value_parser = DatabaseUrl::parse)]
    from: DatabaseUrl,
    /// The empty target database, in the same form
    #[arg(value_parser = DatabaseUrl::parse)]
    to: DatabaseUrl,
}

pub fn run(config: &Config, args: &CopyArgs) -> Result<(), Failure> {
    let is_same = args.from == args.to;
    // A database cannot be locked in both ways; copying it into itself is refused below.
    let _locks = match is_same {
        true => None,
        false => {
            let source = match args.from.missing_file() {
                Some(_) => None,
                None => Some(DataFolder::read_from(&args.from)?),
            };
            Some((source, DataFolder::fill(config, &args.to)?))
        }
    };
    // Filling it needs connections of its own.
    drop(RestoreLock::take(&args.to)?);
    let bar = spinner()?;
    let counts = copy::copy(&args.from, &args.to, &mut |progress| {
        bar.set_message(match progress {
            Progress::Rows(table, rows) => format!("{table}: {rows} rows"),
            Progress::Index(done, all) => format!("search: {done} of {all} articles"),
        });
        bar.tick();
    })?;
    bar.finish_and_clear();
    print_counts(&counts);
    println!(
        "{} is a copy of {}: every row was compared.",
        args.to.shown(),
        args.from.shown()
    );
    println!("Pictures are not in the database. To move them, copy the folder media.");
    Ok(())
}
