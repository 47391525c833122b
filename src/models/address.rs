//! Paths of the site and what they lead to. A target has one canonical path; its others answer 301.

use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::addresses, types::AddressKind},
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
    let address: Option<Address> = addresses::table
        .find(path)
        .select(Address::as_select())
        .first(conn)
        .optional()?;
    let Some(address) = address else {
        return Ok(None);
    };
    match (address.target_id, address.moved_to) {
        (Some(id), _) if address.canonical => Ok(Some(Destination::Here(address.kind, id))),
        (Some(id), _) => Ok(canonical(conn, address.kind, id)?
            .map(|path| Destination::Elsewhere(address.kind, id, path))),
        (None, moved_to) => Ok(moved_to.map(Destination::Redirect)),
    }
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

/// Makes `path` answer 301 to `moved_to`, in place of an earlier redirect from it.
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
