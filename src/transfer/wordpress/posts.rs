//! Imports the posts and pages of an export, in batches.

use std::{collections::HashSet, path::Path};

use super::{
    ImportError, Importer, Progress, Watch,
    addresses::redirect_old_address,
    context::Context,
    importer::Deferred,
    post::{self, Kind, Post},
    terms::UNCATEGORIZED,
    wxr::{Piece, Reader},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, Status},
    },
    error::Error,
    models::{
        address,
        article::{self, Draft},
        imported::{self, ImportedObject, NewImported},
        page,
    },
    parallel::{cores, map_chunks_low_priority},
    paths,
    text::slug,
    transfer::{Report, Trouble},
};

/// The number of posts that are converted and written in one transaction; other writers wait for it.
const BATCH: usize = 200;
/// The length of the texts of a batch, in bytes, from which no more posts are added: converting takes several times as much
/// memory.
const BATCH_BYTES: usize = 8_000_000;

impl Importer<'_> {
    /// The second pass over the file: posts and pages.
    pub(super) fn import_posts(
        &self,
        export: &Path,
        context: &mut Context,
        report: &mut Report,
        deferred: &mut Deferred,
        watch: &mut Watch<'_>,
    ) -> Result<(), ImportError> {
        let mut reader = Reader::open(export)?;
        let mut batch: Vec<Post> = Vec::with_capacity(BATCH);
        let mut batch_bytes = 0;
        let mut seen = HashSet::new();
        loop {
            let piece = reader.next()?;
            match &piece {
                Some(Piece::Whole(element, line)) if element.name == "item" => {
                    report.comments += element.comments;
                    report.control_characters += element.controls;
                    match Post::read(element, *line, context.time_zone) {
                        Ok(Some(post)) if !seen.insert(post.id) => {
                            let why = "another item before it has the same id (wp:post_id)";
                            report.skip(post.trouble(why.to_owned()));
                        }
                        Ok(Some(mut post)) => {
                            if let Some(deferred) = post.defer(self.now) {
                                report.lose(deferred);
                            }
                            if element.garbled > 0 {
                                report.lose(post.trouble(format!(
                                    "{} characters are invalid in the encoding of the file; they became \u{fffd}",
                                    element.garbled
                                )));
                            }
                            batch_bytes += post.text_bytes();
                            batch.push(post);
                        }
                        Ok(None) => {}
                        Err(trouble) => report.skip(trouble),
                    }
                }
                Some(Piece::Whole(element, _)) => report.control_characters += element.controls,
                Some(Piece::Broken { line, why }) => report.cannot_read(Trouble {
                    line: *line,
                    what: "an element".to_owned(),
                    why: why.clone(),
                }),
                None => {}
            }
            let is_full = batch.len() == BATCH || batch_bytes >= BATCH_BYTES;
            if is_full || (piece.is_none() && !batch.is_empty()) {
                batch_bytes = 0;
                self.write_batch(std::mem::take(&mut batch), context, report, deferred)?;
                let articles = report.articles();
                watch(Progress::Articles(reader.progress.bytes(), articles))?;
            }
            if piece.is_none() {
                return Ok(());
            }
        }
    }

    fn write_batch(
        &self,
        batch: Vec<Post>,
        context: &mut Context,
        report: &mut Report,
        deferred: &mut Deferred,
    ) -> Result<(), ImportError> {
        // Unchanged posts are converted again only if this run has imported a picture that they lacked.
        let changed: Vec<Post> = batch
            .into_iter()
            .filter(|post| {
                let known = context.known(post);
                let archive = &context.archive;
                if let Some(known) = known.filter(|known| known.digest == post.digest)
                    && !archive.has_new_pictures(post.id, post.thumbnail, &post.content)
                {
                    report.count_unchanged(post.kind.plural());
                    if post.is_sticky {
                        deferred.sticky.push(known.target_id);
                    }
                    return false;
                }
                true
            })
            .collect();
        let converted = convert(&changed, context);
        let is_new = changed.iter().all(|post| context.known(post).is_none());
        let can_defer = is_new && !deferred.throttle.is_due(self.db.known_version());
        let write = |conn: &mut AnyConnection| {
            let mut imported_rows = Vec::with_capacity(changed.len());
            for (post, text) in changed.iter().zip(converted) {
                let written = match post.kind {
                    Kind::Article => {
                        self.write_article(conn, post, text, context, report, deferred)?
                    }
                    Kind::Page => self.write_page(conn, post, text, context, report)?,
                };
                if let Some(id) = written {
                    imported_rows.push(NewImported {
                        source: &context.source,
                        kind: post.kind.name(),
                        foreign_id: post.id.to_string(),
                        target_id: id,
                        digest: post.digest,
                    });
                    redirect_old_address(conn, post, id, &context.hosts, report)?;
                }
            }
            let (known, new): (Vec<_>, Vec<_>) = imported_rows
                .iter()
                .cloned()
                .partition(|row| context.knows(row.kind, &row.foreign_id));
            imported::update(conn, &known)?;
            imported::insert(conn, &new)?;
            let unlisted = std::mem::take(&mut deferred.unlisted);
            article::index_new(conn, &unlisted, &context.tree, context.time_zone)?;
            Ok(imported_rows
                .into_iter()
                .map(|row| {
                    let known = ImportedObject {
                        target_id: row.target_id,
                        digest: row.digest,
                    };
                    (row.kind == "page", row.foreign_id, known)
                })
                .collect::<Vec<_>>())
        };
        // Publishing invalidates every page. Several times a second it would slow down readers.
        let imported_rows = if can_defer {
            self.db.write_unversioned_blocking(write)?
        } else {
            let imported_rows = if is_new {
                self.db.write_deferred_blocking(write)?
            } else {
                self.db.write_blocking(write)?
            };
            deferred.throttle.note_shown(self.db.known_version());
            imported_rows
        };
        for (is_page, id, known) in imported_rows {
            if is_page {
                context.pages.insert(id, known);
            } else {
                context.articles.insert(id, known);
            }
        }
        Ok(())
    }

    fn write_article(
        &self,
        conn: &mut AnyConnection,
        post: &Post,
        text: post::Text,
        context: &Context,
        report: &mut Report,
        deferred: &mut Deferred,
    ) -> Result<Option<i64>, Error> {
        for why in text.lost {
            report.lose(post.trouble(why));
        }
        let mut section_ids: Vec<i64> = Vec::new();
        for slug in post.categories(&context.category_slugs) {
            match context.sections.get(&slug) {
                Some(id) => section_ids.push(*id),
                None => report.lose(post.trouble(format!(
                    "the category “{slug}”, which only hidden posts have: sections are always public here"
                ))),
            }
        }
        let mut author_ids: Vec<i64> = post
            .authors
            .iter()
            .filter_map(|login| context.authors.get(login))
            .copied()
            .collect();
        author_ids.dedup();
        let mut topic_ids: Vec<i64> = post
            .tags
            .iter()
            .filter_map(|slug| context.topics.get(slug))
            .copied()
            .collect();
        topic_ids.dedup();
        let known = context.known(post).copied();
        let round_trip = post.round_trip.as_ref();
        let mut draft = Draft {
            status: post.status,
            headline: post.title.clone(),
            standfirst: post.standfirst.clone(),
            dateline: text.dateline,
            section_id: section_ids
                .first()
                .or(context.sections.get(UNCATEGORIZED))
                .copied(),
            further_section_ids: section_ids.iter().skip(1).copied().collect(),
            author_ids,
            topic_ids,
            lead_media_id: context.archive.media.get(&post.thumbnail).copied(),
            published_at: post.published_at,
            updated_at: post.updated_at,
            body: text.body,
            kicker: round_trip
                .map(|fields| fields.kicker.clone())
                .unwrap_or_default(),
            translations: round_trip
                .map(|fields| fields.translations.clone())
                .unwrap_or_default(),
            search_title: post.search_title.clone(),
            search_description: post.search_description.clone(),
            slug: post.slug.clone(),
            ..Draft::default()
        };
        if let Some(known) = known {
            let Some(record) = article::record(conn, known.target_id)? else {
                report.count_unchanged("articles");
                return Ok(None);
            };
            if record.revision_id.is_some() {
                report.count_unchanged("articles");
                let why = "it was edited here after it was imported; the edits are kept";
                report.skip(post.trouble(why.to_owned()));
                return Ok(None);
            }
            draft.path = address::canonical(conn, AddressKind::Article, known.target_id)?;
            article::update(
                conn,
                known.target_id,
                &draft,
                &context.tree,
                context.time_zone,
            )?;
            report.count_updated("articles");
            deferred.add(post, known.target_id, &draft);
            return Ok(Some(known.target_id));
        }
        if let Some(path) = post::permalink(post, &context.hosts)
            && !paths::is_reserved(&path)
            && address::holder(conn, &path)?.is_none()
        {
            draft.path = Some(path);
            if draft.status == Status::Published {
                report.addresses_kept += 1;
            }
        }
        let id = article::insert_unindexed(conn, &draft, context.time_zone, self.now)?;
        deferred.unlisted.push(id);
        report.count_new("articles");
        *report.states.entry(post.state.clone()).or_default() += 1;
        deferred.add(post, id, &draft);
        Ok(Some(id))
    }

    fn write_page(
        &self,
        conn: &mut AnyConnection,
        post: &Post,
        text: post::Text,
        context: &Context,
        report: &mut Report,
    ) -> Result<Option<i64>, Error> {
        for why in text.lost {
            report.lose(post.trouble(why));
        }
        if post.status != Status::Published {
            report.skip(post.trouble(format!(
                "it is not public ({}); pages are always public here",
                post.state
            )));
            return Ok(None);
        }
        if let Some(known) = context.known(post) {
            let Some(listed) = page::listed(conn, known.target_id)? else {
                report.count_unchanged("pages");
                return Ok(None);
            };
            page::change(
                conn,
                listed.id,
                &post.title,
                &text.body,
                &listed.path,
                self.now,
            )?;
            report.count_updated("pages");
            return Ok(Some(listed.id));
        }
        let preferred = post::permalink(post, &context.hosts)
            .unwrap_or_else(|| format!("/{}", slug(&post.title)));
        let path = address::free(conn, &preferred, None)?;
        let id = page::insert(conn, &post.title, &text.body, &path, self.now)?;
        report.count_new("pages");
        Ok(Some(id))
    }
}

/// Converts the texts of posts, on all cores.
fn convert(posts: &[Post], context: &Context) -> Vec<post::Text> {
    let texts = map_chunks_low_priority(posts, cores(), |some| {
        some.iter()
            .map(|post| post::text(post, &context.archive))
            .collect::<Vec<_>>()
    });
    texts.into_iter().flatten().collect()
}
