//! The site version: a number that every change raises that a reader could see. By it pages know that they are old.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::prelude::*;

use super::{
    AnyConnection,
    schema::site_state::{at_once_version, table, version, withdrawn_version},
};

/// For so long after a change that is in no hurry, pages may be shown as they were before it.
const LATE: Duration = Duration::from_secs(10);

/// How far the site has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct SiteVersion {
    /// Raised by every change that a reader could see.
    pub current: i64,
    /// What it was when something changed last that the next reader has to see.
    pub at_once: i64,
    /// What it was when something was withdrawn last.
    pub withdrawn: i64,
}

/// The site version in the database.
pub fn site_version(conn: &mut AnyConnection) -> QueryResult<SiteVersion> {
    table
        .select((version, at_once_version, withdrawn_version))
        .first(conn)
}

/// Raises it for what the next reader has to see.
pub(super) fn raise_at_once(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set((version.eq(version + 1), at_once_version.eq(version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Raises it for what is in no hurry.
pub(super) fn raise(conn: &mut AnyConnection) -> QueryResult<()> {
    diesel::update(table)
        .set(version.eq(version + 1))
        .execute(conn)?;
    Ok(())
}

/// Notes that something is withdrawn in this transaction, which raises the site version at once: pages from
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
    at_once: AtomicI64,
    withdrawn: AtomicI64,
    raised: Mutex<Option<Raised>>,
}

/// The last time that it was raised.
struct Raised {
    /// What it was before.
    from: i64,
    /// When that was noticed.
    at: Instant,
}

impl Known {
    pub(super) fn version(&self) -> SiteVersion {
        SiteVersion {
            current: self.current.load(Ordering::Acquire),
            at_once: self.at_once.load(Ordering::Acquire),
            withdrawn: self.withdrawn.load(Ordering::Acquire),
        }
    }

    pub(super) fn note(&self, found: SiteVersion) {
        // It never falls: what was read a moment ago may be older than what was written since. And who knows the
        // current one knows the others.
        self.withdrawn.fetch_max(found.withdrawn, Ordering::AcqRel);
        self.at_once.fetch_max(found.at_once, Ordering::AcqRel);
        let from = self.current.fetch_max(found.current, Ordering::AcqRel);
        if from < found.current {
            let at = Instant::now();
            let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
            *raised = Some(Raised { from, at });
        }
    }

    pub(super) fn may_wait(&self, of: i64) -> bool {
        // It is only ever replaced.
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = |raised: &Raised| of >= raised.from && raised.at.elapsed() < LATE;
        let known = self.version();
        of >= known.at_once.max(known.withdrawn) && raised.as_ref().is_some_and(is_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(steps: &[(i64, i64)]) -> Known {
        let known = Known::default();
        for &(current, at_once) in steps {
            note(&known, current, at_once, 0);
        }
        known
    }

    fn note(known: &Known, current: i64, at_once: i64, withdrawn: i64) {
        known.note(SiteVersion {
            current,
            at_once,
            withdrawn,
        });
    }

    #[test]
    fn a_page_may_wait_for_what_is_in_no_hurry_and_came_just_now() {
        let site = known(&[(7, 7), (8, 7)]);
        assert!(site.may_wait(7));
        let since = |ago| site.raised.lock().unwrap().as_mut().unwrap().at -= ago;
        since(LATE);
        assert!(!site.may_wait(7), "whoever comes later is shown it");
    }

    #[test]
    fn a_page_may_not_wait_for_an_edit_whatever_came_after_it() {
        assert!(!known(&[(7, 7), (8, 8)]).may_wait(7));
        assert!(!known(&[(7, 7), (9, 8)]).may_wait(7));
        assert!(!known(&[(7, 7), (8, 8), (9, 8)]).may_wait(7));
        assert!(known(&[(7, 7), (8, 8), (9, 8)]).may_wait(8));
    }

    #[test]
    fn a_page_may_not_wait_for_what_was_withdrawn_by_work_in_no_hurry() {
        let site = known(&[(7, 7)]);
        note(&site, 8, 7, 8);
        assert!(!site.may_wait(7));
    }

    #[test]
    fn a_page_that_nobody_wanted_for_long_does_not_wait_again() {
        assert!(!known(&[(7, 7), (8, 7), (9, 7)]).may_wait(7));
    }
}
