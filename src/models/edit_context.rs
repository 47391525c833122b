//! The context of an edit, which saving revisions and writing articles share.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::section_tree::SectionTree;

/// Who edits an article and when, and what indexing it needs to know of the site.
#[derive(Clone, Copy, Debug)]
pub struct EditContext<'a> {
    pub user_id: i64,
    pub now: DateTime<Utc>,
    pub sections: &'a SectionTree,
    pub time_zone: Tz,
    /// Identifies the open form that sends the edit; empty if there is none.
    pub page: &'a str,
}
