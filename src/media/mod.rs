//! Pictures: uploads are decoded within limits, rotated upright and re-encoded in several widths, formats and shapes.
//! File names are content hashes. All functions block: call them outside the async threads.

mod alpha;
mod avif;
mod decode;
mod encode;
mod memory_budget;
mod shape;
pub mod share_picture;
mod store;
mod yuv;

pub use dateline_imaging::Rect;
pub use decode::{DecodeError, Decoded, Limits, decode, pixels};
pub use memory_budget::MemoryBudget;
pub use shape::{Focal, Shape};
pub use store::{Begun, Finished, Store, Stored, crop_name, widths_text};
