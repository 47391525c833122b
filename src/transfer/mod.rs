//! Moving in from other systems, and out again.

pub mod backup;
mod report;
pub mod wordpress;

pub use report::{Report, Trouble};
