//! Imports from other systems: WordPress and Ghost.

pub mod ghost;
pub mod wordpress;
mod wordpress_theme_test_data;
