//! Checks that every address of the old site responds or redirects permanently.

use std::{fs, io, path::Path};

use url::Url;

use super::crawler::{CrawlError, Crawler};
use crate::parallel::map_chunks;

/// Concurrent requests.
const CONCURRENCY: usize = 4;

/// Why the addresses could not be checked; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error("{0} contains no addresses")]
    Empty(String),
    #[error("{path} is a sitemap index ({first}, …); pass the files of the sitemaps instead")]
    Index { path: String, first: String },
    #[error(transparent)]
    Crawl(#[from] CrawlError),
}

/// The result of a check.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Addresses that respond with 200.
    pub found: u64,
    /// Addresses that redirect permanently, in one step, to a page that responds with 200.
    pub redirected: u64,
    /// The others, each with the reason.
    pub lost: Vec<(String, String)>,
}

/// Reads the addresses in a file: one a line, or the locations of a sitemap.
///
/// # Errors
/// If the file cannot be read, contains no address, or is a sitemap index.
pub fn addresses(path: &Path) -> Result<Vec<String>, VerifyError> {
    let shown = path.display().to_string();
    let bytes = fs::read(path).map_err(|why| VerifyError::File {
        path: shown.clone(),
        why,
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    let found: Vec<String> = if text.starts_with('<') {
        let mut found = locations(text);
        if text.contains("<sitemapindex") {
            return Err(VerifyError::Index {
                path: shown,
                first: found.drain(..).next().unwrap_or_default(),
            });
        }
        found
    } else {
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    if found.is_empty() {
        return Err(VerifyError::Empty(shown));
    }
    Ok(found)
}

/// The contents of the `<loc>` elements of a sitemap.
fn locations(xml: &str) -> Vec<String> {
    xml.split("<loc>")
        .skip(1)
        .filter_map(|rest| rest.split("</loc>").next())
        .map(|address| {
            let address = address.trim();
            let bare = address
                .strip_prefix("<![CDATA[")
                .and_then(|bare| bare.strip_suffix("]]>"));
            match bare {
                Some(bare) => bare.to_owned(),
                None => quick_xml::escape::unescape(address)
                    .map_or_else(|_| address.to_owned(), |plain| plain.into_owned()),
            }
        })
        .collect()
}

/// Requests the path of each address and ignores its host: the domain of the old site is to point here.
///
/// # Errors
/// If a request gets no response.
pub fn verify(
    crawler: &Crawler,
    addresses: &[String],
    progress: &(dyn Fn() + Sync),
) -> Result<Verified, VerifyError> {
    let parts = map_chunks(addresses, CONCURRENCY, |some| {
        let mut verified = Verified::default();
        for address in some {
            check(crawler, address, &mut verified)?;
            progress();
        }
        Ok::<_, CrawlError>(verified)
    });
    let mut all = Verified::default();
    for part in parts {
        let part = part?;
        all.found += part.found;
        all.redirected += part.redirected;
        all.lost.extend(part.lost);
    }
    Ok(all)
}

fn check(crawler: &Crawler, address: &str, verified: &mut Verified) -> Result<(), CrawlError> {
    let path = match Url::parse(address) {
        Ok(url) => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        Err(_) if address.starts_with('/') => address.to_owned(),
        Err(_) => {
            let why = "not an address".to_owned();
            verified.lost.push((address.to_owned(), why));
            return Ok(());
        }
    };
    let response = crawler.get(&path)?;
    let why = match (response.status, response.location) {
        (200, _) => {
            verified.found += 1;
            return Ok(());
        }
        (301 | 308, Some(to)) if to.starts_with('/') => match crawler.get(&to)?.status {
            200 => {
                verified.redirected += 1;
                return Ok(());
            }
            status => format!("redirects to {to}, which responds with {status}"),
        },
        (301 | 308, Some(to)) => format!("redirects to another site, {to}"),
        (status @ (302 | 303 | 307), Some(to)) => {
            format!("redirects to {to}, but not permanently ({status})")
        }
        (status, _) => format!("responds with {status}"),
    };
    verified.lost.push((address.to_owned(), why));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses_in(content: &str) -> Result<Vec<String>, VerifyError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        addresses(file.path())
    }

    #[test]
    fn addresses_are_read_from_lists_and_sitemaps() {
        let list = "\u{feff}# old addresses\nhttps://old.example/a/\r\n\n/b?p=1\n";
        assert_eq!(
            addresses_in(list).unwrap(),
            ["https://old.example/a/", "/b?p=1"]
        );
        let sitemap = "<?xml version=\"1.0\"?><urlset><url><loc>https://old.example/a?x=1&amp;y=2</loc></url>\
                       <url><loc>\n<![CDATA[https://old.example/b]]></loc></url></urlset>";
        assert_eq!(
            addresses_in(sitemap).unwrap(),
            ["https://old.example/a?x=1&y=2", "https://old.example/b"]
        );
        assert!(matches!(addresses_in("\n"), Err(VerifyError::Empty(_))));
        let index =
            "<sitemapindex><sitemap><loc>https://old.example/1.xml</loc></sitemap></sitemapindex>";
        assert!(matches!(
            addresses_in(index),
            Err(VerifyError::Index { .. })
        ));
    }
}
