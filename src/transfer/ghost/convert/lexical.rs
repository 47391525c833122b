//! Converts the texts of Ghost 5 and 6 (Lexical, a tree in JSON) to HTML.

use quick_xml::escape::escape;
use serde_json::Value;

/// The maximum nesting of nodes; deeper ones are dropped.
const MAX_DEPTH: usize = 64;
/// The bits of the format of a text node.
const STRONG: u64 = 1;
const EMPHASIS: u64 = 2;
const STRUCK: u64 = 4;
const SUBSCRIPT: u64 = 32;
const SUPERSCRIPT: u64 = 64;

/// The HTML of a text. What has no counterpart is added to `missing`.
///
/// # Errors
/// If it is not valid JSON.
pub fn html(lexical: &str, missing: &mut Vec<String>) -> Result<String, serde_json::Error> {
    let tree: Value = serde_json::from_str(lexical)?;
    let mut writer = Writer { missing, depth: 0 };
    Ok(writer.children(&tree["root"]))
}

struct Writer<'a> {
    missing: &'a mut Vec<String>,
    depth: usize,
}

fn text<'v>(node: &'v Value, name: &str) -> &'v str {
    node[name].as_str().unwrap_or_default()
}

fn escaped(node: &Value, name: &str) -> String {
    escape(text(node, name)).into_owned()
}

impl Writer<'_> {
    fn children(&mut self, node: &Value) -> String {
        if self.depth == MAX_DEPTH {
            return String::new();
        }
        self.depth += 1;
        let children = node["children"].as_array();
        let html = children
            .into_iter()
            .flatten()
            .map(|child| self.node(child))
            .collect();
        self.depth -= 1;
        html
    }

    fn node(&mut self, node: &Value) -> String {
        match text(node, "type") {
            "paragraph" => around("p", &self.children(node)),
            "heading" | "extended-heading" => {
                let level = match text(node, "tag") {
                    "h1" | "h2" => "h2",
                    _ => "h3",
                };
                around(level, &self.children(node))
            }
            "quote" | "extended-quote" => {
                let inner = self.children(node);
                format!("<blockquote><p>{inner}</p></blockquote>")
            }
            "aside" => {
                let inner = self.children(node);
                format!("<blockquote class=\"pullquote\"><p>{inner}</p></blockquote>")
            }
            "list" => {
                let inner = self.children(node);
                match (text(node, "listType"), node["start"].as_i64()) {
                    ("number", Some(start)) if start != 1 && !inner.is_empty() => {
                        format!("<ol start=\"{start}\">{inner}</ol>")
                    }
                    ("number", _) => around("ol", &inner),
                    _ => around("ul", &inner),
                }
            }
            "listitem" => around("li", &self.children(node)),
            "text" | "extended-text" => formatted_text(node),
            "linebreak" => "<br>".to_owned(),
            "tab" => " ".to_owned(),
            "link" | "autolink" | "at-link" => {
                let inner = self.children(node);
                format!("<a href=\"{}\">{inner}</a>", escaped(node, "url"))
            }
            "image" => figure(node, text(node, "caption")),
            "gallery" => {
                let images = node["images"].as_array().into_iter().flatten();
                let images: String = images.map(|image| figure(image, "")).collect();
                let caption = text(node, "caption");
                format!(
                    "<figure class=\"kg-gallery-card\">{images}<figcaption>{caption}</figcaption></figure>"
                )
            }
            "html" => text(node, "html").to_owned(),
            "markdown" => {
                self.missing
                    .push("a Markdown card, of which the text is kept".to_owned());
                super::paragraphs(text(node, "markdown"))
            }
            "codeblock" => around("pre", &escaped(node, "code")),
            "embed" => format!("<figure>{}</figure>", escaped(node, "url")),
            "bookmark" => {
                let title = match &node["metadata"]["title"] {
                    Value::String(title) if !title.is_empty() => {
                        escape(title.as_str()).into_owned()
                    }
                    _ => escaped(node, "url"),
                };
                format!("<p><a href=\"{}\">{title}</a></p>", escaped(node, "url"))
            }
            "callout" => around("p", text(node, "calloutText")),
            "toggle" => {
                let heading = around("h3", text(node, "heading"));
                heading + text(node, "content")
            }
            "button" => format!(
                "<p><a href=\"{}\">{}</a></p>",
                escaped(node, "buttonUrl"),
                escaped(node, "buttonText")
            ),
            "video" | "audio" | "file" => {
                let source = escaped(node, "src");
                let title = match (text(node, "fileTitle"), text(node, "title")) {
                    ("", "") => source.clone(),
                    ("", title) | (title, _) => escape(title).into_owned(),
                };
                format!("<p><a href=\"{source}\">{title}</a></p>")
            }
            "header" => {
                around("h2", text(node, "heading")) + &around("p", text(node, "subheading"))
            }
            "horizontalrule" | "paywall" => String::new(),
            other => {
                self.missing.push(format!("a card “{other}”"));
                self.children(node)
            }
        }
    }
}

fn around(name: &str, inner: &str) -> String {
    if inner.is_empty() {
        String::new()
    } else {
        format!("<{name}>{inner}</{name}>")
    }
}

fn formatted_text(node: &Value) -> String {
    let format = node["format"].as_u64().unwrap_or_default();
    let mut html = escaped(node, "text");
    for (bit, name) in [
        (SUBSCRIPT, "sub"),
        (SUPERSCRIPT, "sup"),
        (STRUCK, "s"),
        (EMPHASIS, "em"),
        (STRONG, "strong"),
    ] {
        if format & bit != 0 {
            html = around(name, &html);
        }
    }
    html
}

fn figure(image: &Value, caption: &str) -> String {
    format!(
        "<figure><img src=\"{}\" alt=\"{}\"><figcaption>{caption}</figcaption></figure>",
        escaped(image, "src"),
        escaped(image, "alt")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_links_lists_and_pictures_become_html() {
        let tree = r#"{"root":{"type":"root","children":[
            {"type":"paragraph","children":[
                {"type":"extended-text","text":"A & ","format":0},
                {"type":"extended-text","text":"B","format":3},
                {"type":"extended-text","text":"C","format":4},
                {"type":"link","url":"https://x.example/?a=1&b=2","children":[{"type":"text","text":"link"}]}]},
            {"type":"extended-heading","tag":"h4","children":[{"type":"text","text":"Head"}]},
            {"type":"list","listType":"number","children":[{"type":"listitem","children":[{"type":"text","text":"One"}]}]},
            {"type":"list","listType":"number","start":4,"children":[{"type":"listitem","children":[{"type":"text","text":"Four"}]}]},
            {"type":"image","src":"__GHOST_URL__/content/images/a.jpg","alt":"\"A\"","caption":"<b>c</b>"},
            {"type":"mystery","children":[{"type":"text","text":"kept"}]}]}}"#;
        let mut missing = Vec::new();
        assert_eq!(
            html(tree, &mut missing).unwrap(),
            "<p>A &amp; <strong><em>B</em></strong><s>C</s><a href=\"https://x.example/?a=1&amp;b=2\">link</a></p>\
             <h3>Head</h3><ol><li>One</li></ol><ol start=\"4\"><li>Four</li></ol>\
             <figure><img src=\"__GHOST_URL__/content/images/a.jpg\" alt=\"&quot;A&quot;\"><figcaption><b>c</b></figcaption></figure>kept"
        );
        assert_eq!(missing, ["a card “mystery”"]);
        assert!(html("no tree", &mut missing).is_err());
    }
}
