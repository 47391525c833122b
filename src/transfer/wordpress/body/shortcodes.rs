//! Replaces the shortcodes of WordPress by HTML.

use std::collections::BTreeSet;

use super::{super::archive::Archive, escaped};
use crate::text::pattern::patterns;

patterns! {
    CAPTION = r"(?s)\[(?:caption|wp_caption)([^\]]*)\](.*?)\[/(?:caption|wp_caption)\]";
    GALLERY = r"\[gallery([^\]]*)\]";
    EMBED = r"(?s)\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]";
    AUDIO_OR_VIDEO = r"(?s)\[(audio|video|playlist)([^\]]*)\](?:\s*\[/(?:audio|video|playlist)\])?";
    ANY_SHORTCODE = r#"\[(?:([a-zA-Z][\w-]*)\s+[\w-]+=["'\w][^\]]*|/([a-zA-Z][\w-]*))\]"#;
    ATTRIBUTE = r#"([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))"#;
    IMAGE = r"(?s)(?:<a\s[^>]*>\s*)?<img\s[^>]*>(?:\s*</a>)?";
}

/// Replaces the shortcodes of WordPress itself by HTML. Others are kept as text and added to `lost`.
pub fn expand(text: &str, post: i64, archive: &Archive, lost: &mut BTreeSet<String>) -> String {
    if !text.contains('[') {
        return text.to_owned();
    }
    let text = CAPTION.replace_all(text, |found| {
        let (attributes, inner) = (&found[1], &found[2]);
        let image = IMAGE
            .captures(inner)
            .map_or_else(String::new, |image| image[0].to_owned());
        let caption = inner.replacen(&image, "", 1);
        let caption = match attribute(attributes, "caption") {
            Some(text) if !text.is_empty() => escaped(&text),
            _ => caption.trim().to_owned(),
        };
        format!("<figure>{image}<figcaption>{caption}</figcaption></figure>")
    });
    let text = GALLERY.replace_all(&text, |found| {
        let ids = attribute(&found[1], "ids").or_else(|| attribute(&found[1], "include"));
        let ids: Vec<String> = match ids {
            Some(ids) => ids.split(',').map(|id| id.trim().to_owned()).collect(),
            None => {
                let attached = archive.attached.get(&post);
                attached
                    .into_iter()
                    .flatten()
                    .map(|id| id.to_string())
                    .collect()
            }
        };
        format!(
            "<div data-wp-gallery=\"{}\"></div>",
            escaped(&ids.join(","))
        )
    });
    let text = EMBED.replace_all(&text, |found| format!("\n\n{}\n\n", &found[1]));
    let text = AUDIO_OR_VIDEO.replace_all(&text, |found| {
        let address = [
            "src", "mp3", "m4a", "ogg", "wav", "mp4", "webm", "m4v", "ogv",
        ]
        .iter()
        .find_map(|name| attribute(&found[2], name));
        match address {
            Some(address) => format!("\n\n<a href=\"{0}\">{0}</a>\n\n", escaped(&address)),
            None => found[0].to_owned(),
        }
    });
    for found in ANY_SHORTCODE.captures_iter(&text) {
        let name = found
            .get(1)
            .or(found.get(2))
            .map_or("", |name| name.as_str());
        lost.insert(format!("the shortcode [{name}], which is kept as text"));
    }
    text
}

/// An attribute of a shortcode.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    ATTRIBUTE
        .captures_iter(attributes)
        .find(|found| found[1].eq_ignore_ascii_case(name))
        .and_then(|found| {
            let value = found.get(2).or(found.get(3)).or(found.get(4))?;
            Some(value.as_str().to_owned())
        })
}
