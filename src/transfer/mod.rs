//! Moving in from other systems, and out again.

mod report;
pub mod wordpress;

pub use report::{Report, Trouble};
