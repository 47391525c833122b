//! Redirects, and the log of paths that readers requested and that do not exist.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    CsrfForm, FormOutcome, Layout, StaffRequest, checks,
    pager::{self, Pager},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, HistoryAction, HistoryKind, NotFoundKind},
    },
    error::{Error, Result},
    locale::{Newsroom, NewsroomRedirects},
    models::{
        address::{self, Destination, Redirect},
        history::NewEvent,
        not_found,
    },
    paths,
    view::form::{Errors, Field},
};

/// A requested path that does not exist.
struct Missing {
    path: String,
    hits: String,
    last: String,
    /// The URL of this page with the path filled in.
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

/// The number of paths that the log shows.
const MAX_MISSING: i64 = 100;

async fn page(request: &StaffRequest, form: &RedirectForm, errors: Errors) -> Result<HttpResponse> {
    let q = checks::line(&request.query("q"));
    let after = checks::line(&request.query("after"));
    let (search, begin) = (q.clone(), after.clone());
    let (mut redirects, missing) = request
        .read(move |conn| {
            Ok((
                address::redirects(conn, &search, &begin, pager::QUERY_LIMIT)?,
                not_found::most_asked(conn, NotFoundKind::Path, 1, MAX_MISSING)?,
            ))
        })
        .await?;
    let pager = Pager::truncate("/admin/redirects", &q, &after, &mut redirects, |redirect| {
        &redirect.path
    });
    let missing = missing
        .into_iter()
        .map(|missing| Missing {
            hits: request.locale.number(missing.hits),
            last: request.locale.date_and_time(missing.last_at.and_utc()),
            url: format!(
                "/admin/redirects?{}",
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("from", &missing.asked)
                    .finish()
            ),
            path: missing.asked,
        })
        .collect();
    let texts = &request.texts().redirects;
    let page = RedirectsPage {
        layout: request.layout(texts.title, "/admin/redirects"),
        from: Field::new("from", texts.from)
            .value(&form.from)
            .hint(texts.from_hint)
            .required()
            .errors(&errors),
        to: Field::new("to", texts.to)
            .value(&form.to)
            .hint(texts.to_hint)
            .required()
            .errors(&errors),
        q,
        redirects,
        pager,
        missing,
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// `GET /admin/redirects?q=…&after=…&from=…`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let form = RedirectForm {
        from: checks::line(&request.query("from")),
        to: String::new(),
    };
    page(&request, &form, Errors::default()).await
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RedirectForm {
    from: String,
    to: String,
}

/// Normalizes a path: decodes percent-encoding and removes trailing slashes. `None` if `input` is no
/// path.
fn normalize_path(input: &str) -> Option<String> {
    let path = percent_encoding::percent_decode_str(input)
        .decode_utf8()
        .ok()?;
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    (checks::is_path(input) && !path.starts_with("//") && !path.contains(char::is_control))
        .then(|| path.to_owned())
}

/// Two paths, the second of which is no redirect itself.
struct ValidRedirect {
    from: String,
    to: String,
}

fn validate(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    base_url: &str,
    form: &RedirectForm,
) -> Result<FormOutcome<ValidRedirect>> {
    let mut errors = Errors::default();
    let strip = |input: &str| input.strip_prefix(base_url).unwrap_or(input).to_owned();
    let (from, to) = (strip(&form.from), strip(&form.to));
    let from_path = normalize_path(&from).filter(|_| !from.contains(['?', '#']));
    match &from_path {
        None => errors.add("from", texts.redirects.from_wrong),
        Some(path) if paths::is_reserved(path) => {
            errors.add("from", texts.redirects.from_site(path));
        }
        Some(path) => {
            let holder = address::holder(conn, path)?;
            if let Some(message) = holder.and_then(|(kind, _)| in_use(&texts.redirects, path, kind))
            {
                errors.add("from", message);
            }
        }
    }
    let end = to.find(['?', '#']).unwrap_or(to.len());
    let (path, rest) = to.split_at(end);
    let mut to = None;
    match normalize_path(path) {
        None => errors.add("to", texts.redirects.to_wrong),
        // Also where a redirect from this path exists already.
        path if path == from_path => to = path,
        Some(path) => {
            to = match address::resolve(conn, &path)? {
                Some(Destination::Here(..)) => Some(path),
                Some(Destination::Elsewhere(_, _, path) | Destination::Redirect(path)) => {
                    Some(path)
                }
                None => Some(path).filter(|path| paths::is_reserved(path)),
            };
            if to.is_none() {
                errors.add("to", texts.redirects.to_missing);
            }
        }
    }
    if to.is_some() && to == from_path {
        errors.add("to", texts.redirects.to_itself);
    }
    for (field, path) in [("from", &form.from), ("to", &form.to)] {
        checks::max_chars(
            &mut errors,
            texts,
            field,
            path,
            texts.redirects.the_path,
            500,
        );
    }
    Ok(match (from_path, to) {
        (Some(from), Some(to)) if errors.is_empty() => FormOutcome::Accepted(ValidRedirect {
            from,
            to: to + rest,
        }),
        _ => FormOutcome::Invalid(errors),
    })
}

/// The message that a path in use cannot be redirected; `None` if a redirect uses it, which is replaced.
fn in_use(texts: &NewsroomRedirects, path: &str, kind: AddressKind) -> Option<String> {
    match kind {
        AddressKind::Article => Some(texts.from_article(path)),
        AddressKind::Section => Some(texts.from_section(path)),
        AddressKind::Author => Some(texts.from_author(path)),
        AddressKind::Topic => Some(texts.from_topic(path)),
        AddressKind::Page => Some(texts.from_page(path)),
        AddressKind::Redirect => None,
    }
}

fn event<'a>(action: HistoryAction, path: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: HistoryKind::Redirect,
        object_id: None,
        object: path,
        detail,
    }
}

/// `POST /admin/redirects`
pub async fn add(request: StaffRequest, posted: CsrfForm<RedirectForm>) -> Result<HttpResponse> {
    let form = RedirectForm {
        from: checks::line(&posted.form.from),
        to: checks::line(&posted.form.to),
    };
    let (input, base_url) = (form.clone(), request.app.base_url.clone());
    let outcome = request
        .write(move |conn, actor| {
            let texts = actor.texts();
            validate(conn, texts, &base_url, &input)?.save(|ValidRedirect { from, to }| {
                address::redirect(conn, &from, &to)?;
                not_found::forget(conn, NotFoundKind::Path, &from)?;
                actor.audit(
                    conn,
                    &event(
                        HistoryAction::Added,
                        &from,
                        &actor.texts().history_details.redirect_to(&to),
                    ),
                )?;
                Ok(texts.redirects.added(from, to))
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(notice) => request.see_other("/admin/redirects", &notice),
        FormOutcome::Invalid(errors) => page(&request, &form, errors).await,
    }
}

#[derive(Deserialize)]
pub struct PathForm {
    path: String,
}

/// `POST /admin/redirects/delete`
pub async fn delete(request: StaffRequest, posted: CsrfForm<PathForm>) -> Result<HttpResponse> {
    let path = checks::line(&posted.form.path);
    request
        .write(move |conn, actor| {
            if !address::remove_redirect(conn, &path)? {
                return Err(Error::NotFound);
            }
            actor.audit(conn, &event(HistoryAction::Deleted, &path, ""))
        })
        .await?;
    request.see_other("/admin/redirects", request.texts().redirects.deleted)
}

/// `POST /admin/redirects/forget`: removes a path from the log.
pub async fn forget(request: StaffRequest, posted: CsrfForm<PathForm>) -> Result<HttpResponse> {
    let path = posted.form.path.replace('\0', "");
    request
        .write_unversioned(move |conn, _| Ok(not_found::forget(conn, NotFoundKind::Path, &path)?))
        .await?;
    request.see_other("/admin/redirects", request.texts().redirects.dismissed)
}
