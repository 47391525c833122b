//! The program's own files: style sheets, scripts, fonts, icons. Their URLs hold a hash of what is in
//! them, so that they may be kept for ever.

use std::{borrow::Cow, collections::HashMap, hash::Hasher, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, Bytes},
};
use chrono::{DateTime, Utc};
use rust_embed::RustEmbed;
use siphasher::sip::SipHasher24;

use super::head::Head;
use crate::{
    app::App,
    page_cache::{Answer, Effort, Page},
};

#[derive(RustEmbed)]
#[folder = "static"]
#[include = "css/*.css"]
#[include = "js/*.js"]
#[include = "fonts/*.woff2"]
#[include = "icons/*"]
struct Embedded;

/// The readers' sheet: its URL holds the site's colours as well.
const READER_CSS: &str = "css/reader.css";

/// How long browsers and caches may keep what has its hash in its name.
pub const FOREVER: &str = "public, max-age=31536000, immutable";

pub struct Assets {
    /// URL by the file's name in `static/`.
    urls: HashMap<String, String>,
    /// By URL.
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
        let others = Embedded::iter().filter(|name| name.ends_with(".css") && name != READER_CSS);
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

    /// The URL of a file of `static/`.
    pub fn url(&self, name: &str) -> &str {
        self.urls.get(name).map_or("", String::as_str)
    }

    /// The URL of the readers' style sheet in the site's colours: `#rrggbb` on light and on dark.
    pub fn reader_css_url(&self, on_light: &str, on_dark: &str) -> String {
        let hash = &self.reader_css_hash;
        let (light, dark) = (
            on_light.trim_start_matches('#'),
            on_dark.trim_start_matches('#'),
        );
        format!("/assets/css/reader.{hash}.{light}.{dark}.css")
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

/// `GET /assets/…`: kept like a page, but one that nothing makes old.
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let url = request.path();
    let found = match app.assets.files.get(url) {
        Some(file) => {
            let content = match &file.content {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::copy_from_slice(bytes),
            };
            HeaderValue::from_str(&file.mime)
                .ok()
                .map(|mime| (content, mime))
        }
        None => app.assets.reader_css(url).map(|css| {
            let mime = HeaderValue::from_static("text/css; charset=utf-8");
            (Bytes::from(css), mime)
        }),
    };
    let Some((content, mime)) = found else {
        return HttpResponse::NotFound().body("not found");
    };
    let mut headers = app.headers.clone();
    headers.push((header::CONTENT_TYPE, mime));
    headers.push((header::CACHE_CONTROL, HeaderValue::from_static(FOREVER)));
    let asked = request.head().asked();
    let plain = Answer::new(content, headers);
    let answer = plain
        .encoded(asked.accepted.soonest(), Effort::Quick)
        .unwrap_or(plain);
    let response = answer.to(asked).response();
    // Of the readers' sheet anybody can ask for any colours; those of the site are kept.
    let is_ours = app.assets.files.contains_key(url)
        || app.last_known_site().is_some_and(|site| {
            let (on_light, on_dark) = crate::view::colour::accents(&site.settings.accent);
            app.assets.reader_css_url(&on_light, &on_dark) == url
        });
    if is_ours {
        let page = Page::new(answer, i64::MAX, DateTime::<Utc>::MAX_UTC);
        app.pages.keep(url.to_owned(), Arc::new(page));
    }
    response
}

/// A style sheet that names the files of `urls` by their URLs, with the hash of it as it is sent:
/// another font is another sheet.
fn style_sheet(name: &str, urls: &HashMap<String, String>) -> (String, String) {
    let mut css = Embedded::get(name)
        .map(|file| String::from_utf8_lossy(&file.data).into_owned())
        .unwrap_or_default();
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

/// The first 12 hexadecimal digits of a hash: enough to tell versions of a file apart.
fn hex(hash: &[u8]) -> String {
    hash.iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
