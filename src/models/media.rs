//! Pictures: their metadata and where they are used. The files are in the media store.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{define_sql_function, prelude::*, sql_types::Text};

use super::setting;
use crate::{
    db::{
        self, AnyConnection, MultiBackend,
        schema::{articles, authors, bodies, media, pages, revisions, users},
        types::MediaState,
    },
    each_backend,
    error::Result,
};

/// What pages need to show a picture.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Media {
    pub id: i64,
    /// The hash that its file names contain.
    pub hash: String,
    /// The width of the largest file, in pixels.
    pub width: i32,
    pub height: i32,
    /// The widths of its files in pixels, ascending, separated by commas.
    pub widths: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    /// The focal point that crops keep, in thousandths of width and height.
    pub focal_x: i32,
    pub focal_y: i32,
    /// Whether it also has WebP files.
    pub webp: bool,
    pub state: MediaState,
}

impl Media {
    /// Whether there are crops around the focal point.
    pub fn has_crops(&self) -> bool {
        self.webp && self.state == MediaState::Ready
    }
}

/// A picture in the media library.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Item {
    #[diesel(embed)]
    pub media: Media,
    /// The name of the uploaded file.
    pub name: String,
    /// The size of the uploaded file.
    pub bytes: i64,
    pub created_at: NaiveDateTime,
    /// The user who uploaded it.
    pub user_id: Option<i64>,
}

/// These pictures, in unspecified order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Media>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    media::table
        .filter(db::eq_any_padded(media::id, ids))
        .select(Media::as_select())
        .load(conn)
}

/// The library items of these pictures, in unspecified order.
pub fn items(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Item>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    media::table
        .filter(media::id.eq_any(ids))
        .select(Item::as_select())
        .load(conn)
}

/// The hashes of all pictures.
pub fn hashes(conn: &mut AnyConnection) -> QueryResult<BTreeSet<String>> {
    let all: Vec<String> = media::table.select(media::hash).load(conn)?;
    Ok(all.into_iter().collect())
}

/// Up to `limit` pictures with ids greater than `after`, in ascending order.
pub fn after(conn: &mut AnyConnection, after: i64, limit: i64) -> QueryResult<Vec<Item>> {
    media::table
        .filter(media::id.gt(after))
        .order(media::id)
        .limit(limit)
        .select(Item::as_select())
        .load(conn)
}

/// The picture of this id.
pub fn item(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Item>> {
    media::table
        .find(id)
        .select(Item::as_select())
        .first(conn)
        .optional()
}

/// The picture with this hash.
pub fn with_hash(conn: &mut AnyConnection, hash: &str) -> QueryResult<Option<Item>> {
    media::table
        .filter(media::hash.eq(hash))
        .select(Item::as_select())
        .first(conn)
        .optional()
}

define_sql_function! {
    /// Converts to lower case; on SQLite only ASCII letters.
    fn lower(text: Text) -> Text;
}

/// Up to `limit` of the newest pictures that contain all these words in their texts or file name; older than `before`
/// if it is given.
pub fn search(
    conn: &mut AnyConnection,
    words: &str,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Item>> {
    let mut query = media::table
        .order(media::id.desc())
        .limit(limit)
        .select(Item::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(before) = before {
        query = query.filter(media::id.lt(before));
    }
    // More words hardly narrow down the results.
    for word in words.split_whitespace().take(8) {
        query = query.filter(lower(all_texts()).like(containing(word)).escape('!'));
    }
    query.load(conn)
}

/// All texts of a picture, concatenated.
fn all_texts() -> Box<dyn BoxableExpression<media::table, MultiBackend, SqlType = Text>> {
    let texts = media::alt.concat(" ").concat(media::caption).concat(" ");
    Box::new(texts.concat(media::credit).concat(" ").concat(media::name))
}

/// A lower-case `LIKE` pattern for texts that contain `word`, escaped with `!`.
fn containing(word: &str) -> String {
    let mut pattern = String::from("%");
    // PostgreSQL rejects NUL characters, and no stored text contains one.
    for c in word.to_lowercase().chars().filter(|c| *c != '\0') {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A picture to be inserted with its descriptions.
pub struct NewMedia<'a> {
    pub files: &'a Files,
    pub alt: &'a str,
    pub caption: &'a str,
    pub credit: &'a str,
    pub state: MediaState,
    pub created_at: NaiveDateTime,
}

/// Inserts a picture whose first files are in the media store; returns its id.
pub fn insert(conn: &mut AnyConnection, new: &NewMedia<'_>) -> QueryResult<i64> {
    diesel::insert_into(media::table)
        .values((
            new.files,
            media::alt.eq(new.alt),
            media::caption.eq(new.caption),
            media::credit.eq(new.credit),
            media::state.eq(new.state),
            media::created_at.eq(new.created_at),
        ))
        .returning(media::id)
        .get_result(conn)
}

/// The first files of an uploaded picture.
#[derive(AsChangeset, Clone, Debug, Insertable)]
#[diesel(table_name = media)]
pub struct Files {
    pub hash: String,
    pub width: i32,
    pub height: i32,
    pub widths: String,
    pub name: String,
    pub bytes: i64,
}

/// Adds an uploaded picture unless there is one with the same hash; returns it, and whether it is new.
pub fn take_in(
    conn: &mut AnyConnection,
    files: &Files,
    user_id: Option<i64>,
    now: DateTime<Utc>,
) -> QueryResult<(Item, bool)> {
    let values = (
        files,
        media::alt.eq(""),
        media::caption.eq(""),
        media::credit.eq(""),
        media::state.eq(MediaState::New),
        media::user_id.eq(user_id),
        media::created_at.eq(now.naive_utc()),
    );
    let added = each_backend!(conn, |c| diesel::insert_into(media::table)
        .values(values)
        .on_conflict(media::hash)
        .do_nothing()
        .execute(c)?);
    let item = with_hash(conn, &files.hash)?.ok_or(diesel::result::Error::NotFound)?;
    Ok((item, added == 1))
}

/// Replaces the files of a picture everywhere it is used.
pub fn replace(conn: &mut AnyConnection, id: i64, files: &Files) -> QueryResult<()> {
    diesel::update(media::table.find(id))
        .set((
            files,
            media::focal_x.eq(500),
            media::focal_y.eq(500),
            media::webp.eq(false),
            media::state.eq(MediaState::New),
        ))
        .execute(conn)?;
    Ok(())
}

/// The editable metadata of a picture.
#[derive(Clone, Debug)]
pub struct Description {
    pub alt: String,
    pub caption: String,
    pub credit: String,
    pub focal_x: i32,
    pub focal_y: i32,
}

/// Changes the metadata of a picture. A new focal point queues its crops for rendering.
pub fn describe(conn: &mut AnyConnection, item: &Item, new: &Description) -> QueryResult<()> {
    let focal_point_changed =
        (item.media.focal_x, item.media.focal_y) != (new.focal_x, new.focal_y);
    let state = if focal_point_changed {
        MediaState::New
    } else {
        item.media.state
    };
    diesel::update(media::table.find(item.media.id))
        .set((
            media::alt.eq(&new.alt),
            media::caption.eq(&new.caption),
            media::credit.eq(&new.credit),
            media::focal_x.eq(new.focal_x),
            media::focal_y.eq(new.focal_y),
            media::state.eq(state),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes a picture. A background job deletes its orphaned files.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::delete(media::table.find(id)).execute(conn)?;
    Ok(())
}

/// A picture with files to render.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Unfinished {
    pub id: i64,
    pub hash: String,
    pub focal_x: i32,
    pub focal_y: i32,
}

/// The first unfinished picture with an id greater than `after`.
pub fn next_unfinished(conn: &mut AnyConnection, after: i64) -> QueryResult<Option<Unfinished>> {
    media::table
        .filter(media::state.eq(MediaState::New))
        .filter(media::id.gt(after))
        .order(media::id)
        .select(Unfinished::as_select())
        .first(conn)
        .optional()
}

/// Records that all files of a picture exist, unless it was changed since `begun` was loaded.
pub fn finish(
    conn: &mut AnyConnection,
    begun: &Unfinished,
    widths: &str,
    (width, height): (u32, u32),
) -> QueryResult<()> {
    diesel::update(media::table.find(begun.id))
        .filter(media::hash.eq(&begun.hash))
        .filter(media::focal_x.eq(begun.focal_x))
        .filter(media::focal_y.eq(begun.focal_y))
        .set((
            media::widths.eq(widths),
            media::width.eq(pixels(width)),
            media::height.eq(pixels(height)),
            media::webp.eq(true),
            media::state.eq(MediaState::Ready),
        ))
        .execute(conn)?;
    Ok(())
}

/// A length in pixels as the database stores it.
pub fn pixels(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Those of these hashes that no picture has. Empty if the database has no pictures at all: then it is more likely that
/// it is the wrong database.
pub fn unknown(conn: &mut AnyConnection, mut hashes: Vec<String>) -> QueryResult<Vec<String>> {
    let known: Vec<i64> = media::table.select(media::id).limit(1).load(conn)?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let mut unknown = Vec::new();
    // In batches, because both engines limit the bind parameters of a statement.
    while !hashes.is_empty() {
        let batch = hashes.split_off(hashes.len().saturating_sub(500));
        let known: Vec<String> = media::table
            .filter(media::hash.eq_any(&batch))
            .select(media::hash)
            .load(conn)?;
        unknown.extend(batch.into_iter().filter(|hash| !known.contains(hash)));
    }
    Ok(unknown)
}

/// Where a picture is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    Article {
        id: i64,
        headline: String,
        owner_id: Option<i64>,
    },
    Page {
        id: i64,
        title: String,
    },
    Portrait {
        author_id: i64,
        name: String,
    },
    Logo,
}

/// Everywhere a picture is used: in published content and in working copies.
pub fn uses(conn: &mut AnyConnection, id: i64) -> Result<Vec<Use>> {
    let mut ids: Vec<i64> = articles::table
        .filter(articles::lead_media_id.eq(id))
        .select(articles::id)
        .load(conn)?;
    let in_html = format!("%data-media=\"{id}\"%");
    ids.extend::<Vec<i64>>(
        bodies::table
            .filter(bodies::html.like(&in_html))
            .select(bodies::article_id)
            .load(conn)?,
    );
    // Working copies are JSON. `_` matches the backslash before a quotation mark, which the engines' LIKE patterns
    // treat differently.
    let revisions = articles::table
        .inner_join(revisions::table.on(revisions::id.nullable().eq(articles::revision_id)))
        .select(articles::id);
    for pattern in [
        format!("%data-media=_\"{id}_\"%"),
        format!("%\"lead_media_id\":{id},%"),
    ] {
        let found = revisions.filter(revisions::content.like(pattern));
        ids.extend(found.load::<i64>(conn)?);
    }
    let used: Vec<(i64, String, Option<i64>)> = articles::table
        .filter(articles::id.eq_any(ids))
        .order(articles::id.desc())
        .select((articles::id, articles::headline, articles::owner_id))
        .load(conn)?;
    let articles = used
        .into_iter()
        .map(|(id, headline, owner_id)| Use::Article {
            id,
            headline,
            owner_id,
        });
    let in_pages: Vec<(i64, String)> = pages::table
        .filter(pages::html.like(&in_html))
        .order(pages::id)
        .select((pages::id, pages::title))
        .load(conn)?;
    let in_pages = in_pages
        .into_iter()
        .map(|(id, title)| Use::Page { id, title });
    let portraits: Vec<(i64, String)> = authors::table
        .filter(authors::portrait_id.eq(id))
        .order(authors::id)
        .select((authors::id, authors::name))
        .load(conn)?;
    let portraits = portraits
        .into_iter()
        .map(|(author_id, name)| Use::Portrait { author_id, name });
    let logo = setting::load(conn)?.logo_media_id == Some(id);
    Ok(articles
        .chain(in_pages)
        .chain(portraits)
        .chain(logo.then_some(Use::Logo))
        .collect())
}

/// The name of the user who uploaded a picture.
pub fn taken_in_by(conn: &mut AnyConnection, item: &Item) -> QueryResult<Option<String>> {
    let Some(user_id) = item.user_id else {
        return Ok(None);
    };
    users::table
        .find(user_id)
        .select(users::name)
        .first(conn)
        .optional()
}
