//! Sanitized HTML: a small subset, which templates may print without escaping.
//!
//! Paragraphs, two levels of subheading, lists, quotes, tables, emphasis and struck text are plain HTML. Paragraphs,
//! subheadings and list items may have ids that start with `text-`, to which links in the text point. Four elements are
//! markers, which pages replace:
//!
//! | marker | becomes |
//! | --- | --- |
//! | `<figure data-media="7" data-alt="…" data-caption="…" data-credit="…"></figure>` | a picture |
//! | `<div data-gallery="caption">` figures `</div>` | a gallery |
//! | `<aside data-also-read="12"></aside>` | a link to another article |
//! | `<div data-embed="https://…" data-title="…"></div>` | an embed that loads on a click |

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
    sync::LazyLock,
};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    sql_types::Text,
};

use percent_encoding::percent_decode_str;
use url::Url;

use super::{
    body,
    complexity::{self, TooComplex},
    embed::EMBED_HOSTS,
    structure,
};

/// The maximum number of passes until the output is stable; real texts need one or two.
const MAX_PASSES: usize = 8;

/// The maximum number of attributes of markers in a text. Their ids become parameters of a query, of which SQLite accepts
/// 32,766 (<https://sqlite.org/limits.html#max_variable_number>).
const MAX_MARKER_ATTRIBUTES: usize = 20_000;

/// One pass of the sanitizer.
fn cleaned(html: &str) -> Result<String, TooComplex> {
    complexity::check(html)?;
    let anchored = structure::anchored(&CLEANER.clean(html).to_string());
    Ok(structure::with_valid_lists(&body::normalized(&anchored)))
}

/// HTML that was sanitized by [`SanitizedHtml::new`], safe to print.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromSqlRow)]
pub struct SanitizedHtml(String);

impl SanitizedHtml {
    /// Like [`Self::try_new`], but keeps only the text of HTML that is too complex.
    pub fn new(html: &str) -> Self {
        Self::try_new(html).unwrap_or_else(|TooComplex| Self::of_text(html))
    }

    /// Keeps the elements of the subset. Other elements are replaced by their text; scripts and styles are removed with
    /// their content.
    ///
    /// # Errors
    /// If parsing it would take more time and memory than its length justifies, or if it has too many markers.
    pub fn try_new(html: &str) -> Result<Self, TooComplex> {
        let mut html = cleaned(html)?;
        for _ in 0..MAX_PASSES {
            // The output may be parsed differently than the input: for example, a parser does not nest links, but with a
            // table between them it does.
            let again = cleaned(&html)?;
            if again == html {
                return if html.matches(" data-").count() > MAX_MARKER_ATTRIBUTES {
                    Err(TooComplex)
                } else {
                    Ok(Self(html))
                };
            }
            html = again;
        }
        // Only hostile input is not stable by now: its text is kept.
        Ok(Self::of_text(&html))
    }

    /// The text of HTML, without all markup: in linear time, whatever the HTML.
    pub fn of_text(html: &str) -> Self {
        let mut text = String::with_capacity(html.len());
        let mut rest = html;
        while let Some(open) = rest.find('<') {
            text.push_str(&rest[..open]);
            rest = &rest[open..];
            let is_tag = rest[1..]
                .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
            if !is_tag {
                text.push('<');
                rest = &rest[1..];
                continue;
            }
            let Some(close) = rest.find('>') else { break };
            text.push(' ');
            rest = &rest[close + 1..];
        }
        text.push_str(rest);
        let escaped = body::unescape(&text)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        Self(format!("<p>{}</p>", escaped.trim()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Removes whitespace at both ends.
    pub fn trimmed(&self) -> Self {
        Self(self.0.trim().to_owned())
    }

    /// The number of words.
    pub fn word_count(&self) -> usize {
        self.plain().split_whitespace().count()
    }

    /// The text without markup.
    pub fn plain(&self) -> String {
        let mut plain = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some(open) = rest.find('<') {
            plain.push_str(&rest[..open]);
            // Inline elements may be inside a word; others separate words.
            let inline = ["a", "em", "strong", "s", "sub", "sup", "cite"];
            let name = rest[open + 1..].trim_start_matches('/');
            let end = name
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(name.len());
            if !inline.contains(&&name[..end]) {
                plain.push(' ');
            }
            rest = &rest[open + body::tag_length(&rest[open..])..];
        }
        plain.push_str(rest);
        body::unescape(&plain)
    }

    /// The first paragraph and the rest. `None` if the body does not start with a paragraph, or with one in another
    /// language.
    pub fn opening(&self) -> Option<Opening> {
        let body = self.0.trim_start();
        let (tag, length) = body::open_tag(body)?;
        if tag.name != "p" || tag.attributes.iter().any(|(name, _)| *name != "id") {
            return None;
        }
        let (text, rest) = body[length..].split_once("</p>")?;
        Some(Opening {
            id: tag.get("id"),
            text: Self::piece(text),
            rest: Self::piece(rest),
        })
    }

    /// The HTML as pages show it.
    pub fn for_pages(&self) -> Self {
        Self(structure::with_attributions(&self.0))
    }

    /// A fragment of sanitized HTML, split between elements by [`super::parts`].
    pub(super) fn piece(html: &str) -> Self {
        Self(html.to_owned())
    }
}

/// The first paragraph of a body and what follows it.
pub struct Opening {
    pub id: Option<String>,
    /// The content of the paragraph.
    pub text: SanitizedHtml,
    pub rest: SanitizedHtml,
}

impl fmt::Display for SanitizedHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Templates print it without escaping.
impl askama::filters::HtmlSafe for SanitizedHtml {}

/// Stored HTML was sanitized when it was written: only [`SanitizedHtml`] is stored in these columns.
impl<DB: Backend> FromSql<Text, DB> for SanitizedHtml
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

/// HTML for feeds: only text, links and pictures are kept. Links are absolute, as on the page with this address. The
/// targets of links within the text keep their ids; a link without a target is replaced by its text.
pub fn absolute(html: &str, page: &Url) -> String {
    // Texts that were stored before this was checked.
    if complexity::check(html).is_err() {
        return SanitizedHtml::of_text(html).0;
    }
    ammonia::Builder::default()
        .add_generic_attributes(&["id"])
        .add_tag_attributes("ol", &["reversed", "type"])
        .add_tag_attributes("li", &["value"])
        .url_relative(ammonia::UrlRelative::RewriteWithBase(page.clone()))
        .clean(&without_dead_links(html))
        .to_string()
}

/// Replaces the links to places in the text that do not exist by their text.
fn without_dead_links(html: &str) -> Cow<'_, str> {
    if !html.contains('#') {
        return Cow::Borrowed(html);
    }
    let ids: HashSet<String> = html
        .match_indices('<')
        .filter_map(|(at, _)| body::open_tag(&html[at..])?.0.get("id"))
        .collect();
    let mut out = String::with_capacity(html.len());
    // For each open link, whether it is kept.
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let tag = &rest[..body::tag_length(rest)];
        let is_kept = match body::open_tag(tag) {
            Some((link, _)) if link.name == "a" => {
                let is_kept = link.get("href").is_none_or(|href| leads(&href, &ids));
                open.push(is_kept);
                is_kept
            }
            None if tag == "</a>" => open.pop().unwrap_or(true),
            _ => true,
        };
        if is_kept {
            out.push_str(tag);
        }
        rest = &rest[tag.len()..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether a link leads somewhere: to another page, or to one of these ids
/// (<https://html.spec.whatwg.org/multipage/browsing-the-web.html#find-a-potential-indicated-element>).
fn leads(href: &str, ids: &HashSet<String>) -> bool {
    let Some(fragment) = href.trim_start().strip_prefix('#') else {
        return true;
    };
    // Both mean the top of the page.
    if fragment.is_empty() || fragment.eq_ignore_ascii_case("top") {
        return true;
    }
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    ids.contains(fragment) || ids.contains(decoded.as_ref())
}

/// For `#[serde(with = …)]`: reads HTML that was stored sanitized, as in revisions. [`SanitizedHtml`] itself is not
/// `Deserialize`, because user input must be sanitized by [`SanitizedHtml::new`].
pub mod stored {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::SanitizedHtml;

    pub fn serialize<S: Serializer>(html: &SanitizedHtml, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(html.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SanitizedHtml, D::Error> {
        String::deserialize(from).map(SanitizedHtml)
    }
}

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::empty();
    cleaner
        .tags(HashSet::from([
            "p",
            "h2",
            "h3",
            "ul",
            "ol",
            "li",
            "blockquote",
            "footer",
            "cite",
            "aside",
            "a",
            "em",
            "strong",
            "s",
            "sub",
            "sup",
            "br",
            // These become `s`.
            "del",
            "strike",
            // Only for its id.
            "span",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "figure",
            "div",
        ]))
        .clean_content_tags(HashSet::from(["script", "style"]))
        // Ids are moved to paragraphs, headings and items, and renamed.
        .generic_attributes(HashSet::from(["id"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "hreflang", "name"])),
            ("ol", HashSet::from(["start", "reversed", "type"])),
            ("li", HashSet::from(["value"])),
            ("p", HashSet::from(["lang", "dir"])),
            ("blockquote", HashSet::from(["lang", "dir"])),
            ("th", HashSet::from(["scope", "colspan", "rowspan"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            (
                "figure",
                HashSet::from(["data-media", "data-alt", "data-caption", "data-credit"]),
            ),
            (
                "div",
                HashSet::from(["data-gallery", "data-embed", "data-title"]),
            ),
            ("aside", HashSet::from(["data-also-read"])),
        ]))
        .allowed_classes(HashMap::from([("aside", HashSet::from(["pull-quote"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .attribute_filter(allowed);
    cleaner
});

/// The value of an attribute, if it is permitted.
fn allowed<'v>(element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match (element, attribute) {
        ("ol", "start") | ("li", "value") => {
            let number: i32 = value.trim().parse().ok()?;
            return Some(Cow::Owned(number.to_string()));
        }
        ("ol", "reversed") => return Some(Cow::Borrowed("")),
        _ => {}
    }
    let keep = match (element, attribute) {
        ("figure", "data-media") | ("aside", "data-also-read") => {
            value.parse::<i64>().is_ok_and(|id| id > 0)
        }
        ("div", "data-embed") => url::Url::parse(value).is_ok_and(|url| {
            url.scheme() == "https"
                && url
                    .host_str()
                    .is_some_and(|host| EMBED_HOSTS.contains(&host))
        }),
        ("th", "scope") => matches!(value, "col" | "row" | "colgroup" | "rowgroup"),
        ("ol", "type") => matches!(value, "1" | "a" | "A" | "i" | "I"),
        (_, "colspan" | "rowspan") => value.parse::<u8>().is_ok_and(|n| n > 0),
        (_, "dir") => matches!(value, "ltr" | "rtl" | "auto"),
        (_, "lang" | "hreflang") => {
            !value.is_empty()
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }
        _ => true,
    };
    keep.then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        SanitizedHtml::new(html).as_str().to_owned()
    }

    #[test]
    fn permitted_html_is_unchanged() {
        for html in [
            "<p>One <em>two</em> <strong>three</strong> <a href=\"/news\">four</a></p>",
            "<h2>A</h2><h3>B</h3><ul><li>C</li></ul><ol><li>D</li></ol>",
            "<ol start=\"3\" reversed=\"\" type=\"a\"><li>A</li><li value=\"-7\">B</li></ol>",
            "<ul>\n<li>A\n<ul>\n<li>B</li>\n</ul></li>\n<li><p>C</p><p>D</p></li>\n</ul>\n",
            "<p>Not <s>this</s></p>",
            "<h2 id=\"text-a\">A</h2><p id=\"text-b\" lang=\"fr\"><a href=\"#text-a\">B</a></p>\
             <ol><li id=\"text-ü_1\"><a href=\"#text-b\">C</a></li></ol>",
            "<blockquote><p>Q</p><footer>Who</footer></blockquote>",
            "<aside class=\"pull-quote\"><p>Q</p></aside>",
            "<table><caption>T</caption><thead><tr><th scope=\"col\">A</th></tr></thead>\
             <tbody><tr><td>1</td></tr></tbody></table>",
            "<figure data-media=\"7\" data-alt=\"A &amp; B\" data-caption=\"C\"></figure>",
            "<div data-gallery=\"G\"><figure data-media=\"1\"></figure>\
             <figure data-media=\"2\"></figure></div>",
            "<aside data-also-read=\"12\"></aside>",
            "<div data-embed=\"https://www.youtube.com/watch?v=x\" data-title=\"T\"></div>",
        ] {
            assert_eq!(clean(html), html);
        }
    }

    #[test]
    fn scripts_and_other_elements_are_removed() {
        assert_eq!(
            clean("<p onclick=\"x()\">a</p><script>alert(1)</script>"),
            "<p>a</p>"
        );
        assert_eq!(clean("<a href=\"javascript:x()\">a</a>"), "a");
        assert_eq!(
            clean("<img src=x onerror=alert(1)><p style=\"x\">b</p>"),
            "<p>b</p>"
        );
        assert_eq!(
            clean("<div data-embed=\"https://evil.example/\"></div>"),
            ""
        );
        assert_eq!(clean("<figure data-media=\"x\"></figure>"), "");
        assert_eq!(clean("<svg><style><img src=x onerror=y></style></svg>"), "");
    }

    #[test]
    fn nested_markers_are_flattened() {
        let nested = "<div data-gallery=\"\"><div data-gallery=\"\"><figure data-media=\"1\">\
                      </figure></div></div><p>after</p>";
        assert_eq!(
            clean(nested),
            "<div data-gallery=\"\"><figure data-media=\"1\"></figure></div><p>after</p>"
        );
        assert_eq!(clean("<div><p>a</p></div>"), "<p>a</p>");
    }

    #[test]
    fn sanitizing_is_idempotent() {
        for html in [
            "<p>a<figure data-media=1 data-alt='\"<b>\"'>x</figure>b",
            "<ul><li><div data-gallery=x><figure data-media=2></ul>",
            "a < b & c > d &amp;amp; <p>",
            "<aside data-also-read=3>text</aside><aside>loose</aside>",
            "<h2><aside><h3>a",
            "<h2><a href=\"/news\"><table></<p><a href=\"/news\">",
        ] {
            let once = clean(html);
            assert_eq!(clean(&once), once);
        }
    }

    #[test]
    fn lists_contain_only_items() {
        for (html, valid) in [
            (
                "<ul><li>a</li><ul><li>b</li></ul></ul>",
                "<ul><li>a<ul><li>b</li></ul></li></ul>",
            ),
            (
                "<ul>\n<li>a</li>\n<ol>\n<li>b</li>\n</ol>\n<li>c</li>\n</ul>",
                "<ul>\n<li>a\n<ol>\n<li>b</li>\n</ol></li>\n<li>c</li>\n</ul>",
            ),
            (
                "<ul><ul><ul><li>a</li></ul></ul><li>b</li></ul>",
                "<ul><li><ul><li><ul><li>a</li></ul></li></ul></li><li>b</li></ul>",
            ),
            (
                "<ul>one <em>two</em> three<li>four</li>five</ul>",
                "<ul><li>one <em>two</em> three</li><li>four</li><li>five</li></ul>",
            ),
            (
                "<ol><p>a</p><li>b</li><p>c</p><blockquote>d</blockquote></ol>",
                "<ol><li><p>a</p></li><li>b<p>c</p><blockquote>d</blockquote></li></ol>",
            ),
            (
                "<p>x</p><li>a</li> <li value=2>b</li>\n<p>y</p>",
                "<p>x</p><ul><li>a</li> <li>b</li></ul>\n<p>y</p>",
            ),
            (
                "<blockquote><li>a</blockquote><li>b</li><ul><li>c</li></ul>",
                "<blockquote><ul><li>a</li></ul></blockquote><ul><li>b<ul><li>c</li></ul></li></ul>",
            ),
            ("<ul></ul><ul> </ul>", "<ul></ul><ul> </ul>"),
            (
                "<ul><li value=3>a</li></ul><ol start=x type=disc reversed><li value=' 4 '>b</ol>",
                "<ul><li>a</li></ul><ol reversed=\"\"><li value=\"4\">b</li></ol>",
            ),
        ] {
            assert_eq!(clean(html), valid, "{html}");
            assert_eq!(clean(valid), valid);
        }
    }

    #[test]
    fn struck_text_has_one_form() {
        assert_eq!(
            clean("<p><del>a</del> <strike>b</strike> <s class=x>c</s> <ins>d</ins></p>"),
            "<p><s>a</s> <s>b</s> <s>c</s> d</p>"
        );
        assert_eq!(SanitizedHtml::new("<p>un<s>do</s></p>").word_count(), 1);
    }

    #[test]
    fn ids_and_the_links_to_them_are_renamed_together() {
        for (html, renamed) in [
            (
                "<h2 id=share>A</h2><p><a href=#share>a</a></p>",
                "<h2 id=\"text-share\">A</h2><p><a href=\"#text-share\">a</a></p>",
            ),
            (
                "<p id='caf\u{e9} 1'>a</p><p><a href='#caf%C3%A9%201'>b</a></p>",
                "<p id=\"text-caf\u{e9}-1\">a</p><p><a href=\"#text-caf\u{e9}-1\">b</a></p>",
            ),
            // Notes: the ids of inline elements move to their paragraph or item.
            (
                "<p>One<sup id='fnref:1'><a href='#fn:1'>1</a></sup> two<a name=r2 href='#fn:2'>2</a></p>\
                 <ol><li id='fn:1'>a <a href='#fnref:1'>back</a></li>\
                 <li><span id='fn:2'></span>b <a href='#r2'>back</a></li></ol>",
                "<p id=\"text-fnref-1\">One<sup><a href=\"#text-fn-1\">1</a></sup> \
                 two<a href=\"#text-fn-2\">2</a></p>\
                 <ol><li id=\"text-fn-1\">a <a href=\"#text-fnref-1\">back</a></li>\
                 <li id=\"text-fn-2\">b <a href=\"#text-fnref-1\">back</a></li></ol>",
            ),
            (
                "<p>a<sup id=x>1</sup></p><figure id=y></figure><p id=z>b<a href=#y>c</a></p>",
                "<p>a<sup>1</sup></p><p id=\"text-z\">b<a href=\"#text-z\">c</a></p>",
            ),
            // Outside of paragraphs, they move to the next one.
            (
                "<div id=top><blockquote id=q><p>a</p></blockquote></div><p><a href=#top>b</a> <a href=#q>c</a></p>",
                "<blockquote><p id=\"text-top\">a</p></blockquote>\
                 <p><a href=\"#text-top\">b</a> <a href=\"#text-top\">c</a></p>",
            ),
            (
                "<p id=a>1</p><p id=a>2</p><p id=''>3</p><p id='\"><b>'>4</p>",
                "<p id=\"text-a\">1</p><p>2</p><p>3</p><p id=\"text----b-\">4</p>",
            ),
        ] {
            assert_eq!(clean(html), renamed, "{html}");
            assert_eq!(clean(renamed), renamed);
        }
    }

    #[test]
    fn links_without_a_target_in_the_text_are_replaced_by_their_text() {
        assert_eq!(
            clean(
                "<p id=a><a href='#share'>b</a> <a href='#'>c</a> <a href='#a&amp;b'>d</a> <a href='/x#y'>e</a></p>"
            ),
            "<p id=\"text-a\">b c d <a href=\"/x#y\">e</a></p>"
        );
    }

    #[test]
    fn attributions_of_quotations_are_no_footers_in_pages() {
        let html = "<blockquote><p>a</p><footer>b <cite>c</cite></footer></blockquote>\
                    <p><a href=\"/&lt;footer&gt;\">&lt;footer&gt;</a></p>";
        assert_eq!(
            SanitizedHtml::new(html).for_pages().as_str(),
            "<blockquote><p>a</p><div class=\"attribution\">b <cite>c</cite></div></blockquote>\
             <p><a href=\"/&lt;footer&gt;\">&lt;footer&gt;</a></p>"
        );
    }

    #[test]
    fn an_opening_paragraph_may_have_an_id() {
        let opening = |html: &str| SanitizedHtml::new(html).opening();
        let with_id = opening("\n<p id=x>a <em>b</em></p><p>c</p>").unwrap();
        assert_eq!(with_id.id.as_deref(), Some("text-x"));
        assert_eq!(with_id.text.as_str(), "a <em>b</em>");
        assert_eq!(with_id.rest.as_str(), "<p>c</p>");
        assert!(opening("<p>a</p>").unwrap().id.is_none());
        assert!(opening("<p lang=fr>a</p>").is_none());
        assert!(opening("<h2>a</h2><p>b</p>").is_none());
    }

    #[test]
    fn markers_between_paragraphs_are_kept() {
        let html = "<p>a</p><figure data-media=\"3\" data-alt=\"x\"></figure><h2>b</h2>\
                    <aside class=\"pull-quote\"><p>c</p></aside><p>d</p>";
        assert_eq!(clean(html), html);
        assert_eq!(
            SanitizedHtml::new(html).plain().split_whitespace().count(),
            4
        );
    }

    fn in_feed(html: &str) -> String {
        let page = Url::parse("https://news.example/2026/11/29/story-one").unwrap();
        absolute(html, &page).replace(" rel=\"noopener noreferrer\"", "")
    }

    #[test]
    fn links_in_feeds_lead_where_they_lead_on_the_page() {
        for (href, target) in [
            ("story-two", "https://news.example/2026/11/29/story-two"),
            ("./story-two", "https://news.example/2026/11/29/story-two"),
            ("../28/old", "https://news.example/2026/11/28/old"),
            ("/news#top-stories", "https://news.example/news#top-stories"),
            (
                "?page=2",
                "https://news.example/2026/11/29/story-one?page=2",
            ),
            (
                "?page=2#n1",
                "https://news.example/2026/11/29/story-one?page=2#n1",
            ),
            ("", "https://news.example/2026/11/29/story-one"),
            ("#", "https://news.example/2026/11/29/story-one#"),
            ("#top", "https://news.example/2026/11/29/story-one#top"),
            ("//other.example/x", "https://other.example/x"),
            ("https://other.example/x#n9", "https://other.example/x#n9"),
            ("mailto:desk@news.example", "mailto:desk@news.example"),
        ] {
            assert_eq!(
                in_feed(&format!("<p><a href=\"{href}\">a</a></p>")),
                format!("<p><a href=\"{target}\">a</a></p>"),
                "{href}"
            );
        }
    }

    #[test]
    fn links_within_a_text_keep_their_targets_in_feeds() {
        let page = "https://news.example/2026/11/29/story-one";
        assert_eq!(
            in_feed(
                "<p><a href=\"#n1\">1</a> <a href=\"#caf%C3%A9\">2</a></p>\
                 <h2 id=\"café\">Café</h2><ol><li id=\"n1\">Note</li></ol>"
            ),
            format!(
                "<p><a href=\"{page}#n1\">1</a> <a href=\"{page}#caf%C3%A9\">2</a></p>\
                 <h2 id=\"café\">Café</h2><ol><li id=\"n1\">Note</li></ol>"
            )
        );
    }

    #[test]
    fn links_without_a_target_are_their_texts_in_feeds() {
        for (html, kept) in [
            (
                "<p>As <a href=\"#n1\"><em>noted</em></a>.</p>",
                "<p>As <em>noted</em>.</p>",
            ),
            (
                "<p id=\"n1\"><a href=\"#N1\">a</a></p>",
                "<p id=\"n1\">a</p>",
            ),
            ("<p><a href=\" #n1\">a</a> b # c</p>", "<p>a b # c</p>"),
        ] {
            assert_eq!(in_feed(html), kept, "{html}");
        }
        let html = "<p><a href=\"#n1\">a</a> <a href=\"https://other.example/\">b</a></p>";
        let kept = "<p>a <a href=\"https://other.example/\">b</a></p>";
        assert_eq!(in_feed(html), kept);
    }

    #[test]
    fn words_are_counted_without_markup() {
        assert_eq!(
            SanitizedHtml::new("<p>One<strong>two</strong></p><p>three &amp; four").word_count(),
            4
        );
    }
}
