//! Pictures: what is known of them, and where they are used. The files are in the media store.

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

/// A picture, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Media {
    pub id: i64,
    /// Names its files.
    pub hash: String,
    /// In pixels, of the largest file.
    pub width: i32,
    pub height: i32,
    /// The widths of its files in pixels, smallest first, separated by commas.
    pub widths: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    /// In thousandths of its width and height: the point that crops keep.
    pub focal_x: i32,
    pub focal_y: i32,
    /// Whether it has files in WebP too.
    pub webp: bool,
    pub state: MediaState,
}

impl Media {
    /// Whether there are crops around its focal point.
    pub fn has_crops(&self) -> bool {
        self.webp && self.state == MediaState::Ready
    }
}

/// A picture, as the library knows it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Item {
    #[diesel(embed)]
    pub media: Media,
    /// Of the file that it came in.
    pub name: String,
    pub bytes: i64,
    pub created_at: NaiveDateTime,
    /// Who took it in.
    pub user_id: Option<i64>,
}

/// The pictures of these ids, in no order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Media>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    media::table
        .filter(db::one_of(media::id, ids))
        .select(Media::as_select())
        .load(conn)
}

/// The same, as the library knows them.
pub fn items(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Item>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    media::table
        .filter(media::id.eq_any(ids))
        .select(Item::as_select())
        .load(conn)
}

/// What the files of every picture are named after.
pub fn hashes(conn: &mut AnyConnection) -> QueryResult<BTreeSet<String>> {
    let all: Vec<String> = media::table.select(media::hash).load(conn)?;
    Ok(all.into_iter().collect())
}

/// Up to `limit` pictures by id, from the one after `after` on.
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

/// The picture whose files have this hash.
pub fn with_hash(conn: &mut AnyConnection, hash: &str) -> QueryResult<Option<Item>> {
    media::table
        .filter(media::hash.eq(hash))
        .select(Item::as_select())
        .first(conn)
        .optional()
}

define_sql_function! {
    /// Small letters; SQLite knows those of ASCII.
    fn lower(text: Text) -> Text;
}

/// The newest pictures that have all these words in their texts or their file's name; those older than
/// `before`, if it is given.
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
    // More than a few words narrow nothing down.
    for word in words.split_whitespace().take(8) {
        query = query.filter(lower(all_texts()).like(containing(word)).escape('!'));
    }
    query.load(conn)
}

/// Everything that there is to read of a picture.
fn all_texts() -> Box<dyn BoxableExpression<media::table, MultiBackend, SqlType = Text>> {
    let texts = media::alt.concat(" ").concat(media::caption).concat(" ");
    Box::new(texts.concat(media::credit).concat(" ").concat(media::name))
}

/// A pattern for LIKE in small letters, escaped by `!`.
fn containing(word: &str) -> String {
    let mut pattern = String::from("%");
    // No text that is stored has a NUL, and PostgreSQL takes none.
    for c in word.to_lowercase().chars().filter(|c| *c != '\0') {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[derive(Insertable)]
#[diesel(table_name = media)]
pub struct NewMedia<'a> {
    pub hash: &'a str,
    pub width: i32,
    pub height: i32,
    pub widths: &'a str,
    pub alt: &'a str,
    pub caption: &'a str,
    pub credit: &'a str,
    pub created_at: NaiveDateTime,
}

/// Adds a picture all of whose files are there; returns its id.
pub fn insert(conn: &mut AnyConnection, new: &NewMedia<'_>) -> QueryResult<i64> {
    diesel::insert_into(media::table)
        .values(new)
        .returning(media::id)
        .get_result(conn)
}

/// The files that a picture begins with.
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

/// Takes a picture in; returns it, and whether it is new. One that is there already stays as it is.
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

/// Puts other files in place of a picture's: wherever it is used, the new one is shown.
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

/// What the newsroom says of a picture.
#[derive(Clone, Debug)]
pub struct Description {
    pub alt: String,
    pub caption: String,
    pub credit: String,
    pub focal_x: i32,
    pub focal_y: i32,
}

/// Describes a picture. A focal point that moves leaves crops to be made.
pub fn describe(conn: &mut AnyConnection, item: &Item, new: &Description) -> QueryResult<()> {
    let moved = (item.media.focal_x, item.media.focal_y) != (new.focal_x, new.focal_y);
    let state = if moved {
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

/// Forgets a picture. Its files go when they are found to belong to nothing.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::delete(media::table.find(id)).execute(conn)?;
    Ok(())
}

/// A picture some of whose files are to be made.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Unfinished {
    pub id: i64,
    pub hash: String,
    pub focal_x: i32,
    pub focal_y: i32,
}

/// The first unfinished picture after this id.
pub fn next_unfinished(conn: &mut AnyConnection, after: i64) -> QueryResult<Option<Unfinished>> {
    media::table
        .filter(media::state.eq(MediaState::New))
        .filter(media::id.gt(after))
        .order(media::id)
        .select(Unfinished::as_select())
        .first(conn)
        .optional()
}

/// Notes that all files of a picture are there, unless it has been changed since it was begun.
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

/// As the database counts them.
pub fn pixels(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Those of these hashes that no picture has. None are, as far as a database knows that has no picture
/// at all: it is more likely the wrong database than the right one.
pub fn unknown(conn: &mut AnyConnection, mut hashes: Vec<String>) -> QueryResult<Vec<String>> {
    let known: Vec<i64> = media::table.select(media::id).limit(1).load(conn)?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let mut unknown = Vec::new();
    // Both engines limit how many values a statement may have.
    while !hashes.is_empty() {
        let some = hashes.split_off(hashes.len().saturating_sub(500));
        let known: Vec<String> = media::table
            .filter(media::hash.eq_any(&some))
            .select(media::hash)
            .load(conn)?;
        unknown.extend(some.into_iter().filter(|hash| !known.contains(hash)));
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

/// Everywhere a picture is used: in what readers see, and in what the newsroom works on.
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
    // What the newsroom works on, as JSON has it: `_` stands for the backslash before a quotation mark,
    // which the engines' patterns disagree about.
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
    let standing: Vec<(i64, String)> = pages::table
        .filter(pages::html.like(&in_html))
        .order(pages::id)
        .select((pages::id, pages::title))
        .load(conn)?;
    let standing = standing
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
        .chain(standing)
        .chain(portraits)
        .chain(logo.then_some(Use::Logo))
        .collect())
}

/// The name of whoever took a picture in.
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
