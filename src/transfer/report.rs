//! The report of an import, for people and as JSON.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// An object that was not imported, or not completely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The line of the file on which it starts; 0 if line numbers mean nothing in the file.
    pub line: u64,
    /// Its name in the export.
    pub what: String,
    pub why: String,
}

/// The maximum number of entries in each list. It bounds the memory and the size of the stored report, because a file
/// may have a problem on every line.
const MAX_ENTRIES: usize = 100_000;
/// The maximum length of a text of an entry, in characters.
const MAX_CHARS: usize = 300;

/// Numbers of objects by kind: articles, pages, authors, …
pub type Counts = BTreeMap<Cow<'static, str>, u64>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// New objects.
    pub taken: Counts,
    /// Objects of an earlier run that have changed in the file.
    pub updated: Counts,
    /// Objects of an earlier run that have not changed.
    pub left: Counts,
    /// New articles by their state in the other system.
    pub states: BTreeMap<String, u64>,
    /// Articles that keep their old address.
    pub addresses_kept: u64,
    pub redirects_made: u64,
    /// Comments in the file, which are not imported.
    pub comments: u64,
    /// Control characters that were removed from texts and addresses.
    #[serde(default)]
    pub control_characters: u64,
    /// Skipped objects.
    pub skipped: Vec<Trouble>,
    /// Parts of articles that have no counterpart here.
    pub lost: Vec<Trouble>,
    /// Malformed elements of the file.
    pub unreadable: Vec<Trouble>,
    /// The number of entries that exceeded [`MAX_ENTRIES`] in the three lists.
    #[serde(default)]
    pub unnamed: u64,
}

impl Report {
    pub(super) fn count_new(&mut self, kind: &'static str) {
        *self.taken.entry(kind.into()).or_default() += 1;
    }

    pub(super) fn skip(&mut self, trouble: Trouble) {
        self.unnamed += push(&mut self.skipped, trouble);
    }

    pub(super) fn lose(&mut self, trouble: Trouble) {
        self.unnamed += push(&mut self.lost, trouble);
    }

    pub(super) fn cannot_read(&mut self, trouble: Trouble) {
        self.unnamed += push(&mut self.unreadable, trouble);
    }

    pub(super) fn count_updated(&mut self, kind: &'static str) {
        *self.updated.entry(kind.into()).or_default() += 1;
    }

    /// The number of articles processed so far.
    pub(super) fn articles(&self) -> u64 {
        let counts = [&self.taken, &self.updated, &self.left];
        counts
            .iter()
            .filter_map(|kinds| kinds.get("articles"))
            .sum()
    }

    pub(super) fn count_unchanged(&mut self, kind: &'static str) {
        *self.left.entry(kind.into()).or_default() += 1;
    }
}

/// Adds an entry to a list; returns the number of entries that were dropped, 0 or 1.
fn push(list: &mut Vec<Trouble>, mut trouble: Trouble) -> u64 {
    if list.len() == MAX_ENTRIES {
        return 1;
    }
    // Texts such as headlines come from the file and have any length.
    for text in [&mut trouble.what, &mut trouble.why] {
        if let Some((end, _)) = text.char_indices().nth(MAX_CHARS) {
            text.truncate(end);
            text.push('…');
        }
    }
    list.push(trouble);
    0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, counts) in [
            ("imported", &self.taken),
            ("updated", &self.updated),
            ("unchanged", &self.left),
        ] {
            if !counts.is_empty() {
                let counts: Vec<String> = counts
                    .iter()
                    .map(|(kind, count)| format!("{count} {kind}"))
                    .collect();
                writeln!(f, "{what}: {}", counts.join(", "))?;
            }
        }
        if !self.states.is_empty() {
            let states: Vec<String> = self
                .states
                .iter()
                .map(|(state, count)| format!("{count} {state}"))
                .collect();
            writeln!(f, "articles by state in the export: {}", states.join(", "))?;
        }
        writeln!(
            f,
            "addresses: {} articles keep theirs, {} redirects created",
            self.addresses_kept, self.redirects_made
        )?;
        if self.comments > 0 {
            writeln!(f, "{} comments were not imported", self.comments)?;
        }
        if self.control_characters > 0 {
            let count = self.control_characters;
            writeln!(f, "{count} control characters were removed")?;
        }
        for (title, troubles) in [
            ("skipped", &self.skipped),
            ("lost in conversion", &self.lost),
            ("unreadable", &self.unreadable),
        ] {
            if !troubles.is_empty() {
                writeln!(f, "{title}:")?;
            }
            for Trouble { line, what, why } in troubles {
                match line {
                    0 => writeln!(f, "  {what}: {why}")?,
                    line => writeln!(f, "  line {line}: {what}: {why}")?,
                }
            }
        }
        if self.unnamed > 0 {
            writeln!(f, "and {} more", self.unnamed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_report_is_bounded() {
        let mut report = Report::default();
        for line in 1..=MAX_ENTRIES as u64 + 7 {
            report.lose(Trouble {
                line,
                what: "é".repeat(1_000),
                why: "[shortcode]".to_owned(),
            });
        }
        assert_eq!((report.lost.len(), report.unnamed), (MAX_ENTRIES, 7));
        assert_eq!(report.lost[0].what.chars().count(), MAX_CHARS + 1);
        assert!(report.to_string().ends_with("and 7 more\n"));
    }
}
