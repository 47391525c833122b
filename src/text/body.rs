//! Splits a body into parts: plain HTML, and markers for pictures, galleries, links and embeds.

use super::{SanitizedHtml, embed::EMBED_HOSTS};

/// A part of a body, in reading order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Html(SanitizedHtml),
    /// A table, which may need horizontal scrolling.
    Table(SanitizedHtml),
    Figure(Figure),
    Gallery {
        caption: String,
        figures: Vec<Figure>,
    },
    /// The id of the article.
    AlsoRead(i64),
    Embed {
        url: String,
        title: String,
    },
}

/// A picture in the text. `None` means the value of the picture in the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub media_id: i64,
    pub alt: Option<String>,
    pub caption: Option<String>,
    pub credit: Option<String>,
}

/// Splits a body into its parts.
pub fn parts(body: &SanitizedHtml) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = body.as_str();
    let mut html = 0;
    let mut from = 0;
    // In sanitized HTML, `<` always starts a tag, and attributes are quoted.
    while let Some(found) = rest[from..].find('<') {
        let at = from + found;
        match table(&rest[at..]).or_else(|| marker(&rest[at..])) {
            Some((part, length)) => {
                push_html(&mut parts, &rest[html..at]);
                parts.push(part);
                rest = &rest[at + length..];
                html = 0;
                from = 0;
            }
            None => from = at + 1,
        }
    }
    push_html(&mut parts, &rest[html..]);
    parts
}

/// The table at the start of `html`, and its length in bytes.
fn table(html: &str) -> Option<(Part, usize)> {
    let length = html
        .starts_with("<table>")
        .then(|| element_length(html, "table"))??;
    Some((Part::Table(SanitizedHtml::piece(&html[..length])), length))
}

fn push_html(parts: &mut Vec<Part>, html: &str) {
    if !html.trim().is_empty() {
        parts.push(Part::Html(SanitizedHtml::piece(html)));
    }
}

/// The marker at the start of `html`, and its length in bytes.
fn marker(html: &str) -> Option<(Part, usize)> {
    if !["<figure ", "<aside ", "<div "]
        .iter()
        .any(|open| html.starts_with(open))
    {
        return None;
    }
    let (tag, tag_length) = open_tag(html)?;
    // Checked before the length, which is expensive: most of these elements are not markers.
    let attribute = match tag.name {
        "figure" => "data-media",
        "aside" => "data-also-read",
        _ if tag.get("data-embed").is_some() => "data-embed",
        _ => "data-gallery",
    };
    let value = tag.get(attribute)?;
    let end = element_length(html, tag.name)?;
    let part = match attribute {
        "data-media" => Part::Figure(tag.figure()?),
        "data-also-read" => Part::AlsoRead(value.parse().ok()?),
        "data-embed" => Part::Embed {
            url: value,
            title: tag.get("data-title").unwrap_or_default(),
        },
        _ => Part::Gallery {
            caption: value,
            figures: figures(&html[tag_length..end]),
        },
    };
    Some((part, end))
}

/// Replaces the markers of a body by the results of `replace`; `None` removes a marker.
pub fn with_markers(
    body: &SanitizedHtml,
    mut replace: impl FnMut(Part) -> Option<Part>,
) -> SanitizedHtml {
    let mut out = String::with_capacity(body.as_str().len());
    let mut rest = body.as_str();
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match marker(rest) {
            Some((part, length)) => {
                if let Some(part) = replace(part) {
                    write(&mut out, &part);
                }
                length
            }
            None => {
                let length = tag_length(rest);
                out.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    SanitizedHtml::new(&out)
}

/// The figures in the content of a gallery.
fn figures(mut html: &str) -> Vec<Figure> {
    let mut figures = Vec::new();
    while let Some(at) = html.find("<figure") {
        html = &html[at..];
        let Some((tag, length)) = open_tag(html) else {
            break;
        };
        figures.extend(tag.figure());
        html = &html[length..];
    }
    figures
}

/// Rewrites every marker in its canonical form, and removes `div`, `figure` and `aside` elements that are not markers.
pub(super) fn normalized(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open_asides = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((part, length)) = marker(rest) {
            write(&mut out, &part);
            rest = &rest[length..];
            continue;
        }
        let length = tag_length(rest);
        let tag = &rest[..length];
        let kept = match tag {
            "</aside>" => open_asides.pop().unwrap_or(false),
            _ if tag.starts_with("<aside") => {
                open_asides.push(tag == "<aside class=\"pull-quote\">");
                open_asides.last().copied().unwrap_or(false)
            }
            _ => !["<div", "</div", "<figure", "</figure"]
                .iter()
                .any(|name| tag.starts_with(name)),
        };
        if kept {
            out.push_str(tag);
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn write(out: &mut String, part: &Part) {
    match part {
        Part::Html(html) | Part::Table(html) => out.push_str(html.as_str()),
        Part::Figure(figure) => write_figure(out, figure),
        Part::Gallery { caption, figures } => {
            // A gallery without pictures is dropped.
            if !figures.is_empty() {
                out.push_str("<div");
                write_attribute(out, "data-gallery", caption);
                out.push('>');
                figures.iter().for_each(|figure| write_figure(out, figure));
                out.push_str("</div>");
            }
        }
        Part::AlsoRead(id) => out.push_str(&format!("<aside data-also-read=\"{id}\"></aside>")),
        Part::Embed { url, title } => {
            out.push_str("<div");
            write_attribute(out, "data-embed", url);
            write_attribute(out, "data-title", title);
            out.push_str("></div>");
        }
    }
}

fn write_figure(out: &mut String, figure: &Figure) {
    out.push_str("<figure");
    write_attribute(out, "data-media", &figure.media_id.to_string());
    for (name, value) in [
        ("data-alt", &figure.alt),
        ("data-caption", &figure.caption),
        ("data-credit", &figure.credit),
    ] {
        if let Some(value) = value {
            write_attribute(out, name, value);
        }
    }
    out.push_str("></figure>");
}

fn write_attribute(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!(" {name}=\""));
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// An opening tag of sanitized HTML.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    /// Names and escaped values.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
}

impl Tag<'_> {
    pub(super) fn get(&self, attribute: &str) -> Option<String> {
        let (_, value) = self
            .attributes
            .iter()
            .find(|(name, _)| *name == attribute)?;
        Some(unescape(value))
    }

    fn figure(&self) -> Option<Figure> {
        Some(Figure {
            media_id: self.get("data-media")?.parse().ok()?,
            alt: self.get("data-alt"),
            caption: self.get("data-caption"),
            credit: self.get("data-credit"),
        })
    }
}

/// The opening tag at the start of `html`, and its length in bytes.
pub(super) fn open_tag(html: &str) -> Option<(Tag<'_>, usize)> {
    let inner = html.strip_prefix('<')?;
    let name_length = inner.find(|c: char| !c.is_ascii_alphanumeric())?;
    let name = Some(&inner[..name_length]).filter(|name| !name.is_empty())?;
    let mut attributes = Vec::new();
    let mut rest = &inner[name_length..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return Some((Tag { name, attributes }, html.len() - after.len()));
        }
        let (attribute, value) = rest.split_once("=\"")?;
        let (value, after) = value.split_once('"')?;
        attributes.push((attribute, value));
        rest = after;
    }
}

/// The length in bytes of the opening or closing tag at the start of `html`. A `>` in an attribute does not end the tag.
pub(super) fn tag_length(html: &str) -> usize {
    let closing = || html.find('>').map_or(html.len(), |close| close + 1);
    open_tag(html).map_or_else(closing, |(_, length)| length)
}

/// The length in bytes of the element at the start of `html`, including its closing tag.
fn element_length(html: &str, name: &str) -> Option<usize> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        at += found;
        if html[at..].starts_with(&close) {
            at += close.len();
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        } else {
            depth += usize::from(html[at..].starts_with(&open));
            at += 1;
        }
    }
    None
}

/// Resolves the character references that the sanitizer writes.
pub(super) fn unescape(text: &str) -> String {
    const REFERENCES: [(&str, &str); 5] = [
        ("&amp;", "&"),
        ("&nbsp;", "\u{a0}"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        unescaped.push_str(&rest[..at]);
        rest = &rest[at..];
        let (reference, character) = REFERENCES
            .into_iter()
            .find(|(reference, _)| rest.starts_with(reference))
            .unwrap_or(("&", "&"));
        unescaped.push_str(character);
        rest = &rest[reference.len()..];
    }
    unescaped.push_str(rest);
    unescaped
}

/// The targets of the links in a body, in order.
pub fn links(body: &SanitizedHtml) -> Vec<String> {
    body.as_str()
        .match_indices("<a ")
        .filter_map(|(at, _)| open_tag(&body.as_str()[at..])?.0.get("href"))
        .collect()
}

/// The address of the player for an embedded page, which a click loads; `None` for unsupported addresses.
pub fn player(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str().filter(|host| EMBED_HOSTS.contains(host))?;
    let id = match host {
        "vimeo.com" | "youtu.be" => url.path().trim_matches('/').to_owned(),
        _ => url
            .query_pairs()
            .find(|(name, _)| name == "v")?
            .1
            .into_owned(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || !id.chars().all(plain) {
        return None;
    }
    Some(match host {
        "vimeo.com" => format!("https://player.vimeo.com/video/{id}?autoplay=1"),
        _ => format!("https://www.youtube-nocookie.com/embed/{id}?autoplay=1"),
    })
}
