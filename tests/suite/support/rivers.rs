//! Rivers and their counts as they are, and as they would be if every article were filed anew.

use dateline::{
    db::schema::{articles, river_counts, river_entries},
    models::{river, section, setting},
};
use diesel::prelude::*;

use super::app::TestApp;

type Entries = Vec<(String, i64, chrono::NaiveDateTime, i64)>;
type Counts = Vec<(String, i64, i32, i64)>;

impl TestApp {
    fn rivers(&self) -> (Entries, Counts) {
        self.change(|conn| {
            let entries = river_entries::table
                .select((
                    river_entries::river,
                    river_entries::owner_id,
                    river_entries::published_at,
                    river_entries::article_id,
                ))
                .load(conn)?;
            let counts = river_counts::table
                .filter(river_counts::entries.ne(0))
                .select((
                    river_counts::river,
                    river_counts::owner_id,
                    river_counts::period,
                    river_counts::entries,
                ))
                .load(conn)?;
            let (mut entries, mut counts): (Entries, Counts) = (entries, counts);
            entries.sort();
            counts.sort();
            Ok((entries, counts))
        })
    }

    /// Checks that filing every article anew changes nothing.
    pub fn rivers_are_right(&self) {
        let before = self.rivers();
        self.change(|conn| {
            let tree = section::tree(conn)?;
            let time_zone = setting::load(conn)?.time_zone;
            let ids: Vec<i64> = articles::table.select(articles::id).load(conn)?;
            for id in ids {
                river::refile(conn, id, &tree, time_zone)?;
            }
            Ok(())
        });
        assert_eq!(before, self.rivers());
    }
}
