//! `dateline verify-import`: whether the addresses of the old site lead on.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::{
    config::Config,
    transfer::{verify, visitor::Visitor},
};

#[derive(Args)]
pub struct VerifyArgs {
    /// A file with an old address in each line, or a sitemap of the old site; may be given several times
    #[arg(long, value_name = "FILE", required = true)]
    old_urls: Vec<PathBuf>,
}

/// # Errors
/// Also if any address is lost.
pub fn run(config: &Config, args: &VerifyArgs) -> Result<(), Failure> {
    let mut addresses = Vec::new();
    for path in &args.old_urls {
        addresses.extend(verify::addresses(path)?);
    }
    let visitor = Visitor::new(config)?;
    let bar = ProgressBar::new(addresses.len() as u64).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos}/{human_len} addresses, {per_sec}, {eta} left",
    )?);
    let verified = verify::verify(&visitor, &addresses, &|| bar.inc(1))?;
    bar.finish_and_clear();
    println!("{:>10} addresses answer", verified.there);
    println!("{:>10} redirect to what answers", verified.moved);
    println!("{:>10} are lost", verified.lost.len());
    for (address, why) in &verified.lost {
        println!("  {address} {why}");
    }
    if verified.lost.is_empty() {
        Ok(())
    } else {
        Err("not every old address leads on".into())
    }
}
