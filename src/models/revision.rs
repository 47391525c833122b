//! Revisions: the full content of every save, with conflict detection.
//!
//! The newest revision is the working copy; the published one is what readers see. A save names the revision that it is
//! based on, and is refused if that is not the newest any more.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::{dsl::max, prelude::*};
use serde::{Deserialize, Serialize};

pub use super::edit_context::EditContext;
use super::{
    address, article,
    article::{Dateline, Draft, Record},
    author, media, topic,
    user::{self, User},
};
use crate::{
    db::{
        self, AnyConnection,
        schema::{revisions, sections, topics, users},
        types::{AddressKind, RevisionKind, Status, UserRole},
    },
    text::{SanitizedHtml, stored},
};

/// The fields of the article form as entered, values that cannot be parsed included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub dateline_place: String,
    /// `2023-12-15`
    pub dateline_date: String,
    pub dateline_agency: String,
    /// Sanitised when the form is received; stored revisions are trusted, so that no transaction waits for it.
    #[serde(with = "stored")]
    pub body: SanitizedHtml,
    pub author_ids: Vec<i64>,
    pub section_id: Option<i64>,
    pub further_section_ids: Vec<i64>,
    /// The names of the topics.
    pub topics: Vec<String>,
    pub lead_media_id: Option<i64>,
    /// The last segment of the path; empty to derive it from the headline.
    pub slug: String,
    /// `2023-12-15T14:05` in the site's time zone, or empty.
    pub publish_at: String,
    pub search_title: String,
    pub search_description: String,
    /// The article in other languages: lines of [`crate::text::Translation`].
    pub translations: String,
    /// The paths of articles linked below the text.
    pub also_read: Vec<String>,
}

impl Content {
    /// The content of an article without revisions.
    fn of_article(conn: &mut AnyConnection, id: i64) -> QueryResult<Self> {
        let draft = article::draft_of(conn, id)?.unwrap_or_default();
        let also_read = article::paths(conn, &draft.also_read_ids)?;
        let names: Vec<(i64, String)> = topics::table
            .filter(topics::id.eq_any(&draft.topic_ids))
            .select((topics::id, topics::name))
            .load(conn)?;
        let name = |id: &i64| names.iter().find(|(known, _)| known == id);
        let dateline = draft.dateline.as_ref();
        Ok(Self {
            kicker: draft.kicker,
            headline: draft.headline,
            standfirst: draft.standfirst,
            dateline_place: dateline.map_or_else(String::new, |it| it.place.clone()),
            dateline_date: dateline
                .and_then(|it| it.date)
                .map_or_else(String::new, |date| date.to_string()),
            dateline_agency: dateline.map_or_else(String::new, |it| it.agency.clone()),
            body: draft.body,
            author_ids: draft.author_ids,
            section_id: draft.section_id,
            further_section_ids: draft.further_section_ids,
            topics: draft
                .topic_ids
                .iter()
                .filter_map(name)
                .map(|(_, name)| name.clone())
                .collect(),
            lead_media_id: draft.lead_media_id,
            slug: String::new(),
            publish_at: String::new(),
            search_title: draft.search_title,
            search_description: draft.search_description,
            translations: draft.translations,
            also_read: draft
                .also_read_ids
                .iter()
                .filter_map(|id| also_read.get(id).cloned())
                .collect(),
        })
    }

    /// The date of the dateline, if it is valid.
    pub fn date(&self) -> Option<NaiveDate> {
        self.dateline_date.parse().ok()
    }

    /// The dateline, if it has a place.
    pub fn dateline(&self) -> Option<Dateline> {
        (!self.dateline_place.is_empty()).then(|| Dateline {
            place: self.dateline_place.clone(),
            date: self.date(),
            agency: self.dateline_agency.clone(),
        })
    }

    /// The draft with this content. Unknown paths are left out, and so are unknown topics, unless `add_topics` creates
    /// them.
    pub fn draft(&self, conn: &mut AnyConnection, add_topics: bool) -> QueryResult<Draft> {
        // Sections and authors that have been deleted since are left out.
        let existing: Vec<i64> = sections::table.select(sections::id).load(conn)?;
        let section_id = self.section_id.filter(|id| existing.contains(id));
        let mut further = self.further_section_ids.clone();
        further.retain(|id| Some(*id) != section_id && existing.contains(id));
        let known = author::existing(conn, &self.author_ids)?;
        let mut author_ids = self.author_ids.clone();
        author_ids.retain(|id| known.contains(id));
        let lead: Vec<i64> = self.lead_media_id.into_iter().collect();
        let lead = media::find_all(conn, &lead)?.pop();
        Ok(Draft {
            kicker: self.kicker.clone(),
            headline: self.headline.clone(),
            standfirst: self.standfirst.clone(),
            dateline: self.dateline(),
            section_id,
            further_section_ids: further,
            author_ids,
            topic_ids: topic::named(conn, &self.topics, add_topics)?,
            also_read_ids: address::articles_at(conn, &self.also_read)?,
            lead_media_id: lead.map(|lead| lead.id),
            body: self.body.clone(),
            search_title: self.search_title.clone(),
            search_description: self.search_description.clone(),
            translations: self.translations.clone(),
            slug: self.slug.clone(),
            ..Draft::default()
        })
    }
}

/// A revision without its content.
#[derive(Clone, Debug)]
pub struct Revision {
    pub id: i64,
    pub made_at: DateTime<Utc>,
    pub kind: RevisionKind,
    /// The number of the published version, from 1; `None` if it was never published.
    pub version: Option<i32>,
    pub user_id: Option<i64>,
    /// The name of the user who saved it; empty for imported content.
    pub who: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revisions)]
struct RevisionRow {
    id: i64,
    made_at: NaiveDateTime,
    kind: RevisionKind,
    version: Option<i32>,
    user_id: Option<i64>,
    #[diesel(select_expression = users::name.nullable())]
    user_name: Option<String>,
}

impl From<RevisionRow> for Revision {
    fn from(row: RevisionRow) -> Self {
        Self {
            id: row.id,
            made_at: row.made_at.and_utc(),
            kind: row.kind,
            version: row.version,
            user_id: row.user_id,
            who: row.user_name.unwrap_or_default(),
        }
    }
}

/// Up to `limit` revisions of an article, newest first, older than the revision `before` if it is given.
pub fn of_article(
    conn: &mut AnyConnection,
    article_id: i64,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Revision>> {
    let rows: Vec<RevisionRow> = revisions::table
        .left_join(users::table.on(users::id.nullable().eq(revisions::user_id)))
        .filter(revisions::article_id.eq(article_id))
        .filter(revisions::id.lt(before.unwrap_or(i64::MAX)))
        .order(revisions::id.desc())
        .limit(limit)
        .select(RevisionRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Revision::from).collect())
}

/// A revision of this article with its content.
pub fn find(
    conn: &mut AnyConnection,
    article_id: i64,
    id: i64,
) -> QueryResult<Option<(Revision, Content)>> {
    let found: Option<(RevisionRow, String)> = revisions::table
        .left_join(users::table.on(users::id.nullable().eq(revisions::user_id)))
        .filter(revisions::id.eq(id))
        .filter(revisions::article_id.eq(article_id))
        .select((RevisionRow::as_select(), revisions::content))
        .first(conn)
        .optional()?;
    found
        .map(|(row, content)| Ok((row.into(), parse(id, &content)?)))
        .transpose()
}

fn parse(id: i64, content: &str) -> QueryResult<Content> {
    serde_json::from_str(content).map_err(|error| {
        diesel::result::Error::DeserializationError(format!("revision {id}: {error}").into())
    })
}

/// The content that editing starts from: the newest revision, or the article itself if it has none.
pub fn working_copy(conn: &mut AnyConnection, record: &Record) -> QueryResult<Content> {
    let newest = match record.revision_id {
        Some(id) => find(conn, record.id, id)?,
        None => None,
    };
    match newest {
        Some((_, content)) => Ok(content),
        None => Content::of_article(conn, record.id),
    }
}

/// The result of a save.
#[derive(Debug)]
pub enum Saved {
    /// It is the newest revision now.
    As { article_id: i64, revision_id: i64 },
    /// A conflict: `theirs` was saved since `base`. Unless it was an autosave, the refused content is kept as a
    /// revision of the kind [`RevisionKind::Conflict`].
    Refused { theirs: Revision },
}

/// The number of the ten-minute window that contains a time. Autosaves of one user in one window replace each other.
/// The windows are fixed: sliding ones would merge hours of writing into one revision.
fn autosave_window(moment: DateTime<Utc>) -> i64 {
    moment.timestamp().div_euclid(600)
}

/// Creates an article with this content.
pub fn begin(
    conn: &mut AnyConnection,
    content: &Content,
    kind: RevisionKind,
    edit_context: &EditContext<'_>,
) -> QueryResult<Saved> {
    // A form sends its first save again if the response was lost.
    if let Some((article_id, revision_id)) = created_by_form(conn, edit_context)? {
        return save(
            conn,
            article_id,
            Some(revision_id),
            content,
            kind,
            edit_context,
        )?
        .ok_or(diesel::result::Error::NotFound);
    }
    let article_id = article::begin(conn, edit_context.user_id, edit_context.now)?;
    save(conn, article_id, None, content, kind, edit_context)?
        .ok_or(diesel::result::Error::NotFound)
}

/// The article that an open form has created, with the newest revision that the form has saved.
fn created_by_form(
    conn: &mut AnyConnection,
    edit_context: &EditContext<'_>,
) -> QueryResult<Option<(i64, i64)>> {
    if edit_context.page.is_empty() {
        return Ok(None);
    }
    revisions::table
        .filter(revisions::page.eq(edit_context.page))
        .filter(revisions::page.ne(""))
        .filter(revisions::user_id.eq(edit_context.user_id))
        .order(revisions::id.desc())
        .select((revisions::article_id, revisions::id))
        .first(conn)
        .optional()
}

/// Saves `content` as the newest revision, provided that `base` is the newest one. `None` if the article does not
/// exist.
pub fn save(
    conn: &mut AnyConnection,
    article_id: i64,
    base: Option<i64>,
    content: &Content,
    kind: RevisionKind,
    edit_context: &EditContext<'_>,
) -> QueryResult<Option<Saved>> {
    let Some(record) = article::locked(conn, article_id)? else {
        return Ok(None);
    };
    let is_own = record.revision_id.is_some()
        && created_by_form(conn, edit_context)?.map(|(_, id)| id) == record.revision_id;
    if record.revision_id != base && !is_own {
        let newest = record.revision_id.unwrap_or_default();
        let Some((theirs, their_content)) = find(conn, article_id, newest)? else {
            return Ok(None);
        };
        // Identical content is no conflict; the request may have been repeated.
        if their_content == *content {
            return Ok(Some(Saved::As {
                article_id,
                revision_id: theirs.id,
            }));
        }
        if kind == RevisionKind::Save {
            insert(
                conn,
                article_id,
                content,
                RevisionKind::Conflict,
                edit_context,
            )?;
            // Keep the other user's revision: a later autosave of theirs would replace an autosave.
            diesel::update(revisions::table.find(theirs.id))
                .filter(revisions::kind.eq(RevisionKind::Autosave))
                .set(revisions::kind.eq(RevisionKind::Save))
                .execute(conn)?;
        }
        return Ok(Some(Saved::Refused { theirs }));
    }
    let mut live = record.live_revision_id;
    let mut previous = None;
    match record.revision_id {
        Some(id) => previous = find(conn, article_id, id)?,
        // Keep the article as it was before its first revision.
        None => {
            if let Some(id) = keep_original(conn, &record)? {
                live = record.is_published().then_some(id);
            }
        }
    }
    if let Some((newest, newest_content)) = &previous
        && newest_content == content
    {
        return Ok(Some(Saved::As {
            article_id,
            revision_id: newest.id,
        }));
    }
    let revision_id = insert(conn, article_id, content, kind, edit_context)?;
    if let Some((newest, _)) = previous
        && kind != RevisionKind::Restore
        && newest.kind == RevisionKind::Autosave
        && newest.user_id == Some(edit_context.user_id)
        && newest.version.is_none()
        && record.live_revision_id != Some(newest.id)
        && autosave_window(newest.made_at) == autosave_window(edit_context.now)
    {
        diesel::delete(revisions::table.find(newest.id)).execute(conn)?;
    }
    if !record.is_published() {
        let draft = Draft {
            status: record.status,
            published_at: record.published_at.map(|time| time.and_utc()),
            updated_at: record.updated_at.map(|time| time.and_utc()),
            ..content.draft(conn, false)?
        };
        article::update(
            conn,
            article_id,
            &draft,
            edit_context.sections,
            edit_context.time_zone,
        )?;
    }
    article::set_revisions(conn, article_id, revision_id, live, edit_context.now)?;
    Ok(Some(Saved::As {
        article_id,
        revision_id,
    }))
}

fn insert(
    conn: &mut AnyConnection,
    article_id: i64,
    content: &Content,
    kind: RevisionKind,
    edit_context: &EditContext<'_>,
) -> QueryResult<i64> {
    let content = serde_json::to_string(content)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    diesel::insert_into(revisions::table)
        .values((
            revisions::article_id.eq(article_id),
            revisions::user_id.eq(Some(edit_context.user_id)),
            revisions::made_at.eq(edit_context.now.naive_utc()),
            revisions::kind.eq(kind),
            revisions::page.eq(edit_context.page),
            revisions::content.eq(content),
        ))
        .returning(revisions::id)
        .get_result(conn)
}

/// Saves the current content of an article without revisions as its first one; returns its id. `None` if it is empty.
fn keep_original(conn: &mut AnyConnection, record: &Record) -> QueryResult<Option<i64>> {
    let original = Content::of_article(conn, record.id)?;
    if original == Content::default() {
        return Ok(None);
    }
    insert_original(conn, record.id, &original, record).map(Some)
}

/// Inserts a revision of the kind [`RevisionKind::Original`]: version 1 if the article is published.
fn insert_original(
    conn: &mut AnyConnection,
    article_id: i64,
    content: &Content,
    record: &Record,
) -> QueryResult<i64> {
    let content = serde_json::to_string(content)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    diesel::insert_into(revisions::table)
        .values((
            revisions::article_id.eq(article_id),
            revisions::made_at.eq(record.changed_at),
            revisions::kind.eq(RevisionKind::Original),
            revisions::version.eq(record.is_published().then_some(1)),
            revisions::page.eq(""),
            revisions::content.eq(content),
        ))
        .returning(revisions::id)
        .get_result(conn)
}

/// Why an article was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPublished {
    /// There is a newer revision than the reviewed one.
    Newer,
    /// Its status has changed since it was reviewed.
    Moved,
    NoHeadline,
    NoSection,
    /// The byline names these authors, whom the user may not name without an editor.
    OthersByline(Vec<String>),
    /// The article does not exist.
    Gone,
}

/// What the user saw when deciding to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewedState {
    /// 0 for an article without revisions.
    pub revision_id: i64,
    pub status: Status,
}

/// The authors in a byline whom the user may not publish under without an editor, by name: neither the user's own author,
/// nor in the byline that readers see, nor in the one that an editor saved last.
pub fn others_in_byline(
    conn: &mut AnyConnection,
    record: &Record,
    author_ids: &[i64],
    user: Option<&User>,
) -> QueryResult<Vec<String>> {
    if user.is_some_and(|user| user.role >= UserRole::Editor) {
        return Ok(Vec::new());
    }
    let own = user.and_then(|user| user.author_id);
    let mut others = author_ids.to_vec();
    others.retain(|id| Some(*id) != own);
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let by_editor: Option<i64> = revisions::table
        .inner_join(users::table.on(users::id.nullable().eq(revisions::user_id)))
        .filter(revisions::article_id.eq(record.id))
        .filter(revisions::kind.ne(RevisionKind::Conflict))
        .filter(users::role.eq_any([UserRole::Editor, UserRole::Admin]))
        .order(revisions::id.desc())
        .select(revisions::id)
        .first(conn)
        .optional()?;
    let live = record.live_revision_id.filter(|_| record.is_published());
    for id in by_editor.into_iter().chain(live) {
        if let Some((_, approved)) = find(conn, record.id, id)? {
            others.retain(|id| !approved.author_ids.contains(id));
        }
    }
    let names = author::names_of(conn, &others)?;
    let name = |id: &i64| names.iter().find(|(known, _)| known == id);
    Ok(others
        .iter()
        .filter_map(name)
        .map(|(_, name)| name.clone())
        .collect())
}

/// Publishes the newest revision, which has to be the reviewed one, from the time `at` on. `is_update` sets the update
/// time that readers see.
pub fn publish(
    conn: &mut AnyConnection,
    article_id: i64,
    of: ReviewedState,
    at: DateTime<Utc>,
    is_update: bool,
    edit_context: &EditContext<'_>,
) -> QueryResult<Result<(), NotPublished>> {
    let Some(mut record) = article::locked(conn, article_id)? else {
        return Ok(Err(NotPublished::Gone));
    };
    if record.status != of.status {
        return Ok(Err(NotPublished::Moved));
    }
    let mut revision_id = of.revision_id;
    if record.revision_id.is_none() && revision_id == 0 {
        // An imported article that was never edited.
        let Some(id) = keep_original(conn, &record)? else {
            return Ok(Err(NotPublished::NoHeadline));
        };
        revision_id = id;
        record.revision_id = Some(id);
        record.live_revision_id = record.is_published().then_some(id);
    }
    if record.revision_id != Some(revision_id) {
        return Ok(Err(NotPublished::Newer));
    }
    let Some((revision, content)) = find(conn, article_id, revision_id)? else {
        return Ok(Err(NotPublished::Gone));
    };
    if content.headline.trim().is_empty() {
        return Ok(Err(NotPublished::NoHeadline));
    }
    if content
        .section_id
        .is_none_or(|id| edit_context.sections.get(id).is_none())
    {
        return Ok(Err(NotPublished::NoSection));
    }
    let user = user::find(conn, edit_context.user_id)?;
    let others = others_in_byline(conn, &record, &content.author_ids, user.as_ref())?;
    if !others.is_empty() {
        return Ok(Err(NotPublished::OthersByline(others)));
    }
    let mut draft = Draft {
        status: Status::Published,
        published_at: Some(at),
        updated_at: if is_update {
            Some(edit_context.now)
        } else {
            record.updated_at.map(|time| time.and_utc())
        },
        ..content.draft(conn, true)?
    };
    // A public address only changes when the user changes the slug or the date.
    let before = record.published_at.map(|time| time.and_utc());
    let was_public = before.is_some_and(|before| before <= edit_context.now);
    if was_public && at > edit_context.now {
        db::note_withdrawal(conn)?;
    }
    if draft.slug.is_empty()
        && was_public
        && let Some(path) = address::canonical(conn, AddressKind::Article, article_id)?
    {
        if before == Some(at) {
            draft.path = Some(path);
        } else if let Some((_, last)) = path.rsplit_once('/') {
            draft.slug = last.to_owned();
        }
    }
    article::update(
        conn,
        article_id,
        &draft,
        edit_context.sections,
        edit_context.time_zone,
    )?;
    let live_before = match record.live_revision_id {
        Some(id) => find(conn, article_id, id)?,
        None => None,
    };
    let unchanged = live_before.is_some_and(|(_, before)| {
        before.body == content.body
            && before.headline == content.headline
            && before.standfirst == content.standfirst
            && before.kicker == content.kicker
            && before.dateline() == content.dateline()
    });
    if revision.version.is_none() && !unchanged {
        let last: Option<i32> = revisions::table
            .filter(revisions::article_id.eq(article_id))
            .select(max(revisions::version))
            .first(conn)?;
        diesel::update(revisions::table.find(revision_id))
            .set(revisions::version.eq(last.unwrap_or(0) + 1))
            .execute(conn)?;
    }
    article::set_revisions(
        conn,
        article_id,
        revision_id,
        Some(revision_id),
        edit_context.now,
    )?;
    Ok(Ok(()))
}

/// Moves an article to a state that is not public. Its working copy becomes its stored content.
pub fn withdraw(
    conn: &mut AnyConnection,
    article_id: i64,
    status: Status,
    edit_context: &EditContext<'_>,
) -> QueryResult<()> {
    let Some(record) = article::locked(conn, article_id)? else {
        return Ok(());
    };
    if record.revision_id.is_none()
        && let Some(id) = keep_original(conn, &record)?
    {
        article::set_revisions(conn, article_id, id, None, edit_context.now)?;
    }
    if record.has_unpublished_changes() && record.revision_id.is_some() {
        let content = working_copy(conn, &record)?;
        let draft = Draft {
            status,
            published_at: record.published_at.map(|time| time.and_utc()),
            updated_at: record.updated_at.map(|time| time.and_utc()),
            ..content.draft(conn, false)?
        };
        article::update(
            conn,
            article_id,
            &draft,
            edit_context.sections,
            edit_context.time_zone,
        )?;
    }
    article::set_status(conn, article_id, status, edit_context)
}
