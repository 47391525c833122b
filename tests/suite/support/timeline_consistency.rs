//! Consistency of the timeline tables with the articles.

use dateline::{
    db::schema::{articles, timeline_counts, timeline_entries},
    models::{section, setting, timeline},
};
use diesel::prelude::*;

use super::app::TestApp;

type Entries = Vec<(String, i64, chrono::NaiveDateTime, i64)>;
type Counts = Vec<(String, i64, i32, i64)>;

impl TestApp {
    /// All timeline entries and counts, sorted.
    fn timelines(&self) -> (Entries, Counts) {
        self.write(|conn| {
            let entries = timeline_entries::table
                .select((
                    timeline_entries::kind,
                    timeline_entries::owner_id,
                    timeline_entries::published_at,
                    timeline_entries::article_id,
                ))
                .load(conn)?;
            let counts = timeline_counts::table
                .filter(timeline_counts::entries.ne(0))
                .select((
                    timeline_counts::kind,
                    timeline_counts::owner_id,
                    timeline_counts::period,
                    timeline_counts::entries,
                ))
                .load(conn)?;
            let (mut entries, mut counts): (Entries, Counts) = (entries, counts);
            entries.sort();
            counts.sort();
            Ok((entries, counts))
        })
    }

    /// Fails if indexing every article again would change the timelines or their counts.
    pub fn assert_timelines_consistent(&self) {
        let before = self.timelines();
        self.write(|conn| {
            let tree = section::tree(conn)?;
            let time_zone = setting::load(conn)?.time_zone;
            let ids: Vec<i64> = articles::table.select(articles::id).load(conn)?;
            for id in ids {
                timeline::reindex(conn, id, &tree, time_zone)?;
            }
            Ok(())
        });
        assert_eq!(before, self.timelines());
    }
}
