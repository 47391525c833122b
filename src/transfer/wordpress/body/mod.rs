//! Converts the HTML of WordPress, from the classic or the block editor, to the HTML of article bodies. Elements
//! without a counterpart are replaced by their text and reported.

mod shortcodes;

use std::collections::BTreeSet;

use ego_tree::NodeRef;
use scraper::{Node, node};
use url::Url;

use super::archive::{Archive, path_of, upload_path};
use crate::text::{self, EMBED_HOSTS, SanitizedHtml, pattern::patterns};

/// The maximum nesting of elements; deeper ones are replaced by their text.
const MAX_DEPTH: usize = 200;

/// A converted text, not yet sanitized.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Converted {
    pub html: String,
    /// What has no counterpart here.
    pub lost: BTreeSet<String>,
}

/// Converts the content of a post; `post` is its id in the export.
pub fn convert(content: &str, post: i64, archive: &Archive) -> Converted {
    let is_classic = !content.contains("<!-- wp:");
    let mut lost = BTreeSet::new();
    for found in DYNAMIC_BLOCK.captures_iter(content) {
        lost.insert(format!(
            "the block “{}”, whose content is generated",
            &found[1]
        ));
    }
    let content = shortcodes::expand(content, post, archive, &mut lost);
    let Ok(document) = text::parse(&content) else {
        // Only malicious texts are so complex.
        lost.insert("its markup, which is too complex; the text is kept".to_owned());
        return Converted {
            html: SanitizedHtml::of_text(&content).to_string(),
            lost,
        };
    };
    let mut writer = Writer {
        archive,
        post,
        // WordPress turns the line breaks of classic texts into paragraphs.
        breaks_are_paragraphs: is_classic,
        out: String::with_capacity(content.len()),
        line: String::new(),
        lost,
        depth: 0,
    };
    for child in document.root_element().children() {
        writer.block(child);
    }
    writer.end_line();
    Converted {
        html: writer.out,
        lost: writer.lost,
    }
}

patterns! {
    DYNAMIC_BLOCK = r"<!-- wp:([a-z][a-z0-9/-]*)[^>]*/-->";
    ONLY_URL = r"^\s*(https?://[^\s<>\x22]+)\s*$";
    ANCHOR = r"<span id=\x22[^\x22]*\x22></span>";
}

/// Escapes text for HTML content and attributes.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

struct Writer<'a> {
    archive: &'a Archive,
    /// The id of the post in the export.
    post: i64,
    breaks_are_paragraphs: bool,
    out: String,
    /// The current paragraph.
    line: String,
    lost: BTreeSet<String>,
    depth: usize,
}

type NodeOf<'a> = NodeRef<'a, Node>;

impl Writer<'_> {
    /// Writes the current paragraph unless it is empty.
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim().trim_end_matches("<br>").trim();
        let bare = without_anchors(line);
        if bare.is_empty() || bare == "&nbsp;" {
            self.end_anchors(line);
            return;
        }
        match ONLY_URL.captures(&bare) {
            // A line that consists of an address is an embed.
            Some(found) => {
                self.end_anchors(line);
                self.embed(&found[1].replace("&amp;", "&"));
            }
            None => self.out += &format!("<p>{line}</p>\n"),
        }
    }

    /// Keeps the ids of an empty text for the next paragraph.
    fn end_anchors(&mut self, text: &str) {
        let anchors = ANCHOR.captures_iter(text);
        self.out.extend(anchors.map(|found| found[0].to_owned()));
    }

    fn embed(&mut self, address: &str) {
        let host = Url::parse(address)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        if EMBED_HOSTS.contains(&host.as_str()) {
            let address = address.replacen("http://", "https://", 1);
            let address = escaped(&address);
            self.out += &format!("<div data-embed=\"{address}\" data-title=\"\"></div>\n");
        } else {
            let shown = escaped(address);
            self.out += &format!("<p><a href=\"{shown}\">{shown}</a></p>\n");
            if !host.is_empty() && !self.archive.hosts.contains(&host) {
                self.lost
                    .insert(format!("the embed from {host}, which became a link"));
            }
        }
    }

    /// Converts a node in block context.
    fn block(&mut self, node: NodeOf<'_>) {
        match node.value() {
            Node::Text(text) => self.text(&text.text),
            Node::Element(element) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    self.line += &escaped(&text_of(node));
                } else {
                    self.element(node, element);
                }
                self.depth -= 1;
            }
            _ => {}
        }
    }

    fn blocks(&mut self, node: NodeOf<'_>) {
        for child in node.children() {
            self.block(child);
        }
    }

    /// Converts text in block context. In a classic text an empty line ends the paragraph.
    fn text(&mut self, text: &str) {
        if !self.breaks_are_paragraphs {
            self.line += &escaped(text);
            return;
        }
        let text = text.replace("\r\n", "\n");
        let mut paragraphs = text.split("\n\n").peekable();
        while let Some(paragraph) = paragraphs.next() {
            let mut lines = paragraph.split('\n').peekable();
            while let Some(line) = lines.next() {
                self.line += &escaped(line);
                if lines.peek().is_some() && !self.line.trim().is_empty() {
                    self.line += "<br>";
                }
            }
            if paragraphs.peek().is_some() {
                self.end_line();
            }
        }
    }

    fn element(&mut self, node: NodeOf<'_>, element: &node::Element) {
        if let Some(level) = heading_level(element.name()) {
            self.end_line();
            let text = self.inline_of(node);
            if without_anchors(&text).is_empty() {
                self.end_anchors(&text);
            } else {
                let id = attributes(element, &["id"]);
                self.out += &format!("<{level}{id}>{}</{level}>\n", text.trim());
            }
            return;
        }
        if !is_inline(element.name()) {
            let anchor = anchor(element);
            if !anchor.is_empty() {
                self.end_line();
                self.out += &anchor;
            }
        }
        match element.name() {
            "p" | "address" | "dd" | "summary" => {
                self.end_line();
                self.blocks(node);
                self.end_line();
            }
            "dt" => {
                self.end_line();
                let text = self.inline_of(node);
                self.out += &format!("<p><strong>{}</strong></p>\n", text.trim());
            }
            // The first versions of the gallery block used a list.
            "ul" if has_class(element, "gallery") => {
                self.end_line();
                self.figure(node, element);
            }
            "ul" | "ol" => {
                self.end_line();
                let list = self.list(node, element);
                self.out += &list;
            }
            "table" => {
                self.end_line();
                let table = self.table(node);
                self.out += &table;
            }
            "pre" => {
                self.end_line();
                let text = text_of(node);
                let lines: Vec<String> = text.trim_matches('\n').split('\n').map(escaped).collect();
                self.out += &format!("<p>{}</p>\n", lines.join("<br>"));
            }
            "blockquote" => {
                self.end_line();
                let class = has_class(element, "pullquote");
                self.quote(node, class);
            }
            "figure" if has_class(element, "pullquote") => {
                self.end_line();
                self.quote(node, true);
            }
            "figure" => {
                self.end_line();
                self.figure(node, element);
            }
            "div" if element.attr("data-wp-gallery").is_some() => {
                self.end_line();
                let ids = element.attr("data-wp-gallery").unwrap_or_default();
                let figures: Vec<String> = ids
                    .split(',')
                    .filter_map(|id| id.parse().ok())
                    .filter_map(|id: i64| self.archive.media.get(&id))
                    .map(|media| format!("<figure data-media=\"{media}\"></figure>"))
                    .collect();
                if figures.is_empty() {
                    self.lost
                        .insert("a gallery, whose pictures were not imported".to_owned());
                }
                self.gallery(&figures, "");
            }
            "div" if has_class(element, "wp-caption") => {
                self.end_line();
                self.figure(node, element);
            }
            "img" => {
                let picture = self.picture(element, None);
                self.end_line();
                self.out += &picture;
            }
            "iframe" | "embed" | "object" | "video" | "audio" | "source" => {
                self.end_line();
                let address = element
                    .attr("src")
                    .or_else(|| element.attr("data"))
                    .map(str::to_owned)
                    .or_else(|| first_attribute(node, "source", "src"));
                match address {
                    Some(address) => self.embed(&page_of_player(&address)),
                    None => self.blocks(node),
                }
            }
            "hr" | "input" | "select" | "button" | "textarea" | "noscript" | "template" => {
                self.end_line();
            }
            "script" | "style" => {}
            name if is_inline(name) => {
                // A linked picture becomes a picture.
                if name != "br" && first_element(node, "img").is_some() {
                    self.line += &anchor(element);
                    self.blocks(node);
                } else {
                    let inline = self.inline(node);
                    self.line += &inline;
                }
            }
            _ => {
                self.end_line();
                self.blocks(node);
                self.end_line();
            }
        }
    }

    fn inline_of(&mut self, node: NodeOf<'_>) -> String {
        node.children().map(|child| self.inline(child)).collect()
    }

    /// Converts a node in inline context.
    fn inline(&mut self, node: NodeOf<'_>) -> String {
        let element = match node.value() {
            Node::Text(text) => {
                let text = escaped(&text.text);
                return if self.breaks_are_paragraphs {
                    text.replace("\r\n", "\n").replace('\n', "<br>")
                } else {
                    text
                };
            }
            Node::Element(element) => element,
            _ => return String::new(),
        };
        self.depth += 1;
        let inner = if self.depth > MAX_DEPTH {
            escaped(&text_of(node))
        } else {
            self.inline_of(node)
        };
        self.depth -= 1;
        let is_struck = element
            .attr("style")
            .is_some_and(|style| style.contains("line-through"));
        let inner = if is_struck {
            around("s", &inner)
        } else {
            inner
        };
        let html = match element.name() {
            "em" | "i" | "dfn" => around("em", &inner),
            "strong" | "b" => around("strong", &inner),
            "s" | "del" | "strike" if !is_struck => around("s", &inner),
            "sub" | "sup" | "cite" => around(element.name(), &inner),
            "q" => format!("“{inner}”"),
            "br" => "<br>".to_owned(),
            "a" => match element.attr("href").map(|to| self.link(to)) {
                Some(to) if !to.is_empty() && !inner.is_empty() => {
                    format!("<a href=\"{}\">{inner}</a>", escaped(&to))
                }
                _ => inner,
            },
            "img" => {
                let alt = element.attr("alt").unwrap_or_default();
                self.lost
                    .insert("an inline picture, of which the alternative text is kept".to_owned());
                escaped(alt)
            }
            "script" | "style" => String::new(),
            _ => inner,
        };
        anchor(element) + &html
    }

    fn list(&mut self, node: NodeOf<'_>, element: &node::Element) -> String {
        let name = element.name();
        self.depth += 1;
        let mut list = format!(
            "<{name}{}>",
            attributes(element, &["start", "reversed", "type"])
        );
        for item in node.children() {
            match item.value() {
                Node::Element(element) if element.name() == "li" => {
                    let (text, below) = self.item(item);
                    list += &format!(
                        "<li{}>{text}{below}</li>",
                        attributes(element, &["id", "value"]),
                    );
                }
                // A list that belongs to the item before it, as in many old texts.
                Node::Element(element)
                    if ["ul", "ol"].contains(&element.name()) && self.depth < MAX_DEPTH =>
                {
                    let below = self.list(item, element);
                    if list.ends_with("</li>") {
                        list.truncate(list.len() - "</li>".len());
                    } else {
                        list += "<li>";
                    }
                    list += &format!("{below}</li>");
                }
                _ => {
                    let text = self.inline(item);
                    let text = text.trim().trim_end_matches("<br>").trim();
                    if !text.is_empty() {
                        list += &format!("<li>{text}</li>");
                    }
                }
            }
        }
        self.depth -= 1;
        list + &format!("</{name}>\n")
    }

    /// The text of an item, and the lists below it.
    fn item(&mut self, item: NodeOf<'_>) -> (String, String) {
        let mut text = String::new();
        let mut below = String::new();
        for child in item.children() {
            match child.value() {
                Node::Element(inner)
                    if ["ul", "ol"].contains(&inner.name()) && self.depth < MAX_DEPTH =>
                {
                    below += &self.list(child, inner);
                }
                Node::Element(inner) if ["p", "div"].contains(&inner.name()) => {
                    if !text.trim().is_empty() {
                        text += "<br>";
                    }
                    text += &anchor(inner);
                    text += self.inline_of(child).trim();
                }
                _ => text += &self.inline(child),
            }
        }
        let text = text.trim().trim_end_matches("<br>").trim();
        (text.to_owned(), below)
    }

    fn table(&mut self, node: NodeOf<'_>) -> String {
        let mut rows = String::new();
        for row in node.descendants().filter(|inner| is(*inner, "tr")) {
            let mut cells = String::new();
            for cell in row.children() {
                if let Node::Element(element) = cell.value()
                    && ["td", "th"].contains(&element.name())
                {
                    let name = element.name();
                    let spans: String = ["colspan", "rowspan", "scope"]
                        .iter()
                        .filter_map(|span| Some((span, element.attr(span)?)))
                        .map(|(span, value)| format!(" {span}=\"{}\"", escaped(value)))
                        .collect();
                    let text = self.inline_of(cell);
                    let text = text.trim().trim_matches('\n');
                    cells += &format!("<{name}{spans}>{text}</{name}>");
                }
            }
            rows += &format!("<tr>{cells}</tr>");
        }
        if rows.is_empty() {
            return String::new();
        }
        format!("<table><tbody>{rows}</tbody></table>\n")
    }

    fn quote(&mut self, node: NodeOf<'_>, is_pulled: bool) {
        let outer = std::mem::take(&mut self.out);
        self.blocks(node);
        self.end_line();
        let inner = std::mem::replace(&mut self.out, outer);
        let inner = inner.trim();
        if inner.is_empty() {
            return;
        }
        self.out += &if is_pulled {
            format!("<aside class=\"pull-quote\">{inner}</aside>\n")
        } else {
            format!("<blockquote>{inner}</blockquote>\n")
        };
    }

    fn figure(&mut self, node: NodeOf<'_>, element: &node::Element) {
        let captions: Vec<NodeOf<'_>> = node
            .descendants()
            .filter(|inner| is(*inner, "figcaption") || is_with_class(*inner, "wp-caption-text"))
            .collect();
        let pictures: Vec<(NodeOf<'_>, &node::Element)> = node
            .descendants()
            .filter_map(|inner| match inner.value() {
                Node::Element(element) if element.name() == "img" => Some((inner, element)),
                _ => None,
            })
            .collect();
        let is_gallery = has_class(element, "gallery") || pictures.len() > 1;
        // A gallery has a caption, and so has each picture.
        let caption_of = |item: NodeOf<'_>| {
            captions
                .iter()
                .rfind(|caption| !is_gallery || item_of(**caption, node) == item)
                .map(|caption| text_of(*caption).trim().to_owned())
                .unwrap_or_default()
        };
        let caption = caption_of(node);
        if let [(_, only)] = pictures.as_slice()
            && !is_gallery
        {
            let picture = self.picture(only, Some(&caption));
            self.out += &picture;
        } else if is_gallery && !pictures.is_empty() {
            let figures: Vec<String> = pictures
                .iter()
                .map(|(inner, picture)| {
                    let item = item_of(*inner, node);
                    let caption = (item != node).then(|| caption_of(item));
                    self.picture(picture, caption.as_deref())
                })
                .collect();
            let (there, others): (Vec<_>, Vec<_>) = figures
                .into_iter()
                .partition(|figure| figure.starts_with("<figure"));
            self.gallery(&there, &caption);
            self.out += &others.concat();
        } else {
            // A video, a table or a quotation, or an address to embed.
            let address = text_of(node).replace(&caption, "");
            match ONLY_URL.captures(&address) {
                Some(found) => self.embed(&found[1]),
                None => {
                    self.blocks_except(node, "figcaption");
                    self.end_line();
                }
            }
            self.out += &caption_paragraph(&caption);
        }
    }

    fn blocks_except(&mut self, node: NodeOf<'_>, name: &str) {
        for child in node.children().filter(|child| !is(*child, name)) {
            self.block(child);
        }
    }

    fn gallery(&mut self, figures: &[String], caption: &str) {
        if figures.is_empty() {
            self.out += &caption_paragraph(caption);
            return;
        }
        self.out += &format!(
            "<div data-gallery=\"{}\">{}</div>\n",
            escaped(caption),
            figures.concat()
        );
    }

    /// An imported picture, or a link to its old address.
    fn picture(&mut self, element: &node::Element, caption: Option<&str>) -> String {
        let source = element.attr("src").unwrap_or_default();
        let alt = element.attr("alt").unwrap_or_default();
        let by_id = element.classes().find_map(|class| {
            let id = class.strip_prefix("wp-image-")?.parse().ok()?;
            self.archive.media.get(&id)
        });
        let media = by_id.or_else(|| self.archive.media_at(source)).copied();
        let caption = caption.filter(|caption| !caption.is_empty());
        let Some(media) = media else {
            if source.is_empty() {
                return String::new();
            }
            self.lost.insert(format!(
                "the picture {source}, which was not imported and became a link"
            ));
            let text = if alt.is_empty() { caption } else { Some(alt) };
            let mut link = format!(
                "<p><a href=\"{}\">{}</a></p>\n",
                escaped(source),
                escaped(text.unwrap_or(source))
            );
            if let Some(caption) = caption.filter(|_| caption != text) {
                link += &caption_paragraph(caption);
            }
            return link;
        };
        let mut figure = format!("<figure data-media=\"{media}\"");
        if !alt.is_empty() {
            figure += &format!(" data-alt=\"{}\"", escaped(alt));
        }
        if let Some(caption) = caption {
            figure += &format!(" data-caption=\"{}\"", escaped(caption));
        }
        figure + "></figure>\n"
    }

    /// The target of a link on this site.
    fn link(&self, to: &str) -> String {
        let to = to.trim();
        let Ok(url) = Url::parse(to) else {
            return to.to_owned();
        };
        let is_ours = url
            .host_str()
            .is_some_and(|host| self.archive.hosts.iter().any(|ours| ours == host));
        if !is_ours || upload_path(to).is_some() {
            return to.to_owned();
        }
        let id = url
            .query_pairs()
            .find(|(name, _)| name == "p" || name == "page_id")
            .and_then(|(_, id)| id.parse::<i64>().ok());
        let path = match id.and_then(|id| self.archive.paths.get(&id)) {
            Some(path) => path.clone(),
            None => path_of(&url),
        };
        match url.fragment() {
            // A table of contents.
            Some(fragment) if self.archive.paths.get(&self.post) == Some(&path) => {
                format!("#{fragment}")
            }
            Some(fragment) => format!("{path}#{fragment}"),
            None => path,
        }
    }
}

/// Converts the address of an embedded player to that of its page.
fn page_of_player(address: &str) -> String {
    let address = if address.starts_with("//") {
        format!("https:{address}")
    } else {
        address.to_owned()
    };
    if let Some((_, rest)) = address.split_once("youtube.com/embed/") {
        let id = rest.split(['?', '/', '&']).next().unwrap_or_default();
        return format!("https://www.youtube.com/watch?v={id}");
    }
    if let Some((_, rest)) = address.split_once("player.vimeo.com/video/") {
        let id = rest.split(['?', '/', '&']).next().unwrap_or_default();
        return format!("https://vimeo.com/{id}");
    }
    address
}

/// The element that headings of this name become; `None` if it is not one.
fn heading_level(name: &str) -> Option<&'static str> {
    match name {
        "h1" | "h2" => Some("h2"),
        "h3" | "h4" | "h5" | "h6" => Some("h3"),
        _ => None,
    }
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "br"
            | "cite"
            | "code"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
    )
}

/// Carries the id of an element. The sanitizer moves it to the paragraph, heading or item that it is in, or to the next
/// one.
fn anchor(element: &node::Element) -> String {
    let name = match element.name() {
        "a" => element.attr("id").or_else(|| element.attr("name")),
        _ => element.attr("id"),
    };
    name.filter(|name| !name.trim().is_empty())
        .map(|name| format!("<span id=\"{}\"></span>", escaped(name)))
        .unwrap_or_default()
}

fn without_anchors(text: &str) -> String {
    let text = if text.contains("<span id=") {
        ANCHOR.replace_all(text, |_| String::new())
    } else {
        text.to_owned()
    };
    text.trim().trim_end_matches("<br>").trim().to_owned()
}

/// Attributes of an element, as HTML.
fn attributes(element: &node::Element, names: &[&str]) -> String {
    names
        .iter()
        .filter_map(|name| Some((name, element.attr(name)?)))
        .map(|(name, value)| format!(" {name}=\"{}\"", escaped(value)))
        .collect()
}

fn around(name: &str, inner: &str) -> String {
    if without_anchors(inner).is_empty() {
        inner.to_owned()
    } else {
        format!("<{name}>{inner}</{name}>")
    }
}

fn is(node: NodeOf<'_>, name: &str) -> bool {
    matches!(node.value(), Node::Element(element) if element.name() == name)
}

/// A caption without a picture.
fn caption_paragraph(caption: &str) -> String {
    if caption.is_empty() {
        return String::new();
    }
    format!("<p><em>{}</em></p>\n", escaped(caption))
}

/// The gallery item that contains a picture or a caption, or the figure itself.
fn item_of<'a>(inner: NodeOf<'a>, figure: NodeOf<'a>) -> NodeOf<'a> {
    inner
        .ancestors()
        .take_while(|outer| *outer != figure)
        .find(|outer| ["figure", "li", "dl"].iter().any(|name| is(*outer, name)))
        .unwrap_or(figure)
}

fn is_with_class(node: NodeOf<'_>, class: &str) -> bool {
    matches!(node.value(), Node::Element(element) if has_class(element, class))
}

/// Whether a class of the element contains this text.
fn has_class(element: &node::Element, part: &str) -> bool {
    element.classes().any(|class| class.contains(part))
}

fn first_element<'t>(node: NodeOf<'t>, name: &str) -> Option<NodeOf<'t>> {
    node.descendants().find(|inner| is(*inner, name))
}

fn first_attribute(node: NodeOf<'_>, element: &str, attribute: &str) -> Option<String> {
    match first_element(node, element)?.value() {
        Node::Element(element) => element.attr(attribute).map(str::to_owned),
        _ => None,
    }
}

/// The text of a node and its descendants.
fn text_of(node: NodeOf<'_>) -> String {
    node.descendants()
        .filter_map(|inner| match inner.value() {
            Node::Text(text) => Some(&*text.text),
            Node::Element(element) if element.name() == "br" => Some("\n"),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::text::SanitizedHtml;

    fn archive() -> Archive {
        Archive {
            hosts: vec!["old.example".to_owned(), "www.old.example".to_owned()],
            media_by_upload: HashMap::from([("2020/01/bridge.jpg".to_owned(), 7)]),
            media: HashMap::from([(70, 7), (80, 8)]),
            attached: HashMap::from([(5, vec![70, 80])]),
            paths: HashMap::from([(12, "/2020/01/the-bridge".to_owned())]),
            new: HashSet::new(),
        }
    }

    /// The converted text. Sanitizing must not change it.
    fn html(content: &str) -> String {
        let converted = convert(content, 5, &archive()).html;
        let clean = SanitizedHtml::new(&converted);
        let squeeze = |text: &str| text.replace('\n', "");
        assert_eq!(squeeze(clean.as_str()), squeeze(&converted));
        squeeze(&converted)
    }

    #[test]
    fn empty_lines_of_classic_texts_separate_paragraphs() {
        assert_eq!(
            html("One\nstill one\r\n\r\nTwo <b>bold</b> &amp; more\n\n\n\n<h4>Head</h4>\nThree"),
            "<p>One<br>still one</p><p>Two <strong>bold</strong> &amp; more</p><h3>Head</h3><p>Three</p>"
        );
        assert_eq!(
            html("<div>bare <i>words</i></div>tail"),
            "<p>bare <em>words</em></p><p>tail</p>"
        );
        assert_eq!(html("&nbsp;\n\n<p></p>"), "");
    }

    #[test]
    fn blocks_are_converted() {
        assert_eq!(
            html(
                "<!-- wp:paragraph -->\n<p>One\ntwo</p>\n<!-- /wp:paragraph -->\n\n\
                 <!-- wp:quote --><blockquote class=\"wp-block-quote\"><p>Said</p><cite>She</cite></blockquote><!-- /wp:quote -->\
                 <!-- wp:pullquote --><figure class=\"wp-block-pullquote\"><blockquote><p>Loud</p></blockquote></figure><!-- /wp:pullquote -->\
                 <!-- wp:list --><ul><li>a<ul><li>b</li></ul></li></ul><!-- /wp:list -->"
            ),
            "<p>Onetwo</p><blockquote><p>Said</p><p><cite>She</cite></p></blockquote>\
             <aside class=\"pull-quote\"><blockquote><p>Loud</p></blockquote></aside>\
             <ul><li>a<ul><li>b</li></ul></li></ul>"
        );
    }

    #[test]
    fn pictures_are_found_by_id_and_by_the_address_of_any_size() {
        let figure =
            "<figure data-media=\"7\" data-alt=\"A bridge\" data-caption=\"The bridge\"></figure>";
        for picture in [
            "[caption id=\"a\" width=\"300\"]<a href=\"x\"><img class=\"wp-image-70\" src=\"http://old.example/x.jpg\" alt=\"A bridge\" /></a> The bridge[/caption]",
            "[caption caption=\"The bridge\"]<img src=\"https://old.example/wp-content/uploads/2020/01/bridge-300x200.jpg\" alt=\"A bridge\">[/caption]",
            "<!-- wp:image {\"id\":70} --><figure class=\"wp-block-image\"><img src=\"y.jpg\" alt=\"A bridge\" class=\"wp-image-70\"/><figcaption>The bridge</figcaption></figure><!-- /wp:image -->",
        ] {
            assert_eq!(html(picture), figure, "{picture}");
        }
        assert_eq!(
            html("before <img class=\"wp-image-80\" src=\"z.jpg\"> after"),
            "<p>before</p><figure data-media=\"8\"></figure><p>after</p>"
        );
        assert_eq!(html("[gallery]"), html("[gallery ids=\"70, 80\"]"));
        assert_eq!(
            html("[gallery columns=\"2\"]"),
            "<div data-gallery=\"\"><figure data-media=\"7\"></figure><figure data-media=\"8\"></figure></div>"
        );
        let said_of_one = "<figure><img class=\"wp-image-80\" src=\"z.jpg\"/><figcaption>Of one</figcaption></figure>";
        let gallery = "<div data-gallery=\"Of all\"><figure data-media=\"7\"></figure><figure data-media=\"8\" data-caption=\"Of one\"></figure></div>";
        for blocks in [
            format!(
                "<figure class=\"wp-block-gallery\"><ul class=\"blocks-gallery-grid\"><li><figure><img class=\"wp-image-70\" src=\"y.jpg\"/></figure></li><li>{said_of_one}</li></ul><figcaption>Of all</figcaption></figure>"
            ),
            format!(
                "<figure class=\"wp-block-gallery\"><figure><img class=\"wp-image-70\" src=\"y.jpg\"/></figure>{said_of_one}<figcaption>Of all</figcaption></figure>"
            ),
        ] {
            assert_eq!(html(&blocks), gallery, "{blocks}");
        }
        assert_eq!(
            html(&format!(
                "<ul class=\"wp-block-gallery\"><li class=\"blocks-gallery-item\">{said_of_one}</li></ul>"
            )),
            "<div data-gallery=\"\"><figure data-media=\"8\" data-caption=\"Of one\"></figure></div>"
        );
        let gone = convert(
            "<img src=\"https://old.example/gone.png\" alt=\"Gone\">",
            5,
            &archive(),
        );
        assert_eq!(
            gone.html.trim(),
            "<p><a href=\"https://old.example/gone.png\">Gone</a></p>"
        );
        assert_eq!(gone.lost.len(), 1);
        assert_eq!(
            html(
                "<figure><img src=\"https://old.example/gone.png\" alt=\"Gone\"><figcaption>It was here</figcaption></figure>"
            ),
            "<p><a href=\"https://old.example/gone.png\">Gone</a></p><p><em>It was here</em></p>"
        );
    }

    #[test]
    fn internal_links_become_relative() {
        for (old, new) in [
            ("https://old.example/?p=12", "/2020/01/the-bridge"),
            (
                "http://www.old.example/2019/05/caf%C3%A9/#end",
                "/2019/05/café#end",
            ),
            (
                "https://elsewhere.example/x/",
                "https://elsewhere.example/x/",
            ),
            ("mailto:a@b.example", "mailto:a@b.example"),
        ] {
            assert_eq!(
                html(&format!("<a href=\"{old}\">x</a>")),
                format!("<p><a href=\"{new}\">x</a></p>")
            );
        }
    }

    #[test]
    fn videos_are_embedded_and_other_players_become_links() {
        let film = "<div data-embed=\"https://www.youtube.com/watch?v=abc\" data-title=\"\"></div>";
        for embed in [
            "https://www.youtube.com/watch?v=abc",
            "[embed width=\"3\"]https://www.youtube.com/watch?v=abc[/embed]",
            "<iframe src=\"https://www.youtube.com/embed/abc?rel=0\"></iframe>",
            "<!-- wp:embed {\"url\":\"x\"} --><figure class=\"wp-block-embed\"><div class=\"wp-block-embed__wrapper\">\nhttps://www.youtube.com/watch?v=abc\n</div></figure><!-- /wp:embed -->",
        ] {
            assert_eq!(html(embed), film, "{embed}");
        }
        let tweet = convert("https://twitter.com/a/status/1", 5, &archive());
        assert!(
            tweet
                .html
                .contains("<a href=\"https://twitter.com/a/status/1\">")
        );
        assert_eq!(tweet.lost.len(), 1);
    }

    #[test]
    fn struck_text_stays_struck() {
        for struck in [
            "<s>gone</s>",
            "<del datetime=\"2020-01-01\">gone</del>",
            "<strike>gone</strike>",
            "<span style=\"text-decoration: line-through;\">gone</span>",
            "<del style=\"text-decoration:line-through\">gone</del>",
        ] {
            assert_eq!(
                html(&format!("It is {struck} here")),
                "<p>It is <s>gone</s> here</p>"
            );
        }
    }

    #[test]
    fn lists_keep_their_numbers_and_lists_between_items() {
        assert_eq!(
            html(
                "<!-- wp:list --><ol start=\"5\" type=\"a\" reversed=\"\"><li value=\"9\">a</li>\
                 <ol><li>b</li></ol><li>c</li></ol><ul><ul><li>d</li></ul>e</ul><!-- /wp:list -->"
            ),
            "<ol start=\"5\" reversed=\"\" type=\"a\"><li value=\"9\">a<ol><li>b</li></ol></li><li>c</li></ol>\
             <ul><li><ul><li>d</li></ul></li><li>e</li></ul>"
        );
    }

    #[test]
    fn notes_and_tables_of_contents_keep_their_targets() {
        let sanitized = |content: &str| {
            let converted = convert(content, 12, &archive());
            SanitizedHtml::new(&converted.html)
                .as_str()
                .replace('\n', "")
        };
        assert_eq!(
            sanitized(
                "<p><a href=\"https://old.example/?p=12#h\">One</a></p><h2><span id=\"h\">One</span></h2><h4 id=\"i\">Two</h4>\
                 <p id=\"p\">Text<a href=\"#_ftn1\" name=\"_ftnref1\">[1]</a></p>\
                 <ol><li id=\"_ftn1\">Note <a href=\"#_ftnref1\">back</a></li></ol>"
            ),
            "<p><a href=\"#text-h\">One</a></p><h2 id=\"text-h\">One</h2><h3 id=\"text-i\">Two</h3>\
             <p id=\"text-_ftnref1\">Text<a href=\"#text-_ftn1\">[1]</a></p>\
             <ol><li id=\"text-_ftn1\">Note <a href=\"#text-_ftnref1\">back</a></li></ol>"
        );
        // An anchor on a line of its own belongs to what follows.
        assert_eq!(
            sanitized(
                "<a name=\"a\"></a>\n\nOne <a href=\"#a\">up</a>\n\n<div id=\"b\"></div><blockquote>Two</blockquote><a href=\"#b\">b</a>"
            ),
            "<p id=\"text-a\">One <a href=\"#text-a\">up</a></p>\
             <blockquote><p id=\"text-b\">Two</p></blockquote><p><a href=\"#text-b\">b</a></p>"
        );
        // An address with an id is still an embed.
        assert!(
            sanitized("<p id=\"v\">https://www.youtube.com/watch?v=abc</p>")
                .starts_with("<div data-embed")
        );
    }

    #[test]
    fn unknown_elements_keep_their_text_and_are_reported() {
        let form = convert(
            "See [contact-form-7 id=\"4\"] and [sic] and <!-- wp:latest-posts /-->",
            5,
            &archive(),
        );
        assert!(
            form.html.contains("[contact-form-7 id=\"4\"]")
                || form.html.contains("[contact-form-7 id=&quot;4&quot;]")
        );
        assert_eq!(form.lost.len(), 2, "{:?}", form.lost);
        assert_eq!(
            html("<script>alert(1)</script><p onclick=\"x\">fine</p>"),
            "<p>fine</p>"
        );
    }

    #[test]
    fn deeply_nested_texts_are_converted_to_plain_text() {
        let deep = format!(
            "{}word{}",
            "<div><b>".repeat(20_000),
            "</b></div>".repeat(20_000)
        );
        assert!(convert(&deep, 5, &archive()).html.contains("word"));
    }
}
