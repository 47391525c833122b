//! Collapses the whitespace of a template that only serves its readability: line breaks and indentation.
//!
//! A run of whitespace without a line break is never changed. A run with one is
//! - removed beside a block-level tag, because browsers ignore it there, and at the edges of a `{% block %}` or
//!   `{% macro %}`, so that these do not add whitespace where they are used;
//! - removed on the side of a trim marker (`{%-`, `-%}`), as Askama does itself;
//! - one space everywhere else, between words and inline elements.
//!
//! Between the attributes of a tag it becomes one space, before the tag's `>` nothing. Attribute values, Askama's own
//! tags and the contents of `pre`, `script`, `style` and `textarea` are unchanged.
//!
//! What is removed is left inside an Askama comment: it prints nothing, and the line numbers of Askama's errors stay
//! those of the template.

/// Tags beside which browsers ignore whitespace, and those of drawings, where it has no meaning.
const BLOCK_TAGS: &[&str] = &[
    "!doctype",
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "circle",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "h{{",
    "head",
    "header",
    "hr",
    "html",
    "image",
    "legend",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "path",
    "polyline",
    "pre",
    "rect",
    "script",
    "section",
    "source",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Elements whose contents are copied as they are.
const VERBATIM_TAGS: &[&str] = &["pre", "script", "style", "textarea"];

/// Askama's tags beside which whitespace is not part of the text.
const BOUNDARY_TAGS: &[&str] = &[
    "block", "endblock", "endmacro", "extends", "import", "macro",
];

/// What is next to a run of whitespace.
#[derive(Clone, Copy, PartialEq)]
enum Edge {
    /// A block-level tag, a boundary, or the beginning or end of the template.
    Block,
    /// A trim marker.
    Trim,
    /// Text, an inline element, any other tag of Askama.
    Inline,
}

/// The template without insignificant whitespace.
pub fn collapse(template: &str) -> String {
    let mut collapsed = String::with_capacity(template.len());
    let mut rest = template;
    let mut before = Edge::Block;
    while !rest.is_empty() {
        let run = whitespace_length(rest);
        if run > 0 {
            let (whitespace, after) = rest.split_at(run);
            push_run(&mut collapsed, whitespace, before, edge_at(after));
            rest = after;
            continue;
        }
        let (length, edge) = token(rest);
        let (text, after) = rest.split_at(length);
        if is_tag(text) {
            push_tag(&mut collapsed, text);
        } else {
            collapsed.push_str(text);
        }
        before = edge;
        rest = after;
    }
    collapsed
}

/// A run of whitespace between two tokens, or between two attributes of a tag.
fn push_run(collapsed: &mut String, whitespace: &str, before: Edge, after: Edge) {
    if !whitespace.contains('\n') {
        collapsed.push_str(whitespace);
        return;
    }
    if before == Edge::Inline && after == Edge::Inline {
        collapsed.push(' ');
    }
    collapsed.push_str("{#");
    collapsed.extend(whitespace.chars().filter(|c| *c == '\n'));
    collapsed.push_str("#}");
}

fn whitespace_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_whitespace())
        .unwrap_or(text.len())
}

/// The edge that the token at the beginning of `text` has on its left.
fn edge_at(text: &str) -> Edge {
    if text.is_empty() {
        return Edge::Block;
    }
    if askama_length(text).is_some() && text.as_bytes().get(2) == Some(&b'-') {
        return Edge::Trim;
    }
    let (length, _) = token(text);
    kind(&text[..length])
}

/// The edge on the right of a tag of Askama.
fn edge_after(tag: &str) -> Edge {
    let has_marker = ["-%}", "-}}", "-#}"].iter().any(|end| tag.ends_with(end));
    if has_marker { Edge::Trim } else { kind(tag) }
}

/// The kind of a token, ignoring its trim markers.
fn kind(token: &str) -> Edge {
    let is_block = if token.starts_with("{%") {
        BOUNDARY_TAGS.contains(&askama_word(token))
    } else {
        is_tag(token) && BLOCK_TAGS.contains(&tag_name(token).as_str())
    };
    if is_block { Edge::Block } else { Edge::Inline }
}

/// The length of the token at the beginning of `text`, which is not whitespace, and the edge on its right.
fn token(text: &str) -> (usize, Edge) {
    if let Some(length) = askama_length(text) {
        return (length, edge_after(&text[..length]));
    }
    if is_tag(text) {
        let name = tag_name(text);
        let mut length = tag_length(text);
        if VERBATIM_TAGS.contains(&name.as_str()) && !text.starts_with("</") {
            let end = format!("</{name}>");
            length = text[length..]
                .find(&end)
                .map_or(text.len(), |at| length + at + end.len());
        }
        return (length, kind(&text[..length]));
    }
    // Text: up to whitespace, a tag, or a tag of Askama.
    let mut starts = text.char_indices().skip(1).map(|(at, _)| at);
    let end = starts.find(|at| {
        let rest = &text[*at..];
        rest.starts_with(|c: char| c.is_ascii_whitespace())
            || is_tag(rest)
            || askama_length(rest).is_some()
    });
    (end.unwrap_or(text.len()), Edge::Inline)
}

/// The length of the `{% … %}`, `{{ … }}` or `{# … #}` at the beginning of `text`.
fn askama_length(text: &str) -> Option<usize> {
    let end = match text.get(..2)? {
        "{%" => "%}",
        "{{" => "}}",
        "{#" => "#}",
        _ => return None,
    };
    Some(text[2..].find(end).map_or(text.len(), |at| at + 4))
}

/// The first word of a `{% … %}`.
fn askama_word(tag: &str) -> &str {
    let inner = tag.trim_start_matches(['{', '%', '-']).trim_start();
    inner
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default()
}

fn is_tag(text: &str) -> bool {
    let rest = text
        .strip_prefix('<')
        .map(|rest| rest.strip_prefix('/').unwrap_or(rest));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!'))
}

/// The tag's name in lower case; `h{{` for a heading whose level is an expression.
fn tag_name(tag: &str) -> String {
    let rest = tag.trim_start_matches(['<', '/']);
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '!')
        .unwrap_or(rest.len());
    if rest.starts_with("h{{") {
        return "h{{".to_owned();
    }
    rest[..end].to_ascii_lowercase()
}

/// The length of the HTML tag at the beginning of `text`. A `>` in quotes or in a tag of Askama does not end it.
fn tag_length(text: &str) -> usize {
    let mut quote = None;
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        if let Some(length) = askama_length(&text[at..]) {
            at += length;
            continue;
        }
        at += c.len_utf8();
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return at,
            _ => {}
        }
    }
    text.len()
}

/// Appends a tag with collapsed whitespace, then unchanged contents if it is one of [`VERBATIM_TAGS`].
fn push_tag(collapsed: &mut String, text: &str) {
    let (tag, contents) = text.split_at(tag_length(text));
    let mut quote = None;
    let mut before = Edge::Inline;
    let mut rest = tag;
    while let Some(c) = rest.chars().next() {
        let run = whitespace_length(rest);
        let length = if let Some(length) = askama_length(rest) {
            before = edge_after(&rest[..length]);
            length
        } else if quote.is_none() && run > 0 {
            let after = &rest[run..];
            let is_end = after.starts_with('>') || after.starts_with("/>");
            push_run(
                collapsed,
                &rest[..run],
                before,
                if is_end { Edge::Block } else { edge_at(after) },
            );
            rest = after;
            continue;
        } else {
            before = Edge::Inline;
            quote = match (quote, c) {
                (Some(open), _) if open == c => None,
                (None, '"' | '\'') => Some(c),
                _ => quote,
            };
            c.len_utf8()
        };
        collapsed.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    collapsed.push_str(contents);
}
