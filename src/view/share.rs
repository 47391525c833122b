//! Links to other sites: to share an article, to follow the paper or an author. Plain links: nothing
//! of another site is loaded before somebody clicks.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Link, locale::fill};
use crate::{models::setting::SocialLink, site::Site};

/// Where to share, by name and by what stands before the address and before the headline.
const NETWORKS: [(&str, &str, &str); 5] = [
    ("X", "https://x.com/intent/post?url=", "&text="),
    (
        "Facebook",
        "https://www.facebook.com/sharer/sharer.php?u=",
        "&quote=",
    ),
    (
        "LinkedIn",
        "https://www.linkedin.com/sharing/share-offsite/?url=",
        "&title=",
    ),
    ("WhatsApp", "https://wa.me/?text=", "%20"),
    ("Telegram", "https://t.me/share/url?url=", "&text="),
];

/// Links that share a page: one per network, and e-mail.
pub fn links(site: &Site, url: &str, headline: &str) -> Vec<Link> {
    let texts = site.locale.texts();
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (url, headline) = (encode(url), encode(headline));
    NETWORKS
        .iter()
        .map(|(name, before_url, before_headline)| {
            Link::new(
                fill(&texts.share_on, &[("network", name)]),
                format!("{before_url}{url}{before_headline}{headline}"),
            )
        })
        .chain([Link::new(
            &texts.share_email,
            format!("mailto:?subject={headline}&body={url}"),
        )])
        .collect()
}

/// Profiles elsewhere, under their networks' own spelling. Only web addresses are linked.
pub fn profiles(links: &[SocialLink]) -> Vec<Link> {
    links
        .iter()
        .filter(|link| link.url.starts_with("https://") || link.url.starts_with("http://"))
        .map(|link| Link::new(network_name(&link.network), &link.url))
        .collect()
}

fn network_name(network: &str) -> String {
    match network {
        "x" => "X".to_owned(),
        "linkedin" => "LinkedIn".to_owned(),
        "youtube" => "YouTube".to_owned(),
        "tiktok" => "TikTok".to_owned(),
        "whatsapp" => "WhatsApp".to_owned(),
        "github" => "GitHub".to_owned(),
        other => {
            let mut letters = other.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
                .unwrap_or_default()
        }
    }
}
