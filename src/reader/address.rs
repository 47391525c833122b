//! Every path that is not a fixed one: looks up what it leads to.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Desk, Rendered, answer, article, author, feed, page, section, topic};
use crate::{
    app::App,
    db::types::AddressKind,
    error::{Error, Result},
    models::{
        self,
        address::{self, Destination},
    },
    routes,
};

/// `GET /…`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, make).await
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    let path = decoded(&desk.path).ok_or(Error::NotFound)?;
    match address::resolve(desk.conn, &path)? {
        Some(Destination::Here(kind, id)) => {
            // Links to the page's other pages are made of its one address.
            desk.path = path;
            match kind {
                AddressKind::Article => article::page(desk, id),
                AddressKind::Section => section::page(desk, id),
                AddressKind::Author => author::page(desk, id),
                AddressKind::Topic => topic::page(desk, id),
                AddressKind::Page => page::page(desk, id),
                AddressKind::Redirect => Err(Error::NotFound),
            }
        }
        Some(destination) => moved(desk, &path, destination),
        None => match feed::split(&path) {
            Some((of, format)) => feed_of(desk, of, format),
            None => misspelt(desk, &path),
        },
    }
}

/// The feed of a section, an author or a topic; it moves with its page.
fn feed_of(desk: &mut Desk<'_>, path: &str, format: feed::Format) -> Result<Rendered> {
    match address::resolve(desk.conn, path)? {
        Some(Destination::Here(AddressKind::Section, id)) => feed::of_section(desk, id, format),
        Some(Destination::Here(AddressKind::Author, id)) => feed::of_author(desk, id, format),
        Some(Destination::Here(AddressKind::Topic, id)) => feed::of_topic(desk, id, format),
        Some(Destination::Elsewhere(
            AddressKind::Section | AddressKind::Author | AddressKind::Topic,
            _,
            path,
        )) => Err(to(desk, &format!("{path}{}", format.file()))),
        _ => Err(Error::NotFound),
    }
}

/// Upper case, a slash at the end and doubled slashes lead to the path that was meant, if there is
/// one.
fn misspelt(desk: &mut Desk<'_>, path: &str) -> Result<Rendered> {
    let parts: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect();
    let meant = format!("/{}", parts.join("/"));
    if meant == path {
        return Err(Error::NotFound);
    }
    match address::resolve(desk.conn, &meant)? {
        Some(destination) => moved(desk, &meant, destination),
        None if routes::is_fixed_page(&meant) => Err(to(desk, &meant)),
        None => Err(Error::NotFound),
    }
}

/// Leads on to `destination`, which was found at `path`; but not to an article that is not live,
/// whose addresses answer as if they had never been.
fn moved(desk: &mut Desk<'_>, path: &str, destination: Destination) -> Result<Rendered> {
    let (kind, id, path) = match destination {
        Destination::Here(kind, id) => (kind, id, path.to_owned()),
        Destination::Elsewhere(kind, id, path) => (kind, id, path),
        Destination::Redirect(path) => return Err(to(desk, &path)),
    };
    let hidden = kind == AddressKind::Article
        && !models::article::is_live(desk.conn, id, desk.now.naive_utc())?;
    Err(if hidden {
        Error::NotFound
    } else {
        to(desk, &path)
    })
}

/// The redirect to `path`, with the query that came along.
fn to(desk: &Desk<'_>, path: &str) -> Error {
    Error::Moved(with_query(path, &desk.query))
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The path with its percent signs resolved. `None` for what is no text.
fn decoded(path: &str) -> Option<String> {
    let text = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}
