//! The whole site as files, for an archive, a mirror or an emergency: every server of files can serve it.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::{ExportError, at, make_folder};
use crate::{
    config::Config,
    db::{AnyConnection, Db},
    models::address,
    parallel::side_by_side,
    transfer::{
        pattern::patterns,
        visitor::{Answer, VisitError, Visitor},
    },
};

/// Pages that are asked for at a time.
const AT_A_TIME: usize = 4;
/// From here everything public is reached.
const BEGINNINGS: [&str; 5] = [
    "/",
    "/sitemap.xml",
    "/robots.txt",
    "/favicon.ico",
    "/site.webmanifest",
];
/// What only a program can answer.
const ALIVE: [&str; 5] = ["/search", "/admin", "/preview", "/healthz", "/readyz"];
/// Redirects that are read at a time.
const REDIRECTS: i64 = 1_000;

/// What became of the site.
#[derive(Debug, Default)]
pub struct Left {
    /// Files by their kind (`text/html` and so on).
    pub files: BTreeMap<String, u64>,
    pub redirects: u64,
    /// What pages lead to and does not answer, with its status.
    pub broken: BTreeMap<String, u16>,
}

/// Writes everything that readers can reach into the folder `to`. Lists go on at `…/page/2/`, and what moved is
/// in the file `_redirects` (old address, new address, status).
pub fn site(
    config: &Config,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Left, ExportError> {
    if config.base_url.is_none() {
        return Err(ExportError::NoAddress);
    }
    make_folder(to)?;
    let visitor = Visitor::new(config)?;
    let mut left = Left::default();
    let mut known: HashSet<String> = BEGINNINGS.iter().map(|path| (*path).to_owned()).collect();
    let mut next: BTreeSet<String> = known.iter().cloned().collect();
    let mut done = 0;
    while !next.is_empty() {
        let mut found = BTreeSet::new();
        let paths: Vec<String> = std::mem::take(&mut next).into_iter().collect();
        for some in paths.chunks(AT_A_TIME * 16) {
            for (path, answer) in fetch(&visitor, some)? {
                done += 1;
                match (answer.status, &answer.location) {
                    (200, _) => {
                        found.extend(keep(&visitor, to, &path, answer, &mut left)?);
                    }
                    (301 | 302 | 308, Some(to)) if to.starts_with('/') => {
                        found.insert(without_fragment(to));
                    }
                    (status, _) => {
                        left.broken.insert(path, status);
                    }
                }
            }
            progress(done, known.len() as u64);
        }
        for path in found {
            if known.insert(path.clone()) {
                next.insert(path);
            }
        }
    }
    // What answers where nothing is.
    let missing = visitor.get("/there-is-no-such-page-here")?;
    let path = to.join("404.html");
    fs::write(&path, missing.body).map_err(at(&path))?;
    left.redirects = redirects(config, to)?;
    Ok(left)
}

fn fetch(visitor: &Visitor, paths: &[String]) -> Result<Vec<(String, Answer)>, VisitError> {
    let fetched = side_by_side(paths, AT_A_TIME, |some| {
        some.iter()
            .map(|path| Ok((path.clone(), visitor.get(path)?)))
            .collect::<Result<Vec<_>, VisitError>>()
    });
    let fetched: Result<Vec<_>, VisitError> = fetched.into_iter().collect();
    Ok(fetched?.into_iter().flatten().collect())
}

/// Writes what a path answered; returns the paths that it leads to.
fn keep(
    visitor: &Visitor,
    to: &Path,
    path: &str,
    answer: Answer,
    left: &mut Left,
) -> Result<Vec<String>, ExportError> {
    let mut found = Vec::new();
    let is_page = answer.content_type == "text/html";
    let has_links =
        is_page || answer.content_type.ends_with("xml") || answer.content_type == "text/css";
    let body = if has_links {
        let text = String::from_utf8_lossy(&answer.body);
        for address in addresses(&text) {
            let path = visitor
                .path_of(&address)
                .map(|path| without_fragment(&path));
            found.extend(path.filter(|path| can_be_a_file(path)));
        }
        if is_page {
            with_pages_as_folders(&text).into_bytes()
        } else {
            answer.body
        }
    } else {
        answer.body
    };
    let file = to.join(file_of(path, is_page));
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::write(&file, body).map_err(at(&file))?;
    *left.files.entry(answer.content_type).or_default() += 1;
    Ok(found)
}

patterns! {
    ADDRESS = r#"(?:\s(?:href|src|srcset|imagesrcset|content)="([^"]*)"|<loc>([^<]*)</loc>|url\("?([^")]*)"?\))"#;
    PAGE = r#"(\shref="[^"?]*)\?page=(\d+)(#[^"]*)?""#;
}

/// The addresses in a page, a sitemap or a style sheet.
fn addresses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for captures in ADDRESS.captures_iter(text) {
        let Some(value) = captures.iter().skip(1).flatten().next() else {
            continue;
        };
        let value = value.as_str().replace("&amp;", "&").replace("&#38;", "&");
        // A list of candidates, each an address and a width.
        for candidate in value.split(", ") {
            let address = candidate.trim().split(' ').next().unwrap_or_default();
            if address.starts_with('/') || address.starts_with("http") {
                found.push(address.to_owned());
            }
        }
    }
    found
}

/// A server of files does not see what stands behind a question mark.
fn with_pages_as_folders(html: &str) -> String {
    PAGE.replace_all(html, |found| {
        let fragment = found.get(3).map_or("", |fragment| fragment.as_str());
        let path = found[1].trim_end_matches('/');
        format!("{path}/page/{}/{fragment}\"", &found[2])
    })
}

fn without_fragment(path: &str) -> String {
    path.split('#').next().unwrap_or_default().to_owned()
}

fn can_be_a_file(path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_alive = ALIVE.iter().any(|alive| {
        path.strip_prefix(alive)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let is_page = query
        .strip_prefix("page=")
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    !is_alive && (query.is_empty() || is_page)
}

/// Where the answer of a path is kept, below the folder.
fn file_of(path: &str, is_page: bool) -> PathBuf {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    // Nothing leads out of the folder.
    let mut file: PathBuf = decoded
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect();
    if let Some(number) = query.strip_prefix("page=") {
        file.push("page");
        file.push(number);
    }
    if is_page {
        file.push("index.html");
    }
    file
}

fn redirects(config: &Config, to: &Path) -> Result<u64, ExportError> {
    let db = Db::open(&config.database_url, 1).map_err(|error| {
        let why = std::io::Error::other(error.to_string());
        at(to)(why)
    })?;
    let (mut text, mut count) = (String::new(), 0);
    let mut after = String::new();
    loop {
        let read = |conn: &mut AnyConnection| {
            Ok::<_, crate::error::Error>(address::moved_after(conn, &after, REDIRECTS)?)
        };
        let some = db.read_blocking(read)?;
        let Some((last, _)) = some.last() else {
            break;
        };
        after.clone_from(last);
        for (old, new) in some {
            text += &format!("{} {} 301\n", encoded(&old), encoded(&new));
            count += 1;
        }
    }
    let path = to.join("_redirects");
    fs::write(&path, text).map_err(at(&path))?;
    Ok(count)
}

fn encoded(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'%');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_file() {
        for (path, is_page, file) in [
            ("/", true, "index.html"),
            ("/news/world", true, "news/world/index.html"),
            ("/news?page=2", true, "news/page/2/index.html"),
            ("/feed.xml", false, "feed.xml"),
            ("/caf%C3%A9", true, "café/index.html"),
            ("/../../etc/passwd", false, "etc/passwd"),
            ("/a/%2e%2e/%2e%2e/b", false, "a/b"),
        ] {
            assert_eq!(file_of(path, is_page), Path::new(file), "{path}");
        }
    }

    #[test]
    fn addresses_are_found_where_pages_have_them() {
        let page = r#"<a href="/a?x=1&amp;y=2#top">a</a><img src="/b.jpg" srcset="/c-1.jpg 1w, /c-2.jpg 2w">
                      <a href="https://x.example/d">d</a><loc>https://x.example/e</loc><style>url("/f.woff2")</style>"#;
        assert_eq!(
            addresses(page),
            [
                "/a?x=1&y=2#top",
                "/b.jpg",
                "/c-1.jpg",
                "/c-2.jpg",
                "https://x.example/d",
                "https://x.example/e",
                "/f.woff2"
            ]
        );
        let list = r#"<a href="/news?page=2">2</a> <a href="?page=3">3</a>"#;
        assert_eq!(
            with_pages_as_folders(list),
            r#"<a href="/news/page/2/">2</a> <a href="/page/3/">3</a>"#
        );
    }
}
