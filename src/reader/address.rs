//! Addresses: every path that is not a fixed page is looked up in the database, and rendered by the page found there.

use std::collections::BTreeSet;

use super::{article, author, feed, pasted, section, standing_page, topic};
use crate::{
    db::types::AddressKind,
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, RenderedPage, UnresolvedQuery},
    models::{
        self,
        address::{self, Destination},
    },
    paths::{self, FeedFormat},
};

/// Until the page is known; then its own policy is applied.
pub const CACHE: CachePolicy<UnresolvedQuery> = CachePolicy::site_version().query();

/// `GET /…`
pub fn render(ctx: &mut PageContext<'_>, _: UnresolvedQuery) -> Result<RenderedPage> {
    let path = decoded(&ctx.path).ok_or(Error::NotFound)?;
    match address::resolve(ctx.conn, &path)? {
        Some(Destination::Here(kind, id)) => {
            // Links to other pages of a list are made from the decoded path.
            ctx.path = path;
            match kind {
                AddressKind::Article => {
                    ctx.apply(article::CACHE)?;
                    article::render(ctx, id)
                }
                AddressKind::Section => {
                    let page = ctx.apply(section::CACHE)?;
                    section::render(ctx, page, id)
                }
                AddressKind::Author => {
                    let page = ctx.apply(author::CACHE)?;
                    author::render(ctx, page, id)
                }
                AddressKind::Topic => {
                    let page = ctx.apply(topic::CACHE)?;
                    topic::render(ctx, page, id)
                }
                AddressKind::Page => {
                    ctx.apply(standing_page::CACHE)?;
                    standing_page::render(ctx, id)
                }
                AddressKind::Redirect => Err(Error::NotFound),
            }
        }
        Some(destination) => Err(redirect(ctx, &path, destination)?),
        None => match paths::split_feed(&path) {
            Some((of, format)) => {
                ctx.apply(feed::CACHE)?;
                feed_of(ctx, of, format)
            }
            None => misspelt(ctx, &path),
        },
    }
}

/// The feed of a section, an author or a topic; it moves with its page.
fn feed_of(ctx: &mut PageContext<'_>, path: &str, format: FeedFormat) -> Result<RenderedPage> {
    match address::resolve(ctx.conn, path)? {
        Some(Destination::Here(AddressKind::Section, id)) => feed::of_section(ctx, id, format),
        Some(Destination::Here(AddressKind::Author, id)) => feed::of_author(ctx, id, format),
        Some(Destination::Here(AddressKind::Topic, id)) => feed::of_topic(ctx, id, format),
        Some(
            moved @ Destination::Elsewhere(
                AddressKind::Section | AddressKind::Author | AddressKind::Topic,
                ..,
            ),
        ) => {
            let path = target(ctx, path, moved)?.ok_or(Error::NotFound)?;
            Err(ctx.redirect_to(&format!("{path}{}", format.suffix())))
        }
        _ => Err(Error::NotFound),
    }
}

/// Upper case, a trailing slash and doubled slashes redirect to the path without them, if a page exists there.
fn misspelt(ctx: &mut PageContext<'_>, path: &str) -> Result<RenderedPage> {
    let parts: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect();
    let corrected = format!("/{}", parts.join("/"));
    if corrected == path {
        return pasted_with_more(ctx, path);
    }
    match address::resolve(ctx.conn, &corrected)? {
        Some(destination) => Err(redirect(ctx, &corrected, destination)?),
        None if paths::is_fixed_page(&corrected) => Err(ctx.redirect_to(&corrected)),
        None => pasted_with_more(ctx, path),
    }
}

/// What was pasted with punctuation, markup or parameters redirects to the page, if there is exactly one that it can mean.
fn pasted_with_more(ctx: &mut PageContext<'_>, path: &str) -> Result<RenderedPage> {
    let candidates = pasted::candidates(path);
    if candidates.is_empty() {
        return Err(Error::NotFound);
    }
    let known = address::known(ctx.conn, &candidates)?;
    let mut targets: BTreeSet<String> = candidates
        .into_iter()
        .filter(|path| paths::is_fixed_page(path))
        .collect();
    for path in known {
        if let Some(destination) = address::resolve(ctx.conn, &path)? {
            targets.extend(target(ctx, &path, destination)?);
        }
    }
    match (targets.pop_first(), targets.is_empty()) {
        (Some(path), true) => Err(ctx.redirect_to(&path)),
        _ => Err(Error::NotFound),
    }
}

/// The redirect to a destination that was found at `path`.
fn redirect(ctx: &mut PageContext<'_>, path: &str, destination: Destination) -> Result<Error> {
    let target = target(ctx, path, destination)?;
    Ok(target.map_or(Error::NotFound, |path| ctx.redirect_to(&path)))
}

/// The path of a destination that was found at `path`. `None` if readers cannot see it: an article that is not live and a
/// topic without live articles answer 404 at all their addresses.
fn target(
    ctx: &mut PageContext<'_>,
    path: &str,
    destination: Destination,
) -> Result<Option<String>> {
    let (kind, id, path) = match destination {
        Destination::Here(kind, id) => (kind, id, path.to_owned()),
        Destination::Elsewhere(kind, id, path) => (kind, id, path),
        Destination::Redirect(path) => return Ok(Some(path)),
    };
    let now = ctx.now.naive_utc();
    let is_visible = match kind {
        AddressKind::Article => models::article::is_live(ctx.conn, id, now)?,
        AddressKind::Topic => models::topic::is_public(ctx.conn, id, now)?,
        _ => true,
    };
    Ok(is_visible.then_some(path))
}

/// The percent-decoded path; `None` if it contains NUL, which no address has. Bytes that are no text become U+FFFD.
fn decoded(path: &str) -> Option<String> {
    let text = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    (!text.contains('\0')).then(|| text.into_owned())
}
