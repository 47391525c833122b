//! No search query causes an error.
#![no_main]

mod cost;

use std::cell::RefCell;

use dateline::{
    db::{DatabaseUrl, Db},
    error::Error,
    models::search::{self, Filter, Order},
    text::words::{self, Query},
};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static DB: RefCell<Option<(Db, tempfile::TempDir)>> = const { RefCell::new(None) };
}

/// The first input also opens the database.
const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 50_000, per_byte: 100 };
const BYTES: cost::Limit = cost::Limit { fixed: 20_000_000, per_byte: 10_000 };

fuzz_target!(|input: &str| {
    cost::bounded(input.len(), ALLOCATIONS, BYTES, || check(input));
});

fn check(input: &str) {
    let query = Query::new(input);
    let stems = query.words().map(str::to_owned).collect();
    let stemming = words::Stemming::of("en");
    words::excerpt(input, stemming, &stems, query.beginning());
    let pieces = words::marked(input, stemming, &stems, query.beginning());
    let whole: String = pieces.into_iter().map(|(text, _)| text).collect();
    assert_eq!(whole, input);
    DB.with_borrow_mut(|known| {
        let (db, _) = known.get_or_insert_with(|| {
            let folder = tempfile::tempdir().unwrap();
            let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("a.db")), 1).unwrap();
            (db, folder)
        });
        let now = chrono::Utc::now().naive_utc();
        db.read_blocking(|conn| {
            for order in [Order::Relevance, Order::Newest] {
                search::find(conn, &query, &Filter::default(), order, now)?;
            }
            search::newest(conn, input, now)?;
            search::suggestion(conn, &query, &Filter::default(), now)?;
            Ok::<_, Error>(())
        })
        .unwrap();
    });
}
