//! Standing pages, such as About and Contact.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    CsrfForm, EmptyForm, FormOutcome, Layout, StaffRequest, body_editor::BodyEditor, checks,
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, HistoryAction, HistoryKind},
    },
    error::{Error, Result},
    locale::Newsroom,
    models::{
        history::NewEvent,
        page::{self as pages, Listed},
    },
    text::{self, SanitizedHtml, TooComplex},
    view::form::{Errors, Field},
};

/// A page in the list.
struct Row {
    id: i64,
    title: String,
    path: String,
    changed: String,
}

#[derive(Template)]
#[template(path = "admin/pages.html")]
struct ListPage {
    layout: Layout,
    rows: Vec<Row>,
}

/// `GET /admin/pages`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let listed = request.read(|conn| Ok(pages::all(conn)?)).await?;
    let rows = listed
        .into_iter()
        .map(|page| Row {
            id: page.id,
            title: page.title,
            path: page.path,
            changed: request.locale.date(page.updated_at.and_utc()),
        })
        .collect();
    request.page(&ListPage {
        layout: request.layout(request.texts().pages.title, "/admin/pages"),
        rows,
    })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PageForm {
    title: String,
    path: String,
    html: String,
}

#[derive(Template)]
#[template(path = "admin/standing_page.html")]
struct EditPage {
    layout: Layout,
    editor: BodyEditor,
    action: String,
    /// The address of an existing page.
    existing_path: Option<String>,
    title: Field,
    path: Field,
    html: Field,
    errors: Errors,
}

fn page(
    request: &StaffRequest,
    existing: Option<&Listed>,
    form: &PageForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let texts = &request.texts().pages;
    let page = EditPage {
        layout: request.layout(
            existing.map_or(texts.new, |page| &page.title),
            "/admin/pages",
        ),
        editor: BodyEditor::new(&request.app.assets),
        action: match existing {
            Some(page) => format!("/admin/pages/{}", page.id),
            None => "/admin/pages".to_owned(),
        },
        existing_path: existing.map(|page| page.path.clone()),
        title: Field::new("title", texts.page_title)
            .value(&form.title)
            .required()
            .errors(&errors),
        path: Field::new("path", texts.path)
            .value(&form.path)
            .hint(texts.path_hint)
            .errors(&errors),
        html: Field::new("html", texts.html)
            .value(&form.html)
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// Normalizes an address: `/about/our-people`. Empty if no letters or digits remain.
fn normalize_path(input: &str) -> String {
    let parts = input.split('/').map(text::slug);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| format!("/{part}"))
        .collect()
}

/// A form whose text was parsed, which takes time that a transaction must not take.
struct ParsedPage {
    form: PageForm,
    html: Result<SanitizedHtml, TooComplex>,
}

async fn parse(form: PageForm) -> Result<ParsedPage> {
    let parse = move || ParsedPage {
        html: SanitizedHtml::try_new(&form.html),
        form,
    };
    Ok(web::block(parse).await?)
}

/// Validates the form; returns the address and the text.
fn validate(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    existing: Option<&Listed>,
    ParsedPage { form, html }: &ParsedPage,
) -> Result<FormOutcome<(String, SanitizedHtml)>> {
    let mut errors = Errors::default();
    if html.is_err() {
        errors.add("html", texts.common.too_complex);
    }
    checks::required(
        &mut errors,
        texts,
        "title",
        &form.title,
        [texts.pages.a_title, texts.pages.the_title],
        150,
    );
    let path = match existing {
        // An unchanged address is kept, since imported ones may be in another form.
        Some(page) if page.path == form.path => page.path.clone(),
        _ => normalize_path(if form.path.is_empty() {
            &form.title
        } else {
            &form.path
        }),
    };
    if path.is_empty() {
        if !form.title.is_empty() {
            errors.add("path", texts.common.slug_letters);
        }
    } else if path.len() > 300 {
        errors.add("path", texts.pages.path_too_long);
    } else if let Some(message) = checks::path_conflict(
        conn,
        texts,
        &path,
        AddressKind::Page,
        existing.map(|page| page.id),
    )? {
        errors.add("path", message);
    }
    let html = html.clone().unwrap_or_default();
    Ok(FormOutcome::new((path, html), errors))
}

/// `GET /admin/pages/new`
pub async fn create(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, None, &PageForm::default(), Errors::default())
}

fn cleaned(form: PageForm) -> PageForm {
    PageForm {
        title: checks::line(&form.title),
        path: checks::line(&form.path),
        html: checks::lines(&form.html),
    }
}

fn event<'a>(action: HistoryAction, id: i64, title: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: HistoryKind::Page,
        object_id: Some(id),
        object: title,
        detail,
    }
}

/// `POST /admin/pages`
pub async fn add(request: StaffRequest, posted: CsrfForm<PageForm>) -> Result<HttpResponse> {
    let form = cleaned(posted.form);
    let input = parse(form.clone()).await?;
    let outcome = request
        .write(move |conn, actor| {
            validate(conn, actor.texts(), None, &input)?.save(|(path, html)| {
                let title = &input.form.title;
                let id = pages::insert(conn, title, &html, &path, actor.now)?;
                actor.audit(conn, &event(HistoryAction::Added, id, title, &path))
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => request.see_other("/admin/pages", request.texts().pages.added),
        FormOutcome::Invalid(errors) => page(&request, None, &form, errors),
    }
}

async fn find(request: &StaffRequest) -> Result<(Listed, SanitizedHtml)> {
    let id = request.id("id")?;
    request
        .read(move |conn| {
            let listed = pages::listed(conn, id)?.ok_or(Error::NotFound)?;
            let page = pages::find(conn, id)?.ok_or(Error::NotFound)?;
            Ok((listed, page.html))
        })
        .await
}

/// `GET /admin/pages/{id}`
pub async fn edit(request: StaffRequest) -> Result<HttpResponse> {
    let (existing, html) = find(&request).await?;
    let form = PageForm {
        title: existing.title.clone(),
        path: existing.path.clone(),
        html: html.as_str().to_owned(),
    };
    page(&request, Some(&existing), &form, Errors::default())
}

/// `POST /admin/pages/{id}`
pub async fn change(request: StaffRequest, posted: CsrfForm<PageForm>) -> Result<HttpResponse> {
    let (existing, _) = find(&request).await?;
    let form = cleaned(posted.form);
    let (input, before) = (parse(form.clone()).await?, existing.clone());
    let outcome = request
        .write(move |conn, actor| {
            validate(conn, actor.texts(), Some(&before), &input)?.save(|(path, html)| {
                let title = &input.form.title;
                pages::change(conn, before.id, title, &html, &path, actor.now)?;
                let detail = if before.path == path {
                    String::new()
                } else {
                    actor.texts().history_details.from_to(&before.path, &path)
                };
                actor.audit(
                    conn,
                    &event(HistoryAction::Changed, before.id, title, &detail),
                )
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => request.see_other("/admin/pages", request.texts().pages.saved),
        FormOutcome::Invalid(errors) => page(&request, Some(&existing), &form, errors),
    }
}

/// `POST /admin/pages/{id}/delete`
pub async fn delete(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let (existing, _) = find(&request).await?;
    request
        .write(move |conn, actor| {
            pages::delete(conn, existing.id)?;
            actor.audit(
                conn,
                &event(
                    HistoryAction::Deleted,
                    existing.id,
                    &existing.title,
                    &existing.path,
                ),
            )
        })
        .await?;
    request.see_other("/admin/pages", request.texts().pages.deleted)
}
