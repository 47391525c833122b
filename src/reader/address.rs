//! Every path that is not a fixed one: looks up what it leads to.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Desk, Rendered, answer, article, author, page, section, topic};
use crate::{
    app::App,
    db::types::AddressKind,
    error::{Error, Result},
    models::address::{self, Destination},
    routes,
};

/// `GET /…`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, make).await
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    let path = decoded(&desk.path).ok_or(Error::NotFound)?;
    match address::resolve(desk.conn, &path)? {
        Some(Destination::Here(kind, id)) => match kind {
            AddressKind::Article => article::page(desk, id),
            AddressKind::Section => section::page(desk, id),
            AddressKind::Author => author::page(desk, id),
            AddressKind::Topic => topic::page(desk, id),
            AddressKind::Page => page::page(desk, id),
            AddressKind::Redirect => Err(Error::NotFound),
        },
        Some(Destination::Moved(to)) => Err(Error::Moved(with_query(&to, &desk.query))),
        None => misspelt(desk, &path),
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
    let to = match address::resolve(desk.conn, &meant)? {
        Some(Destination::Here(..)) => meant,
        Some(Destination::Moved(to)) => to,
        None if routes::is_fixed_page(&meant) => meant,
        None => return Err(Error::NotFound),
    };
    Err(Error::Moved(with_query(&to, &desk.query)))
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
