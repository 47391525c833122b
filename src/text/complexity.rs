//! Bounds the cost of parsing HTML and of writing it again.
//!
//! Neither is linear. Formatting elements that are left open are opened again in every following paragraph, so that a
//! document of 100 KB can have millions of nodes, and each tag may search all open elements
//! (<https://html.spec.whatwg.org/multipage/parsing.html#reconstruct-the-active-formatting-elements>). html5ever compares
//! each attribute with all others of its tag, and searches the rest of a text at each character that it escapes. [`check`]
//! runs the same parser without building a tree, counts all of this, and stops where it is out of proportion to the text.

use std::{borrow::Cow, cell::Cell, rc::Rc};

use html5ever::{
    Attribute, ExpandedName, ParseOpts, QualName,
    driver::parse_fragment,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    local_name, ns,
    tendril::{StrTendril, TendrilSink},
};

/// The maximum length, in bytes: several times the longest texts of newspapers.
const MAX_BYTES: usize = 4_000_000;
/// The maximum depth of the tree: several times what page builders produce.
const MAX_DEPTH: u32 = 200;
/// The maximum number of nodes and attributes: as many as a text of this length can contain without repeated ones, and in
/// total.
const MIN_NODES: usize = 1_000;
const BYTES_PER_NODE: usize = 2;
const MAX_NODES: usize = 150_000;
/// The maximum length of the attributes of all elements, in bytes, beyond twice the length of the text.
const MAX_REPEATED_ATTRIBUTES: usize = 100_000;
/// The maximum number of steps, of about a nanosecond each.
const MAX_STEPS: usize = 40_000_000;
/// The number of separators of attributes in a piece that is not counted: that of the words of a text.
const FREE_SEPARATORS: usize = 200;
/// The maximum number of separators between two tokens: about that of a picture of 1 MB in a `data:` URL.
const MAX_SEPARATORS: usize = 20_000;
/// The cost of an attribute of a repeated `html` or `body` tag for each one that the element already has, in steps: their
/// names are copied and hashed.
const STEPS_PER_MERGED_ATTRIBUTE: usize = 50;
/// The cost of parsing an address, in steps per byte: international names are decoded.
const STEPS_PER_ADDRESS_BYTE: usize = 20;
/// How much is parsed between two checks, in bytes: few enough that one piece cannot cost much.
const PIECE: usize = 512;

/// HTML is too long, nested too deeply, or would become too large a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long or its markup too complex")]
pub struct TooComplex;

/// What parsing costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    /// Nodes of the tree and attributes.
    nodes: usize,
    attribute_bytes: usize,
    depth: u32,
    /// Questions of the parser about elements, which are most of its work where elements are nested; comparisons of
    /// attributes; and searches for characters to escape.
    steps: usize,
    /// Characters that may separate attributes, since the last token.
    separators: usize,
}

impl Cost {
    /// Whether it is in proportion to a text of `bytes`.
    fn is_acceptable(&self, bytes: usize) -> bool {
        self.depth <= MAX_DEPTH
            && self.nodes <= MAX_NODES.min(MIN_NODES + bytes / BYTES_PER_NODE)
            && self.attribute_bytes <= MAX_REPEATED_ATTRIBUTES + 2 * bytes
            && self.steps <= MAX_STEPS
            && self.separators <= MAX_SEPARATORS
    }
}

/// Parses a fragment of HTML.
///
/// # Errors
/// If its tree would be too large or too deep.
pub fn parse(html: &str) -> Result<scraper::Html, TooComplex> {
    check(html)?;
    Ok(scraper::Html::parse_fragment(html))
}

/// # Errors
/// If the HTML is too long, or parsing or writing it would cost too much.
pub(super) fn check(html: &str) -> Result<(), TooComplex> {
    if html.len() > MAX_BYTES || !cost(html).is_acceptable(html.len()) {
        return Err(TooComplex);
    }
    Ok(())
}

/// The cost of HTML; if it is not acceptable, up to where that became clear.
fn cost(html: &str) -> Cost {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let mut parser = parse_fragment(
        Counter::default(),
        ParseOpts::default(),
        context,
        Vec::new(),
        false,
    );
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        let counter = &parser.tokenizer.sink.sink;
        counter.note_separators(piece);
        let before = counter.cost.get().steps;
        parser.process(StrTendril::from_slice(piece));
        let counter = &parser.tokenizer.sink.sink;
        if counter.cost.get().steps > before {
            counter.count_attributes();
        }
        let cost = counter.cost.get();
        if !cost.is_acceptable(html.len()) {
            return cost;
        }
        rest = after;
    }
    parser.finish()
}

/// A node: what the parser asks of elements, and its depth.
struct Node {
    name: QualName,
    depth: Cell<u32>,
    /// The length of its last child in bytes if that is text, to which more text is appended.
    text_bytes: Cell<usize>,
    /// The length of all text that was placed before it, in bytes: text in a table moves there, and is merged.
    text_bytes_before: Cell<usize>,
    /// The number of its children, and its own place among those of its parent.
    children: Cell<usize>,
    place: Cell<usize>,
    attributes: Cell<usize>,
}

/// Counts nodes instead of building a tree.
#[derive(Default)]
struct Counter {
    cost: Cell<Cost>,
}

/// The cost of searching a text, of which `piece` ends at the byte `end`, at each character that is escaped. html5ever
/// stops at each byte 0xC2, too, with which a no-break space begins.
fn escaping_steps(piece: &str, end: usize) -> usize {
    let stops = piece.bytes().filter(|byte| matches!(byte, b'&' | 0xc2));
    // 32 bytes are searched at a time.
    stops.count() * (end / 32)
}

/// The number of characters of the source that would separate attributes, outside of values, or may stand for such a
/// character, which is then not one of the source's.
fn source_separators(source: &str) -> usize {
    separators(source) + source.bytes().filter(|byte| *byte == b'&').count()
}

/// The number of characters that would separate attributes, outside of values. Consecutive ones count once.
fn separators(text: &str) -> usize {
    let separates = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'');
    text.as_bytes()
        .windows(2)
        .filter(|pair| separates(pair[0]) && !separates(pair[1]))
        .count()
}

impl Counter {
    fn change(&self, change: impl FnOnce(&mut Cost)) {
        let mut cost = self.cost.get();
        change(&mut cost);
        self.cost.set(cost);
    }

    fn note_separators(&self, piece: &str) {
        self.change(|cost| cost.separators += source_separators(piece));
    }

    /// At the end of a token.
    fn count_attributes(&self) {
        self.change(|cost| {
            let attributes = cost.separators.saturating_sub(FREE_SEPARATORS);
            cost.steps += attributes * attributes / 2;
            cost.separators = 0;
        });
    }

    fn count_steps(&self, steps: usize) {
        self.change(|cost| cost.steps += steps);
    }

    fn count(&self, nodes: usize, depth: u32) {
        self.change(|cost| {
            cost.nodes += nodes;
            cost.depth = cost.depth.max(depth);
            cost.steps += 1;
        });
    }

    fn node(&self, name: QualName) -> Rc<Node> {
        self.count(1, 0);
        Rc::new(Node {
            name,
            depth: Cell::new(0),
            text_bytes: Cell::new(0),
            text_bytes_before: Cell::new(0),
            children: Cell::new(0),
            place: Cell::new(0),
            attributes: Cell::new(0),
        })
    }

    /// A node that is not an element.
    fn unnamed(&self) -> Rc<Node> {
        self.node(QualName::new(None, ns!(), local_name!("")))
    }

    fn place(&self, parent: &Node, child: &NodeOrText<Rc<Node>>) {
        let depth = parent.depth.get() + 1;
        match child {
            NodeOrText::AppendNode(node) => {
                node.depth.set(depth);
                parent.text_bytes.set(0);
                node.place.set(parent.children.get());
                parent.children.set(parent.children.get() + 1);
                self.count(0, depth);
            }
            NodeOrText::AppendText(text) => {
                let before = parent.text_bytes.get();
                let end = before + text.len();
                parent.text_bytes.set(end);
                self.count(usize::from(before == 0), depth);
                self.count_steps(escaping_steps(text, end));
            }
        }
    }
}

impl TreeSink for Counter {
    type Handle = Rc<Node>;
    type Output = Cost;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Cost {
        self.cost.get()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Rc<Node> {
        self.unnamed()
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Node>) -> ExpandedName<'a> {
        self.count(0, 0);
        target.name.expanded()
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> Rc<Node> {
        self.count(attributes.len(), 0);
        for attribute in &attributes {
            let value = &attribute.value;
            self.count_steps(escaping_steps(value, value.len()));
            if attribute.name.local == local_name!("href") {
                self.count_steps(STEPS_PER_ADDRESS_BYTE * value.len());
            }
            self.change(|cost| {
                cost.separators = cost.separators.saturating_sub(separators(value));
                cost.attribute_bytes += attribute.name.local.len() + value.len();
            });
        }
        self.node(name)
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Node> {
        self.unnamed()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Node> {
        self.unnamed()
    }

    fn append(&self, parent: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        self.place(parent, &child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Rc<Node>,
        _: &Rc<Node>,
        child: NodeOrText<Rc<Node>>,
    ) {
        // Before a table: beside it.
        self.append_before_sibling(element, child);
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Rc<Node>) -> Rc<Node> {
        target.clone()
    }

    fn same_node(&self, x: &Rc<Node>, y: &Rc<Node>) -> bool {
        self.count(0, 0);
        Rc::ptr_eq(x, y)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        let depth = sibling.depth.get();
        // The sibling is searched among all children of its parent, and moved.
        self.count_steps(sibling.place.get() / 2);
        match &child {
            NodeOrText::AppendNode(node) => {
                node.depth.set(depth);
                node.place.set(sibling.place.get());
                sibling.place.set(sibling.place.get() + 1);
                self.count(0, depth);
            }
            NodeOrText::AppendText(text) => {
                let end = sibling.text_bytes_before.get() + text.len();
                sibling.text_bytes_before.set(end);
                self.count(1, depth);
                self.count_steps(escaping_steps(text, end));
            }
        }
    }

    fn add_attrs_if_missing(&self, node: &Rc<Node>, attributes: Vec<Attribute>) {
        self.count(attributes.len(), 0);
        node.attributes
            .set(node.attributes.get() + attributes.len());
        self.count_steps(STEPS_PER_MERGED_ATTRIBUTE * node.attributes.get());
    }

    fn remove_from_parent(&self, node: &Rc<Node>) {
        // It is searched among all children of its parent.
        self.count_steps(node.place.get() / 2);
        self.count(0, 0);
    }

    fn reparent_children(&self, node: &Rc<Node>, new_parent: &Rc<Node>) {
        let moved = node.children.replace(0);
        new_parent.children.set(new_parent.children.get() + moved);
        self.count_steps(moved);
        self.count(0, new_parent.depth.get() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(html: &str) -> bool {
        check(html).is_err()
    }

    #[test]
    fn texts_of_newspapers_are_accepted() {
        let paragraph = "<p>The <em>council</em> said “no” &amp; left, <a href=\"/a?b=1&amp;c=2\">again</a>.&nbsp;»</p>";
        assert!(!is_refused(&paragraph.repeat(8_000)));
        let row = "<tr><td>1</td><td>2</td><td>3</td></tr>";
        assert!(!is_refused(&format!(
            "<table>{}</table>",
            row.repeat(5_000)
        )));
        let nested = "<div class=\"row\">".repeat(60) + "text" + &"</div>".repeat(60);
        assert!(!is_refused(&nested.repeat(50)));
        let data = "iVBORw0KGgoAAAANS/UhEUgAAAAEAAAABCAQAAAC1HA".repeat(12_000);
        assert!(!is_refused(&format!(
            "<img src=\"data:image/png;base64,{data}\">"
        )));
        assert!(!is_refused(&"Words without any markup. ".repeat(100_000)));
        assert!(!is_refused(
            &format!("<p>{}</p>", "mot\u{a0}: «\u{a0}mot\u{a0}» ".repeat(500)).repeat(100)
        ));
        assert!(!is_refused(
            &format!("{}<p>text</p>\r\n", " ".repeat(120)).repeat(5_000)
        ));
    }

    #[test]
    fn formatting_that_is_reopened_in_each_paragraph_is_refused() {
        let open: String = (0..300).map(|number| format!("<em x{number}>")).collect();
        for closing in ["", "</p>", "</em>"] {
            let html = format!("<p>{open}{}", format!("{closing}<p>x").repeat(5_000));
            assert!(is_refused(&html), "{closing}");
        }
    }

    #[test]
    fn attributes_that_are_repeated_with_reopened_elements_are_refused() {
        let open = format!("<p><a href=\"/{}\">", "a".repeat(2_000));
        assert!(is_refused(&(open + &"x</p><p>".repeat(500))));
    }

    #[test]
    fn deep_nesting_is_refused() {
        for tag in [
            "<div>",
            "<b>",
            "<blockquote>",
            "<ul><li>",
            "<aside class=pull-quote>",
            "<svg><g>",
            "<table><tr><td>",
            "<figure data-media=1>",
            "<object>",
            "<template>",
            "<font color=1>",
        ] {
            assert!(
                is_refused(&tag.repeat(20_000)),
                "{tag} {:?}",
                cost(&tag.repeat(20_000))
            );
        }
    }

    #[test]
    fn texts_that_are_slow_to_write_are_refused() {
        assert!(is_refused(&"&".repeat(400_000)));
        assert!(is_refused(&format!("<table>{}", "&xxxxx".repeat(70_000))));
        assert!(is_refused(&"\u{a0}".repeat(400_000)));
        assert!(is_refused(&"©&lt".repeat(200_000)));
        assert!(is_refused(&format!(
            "<p title=\"{}\">",
            "&".repeat(400_000)
        )));
    }

    #[test]
    fn tags_with_too_many_attributes_are_refused() {
        let attributes = |separator: &str| -> String {
            (0..30_000)
                .map(|number| format!("a{number}{separator}"))
                .collect()
        };
        for separator in [" ", "/", "=\"1\"", "='' ", "\n"] {
            for tag in ["<p ", "</p "] {
                let html = format!("{tag}{}>", attributes(separator));
                assert!(is_refused(&html), "{tag}{separator}");
            }
        }
        let tag = format!(
            "</p {}>",
            (0..3_000)
                .map(|number| format!("a{number} "))
                .collect::<String>()
        );
        assert!(is_refused(&tag.repeat(50)));
    }

    #[test]
    fn attributes_of_repeated_tags_are_refused() {
        let tags = |count: usize| -> String {
            (0..count)
                .map(|number| format!("<html a{number}=1>"))
                .collect()
        };
        assert!(is_refused(&tags(5_000)));
        assert!(!is_refused(&tags(100)));
    }

    #[test]
    fn content_that_moves_before_a_table_is_refused() {
        for content in [
            "<br>",
            "<p>x</p>",
            "<p>x",
            "<b>x</b>",
            "<a>",
            "<a href=x>x</a>",
            "<li>x",
            "<h1>x</h1>",
            "<tr></tr><p>x</p>",
            "<select>",
        ] {
            for table in ["<table>", "<table><tr>", "<table><tbody>"] {
                let html = table.to_owned() + &content.repeat(45_000);
                assert!(is_refused(&html), "{table}{content}");
            }
        }
        let after = "<p>x</p>".repeat(40_000) + &"<table><br></table>".repeat(4_000);
        assert!(is_refused(&after));
    }

    #[test]
    fn references_in_values_do_not_hide_attributes() {
        let names =
            |count: usize| -> String { (0..count).map(|number| format!("a{number}/")).collect() };
        for reference in ["&#9;a", "&#10;a", "&#47;a", "&#34;a", "&#39;a", "&Tab;a"] {
            let tag = format!(
                "<p z=\"{}\" {}{}>",
                reference.repeat(19_900),
                names(9_000),
                "a8999/".repeat(10_800)
            );
            assert!(is_refused(&tag.repeat(4)), "{reference}");
        }
    }

    #[test]
    fn long_addresses_are_refused() {
        let html = format!("<a href=\"http://{}\">x</a>", "ü.".repeat(900_000));
        assert!(is_refused(&html));
    }

    #[test]
    fn too_many_nodes_and_bytes_are_refused() {
        assert!(is_refused(&"<br>".repeat(160_000)));
        assert!(is_refused(&"<!---->".repeat(160_000)));
        assert!(is_refused(&"a".repeat(MAX_BYTES + 1)));
        assert!(!is_refused(&"a".repeat(MAX_BYTES)));
    }
}
