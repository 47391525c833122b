//! Exports the whole site as static files, for an archive, a mirror or an emergency.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::crawler::{CrawlError, CrawlResponse, Crawler};
use crate::{
    config::Config,
    db::{AnyConnection, Db},
    models::address,
    parallel::map_chunks,
    private_file,
    text::pattern::patterns,
    transfer::export::{ExportError, at, create_folder},
};

/// Concurrent requests.
const CONCURRENCY: usize = 4;
/// The paths that crawling starts with; links lead from them to every public page.
const START_PATHS: [&str; 5] = [
    "/",
    "/sitemap.xml",
    "/robots.txt",
    "/favicon.ico",
    "/site.webmanifest",
];
/// Paths that need the program and are not exported.
const DYNAMIC_PATHS: [&str; 5] = ["/search", "/admin", "/preview", "/healthz", "/readyz"];
/// The page for paths that do not exist, and the list of redirects.
const NOT_FOUND: &str = "404.html";
const REDIRECTS: &str = "_redirects";
/// Redirects that are read per query.
const REDIRECT_BATCH: i64 = 1_000;

/// Why the site could not be exported; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SiteExportError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Crawl(#[from] CrawlError),
}

/// The result of an export.
#[derive(Debug, Default)]
pub struct ExportedSite {
    /// The number of files by media type (`text/html`, …).
    pub files: BTreeMap<String, u64>,
    pub redirects: u64,
    /// Linked paths that respond with an error, and their status.
    pub broken: BTreeMap<String, u16>,
    /// Paths that were skipped because they cannot be the name of a file, and why.
    pub skipped: BTreeMap<String, String>,
}

/// Writes every public page and file into the folder `to`, and calls `progress` with the number of requests that were
/// made and of paths that are known. The later pages of a list are at `…/page/2/`, and `_redirects` has one line per
/// redirect (old path, new path, status).
///
/// # Errors
/// If there is no base URL, the folder is not empty, a file cannot be written, or a request gets no response.
pub fn export(
    config: &Config,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ExportedSite, SiteExportError> {
    if config.base_url.is_none() {
        return Err(ExportError::NoBaseUrl.into());
    }
    create_folder(to)?;
    let crawler = Crawler::new(config)?;
    let mut exported = ExportedSite::default();
    // First, so that no page takes their names.
    let not_found = crawler.get("/there-is-no-such-page-here")?;
    let path = to.join(NOT_FOUND);
    private_file::write(&path, not_found.body).map_err(at(&path))?;
    exported.redirects = write_redirects(config, to)?;
    let own = [NOT_FOUND, REDIRECTS].map(|name| (PathBuf::from(name), String::new()));
    let mut written = HashMap::from(own);
    let mut known: HashSet<String> = START_PATHS.iter().map(|path| (*path).to_owned()).collect();
    let mut next: BTreeSet<String> = known.iter().cloned().collect();
    let mut done = 0;
    while !next.is_empty() {
        let mut found = BTreeSet::new();
        let paths: Vec<String> = std::mem::take(&mut next).into_iter().collect();
        for some in paths.chunks(CONCURRENCY * 16) {
            for (path, response) in fetch(&crawler, some)? {
                done += 1;
                match (response.status, &response.location) {
                    (200, _) => {
                        let (body, links) = content(&crawler, &response);
                        found.extend(links);
                        let is_page = response.is_page();
                        match write_file(to, &path, is_page, &body, &mut written)? {
                            None => {
                                *exported.files.entry(response.content_type).or_default() += 1;
                            }
                            Some(why) => {
                                exported.skipped.insert(path, why);
                            }
                        }
                    }
                    (301 | 302 | 308, Some(to)) if to.starts_with('/') => {
                        found.insert(without_fragment(to));
                    }
                    (status, _) => {
                        exported.broken.insert(path, status);
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
    Ok(exported)
}

fn fetch(crawler: &Crawler, paths: &[String]) -> Result<Vec<(String, CrawlResponse)>, CrawlError> {
    let fetched = map_chunks(paths, CONCURRENCY, |some| {
        some.iter()
            .map(|path| Ok((path.clone(), crawler.get(path)?)))
            .collect::<Result<Vec<_>, CrawlError>>()
    });
    let fetched: Result<Vec<_>, CrawlError> = fetched.into_iter().collect();
    Ok(fetched?.into_iter().flatten().collect())
}

/// The body of a response as it is exported, and the paths that it links to.
fn content(crawler: &Crawler, response: &CrawlResponse) -> (Vec<u8>, Vec<String>) {
    let has_links = response.is_page()
        || response.content_type.ends_with("xml")
        || response.content_type == "text/css";
    if !has_links {
        return (response.body.clone(), Vec::new());
    }
    let text = String::from_utf8_lossy(&response.body);
    let found = addresses(&text)
        .iter()
        .filter_map(|address| crawler.path_of(address))
        .map(|path| without_fragment(&path))
        .filter(|path| is_exportable(path))
        .collect();
    let body = if response.is_page() {
        with_static_pagination(&text).into_bytes()
    } else {
        response.body.clone()
    };
    (body, found)
}

/// Writes the file of a path; returns why it was skipped if its name is impossible: with NUL, too long, the name of
/// a folder or of a file that exists, or below a file.
///
/// # Errors
/// If it cannot be written for another reason.
fn write_file(
    to: &Path,
    path: &str,
    is_page: bool,
    body: &[u8],
    written: &mut HashMap<PathBuf, String>,
) -> Result<Option<String>, ExportError> {
    let file = file_of(path, is_page);
    // A path may be linked in several encodings.
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    match written.get(&file) {
        Some(other) if *other == decoded => return Ok(None),
        Some(_) => return Ok(Some("another page has the same file".to_owned())),
        None => written.insert(file.clone(), decoded.into_owned()),
    };
    let file = to.join(file);
    let folder = file.parent().unwrap_or(to);
    let done = match private_file::create_folder(folder).map_err(|why| (folder, why)) {
        Ok(()) => private_file::write(&file, body).map_err(|why| (file.as_path(), why)),
        failed => failed,
    };
    match done {
        Ok(()) => Ok(None),
        Err((_, why)) if is_about_name(why.kind()) => Ok(Some(why.to_string())),
        Err((path, why)) => Err(at(path)(why)),
    }
}

/// Whether an error is about the name of a file, so that other files can be written.
fn is_about_name(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::AlreadyExists
    )
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
        // `srcset` is a list of candidates, each an address and a width.
        for candidate in value.split(", ") {
            let address = candidate.trim().split(' ').next().unwrap_or_default();
            if address.starts_with('/') || address.starts_with("http") {
                found.push(address.to_owned());
            }
        }
    }
    found
}

/// Replaces `?page=2` by `/page/2/`: a static file server ignores the query.
fn with_static_pagination(html: &str) -> String {
    PAGE.replace_all(html, |found| {
        let fragment = found.get(3).map_or("", |fragment| fragment.as_str());
        let path = found[1].trim_end_matches('/');
        format!("{path}/page/{}/{fragment}\"", &found[2])
    })
}

fn without_fragment(path: &str) -> String {
    path.split('#').next().unwrap_or_default().to_owned()
}

fn is_exportable(path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_dynamic = DYNAMIC_PATHS.iter().any(|dynamic| {
        path.strip_prefix(dynamic)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let is_page = query
        .strip_prefix("page=")
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    !is_dynamic && (query.is_empty() || is_page)
}

/// The file of a path, relative to the folder of the export.
fn file_of(path: &str, is_page: bool) -> PathBuf {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    // No segment may escape the folder.
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

fn write_redirects(config: &Config, to: &Path) -> Result<u64, ExportError> {
    let db = Db::open(&config.database_url, 1).map_err(|error| {
        let why = std::io::Error::other(error.to_string());
        at(to)(why)
    })?;
    let (mut text, mut count) = (String::new(), 0);
    let mut after = String::new();
    loop {
        let read = |conn: &mut AnyConnection| {
            Ok::<_, crate::error::Error>(address::moved_after(conn, &after, REDIRECT_BATCH)?)
        };
        let batch = db.read_blocking(read).map_err(ExportError::from)?;
        let Some((last, _)) = batch.last() else {
            break;
        };
        after.clone_from(last);
        for (old, new) in batch {
            text += &format!("{} {} 301\n", encoded(&old), encoded(&new));
            count += 1;
        }
    }
    let path = to.join(REDIRECTS);
    private_file::write(&path, text).map_err(at(&path))?;
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
    fn every_path_has_one_file_inside_the_folder() {
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
    fn a_path_that_cannot_be_a_file_is_skipped_and_others_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = HashMap::new();
        let mut write =
            |path: &str| write_file(folder.path(), path, true, b"x", &mut written).unwrap();
        assert_eq!(write("/"), None);
        assert_eq!(write("/news"), None);
        let long = format!("/{}", "%E6%97%A5".repeat(100));
        for impossible in ["/a%00b", "/index.html", "/news/index.html", "/news/", &long] {
            assert!(write(impossible).is_some(), "{impossible}");
        }
        assert_eq!(write("/news/world"), None);
        assert_eq!(write("/new%73/world"), None);
        assert!(folder.path().join("news/world/index.html").is_file());
    }

    #[test]
    fn links_are_found_in_pages_sitemaps_and_style_sheets() {
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
            with_static_pagination(list),
            r#"<a href="/news/page/2/">2</a> <a href="/page/3/">3</a>"#
        );
    }
}
