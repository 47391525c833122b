//! `dateline generate`: creates a synthetic archive for load tests.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::{clock, config::Config, db::Db, generate};

#[derive(Args)]
pub struct GenerateArgs {
    /// The number of articles
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    articles: u64,
    /// The seed of the random numbers: the same seed creates the same archive
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

pub fn run(config: &Config, args: &GenerateArgs) -> Result<(), Failure> {
    let db = Db::open_to_fill(&config.database_url)?;
    let bar = ProgressBar::new(args.articles).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos}/{human_len} articles, {per_sec}, {eta} left {msg}",
    )?);
    let started = std::time::Instant::now();
    generate::archive(
        &db,
        args.articles,
        args.seed,
        clock::now(),
        &mut |progress| match progress {
            generate::Progress::Articles(done) => bar.set_position(done),
            generate::Progress::Step(name) => bar.set_message(format!("({name})")),
        },
    )?;
    bar.finish_and_clear();
    println!(
        "{} articles in {:.1} seconds, in {}",
        args.articles,
        started.elapsed().as_secs_f64(),
        config.database_url.shown(),
    );
    Ok(())
}
