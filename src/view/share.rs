//! Links to social networks, to share an article or to follow the newspaper or an author. They are plain links: nothing
//! is loaded from other sites before a click.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Link;
use crate::{models::setting::SocialLink, site::Site, text::visible};

/// The networks: name, URL up to the address, and separator between address and headline.
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

/// The links to share a page: one per network, and e-mail.
pub fn links(site: &Site, url: &str, headline: &str) -> Vec<Link> {
    let texts = site.locale.texts();
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (url, headline) = (encode(url), encode(&visible(headline)));
    NETWORKS
        .iter()
        .map(|(name, before_url, before_headline)| {
            Link::new(
                texts.share_on(name),
                format!("{before_url}{url}{before_headline}{headline}"),
            )
        })
        .chain([Link::new(
            texts.share_email,
            format!("mailto:?subject={headline}&body={url}"),
        )])
        .collect()
}

/// The links to social profiles, with the official names of the networks. Only http and https addresses are linked.
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
