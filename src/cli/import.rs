//! `dateline import`: imports from WordPress or Ghost.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::{
    clock,
    config::Config,
    db::Db,
    media::{MemoryBudget, Store},
    transfer::{
        fetch::Fetcher,
        ghost::OldSite,
        import::{Import, System},
        wordpress::{Pictures, Progress},
    },
};

#[derive(Subcommand)]
pub enum ImportCommand {
    /// From WordPress: an export (Tools › Export, "All content") and the uploads folder
    Wordpress(WordpressArgs),
    /// From Ghost: an export (Settings › Migration tools) and the folder content/images
    Ghost(GhostArgs),
}

/// Options of every import.
#[derive(Args)]
pub struct CommonArgs {
    /// Download pictures that are not in the folder from their addresses in the export
    #[arg(long)]
    fetch_media: bool,
    /// An address of an internal network from which downloads are permitted
    #[arg(long, value_name = "IP", requires = "fetch_media")]
    fetch_allow: Vec<IpAddr>,
    /// Import into a temporary, empty newspaper and print the report
    #[arg(long)]
    dry_run: bool,
    /// Also write the report as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Args)]
pub struct WordpressArgs {
    /// The export, a file that ends in .xml
    export: PathBuf,
    /// The folder wp-content/uploads of the old site; without it pictures are skipped
    #[arg(long, value_name = "FOLDER")]
    uploads: Option<PathBuf>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
pub struct GhostArgs {
    /// The export, a file that ends in .json
    export: PathBuf,
    /// The public address of the old site, which is not in the export
    #[arg(long, value_name = "URL")]
    url: String,
    /// The folder content/images of the old site; without it pictures are skipped
    #[arg(long, value_name = "FOLDER")]
    images: Option<PathBuf>,
    /// The pattern of the old site's addresses, as in its routes.yaml
    #[arg(long, value_name = "PATTERN", default_value = "/{slug}/")]
    permalink: String,
    /// The file redirects.json of the old site
    #[arg(long, value_name = "FILE")]
    redirects: Option<PathBuf>,
    #[command(flatten)]
    common: CommonArgs,
}

impl ImportCommand {
    fn common(&self) -> &CommonArgs {
        match self {
            Self::Wordpress(args) => &args.common,
            Self::Ghost(args) => &args.common,
        }
    }

    /// Whether nothing is written to the data folder.
    pub fn is_dry_run(&self) -> bool {
        self.common().dry_run
    }
}

pub fn run(config: &Config, command: &ImportCommand) -> Result<(), Failure> {
    let common = command.common();
    let (export, folder, system) = match command {
        ImportCommand::Wordpress(args) => (&args.export, &args.uploads, System::Wordpress),
        ImportCommand::Ghost(args) => {
            let old = OldSite {
                url: args.url.clone(),
                permalink: args.permalink.clone(),
            };
            let redirects = args.redirects.clone();
            let system = System::Ghost { old, redirects };
            (&args.export, &args.images, system)
        }
    };
    let size = std::fs::metadata(export)
        .map_err(|error| format!("{}: {error}", export.display()))?
        .len();
    if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(format!("{} is not a folder", folder.display()).into());
    }
    let import = Import {
        system,
        export: export.clone(),
        pictures: Pictures {
            folder: folder.clone(),
            fetch: common
                .fetch_media
                .then(|| Fetcher::new(common.fetch_allow.clone())),
            memory: MemoryBudget::megabytes(config.picture_memory_mb),
        },
    };
    let bar = ProgressBar::new(size).with_style(ProgressStyle::with_template(
        "{msg:18} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
    )?);
    let started = std::time::Instant::now();
    let now = clock::now();
    let mut watch = |progress| {
        match progress {
            Progress::Survey(bytes) => {
                bar.set_message("survey");
                bar.set_position(bytes);
            }
            Progress::Pictures(done, all) => bar.set_message(format!("pictures {done}/{all}")),
            Progress::Articles(bytes, articles) => {
                bar.set_message(format!("articles {articles}"));
                bar.set_position(bytes);
            }
        }
        Ok(())
    };
    let report = if common.dry_run {
        import.dry_run(now, &mut watch)?
    } else {
        let db = Db::open(&config.database_url, 1)?;
        let store = Store::new(config.data_dir.join("media"));
        import.run(&db, &store, now, &mut watch)?
    };
    bar.finish_and_clear();
    if let Some(path) = &common.report {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    print!("{report}");
    println!("{:.1} seconds", started.elapsed().as_secs_f64());
    if common.dry_run {
        println!("Dry run: nothing was imported.");
    }
    Ok(())
}
