//! Fault injection: full disks, unavailable databases, killed processes, replaced folders, wrong clocks and slow clients.

use std::time::{Duration, Instant};

use dateline::db::types::UserRole;

use crate::support::{app::TestApp, staff::Staff};

mod clock;
mod crashes;
mod data_folder;
mod database_outage;
mod full_disk;
mod log;
mod restart;
mod server_process;
mod slow_clients;

/// A draft that an editor submits during a fault.
const DRAFT_FIELDS: [(&str, &str); 2] = [("headline", "Kept"), ("body", "<p>My words.</p>")];

/// Two stories, of which only the first is cached, and a logged-in editor: both paths and the editor.
fn site_with_editor(app: &TestApp) -> (String, String, Staff<'_>) {
    let news = app.section("news", "News");
    let cached = app.path(app.story(news, "One", 1));
    let uncached = app.path(app.story(news, "Two", 2));
    let editor = app.staff(UserRole::Editor);
    app.update_search_index();
    assert_eq!(app.status(&cached), 200);
    (cached, uncached, editor)
}

/// Waits until the path answers 200 again.
fn wait_until_ok(app: &TestApp, path: &str) {
    let start = Instant::now();
    while app.status(path) != 200 {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{path} does not recover"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}
