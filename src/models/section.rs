//! Sections, which nest: "News › Diplomatic News".

use std::collections::HashMap;

use chrono_tz::Tz;
use diesel::prelude::*;

use super::{address, river};
use crate::db::{
    AnyConnection,
    schema::{addresses, article_sections, articles, edition_slots, sections},
    types::{AddressKind, River},
};

/// A section with its address.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Section {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub path: String,
}

/// All sections with their order and nesting. There are few of them, and every page needs some.
#[derive(Clone, Debug, Default)]
pub struct SectionTree {
    /// In the order in which the newsroom arranged them.
    sections: Vec<Section>,
    by_id: HashMap<i64, usize>,
}

impl SectionTree {
    pub fn get(&self, id: i64) -> Option<&Section> {
        self.by_id.get(&id).map(|index| &self.sections[*index])
    }

    /// The sections directly below `parent`, or the top ones.
    pub fn children(&self, parent: Option<i64>) -> impl Iterator<Item = &Section> {
        self.sections
            .iter()
            .filter(move |section| section.parent_id == parent)
    }

    /// Every section in the order of the tree, called by its trail: "News › Diplomatic News".
    pub fn called_by_trail(&self) -> Vec<(i64, String)> {
        fn below(
            tree: &SectionTree,
            parent: Option<i64>,
            trail: &str,
            all: &mut Vec<(i64, String)>,
        ) {
            for section in tree.children(parent) {
                // The bound ends the walk even if a bad import made a section its own ancestor.
                if all.len() < tree.sections.len() {
                    let name = format!("{trail}{}", section.name);
                    let next = format!("{name} › ");
                    all.push((section.id, name));
                    below(tree, Some(section.id), &next, all);
                }
            }
        }
        let mut all = Vec::with_capacity(self.sections.len());
        below(self, None, "", &mut all);
        all
    }

    /// From the top section down to this one.
    pub fn trail(&self, id: i64) -> Vec<&Section> {
        let mut trail = Vec::new();
        let mut next = self.get(id);
        // The bound ends the walk even if a bad import made a section its own ancestor.
        while let Some(section) = next.filter(|_| trail.len() < self.sections.len()) {
            trail.push(section);
            next = section.parent_id.and_then(|parent| self.get(parent));
        }
        trail.reverse();
        trail
    }

    /// Every section below a parent with its depth, each before its children; `None` is the top.
    pub fn walk(&self, parent: Option<i64>) -> Vec<(usize, &Section)> {
        let mut walk = Vec::new();
        let mut queue: Vec<(usize, &Section)> =
            self.children(parent).map(|section| (0, section)).collect();
        queue.reverse();
        while let Some((depth, section)) = queue.pop() {
            // As in `trail`: the walk ends whatever the sections say.
            if walk.len() == self.sections.len() {
                break;
            }
            walk.push((depth, section));
            let children: Vec<_> = self.children(Some(section.id)).collect();
            queue.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
        }
        walk
    }

    /// Whether a section is `ancestor` or lies below it.
    pub fn is_within(&self, id: i64, ancestor: i64) -> bool {
        self.trail(id).iter().any(|section| section.id == ancestor)
    }

    /// A section and all below it.
    pub fn ids_within(&self, id: i64) -> Vec<i64> {
        let below = self
            .walk(Some(id))
            .into_iter()
            .map(|(_, section)| section.id);
        std::iter::once(id).chain(below).collect()
    }

    /// The path of a section with this parent and slug.
    pub fn path_below(&self, parent_id: Option<i64>, slug: &str) -> String {
        let parent = parent_id.and_then(|id| self.get(id));
        format!("{}/{slug}", parent.map_or("", |parent| &parent.path))
    }

    /// The paths of a section and of those below it once it has this parent and slug. A section whose
    /// path was never made of its parent's, as imports have them, keeps its own.
    pub fn paths_after(&self, id: i64, parent_id: Option<i64>, slug: &str) -> Vec<(i64, String)> {
        let Some(section) = self.get(id) else {
            return Vec::new();
        };
        if section.parent_id == parent_id && section.slug == slug {
            return Vec::new();
        }
        let path = self.path_below(parent_id, slug);
        let above = format!("{}/", section.path);
        let below = self.walk(Some(id)).into_iter().filter_map(|(_, child)| {
            let rest = child.path.strip_prefix(&above)?;
            Some((child.id, format!("{path}/{rest}")))
        });
        [(id, path.clone())].into_iter().chain(below).collect()
    }
}

/// Every section.
pub fn tree(conn: &mut AnyConnection) -> QueryResult<SectionTree> {
    let sections: Vec<Section> = sections::table
        .inner_join(
            addresses::table.on(addresses::target_id
                .eq(sections::id.nullable())
                .and(addresses::kind.eq(AddressKind::Section))
                .and(addresses::canonical)),
        )
        .order((sections::position, sections::id))
        .select((
            sections::id,
            sections::parent_id,
            sections::slug,
            sections::name,
            sections::description,
            addresses::path,
        ))
        .load(conn)?;
    let by_id = sections
        .iter()
        .enumerate()
        .map(|(index, section)| (section.id, index))
        .collect();
    Ok(SectionTree { sections, by_id })
}

#[derive(Insertable)]
#[diesel(table_name = sections, treat_none_as_default_value = false)]
pub struct NewSection<'a> {
    pub parent_id: Option<i64>,
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub position: i32,
}

/// Adds a section at `path`; returns its id.
pub fn insert(conn: &mut AnyConnection, new: &NewSection<'_>, path: &str) -> QueryResult<i64> {
    let id = diesel::insert_into(sections::table)
        .values(new)
        .returning(sections::id)
        .get_result(conn)?;
    super::address::set_canonical(conn, AddressKind::Section, id, path)?;
    Ok(id)
}

/// What an editor decides of a section.
#[derive(AsChangeset)]
#[diesel(table_name = sections, treat_none_as_null = true)]
pub struct Change<'a> {
    pub parent_id: Option<i64>,
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
}

/// Makes whoever else arranges sections at the same moment wait for this transaction, so that two
/// moves cannot make a circle. Then reads them.
pub fn tree_to_change(conn: &mut AnyConnection) -> QueryResult<SectionTree> {
    diesel::update(sections::table)
        .set(sections::position.eq(sections::position))
        .execute(conn)?;
    tree(conn)
}

/// Changes a section of `before`, which [`tree_to_change`] read. Paths that it and the sections below
/// it had go on leading to them, and the rivers above have the right stories.
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
        river::regraft(conn, id, before, &after, time_zone)?;
    }
    Ok(())
}

/// The position after every other.
pub fn next_position(conn: &mut AnyConnection) -> QueryResult<i32> {
    let last: Option<i32> = sections::table
        .select(diesel::dsl::max(sections::position))
        .first(conn)?;
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}

/// Puts a section before its neighbour among those with the same parent, or after the next one.
pub fn shift(
    conn: &mut AnyConnection,
    tree: &SectionTree,
    id: i64,
    towards_the_top: bool,
) -> QueryResult<()> {
    let Some(section) = tree.get(id) else {
        return Ok(());
    };
    let mut siblings: Vec<i64> = tree.children(section.parent_id).map(|s| s.id).collect();
    let at = siblings.iter().position(|sibling| *sibling == id);
    let pair = at.and_then(|at| {
        let other = if towards_the_top {
            at.checked_sub(1)?
        } else {
            at + 1
        };
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

/// How many articles are filed in a section itself, drafts and the trash included.
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

/// Deletes a section in which nothing is.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::delete(edition_slots::table.filter(edition_slots::section_id.eq(id))).execute(conn)?;
    river::empty(conn, (River::Section, id))?;
    address::forget(conn, AddressKind::Section, id)?;
    diesel::delete(sections::table.find(id)).execute(conn)?;
    Ok(())
}
