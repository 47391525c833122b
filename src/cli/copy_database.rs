//! `dateline copy-database`: from one engine to the other.

use clap::Args;

use super::{Failure, print_counts, spinner};
use crate::{
    db::DatabaseUrl,
    transfer::copy::{self, Progress},
};

#[derive(Args)]
pub struct CopyArgs {
    /// sqlite:PATH or postgres://…; nothing may write to it meanwhile
    #[arg(value_parser = DatabaseUrl::parse)]
    from: DatabaseUrl,
    /// The same, of a database that holds nothing yet
    #[arg(value_parser = DatabaseUrl::parse)]
    to: DatabaseUrl,
}

pub fn run(args: &CopyArgs) -> Result<(), Failure> {
    let bar = spinner()?;
    let counts = copy::copy(&args.from, &args.to, &mut |progress| {
        bar.set_message(match progress {
            Progress::Rows(table, rows) => format!("{table}: {rows} rows"),
            Progress::Words(done, all) => format!("search: {done} of {all} articles"),
        });
        bar.tick();
    })?;
    bar.finish_and_clear();
    print_counts(&counts);
    println!(
        "{} holds what {} does: every row was compared.",
        args.to.shown(),
        args.from.shown()
    );
    println!(
        "Pictures are not in a database: the folder media goes on being used, or is copied by you."
    );
    Ok(())
}
