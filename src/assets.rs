//! Static files embedded in the binary: style sheets, scripts, fonts, icons. Their URLs contain a hash of their content, so
//! that clients may cache them indefinitely.

use std::{borrow::Cow, collections::HashMap, hash::Hasher};

use actix_web::web::Bytes;
use rust_embed::RustEmbed;
use siphasher::sip::SipHasher24;

use crate::colour::Accents;

#[derive(RustEmbed)]
#[folder = "static"]
struct Embedded;

/// The style sheet of reader pages: its URL contains the site's colours as well.
const READER_CSS: &str = "css/reader.css";

/// `Cache-Control` for files with a hash in their name.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The embedded files.
pub struct Assets {
    /// URLs by file name in `static/`.
    urls: HashMap<String, String>,
    /// Files by URL.
    files: HashMap<String, File>,
    reader_css: String,
    reader_css_hash: String,
}

struct File {
    content: Cow<'static, [u8]>,
    mime: String,
}

impl Assets {
    pub fn load() -> Self {
        let mut urls = HashMap::new();
        let mut files = HashMap::new();
        for name in Embedded::iter().filter(|name| !name.ends_with(".css")) {
            let Some(file) = Embedded::get(&name) else {
                continue;
            };
            let url = hashed(&name, &hex(&file.metadata.sha256_hash()));
            urls.insert(name.to_string(), url.clone());
            let mime = mime_guess::from_path(name.as_ref())
                .first_or_octet_stream()
                .to_string();
            let mime = if mime.starts_with("text/") {
                format!("{mime}; charset=utf-8")
            } else {
                mime
            };
            files.insert(
                url,
                File {
                    content: file.data,
                    mime,
                },
            );
        }
        let (reader_css, reader_css_hash) = style_sheet(READER_CSS, &urls);
        // Those in folders are parts of a sheet, which imports them.
        let is_sheet = |name: &str| name.ends_with(".css") && name.matches('/').count() == 1;
        let others = Embedded::iter().filter(|name| is_sheet(name) && name != READER_CSS);
        for name in others.collect::<Vec<_>>() {
            let (css, hash) = style_sheet(&name, &urls);
            let url = hashed(&name, &hash);
            let file = File {
                content: Cow::Owned(css.into_bytes()),
                mime: "text/css; charset=utf-8".to_owned(),
            };
            urls.insert(name.to_string(), url.clone());
            files.insert(url, file);
        }
        Self {
            urls,
            files,
            reader_css,
            reader_css_hash,
        }
    }

    /// The URL of a file in `static/`; empty if there is no file of this name.
    pub fn url(&self, name: &str) -> &str {
        self.urls.get(name).map_or("", String::as_str)
    }

    /// The URL of the reader style sheet with the site's accent colours, for light and dark mode.
    pub fn reader_css_url(&self, accents: &Accents) -> String {
        let hash = &self.reader_css_hash;
        let light = accents.on_light.trim_start_matches('#');
        let dark = accents.on_dark.trim_start_matches('#');
        format!("/assets/css/reader.{hash}.{light}.{dark}.css")
    }

    /// The content and the content type of a URL.
    pub fn get(&self, url: &str) -> Option<(Bytes, &str)> {
        let Some(file) = self.files.get(url) else {
            let css = self.reader_css(url)?;
            return Some((Bytes::from(css), "text/css; charset=utf-8"));
        };
        let content = match &file.content {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::copy_from_slice(bytes),
        };
        Some((content, &file.mime))
    }

    /// Whether a URL is that of an embedded file, as opposed to the reader style sheet in some colours.
    pub fn is_file(&self, url: &str) -> bool {
        self.files.contains_key(url)
    }

    fn reader_css(&self, url: &str) -> Option<String> {
        let colours = url
            .strip_prefix("/assets/css/reader.")?
            .strip_suffix(".css")?;
        let colours = colours
            .strip_prefix(&self.reader_css_hash)?
            .strip_prefix('.')?;
        let (light, dark) = colours.split_once('.')?;
        let is_colour = |text: &str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_hexdigit());
        (is_colour(light) && is_colour(dark)).then(|| {
            let colours = format!(":root{{--accent-on-light:#{light};--accent-on-dark:#{dark}}}\n");
            colours + &self.reader_css
        })
    }
}

fn embedded_text(name: &str) -> String {
    Embedded::get(name)
        .map(|file| String::from_utf8_lossy(&file.data).into_owned())
        .unwrap_or_default()
}

/// The sheet with each line `@import "folder/part.css";` replaced by that file: one request, in the order that the
/// sheet declares.
fn with_imports(sheet: &str) -> String {
    let part = |line: &str| {
        let name = line.strip_prefix("@import \"")?.strip_suffix("\";")?;
        Some(embedded_text(&format!("css/{name}")))
    };
    sheet
        .lines()
        .map(|line| part(line).unwrap_or_else(|| line.to_owned()) + "\n")
        .collect()
}

/// CSS without comments and insignificant whitespace. Strings are unchanged.
fn compact_css(css: &str) -> String {
    let mut compact = String::with_capacity(css.len());
    let mut rest = css;
    let mut is_spaced = false;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
            rest = &rest[end..];
            is_spaced = true;
            continue;
        }
        let length = match c {
            '"' | '\'' => string_length(rest, c),
            _ => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if c.is_ascii_whitespace() {
            is_spaced = true;
            continue;
        }
        if c == '}' && compact.ends_with(';') {
            compact.pop();
        }
        // Before a colon it separates `a :hover` from `a:hover`; after one nothing depends on it.
        let needs_space = !compact.is_empty()
            && !compact.ends_with(['{', '}', ';', ',', ':', '('])
            && !matches!(c, '{' | '}' | ';' | ',' | ')');
        if is_spaced && needs_space {
            compact.push(' ');
        }
        is_spaced = false;
        compact.push_str(token);
    }
    compact
}

/// The length of the string at the beginning of `css`, with its quotes.
fn string_length(css: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in css.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    css.len()
}

/// A style sheet with file names replaced by their URLs, and its hash, which changes when a file that it names changes.
fn style_sheet(name: &str, urls: &HashMap<String, String>) -> (String, String) {
    let mut css = compact_css(&with_imports(&embedded_text(name)));
    for (name, url) in urls {
        css = css.replace(&format!("/assets/{name}"), url);
    }
    let mut hasher = SipHasher24::new();
    hasher.write(css.as_bytes());
    let hash = hex(&hasher.finish().to_be_bytes());
    (css, hash)
}

fn hashed(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("/assets/{stem}.{hash}.{extension}"),
        None => format!("/assets/{name}.{hash}"),
    }
}

/// The first 12 hexadecimal digits of a hash.
fn hex(hash: &[u8]) -> String {
    hash.iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{compact_css, with_imports};

    #[test]
    fn compact_css_keeps_what_has_a_meaning() {
        assert_eq!(
            compact_css(
                "/* a */\n@media (min-width: 40em) {\n  a :hover,\n  a:is(\n    .b\n  ) > c {\n    \
                 margin: 0 calc(1em + 2px) /* d */ 0;\n    content: \" /* e */; \\\" }\";\n  }\n}\n"
            ),
            "@media (min-width:40em){a :hover,a:is(.b) > c{margin:0 calc(1em + 2px) 0;\
             content:\" /* e */; \\\" }\"}}"
        );
    }

    #[test]
    fn sheets_hold_their_parts_in_the_order_of_the_imports() {
        let css = with_imports(
            "@layer a;\n@import \"reader/reset.css\";\n@import \"reader/print.css\";\n",
        );
        let at = |text: &str| css.find(text).unwrap();
        assert!(
            at("@layer a;") < at("@layer reset {") && at("@layer reset {") < at("@layer print {")
        );
        assert!(!css.contains("@import"));
    }
}
