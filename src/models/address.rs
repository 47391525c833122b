//! Paths of the site and what they lead to. A target has one canonical path; its others answer 301.

use diesel::prelude::*;

use crate::{
    db::{
        AnyConnection,
        schema::{addresses, menu_items},
        types::AddressKind,
    },
    each_backend,
};

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Destination {
    /// It is the canonical path of this.
    Here(AddressKind, i64),
    /// This has moved to another path, its canonical one.
    Elsewhere(AddressKind, i64, String),
    /// There is nothing here any more but a pointer to another path.
    Redirect(String),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = addresses)]
struct Address {
    kind: AddressKind,
    target_id: Option<i64>,
    moved_to: Option<String>,
    canonical: bool,
}

/// Where `path` leads, if anywhere.
pub fn resolve(conn: &mut AnyConnection, path: &str) -> QueryResult<Option<Destination>> {
    let address: Option<Address> = each_backend!(conn, |c| addresses::table
        .find(path)
        .select(Address::as_select())
        .first(c))
    .optional()?;
    let Some(address) = address else {
        return Ok(None);
    };
    match (address.target_id, address.moved_to) {
        (Some(id), _) if address.canonical => Ok(Some(Destination::Here(address.kind, id))),
        (Some(id), _) => elsewhere(conn, address.kind, id),
        (None, Some(moved_to)) => {
            // What stands there may have moved on since: one hop is enough.
            let there = holder(conn, &moved_to)?;
            match there {
                Some((kind, Some(id))) => elsewhere(conn, kind, id),
                _ => Ok(Some(Destination::Redirect(moved_to))),
            }
        }
        (None, None) => Ok(None),
    }
}

fn elsewhere(
    conn: &mut AnyConnection,
    kind: AddressKind,
    id: i64,
) -> QueryResult<Option<Destination>> {
    Ok(canonical(conn, kind, id)?.map(|path| Destination::Elsewhere(kind, id, path)))
}

/// The canonical path of something.
///
/// Here and wherever addresses are joined, the condition is `canonical` itself and not
/// `canonical = TRUE` with a bound value: only then do both engines use the partial index.
pub fn canonical(
    conn: &mut AnyConnection,
    kind: AddressKind,
    target_id: i64,
) -> QueryResult<Option<String>> {
    addresses::table
        .filter(addresses::kind.eq(kind))
        .filter(addresses::target_id.eq(target_id))
        .filter(addresses::canonical)
        .select(addresses::path)
        .first(conn)
        .optional()
}

/// Makes `path` the canonical one. The paths it had stay, and lead here from now on.
///
/// # Errors
/// A unique violation if the path leads to something else already.
pub fn set_canonical(
    conn: &mut AnyConnection,
    kind: AddressKind,
    target_id: i64,
    path: &str,
) -> QueryResult<()> {
    diesel::update(addresses::table)
        .filter(addresses::kind.eq(kind))
        .filter(addresses::target_id.eq(target_id))
        .filter(addresses::canonical)
        .set(addresses::canonical.eq(false))
        .execute(conn)?;
    let taken_back = diesel::update(addresses::table.find(path))
        .filter(addresses::kind.eq(kind))
        .filter(addresses::target_id.eq(target_id))
        .set(addresses::canonical.eq(true))
        .execute(conn)?;
    if taken_back == 0 {
        diesel::insert_into(addresses::table)
            .values((
                addresses::path.eq(path),
                addresses::kind.eq(kind),
                addresses::target_id.eq(target_id),
                addresses::canonical.eq(true),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What a path leads to, or once led to: what holds it. `None` for a path that is free.
pub fn holder(
    conn: &mut AnyConnection,
    path: &str,
) -> QueryResult<Option<(AddressKind, Option<i64>)>> {
    addresses::table
        .find(path)
        .select((addresses::kind, addresses::target_id))
        .first(conn)
        .optional()
}

/// [`set_canonical`] for something that may have a path already: menus that led to the old one lead
/// to the new one.
///
/// # Errors
/// A unique violation if the path leads to something else already.
pub fn move_to(
    conn: &mut AnyConnection,
    kind: AddressKind,
    target_id: i64,
    path: &str,
) -> QueryResult<()> {
    let old = canonical(conn, kind, target_id)?;
    if old.as_deref() == Some(path) {
        return Ok(());
    }
    set_canonical(conn, kind, target_id, path)?;
    if let Some(old) = old {
        diesel::update(menu_items::table.filter(menu_items::path.eq(old)))
            .set(menu_items::path.eq(path))
            .execute(conn)?;
    }
    Ok(())
}

/// Makes every path of something that is merged into another lead there, and menus with them.
pub fn hand_over(
    conn: &mut AnyConnection,
    kind: AddressKind,
    from: i64,
    into: i64,
) -> QueryResult<()> {
    if let (Some(old), Some(new)) = (canonical(conn, kind, from)?, canonical(conn, kind, into)?) {
        diesel::update(menu_items::table.filter(menu_items::path.eq(old)))
            .set(menu_items::path.eq(new))
            .execute(conn)?;
    }
    diesel::update(addresses::table)
        .filter(addresses::kind.eq(kind))
        .filter(addresses::target_id.eq(from))
        .set((
            addresses::target_id.eq(into),
            addresses::canonical.eq(false),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets every path of something that is deleted, and the redirects and menu items that lead there:
/// from now on they answer like paths that never were.
pub fn forget(conn: &mut AnyConnection, kind: AddressKind, target_id: i64) -> QueryResult<()> {
    let paths: Vec<String> = addresses::table
        .filter(addresses::kind.eq(kind))
        .filter(addresses::target_id.eq(target_id))
        .select(addresses::path)
        .load(conn)?;
    diesel::delete(addresses::table.filter(addresses::moved_to.eq_any(&paths))).execute(conn)?;
    diesel::delete(menu_items::table.filter(menu_items::path.eq_any(&paths))).execute(conn)?;
    diesel::delete(addresses::table.filter(addresses::path.eq_any(&paths))).execute(conn)?;
    Ok(())
}

/// Makes `path` answer 301 to `moved_to`, in place of an earlier redirect from it. What led to `path`
/// leads to `moved_to` at once.
pub fn redirect(conn: &mut AnyConnection, path: &str, moved_to: &str) -> QueryResult<()> {
    let row = (
        addresses::path.eq(path),
        addresses::kind.eq(AddressKind::Redirect),
        addresses::moved_to.eq(moved_to),
        addresses::canonical.eq(false),
    );
    each_backend!(conn, |c| diesel::insert_into(addresses::table)
        .values(row)
        .on_conflict(addresses::path)
        .do_update()
        .set(addresses::moved_to.eq(moved_to))
        .execute(c))?;
    diesel::update(addresses::table.filter(addresses::moved_to.eq(path)))
        .set(addresses::moved_to.eq(moved_to))
        .execute(conn)?;
    Ok(())
}

/// The articles that these paths lead to, in their order and each once; paths that lead to none are
/// left out. A path that an article had before leads there too.
pub fn articles_at(conn: &mut AnyConnection, paths: &[String]) -> QueryResult<Vec<i64>> {
    let found: Vec<(String, Option<i64>)> = addresses::table
        .filter(addresses::path.eq_any(paths))
        .filter(addresses::kind.eq(AddressKind::Article))
        .select((addresses::path, addresses::target_id))
        .load(conn)?;
    let mut ids = Vec::with_capacity(found.len());
    for path in paths {
        let id = found
            .iter()
            .find(|(known, _)| known == path)
            .and_then(|(_, id)| *id);
        ids.extend(id.filter(|id| !ids.contains(id)));
    }
    Ok(ids)
}

/// Those of these paths that lead somewhere.
pub fn known(conn: &mut AnyConnection, paths: &[String]) -> QueryResult<Vec<String>> {
    addresses::table
        .filter(addresses::path.eq_any(paths))
        .select(addresses::path)
        .load(conn)
}

/// A path that answers 301 to another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Redirect {
    pub path: String,
    pub moved_to: String,
}

/// Up to `limit` redirects that have `search` in one of their paths, by path, from the one after
/// `after` on.
pub fn redirects(
    conn: &mut AnyConnection,
    search: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Redirect>> {
    let escaped = search
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    let pattern = format!("%{escaped}%");
    addresses::table
        .filter(addresses::moved_to.is_not_null())
        .filter(addresses::path.gt(after))
        .filter(
            addresses::path
                .like(&pattern)
                .escape('\\')
                .nullable()
                .or(addresses::moved_to.like(&pattern).escape('\\')),
        )
        .order(addresses::path)
        .limit(limit)
        .select((addresses::path, addresses::moved_to.assume_not_null()))
        .load(conn)
}

/// Up to `limit` paths that lead to another one, and which: by path, from the one after `after` on.
pub fn moved_after(
    conn: &mut AnyConnection,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    let here = diesel::alias!(addresses as here);
    let rows: Vec<(String, Option<String>, Option<String>)> = addresses::table
        .left_join(
            here.on(here
                .field(addresses::kind)
                .eq(addresses::kind)
                .and(here.field(addresses::target_id).eq(addresses::target_id))
                .and(here.field(addresses::canonical))),
        )
        .filter(addresses::path.gt(after))
        .filter(diesel::dsl::not(addresses::canonical))
        .order(addresses::path)
        .limit(limit)
        .select((
            addresses::path,
            addresses::moved_to,
            here.field(addresses::path).nullable(),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(path, moved_to, canonical)| Some((path, moved_to.or(canonical)?)))
        .collect())
}

/// Deletes a redirect. `false`: there is none from this path.
pub fn remove_redirect(conn: &mut AnyConnection, path: &str) -> QueryResult<bool> {
    let gone = diesel::delete(addresses::table.find(path))
        .filter(addresses::kind.eq(AddressKind::Redirect))
        .execute(conn)?;
    Ok(gone == 1)
}
