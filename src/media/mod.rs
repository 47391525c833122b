//! Pictures: what was uploaded is decoded within limits, turned upright and encoded anew in every
//! width, format and shape; names are content hashes. Blocks everywhere: for the blocking pool.

mod avif;
mod decode;
mod encode;
mod shape;
pub mod share_picture;
mod store;

pub use decode::{Decoded, Limits, Refused, decode};
pub use shape::{Focal, Rect, Shape};
pub use store::{Begun, Finished, Store, Stored, crop_name, widths_text};
