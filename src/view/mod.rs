//! View models shared by pages: formatted texts and URLs, so that templates only print. They use neither the database nor
//! the clock.

pub mod breadcrumb;
pub mod byline;
pub mod card;
pub mod chart;
pub mod correction;
pub mod diff;
pub mod form;
pub mod json_ld;
pub mod language;
pub mod layout;
pub mod pagination;
pub mod picture;
pub mod share;

/// A link with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub text: String,
    pub url: String,
}

impl Link {
    pub fn new(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            url: url.into(),
        }
    }
}
