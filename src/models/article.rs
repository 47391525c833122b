//! Articles: the card that lists show, the whole that the article page shows, and saving.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::{dsl::sql, prelude::*, sql_types::Bool};

use super::{address, author, media::Media, revision::Filing, river, search, section::SectionTree};
use crate::{
    db::{
        self, AnyConnection,
        schema::{
            addresses, article_also_read, article_authors, article_sections, article_topics,
            articles, bodies, media,
        },
        types::{AddressKind, Status},
    },
    each_backend,
    text::{SanitizedHtml, slug},
};

/// What is told of an article wherever it is listed.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: i64,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub section_id: i64,
    pub published_at: DateTime<Utc>,
    pub path: String,
    pub picture: Option<Media>,
    pub authors: Vec<String>,
}

/// Cards by the ids of their articles.
pub type Cards = HashMap<i64, Arc<Card>>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct CardRow {
    id: i64,
    kicker: String,
    headline: String,
    standfirst: String,
    section_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
}

/// Articles joined with their canonical address.
macro_rules! with_address {
    () => {
        articles::table.inner_join(
            addresses::table.on(addresses::target_id
                .eq(articles::id.nullable())
                .and(addresses::kind.eq(AddressKind::Article))
                .and(addresses::canonical)),
        )
    };
}

/// The cards of those of these articles that are live, by id.
pub fn cards(conn: &mut AnyConnection, ids: &[i64], now: NaiveDateTime) -> QueryResult<Cards> {
    if ids.is_empty() {
        return Ok(Cards::new());
    }
    let rows: Vec<(CardRow, String, Option<Media>)> = each_backend!(conn, |c| with_address!()
        .left_join(media::table.on(media::id.nullable().eq(articles::lead_media_id)))
        .filter(db::one_of(articles::id, ids))
        .filter(articles::status.eq(Status::Published))
        .filter(articles::published_at.le(now))
        .select((
            CardRow::as_select(),
            addresses::path,
            Option::<Media>::as_select(),
        ))
        .load(c))?;
    let mut cards = Cards::with_capacity(rows.len());
    for (row, path, picture) in rows {
        // Whatever is published has both.
        let (Some(published_at), Some(section_id)) = (row.published_at, row.section_id) else {
            continue;
        };
        cards.insert(
            row.id,
            Arc::new(Card {
                id: row.id,
                kicker: row.kicker,
                headline: row.headline,
                standfirst: row.standfirst,
                section_id,
                published_at: published_at.and_utc(),
                path,
                picture,
                authors: Vec::new(),
            }),
        );
    }
    for (article_id, name) in author::names_of_articles(conn, ids)? {
        if let Some(card) = cards.get_mut(&article_id) {
            Arc::make_mut(card).authors.push(name);
        }
    }
    Ok(cards)
}

/// An article as its page shows it.
#[derive(Debug)]
pub struct Article {
    pub id: i64,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub dateline: Option<Dateline>,
    pub section_id: i64,
    pub published_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
    pub word_count: i32,
    /// What search results and cards elsewhere show in place of headline and standfirst, or empty.
    pub search_title: String,
    pub search_description: String,
    /// The same story in other languages: lines of [`crate::text::Translation`].
    pub translations: String,
    pub path: String,
    pub picture: Option<Media>,
    pub body: SanitizedHtml,
}

/// Place, date and agency that open the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dateline {
    pub place: String,
    pub date: Option<NaiveDate>,
    pub agency: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct ArticleRow {
    id: i64,
    kicker: String,
    headline: String,
    standfirst: String,
    dateline_place: String,
    dateline_date: Option<NaiveDate>,
    dateline_agency: String,
    section_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    word_count: i32,
    search_title: String,
    search_description: String,
    translations: String,
}

/// The article of this id, if it is live.
pub fn find_live(
    conn: &mut AnyConnection,
    id: i64,
    now: NaiveDateTime,
) -> QueryResult<Option<Article>> {
    Ok(find_all_live(conn, &[id], now)?.pop())
}

/// Those of these articles that are live, in no order.
pub fn find_all_live(
    conn: &mut AnyConnection,
    ids: &[i64],
    now: NaiveDateTime,
) -> QueryResult<Vec<Article>> {
    let found: Vec<(ArticleRow, String, SanitizedHtml, Option<Media>)> =
        each_backend!(conn, |c| with_address!()
            .inner_join(bodies::table.on(bodies::article_id.eq(articles::id)))
            .left_join(media::table.on(media::id.nullable().eq(articles::lead_media_id)))
            .filter(db::one_of(articles::id, ids))
            .filter(articles::status.eq(Status::Published))
            .filter(articles::published_at.le(now))
            .select((
                ArticleRow::as_select(),
                addresses::path,
                bodies::html,
                Option::<Media>::as_select(),
            ))
            .load(c))?;
    let article = |(row, path, body, picture): (ArticleRow, String, _, _)| {
        let dateline = (!row.dateline_place.is_empty()).then_some(Dateline {
            place: row.dateline_place,
            date: row.dateline_date,
            agency: row.dateline_agency,
        });
        Some(Article {
            id: row.id,
            kicker: row.kicker,
            headline: row.headline,
            standfirst: row.standfirst,
            dateline,
            section_id: row.section_id?,
            published_at: row.published_at?.and_utc(),
            updated_at: row.updated_at.map(|time| time.and_utc()),
            word_count: row.word_count,
            search_title: row.search_title,
            search_description: row.search_description,
            translations: row.translations,
            path,
            picture,
            body,
        })
    };
    Ok(found.into_iter().filter_map(article).collect())
}

/// The articles linked to below an article's text, in order.
pub fn also_read(conn: &mut AnyConnection, id: i64) -> QueryResult<Vec<i64>> {
    article_also_read::table
        .filter(article_also_read::article_id.eq(id))
        .order(article_also_read::position)
        .select(article_also_read::other_id)
        .load(conn)
}

/// Whether readers may see the article of this id.
pub fn is_live(conn: &mut AnyConnection, id: i64, now: NaiveDateTime) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        articles::table
            .filter(articles::id.eq(id))
            .filter(articles::status.eq(Status::Published))
            .filter(articles::published_at.le(now)),
    ))
    .get_result(conn)
}

/// How many articles are published, scheduled ones included.
pub fn count_published(conn: &mut AnyConnection) -> QueryResult<i64> {
    articles::table
        .filter(articles::status.eq(Status::Published))
        .count()
        .get_result(conn)
}

/// Up to `limit` published articles, scheduled ones included, by id, from the one after `after` on.
pub fn published_after(conn: &mut AnyConnection, after: i64, limit: i64) -> QueryResult<Vec<i64>> {
    articles::table
        .filter(articles::id.gt(after))
        .filter(sql::<Bool>(IS_PUBLISHED))
        .order(articles::id)
        .limit(limit)
        .select(articles::id)
        .load(conn)
}

/// What the newsroom knows of an article without reading it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct Record {
    pub id: i64,
    pub status: Status,
    pub headline: String,
    pub section_id: Option<i64>,
    pub owner_id: Option<i64>,
    pub published_at: Option<NaiveDateTime>,
    pub updated_at: Option<NaiveDateTime>,
    pub changed_at: NaiveDateTime,
    /// The newest revision; none of an article that the newsroom has not touched yet.
    pub revision_id: Option<i64>,
    /// The revision that is published.
    pub live_revision_id: Option<i64>,
}

impl Record {
    /// Whether it is published, or will be when its time comes.
    pub fn is_published(&self) -> bool {
        self.status == Status::Published
    }

    /// Whether readers can see it.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.is_published()
            && self
                .published_at
                .is_some_and(|time| time <= now.naive_utc())
    }

    /// Whether what was saved last is not what is published.
    pub fn has_unpublished_changes(&self) -> bool {
        self.is_published() && self.revision_id != self.live_revision_id
    }
}

/// The article of this id, whatever its state.
pub fn record(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Record>> {
    articles::table
        .find(id)
        .select(Record::as_select())
        .first(conn)
        .optional()
}

/// The same, locked until the transaction ends: two who change one article take turns.
pub fn locked(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Record>> {
    // An UPDATE locks the row on both engines.
    diesel::update(articles::table.find(id))
        .set(articles::changed_at.eq(articles::changed_at))
        .execute(conn)?;
    record(conn, id)
}

/// Begins an article of which nothing is written yet; returns its id.
pub(super) fn begin(
    conn: &mut AnyConnection,
    owner_id: i64,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let draft = Draft::default();
    let id = diesel::insert_into(articles::table)
        .values((
            Written::from(&draft),
            articles::owner_id.eq(owner_id),
            articles::created_at.eq(now.naive_utc()),
            articles::changed_at.eq(now.naive_utc()),
        ))
        .returning(articles::id)
        .get_result(conn)?;
    diesel::insert_into(bodies::table)
        .values((bodies::article_id.eq(id), bodies::html.eq("")))
        .execute(conn)?;
    Ok(id)
}

/// Notes which revisions are the newest and the published one.
pub(super) fn set_revisions(
    conn: &mut AnyConnection,
    id: i64,
    newest: i64,
    live: Option<i64>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::update(articles::table.find(id))
        .set((
            articles::revision_id.eq(newest),
            articles::live_revision_id.eq(live),
            articles::changed_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Moves an article to a state that readers do not see.
pub(super) fn set_status(
    conn: &mut AnyConnection,
    id: i64,
    status: Status,
    filing: &Filing<'_>,
) -> QueryResult<()> {
    db::note_withdrawal(conn)?;
    diesel::update(articles::table.find(id))
        .set((
            articles::status.eq(status),
            articles::live_revision_id.eq(None::<i64>),
            articles::changed_at.eq(filing.now.naive_utc()),
        ))
        .execute(conn)?;
    river::refile(conn, id, filing.sections, filing.time_zone)?;
    search::remove(conn, id)
}

/// The texts of articles, by id.
pub fn bodies(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, SanitizedHtml>> {
    let rows: Vec<(i64, SanitizedHtml)> = bodies::table
        .filter(bodies::article_id.eq_any(ids))
        .select((bodies::article_id, bodies::html))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The last headlines published since `since`, scheduled ones included, without that of `except`.
pub fn recent_headlines(
    conn: &mut AnyConnection,
    since: NaiveDateTime,
    except: i64,
    limit: i64,
) -> QueryResult<Vec<String>> {
    // Along the river of the site: no statistics are needed to find this plan.
    let ids: Vec<i64> = river::since(conn, river::SITE, since, limit)?;
    articles::table
        .filter(articles::id.eq_any(ids))
        .filter(articles::id.ne(except))
        .select(articles::headline)
        .load(conn)
}

/// A condition on articles that holds for published ones, and that no index on the status answers: almost
/// all are published, and SQLite would rather walk through them than along another index.
pub(super) const IS_PUBLISHED: &str = "(status = 'published') IS TRUE";

/// When the next scheduled article is due.
pub fn next_due(
    conn: &mut AnyConnection,
    now: NaiveDateTime,
) -> QueryResult<Option<NaiveDateTime>> {
    articles::table
        .filter(articles::published_at.gt(now))
        .filter(sql::<Bool>(IS_PUBLISHED))
        .order(articles::published_at)
        .select(articles::published_at)
        .first(conn)
        .optional()
        .map(Option::flatten)
}

/// What an article says, whatever its state, as far as it stands in its own tables.
pub fn draft_of(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Draft>> {
    Ok(drafts_of(conn, &[id])?.pop().map(|(_, draft)| draft))
}

/// The same of several articles, with their ids and in the order of them.
pub fn drafts_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<(i64, Draft)>> {
    let rows: Vec<(i64, DraftRow, SanitizedHtml)> = articles::table
        .inner_join(bodies::table.on(bodies::article_id.eq(articles::id)))
        .filter(articles::id.eq_any(ids))
        .order(articles::id)
        .select((articles::id, DraftRow::as_select(), bodies::html))
        .load(conn)?;
    let further: Vec<(i64, i64)> = article_sections::table
        .filter(article_sections::article_id.eq_any(ids))
        .order((article_sections::article_id, article_sections::section_id))
        .select((article_sections::article_id, article_sections::section_id))
        .load(conn)?;
    let authors: Vec<(i64, i64)> = article_authors::table
        .filter(article_authors::article_id.eq_any(ids))
        .order((article_authors::article_id, article_authors::position))
        .select((article_authors::article_id, article_authors::author_id))
        .load(conn)?;
    let topics: Vec<(i64, i64)> = article_topics::table
        .filter(article_topics::article_id.eq_any(ids))
        .order((article_topics::article_id, article_topics::position))
        .select((article_topics::article_id, article_topics::topic_id))
        .load(conn)?;
    let also_read: Vec<(i64, i64)> = article_also_read::table
        .filter(article_also_read::article_id.eq_any(ids))
        .order((article_also_read::article_id, article_also_read::position))
        .select((article_also_read::article_id, article_also_read::other_id))
        .load(conn)?;
    let (further, authors) = (of_each(further), of_each(authors));
    let (topics, also_read) = (of_each(topics), of_each(also_read));
    let of = |all: &HashMap<i64, Vec<i64>>, id| all.get(&id).cloned().unwrap_or_default();
    let draft = |(id, row, body): (i64, DraftRow, _)| {
        let dateline = (!row.dateline_place.is_empty()).then_some(Dateline {
            place: row.dateline_place,
            date: row.dateline_date,
            agency: row.dateline_agency,
        });
        let draft = Draft {
            status: row.status,
            kicker: row.kicker,
            headline: row.headline,
            standfirst: row.standfirst,
            dateline,
            section_id: row.section_id,
            further_section_ids: of(&further, id),
            author_ids: of(&authors, id),
            topic_ids: of(&topics, id),
            also_read_ids: of(&also_read, id),
            lead_media_id: row.lead_media_id,
            published_at: row.published_at.map(|time| time.and_utc()),
            updated_at: row.updated_at.map(|time| time.and_utc()),
            body,
            search_title: row.search_title,
            search_description: row.search_description,
            translations: row.translations,
            slug: String::new(),
            path: None,
        };
        (id, draft)
    };
    Ok(rows.into_iter().map(draft).collect())
}

/// What belongs to each article, of (article, other).
fn of_each(pairs: Vec<(i64, i64)>) -> HashMap<i64, Vec<i64>> {
    let mut of_each: HashMap<i64, Vec<i64>> = HashMap::new();
    for (id, other) in pairs {
        of_each.entry(id).or_default().push(other);
    }
    of_each
}

/// Up to `limit` articles, whatever their state, by id, from the one after `after` on.
pub fn records_after(conn: &mut AnyConnection, after: i64, limit: i64) -> QueryResult<Vec<Record>> {
    articles::table
        .filter(articles::id.gt(after))
        .order(articles::id)
        .limit(limit)
        .select(Record::as_select())
        .load(conn)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct DraftRow {
    status: Status,
    kicker: String,
    headline: String,
    standfirst: String,
    dateline_place: String,
    dateline_date: Option<NaiveDate>,
    dateline_agency: String,
    section_id: Option<i64>,
    lead_media_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    search_title: String,
    search_description: String,
    translations: String,
}

/// The canonical paths of these articles, by id, whatever their state.
pub fn paths(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = with_address!()
        .filter(articles::id.eq_any(ids))
        .select((articles::id, addresses::path))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The headlines of these articles, by id, whatever their state.
pub fn headlines(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = articles::table
        .filter(articles::id.eq_any(ids))
        .select((articles::id, articles::headline))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The sections that these articles are filed in: (article, section).
pub fn sections_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<(i64, Option<i64>)>> {
    articles::table
        .filter(articles::id.eq_any(ids))
        .select((articles::id, articles::section_id))
        .load(conn)
}

/// Everything that is written of an article.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub status: Status,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub dateline: Option<Dateline>,
    /// Only what is not published may have none.
    pub section_id: Option<i64>,
    pub further_section_ids: Vec<i64>,
    pub author_ids: Vec<i64>,
    pub topic_ids: Vec<i64>,
    /// Articles linked to below the text.
    pub also_read_ids: Vec<i64>,
    pub lead_media_id: Option<i64>,
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub body: SanitizedHtml,
    pub search_title: String,
    pub search_description: String,
    /// The same story in other languages: lines of [`crate::text::Translation`].
    pub translations: String,
    /// The last part of the address; empty for one made of the headline.
    pub slug: String,
    /// The whole address, of an article that keeps the one it has.
    pub path: Option<String>,
}

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = articles, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Written<'a> {
    status: Status,
    kicker: &'a str,
    headline: &'a str,
    standfirst: &'a str,
    dateline_place: &'a str,
    dateline_date: Option<NaiveDate>,
    dateline_agency: &'a str,
    section_id: Option<i64>,
    lead_media_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    word_count: i32,
    search_title: &'a str,
    search_description: &'a str,
    translations: &'a str,
}

impl<'a> From<&'a Draft> for Written<'a> {
    fn from(draft: &'a Draft) -> Self {
        let dateline = draft.dateline.as_ref();
        Self {
            status: draft.status,
            kicker: &draft.kicker,
            headline: &draft.headline,
            standfirst: &draft.standfirst,
            dateline_place: dateline.map_or("", |dateline| &dateline.place),
            dateline_date: dateline.and_then(|dateline| dateline.date),
            dateline_agency: dateline.map_or("", |dateline| &dateline.agency),
            section_id: draft.section_id,
            lead_media_id: draft.lead_media_id,
            published_at: draft.published_at.map(|time| time.naive_utc()),
            updated_at: draft.updated_at.map(|time| time.naive_utc()),
            word_count: i32::try_from(draft.body.word_count()).unwrap_or(i32::MAX),
            search_title: &draft.search_title,
            search_description: &draft.search_description,
            translations: &draft.translations,
        }
    }
}

/// Adds an article with its address and its place in the rivers; returns its id.
pub fn insert(
    conn: &mut AnyConnection,
    draft: &Draft,
    sections: &SectionTree,
    time_zone: Tz,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let id = insert_unlisted(conn, draft, time_zone, now)?;
    list(conn, &[id], sections, time_zone)?;
    Ok(id)
}

/// Lists articles that were added with [`insert_unlisted`], and makes them findable.
pub fn list(
    conn: &mut AnyConnection,
    ids: &[i64],
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    river::file_new(conn, ids, sections, time_zone)?;
    search::refresh(conn, ids)?;
    search::queue_related(conn, ids)
}

/// Adds an article with its address, but to no list and not to the search: for many, which are listed together
/// in the same transaction.
pub fn insert_unlisted(
    conn: &mut AnyConnection,
    draft: &Draft,
    time_zone: Tz,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let id = diesel::insert_into(articles::table)
        .values((
            Written::from(draft),
            articles::created_at.eq(now.naive_utc()),
            articles::changed_at.eq(now.naive_utc()),
        ))
        .returning(articles::id)
        .get_result(conn)?;
    diesel::insert_into(bodies::table)
        .values((
            bodies::article_id.eq(id),
            bodies::html.eq(draft.body.as_str()),
        ))
        .execute(conn)?;
    file(conn, id, draft, time_zone)?;
    Ok(id)
}

/// Puts `draft` in place of what an article says. The addresses that it had go on working.
pub fn update(
    conn: &mut AnyConnection,
    id: i64,
    draft: &Draft,
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    diesel::update(articles::table.find(id))
        .set(Written::from(draft))
        .execute(conn)?;
    diesel::update(bodies::table.find(id))
        .set(bodies::html.eq(draft.body.as_str()))
        .execute(conn)?;
    diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id)))
        .execute(conn)?;
    diesel::delete(article_sections::table.filter(article_sections::article_id.eq(id)))
        .execute(conn)?;
    diesel::delete(article_topics::table.filter(article_topics::article_id.eq(id)))
        .execute(conn)?;
    diesel::delete(article_also_read::table.filter(article_also_read::article_id.eq(id)))
        .execute(conn)?;
    file(conn, id, draft, time_zone)?;
    river::refile(conn, id, sections, time_zone)?;
    search::refresh(conn, &[id])?;
    search::queue_related(conn, &[id])
}

/// Writes what ties an article to authors, sections, topics and its address.
fn file(conn: &mut AnyConnection, id: i64, draft: &Draft, time_zone: Tz) -> QueryResult<()> {
    let authors: Vec<_> = (0..)
        .zip(&draft.author_ids)
        .map(|(position, author_id)| {
            (
                article_authors::article_id.eq(id),
                article_authors::position.eq(position),
                article_authors::author_id.eq(author_id),
            )
        })
        .collect();
    let further: Vec<_> = draft
        .further_section_ids
        .iter()
        .map(|section_id| {
            (
                article_sections::article_id.eq(id),
                article_sections::section_id.eq(section_id),
            )
        })
        .collect();
    let topics: Vec<_> = (0..)
        .zip(&draft.topic_ids)
        .map(|(position, topic_id)| {
            (
                article_topics::article_id.eq(id),
                article_topics::position.eq(position),
                article_topics::topic_id.eq(topic_id),
            )
        })
        .collect();
    let also_read: Vec<_> = (0..)
        .zip(&draft.also_read_ids)
        .map(|(position, other_id)| {
            (
                article_also_read::article_id.eq(id),
                article_also_read::position.eq(position),
                article_also_read::other_id.eq(other_id),
            )
        })
        .collect();
    each_backend!(conn, |c| {
        diesel::insert_into(article_also_read::table)
            .values(&also_read)
            .execute(c)?;
        diesel::insert_into(article_authors::table)
            .values(&authors)
            .execute(c)?;
        diesel::insert_into(article_sections::table)
            .values(&further)
            .execute(c)?;
        diesel::insert_into(article_topics::table)
            .values(&topics)
            .execute(c)
    })?;
    // What has never been public has no address yet: it would change with every headline.
    if let Some(published_at) = draft
        .published_at
        .filter(|_| draft.status == Status::Published)
    {
        let path = free_path(conn, id, draft, published_at, time_zone)?;
        address::set_canonical(conn, AddressKind::Article, id, &path)?;
    }
    Ok(())
}

/// `/2023/12/15/headline-in-short`, with a number behind it if that leads to another article.
fn free_path(
    conn: &mut AnyConnection,
    id: i64,
    draft: &Draft,
    published_at: DateTime<Utc>,
    time_zone: Tz,
) -> QueryResult<String> {
    if let Some(path) = &draft.path {
        return Ok(path.clone());
    }
    let day = published_at.with_timezone(&time_zone).format("/%Y/%m/%d/");
    let name = if draft.slug.is_empty() {
        slug(&draft.headline)
    } else {
        draft.slug.clone()
    };
    let name = if name.is_empty() {
        format!("article-{id}")
    } else {
        name
    };
    let wanted = format!("{day}{name}");
    let similar: Vec<(String, Option<i64>, AddressKind)> = addresses::table
        .filter(addresses::path.ge(&wanted))
        .filter(addresses::path.lt(format!("{wanted}~")))
        .select((addresses::path, addresses::target_id, addresses::kind))
        .load(conn)?;
    let free = |path: &str| {
        similar.iter().all(|(taken, target_id, kind)| {
            taken != path || (*kind == AddressKind::Article && *target_id == Some(id))
        })
    };
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    Ok(std::iter::once(wanted.clone())
        .chain(numbered)
        .find(|path| free(path))
        .unwrap_or(wanted))
}
