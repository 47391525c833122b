//! The site version: a number that every change raises that a reader could see. By it pages know that they are old.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::prelude::*;

use super::{
    AnyConnection,
    schema::site_state::{table, unhurried_version, version, withdrawn_version},
};

/// For so long after a change that is in no hurry, pages may be shown as they were before it.
const LATE: Duration = Duration::from_secs(10);

/// How far the site has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct SiteVersion {
    /// Raised by every change that a reader could see.
    pub current: i64,
    /// The last one that work in no hurry has made.
    pub unhurried: i64,
    /// What it was when something was withdrawn last.
    pub withdrawn: i64,
}

/// The site version in the database.
pub fn site_version(conn: &mut AnyConnection) -> QueryResult<SiteVersion> {
    table
        .select((version, unhurried_version, withdrawn_version))
        .first(conn)
}

/// Raises it for what the next reader has to see.
pub(super) fn raise(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set(version.eq(version + 1))
        .execute(conn)?;
    Ok(())
}

/// Raises it for what is in no hurry.
pub(super) fn raise_unhurried(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set((version.eq(version + 1), unhurried_version.eq(version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Notes that something is withdrawn in this transaction, which raises the site version: pages from
/// before it are not shown again.
pub fn note_withdrawal(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set(withdrawn_version.eq(version + 1))
        .execute(conn)?;
    Ok(())
}

/// The site version as far as this process knows.
#[derive(Default)]
pub(super) struct Known {
    current: AtomicI64,
    withdrawn: AtomicI64,
    unhurried: Mutex<Option<Unhurried>>,
}

/// A change in no hurry that was noticed alone.
struct Unhurried {
    /// The version that it has made of the one before.
    version: i64,
    /// When it was noticed.
    at: Instant,
}

impl Known {
    pub(super) fn current(&self) -> i64 {
        self.current.load(Ordering::Acquire)
    }

    pub(super) fn withdrawn(&self) -> i64 {
        self.withdrawn.load(Ordering::Acquire)
    }

    pub(super) fn note(&self, found: SiteVersion) {
        // It never falls: what was read a moment ago may be older than what was written since. And who knows the
        // current one knows what is withdrawn.
        self.withdrawn.fetch_max(found.withdrawn, Ordering::AcqRel);
        let before = self.current.fetch_max(found.current, Ordering::AcqRel);
        // What came in between would have been in a hurry, for all that is known.
        if found.unhurried == found.current && found.current == before + 1 {
            *self.unhurried() = Some(Unhurried {
                version: found.current,
                at: Instant::now(),
            });
        }
    }

    pub(super) fn may_wait(&self, of: i64) -> bool {
        let is_all = |change: &Unhurried| {
            change.version == self.current()
                && of + 1 >= change.version
                && change.at.elapsed() < LATE
        };
        of >= self.withdrawn() && self.unhurried().as_ref().is_some_and(is_all)
    }

    fn unhurried(&self) -> MutexGuard<'_, Option<Unhurried>> {
        // It is only ever replaced.
        self.unhurried
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(steps: &[SiteVersion]) -> Known {
        let known = Known::default();
        for step in steps {
            known.note(*step);
        }
        known
    }

    fn edited(current: i64) -> SiteVersion {
        SiteVersion {
            current,
            unhurried: 0,
            withdrawn: 0,
        }
    }

    fn unhurried(current: i64) -> SiteVersion {
        SiteVersion {
            unhurried: current,
            ..edited(current)
        }
    }

    #[test]
    fn a_page_may_wait_for_what_is_in_no_hurry_and_came_just_now() {
        let site = known(&[edited(7), unhurried(8)]);
        assert!(site.may_wait(7));
        site.unhurried().as_mut().unwrap().at -= LATE;
        assert!(!site.may_wait(7), "whoever comes later is shown it");
    }

    #[test]
    fn a_page_may_not_wait_for_an_edit_whatever_came_before_or_after_it() {
        assert!(!known(&[edited(7), edited(8)]).may_wait(7));
        assert!(!known(&[edited(7), unhurried(9)]).may_wait(7));
        let site = known(&[edited(7), edited(8), unhurried(9)]);
        assert!(!site.may_wait(7));
        assert!(site.may_wait(8));
        let after = SiteVersion {
            unhurried: 8,
            ..edited(9)
        };
        assert!(!known(&[edited(7), unhurried(8), after]).may_wait(7));
        assert!(!known(&[edited(7), unhurried(8), after]).may_wait(8));
    }

    #[test]
    fn a_page_may_not_wait_for_what_was_withdrawn_by_work_in_no_hurry() {
        let gone = SiteVersion {
            withdrawn: 8,
            ..unhurried(8)
        };
        assert!(!known(&[edited(7), gone]).may_wait(7));
    }

    #[test]
    fn a_page_that_nobody_wanted_for_long_does_not_wait_again() {
        assert!(!known(&[edited(7), unhurried(8), unhurried(9)]).may_wait(7));
    }
}
