//! A side-by-side diff of two texts, with changed words marked.

use similar::{ChangeTag, DiffOp, TextDiff};

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
    let old_refs: Vec<&str> = old.iter().map(String::as_str).collect();
    let new_refs: Vec<&str> = new.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&old_refs, &new_refs);
    let mut rows = Vec::new();
    for op in diff.ops() {
        match *op {
            DiffOp::Equal { old_index, len, .. } => {
                for line in &old[old_index..old_index + len] {
                    let piece = vec![same(line)];
                    rows.push(Row {
                        old: Some(piece.clone()),
                        new: Some(piece),
                        differs: false,
                    });
                }
            }
            DiffOp::Delete {
                old_index, old_len, ..
            } => rows.extend(old[old_index..old_index + old_len].iter().map(|line| Row {
                old: Some(vec![other(line)]),
                new: None,
                differs: true,
            })),
            DiffOp::Insert {
                new_index, new_len, ..
            } => rows.extend(new[new_index..new_index + new_len].iter().map(|line| Row {
                old: None,
                new: Some(vec![other(line)]),
                differs: true,
            })),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => {
                for at in 0..old_len.max(new_len) {
                    let old = (at < old_len).then(|| old[old_index + at].as_str());
                    let new = (at < new_len).then(|| new[new_index + at].as_str());
                    rows.push(match (old, new) {
                        (Some(old), Some(new)) => {
                            let (old, new) = words(old, new);
                            Row {
                                old: Some(old),
                                new: Some(new),
                                differs: true,
                            }
                        }
                        (old, new) => Row {
                            old: old.map(|line| vec![other(line)]),
                            new: new.map(|line| vec![other(line)]),
                            differs: true,
                        },
                    });
                }
            }
        }
    }
    near_differences(rows)
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

/// Compares two lines word by word.
fn words(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let diff = TextDiff::from_unicode_words(old, new);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let text = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut left, text, false);
                push(&mut right, text, false);
            }
            ChangeTag::Delete => push(&mut left, text, true),
            ChangeTag::Insert => push(&mut right, text, true),
        }
    }
    (left, right)
}

fn push(pieces: &mut Vec<Piece>, text: &str, differs: bool) {
    match pieces.last_mut() {
        Some(last) if last.differs == differs => last.text.push_str(text),
        _ => pieces.push(Piece {
            text: text.to_owned(),
            differs,
        }),
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
