//! Renders a body as lines of plain text, to compare revisions.

use super::{
    SanitizedHtml,
    body::{open_tag, tag_length, unescape},
};

/// One line for each paragraph, subheading, list item, table row, picture, …. Emphasis and links are written as in
/// Markdown, so that their changes are visible.
pub fn lines(body: &SanitizedHtml) -> Vec<String> {
    let mut lines = Lines::default();
    let mut rest = body.as_str();
    while let Some(at) = rest.find('<') {
        lines.text(&rest[..at]);
        rest = &rest[at..];
        match open_tag(rest) {
            Some((tag, _)) => {
                let value = |name: &str| tag.get(name).unwrap_or_default();
                // As in Markdown, so that changes of targets are visible.
                let id = tag
                    .get("id")
                    .map(|id| format!("{{#{id}}} "))
                    .unwrap_or_default();
                match tag.name {
                    "p" | "footer" if lines.is_fresh() => lines.text(&id),
                    "p" => lines.begin(&id),
                    "footer" => lines.begin("— "),
                    "h2" => lines.begin(&format!("## {id}")),
                    "h3" => lines.begin(&format!("### {id}")),
                    "ol" => {
                        let attributes: Vec<String> = ["start", "type", "reversed"]
                            .iter()
                            .filter_map(|name| Some((name, tag.get(name)?)))
                            .map(|(name, value)| match value.as_str() {
                                "" => (*name).to_owned(),
                                value => format!("{name} {value}"),
                            })
                            .collect();
                        if !attributes.is_empty() {
                            lines.begin(&format!("[numbers: {}]", attributes.join(", ")));
                        }
                        lines.ordered.push(true);
                    }
                    "ul" => lines.ordered.push(false),
                    "li" if lines.ordered.last() == Some(&true) => match tag.get("value") {
                        Some(number) => lines.begin(&format!("# {number}. {id}")),
                        None => lines.begin(&format!("# {id}")),
                    },
                    "li" => lines.begin(&format!("• {id}")),
                    "s" => lines.text("~~"),
                    "sub" => lines.text("~"),
                    "sup" => lines.text("^"),
                    "blockquote" => lines.begin("> "),
                    "tr" | "caption" => lines.begin("| "),
                    "td" | "th" if !lines.is_fresh() => lines.text(" | "),
                    "aside" if tag.get("data-also-read").is_some() => {
                        lines.begin(&format!("[also read {}]", value("data-also-read")));
                    }
                    "aside" => lines.begin("» "),
                    "figure" => {
                        let texts = [
                            value("data-alt"),
                            value("data-caption"),
                            value("data-credit"),
                        ];
                        let texts: Vec<String> =
                            texts.into_iter().filter(|text| !text.is_empty()).collect();
                        lines.begin(&format!(
                            "[picture {}] {}",
                            value("data-media"),
                            texts.join(" · ")
                        ));
                    }
                    "div" if tag.get("data-embed").is_some() => lines.begin(&format!(
                        "[embed {}] {}",
                        value("data-embed"),
                        value("data-title")
                    )),
                    "div" => lines.begin(&format!("[gallery] {}", value("data-gallery"))),
                    "em" => lines.text("_"),
                    "strong" => lines.text("**"),
                    "a" => {
                        lines.targets.push(value("href"));
                        lines.text("[");
                    }
                    "br" => lines.begin(""),
                    _ => {}
                }
            }
            None => match rest[..tag_length(rest)].trim_matches(['<', '/', '>']) {
                "em" => lines.text("_"),
                "strong" => lines.text("**"),
                "s" => lines.text("~~"),
                "sub" => lines.text("~"),
                "sup" => lines.text("^"),
                "ol" | "ul" => {
                    lines.ordered.pop();
                }
                "a" => {
                    let target = lines.targets.pop().unwrap_or_default();
                    lines.text(&format!("]({target})"));
                }
                _ => {}
            },
        }
        rest = &rest[tag_length(rest)..];
    }
    lines.text(rest);
    lines.done()
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    /// The length in bytes of the prefix of the last line, such as `## `.
    prefix: usize,
    targets: Vec<String>,
    /// For each open list, whether it is numbered.
    ordered: Vec<bool>,
}

impl Lines {
    fn begin(&mut self, prefix: &str) {
        self.lines.push(prefix.to_owned());
        self.prefix = prefix.len();
    }

    /// Whether the last line has only its prefix, so that, for example, the first paragraph of a quote continues the line
    /// of the quote.
    fn is_fresh(&self) -> bool {
        self.prefix > 0
            && self
                .lines
                .last()
                .is_some_and(|line| line.len() == self.prefix)
    }

    fn text(&mut self, text: &str) {
        let text = unescape(text);
        match self.lines.last_mut() {
            Some(line) => line.push_str(&text),
            None if text.trim().is_empty() => {}
            None => {
                self.begin("");
                self.text(&text);
            }
        }
    }

    fn done(self) -> Vec<String> {
        self.lines
            .into_iter()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_rendered_as_lines() {
        let body = SanitizedHtml::new(
            "<p>One <em>two</em> <a href=\"/x\">three</a></p><h2>Four</h2><ul><li>a</li><li>b</li></ul>\
             <blockquote><p>Said</p><footer>Who</footer></blockquote>\
             <aside class=\"pull-quote\"><p>Loud</p></aside><aside data-also-read=\"7\"></aside>\
             <figure data-media=\"3\" data-alt=\"A &amp; B\"></figure>\
             <table><caption>T</caption><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        );
        assert_eq!(
            lines(&body),
            [
                "One _two_ [three](/x)",
                "## Four",
                "• a",
                "• b",
                "> Said",
                "— Who",
                "» Loud",
                "[also read 7]",
                "[picture 3] A & B",
                "| T",
                "| 1 | 2",
            ]
        );
        assert!(lines(&SanitizedHtml::default()).is_empty());
    }

    #[test]
    fn struck_text_numbers_and_ids_are_visible() {
        let body = SanitizedHtml::new(
            "<h2 id=\"a\">One</h2><p id=\"b\">Not <s>two</s></p>\
             <ol start=\"3\" type=\"a\" reversed><li id=\"c\">x</li><li value=\"7\">y <a href=\"#b\">z</a></li></ol>\
             <ol><li>v</li></ol><blockquote><p id=\"d\">Said</p></blockquote>",
        );
        assert_eq!(
            lines(&body),
            [
                "## {#text-a} One",
                "{#text-b} Not ~~two~~",
                "[numbers: start 3, type a, reversed]",
                "# {#text-c} x",
                "# 7. y [z](#text-b)",
                "# v",
                "> {#text-d} Said",
            ]
        );
    }
}
