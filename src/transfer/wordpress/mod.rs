//! Moving in from WordPress, with an export (WXR) and, for the pictures, its uploads folder.
//!
//! The file is read twice: once to know who and what is in it, once to take its posts and pages. Whatever was
//! taken is noted, so that a run can be stopped and begun again at any moment: what is there is updated or
//! left, never doubled.

mod body;
pub(super) mod own;
mod post;
mod survey;
pub(super) mod writer;
mod wxr;

use std::{
    collections::{HashMap, HashSet},
    hash::Hasher,
    io::Read,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use siphasher::sip::SipHasher24;

pub use post::split_dateline;
pub(super) use survey::CREDIT;

use self::{
    body::Archive,
    own::Own,
    post::{Kind, Post},
    survey::{Survey, Term},
    wxr::{Piece, ReadError, Reader},
};
use super::{Report, Trouble, fetch::Fetcher};
use crate::{
    db::{
        AnyConnection, Db, Pace,
        types::{AddressKind, Menu, Status},
    },
    error::Error,
    media::{self, Limits, Store, widths_text},
    models::{
        address,
        article::{self, Draft},
        author::{self, NewAuthor},
        bulk, edition,
        imported::{self, Known, Taken},
        media::{self as pictures, Description, Files, pixels},
        menu, page, revision,
        section::{self, NewSection, SectionTree},
        setting, topic,
    },
    parallel::{behind_readers, cores},
    routes,
    text::slug,
};

/// So many posts are converted and written together: while they are written, nobody else can save.
const BATCH: usize = 200;
/// So many sticky posts have room at the top of the front page.
const STICKY: usize = edition::FRONT - edition::LATEST;

/// Whoever watches an import wants it to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Why an import ended early; its text is for whoever runs it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("it was stopped; what was taken stays, and another run goes on from there")]
    Stopped,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] Error),
    #[error("the export does not say of which site it is")]
    NoSite,
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Write(error.into())
    }
}

impl From<Stop> for ImportError {
    fn from(_: Stop) -> Self {
        Self::Stopped
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// So many bytes of the first reading.
    Looking(u64),
    /// So many of the pictures.
    Pictures(u64, u64),
    /// So many bytes of the second reading, and so many articles in them.
    Taking(u64, u64),
}

/// Is told how far an import is, and may have it end there.
pub type Watch<'w> = dyn FnMut(Progress) -> Result<(), Stop> + 'w;

/// Where the pictures come from.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// The folder `wp-content/uploads` of the old site.
    pub folder: Option<PathBuf>,
    /// Whether those that are in no folder are fetched from the old site.
    pub fetch: Option<Fetcher>,
}

/// What an import needs, besides the file.
pub struct Import<'a> {
    pub db: &'a Db,
    pub store: &'a Store,
    pub pictures: Pictures,
    pub now: DateTime<Utc>,
}

/// Reads an export to its end, converts the texts in it and keeps nothing; returns how many there are.
pub fn look_through(export: impl Read + 'static) -> Result<u64, ImportError> {
    let mut reader = Reader::new(export)?;
    let archive = Archive::default();
    let mut texts = 0;
    while let Some(piece) = reader.next()? {
        let Piece::Whole(element, line) = piece else {
            continue;
        };
        if element.name == "item"
            && let Ok(Some(post)) = Post::read(&element, line, digest(&element), Tz::UTC)
        {
            post::text(&post, &archive);
            texts += 1;
        }
    }
    Ok(texts)
}

/// What the posts refer to, as it stands here.
struct Here {
    source: String,
    hosts: Vec<String>,
    authors: HashMap<String, i64>,
    sections: HashMap<String, i64>,
    category_numbers: HashMap<i64, String>,
    topics: HashMap<String, i64>,
    archive: Archive,
    tree: SectionTree,
    time_zone: Tz,
    articles: HashMap<String, Known>,
    pages: HashMap<String, Known>,
}

impl Import<'_> {
    /// Imports `export`.
    ///
    /// # Errors
    /// Only for what makes going on impossible; everything else is in the report.
    pub fn run(&self, export: &Path, watch: &mut Watch<'_>) -> Result<Report, ImportError> {
        let survey = survey::survey(Reader::open(export)?, watch)?;
        if survey.hosts().is_empty() {
            return Err(ImportError::NoSite);
        }
        let mut report = Report::default();
        let mut here = self
            .db
            .write_blocking(|conn| self.people_and_places(conn, &survey, &mut report))?;
        let mut after = After::default();
        // Authors, sections and topics are.
        after.pace.note_shown(self.db.known_version());
        self.take_pictures(&survey, &mut here, &mut report, watch)?;
        let taken = self.take_posts(export, &mut here, &mut report, &mut after, watch);
        if taken.is_err() {
            // What was taken is shown, though it ended early.
            self.db.write_blocking(|_| Ok(()))?;
        }
        taken?;
        self.db.write_blocking(|conn| {
            also_read(conn, &here, &after.also_read)?;
            pin(conn, &after.sticky)?;
            fill_menus(conn, &survey, &here)?;
            Ok(())
        })?;
        Ok(report)
    }

    /// Settings, authors, sections and topics, with the addresses that they had.
    fn people_and_places(
        &self,
        conn: &mut AnyConnection,
        survey: &Survey,
        report: &mut Report,
    ) -> Result<Here, Error> {
        let source = survey.source();
        let mut settings = setting::load(conn)?;
        // A publication that has a name already keeps its own.
        if settings == setting::Settings::default() && !bulk::any_article(conn)? {
            settings.name.clone_from(&survey.title);
            settings.tagline.clone_from(&survey.description);
            if !survey.language.is_empty() {
                settings.language.clone_from(&survey.language);
            }
            setting::save(conn, &settings)?;
            report.took("settings");
        }
        let mut here = Here {
            hosts: survey.hosts(),
            authors: HashMap::new(),
            sections: HashMap::new(),
            category_numbers: survey.category_numbers.clone(),
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
        let mut takes = Takes {
            conn,
            source: &source,
            report,
            taken: Vec::new(),
        };
        here.authors = takes.authors(survey)?;
        here.sections = takes.sections(survey)?;
        here.topics = takes.topics(survey)?;
        let taken = takes.taken;
        imported::note(conn, &taken)?;
        here.tree = section::tree(conn)?;
        Ok(here)
    }

    fn take_pictures(
        &self,
        survey: &Survey,
        here: &mut Here,
        report: &mut Report,
        watch: &mut Watch<'_>,
    ) -> Result<(), ImportError> {
        let known = self.db.read_blocking(|conn| {
            Ok::<_, Error>(imported::known(conn, &here.source, "picture")?)
        })?;
        for (done, attachment) in (1..).zip(&survey.attachments) {
            watch(Progress::Pictures(done, survey.attachments.len() as u64))?;
            let upload = body::upload_path(&attachment.url);
            let media_id = match known.get(&attachment.id.to_string()) {
                Some(known) => {
                    report.left("pictures");
                    Some(known.target_id)
                }
                None => match self.take_picture(here, attachment) {
                    Ok(picture) => {
                        report.took("pictures");
                        here.archive.new.insert(picture.id);
                        if !picture.keeps_caption {
                            report.lose(Trouble {
                                line: attachment.line,
                                what: format!("the picture {}", attachment.url),
                                why: format!(
                                    "its caption {:?}: another caption stands with the same picture already",
                                    post::plain(&attachment.caption)
                                ),
                            });
                        }
                        Some(picture.id)
                    }
                    Err(Skipped::Why(why)) => {
                        report.skip(Trouble {
                            line: attachment.line,
                            what: format!("the picture {}", attachment.url),
                            why,
                        });
                        None
                    }
                    Err(Skipped::Failed(error)) => return Err(error),
                },
            };
            if let Some(media_id) = media_id {
                here.archive.media.insert(attachment.id, media_id);
                if let Some(upload) = upload {
                    let by_upload = &mut here.archive.media_by_upload;
                    by_upload
                        .entry(body::original_of(&upload))
                        .or_insert(media_id);
                    by_upload.insert(upload, media_id);
                }
                let of_parent = here.archive.attached.entry(attachment.parent).or_default();
                of_parent.push(attachment.id);
            }
        }
        Ok(())
    }

    fn take_picture(
        &self,
        here: &Here,
        attachment: &survey::Attachment,
    ) -> Result<Picture, Skipped> {
        let (name, bytes) = self.picture_file(attachment).map_err(Skipped::Why)?;
        let decoded = media::decode(&bytes, Limits::UPLOAD)
            .map_err(|refused| Skipped::Why(refused.to_string()))?;
        let failed = |error: Error| Skipped::Failed(error.into());
        let begun = self.store.begin(&decoded).map_err(failed)?;
        let files = Files {
            widths: widths_text(&begun.widths),
            hash: begun.hash,
            width: pixels(begun.width),
            height: pixels(begun.height),
            name,
            bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        };
        let caption = post::plain(&attachment.caption);
        let taken = self.db.record_blocking(|conn| {
            let (item, is_new) = pictures::take_in(conn, &files, None, self.now)?;
            if is_new {
                let new = Description {
                    alt: attachment.alt.clone(),
                    caption: caption.clone(),
                    credit: attachment.credit.clone(),
                    focal_x: item.media.focal_x,
                    focal_y: item.media.focal_y,
                };
                pictures::describe(conn, &item, &new)?;
            }
            let taken = Taken {
                source: &here.source,
                kind: "picture",
                foreign_id: attachment.id.to_string(),
                target_id: item.media.id,
                digest: 0,
            };
            imported::note(conn, &[taken])?;
            Ok::<_, Error>(Picture {
                id: item.media.id,
                keeps_caption: is_new || caption.is_empty() || caption == item.media.caption,
            })
        });
        taken.map_err(failed)
    }

    /// The name and the content of a picture's file.
    ///
    /// # Errors
    /// Why it cannot be had.
    fn picture_file(&self, attachment: &survey::Attachment) -> Result<(String, Vec<u8>), String> {
        let Some(below) = body::upload_path(&attachment.url) else {
            return Err("it is no upload".to_owned());
        };
        let below = percent_encoding::percent_decode_str(&below)
            .decode_utf8_lossy()
            .into_owned();
        let name = below.rsplit('/').next().unwrap_or_default().to_owned();
        let from_folder = match &self.pictures.folder {
            Some(folder) => {
                // Nothing but what lies in the folder is read.
                let is_below = Path::new(&below)
                    .components()
                    .all(|part| matches!(part, std::path::Component::Normal(_)));
                if !is_below {
                    return Err("its address leads out of the folder".to_owned());
                }
                let file = folder.join(&below);
                std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))
            }
            None => Err("no folder with the pictures of the old site was given".to_owned()),
        };
        match (from_folder, &self.pictures.fetch) {
            (Ok(bytes), _) => Ok((name, bytes)),
            (Err(_), Some(fetcher)) => Ok((name, fetcher.get(&attachment.url)?)),
            (Err(why), None) => Err(why),
        }
    }

    /// The second reading: posts and pages.
    fn take_posts(
        &self,
        export: &Path,
        here: &mut Here,
        report: &mut Report,
        after: &mut After,
        watch: &mut Watch<'_>,
    ) -> Result<(), ImportError> {
        let mut reader = Reader::open(export)?;
        let mut batch: Vec<Post> = Vec::with_capacity(BATCH);
        loop {
            let piece = reader.next()?;
            match &piece {
                Some(Piece::Whole(element, line)) if element.name == "item" => {
                    report.comments += element.comments;
                    match Post::read(element, *line, digest(element), here.time_zone) {
                        Ok(Some(post)) => {
                            if element.garbled > 0 {
                                report.lose(post.trouble(format!(
                                    "{} characters are nothing in the encoding of the file; they became \u{fffd}",
                                    element.garbled
                                )));
                            }
                            batch.push(post);
                        }
                        Ok(None) => {}
                        Err(trouble) => report.skip(trouble),
                    }
                }
                Some(Piece::Broken { line, why }) => report.cannot_read(Trouble {
                    line: *line,
                    what: "what begins here".to_owned(),
                    why: why.clone(),
                }),
                _ => {}
            }
            if batch.len() == BATCH || (piece.is_none() && !batch.is_empty()) {
                self.write(std::mem::take(&mut batch), here, report, after)?;
                let articles = report.articles();
                watch(Progress::Taking(reader.progress.bytes(), articles))?;
            }
            if piece.is_none() {
                return Ok(());
            }
        }
    }

    fn write(
        &self,
        batch: Vec<Post>,
        here: &mut Here,
        report: &mut Report,
        after: &mut After,
    ) -> Result<(), ImportError> {
        // What is there as it is needs not be converted again, but to show what it lacked.
        let changed: Vec<Post> = batch
            .into_iter()
            .filter(|post| {
                let known = here.known(post);
                let archive = &here.archive;
                if let Some(known) = known.filter(|known| known.digest == post.digest)
                    && !archive.brings_pictures(post.id, post.thumbnail, &post.content)
                {
                    report.left(post.kind.plural());
                    if post.is_sticky {
                        after.sticky.push(known.target_id);
                    }
                    return false;
                }
                true
            })
            .collect();
        let converted = converted(&changed, here);
        let is_new = changed.iter().all(|post| here.known(post).is_none());
        let can_wait = is_new && !after.pace.is_due(self.db.known_version());
        let write = |conn: &mut AnyConnection| {
            let mut noted = Vec::with_capacity(changed.len());
            for (post, text) in changed.iter().zip(converted) {
                let written = match post.kind {
                    Kind::Article => self.write_article(conn, post, text, here, report, after)?,
                    Kind::Page => self.write_page(conn, post, text, here, report)?,
                };
                if let Some(id) = written {
                    noted.push(Taken {
                        source: &here.source,
                        kind: post.kind.name(),
                        foreign_id: post.id.to_string(),
                        target_id: id,
                        digest: post.digest,
                    });
                    old_address(conn, post, id, &here.hosts, report)?;
                }
            }
            imported::note(conn, &noted)?;
            let unlisted = std::mem::take(&mut after.unlisted);
            article::list(conn, &unlisted, &here.tree, here.time_zone)?;
            Ok(noted
                .into_iter()
                .map(|taken| {
                    let known = Known {
                        target_id: taken.target_id,
                        digest: taken.digest,
                    };
                    (taken.kind == "page", taken.foreign_id, known)
                })
                .collect::<Vec<_>>())
        };
        // What is shown makes every page anew, several times a second: readers would feel it.
        let noted = if can_wait {
            self.db.record_blocking(write)?
        } else {
            let noted = if is_new {
                self.db.write_unhurried_blocking(write)?
            } else {
                self.db.write_blocking(write)?
            };
            after.pace.note_shown(self.db.known_version());
            noted
        };
        for (is_page, id, known) in noted {
            if is_page {
                here.pages.insert(id, known);
            } else {
                here.articles.insert(id, known);
            }
        }
        Ok(())
    }

    fn write_article(
        &self,
        conn: &mut AnyConnection,
        post: &Post,
        text: post::Text,
        here: &Here,
        report: &mut Report,
        after: &mut After,
    ) -> Result<Option<i64>, Error> {
        for why in text.lost {
            report.lose(post.trouble(why));
        }
        let section_ids: Vec<i64> = post
            .categories(&here.category_numbers)
            .iter()
            .filter_map(|slug| here.sections.get(slug))
            .copied()
            .collect();
        let mut author_ids: Vec<i64> = post
            .authors
            .iter()
            .filter_map(|login| here.authors.get(login))
            .copied()
            .collect();
        author_ids.dedup();
        let mut topic_ids: Vec<i64> = post
            .tags
            .iter()
            .filter_map(|slug| here.topics.get(slug))
            .copied()
            .collect();
        topic_ids.dedup();
        let known = here.known(post).copied();
        let own = post.own.as_ref();
        let mut draft = Draft {
            status: post.status,
            headline: post.title.clone(),
            standfirst: post.standfirst.clone(),
            dateline: text.dateline,
            section_id: section_ids.first().or(here.sections.get(UNFILED)).copied(),
            further_section_ids: section_ids.iter().skip(1).copied().collect(),
            author_ids,
            topic_ids,
            lead_media_id: here.archive.media.get(&post.thumbnail).copied(),
            published_at: post.published_at,
            updated_at: post.updated_at,
            body: text.body,
            kicker: own.map(|own| own.kicker.clone()).unwrap_or_default(),
            translations: own.map(|own| own.translations.clone()).unwrap_or_default(),
            search_title: post.search_title.clone(),
            search_description: post.search_description.clone(),
            slug: post.slug.clone(),
            ..Draft::default()
        };
        if let Some(known) = known {
            let Some(record) = article::record(conn, known.target_id)? else {
                report.left("articles");
                return Ok(None);
            };
            if record.revision_id.is_some() {
                report.left("articles");
                let why = "it was edited here since it was imported; that is not undone";
                report.skip(post.trouble(why.to_owned()));
                return Ok(None);
            }
            draft.path = address::canonical(conn, AddressKind::Article, known.target_id)?;
            article::update(conn, known.target_id, &draft, &here.tree, here.time_zone)?;
            report.updated("articles");
            after.note(post, known.target_id, &draft);
            return Ok(Some(known.target_id));
        }
        if let Some(path) = post::permalink(post, &here.hosts)
            && !routes::is_reserved(&path)
            && address::holder(conn, &path)?.is_none()
        {
            draft.path = Some(path);
            if draft.status == Status::Published {
                report.addresses_kept += 1;
            }
        }
        let id = article::insert_unlisted(conn, &draft, here.time_zone, self.now)?;
        after.unlisted.push(id);
        report.took("articles");
        *report.states.entry(post.state.clone()).or_default() += 1;
        after.note(post, id, &draft);
        Ok(Some(id))
    }

    fn write_page(
        &self,
        conn: &mut AnyConnection,
        post: &Post,
        text: post::Text,
        here: &Here,
        report: &mut Report,
    ) -> Result<Option<i64>, Error> {
        for why in text.lost {
            report.lose(post.trouble(why));
        }
        if post.status != Status::Published {
            report.skip(post.trouble(format!(
                "it is not public there ({}), and pages here always are",
                post.state
            )));
            return Ok(None);
        }
        if let Some(known) = here.known(post) {
            let Some(there) = page::listed(conn, known.target_id)? else {
                report.left("pages");
                return Ok(None);
            };
            page::change(
                conn,
                there.id,
                &post.title,
                &text.body,
                &there.path,
                self.now,
            )?;
            report.updated("pages");
            return Ok(Some(there.id));
        }
        let wished =
            post::permalink(post, &here.hosts).unwrap_or_else(|| format!("/{}", slug(&post.title)));
        let path = free(conn, &wished)?;
        let id = page::insert(conn, &post.title, &text.body, &path, self.now)?;
        report.took("pages");
        Ok(Some(id))
    }
}

/// What is done when everything is there.
#[derive(Default)]
struct After {
    /// Articles with links to others that are to become also-read links, and the numbers of those linked to
    /// below the text.
    also_read: Vec<(i64, Option<Own>)>,
    sticky: Vec<i64>,
    /// Articles of this batch that stand in no list yet.
    unlisted: Vec<i64>,
    /// How often what was taken is shown.
    pace: Pace,
}

impl After {
    fn note(&mut self, post: &Post, id: i64, draft: &Draft) {
        let own = post.own.clone().filter(|own| !own.also_read.is_empty());
        if own.is_some() || post::has_also_read(&draft.body) {
            self.also_read.push((id, own));
        }
        if post.is_sticky && draft.status == Status::Published {
            self.sticky.push(id);
        }
    }
}

/// A picture of the library that an attachment has become.
struct Picture {
    id: i64,
    /// Two attachments with the same file are one picture, which has one caption.
    keeps_caption: bool,
}

enum Skipped {
    Why(String),
    Failed(ImportError),
}

/// The slug of the section for what has none.
const UNFILED: &str = "uncategorized";

impl Here {
    fn known(&self, post: &Post) -> Option<&Known> {
        let of_kind = match post.kind {
            Kind::Article => &self.articles,
            Kind::Page => &self.pages,
        };
        of_kind.get(&post.id.to_string())
    }
}

/// The texts of posts, converted on all cores.
fn converted(posts: &[Post], here: &Here) -> Vec<post::Text> {
    let texts = behind_readers(posts, cores(), |some| {
        some.iter()
            .map(|post| post::text(post, &here.archive))
            .collect::<Vec<_>>()
    });
    texts.into_iter().flatten().collect()
}

/// Makes people and places of what the survey found.
struct Takes<'c, 's> {
    conn: &'c mut AnyConnection,
    source: &'s str,
    report: &'c mut Report,
    taken: Vec<Taken<'s>>,
}

impl Takes<'_, '_> {
    fn note(&mut self, kind: &'static str, foreign_id: &str, target_id: i64) {
        self.taken.push(Taken {
            source: self.source,
            kind,
            foreign_id: foreign_id.to_owned(),
            target_id,
            digest: 0,
        });
    }

    fn authors(&mut self, survey: &Survey) -> Result<HashMap<String, i64>, Error> {
        let known = imported::known(self.conn, self.source, "author")?;
        let mut ids = HashMap::new();
        for there in &survey.authors {
            if there.login.is_empty() {
                continue;
            }
            if let Some(known) = known.get(&there.login) {
                self.report.left("authors");
                ids.insert(there.login.clone(), known.target_id);
                continue;
            }
            let name = if there.name.is_empty() {
                &there.login
            } else {
                &there.name
            };
            let wished = slug(&there.login);
            let path = free(self.conn, &author::path(&wished))?;
            let new = NewAuthor {
                slug: path.rsplit('/').next().unwrap_or(&wished),
                name,
                title: "",
                biography: "",
                email: "",
                portrait_id: None,
                social_links: "[]",
            };
            let id = author::insert(self.conn, &new)?;
            self.report.took("authors");
            self.note("author", &there.login, id);
            ids.insert(there.login.clone(), id);
        }
        Ok(ids)
    }

    fn sections(&mut self, survey: &Survey) -> Result<HashMap<String, i64>, Error> {
        let known = imported::known(self.conn, self.source, "section")?;
        let mut ids: HashMap<String, i64> = known
            .iter()
            .map(|(slug, known)| (slug.clone(), known.target_id))
            .collect();
        let by_slug: HashMap<&str, &Term> = survey
            .categories
            .iter()
            .map(|term| (term.slug.as_str(), term))
            .collect();
        let unfiled = Term {
            slug: UNFILED.to_owned(),
            parent: String::new(),
            name: "Uncategorized".to_owned(),
            description: String::new(),
        };
        let mut position = section::next_position(self.conn)?;
        let all = survey.categories.iter();
        for term in all.chain((!by_slug.contains_key(UNFILED)).then_some(&unfiled)) {
            // Parents first, and nobody their own ancestor.
            let mut line = vec![term];
            let mut seen = HashSet::from([term.slug.as_str()]);
            while let Some(parent) = line
                .last()
                .and_then(|term| by_slug.get(term.parent.as_str()))
                && seen.insert(parent.slug.as_str())
            {
                line.push(parent);
            }
            let mut parent: Option<i64> = None;
            let mut old = "/category".to_owned();
            for term in line.into_iter().rev() {
                old = format!("{old}/{}", term.slug);
                if let Some(id) = ids.get(&term.slug) {
                    parent = Some(*id);
                    continue;
                }
                let of_parent = match parent {
                    Some(id) => address::canonical(self.conn, AddressKind::Section, id)?,
                    None => None,
                };
                let wished = format!("{}/{}", of_parent.unwrap_or_default(), slug(&term.slug));
                let path = free(self.conn, &wished)?;
                let new = NewSection {
                    parent_id: parent,
                    slug: path.rsplit('/').next().unwrap_or_default(),
                    name: &post::plain(&term.name),
                    description: &post::plain(&term.description),
                    position,
                };
                position += 1;
                let id = section::insert(self.conn, &new, &path)?;
                self.report.took("sections");
                self.note("section", &term.slug, id);
                self.redirect(&old, &path)?;
                ids.insert(term.slug.clone(), id);
                parent = Some(id);
            }
        }
        for _ in known {
            self.report.left("sections");
        }
        Ok(ids)
    }

    fn topics(&mut self, survey: &Survey) -> Result<HashMap<String, i64>, Error> {
        let known = imported::known(self.conn, self.source, "topic")?;
        let mut ids = HashMap::new();
        for term in &survey.tags {
            if let Some(known) = known.get(&term.slug) {
                self.report.left("topics");
                ids.insert(term.slug.clone(), known.target_id);
                continue;
            }
            let name = post::plain(&term.name);
            let wished = slug(&term.slug);
            let id = match topic::find_by_slug(self.conn, &wished)? {
                Some(topic) => topic.id,
                None => {
                    let path = free(self.conn, &topic::path(&wished))?;
                    let slug = path.rsplit('/').next().unwrap_or(&wished);
                    topic::insert(self.conn, slug, &name, &post::plain(&term.description))?
                }
            };
            self.report.took("topics");
            self.note("topic", &term.slug, id);
            if let Some(path) = address::canonical(self.conn, AddressKind::Topic, id)? {
                self.redirect(&format!("/tag/{}", term.slug), &path)?;
            }
            ids.insert(term.slug.clone(), id);
        }
        Ok(ids)
    }

    fn redirect(&mut self, old: &str, new: &str) -> Result<(), Error> {
        if old != new && address::holder(self.conn, old)?.is_none() {
            address::redirect(self.conn, old, new)?;
            self.report.redirects_made += 1;
        }
        Ok(())
    }
}

/// The path, with a number behind it if it is taken or the program's own.
fn free(conn: &mut AnyConnection, wished: &str) -> Result<String, Error> {
    let mut path = wished.to_owned();
    for number in 2.. {
        if !routes::is_reserved(&path) && address::holder(conn, &path)?.is_none() {
            break;
        }
        path = format!("{wished}-{number}");
    }
    Ok(path)
}

/// Where a post cannot have the address that it had there, the old one leads on.
fn old_address(
    conn: &mut AnyConnection,
    post: &Post,
    id: i64,
    hosts: &[String],
    report: &mut Report,
) -> Result<(), Error> {
    let kind = match post.kind {
        Kind::Article => AddressKind::Article,
        Kind::Page => AddressKind::Page,
    };
    let old = post::permalink(post, hosts);
    let (Some(old), Some(new)) = (old, address::canonical(conn, kind, id)?) else {
        return Ok(());
    };
    if old != new && !routes::is_reserved(&old) && address::holder(conn, &old)?.is_none() {
        address::redirect(conn, &old, &new)?;
        report.redirects_made += 1;
    }
    Ok(())
}

/// Makes also-read links of the paragraphs that were that in words.
fn also_read(
    conn: &mut AnyConnection,
    here: &Here,
    of: &[(i64, Option<Own>)],
) -> Result<(), Error> {
    for (id, own) in of {
        let Some(record) = article::record(conn, *id)? else {
            continue;
        };
        let content = revision::working(conn, &record)?;
        let body = post::with_also_read(conn, &content.body)?;
        let below = own.as_ref().map(|own| own.also_read_ids(&here.articles));
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
            article::update(conn, *id, &draft, &here.tree, here.time_zone)?;
        }
    }
    Ok(())
}

/// Sticky posts stand at the top of the front page, unless an editor has arranged it already.
fn pin(conn: &mut AnyConnection, sticky: &[i64]) -> Result<(), Error> {
    if !sticky.is_empty() && edition::arrangement(conn, None)?.is_empty() {
        let pins: Vec<_> = sticky.iter().take(STICKY).map(|id| (*id, None)).collect();
        edition::place(conn, None, &pins)?;
    }
    Ok(())
}

/// What themes call the menu at the head and the one at the foot.
const AT_THE_HEAD: [&str; 4] = ["header", "primary", "main", "main-menu"];
const AT_THE_FOOT: [&str; 2] = ["footer", "footer-menu"];

/// Fills the menus that are empty here. The one at the head is the one that is called so, or else the one with
/// the most entries.
fn fill_menus(conn: &mut AnyConnection, survey: &Survey, here: &Here) -> Result<(), Error> {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for item in survey.menu_items.iter().filter(|item| item.is_top) {
        *sizes.entry(&item.menu).or_default() += 1;
    }
    let called =
        |names: &[&'static str]| names.iter().copied().find(|name| sizes.contains_key(name));
    let footer = called(&AT_THE_FOOT);
    let largest = sizes
        .iter()
        .filter(|(name, _)| Some(**name) != footer)
        .max_by_key(|(name, size)| (**size, **name))
        .map(|(name, _)| *name);
    for (menu, name) in [
        (Menu::Header, called(&AT_THE_HEAD).or(largest)),
        (Menu::Footer, footer),
    ] {
        let is_empty = menu::all(conn)?.iter().all(|item| item.menu != menu);
        if let Some(name) = name.filter(|_| is_empty) {
            fill_menu(conn, survey, here, menu, name)?;
        }
    }
    Ok(())
}

fn fill_menu(
    conn: &mut AnyConnection,
    survey: &Survey,
    here: &Here,
    menu: Menu,
    called: &str,
) -> Result<(), Error> {
    let mut of_menu: Vec<_> = survey
        .menu_items
        .iter()
        .filter(|item| item.menu == called && item.is_top)
        .collect();
    of_menu.sort_by_key(|item| item.order);
    let mut items: Vec<(String, String)> = Vec::new();
    for item in of_menu {
        if item.kind == "custom" {
            if let Some(path) = survey::permalink(&item.url, &here.hosts)
                && address::holder(conn, &path)?.is_some()
            {
                items.push((post::plain(&item.label), path));
            }
            continue;
        }
        let object = item.object.to_string();
        let (kind, id) = match item.kind.as_str() {
            "taxonomy" => {
                let slug = here.category_numbers.get(&item.object);
                let id = slug.and_then(|slug| here.sections.get(slug));
                (AddressKind::Section, id.copied())
            }
            _ => match (here.pages.get(&object), here.articles.get(&object)) {
                (Some(known), _) => (AddressKind::Page, Some(known.target_id)),
                (None, known) => (AddressKind::Article, known.map(|known| known.target_id)),
            },
        };
        let Some(id) = id else { continue };
        let Some(path) = address::canonical(conn, kind, id)? else {
            continue;
        };
        let label = match post::plain(&item.label) {
            label if !label.is_empty() => label,
            _ => match kind {
                AddressKind::Page => page::listed(conn, id)?.map(|page| page.title),
                AddressKind::Section => here.tree.get(id).map(|section| section.name.clone()),
                _ => article::record(conn, id)?.map(|record| record.headline),
            }
            .unwrap_or_default(),
        };
        if !label.is_empty() {
            items.push((label, path));
        }
    }
    let items: Vec<(&str, &str)> = items
        .iter()
        .map(|(label, path)| (label.as_str(), path.as_str()))
        .collect();
    if !items.is_empty() {
        menu::replace(conn, menu, &items)?;
    }
    Ok(())
}

/// What tells whether something has changed in the file.
fn digest(element: &wxr::Element) -> i64 {
    fn add(hasher: &mut SipHasher24, element: &wxr::Element) {
        for text in [&element.name, &element.text] {
            hasher.write(text.as_bytes());
            hasher.write_u8(0xff);
        }
        for (name, value) in &element.attributes {
            hasher.write(name.as_bytes());
            hasher.write(value.as_bytes());
        }
        for child in &element.children {
            add(hasher, child);
        }
    }
    let mut hasher = SipHasher24::new();
    add(&mut hasher, element);
    hasher.finish().cast_signed()
}
