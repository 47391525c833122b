//! Imports from other systems, exports, backups, and copies between database engines.

pub mod backup;
pub mod copy;
pub mod export;
pub mod fetch;
pub mod ghost;
pub mod import;
pub mod queue;
mod report;
pub mod wordpress;

pub use report::{Counts, Report, Trouble};
