//! `dateline doctor`: what is wrong, and how to mend it.

use clap::Args;

use super::Failure;
use crate::{
    config::Config,
    doctor::{State, examine},
};

#[derive(Args)]
pub struct DoctorArgs {
    /// Put stories into the search index and the lists that are missing there
    #[arg(long)]
    mend: bool,
}

/// # Errors
/// If anything is broken.
pub fn run(config: &Config, args: &DoctorArgs) -> Result<(), Failure> {
    let found = examine(config, args.mend, chrono::Utc::now());
    for finding in &found {
        println!("{:6}  {}: {}", finding.state, finding.what, finding.said);
        if !finding.mend.is_empty() {
            println!("        → {}", finding.mend);
        }
    }
    let broken = found
        .iter()
        .filter(|one| one.state == State::Broken)
        .count();
    match broken {
        0 => Ok(()),
        1 => Err("one thing is broken".into()),
        many => Err(format!("{many} things are broken").into()),
    }
}
