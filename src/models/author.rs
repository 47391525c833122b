//! Authors: the people readers see in the byline.

use diesel::prelude::*;

use super::{address, media::Media, river, setting::SocialLink};
use crate::{
    db::{
        self, AnyConnection,
        schema::{addresses, article_authors, authors, media, users},
        types::{AddressKind, River},
    },
    each_backend,
};

/// An author with address and portrait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub title: String,
    pub biography: String,
    pub email: String,
    pub social_links: Vec<SocialLink>,
    pub path: String,
    pub portrait: Option<Media>,
}

type Row = (
    i64,
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    Option<Media>,
);

impl TryFrom<Row> for Author {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let (id, slug, name, title, biography, email, social_links, path, portrait) = row;
        Ok(Self {
            id,
            slug,
            social_links: serde_json::from_str(&social_links).map_err(|error| {
                diesel::result::Error::DeserializationError(
                    format!("social links of author {id}: {error}").into(),
                )
            })?,
            name,
            title,
            biography,
            email,
            path,
            portrait,
        })
    }
}

/// Authors joined with their canonical address and their portrait.
macro_rules! with_address {
    () => {
        authors::table
            .inner_join(
                addresses::table.on(addresses::target_id
                    .eq(authors::id.nullable())
                    .and(addresses::kind.eq(AddressKind::Author))
                    .and(addresses::canonical)),
            )
            .left_join(media::table.on(media::id.nullable().eq(authors::portrait_id)))
    };
}

/// What of that join makes a [`Row`].
macro_rules! columns {
    () => {
        (
            authors::id,
            authors::slug,
            authors::name,
            authors::title,
            authors::biography,
            authors::email,
            authors::social_links,
            addresses::path,
            Option::<Media>::as_select(),
        )
    };
}

/// The author of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Author>> {
    let row: Option<Row> = with_address!()
        .filter(authors::id.eq(id))
        .select(columns!())
        .first(conn)
        .optional()?;
    row.map(Author::try_from).transpose()
}

/// These authors, in no order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Author>> {
    let rows: Vec<Row> = with_address!()
        .filter(authors::id.eq_any(ids))
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The authors of an article, in the order of its byline.
pub fn of_article(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<Author>> {
    let rows: Vec<Row> = each_backend!(conn, |c| with_address!()
        .inner_join(article_authors::table.on(article_authors::author_id.eq(authors::id)))
        .filter(article_authors::article_id.eq(article_id))
        .order(article_authors::position)
        .select(columns!())
        .load(c))?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The authors of these articles: (article, author), each article's in the order of its byline.
pub fn of_articles(
    conn: &mut AnyConnection,
    article_ids: &[i64],
) -> QueryResult<Vec<(i64, Author)>> {
    let bylines: Vec<(i64, i64)> = article_authors::table
        .filter(article_authors::article_id.eq_any(article_ids))
        .order((article_authors::article_id, article_authors::position))
        .select((article_authors::article_id, article_authors::author_id))
        .load(conn)?;
    let mut ids: Vec<i64> = bylines.iter().map(|(_, author_id)| *author_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let authors = find_all(conn, &ids)?;
    Ok(bylines
        .into_iter()
        .filter_map(|(article_id, author_id)| {
            let author = authors.iter().find(|author| author.id == author_id)?;
            Some((article_id, author.clone()))
        })
        .collect())
}

/// Up to `limit` authors by name, from the `offset`th on.
pub fn by_name(conn: &mut AnyConnection, offset: i64, limit: i64) -> QueryResult<Vec<Author>> {
    let rows: Vec<Row> = with_address!()
        .order((authors::name, authors::id))
        .offset(offset)
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The author of a slug.
pub fn find_by_slug(conn: &mut AnyConnection, slug: &str) -> QueryResult<Option<Author>> {
    let id: Option<i64> = authors::table
        .filter(authors::slug.eq(slug))
        .select(authors::id)
        .first(conn)
        .optional()?;
    match id {
        Some(id) => find(conn, id),
        None => Ok(None),
    }
}

/// Where the author of this slug stands.
pub fn path(slug: &str) -> String {
    format!("/author/{slug}")
}

/// Up to `limit` authors whose slug has `search` in it, by slug, from the one after `after` on.
pub fn list(
    conn: &mut AnyConnection,
    search: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Author>> {
    let rows: Vec<Row> = with_address!()
        .filter(authors::slug.gt(after))
        .filter(authors::slug.like(format!("%{search}%")))
        .order(authors::slug)
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The names to choose from: (id, name), by name. More than anybody would look through are left out.
pub fn names(conn: &mut AnyConnection) -> QueryResult<Vec<(i64, String)>> {
    authors::table
        .order((authors::name, authors::id))
        .limit(5_000)
        .select((authors::id, authors::name))
        .load(conn)
}

/// Id and name of these authors, in no order.
pub fn names_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<(i64, String)>> {
    authors::table
        .filter(authors::id.eq_any(ids))
        .select((authors::id, authors::name))
        .load(conn)
}

/// Those of these ids that are an author's.
pub fn existing(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<i64>> {
    Ok(names_of(conn, ids)?.into_iter().map(|(id, _)| id).collect())
}

/// How many authors there are.
pub fn count(conn: &mut AnyConnection) -> QueryResult<i64> {
    authors::table.count().get_result(conn)
}

/// The names behind the bylines of several articles: (article, name), each article's in order.
pub fn names_of_articles(
    conn: &mut AnyConnection,
    article_ids: &[i64],
) -> QueryResult<Vec<(i64, String)>> {
    each_backend!(conn, |c| article_authors::table
        .inner_join(authors::table.on(authors::id.eq(article_authors::author_id)))
        .filter(db::one_of(article_authors::article_id, article_ids))
        .order((article_authors::article_id, article_authors::position))
        .select((article_authors::article_id, authors::name))
        .load(c))
}

/// An author as stored: to be added, or in place of what was stored before.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = authors, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct NewAuthor<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub title: &'a str,
    pub biography: &'a str,
    pub email: &'a str,
    pub portrait_id: Option<i64>,
    /// JSON: a list of [`SocialLink`].
    pub social_links: &'a str,
}

/// Adds an author at `/author/<slug>`; returns the id.
pub fn insert(conn: &mut AnyConnection, new: &NewAuthor<'_>) -> QueryResult<i64> {
    let id = diesel::insert_into(authors::table)
        .values(new)
        .returning(authors::id)
        .get_result(conn)?;
    address::set_canonical(conn, AddressKind::Author, id, &path(new.slug))?;
    Ok(id)
}

/// Changes an author; paths that they had go on leading to them.
pub fn change(conn: &mut AnyConnection, id: i64, new: &NewAuthor<'_>) -> QueryResult<()> {
    let before: String = authors::table.find(id).select(authors::slug).first(conn)?;
    // An author whose address was never made of their slug, as imports have them, keeps it.
    if before != new.slug {
        address::move_to(conn, AddressKind::Author, id, &path(new.slug))?;
    }
    diesel::update(authors::table.find(id))
        .set(new)
        .execute(conn)?;
    Ok(())
}

/// How many articles have an author in their byline, drafts and the trash included.
pub fn articles_of(conn: &mut AnyConnection, id: i64) -> QueryResult<i64> {
    article_authors::table
        .filter(article_authors::author_id.eq(id))
        .count()
        .get_result(conn)
}

/// Deletes an author who has no article. Whoever is tied to them is tied to nobody.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::update(users::table.filter(users::author_id.eq(id)))
        .set(users::author_id.eq(None::<i64>))
        .execute(conn)?;
    river::empty(conn, (River::Author, id))?;
    address::forget(conn, AddressKind::Author, id)?;
    diesel::delete(authors::table.find(id)).execute(conn)?;
    Ok(())
}
