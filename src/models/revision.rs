//! Revisions: what every save said, whole. The newest is what the newsroom works on; the published one
//! is what readers see. A save states the revision that it started from, and is refused on top of
//! another.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::{dsl::max, prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    address, article,
    article::{Dateline, Draft, Record},
    author, media,
    section::SectionTree,
    topic,
};
use crate::{
    db::{
        self, AnyConnection,
        schema::{revisions, sections, topics, users},
        types::{AddressKind, RevisionKind, Status},
    },
    text::{SanitizedHtml, stored},
};

/// Everything that the article form holds, as it was typed: what cannot be understood yet is kept as
/// well.
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
    /// Sanitised when it is typed, and not again while a transaction holds up others.
    #[serde(with = "stored")]
    pub body: SanitizedHtml,
    pub author_ids: Vec<i64>,
    pub section_id: Option<i64>,
    pub further_section_ids: Vec<i64>,
    /// Names.
    pub topics: Vec<String>,
    pub lead_media_id: Option<i64>,
    pub slug: String,
    /// `2023-12-15T14:05` in the site's zone, or empty.
    pub publish_at: String,
    pub search_title: String,
    pub search_description: String,
    /// The same story in other languages: lines of [`crate::text::Translation`].
    pub translations: String,
    /// Paths of articles linked to below the text.
    pub also_read: Vec<String>,
}

impl Content {
    /// What an article says that has no revision yet.
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

    /// The date of the dateline, if one was typed.
    pub fn date(&self) -> Option<NaiveDate> {
        self.dateline_date.parse().ok()
    }

    pub fn dateline(&self) -> Option<Dateline> {
        (!self.dateline_place.is_empty()).then(|| Dateline {
            place: self.dateline_place.clone(),
            date: self.date(),
            agency: self.dateline_agency.clone(),
        })
    }

    /// The article that this makes. What its names and paths do not lead to yet is left out, unless
    /// `add_topics`: then new topics are made.
    pub fn draft(&self, conn: &mut AnyConnection, add_topics: bool) -> QueryResult<Draft> {
        // What was deleted since it was chosen is left out.
        let there: Vec<i64> = sections::table.select(sections::id).load(conn)?;
        let section_id = self.section_id.filter(|id| there.contains(id));
        let mut further = self.further_section_ids.clone();
        further.retain(|id| Some(*id) != section_id && there.contains(id));
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

/// A revision without what it says.
#[derive(Clone, Debug)]
pub struct Revision {
    pub id: i64,
    pub made_at: DateTime<Utc>,
    pub kind: RevisionKind,
    /// Counted from 1, of one that went public.
    pub version: Option<i32>,
    pub user_id: Option<i64>,
    /// Who saved it; empty for what came from elsewhere.
    pub who: String,
}

type Row = (
    i64,
    NaiveDateTime,
    RevisionKind,
    Option<i32>,
    Option<i64>,
    Option<String>,
);

impl From<Row> for Revision {
    fn from((id, made_at, kind, version, user_id, who): Row) -> Self {
        Self {
            id,
            made_at: made_at.and_utc(),
            kind,
            version,
            user_id,
            who: who.unwrap_or_default(),
        }
    }
}

/// What of the join of revisions and users makes a [`Row`].
macro_rules! columns {
    () => {
        (
            revisions::id,
            revisions::made_at,
            revisions::kind,
            revisions::version,
            revisions::user_id,
            users::name.nullable(),
        )
    };
}

/// Up to `limit` revisions of an article, newest first, from before the revision `before`.
pub fn of_article(
    conn: &mut AnyConnection,
    article_id: i64,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Revision>> {
    let rows: Vec<Row> = revisions::table
        .left_join(users::table.on(users::id.nullable().eq(revisions::user_id)))
        .filter(revisions::article_id.eq(article_id))
        .filter(revisions::id.lt(before.unwrap_or(i64::MAX)))
        .order(revisions::id.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(Revision::from).collect())
}

/// A revision of this article, and what it says.
pub fn find(
    conn: &mut AnyConnection,
    article_id: i64,
    id: i64,
) -> QueryResult<Option<(Revision, Content)>> {
    let found: Option<(Row, String)> = revisions::table
        .left_join(users::table.on(users::id.nullable().eq(revisions::user_id)))
        .filter(revisions::id.eq(id))
        .filter(revisions::article_id.eq(article_id))
        .select((columns!(), revisions::content))
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

/// What the newsroom works on: the newest revision of an article, or what the article says that has
/// none.
pub fn working(conn: &mut AnyConnection, record: &Record) -> QueryResult<Content> {
    let newest = match record.revision_id {
        Some(id) => find(conn, record.id, id)?,
        None => None,
    };
    match newest {
        Some((_, content)) => Ok(content),
        None => Content::of_article(conn, record.id),
    }
}

/// Who files something, when, and what filing has to know of the site.
#[derive(Clone, Copy, Debug)]
pub struct Filing<'a> {
    pub user_id: i64,
    pub now: DateTime<Utc>,
    pub sections: &'a SectionTree,
    pub time_zone: Tz,
    /// The open form that it comes from; empty for what comes from none.
    pub page: &'a str,
}

/// What became of a save.
#[derive(Debug)]
pub enum Saved {
    /// It is the newest revision.
    As { article_id: i64, revision_id: i64 },
    /// Somebody else saved meanwhile: theirs is the newest. This one is kept beside it.
    Refused { theirs: Revision },
}

/// Which ten minutes a moment lies in: autosaves of one person in the same are one revision. They do
/// not begin anew with every save, or hours of writing would be one.
fn sitting(moment: DateTime<Utc>) -> i64 {
    moment.timestamp().div_euclid(600)
}

/// Begins an article with this content.
pub fn begin(
    conn: &mut AnyConnection,
    content: &Content,
    kind: RevisionKind,
    filing: &Filing<'_>,
) -> QueryResult<Saved> {
    // A form whose first save was taken and whose answer got lost sends it again.
    if let Some((article_id, revision_id)) = begun_by(conn, filing)? {
        return save(conn, article_id, Some(revision_id), content, kind, filing)?
            .ok_or(diesel::result::Error::NotFound);
    }
    let article_id = article::begin(conn, filing.user_id, filing.now)?;
    save(conn, article_id, None, content, kind, filing)?.ok_or(diesel::result::Error::NotFound)
}

/// The article that an open form has begun, with the newest revision that it sent.
fn begun_by(conn: &mut AnyConnection, filing: &Filing<'_>) -> QueryResult<Option<(i64, i64)>> {
    if filing.page.is_empty() {
        return Ok(None);
    }
    revisions::table
        .filter(revisions::page.eq(filing.page))
        .filter(revisions::page.ne(""))
        .filter(revisions::user_id.eq(filing.user_id))
        .order(revisions::id.desc())
        .select((revisions::article_id, revisions::id))
        .first(conn)
        .optional()
}

/// Saves `content` as the newest revision, if `base` is the newest one now. `None`: there is no such
/// article.
pub fn save(
    conn: &mut AnyConnection,
    article_id: i64,
    base: Option<i64>,
    content: &Content,
    kind: RevisionKind,
    filing: &Filing<'_>,
) -> QueryResult<Option<Saved>> {
    let Some(record) = article::locked(conn, article_id)? else {
        return Ok(None);
    };
    let own = record.revision_id.is_some()
        && begun_by(conn, filing)?.map(|(_, id)| id) == record.revision_id;
    if record.revision_id != base && !own {
        let newest = record.revision_id.unwrap_or_default();
        let Some((theirs, their_content)) = find(conn, article_id, newest)? else {
            return Ok(None);
        };
        // The same words twice are no conflict: a request that was sent again, say.
        if their_content == *content {
            return Ok(Some(Saved::As {
                article_id,
                revision_id: theirs.id,
            }));
        }
        if kind == RevisionKind::Save {
            insert(conn, article_id, content, RevisionKind::Conflict, filing)?;
            // Theirs is told to stay, so no later autosave of the same person takes its place.
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
        // What was there before the first revision is kept as one.
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
    let revision_id = insert(conn, article_id, content, kind, filing)?;
    if let Some((newest, _)) = previous
        && kind != RevisionKind::Restore
        && newest.kind == RevisionKind::Autosave
        && newest.user_id == Some(filing.user_id)
        && newest.version.is_none()
        && record.live_revision_id != Some(newest.id)
        && sitting(newest.made_at) == sitting(filing.now)
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
        article::update(conn, article_id, &draft, filing.sections, filing.time_zone)?;
    }
    article::set_revisions(conn, article_id, revision_id, live, filing.now)?;
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
    filing: &Filing<'_>,
) -> QueryResult<i64> {
    let content = serde_json::to_string(content)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    diesel::insert_into(revisions::table)
        .values((
            revisions::article_id.eq(article_id),
            revisions::user_id.eq(Some(filing.user_id)),
            revisions::made_at.eq(filing.now.naive_utc()),
            revisions::kind.eq(kind),
            revisions::page.eq(filing.page),
            revisions::content.eq(content),
        ))
        .returning(revisions::id)
        .get_result(conn)
}

/// Gives an article that has no revision its first one: what it says now. `None` if it says nothing.
fn keep_original(conn: &mut AnyConnection, record: &Record) -> QueryResult<Option<i64>> {
    let original = Content::of_article(conn, record.id)?;
    if original == Content::default() {
        return Ok(None);
    }
    insert_original(conn, record.id, &original, record).map(Some)
}

/// Keeps what an article said before its first revision: version 1, if it was published.
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
    /// There is a newer revision than the one that was looked at.
    Newer,
    /// It was published, withdrawn or thrown away since it was looked at.
    Moved,
    NoHeadline,
    NoSection,
    /// There is no such article.
    Gone,
}

/// What somebody looked at who decides to publish it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// 0 for an article without any revision.
    pub revision_id: i64,
    pub status: Status,
}

/// Publishes the newest revision, which is to be the one that was looked at: from `at` on.
/// `is_update`: readers are told that it was updated.
pub fn publish(
    conn: &mut AnyConnection,
    article_id: i64,
    of: LookedAt,
    at: DateTime<Utc>,
    is_update: bool,
    filing: &Filing<'_>,
) -> QueryResult<Result<(), NotPublished>> {
    let Some(mut record) = article::locked(conn, article_id)? else {
        return Ok(Err(NotPublished::Gone));
    };
    if record.status != of.status {
        return Ok(Err(NotPublished::Moved));
    }
    let mut revision_id = of.revision_id;
    if record.revision_id.is_none() && revision_id == 0 {
        // An article from elsewhere that nobody has saved here yet.
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
        .is_none_or(|id| filing.sections.get(id).is_none())
    {
        return Ok(Err(NotPublished::NoSection));
    }
    let mut draft = Draft {
        status: Status::Published,
        published_at: Some(at),
        updated_at: if is_update {
            Some(filing.now)
        } else {
            record.updated_at.map(|time| time.and_utc())
        },
        ..content.draft(conn, true)?
    };
    // An address that readers know changes only if the newsroom says so.
    let before = record.published_at.map(|time| time.and_utc());
    let was_public = before.is_some_and(|before| before <= filing.now);
    if was_public && at > filing.now {
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
    article::update(conn, article_id, &draft, filing.sections, filing.time_zone)?;
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
    article::set_revisions(conn, article_id, revision_id, Some(revision_id), filing.now)?;
    Ok(Ok(()))
}

/// Takes an article from readers, into one of the states that they do not see. What the newsroom
/// works on becomes what its lists show.
pub fn withdraw(
    conn: &mut AnyConnection,
    article_id: i64,
    status: Status,
    filing: &Filing<'_>,
) -> QueryResult<()> {
    let Some(record) = article::locked(conn, article_id)? else {
        return Ok(());
    };
    if record.revision_id.is_none()
        && let Some(id) = keep_original(conn, &record)?
    {
        article::set_revisions(conn, article_id, id, None, filing.now)?;
    }
    if record.has_unpublished_changes() && record.revision_id.is_some() {
        let content = working(conn, &record)?;
        let draft = Draft {
            status,
            published_at: record.published_at.map(|time| time.and_utc()),
            updated_at: record.updated_at.map(|time| time.and_utc()),
            ..content.draft(conn, false)?
        };
        article::update(conn, article_id, &draft, filing.sections, filing.time_zone)?;
    }
    article::set_status(conn, article_id, status, filing)
}
