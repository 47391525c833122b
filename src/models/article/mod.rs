//! Articles: cards for lists, whole articles for their pages, records for the admin lists, drafts, and writing.

/// Articles joined with their canonical address: a macro, because the type of the join depends on the engine.
macro_rules! with_address {
    () => {
        articles::table.inner_join(
            addresses::table.on(addresses::target_id
                .eq(articles::id.nullable())
                .and(addresses::kind.eq(AddressKind::Article))
                .and(addresses::canonical)),
        )
    };
}

mod card;
mod draft;
mod read;
mod record;
mod write;

pub use super::article_text::bodies;
pub use card::{Card, Cards, cards};
pub use draft::{Draft, draft_of, drafts_of};
pub(super) use read::IS_PUBLISHED;
pub use read::{
    Article, Dateline, also_read, count_published, find_all_live, find_live, headlines, is_live,
    next_due, paths, published_after, recent_headlines, sections_of,
};
pub use record::{Record, locked, record, records_after};
pub(super) use write::{begin, set_revisions, set_status};
pub use write::{index_new, insert, insert_unindexed, update};
