//! Makes sanitized HTML consistent across elements: the children of lists are items, and the links in the text point to
//! ids of its paragraphs, headings and items.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use percent_encoding::percent_decode_str;

use super::body::{Tag, open_tag, tag_length, unescape};

/// The start of every id in a text. No element of a page has such an id, and no script can mistake it for a variable.
const ID_PREFIX: &str = "text-";

/// The maximum length of an id without its prefix, in characters.
const MAX_ID: usize = 80;

/// A piece of well-formed HTML as [`ammonia`] writes it.
enum Token<'a> {
    Text(&'a str),
    Open(Tag<'a>, &'a str),
    Close(&'a str),
}

fn tokens(mut rest: &str) -> impl Iterator<Item = Token<'_>> {
    std::iter::from_fn(move || {
        let start = rest.find('<').unwrap_or(rest.len());
        if start > 0 {
            let (text, after) = rest.split_at(start);
            rest = after;
            return Some(Token::Text(text));
        }
        if rest.is_empty() {
            return None;
        }
        if let Some((tag, length)) = open_tag(rest) {
            let (source, after) = rest.split_at(length);
            rest = after;
            return Some(Token::Open(tag, source));
        }
        let (source, after) = rest.split_at(tag_length(rest));
        rest = after;
        Some(Token::Close(source))
    })
}

fn write_tag<'a>(
    out: &mut String,
    name: &str,
    attributes: impl IntoIterator<Item = (&'a str, Cow<'a, str>)>,
) {
    out.push('<');
    out.push_str(name);
    for (attribute, escaped) in attributes {
        for piece in [" ", attribute, "=\"", &*escaped, "\""] {
            out.push_str(piece);
        }
    }
    out.push('>');
}

/// Whether elements of this name keep an id.
fn is_anchor(name: &str) -> bool {
    matches!(name, "p" | "h2" | "h3" | "li")
}

/// The id for a name in the source or for the fragment of a link, which may be percent-encoded.
fn id_of(name: &str) -> Option<String> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let name = name.trim();
    let name = name.strip_prefix(ID_PREFIX).unwrap_or(name);
    let safe = |c: char| match c {
        '-' | '_' => c,
        _ if c.is_alphanumeric() => c,
        _ => '-',
    };
    let id: String = name.chars().take(MAX_ID).map(safe).collect();
    (!id.is_empty()).then(|| format!("{ID_PREFIX}{id}"))
}

/// The ids of a text.
#[derive(Default)]
struct Ids {
    /// Of each paragraph, heading and item.
    of_blocks: Vec<Option<String>>,
    /// By the id in the source, the one that a link to it is given.
    targets: HashMap<String, String>,
}

impl Ids {
    /// An id of another element belongs to the block that it is in, or to the next one if it is in none, so that notes and
    /// their back-links work wherever the source has the id. It is kept only if a link points to it: most are of no use
    /// here, such as those that WordPress gives to pictures.
    fn of(html: &str) -> Self {
        let mut ids = Self::default();
        if ![" id=\"", " name=\""]
            .iter()
            .any(|name| html.contains(name))
        {
            return ids;
        }
        let linked: HashSet<String> = html
            .split(" href=\"#")
            .skip(1)
            .filter_map(|rest| id_of(&unescape(rest.split('"').next()?)))
            .collect();
        // For each open element, the block that it is or is in.
        let mut open: Vec<Option<usize>> = Vec::new();
        let mut waiting = Vec::new();
        for token in tokens(html) {
            match token {
                Token::Text(_) => {}
                Token::Close(_) => {
                    open.pop();
                }
                Token::Open(tag, _) => {
                    let is_own = is_anchor(tag.name);
                    let names = ["id", "name"].iter().filter_map(|name| tag.get(name));
                    let found = names.filter_map(|name| id_of(&name));
                    if is_own {
                        // A block keeps its own id, if it has one.
                        waiting = found.chain(std::mem::take(&mut waiting)).collect();
                    } else {
                        waiting.extend(found.filter(|id| linked.contains(id)));
                    }
                    let mut block = open.last().copied().flatten();
                    if is_own {
                        block = Some(ids.of_blocks.len());
                        ids.of_blocks.push(None);
                    }
                    if let Some(block) = block {
                        waiting.drain(..).for_each(|id| ids.add(block, id));
                    }
                    if tag.name != "br" {
                        open.push(block);
                    }
                }
            }
        }
        ids
    }

    /// The first of equal ids wins, as in browsers.
    fn add(&mut self, block: usize, id: String) {
        if self.targets.contains_key(&id) {
            return;
        }
        let Some(of_block) = self.of_blocks.get_mut(block) else {
            return;
        };
        let target = of_block.get_or_insert_with(|| id.clone()).clone();
        self.targets.insert(id, target);
    }
}

/// Moves ids to paragraphs, headings and items, renames them and the links to them, and replaces links without a target by
/// their text.
/// `del` and `strike` become `s`.
pub(super) fn anchored(html: &str) -> String {
    let ids = Ids::of(html);
    let mut of_blocks = ids.of_blocks.iter();
    let mut out = String::with_capacity(html.len());
    // For each open link, whether it leads somewhere.
    let mut links = Vec::new();
    for token in tokens(html) {
        match token {
            Token::Text(text) => out.push_str(text),
            Token::Close("</span>") => {}
            Token::Close("</a>") if links.pop() == Some(false) => {}
            Token::Close("</del>" | "</strike>") => out.push_str("</s>"),
            Token::Close(tag) => out.push_str(tag),
            // Only carries an id.
            Token::Open(tag, _) if tag.name == "span" => {}
            Token::Open(tag, _) => {
                let name = match tag.name {
                    "del" | "strike" => "s",
                    name => name,
                };
                let id = is_anchor(name)
                    .then(|| of_blocks.next()?.as_deref())
                    .flatten()
                    .map(|id| ("id", Cow::Borrowed(id)));
                let others = tag.attributes.iter().filter_map(|(attribute, value)| {
                    match (*attribute, value.trim().strip_prefix('#')) {
                        ("id" | "name", _) => None,
                        ("href", Some(fragment)) => {
                            let target = ids.targets.get(&id_of(&unescape(fragment))?)?;
                            Some((*attribute, Cow::Owned(format!("#{target}"))))
                        }
                        _ => Some((*attribute, Cow::Borrowed(*value))),
                    }
                });
                if name == "a" {
                    let leads = others.clone().any(|(attribute, _)| attribute == "href");
                    links.push(leads);
                    if !leads {
                        continue;
                    }
                }
                write_tag(&mut out, name, id.into_iter().chain(others));
            }
        }
    }
    out
}

/// For pages: attributions of quotations become `div` elements, because reader modes remove every `footer`.
pub(super) fn with_attributions(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for token in tokens(html) {
        out.push_str(match token {
            Token::Open(tag, _) if tag.name == "footer" => "<div class=\"attribution\">",
            Token::Close("</footer>") => "</div>",
            Token::Text(source) | Token::Open(_, source) | Token::Close(source) => source,
        });
    }
    out
}

/// What is opened at a place of the text.
enum Open {
    List(List),
    Element { is_item: bool },
}

/// An open list.
struct List {
    is_ordered: bool,
    /// Around items that are in no list in the source.
    is_implied: bool,
    item: Item,
    /// White space since the last item, which belongs after its end.
    space: String,
}

/// The last item of a list, whose end is not yet written because more may belong to it.
#[derive(Clone, Copy, PartialEq)]
enum Item {
    None,
    FromSource,
    /// Around content that is in no item in the source.
    Implied,
}

#[derive(Clone, Copy, PartialEq)]
enum Content {
    Inline,
    Block,
    List,
}

impl Content {
    fn of(name: &str) -> Self {
        match name {
            "a" | "em" | "strong" | "s" | "sub" | "sup" | "cite" | "br" => Self::Inline,
            "ul" | "ol" => Self::List,
            _ => Self::Block,
        }
    }
}

/// Moves what is directly in a list into its items, as browsers show it: lists and other blocks into the item before them,
/// text into one of its own. Items outside of lists get one.
pub(super) fn with_valid_lists(html: &str) -> String {
    let mut nesting = Nesting {
        out: String::with_capacity(html.len()),
        open: Vec::new(),
    };
    for token in tokens(html) {
        match token {
            Token::Text(text) => nesting.text(text),
            Token::Open(tag, source) if tag.name == "li" => nesting.item(&tag, source),
            Token::Open(tag, source) => nesting.element(tag.name, source),
            Token::Close(tag) => nesting.close(tag),
        }
    }
    nesting.end_implied_list();
    nesting.out
}

struct Nesting {
    out: String,
    open: Vec<Open>,
}

impl Nesting {
    fn text(&mut self, text: &str) {
        if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            match self.open.last_mut() {
                Some(Open::List(list)) => list.space.push_str(text),
                _ => self.out.push_str(text),
            }
            return;
        }
        self.before(Content::Inline);
        self.out.push_str(text);
    }

    fn element(&mut self, name: &str, source: &str) {
        self.before(Content::of(name));
        self.out.push_str(source);
        match name {
            "br" => {}
            "ul" | "ol" => self.open.push(Open::List(List {
                is_ordered: name == "ol",
                is_implied: false,
                item: Item::None,
                space: String::new(),
            })),
            _ => self.open.push(Open::Element { is_item: false }),
        }
    }

    fn item(&mut self, tag: &Tag<'_>, source: &str) {
        if !matches!(self.open.last(), Some(Open::List(_))) {
            self.out.push_str("<ul>");
            self.open.push(Open::List(List {
                is_ordered: false,
                is_implied: true,
                item: Item::None,
                space: String::new(),
            }));
        }
        self.end_item();
        let is_ordered = match self.open.last_mut() {
            Some(Open::List(list)) => {
                list.item = Item::FromSource;
                list.is_ordered
            }
            _ => false,
        };
        if is_ordered {
            self.out.push_str(source);
        } else {
            // Only items of ordered lists have a value.
            let others = tag.attributes.iter().filter(|(name, _)| *name != "value");
            let others = others.map(|(name, value)| (*name, Cow::Borrowed(*value)));
            write_tag(&mut self.out, "li", others);
        }
        self.open.push(Open::Element { is_item: true });
    }

    fn close(&mut self, tag: &str) {
        self.end_implied_list();
        if matches!(self.open.last(), Some(Open::List(_))) {
            self.end_item();
        }
        // The end of an item is written when it is clear that nothing else belongs to it.
        if !matches!(self.open.pop(), Some(Open::Element { is_item: true })) {
            self.out.push_str(tag);
        }
    }

    /// Prepares for content other than an item.
    fn before(&mut self, content: Content) {
        if content != Content::List {
            self.end_implied_list();
        }
        let Some(Open::List(list)) = self.open.last_mut() else {
            return;
        };
        let needs_item = match list.item {
            Item::None => true,
            Item::FromSource => content == Content::Inline,
            Item::Implied => false,
        };
        if needs_item {
            self.end_item();
            self.out.push_str("<li>");
            if let Some(Open::List(list)) = self.open.last_mut() {
                list.item = Item::Implied;
            }
        } else {
            self.out.push_str(&std::mem::take(&mut list.space));
        }
    }

    /// Ends the last item of the innermost list, if there is one.
    fn end_item(&mut self) {
        if let Some(Open::List(list)) = self.open.last_mut() {
            if list.item != Item::None {
                self.out.push_str("</li>");
            }
            list.item = Item::None;
            self.out.push_str(&std::mem::take(&mut list.space));
        }
    }

    /// Ends the innermost list if it is not in the source.
    fn end_implied_list(&mut self) {
        if let Some(Open::List(list)) = self.open.last_mut()
            && list.is_implied
        {
            let space = std::mem::take(&mut list.space);
            self.end_item();
            self.open.pop();
            self.out.push_str("</ul>");
            self.out.push_str(&space);
        }
    }
}
