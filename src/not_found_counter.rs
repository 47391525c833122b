//! Counts requests without a result (paths, search terms) in memory. A job writes the counts to the database, where
//! editors see which paths need a redirect.

use dashmap::DashMap;

/// The maximum length of a counted text, in characters; longer ones are ignored.
const MAX_CHARS: usize = 200;

/// The maximum number of different texts between two runs of the job; further ones are ignored.
const MAX_ENTRIES: usize = 2_000;

#[derive(Default)]
pub struct NotFoundCounter {
    counts: DashMap<String, i64>,
}

impl NotFoundCounter {
    /// Counts a request.
    pub fn count(&self, text: &str) {
        if text.chars().count() > MAX_CHARS || text.contains(char::is_control) {
            return;
        }
        if let Some(mut hits) = self.counts.get_mut(text) {
            *hits += 1;
        } else if self.counts.len() < MAX_ENTRIES {
            *self.counts.entry(text.to_owned()).or_default() += 1;
        }
    }

    /// Removes and returns all counts: (text, number of requests).
    pub fn drain(&self) -> Vec<(String, i64)> {
        let mut drained = Vec::new();
        self.counts.retain(|text, hits| {
            drained.push((text.clone(), *hits));
            false
        });
        drained
    }

    /// Adds counts that were drained but could not be written.
    pub fn restore(&self, counts: Vec<(String, i64)>) {
        for (text, hits) in counts {
            *self.counts.entry(text).or_default() += hits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_counted_texts_is_bounded() {
        let counter = NotFoundCounter::default();
        for n in 0..MAX_ENTRIES * 2 {
            counter.count(&format!("/{n}"));
            counter.count("/0");
        }
        counter.count(&format!("/{}", "x".repeat(MAX_CHARS)));
        counter.count("/a\0b");
        let drained = counter.drain();
        assert_eq!(drained.len(), MAX_ENTRIES);
        assert!(drained.contains(&("/0".to_owned(), 1 + 2 * MAX_ENTRIES as i64)));
        assert!(counter.drain().is_empty());
        counter.restore(drained);
        assert_eq!(counter.drain().len(), MAX_ENTRIES);
    }
}
