//! Revisions of an article: the list, a comparison of two, and restoring one.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Tabs, find_editable, find_viewable, path};
use crate::{
    admin::{CsrfForm, Layout, StaffRequest},
    db::{
        AnyConnection,
        types::{HistoryAction, RevisionKind},
    },
    error::{Error, Result},
    locale::{Newsroom, NewsroomRevisions},
    models::{
        author,
        revision::{self, Content, Revision, Saved},
    },
    site::Site,
    text,
    view::diff::{self, Row},
};

/// A field that differs between two revisions.
pub(super) struct Difference {
    pub label: &'static str,
    pub rows: Vec<Row>,
}

/// The fields that differ between two contents, in the order of the form.
pub(super) fn differences(
    conn: &mut AnyConnection,
    texts: &Newsroom,
    site: &Site,
    old: &Content,
    new: &Content,
) -> Result<Vec<Difference>> {
    let ids: Vec<i64> = old
        .author_ids
        .iter()
        .chain(&new.author_ids)
        .copied()
        .collect();
    let names = author::names_of(conn, &ids)?;
    let texts = &texts.revisions;
    let fields = |content: &Content| -> Vec<(&'static str, Vec<String>)> {
        let one = |text: &str| vec![text.to_owned()];
        let section = |id: i64| {
            let trail = site.sections.trail(id);
            let names: Vec<&str> = trail.iter().map(|section| section.name.as_str()).collect();
            names.join(" › ")
        };
        let named = |id: &i64| {
            let found = names.iter().find(|(known, _)| known == id);
            found.map(|(_, name)| name.clone())
        };
        vec![
            (texts.headline, one(&content.headline)),
            (texts.kicker, one(&content.kicker)),
            (texts.standfirst, one(&content.standfirst)),
            (
                texts.dateline,
                one(&format!(
                    "{} {} {}",
                    content.dateline_place, content.dateline_date, content.dateline_agency
                )),
            ),
            (texts.text, text::lines(&content.body)),
            (
                texts.authors,
                content.author_ids.iter().filter_map(named).collect(),
            ),
            (
                texts.section,
                one(&content.section_id.map_or_else(String::new, section)),
            ),
            (
                texts.also_in,
                content
                    .further_section_ids
                    .iter()
                    .map(|id| section(*id))
                    .collect(),
            ),
            (texts.topics, content.topics.clone()),
            (
                texts.lead_image,
                one(&content
                    .lead_media_id
                    .map_or_else(String::new, |id| texts.picture(id))),
            ),
            (texts.slug, one(&content.slug)),
            (texts.publish_at, one(&content.publish_at)),
            (texts.search_title, one(&content.search_title)),
            (texts.search_description, one(&content.search_description)),
            (texts.also_read, content.also_read.clone()),
            (
                texts.translations,
                content.translations.lines().map(str::to_owned).collect(),
            ),
        ]
    };
    Ok(fields(old)
        .into_iter()
        .zip(fields(new))
        .map(|((label, old), (_, new))| Difference {
            label,
            rows: diff::rows(&old, &new),
        })
        .filter(|difference| !difference.rows.is_empty())
        .collect())
}

/// A revision in the list.
struct Entry {
    id: i64,
    who: String,
    when: String,
    kind: &'static str,
    version: Option<i32>,
    newest: bool,
    live: bool,
}

#[derive(Template)]
#[template(path = "admin/article/revisions.html")]
struct RevisionsPage {
    layout: Layout,
    tabs: Tabs,
    entries: Vec<Entry>,
    older: Option<String>,
}

/// Revisions on a page.
const PAGE_SIZE: i64 = 50;

/// `GET /admin/articles/{id}/revisions`
pub async fn list(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let user = request.user.clone();
    let before = request.query("before").parse().ok();
    let (record, live_path, revisions) = request
        .read(move |conn| {
            Ok((
                find_viewable(conn, &user, id)?,
                path(conn, id)?,
                revision::of_article(conn, id, before, PAGE_SIZE)?,
            ))
        })
        .await?;
    let is_full = i64::try_from(revisions.len()).unwrap_or(PAGE_SIZE) == PAGE_SIZE;
    let older = revisions
        .last()
        .filter(|_| is_full)
        .map(|last| format!("/admin/articles/{id}/revisions?before={}", last.id));
    let texts = &request.texts().revisions;
    let page = RevisionsPage {
        layout: request.layout(texts.title, "/admin/articles"),
        entries: revisions
            .into_iter()
            .map(|revision| Entry {
                id: revision.id,
                who: who(texts, &revision),
                when: request.locale.date_and_time(revision.made_at),
                kind: kind(texts, &revision),
                version: revision.version,
                newest: record.revision_id == Some(revision.id),
                live: record.live_revision_id == Some(revision.id) && record.is_published(),
            })
            .collect(),
        tabs: Tabs::new(&request, &record, live_path, "revisions"),
        older,
    };
    request.page(&page)
}

fn who(texts: &NewsroomRevisions, revision: &Revision) -> String {
    if revision.who.is_empty() {
        texts.before_first.to_owned()
    } else {
        revision.who.clone()
    }
}

fn kind(texts: &NewsroomRevisions, revision: &Revision) -> &'static str {
    match revision.kind {
        RevisionKind::Original => texts.original,
        RevisionKind::Save => texts.saved,
        RevisionKind::Autosave => texts.autosaved,
        RevisionKind::Restore => texts.restored,
        RevisionKind::Conflict => texts.conflict,
    }
}

#[derive(Template)]
#[template(path = "admin/article/revision.html")]
struct RevisionPage {
    layout: Layout,
    tabs: Tabs,
    id: i64,
    heading: String,
    compared_with: String,
    new: String,
    differences: Vec<Difference>,
    lines: Vec<String>,
    /// Whether the user can restore it.
    restorable: bool,
    base: i64,
}

/// `GET /admin/articles/{id}/revisions/{revision}`, compared with the one before it or with
/// `?against=ID`.
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let revision_id = request.id("revision")?;
    let against: Option<i64> = request.query("against").parse().ok();
    let actor = request.actor();
    let (record, live_path, (shown, content), old, differences) = request
        .read(move |conn| {
            let record = find_viewable(conn, &actor.user, id)?;
            let shown = revision::find(conn, id, revision_id)?.ok_or(Error::NotFound)?;
            let against = match against {
                Some(against) => Some(against),
                None => revision::of_article(conn, id, Some(revision_id), 1)?
                    .first()
                    .map(|before| before.id),
            };
            let old = match against {
                Some(against) => revision::find(conn, id, against)?,
                None => None,
            };
            let before = old
                .as_ref()
                .map(|(_, content)| content.clone())
                .unwrap_or_default();
            let differences = differences(conn, actor.texts(), &actor.site, &before, &shown.1)?;
            Ok((record, path(conn, id)?, shown, old, differences))
        })
        .await?;
    let texts = &request.texts().revisions;
    let name = |revision: &Revision| {
        let who = who(texts, revision);
        let time = request.locale.date_and_time(revision.made_at);
        match revision.version {
            Some(version) => texts.named_version(version, who, time),
            None => texts.named(who, time),
        }
    };
    let page = RevisionPage {
        layout: request.layout(texts.revision_title, "/admin/articles"),
        id: revision_id,
        heading: super::title(request.texts(), &content.headline),
        compared_with: match old {
            Some((revision, _)) => texts.compared_with(name(&revision)),
            None => texts.compared_with_none.to_owned(),
        },
        new: name(&shown),
        differences,
        lines: text::lines(&content.body),
        restorable: record.revision_id != Some(revision_id)
            && super::may_edit(&request.user, &record),
        base: record.revision_id.unwrap_or_default(),
        tabs: Tabs::new(&request, &record, live_path, "revisions"),
    };
    request.page(&page)
}

#[derive(Deserialize)]
pub struct RestoreForm {
    base: i64,
}

/// `POST /admin/articles/{id}/revisions/{revision}/restore`: saves the content
/// of an older revision as a new one.
pub async fn restore(request: StaffRequest, posted: CsrfForm<RestoreForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let revision_id = request.id("revision")?;
    let base = posted.form.base;
    let saved = request
        .write_unversioned(move |conn, actor| {
            let record = find_editable(conn, &actor.user, id)?;
            let (old, content) = revision::find(conn, id, revision_id)?.ok_or(Error::NotFound)?;
            let kind = RevisionKind::Restore;
            let saved =
                revision::save(conn, id, Some(base), &content, kind, &actor.edit_context())?
                    .ok_or(Error::NotFound)?;
            if matches!(saved, Saved::As { .. }) {
                let detail = actor
                    .texts()
                    .history_details
                    .revision_of(old.made_at.format("%F %T"));
                actor.audit(
                    conn,
                    &super::event(
                        HistoryAction::RestoredRevision,
                        id,
                        &super::title(actor.texts(), &record.headline),
                        &detail,
                    ),
                )?;
            }
            Ok(saved)
        })
        .await?;
    let texts = &request.texts().revisions;
    let here = format!("/admin/articles/{id}");
    match saved {
        Saved::As { .. } => request.see_other(&here, texts.done),
        Saved::Refused { theirs } => {
            request.see_other(&format!("{here}/revisions"), &texts.refused(theirs.who))
        }
    }
}
