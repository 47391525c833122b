//! `dateline verify-import`: checks that the addresses of the old site still work.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Failure,
    site::{Crawler, verify},
};
use crate::config::Config;

#[derive(Args)]
pub struct VerifyArgs {
    /// A file with one old address per line, or a sitemap of the old site; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    old_urls: Vec<PathBuf>,
}

/// Prints the result.
///
/// # Errors
/// Also if any address is lost.
pub fn run(config: &Config, args: &VerifyArgs) -> Result<(), Failure> {
    let mut addresses = Vec::new();
    for path in &args.old_urls {
        addresses.extend(verify::addresses(path)?);
    }
    let crawler = Crawler::new(config)?;
    let bar = ProgressBar::new(addresses.len() as u64).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos}/{human_len} addresses, {per_sec}, {eta} left",
    )?);
    let verified = verify::verify(&crawler, &addresses, &|| bar.inc(1))?;
    bar.finish_and_clear();
    println!("{:>10} addresses respond", verified.found);
    println!(
        "{:>10} redirect to a page that responds",
        verified.redirected
    );
    println!("{:>10} are lost", verified.lost.len());
    for (address, why) in &verified.lost {
        println!("  {address} {why}");
    }
    if verified.lost.is_empty() {
        Ok(())
    } else {
        Err("some old addresses are lost".into())
    }
}
