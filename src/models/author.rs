//! Authors: the people in bylines.

use diesel::prelude::*;

use super::{address, media::Media, setting::SocialLink, timeline};
use crate::{
    db::{
        self, AnyConnection,
        schema::{addresses, article_authors, authors, media, users},
        types::{AddressKind, TimelineKind},
    },
    each_backend,
};

/// An author with canonical path and portrait.
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = authors)]
struct AuthorRow {
    id: i64,
    slug: String,
    name: String,
    title: String,
    biography: String,
    email: String,
    social_links: String,
    #[diesel(select_expression = addresses::path)]
    path: String,
    #[diesel(embed)]
    portrait: Option<Media>,
}

impl TryFrom<AuthorRow> for Author {
    type Error = diesel::result::Error;

    fn try_from(row: AuthorRow) -> QueryResult<Self> {
        let social_links = serde_json::from_str(&row.social_links).map_err(|error| {
            diesel::result::Error::DeserializationError(
                format!("social links of author {}: {error}", row.id).into(),
            )
        })?;
        Ok(Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            title: row.title,
            biography: row.biography,
            email: row.email,
            social_links,
            path: row.path,
            portrait: row.portrait,
        })
    }
}

/// Authors joined with their canonical address and their portrait: a macro, because the type of the join depends on the
/// engine.
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

/// The author of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Author>> {
    let row: Option<AuthorRow> = with_address!()
        .filter(authors::id.eq(id))
        .select(AuthorRow::as_select())
        .first(conn)
        .optional()?;
    row.map(Author::try_from).transpose()
}

/// These authors, in unspecified order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Author>> {
    let rows: Vec<AuthorRow> = with_address!()
        .filter(authors::id.eq_any(ids))
        .select(AuthorRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The authors of an article, in the order of its byline.
pub fn of_article(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<Author>> {
    let rows: Vec<AuthorRow> = each_backend!(conn, |c| with_address!()
        .inner_join(article_authors::table.on(article_authors::author_id.eq(authors::id)))
        .filter(article_authors::article_id.eq(article_id))
        .order(article_authors::position)
        .select(AuthorRow::as_select())
        .load(c))?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The authors of these articles: (article id, author), in byline order for each article.
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

/// Up to `limit` authors by name, after the first `offset`.
pub fn by_name(conn: &mut AnyConnection, offset: i64, limit: i64) -> QueryResult<Vec<Author>> {
    let rows: Vec<AuthorRow> = with_address!()
        .order((authors::name, authors::id))
        .offset(offset)
        .limit(limit)
        .select(AuthorRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The author with this slug.
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

/// The default path of an author with this slug.
pub fn path(slug: &str) -> String {
    format!("/author/{slug}")
}

/// Up to `limit` authors whose slug contains `search`, ordered by slug, after the slug `after`.
pub fn list(
    conn: &mut AnyConnection,
    search: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Author>> {
    let rows: Vec<AuthorRow> = with_address!()
        .filter(authors::slug.gt(after))
        .filter(authors::slug.like(format!("%{search}%")))
        .order(authors::slug)
        .limit(limit)
        .select(AuthorRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Author::try_from).collect()
}

/// The names for a selection list: (id, name), by name, at most 5,000.
pub fn names(conn: &mut AnyConnection) -> QueryResult<Vec<(i64, String)>> {
    authors::table
        .order((authors::name, authors::id))
        .limit(5_000)
        .select((authors::id, authors::name))
        .load(conn)
}

/// The names of these authors: (id, name), in unspecified order.
pub fn names_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<(i64, String)>> {
    authors::table
        .filter(authors::id.eq_any(ids))
        .select((authors::id, authors::name))
        .load(conn)
}

/// Those of these ids that belong to an author.
pub fn existing(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<i64>> {
    Ok(names_of(conn, ids)?.into_iter().map(|(id, _)| id).collect())
}

/// How many authors there are.
pub fn count(conn: &mut AnyConnection) -> QueryResult<i64> {
    authors::table.count().get_result(conn)
}

/// The names in the bylines of these articles: (article id, name), in byline order for each article.
pub fn names_of_articles(
    conn: &mut AnyConnection,
    article_ids: &[i64],
) -> QueryResult<Vec<(i64, String)>> {
    each_backend!(conn, |c| article_authors::table
        .inner_join(authors::table.on(authors::id.eq(article_authors::author_id)))
        .filter(db::eq_any_padded(article_authors::article_id, article_ids))
        .order((article_authors::article_id, article_authors::position))
        .select((article_authors::article_id, authors::name))
        .load(c))
}

/// The columns of an author that an insert or a change sets.
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

impl<'a> NewAuthor<'a> {
    /// An author with a slug and a name, without anything else.
    pub fn named(slug: &'a str, name: &'a str) -> Self {
        Self {
            slug,
            name,
            title: "",
            biography: "",
            email: "",
            portrait_id: None,
            social_links: "[]",
        }
    }
}

/// Adds an author with the path `/author/<slug>`; returns the id.
pub fn insert(conn: &mut AnyConnection, new: &NewAuthor<'_>) -> QueryResult<i64> {
    let id = diesel::insert_into(authors::table)
        .values(new)
        .returning(authors::id)
        .get_result(conn)?;
    address::set_canonical(conn, AddressKind::Author, id, &path(new.slug))?;
    Ok(id)
}

/// Changes an author. Earlier paths redirect to the current one.
pub fn change(conn: &mut AnyConnection, id: i64, new: &NewAuthor<'_>) -> QueryResult<()> {
    let before: String = authors::table.find(id).select(authors::slug).first(conn)?;
    // The path of an imported author need not contain the slug; it stays unless the slug changes.
    if before != new.slug {
        address::move_to(conn, AddressKind::Author, id, &path(new.slug))?;
    }
    diesel::update(authors::table.find(id))
        .set(new)
        .execute(conn)?;
    Ok(())
}

/// The number of articles with this author in the byline, drafts and the trash included.
pub fn articles_of(conn: &mut AnyConnection, id: i64) -> QueryResult<i64> {
    article_authors::table
        .filter(article_authors::author_id.eq(id))
        .count()
        .get_result(conn)
}

/// Deletes an author without articles. The user with this author, if any, has none then.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::update(users::table.filter(users::author_id.eq(id)))
        .set(users::author_id.eq(None::<i64>))
        .execute(conn)?;
    timeline::empty(conn, (TimelineKind::Author, id))?;
    address::forget(conn, AddressKind::Author, id)?;
    diesel::delete(authors::table.find(id)).execute(conn)?;
    Ok(())
}
