//! The tree of all sections, which timelines and addresses are derived from.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::{
    AnyConnection,
    schema::{addresses, sections},
    types::AddressKind,
};

/// A section with its canonical path.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sections)]
pub struct Section {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub slug: String,
    pub name: String,
    pub description: String,
    #[diesel(select_expression = addresses::path)]
    pub path: String,
}

/// All sections with their order and nesting. There are few of them, and every page needs some of them.
#[derive(Clone, Debug, Default)]
pub struct SectionTree {
    /// In their configured order.
    sections: Vec<Section>,
    by_id: HashMap<i64, usize>,
}

impl SectionTree {
    /// The section of this id.
    pub fn get(&self, id: i64) -> Option<&Section> {
        self.by_id.get(&id).map(|index| &self.sections[*index])
    }

    /// The sections directly below `parent`; `None` for the top level.
    pub fn children(&self, parent: Option<i64>) -> impl Iterator<Item = &Section> {
        self.sections
            .iter()
            .filter(move |section| section.parent_id == parent)
    }

    /// All sections in tree order, each with its full name: "News › Diplomatic News".
    pub fn called_by_trail(&self) -> Vec<(i64, String)> {
        fn below(
            tree: &SectionTree,
            parent: Option<i64>,
            trail: &str,
            all: &mut Vec<(i64, String)>,
        ) {
            for section in tree.children(parent) {
                // The bound ends the recursion even if a bad import made a section its own ancestor.
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

    /// The sections from the top level down to this one.
    pub fn trail(&self, id: i64) -> Vec<&Section> {
        let mut trail = Vec::new();
        let mut next = self.get(id);
        // The bound ends the loop even if a bad import made a section its own ancestor.
        while let Some(section) = next.filter(|_| trail.len() < self.sections.len()) {
            trail.push(section);
            next = section.parent_id.and_then(|parent| self.get(parent));
        }
        trail.reverse();
        trail
    }

    /// All sections below `parent` with their depth, in pre-order; `None` for the whole tree.
    pub fn walk(&self, parent: Option<i64>) -> Vec<(usize, &Section)> {
        let mut walk = Vec::new();
        let mut queue: Vec<(usize, &Section)> =
            self.children(parent).map(|section| (0, section)).collect();
        queue.reverse();
        while let Some((depth, section)) = queue.pop() {
            // As in `trail`: the loop ends even if the sections form a cycle.
            if walk.len() == self.sections.len() {
                break;
            }
            walk.push((depth, section));
            let children: Vec<_> = self.children(Some(section.id)).collect();
            queue.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
        }
        walk
    }

    /// Whether a section is `ancestor` or a descendant of it.
    pub fn is_within(&self, id: i64, ancestor: i64) -> bool {
        self.trail(id).iter().any(|section| section.id == ancestor)
    }

    /// The ids of a section and all its descendants.
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

    /// The new paths of a section and its descendants when it gets this parent and slug. Imported descendants whose
    /// path does not start with their parent's keep it.
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

/// Loads all sections.
pub fn tree(conn: &mut AnyConnection) -> QueryResult<SectionTree> {
    let sections: Vec<Section> = sections::table
        .inner_join(
            addresses::table.on(addresses::target_id
                .eq(sections::id.nullable())
                .and(addresses::kind.eq(AddressKind::Section))
                .and(addresses::canonical)),
        )
        .order((sections::position, sections::id))
        .select(Section::as_select())
        .load(conn)?;
    let by_id = sections
        .iter()
        .enumerate()
        .map(|(index, section)| (section.id, index))
        .collect();
    Ok(SectionTree { sections, by_id })
}
