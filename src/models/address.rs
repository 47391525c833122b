//! Addresses: the paths of the site and their targets. Each target has one canonical path; its other paths redirect
//! there with status 301.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::{
    db::{
        AnyConnection,
        schema::{addresses, menu_items},
        types::AddressKind,
    },
    each_backend, paths,
};

/// The result of resolving a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Destination {
    /// It is the canonical path of this target.
    Here(AddressKind, i64),
    /// It is an earlier path of this target, whose canonical path is given.
    Elsewhere(AddressKind, i64, String),
    /// It redirects to another path.
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

/// Resolves a path. `None` if it is unknown.
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
            // The target of the redirect may have moved since: redirect straight to its canonical path.
            match holder(conn, &moved_to)? {
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

/// The canonical path of a target.
///
/// The condition here and in all joins with addresses is `canonical` itself, not `canonical = $n`: only then do both
/// engines use the partial index.
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

/// Makes `path` the canonical one. Earlier paths of the target redirect to it.
///
/// # Errors
/// A unique violation if the path belongs to another target.
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
    let reused = diesel::update(addresses::table.find(path))
        .filter(addresses::kind.eq(kind))
        .filter(addresses::target_id.eq(target_id))
        .set(addresses::canonical.eq(true))
        .execute(conn)?;
    if reused == 0 {
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

/// The target that a path, canonical or not, belongs to. `None` if the path is free.
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

/// The largest number that [`free`] appends to a path.
const MAX_NUMBER: usize = 100;

/// The path `wanted`, with a number appended if it is reserved or belongs to a target other than `own`. With two queries,
/// however many similar paths there are.
pub fn free(
    conn: &mut AnyConnection,
    wanted: &str,
    own: Option<(AddressKind, i64)>,
) -> QueryResult<String> {
    let wanted = paths::outside_reserved_folders(wanted);
    let is_own = |kind, target_id: Option<i64>| own == target_id.map(|id| (kind, id));
    let holder = holder(conn, &wanted)?;
    if !paths::is_reserved(&wanted) && holder.is_none_or(|(kind, id)| is_own(kind, id)) {
        return Ok(wanted);
    }
    let numbered: Vec<String> = (2..=MAX_NUMBER)
        .map(|number| format!("{wanted}-{number}"))
        .filter(|path| !paths::is_reserved(path))
        .collect();
    let taken: Vec<(String, AddressKind, Option<i64>)> = addresses::table
        .filter(addresses::path.eq_any(&numbered))
        .select((addresses::path, addresses::kind, addresses::target_id))
        .load(conn)?;
    let taken: HashSet<String> = taken
        .into_iter()
        .filter(|(_, kind, id)| !is_own(*kind, *id))
        .map(|(path, ..)| path)
        .collect();
    Ok(numbered
        .into_iter()
        .find(|path| !taken.contains(path))
        .unwrap_or_else(|| format!("{wanted}-{:016x}", rand::random::<u64>())))
}

/// [`set_canonical`], which also updates menu items with the old canonical path.
///
/// # Errors
/// A unique violation if the path belongs to another target.
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

/// Transfers all paths of a target that is merged into another one, and its menu items.
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

/// Deletes all paths of a deleted target, and the redirects and menu items that point to them: they are not found any
/// more.
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

/// Adds or replaces a redirect from `path` to `moved_to`. Redirects to `path` are changed to `moved_to`, so that there
/// are no chains.
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

/// The articles at these paths, canonical or not. Other paths are left out.
pub fn articles_by_path(
    conn: &mut AnyConnection,
    paths: &[String],
) -> QueryResult<HashMap<String, i64>> {
    let found: Vec<(String, i64)> = addresses::table
        .filter(addresses::path.eq_any(paths))
        .filter(addresses::kind.eq(AddressKind::Article))
        .filter(addresses::target_id.is_not_null())
        .select((addresses::path, addresses::target_id.assume_not_null()))
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// The ids of [`articles_by_path`], in the order of the paths and without duplicates.
pub fn articles_at(conn: &mut AnyConnection, paths: &[String]) -> QueryResult<Vec<i64>> {
    let found = articles_by_path(conn, paths)?;
    let mut seen = HashSet::new();
    Ok(paths
        .iter()
        .filter_map(|path| found.get(path).copied())
        .filter(|id| seen.insert(*id))
        .collect())
}

/// Those of these paths that are in use.
pub fn known(conn: &mut AnyConnection, paths: &[String]) -> QueryResult<Vec<String>> {
    addresses::table
        .filter(addresses::path.eq_any(paths))
        .select(addresses::path)
        .load(conn)
}

/// A path that redirects to another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Redirect {
    pub path: String,
    pub moved_to: String,
}

/// Up to `limit` redirects with `search` in one of their paths, ordered by path, after the path `after`.
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

/// Up to `limit` redirecting paths with their destinations, ordered by path, after the path `after`.
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

/// Deletes a redirect. `false` if there is none from this path.
pub fn remove_redirect(conn: &mut AnyConnection, path: &str) -> QueryResult<bool> {
    let deleted = diesel::delete(addresses::table.find(path))
        .filter(addresses::kind.eq(AddressKind::Redirect))
        .execute(conn)?;
    Ok(deleted == 1)
}
