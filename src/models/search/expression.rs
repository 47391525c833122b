//! Query expressions, which both engines' full-text languages are written from.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDateTime;

use super::{document::Tag, pairs};
use crate::{
    db::AnyConnection,
    text::words::{Query, Stemming},
};

/// Which articles a search covers; all of them by default.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Articles of any of these sections; of all sections if empty.
    pub section_ids: Vec<i64>,
    pub author_id: Option<i64>,
    pub topic_id: Option<i64>,
    /// The earliest publication time.
    pub from: Option<NaiveDateTime>,
    /// The publication time has to be earlier than this.
    pub before: Option<NaiveDateTime>,
}

/// Stems that follow one another.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    pub stems: Vec<String>,
    /// Whether the last stem may be a prefix of a word.
    pub is_prefix: bool,
}

/// A conjunction of groups, each a disjunction of phrases. It contains only letters, digits and [`Tag::MARK`], so it
/// needs no escaping in either engine's query language.
pub(super) struct Expression {
    pub groups: Vec<Vec<Phrase>>,
    /// How many of the groups are words; the others are filters.
    pub words: usize,
}

impl Expression {
    pub fn new(query: &Query, filter: &Filter, stemming: Stemming) -> Self {
        let mut groups: Vec<Vec<Phrase>> = query
            .phrases
            .iter()
            .map(|words| {
                let stems = words.iter().map(|word| stemming.stem(word)).collect();
                vec![Phrase {
                    stems,
                    is_prefix: false,
                }]
            })
            .collect();
        let words = groups.len();
        let tags = |tags: Vec<Tag>| tags.iter().map(|tag| Phrase::of(tag.word())).collect();
        if !filter.section_ids.is_empty() {
            let sections = filter.section_ids.iter().map(|id| Tag::Section(*id));
            groups.push(tags(sections.collect()));
        }
        groups.extend(filter.author_id.map(|id| tags(vec![Tag::Author(id)])));
        groups.extend(filter.topic_id.map(|id| tags(vec![Tag::Topic(id)])));
        Self { groups, words }
    }

    /// The same expression, in which the last word may also be any of `completions`.
    pub fn with_completions(
        mut self,
        prefix: &str,
        completions: &[String],
        stemming: Stemming,
    ) -> Self {
        if let Some(last) = self.groups[..self.words].last_mut() {
            let mut known: HashSet<String> = last
                .iter()
                .flat_map(|phrase| phrase.stems.clone())
                .collect();
            // In a deterministic order, so that equal queries have equal SQL texts.
            for stem in completions.iter().map(|word| stemming.stem(word)) {
                if known.insert(stem.clone()) {
                    last.push(Phrase::of(stem));
                }
            }
            // A prefix without completions in headlines is rare enough for a prefix search, with the prefix as it was
            // entered: its stem would match other words too.
            if completions.is_empty() {
                last.push(Phrase {
                    stems: vec![prefix.to_owned()],
                    is_prefix: true,
                });
            }
        }
        self
    }

    /// The stems of the words, without the filters.
    pub fn stems(&self) -> HashSet<String> {
        let phrases = self.groups[..self.words].iter().flatten();
        phrases.flat_map(|phrase| phrase.stems.clone()).collect()
    }

    /// The word pairs that every match contains.
    pub fn pairs(&self) -> BTreeSet<i16> {
        let phrases = self.groups.iter().filter_map(|group| match &group[..] {
            [phrase] => Some(&phrase.stems),
            _ => None,
        });
        phrases.flat_map(|stems| pairs::of(stems)).collect()
    }

    /// The minimum number of words that a match contains.
    pub fn size(&self) -> usize {
        let shortest = |group: &Vec<Phrase>| group.iter().map(|phrase| phrase.stems.len()).min();
        self.groups.iter().filter_map(shortest).sum()
    }

    /// The expression in the engine's query language.
    pub fn to_sql(&self, conn: &AnyConnection) -> String {
        let (and, or) = match conn {
            AnyConnection::Sqlite(_) => (" AND ", " OR "),
            AnyConnection::Postgres(_) => (" & ", " | "),
        };
        let groups: Vec<String> = self
            .groups
            .iter()
            .map(|group| {
                let phrases: Vec<String> = group.iter().map(|phrase| phrase.to_sql(conn)).collect();
                format!("({})", phrases.join(or))
            })
            .collect();
        groups.join(and)
    }
}

impl Phrase {
    /// A single word.
    pub fn of(stem: String) -> Self {
        Self {
            stems: vec![stem],
            is_prefix: false,
        }
    }

    fn to_sql(&self, conn: &AnyConnection) -> String {
        match conn {
            AnyConnection::Sqlite(_) => format!(
                "\"{}\"{}",
                self.stems.join(" "),
                if self.is_prefix { "*" } else { "" }
            ),
            AnyConnection::Postgres(_) => format!(
                "('{}'{})",
                self.stems.join("' <-> '"),
                if self.is_prefix { ":*" } else { "" }
            ),
        }
    }
}
