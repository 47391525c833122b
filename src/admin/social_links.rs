//! Rows of network and address: profiles elsewhere, of the site or of an author. There are always
//! some empty ones, so that more can be added without a script.

use super::checks;
use crate::{models::setting::SocialLink, view::form::Errors};

/// The field's name, for errors.
pub(super) const FIELD: &str = "social_links";

/// How many empty rows follow those that are filled in.
const SPARE: usize = 2;

/// What a form shows of them.
pub struct SocialLinks {
    pub rows: Vec<SocialLink>,
    pub error: String,
}

impl SocialLinks {
    pub(super) fn new(links: &[SocialLink], errors: &Errors) -> Self {
        let mut rows = links.to_vec();
        rows.resize(
            rows.len() + SPARE,
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

/// The rows that were typed in, those that are empty left out.
pub(super) fn typed(networks: &[String], urls: &[String]) -> Vec<SocialLink> {
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

/// Says what is wrong with them.
pub(super) fn check(errors: &mut Errors, links: &[SocialLink]) {
    for link in links {
        if !checks::is_web_address(&link.url, &["https", "http"]) {
            let text = format!(
                "{:?} is not a web address: it begins with https://",
                link.url
            );
            return errors.add(FIELD, text);
        }
        if link.network.is_empty() {
            return errors.add(FIELD, format!("Which network is {}?", link.url));
        }
        checks::short(errors, FIELD, &link.network, "The network's name", 40);
        checks::short(errors, FIELD, &link.url, "The address", 500);
    }
    if links.len() > 20 {
        errors.add(FIELD, "20 are enough");
    }
}
