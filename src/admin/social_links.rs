//! Form rows for profiles on social networks, of the site or of an author. Spare empty rows allow
//! adding profiles without JavaScript.

use super::checks;
use crate::{locale::Newsroom, models::setting::SocialLink, view::form::Errors};

/// The name of the field in [`Errors`].
pub(super) const FIELD: &str = "social_links";

/// Empty rows after the filled ones.
const SPARE_ROWS: usize = 2;

/// The rows of a form.
pub struct SocialLinks {
    pub rows: Vec<SocialLink>,
    pub error: String,
}

impl SocialLinks {
    pub(super) fn new(links: &[SocialLink], errors: &Errors) -> Self {
        let mut rows = links.to_vec();
        rows.resize(
            rows.len() + SPARE_ROWS,
            SocialLink {
                network: String::new(),
                url: String::new(),
            },
        );
        Self {
            rows,
            error: errors.of(FIELD).to_owned(),
        }
    }
}

/// Parses the submitted rows; skips empty ones.
pub(super) fn parse(networks: &[String], urls: &[String]) -> Vec<SocialLink> {
    networks
        .iter()
        .zip(urls)
        .map(|(network, url)| SocialLink {
            network: checks::line(network).to_lowercase(),
            url: checks::line(url),
        })
        .filter(|link| !link.network.is_empty() || !link.url.is_empty())
        .collect()
}

/// Adds an error if a link is invalid.
pub(super) fn validate(errors: &mut Errors, texts: &'static Newsroom, links: &[SocialLink]) {
    for link in links {
        if !checks::is_url(&link.url, &["https", "http"]) {
            return errors.add(FIELD, texts.social_links.not_a_url(&link.url));
        }
        if link.network.is_empty() {
            return errors.add(FIELD, texts.social_links.network_needed(&link.url));
        }
        checks::max_chars(
            errors,
            texts,
            FIELD,
            &link.network,
            texts.social_links.the_network,
            40,
        );
        checks::max_chars(
            errors,
            texts,
            FIELD,
            &link.url,
            texts.social_links.the_address,
            500,
        );
    }
    if links.len() > 20 {
        errors.add(FIELD, texts.social_links.too_many);
    }
}
