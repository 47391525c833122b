//! The site version: a counter incremented by every write that readers can see. A cached page rendered from an older
//! version is stale.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use diesel::prelude::*;
use parking_lot::{Mutex, MutexGuard};

use super::{
    connection::AnyConnection,
    schema::site_state::{deferred_version, table, version, withdrawn_version},
};

/// How long after a deferred write the stale page may be served.
const MAX_STALE: Duration = Duration::from_secs(10);

/// The site version, and which versions deferred writes and withdrawals had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct SiteVersion {
    /// Incremented by every write that readers can see.
    pub current: i64,
    /// The version of the last deferred write.
    pub deferred: i64,
    /// The version of the last withdrawal.
    pub withdrawn: i64,
}

/// The site version in the database.
pub fn site_version(conn: &mut AnyConnection) -> QueryResult<SiteVersion> {
    table
        .select((version, deferred_version, withdrawn_version))
        .first(conn)
}

/// Increments the site version: the next request sees the change.
pub(super) fn increment(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set(version.eq(version + 1))
        .execute(conn)?;
    Ok(())
}

/// Increments the site version for a deferred write.
pub(super) fn increment_deferred(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set((version.eq(version + 1), deferred_version.eq(version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Records that this transaction withdraws something: stale pages from before it are never served again. The
/// transaction has to increment the site version ([`super::Db::write`]).
pub fn note_withdrawal(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set(withdrawn_version.eq(version + 1))
        .execute(conn)?;
    Ok(())
}

/// The newest versions that this process knows of.
#[derive(Default)]
pub(super) struct KnownVersions {
    current: AtomicI64,
    withdrawn: AtomicI64,
    deferred: Mutex<Option<DeferredWrite>>,
}

/// A deferred write that was the only change between two versions.
struct DeferredWrite {
    version: i64,
    seen_at: Instant,
}

impl KnownVersions {
    pub(super) fn current(&self) -> i64 {
        self.current.load(Ordering::Acquire)
    }

    pub(super) fn withdrawn(&self) -> i64 {
        self.withdrawn.load(Ordering::Acquire)
    }

    pub(super) fn observe(&self, found: SiteVersion) {
        // Versions never decrease here: `found` may have been read before a write that is known already. The
        // withdrawal is stored first, so that no thread sees the new current version with an old withdrawal.
        self.withdrawn.fetch_max(found.withdrawn, Ordering::AcqRel);
        let before = self.current.fetch_max(found.current, Ordering::AcqRel);
        // Versions skipped in between may have been ordinary writes.
        if found.deferred == found.current && found.current == before + 1 {
            *self.deferred() = Some(DeferredWrite {
                version: found.current,
                seen_at: Instant::now(),
            });
        }
    }

    pub(super) fn may_serve_stale(&self, page_version: i64) -> bool {
        let is_only_change = |write: &DeferredWrite| {
            write.version == self.current()
                && page_version + 1 >= write.version
                && write.seen_at.elapsed() < MAX_STALE
        };
        page_version >= self.withdrawn() && self.deferred().as_ref().is_some_and(is_only_change)
    }

    fn deferred(&self) -> MutexGuard<'_, Option<DeferredWrite>> {
        // The value is only ever replaced as a whole, so a panic cannot leave it inconsistent.
        self.deferred.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(versions: &[SiteVersion]) -> KnownVersions {
        let known = KnownVersions::default();
        for found in versions {
            known.observe(*found);
        }
        known
    }

    fn edited(current: i64) -> SiteVersion {
        SiteVersion {
            current,
            deferred: 0,
            withdrawn: 0,
        }
    }

    fn deferred(current: i64) -> SiteVersion {
        SiteVersion {
            deferred: current,
            ..edited(current)
        }
    }

    #[test]
    fn a_page_may_be_stale_for_10_s_after_a_deferred_write() {
        let site = known(&[edited(7), deferred(8)]);
        assert!(site.may_serve_stale(7));
        site.deferred().as_mut().unwrap().seen_at -= MAX_STALE;
        assert!(!site.may_serve_stale(7), "10 s are over");
    }

    #[test]
    fn a_page_is_never_stale_after_an_edit() {
        assert!(!known(&[edited(7), edited(8)]).may_serve_stale(7));
        assert!(!known(&[edited(7), deferred(9)]).may_serve_stale(7));
        let site = known(&[edited(7), edited(8), deferred(9)]);
        assert!(!site.may_serve_stale(7));
        assert!(site.may_serve_stale(8));
        let after = SiteVersion {
            deferred: 8,
            ..edited(9)
        };
        assert!(!known(&[edited(7), deferred(8), after]).may_serve_stale(7));
        assert!(!known(&[edited(7), deferred(8), after]).may_serve_stale(8));
    }

    #[test]
    fn a_page_is_never_stale_after_a_deferred_withdrawal() {
        let gone = SiteVersion {
            withdrawn: 8,
            ..deferred(8)
        };
        assert!(!known(&[edited(7), gone]).may_serve_stale(7));
    }

    #[test]
    fn a_page_is_stale_for_one_deferred_write_only() {
        assert!(!known(&[edited(7), deferred(8), deferred(9)]).may_serve_stale(7));
    }
}
