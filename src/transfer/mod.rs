//! Moving in from other systems, and out again.

pub mod backup;
pub mod copy;
pub mod export;
pub mod fetch;
pub mod ghost;
pub mod moving_in;
mod pattern;
mod report;
pub mod verify;
pub mod visitor;
pub mod wordpress;

pub use report::{Counts, Report, Trouble};
