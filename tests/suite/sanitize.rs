//! Property test of the HTML sanitiser: it is idempotent and its output contains only the allowed vocabulary.

use std::collections::HashSet;

use dateline::text::{SanitizedHtml, with_markers};
use ego_tree::NodeRef;
use proptest::{prelude::*, test_runner::Config};
use scraper::{Html, Node};

/// Fragments of texts and attacks.
const FRAGMENTS: [&str; 76] = [
    "<p>",
    "</p>",
    "<p lang=\"fr\" dir=rtl>",
    "<h2>",
    "</h2>",
    "<h3 onclick=x>",
    "</h3>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<ol>",
    "</ol>",
    "<ol start=3 reversed type=a>",
    "<li value=7 id=a>",
    "<h2 id='text-a'>",
    "<p id=share>",
    "<a href='#a' name=b>",
    "<a href=\"#share\">",
    "<span id=c>",
    "</span>",
    "<s>",
    "</s>",
    "<del>",
    "</del>",
    "<blockquote>",
    "</blockquote>",
    "<footer>",
    "</footer>",
    "<cite>",
    "</cite>",
    "<aside class=\"pull-quote\">",
    "<aside>",
    "<aside data-also-read=\"12\">",
    "<aside data-also-read=\"-1\">",
    "</aside>",
    "<a href=\"/news\">",
    "<a href=\"javascript:alert(1)\">",
    "<a href='https://x.example/?a=1&b=2'>",
    "<a href=\" data:text/html,x\">",
    "</a>",
    "<em>",
    "</em>",
    "<strong>",
    "</strong>",
    "<sub>",
    "</sup>",
    "<br>",
    "<table>",
    "<caption>",
    "</caption>",
    "<thead>",
    "<tbody>",
    "<tr>",
    "<th scope=col colspan=3>",
    "<td rowspan=\"999\">",
    "</td>",
    "</table>",
    "<figure data-media=\"7\" data-alt='\"<b>\"' data-caption=\"a &amp; b\">",
    "<figure data-media=x>",
    "</figure>",
    "<div data-gallery=\"G\">",
    "<div data-embed=\"https://vimeo.com/1\" data-title=\"<T>\">",
    "<div data-embed=\"https://evil.example/\">",
    "</div>",
    "<script>",
    "</script>",
    "<style>",
    "<svg onload=alert(1)>",
    "<math>",
    "<!--",
    "-->",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;",
    "&#x3c;b&#62;&amp;amp;",
    "<template><noscript>",
];

fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&FRAGMENTS[..]).prop_map(str::to_owned),
        2 => "[ a-zé日\\n&<>\"'=/;]{0,12}",
        1 => any::<String>(),
    ]
}

const ELEMENTS: [&str; 27] = [
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
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "div",
    "colgroup",
];
const ATTRIBUTES: [&str; 20] = [
    "id",
    "start",
    "reversed",
    "type",
    "value",
    "href",
    "hreflang",
    "lang",
    "dir",
    "scope",
    "colspan",
    "rowspan",
    "class",
    "data-media",
    "data-alt",
    "data-caption",
    "data-credit",
    "data-gallery",
    "data-embed",
    "data-title",
];

/// Lists contain only items, and items are in lists; ids are unique, and links in the text have a target.
fn check_structure(html: &str) -> Result<(), TestCaseError> {
    let document = Html::parse_fragment(html);
    let name = |node: NodeRef<'_, Node>| {
        node.value()
            .as_element()
            .map(|element| element.name().to_owned())
    };
    let is_list = |node: NodeRef<'_, Node>| matches!(name(node).as_deref(), Some("ul" | "ol"));
    let mut ids = HashSet::new();
    for node in document.root_element().descendants().skip(1) {
        let is_blank = matches!(node.value(), Node::Text(text) if text.trim_ascii().is_empty());
        let is_item = name(node).as_deref() == Some("li");
        prop_assert!(
            is_blank || is_item == node.parent().is_some_and(is_list),
            "{:?} in {html}",
            node.value()
        );
        if let Some(id) = node
            .value()
            .as_element()
            .and_then(|element| element.attr("id"))
        {
            let is_block = matches!(name(node).as_deref(), Some("p" | "h2" | "h3" | "li"));
            prop_assert!(is_block && id.starts_with("text-"), "{id} in {html}");
            prop_assert!(ids.insert(id), "{id} twice in {html}");
        }
    }
    for node in document.root_element().descendants() {
        let href = node
            .value()
            .as_element()
            .and_then(|element| element.attr("href"));
        if let Some(target) = href.and_then(|href| href.strip_prefix('#')) {
            prop_assert!(ids.contains(target), "{target} in {html}");
        }
    }
    Ok(())
}

fn check_vocabulary(html: &str) -> Result<(), TestCaseError> {
    for node in Html::parse_fragment(html)
        .root_element()
        .descendants()
        .skip(1)
    {
        let Node::Element(element) = node.value() else {
            prop_assert!(
                !matches!(node.value(), Node::Comment(_)),
                "a comment in {html}"
            );
            continue;
        };
        prop_assert!(
            ELEMENTS.contains(&element.name()),
            "<{}> in {html}",
            element.name()
        );
        for (name, value) in element.attrs() {
            prop_assert!(
                ATTRIBUTES.contains(&name) || name == "data-also-read",
                "{name} in {html}"
            );
            if name == "href" {
                let scheme = value
                    .split_once(':')
                    .map(|(scheme, _)| scheme.to_ascii_lowercase());
                let is_relative = value
                    .find(['/', '?', '#'])
                    .is_some_and(|at| value.find(':').is_none_or(|colon| at < colon));
                prop_assert!(
                    is_relative
                        || scheme
                            .is_none_or(|scheme| ["http", "https", "mailto", "tel"]
                                .contains(&scheme.as_str())),
                    "{value} in {html}"
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: Config::default().cases.max(1_500), failure_persistence: None, ..Config::default() })]

    #[test]
    fn sanitising_is_idempotent_and_allows_only_the_vocabulary(fragments in prop::collection::vec(fragment(), 0..24)) {
        let html = fragments.concat();
        let once = SanitizedHtml::new(&html);
        prop_assert_eq!(SanitizedHtml::new(once.as_str()), once.clone(), "of {}", html);
        check_vocabulary(once.as_str())?;
        check_structure(once.as_str())?;
        // Replacing each marker with itself changes nothing.
        prop_assert_eq!(with_markers(&once, Some), once, "of {}", html);
    }
}
