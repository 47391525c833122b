//! The queue of imports that were started in the newsroom, which a background job drains.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::import::Import;

/// An import that waits to be run.
pub struct QueuedImport {
    /// Its row in `import_runs`.
    pub run_id: i64,
    pub import: Import,
    /// Whether nothing is kept: see [`Import::dry_run`].
    pub is_trial: bool,
    /// Holds the uploaded files, and is deleted with this value.
    pub folder: TempDir,
    /// The size of the export, in bytes.
    pub export_bytes: i64,
}

/// A queue in memory: an import that has not begun when the process ends is lost, and its row is shown as interrupted.
#[derive(Default)]
pub struct ImportQueue {
    waiting: Mutex<VecDeque<QueuedImport>>,
    pushed: Notify,
}

impl ImportQueue {
    /// Adds an import and wakes the job.
    pub fn push(&self, import: QueuedImport) {
        self.waiting.lock().push_back(import);
        self.pushed.notify_one();
    }

    /// Waits for the next import. Dropping the future loses none.
    pub async fn next(&self) -> QueuedImport {
        loop {
            let next = self.waiting.lock().pop_front();
            match next {
                Some(import) => return import,
                None => self.pushed.notified().await,
            }
        }
    }
}
