//! Work in the background, thin: what it does is elsewhere, when it is done is here.

pub mod flush_views;
