//! `dateline import`: moves in from another system.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::{
    config::{Config, Sources},
    db::Db,
    media::Store,
    transfer::wordpress::{Import, Progress},
};

#[derive(Subcommand)]
pub enum ImportCommand {
    /// From WordPress: an export (Tools › Export, "All content") and the uploads folder
    Wordpress(WordpressArgs),
}

#[derive(Args)]
pub struct WordpressArgs {
    /// The export, a file that ends in .xml
    export: PathBuf,
    /// The folder wp-content/uploads of the old site; without it pictures are left out
    #[arg(long, value_name = "FOLDER")]
    uploads: Option<PathBuf>,
    /// Go through it all and tell what would come of it in an empty newspaper; keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what came of it as JSON too
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub fn run(config: &Config, command: &ImportCommand) -> Result<(), Failure> {
    match command {
        ImportCommand::Wordpress(args) => wordpress(config, args),
    }
}

fn wordpress(config: &Config, args: &WordpressArgs) -> Result<(), Failure> {
    let size = std::fs::metadata(&args.export)
        .map_err(|error| format!("{}: {error}", args.export.display()))?
        .len();
    if let Some(uploads) = args.uploads.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(format!("{} is no folder", uploads.display()).into());
    }
    // What is only tried is taken into a newspaper of its own, which goes with it.
    let scratch = args.dry_run.then(tempfile::tempdir).transpose()?;
    let tried;
    let config = match &scratch {
        Some(folder) => {
            let mut sources = Sources::default();
            sources.flag("data_dir", Some(folder.path().display().to_string()))?;
            tried = sources.finish()?;
            &tried
        }
        None => config,
    };
    let db = Db::open(&config.database_url, 1)?;
    let bar = ProgressBar::new(size).with_style(ProgressStyle::with_template(
        "{msg:18} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
    )?);
    let started = std::time::Instant::now();
    let import = Import {
        db: &db,
        store: &Store::new(config.data_dir.join("media")),
        uploads: args.uploads.clone(),
        now: chrono::Utc::now(),
    };
    let report = import.run(&args.export, &mut |progress| match progress {
        Progress::Looking(bytes) => {
            bar.set_message("looking");
            bar.set_position(bytes);
        }
        Progress::Pictures(done, all) => bar.set_message(format!("pictures {done}/{all}")),
        Progress::Taking(bytes) => {
            bar.set_message("taking");
            bar.set_position(bytes);
        }
    })?;
    bar.finish_and_clear();
    if let Some(path) = &args.report {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    print!("{report}");
    println!("{:.1} seconds", started.elapsed().as_secs_f64());
    if args.dry_run {
        println!("It was only tried: nothing was kept.");
    }
    Ok(())
}
