//! `dateline doctor`: checks the installation and says how to repair it.

use clap::Args;

use super::Failure;
use crate::{
    clock,
    config::Config,
    data_folder::{DataError, DataFolder},
    doctor::{State, examine},
};

#[derive(Args)]
pub struct DoctorArgs {
    /// Add missing articles to the search index and to the timelines
    #[arg(long, alias = "mend")]
    repair: bool,
}

/// Prints all findings.
///
/// # Errors
/// If anything is broken.
pub fn run(config: &Config, args: &DoctorArgs) -> Result<(), Failure> {
    // It creates no folder. Errors other than a running restore are findings.
    let _in_use = match config.data_dir.exists().then(|| DataFolder::open(config)) {
        Some(Err(busy @ DataError::Busy(_))) => return Err(busy.into()),
        opened => opened.and_then(Result::ok),
    };
    let findings = examine(config, args.repair, clock::now());
    for finding in &findings {
        println!("{:6}  {}: {}", finding.state, finding.check, finding.result);
        if !finding.remedy.is_empty() {
            println!("        → {}", finding.remedy);
        }
    }
    let broken = findings
        .iter()
        .filter(|finding| finding.state == State::Broken)
        .count();
    match broken {
        0 => Ok(()),
        1 => Err("1 problem found".into()),
        many => Err(format!("{many} problems found").into()),
    }
}
