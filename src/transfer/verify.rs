//! Whether every address of the old site leads to something here.

use std::{fs, io, path::Path};

use url::Url;

use super::visitor::{VisitError, Visitor};
use crate::parallel::side_by_side;

/// Addresses that are asked for at a time.
const AT_A_TIME: usize = 4;

/// Why the addresses could not be looked at; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error("{0}: there is no address in it")]
    Empty(String),
    #[error(
        "{path} lists other sitemaps ({first} and so on); name the files of those, not of the list"
    )]
    Index { path: String, first: String },
    #[error(transparent)]
    Visit(#[from] VisitError),
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Addresses that answer at once.
    pub there: u64,
    /// Addresses that redirect, for good and in one step, to what answers.
    pub moved: u64,
    /// The others, each with what it answers.
    pub lost: Vec<(String, String)>,
}

/// The addresses in a file: one in each line, or those of a sitemap.
///
/// # Errors
/// For a file that cannot be read, or has none.
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

/// What stands in the `<loc>` elements of a sitemap.
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

/// Asks for all of them, whatever their host: the old site's name is to lead here.
pub fn verify(
    visitor: &Visitor,
    addresses: &[String],
    progress: &(dyn Fn() + Sync),
) -> Result<Verified, VerifyError> {
    let parts = side_by_side(addresses, AT_A_TIME, |some| {
        let mut verified = Verified::default();
        for address in some {
            look(visitor, address, &mut verified)?;
            progress();
        }
        Ok::<_, VisitError>(verified)
    });
    let mut all = Verified::default();
    for part in parts {
        let part = part?;
        all.there += part.there;
        all.moved += part.moved;
        all.lost.extend(part.lost);
    }
    Ok(all)
}

fn look(visitor: &Visitor, address: &str, verified: &mut Verified) -> Result<(), VisitError> {
    let path = match Url::parse(address) {
        Ok(url) => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        Err(_) if address.starts_with('/') => address.to_owned(),
        Err(_) => {
            let why = "this is no address".to_owned();
            verified.lost.push((address.to_owned(), why));
            return Ok(());
        }
    };
    let answer = visitor.get(&path)?;
    let why = match (answer.status, answer.location) {
        (200, _) => {
            verified.there += 1;
            return Ok(());
        }
        (301 | 308, Some(to)) if to.starts_with('/') => match visitor.get(&to)?.status {
            200 => {
                verified.moved += 1;
                return Ok(());
            }
            status => format!("leads to {to}, which answers {status}"),
        },
        (301 | 308, Some(to)) => format!("leads away, to {to}"),
        (status @ (302 | 303 | 307), Some(to)) => {
            format!("leads to {to}, but not for good ({status})")
        }
        (status, _) => format!("answers {status}"),
    };
    verified.lost.push((address.to_owned(), why));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &str) -> Result<Vec<String>, VerifyError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        addresses(file.path())
    }

    #[test]
    fn addresses_are_read_from_lists_and_from_sitemaps() {
        let list = "\u{feff}# the old ones\nhttps://old.example/a/\r\n\n/b?p=1\n";
        assert_eq!(of(list).unwrap(), ["https://old.example/a/", "/b?p=1"]);
        let sitemap = "<?xml version=\"1.0\"?><urlset><url><loc>https://old.example/a?x=1&amp;y=2</loc></url>\
                       <url><loc>\n<![CDATA[https://old.example/b]]></loc></url></urlset>";
        assert_eq!(
            of(sitemap).unwrap(),
            ["https://old.example/a?x=1&y=2", "https://old.example/b"]
        );
        assert!(matches!(of("\n"), Err(VerifyError::Empty(_))));
        let index =
            "<sitemapindex><sitemap><loc>https://old.example/1.xml</loc></sitemap></sitemapindex>";
        assert!(matches!(of(index), Err(VerifyError::Index { .. })));
    }
}
