//! What the posts of an export refer to.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::{
    archive::Archive,
    post::{Kind, Post},
};
use crate::models::{imported::ImportedObject, section::SectionTree};

/// What posts refer to, by the identifiers of the export.
pub(super) struct Context {
    /// Identifies the old site in the table of imported objects.
    pub source: String,
    pub hosts: Vec<String>,
    /// By login.
    pub authors: HashMap<String, i64>,
    /// By slug.
    pub sections: HashMap<String, i64>,
    /// The slugs of categories by their id in the export.
    pub category_slugs: HashMap<i64, String>,
    /// By slug.
    pub topics: HashMap<String, i64>,
    pub archive: Archive,
    pub tree: SectionTree,
    pub time_zone: Tz,
    /// By their id in the export, as are `pages`.
    pub articles: HashMap<String, ImportedObject>,
    pub pages: HashMap<String, ImportedObject>,
}

impl Context {
    /// The earlier import of a post.
    pub fn known(&self, post: &Post) -> Option<&ImportedObject> {
        let of_kind = match post.kind {
            Kind::Article => &self.articles,
            Kind::Page => &self.pages,
        };
        of_kind.get(&post.id.to_string())
    }

    /// Whether an earlier import has imported a post of this kind and id.
    pub fn knows(&self, kind: &str, id: &str) -> bool {
        let of_kind = match kind {
            "page" => &self.pages,
            _ => &self.articles,
        };
        of_kind.contains_key(id)
    }
}
