//! The import as a whole: its order, and what its parts share.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::{
    ImportError, Watch,
    archive::Archive,
    context::Context,
    menus::fill_menus,
    post::{self, Post},
    round_trip::RoundTrip,
    survey::{self, Survey},
    terms::TermImporter,
    wxr::Reader,
};
use crate::{
    db::{
        AnyConnection, Db, PublishThrottle,
        types::{AddressKind, Status},
    },
    error::Error,
    media::{MemoryBudget, Store},
    models::{
        address,
        article::{self, Draft},
        bulk, edition, imported, revision,
        section::{self, SectionTree},
        setting,
    },
    transfer::{Report, fetch::Fetcher},
};

/// The number of sticky posts that fit at the top of the front page.
const MAX_STICKY: usize = edition::FRONT - edition::LATEST;

/// Where the pictures come from, and what decoding them may take.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// The folder `wp-content/uploads` of the old site.
    pub folder: Option<PathBuf>,
    /// Fetches pictures that are not in the folder from the old site.
    pub fetch: Option<Fetcher>,
    pub memory: MemoryBudget,
}

/// Imports an export into a newspaper.
pub struct Importer<'a> {
    pub db: &'a Db,
    pub store: &'a Store,
    pub pictures: Pictures,
    pub now: DateTime<Utc>,
}

impl Importer<'_> {
    /// Imports `export`.
    ///
    /// # Errors
    /// Only for what makes continuing impossible; everything else is in the report.
    pub fn run(&self, export: &Path, watch: &mut Watch<'_>) -> Result<Report, ImportError> {
        // Held until the end: two imports would import everything twice.
        let _lock = self.db.lock_for_import()?.ok_or(ImportError::Busy)?;
        let time_zone = self
            .db
            .read_blocking(|conn| Ok::<_, Error>(setting::load(conn)?.time_zone))?;
        let survey = survey::survey(Reader::open(export)?, time_zone, self.now, watch)?;
        if survey.hosts().is_empty() {
            return Err(ImportError::NoSite);
        }
        let mut report = Report::default();
        let mut context = self
            .db
            .write_blocking(|conn| self.prepare(conn, &survey, &mut report))?;
        let mut deferred = Deferred::default();
        // The transaction above has published authors, sections and topics.
        deferred.throttle.note_shown(self.db.known_version());
        self.import_pictures(&survey, &mut context, &mut report, watch)?;
        let imported = self.import_posts(export, &mut context, &mut report, &mut deferred, watch);
        if imported.is_err() {
            // Publishes what was imported before the error.
            self.db.write_blocking(|_| Ok(()))?;
        }
        imported?;
        self.db.write_blocking(|conn| {
            link_also_read(conn, &context, &deferred.also_read)?;
            pin_sticky(conn, &deferred.sticky)?;
            fill_menus(conn, &survey, &context, self.now)?;
            Ok(())
        })?;
        Ok(report)
    }

    /// Imports settings, authors, sections and topics, with redirects from their old addresses.
    fn prepare(
        &self,
        conn: &mut AnyConnection,
        survey: &Survey,
        report: &mut Report,
    ) -> Result<Context, Error> {
        let source = survey.source();
        let mut settings = setting::load(conn)?;
        // A site that was set up before keeps its name.
        if settings == setting::Settings::default() && !bulk::any_article(conn)? {
            settings.name.clone_from(&survey.title);
            settings.tagline.clone_from(&survey.description);
            if !survey.language.is_empty() {
                settings.language.clone_from(&survey.language);
            }
            setting::save(conn, &settings)?;
            report.count_new("settings");
        }
        let mut context = Context {
            hosts: survey.hosts(),
            authors: HashMap::new(),
            sections: HashMap::new(),
            category_slugs: survey.category_slugs.clone(),
            topics: HashMap::new(),
            archive: Archive {
                hosts: survey.hosts(),
                paths: survey.paths.clone(),
                ..Archive::default()
            },
            tree: SectionTree::default(),
            time_zone: settings.time_zone,
            articles: imported::known(conn, &source, "article")?,
            pages: imported::known(conn, &source, "page")?,
            source: source.clone(),
        };
        let mut terms = TermImporter::new(conn, &source, report);
        context.authors = terms.authors(survey)?;
        context.sections = terms.sections(survey)?;
        context.topics = terms.topics(survey)?;
        let imported = terms.finish();
        imported::insert(conn, &imported)?;
        context.tree = section::tree(conn)?;
        Ok(context)
    }
}

/// Work that is left for the end of a batch or of the import.
#[derive(Default)]
pub(super) struct Deferred {
    /// Articles with paragraphs that become also-read links, or with also-read links below the text.
    pub also_read: Vec<(i64, Option<RoundTrip>)>,
    pub sticky: Vec<i64>,
    /// Articles of this batch that are not in any timeline yet.
    pub unlisted: Vec<i64>,
    /// How often imported articles are published.
    pub throttle: PublishThrottle,
}

impl Deferred {
    pub fn add(&mut self, post: &Post, id: i64, draft: &Draft) {
        let round_trip = post
            .round_trip
            .clone()
            .filter(|fields| !fields.also_read.is_empty());
        if round_trip.is_some() || post::has_also_read(&draft.body) {
            self.also_read.push((id, round_trip));
        }
        if post.is_sticky && draft.status == Status::Published {
            self.sticky.push(id);
        }
    }
}

/// Replaces paragraphs such as “Also read: …” by also-read links.
fn link_also_read(
    conn: &mut AnyConnection,
    context: &Context,
    articles: &[(i64, Option<RoundTrip>)],
) -> Result<(), Error> {
    for (id, round_trip) in articles {
        let Some(record) = article::record(conn, *id)? else {
            continue;
        };
        let content = revision::working_copy(conn, &record)?;
        let body = post::with_also_read(conn, &content.body)?;
        let below = round_trip
            .as_ref()
            .map(|fields| fields.also_read_ids(&context.articles));
        if body != content.body || below.is_some() {
            let draft = Draft {
                body,
                also_read_ids: below.unwrap_or_default(),
                status: record.status,
                path: address::canonical(conn, AddressKind::Article, *id)?,
                published_at: record.published_at.map(|time| time.and_utc()),
                updated_at: record.updated_at.map(|time| time.and_utc()),
                ..content.draft(conn, false)?
            };
            article::update(conn, *id, &draft, &context.tree, context.time_zone)?;
        }
    }
    Ok(())
}

/// Puts sticky posts at the top of the front page, unless an editor has arranged it.
fn pin_sticky(conn: &mut AnyConnection, sticky: &[i64]) -> Result<(), Error> {
    if !sticky.is_empty() && edition::arrangement(conn, None)?.is_empty() {
        let pins: Vec<_> = sticky
            .iter()
            .take(MAX_STICKY)
            .map(|id| (*id, None))
            .collect();
        edition::place(conn, None, &pins)?;
    }
    Ok(())
}
