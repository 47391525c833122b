//! Redirects: paths that answer 301 to another, and the log of those asked for in vain.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    Layout, Newsroom, Posted, checks,
    pager::{self, Pager},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, MissKind},
    },
    error::{Error, Result},
    models::{
        address::{self, Destination, Redirect},
        history::NewEvent,
        miss,
    },
    routes,
    view::form::{Errors, Field},
};

/// A path asked for in vain.
struct Missing {
    path: String,
    hits: String,
    last: String,
    /// Fills the form in.
    url: String,
}

#[derive(Template)]
#[template(path = "admin/redirects.html")]
struct RedirectsPage {
    layout: Layout,
    from: Field,
    to: Field,
    q: String,
    redirects: Vec<Redirect>,
    pager: Pager,
    missing: Vec<Missing>,
    errors: Errors,
}

/// How many paths of the log are shown.
const SHOWN: i64 = 100;

async fn page(desk: &Newsroom, typed: &RedirectForm, errors: Errors) -> Result<HttpResponse> {
    let q = checks::line(&desk.query("q"));
    let after = checks::line(&desk.query("after"));
    let (search, begin) = (q.clone(), after.clone());
    let (mut redirects, missing) = desk
        .read(move |conn| {
            Ok((
                address::redirects(conn, &search, &begin, pager::WITH_NEXT)?,
                miss::most_asked(conn, MissKind::Path, 1, SHOWN)?,
            ))
        })
        .await?;
    let pager = Pager::cut("/admin/redirects", &q, &after, &mut redirects, |redirect| {
        &redirect.path
    });
    let missing = missing
        .into_iter()
        .map(|missing| Missing {
            hits: desk.locale.number(missing.hits),
            last: desk.locale.date_and_time(missing.last_at.and_utc()),
            url: format!(
                "/admin/redirects?{}",
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("from", &missing.asked)
                    .finish()
            ),
            path: missing.asked,
        })
        .collect();
    let page = RedirectsPage {
        layout: desk.layout("Redirects", "/admin/redirects"),
        from: Field::new("from", "From")
            .value(&typed.from)
            .hint("A path of this site at which nothing stands, such as /old-page")
            .required()
            .errors(&errors),
        to: Field::new("to", "To")
            .value(&typed.to)
            .hint("A page of this site")
            .required()
            .errors(&errors),
        q,
        redirects,
        pager,
        missing,
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// `GET /admin/redirects?q=…&after=…&from=…`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let typed = RedirectForm {
        from: checks::line(&desk.query("from")),
        to: String::new(),
    };
    page(&desk, &typed, Errors::default()).await
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RedirectForm {
    from: String,
    to: String,
}

/// A typed path with its percent signs resolved, and without the slash at its end, as addresses have
/// none. `None` for what is no path.
fn path_of(typed: &str) -> Option<String> {
    let path = percent_encoding::percent_decode_str(typed)
        .decode_utf8()
        .ok()?;
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    (checks::is_path(typed) && !path.starts_with("//") && !path.contains(char::is_control))
        .then(|| path.to_owned())
}

/// What was typed, checked: from where to where, in one hop.
fn checked(
    conn: &mut AnyConnection,
    base_url: &str,
    typed: &RedirectForm,
) -> Result<Result<(String, String), Errors>> {
    let mut errors = Errors::default();
    let here = |typed: &str| typed.strip_prefix(base_url).unwrap_or(typed).to_owned();
    let (from, to) = (here(&typed.from), here(&typed.to));
    let from_path = path_of(&from).filter(|_| !from.contains(['?', '#']));
    match &from_path {
        None => errors.add("from", "A path begins with / and has no ? or # in it"),
        Some(path) if routes::is_reserved(path) => {
            errors.add("from", format!("{path} is a page of this site"));
        }
        Some(path) => match address::holder(conn, path)? {
            None | Some((AddressKind::Redirect, _)) => {}
            Some((kind, _)) => errors.add(
                "from",
                format!("{path} is a page of this site: it leads to {}", named(kind)),
            ),
        },
    }
    let end = to.find(['?', '#']).unwrap_or(to.len());
    let (path, rest) = to.split_at(end);
    let mut to = None;
    match path_of(path) {
        None => errors.add("to", "A path of this site is needed, which begins with /"),
        // Also where a redirect from there is there already.
        path if path == from_path => to = path,
        Some(path) => {
            to = match address::resolve(conn, &path)? {
                Some(Destination::Here(..)) => Some(path),
                Some(Destination::Elsewhere(_, _, path) | Destination::Redirect(path)) => {
                    Some(path)
                }
                None => Some(path).filter(|path| routes::is_reserved(path)),
            };
            if to.is_none() {
                errors.add("to", "There is nothing at this address");
            }
        }
    }
    if to.is_some() && to == from_path {
        errors.add("to", "This would lead back to where it came from");
    }
    for (field, path) in [("from", &typed.from), ("to", &typed.to)] {
        checks::short(&mut errors, field, path, "The path", 500);
    }
    Ok(match (from_path, to) {
        (Some(from), Some(to)) if errors.is_empty() => Ok((from, to + rest)),
        _ => Err(errors),
    })
}

fn named(kind: AddressKind) -> &'static str {
    match kind {
        AddressKind::Article => "an article",
        AddressKind::Section => "a section",
        AddressKind::Author => "an author",
        AddressKind::Topic => "a topic",
        AddressKind::Page => "a standing page",
        AddressKind::Redirect => "a redirect",
    }
}

fn event<'a>(action: &'a str, path: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: "redirect",
        object_id: None,
        object: path,
        detail,
    }
}

/// `POST /admin/redirects`
pub async fn add(desk: Newsroom, posted: Posted<RedirectForm>) -> Result<HttpResponse> {
    let typed = RedirectForm {
        from: checks::line(&posted.form.from),
        to: checks::line(&posted.form.to),
    };
    let (form, base_url) = (typed.clone(), desk.app.base_url.clone());
    let done = desk
        .write(move |conn, actor| {
            let (from, to) = match checked(conn, &base_url, &form)? {
                Ok(paths) => paths,
                Err(errors) => return Ok(Err(errors)),
            };
            address::redirect(conn, &from, &to)?;
            miss::forget(conn, MissKind::Path, &from)?;
            actor.did(conn, &event("added", &from, &format!("to {to}")))?;
            Ok(Ok(format!("{from} leads to {to}.")))
        })
        .await?;
    match done {
        Ok(notice) => desk.see_other("/admin/redirects", &notice),
        Err(errors) => page(&desk, &typed, errors).await,
    }
}

#[derive(Deserialize)]
pub struct PathForm {
    path: String,
}

/// `POST /admin/redirects/delete`
pub async fn delete(desk: Newsroom, posted: Posted<PathForm>) -> Result<HttpResponse> {
    let path = checks::line(&posted.form.path);
    desk.write(move |conn, actor| {
        if !address::remove_redirect(conn, &path)? {
            return Err(Error::NotFound);
        }
        actor.did(conn, &event("deleted", &path, ""))
    })
    .await?;
    desk.see_other("/admin/redirects", "The redirect is deleted.")
}

/// `POST /admin/redirects/forget`: takes a path out of the log.
pub async fn forget(desk: Newsroom, posted: Posted<PathForm>) -> Result<HttpResponse> {
    let path = posted.form.path.replace('\0', "");
    desk.record(move |conn, _| Ok(miss::forget(conn, MissKind::Path, &path)?))
        .await?;
    desk.see_other(
        "/admin/redirects",
        "The path is forgotten until somebody asks for it again.",
    )
}
