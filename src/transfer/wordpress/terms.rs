//! Imports authors, categories (as sections) and tags (as topics).

use std::collections::{HashMap, HashSet};

use super::{
    addresses::redirect,
    plain::plain,
    survey::{Survey, Term},
};
use crate::{
    db::{AnyConnection, types::AddressKind},
    error::Error,
    models::{
        address,
        author::{self, NewAuthor},
        imported::{self, NewImported},
        section::{self, NewSection},
        topic,
    },
    text::slug,
    transfer::Report,
};

/// The slug of the section of posts without a category.
pub(super) const UNCATEGORIZED: &str = "uncategorized";

/// Creates the authors, sections and topics of a survey.
pub(super) struct TermImporter<'c, 's> {
    conn: &'c mut AnyConnection,
    source: &'s str,
    report: &'c mut Report,
    imported: Vec<NewImported<'s>>,
}

impl<'c, 's> TermImporter<'c, 's> {
    pub fn new(conn: &'c mut AnyConnection, source: &'s str, report: &'c mut Report) -> Self {
        Self {
            conn,
            source,
            report,
            imported: Vec::new(),
        }
    }

    /// What was created, for the table of imported objects.
    pub fn finish(self) -> Vec<NewImported<'s>> {
        self.imported
    }

    fn record(&mut self, kind: &'static str, foreign_id: &str, target_id: i64) {
        self.imported.push(NewImported {
            source: self.source,
            kind,
            foreign_id: foreign_id.to_owned(),
            target_id,
            digest: 0,
        });
    }

    /// Returns ids by login.
    pub fn authors(&mut self, survey: &Survey) -> Result<HashMap<String, i64>, Error> {
        let known = imported::known(self.conn, self.source, "author")?;
        let mut ids = HashMap::new();
        for author in &survey.authors {
            if author.login.is_empty() || ids.contains_key(&author.login) {
                continue;
            }
            if let Some(known) = known.get(&author.login) {
                self.report.count_unchanged("authors");
                ids.insert(author.login.clone(), known.target_id);
                continue;
            }
            let name = if author.name.is_empty() {
                &author.login
            } else {
                &author.name
            };
            let preferred = slug(&author.login);
            let path = address::free(self.conn, &author::path(&preferred), None)?;
            let slug = path.rsplit('/').next().unwrap_or(&preferred);
            let new = NewAuthor::named(slug, name);
            let id = author::insert(self.conn, &new)?;
            self.report.count_new("authors");
            self.record("author", &author.login, id);
            ids.insert(author.login.clone(), id);
        }
        Ok(ids)
    }

    /// Returns ids by slug.
    pub fn sections(&mut self, survey: &Survey) -> Result<HashMap<String, i64>, Error> {
        let known = imported::known(self.conn, self.source, "section")?;
        let mut ids: HashMap<String, i64> = known
            .iter()
            .map(|(slug, known)| (slug.clone(), known.target_id))
            .collect();
        let by_slug: HashMap<&str, &Term> = survey
            .categories
            .iter()
            .map(|term| (term.slug.as_str(), term))
            .collect();
        let uncategorized = Term {
            slug: UNCATEGORIZED.to_owned(),
            parent: String::new(),
            name: "Uncategorized".to_owned(),
            description: String::new(),
        };
        let mut position = section::next_position(self.conn)?;
        let all = survey.categories.iter();
        for term in all.chain((!by_slug.contains_key(UNCATEGORIZED)).then_some(&uncategorized)) {
            if term.slug != UNCATEGORIZED && is_hidden(term, &by_slug, survey) {
                continue;
            }
            // Parents come first. A cycle of parents is cut.
            let mut ancestors = vec![term];
            let mut seen = HashSet::from([term.slug.as_str()]);
            while let Some(parent) = ancestors
                .last()
                .and_then(|term| by_slug.get(term.parent.as_str()))
                && seen.insert(parent.slug.as_str())
            {
                ancestors.push(parent);
            }
            let mut parent_id: Option<i64> = None;
            let mut old_path = "/category".to_owned();
            for term in ancestors.into_iter().rev() {
                old_path = format!("{old_path}/{}", term.slug);
                if let Some(id) = ids.get(&term.slug) {
                    parent_id = Some(*id);
                    continue;
                }
                let parent_path = match parent_id {
                    Some(id) => address::canonical(self.conn, AddressKind::Section, id)?,
                    None => None,
                };
                let preferred = format!("{}/{}", parent_path.unwrap_or_default(), slug(&term.slug));
                let path = address::free(self.conn, &preferred, None)?;
                let new = NewSection {
                    parent_id,
                    slug: path.rsplit('/').next().unwrap_or_default(),
                    name: &plain(&term.name),
                    description: &plain(&term.description),
                    position,
                };
                position += 1;
                let id = section::insert(self.conn, &new, &path)?;
                self.report.count_new("sections");
                self.record("section", &term.slug, id);
                self.redirect(&old_path, &path)?;
                ids.insert(term.slug.clone(), id);
                parent_id = Some(id);
            }
        }
        for _ in known {
            self.report.count_unchanged("sections");
        }
        Ok(ids)
    }

    /// Returns ids by slug.
    pub fn topics(&mut self, survey: &Survey) -> Result<HashMap<String, i64>, Error> {
        let known = imported::known(self.conn, self.source, "topic")?;
        let mut ids = HashMap::new();
        for term in &survey.tags {
            if ids.contains_key(&term.slug) {
                continue;
            }
            if let Some(known) = known.get(&term.slug) {
                self.report.count_unchanged("topics");
                ids.insert(term.slug.clone(), known.target_id);
                continue;
            }
            let name = plain(&term.name);
            let preferred = slug(&term.slug);
            let id = match topic::find_by_slug(self.conn, &preferred)? {
                Some(topic) => topic.id,
                None => {
                    let path = address::free(self.conn, &topic::path(&preferred), None)?;
                    let slug = path.rsplit('/').next().unwrap_or(&preferred);
                    topic::insert(self.conn, slug, &name, &plain(&term.description))?
                }
            };
            self.report.count_new("topics");
            self.record("topic", &term.slug, id);
            if let Some(path) = address::canonical(self.conn, AddressKind::Topic, id)? {
                self.redirect(&format!("/tag/{}", term.slug), &path)?;
            }
            ids.insert(term.slug.clone(), id);
        }
        Ok(ids)
    }

    fn redirect(&mut self, old: &str, new: &str) -> Result<(), Error> {
        redirect(self.conn, old, new, self.report)
    }
}

/// Whether a category belongs to hidden posts only, so that a section would reveal them. One without posts is like its
/// parent.
fn is_hidden(term: &Term, by_slug: &HashMap<&str, &Term>, survey: &Survey) -> bool {
    let mut seen = HashSet::new();
    let mut next = Some(term);
    while let Some(term) = next.filter(|term| seen.insert(term.slug.as_str())) {
        if let Some(is_public) = survey.category_uses.get(&term.slug) {
            return !is_public;
        }
        next = by_slug.get(term.parent.as_str()).copied();
    }
    false
}
