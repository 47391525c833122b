//! A side-by-side diff of two texts, with changed words marked.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use unicode_segmentation::UnicodeSegmentation;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether the other side differs here.
    pub differs: bool,
}

/// A line on both sides; `None` if it is missing on a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub old: Option<Vec<Piece>>,
    pub new: Option<Vec<Piece>>,
    pub differs: bool,
}

/// The changed lines of both texts, with two equal lines of context on each side.
pub fn rows(old: &[String], new: &[String]) -> Vec<Row> {
    let mut rows = Vec::new();
    let equal = |line: &String| {
        let pieces = vec![same(line)];
        Row {
            old: Some(pieces.clone()),
            new: Some(pieces),
            differs: false,
        }
    };
    let mut end = 0;
    for (removed, added) in changes(&as_strs(old), &as_strs(new)) {
        rows.extend(old[end..removed.start].iter().map(equal));
        end = removed.end;
        for at in 0..removed.len().max(added.len()) {
            let old = (at < removed.len()).then(|| old[removed.start + at].as_str());
            let new = (at < added.len()).then(|| new[added.start + at].as_str());
            let (old, new) = match (old, new) {
                (Some(old), Some(new)) => {
                    let (old, new) = words(old, new);
                    (Some(old), Some(new))
                }
                (old, new) => (
                    old.map(|line| vec![other(line)]),
                    new.map(|line| vec![other(line)]),
                ),
            };
            rows.push(Row {
                old,
                new,
                differs: true,
            });
        }
    }
    rows.extend(old[end..].iter().map(equal));
    near_differences(rows)
}

fn as_strs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// What to replace in `old` by what of `new`, as ranges of indices in ascending order.
fn changes(old: &[&str], new: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut input = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let indices = |range: &Range<u32>| range.start as usize..range.end as usize;
    diff.hunks()
        .map(|hunk| (indices(&hunk.before), indices(&hunk.after)))
        .collect()
}

fn same(text: &str) -> Piece {
    Piece {
        text: text.to_owned(),
        differs: false,
    }
}

fn other(text: &str) -> Piece {
    Piece {
        text: text.to_owned(),
        differs: true,
    }
}

/// Compares two lines word by word (Unicode Standard Annex 29).
fn words(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let old: Vec<&str> = old.split_word_bounds().collect();
    let new: Vec<&str> = new.split_word_bounds().collect();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut old_end, mut new_end) = (0, 0);
    for (removed, added) in changes(&old, &new) {
        push(&mut left, &old[old_end..removed.start], false);
        push(&mut right, &new[new_end..added.start], false);
        push(&mut left, &old[removed.clone()], true);
        push(&mut right, &new[added.clone()], true);
        (old_end, new_end) = (removed.end, added.end);
    }
    push(&mut left, &old[old_end..], false);
    push(&mut right, &new[new_end..], false);
    (left, right)
}

fn push(pieces: &mut Vec<Piece>, words: &[&str], differs: bool) {
    if !words.is_empty() {
        pieces.push(Piece {
            text: words.concat(),
            differs,
        });
    }
}

/// The number of equal lines shown around a change.
const CONTEXT: usize = 2;

fn near_differences(rows: Vec<Row>) -> Vec<Row> {
    let shown: Vec<bool> = (0..rows.len())
        .map(|at| {
            let from = at.saturating_sub(CONTEXT);
            let to = (at + CONTEXT + 1).min(rows.len());
            rows[from..to].iter().any(|row| row.differs)
        })
        .collect();
    rows.into_iter()
        .zip(shown)
        .filter_map(|(row, shown)| shown.then_some(row))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn changed_words_are_marked_and_distant_lines_left_out() {
        let rows = rows(
            &lines("a\nb\nc\nd\nThe cat sat\nx"),
            &lines("a\nb\nc\nd\nThe dog sat\nx\ny"),
        );
        assert_eq!(rows[0].old, Some(vec![same("c")]), "a and b are left out");
        let changed = &rows[2];
        assert_eq!(
            changed.old,
            Some(vec![same("The "), other("cat"), same(" sat")])
        );
        assert_eq!(
            changed.new,
            Some(vec![same("The "), other("dog"), same(" sat")])
        );
        assert_eq!(rows[4].old, None);
        assert_eq!(rows[4].new, Some(vec![other("y")]));
    }

    #[test]
    fn equal_texts_have_no_rows() {
        assert!(rows(&lines("a\nb"), &lines("a\nb")).is_empty());
        assert!(rows(&[], &[]).is_empty());
    }
}
