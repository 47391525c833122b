//! Sections, which nest: "News › Diplomatic News".

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::{
    AnyConnection,
    schema::{addresses, sections},
    types::AddressKind,
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
