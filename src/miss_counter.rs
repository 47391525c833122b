//! Counting in memory what readers asked for in vain: paths, words. A job writes it to the database, where
//! an editor finds what is worth a redirect, or a story.

use dashmap::DashMap;

/// The longest that is counted, in characters: what is longer nobody typed or linked.
const LONGEST: usize = 200;

/// How many different ones are counted between two visits of the job; what comes on top is left out.
const MOST: usize = 2_000;

#[derive(Default)]
pub struct MissCounter {
    counts: DashMap<String, i64>,
}

impl MissCounter {
    /// Counts one.
    pub fn count(&self, asked: &str) {
        if asked.chars().count() > LONGEST || asked.contains(char::is_control) {
            return;
        }
        if let Some(mut hits) = self.counts.get_mut(asked) {
            *hits += 1;
        } else if self.counts.len() < MOST {
            *self.counts.entry(asked.to_owned()).or_default() += 1;
        }
    }

    /// Takes what was counted: (what, hits).
    pub fn drain(&self) -> Vec<(String, i64)> {
        let mut drained = Vec::new();
        self.counts.retain(|asked, hits| {
            drained.push((asked.clone(), *hits));
            false
        });
        drained
    }

    /// Gives back what was drained and could not be written.
    pub fn restore(&self, misses: Vec<(String, i64)>) {
        for (asked, hits) in misses {
            *self.counts.entry(asked).or_default() += hits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_paths_are_tried_few_are_kept() {
        let counter = MissCounter::default();
        for n in 0..MOST * 2 {
            counter.count(&format!("/{n}"));
            counter.count("/0");
        }
        counter.count(&format!("/{}", "x".repeat(LONGEST)));
        counter.count("/a\0b");
        let drained = counter.drain();
        assert_eq!(drained.len(), MOST);
        assert!(drained.contains(&("/0".to_owned(), 1 + 2 * MOST as i64)));
        assert!(counter.drain().is_empty());
        counter.restore(drained);
        assert_eq!(counter.drain().len(), MOST);
    }
}
