//! Sections, which nest: "News › Diplomatic News".

use chrono_tz::Tz;
use diesel::prelude::*;

pub use super::section_tree::{Section, SectionTree, tree};
use super::{address, timeline};
use crate::db::{
    AnyConnection,
    schema::{article_sections, articles, edition_slots, sections},
    types::{AddressKind, TimelineKind},
};

/// A section to be added.
#[derive(Insertable)]
#[diesel(table_name = sections, treat_none_as_default_value = false)]
pub struct NewSection<'a> {
    pub parent_id: Option<i64>,
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub position: i32,
}

/// Adds a section with this path; returns its id.
pub fn insert(conn: &mut AnyConnection, new: &NewSection<'_>, path: &str) -> QueryResult<i64> {
    let id = diesel::insert_into(sections::table)
        .values(new)
        .returning(sections::id)
        .get_result(conn)?;
    address::set_canonical(conn, AddressKind::Section, id, path)?;
    Ok(id)
}

/// The fields of a section that an editor can change.
#[derive(AsChangeset)]
#[diesel(table_name = sections, treat_none_as_null = true)]
pub struct Change<'a> {
    pub parent_id: Option<i64>,
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
}

/// Locks all sections until the transaction ends, then loads them: two concurrent moves could create a cycle.
pub fn tree_to_change(conn: &mut AnyConnection) -> QueryResult<SectionTree> {
    diesel::update(sections::table)
        .set(sections::position.eq(sections::position))
        .execute(conn)?;
    tree(conn)
}

/// Changes a section of `before`, which [`tree_to_change`] loaded. The old paths of the section and its descendants
/// keep redirecting to them, and the timelines of its old and new ancestors are updated.
pub fn change(
    conn: &mut AnyConnection,
    before: &SectionTree,
    id: i64,
    change: &Change<'_>,
    time_zone: Tz,
) -> QueryResult<()> {
    for (section_id, path) in before.paths_after(id, change.parent_id, change.slug) {
        address::move_to(conn, AddressKind::Section, section_id, &path)?;
    }
    diesel::update(sections::table.find(id))
        .set(change)
        .execute(conn)?;
    if before.get(id).map(|section| section.parent_id) != Some(change.parent_id) {
        let last = next_position(conn)?;
        diesel::update(sections::table.find(id))
            .set(sections::position.eq(last))
            .execute(conn)?;
        let after = tree(conn)?;
        timeline::move_subtree(conn, id, before, &after, time_zone)?;
    }
    Ok(())
}

/// The position after all others.
pub fn next_position(conn: &mut AnyConnection) -> QueryResult<i32> {
    let last: Option<i32> = sections::table
        .select(diesel::dsl::max(sections::position))
        .first(conn)?;
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}

/// Moves a section one place up or down among the sections with the same parent.
pub fn shift(conn: &mut AnyConnection, tree: &SectionTree, id: i64, up: bool) -> QueryResult<()> {
    let Some(section) = tree.get(id) else {
        return Ok(());
    };
    let mut siblings: Vec<i64> = tree.children(section.parent_id).map(|s| s.id).collect();
    let at = siblings.iter().position(|sibling| *sibling == id);
    let pair = at.and_then(|at| {
        let other = if up { at.checked_sub(1)? } else { at + 1 };
        (other < siblings.len()).then_some((at, other))
    });
    let Some((at, other)) = pair else {
        return Ok(());
    };
    siblings.swap(at, other);
    for (position, sibling) in (0_i32..).zip(siblings) {
        diesel::update(sections::table.find(sibling))
            .set(sections::position.eq(position))
            .execute(conn)?;
    }
    Ok(())
}

/// How many articles are in a section itself, drafts and the trash included.
pub fn articles_in(conn: &mut AnyConnection, id: i64) -> QueryResult<i64> {
    let primary: i64 = articles::table
        .filter(articles::section_id.eq(id))
        .count()
        .get_result(conn)?;
    let further: i64 = article_sections::table
        .filter(article_sections::section_id.eq(id))
        .count()
        .get_result(conn)?;
    Ok(primary + further)
}

/// Deletes an empty section.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::delete(edition_slots::table.filter(edition_slots::section_id.eq(id))).execute(conn)?;
    timeline::empty(conn, (TimelineKind::Section, id))?;
    address::forget(conn, AddressKind::Section, id)?;
    diesel::delete(sections::table.find(id)).execute(conn)?;
    Ok(())
}
