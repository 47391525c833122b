//! What came of an import: for a person to read, and as JSON.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// Something that was not taken, or not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The line of the file at which it begins; 0 in a file that has no lines worth naming.
    pub line: u64,
    /// What it is called there.
    pub what: String,
    pub why: String,
}

/// How many troubles of a kind are named one by one: a file of any size may have one in every line of it, and the
/// report is held in memory and kept with the import.
const NAMED: usize = 100_000;
/// The most characters that tell of a trouble.
const LONGEST: usize = 300;

/// Numbers by kind: of articles, pages, authors and so on.
pub type Counts = BTreeMap<Cow<'static, str>, u64>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What is new.
    pub taken: Counts,
    /// What was there from an earlier run and had changed in the file.
    pub updated: Counts,
    /// What was there as it is.
    pub left: Counts,
    /// Articles taken by their state in the other system.
    pub states: BTreeMap<String, u64>,
    /// Articles that keep the address they had.
    pub addresses_kept: u64,
    pub redirects_made: u64,
    /// Comments in the file: they are not taken.
    pub comments: u64,
    /// What was skipped, and why.
    pub skipped: Vec<Trouble>,
    /// What an article lost on the way.
    pub lost: Vec<Trouble>,
    /// What could not be read.
    pub unreadable: Vec<Trouble>,
    /// How many more troubles there were than the three lists name, each of which ends at [`NAMED`].
    #[serde(default)]
    pub unnamed: u64,
}

impl Report {
    pub(super) fn took(&mut self, kind: &'static str) {
        *self.taken.entry(kind.into()).or_default() += 1;
    }

    pub(super) fn skip(&mut self, trouble: Trouble) {
        self.unnamed += name(&mut self.skipped, trouble);
    }

    pub(super) fn lose(&mut self, trouble: Trouble) {
        self.unnamed += name(&mut self.lost, trouble);
    }

    pub(super) fn cannot_read(&mut self, trouble: Trouble) {
        self.unnamed += name(&mut self.unreadable, trouble);
    }

    pub(super) fn updated(&mut self, kind: &'static str) {
        *self.updated.entry(kind.into()).or_default() += 1;
    }

    /// How many articles it has gone through.
    pub(super) fn articles(&self) -> u64 {
        let counts = [&self.taken, &self.updated, &self.left];
        counts
            .iter()
            .filter_map(|kinds| kinds.get("articles"))
            .sum()
    }

    pub(super) fn left(&mut self, kind: &'static str) {
        *self.left.entry(kind.into()).or_default() += 1;
    }
}

/// Puts a trouble into its list, and says how many found no room in it.
fn name(list: &mut Vec<Trouble>, mut trouble: Trouble) -> u64 {
    if list.len() == NAMED {
        return 1;
    }
    // A headline can be as long as somebody wants it to be.
    for text in [&mut trouble.what, &mut trouble.why] {
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
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
            ("taken", &self.taken),
            ("updated", &self.updated),
            ("left as they are", &self.left),
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
            writeln!(f, "articles by their state there: {}", states.join(", "))?;
        }
        writeln!(
            f,
            "addresses: {} articles keep theirs, {} redirects made",
            self.addresses_kept, self.redirects_made
        )?;
        if self.comments > 0 {
            writeln!(f, "{} comments were not taken", self.comments)?;
        }
        for (title, troubles) in [
            ("skipped", &self.skipped),
            ("lost on the way", &self.lost),
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
            writeln!(f, "and {} more of these", self.unnamed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_stays_small_whatever_a_file_holds() {
        let mut report = Report::default();
        for line in 1..=NAMED as u64 + 7 {
            report.lose(Trouble {
                line,
                what: "é".repeat(1_000),
                why: "[shortcode]".to_owned(),
            });
        }
        assert_eq!((report.lost.len(), report.unnamed), (NAMED, 7));
        assert_eq!(report.lost[0].what.chars().count(), LONGEST + 1);
        assert!(report.to_string().ends_with("and 7 more of these\n"));
    }
}
