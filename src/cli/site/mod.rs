//! Commands that crawl the running site: the static export, and the check of imported addresses.

pub mod crawler;
pub mod export;
pub mod verify;

pub use crawler::Crawler;
pub use export::{ExportedSite, SiteExportError, export};
pub use verify::{Verified, verify};
