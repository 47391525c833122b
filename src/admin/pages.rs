//! Standing pages: About, Contact and the like.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Layout, Newsroom, Nothing, Posted, body_editor::BodyEditor, checks};
use crate::{
    db::{AnyConnection, types::AddressKind},
    error::{Error, Result},
    models::{
        history::NewEvent,
        page::{self as pages, Listed},
    },
    text::{self, SanitizedHtml},
    view::form::{Errors, Field},
};

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
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let listed = desk.read(|conn| Ok(pages::all(conn)?)).await?;
    let rows = listed
        .into_iter()
        .map(|page| Row {
            id: page.id,
            title: page.title,
            path: page.path,
            changed: desk.locale.date(page.updated_at.and_utc()),
        })
        .collect();
    desk.page(&ListPage {
        layout: desk.layout("Pages", "/admin/pages"),
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
    /// Of a page that is there.
    there: Option<String>,
    title: Field,
    path: Field,
    html: Field,
    errors: Errors,
}

fn page(
    desk: &Newsroom,
    there: Option<&Listed>,
    typed: &PageForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let page = EditPage {
        layout: desk.layout(there.map_or("New page", |page| &page.title), "/admin/pages"),
        editor: BodyEditor::new(&desk.app.assets),
        action: match there {
            Some(page) => format!("/admin/pages/{}", page.id),
            None => "/admin/pages".to_owned(),
        },
        there: there.map(|page| page.path.clone()),
        title: Field::new("title", "Title")
            .value(&typed.title)
            .required()
            .errors(&errors),
        path: Field::new("path", "Address")
            .value(&typed.path)
            .hint("Such as /about; left empty, it is made of the title. When it changes, the old one leads to the new one")
            .errors(&errors),
        html: Field::new("html", "Text").value(&typed.html).errors(&errors),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// A typed address as addresses are written: `/about/our-people`. Empty if nothing remains.
fn path_of(typed: &str) -> String {
    let parts = typed.split('/').map(text::slug);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| format!("/{part}"))
        .collect()
}

/// What was typed, checked: the address.
fn checked(
    conn: &mut AnyConnection,
    there: Option<&Listed>,
    typed: &PageForm,
) -> Result<Result<String, Errors>> {
    let mut errors = Errors::default();
    checks::needed(&mut errors, "title", &typed.title, "A title", 150);
    let path = match there {
        // One that was imported, perhaps with other letters, stays as it is.
        Some(page) if page.path == typed.path => page.path.clone(),
        _ => path_of(if typed.path.is_empty() {
            &typed.title
        } else {
            &typed.path
        }),
    };
    if path.is_empty() {
        if !typed.title.is_empty() {
            errors.add("path", "The address needs letters or digits");
        }
    } else if path.len() > 300 {
        errors.add("path", "The address is too long");
    } else if let Some(why) =
        checks::taken(conn, &path, AddressKind::Page, there.map(|page| page.id))?
    {
        errors.add("path", why);
    }
    Ok(if errors.is_empty() {
        Ok(path)
    } else {
        Err(errors)
    })
}

/// `GET /admin/pages/new`
pub async fn create(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, None, &PageForm::default(), Errors::default())
}

fn cleaned(form: PageForm) -> PageForm {
    PageForm {
        title: checks::line(&form.title),
        path: checks::line(&form.path),
        html: checks::lines(&form.html),
    }
}

fn event<'a>(action: &'a str, id: i64, title: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: "page",
        object_id: Some(id),
        object: title,
        detail,
    }
}

/// `POST /admin/pages`
pub async fn add(desk: Newsroom, posted: Posted<PageForm>) -> Result<HttpResponse> {
    let typed = cleaned(posted.form);
    let form = typed.clone();
    let done = desk
        .write(move |conn, actor| {
            let path = match checked(conn, None, &form)? {
                Ok(path) => path,
                Err(errors) => return Ok(Err(errors)),
            };
            let html = SanitizedHtml::new(&form.html);
            let id = pages::insert(conn, &form.title, &html, &path, actor.now)?;
            actor.did(conn, &event("added", id, &form.title, &path))?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/pages", "The page is added."),
        Err(errors) => page(&desk, None, &typed, errors),
    }
}

async fn find(desk: &Newsroom) -> Result<(Listed, SanitizedHtml)> {
    let id = desk.id("id")?;
    desk.read(move |conn| {
        let listed = pages::listed(conn, id)?.ok_or(Error::NotFound)?;
        let page = pages::find(conn, id)?.ok_or(Error::NotFound)?;
        Ok((listed, page.html))
    })
    .await
}

/// `GET /admin/pages/{id}`
pub async fn edit(desk: Newsroom) -> Result<HttpResponse> {
    let (there, html) = find(&desk).await?;
    let typed = PageForm {
        title: there.title.clone(),
        path: there.path.clone(),
        html: html.as_str().to_owned(),
    };
    page(&desk, Some(&there), &typed, Errors::default())
}

/// `POST /admin/pages/{id}`
pub async fn change(desk: Newsroom, posted: Posted<PageForm>) -> Result<HttpResponse> {
    let (there, _) = find(&desk).await?;
    let typed = cleaned(posted.form);
    let (form, before) = (typed.clone(), there.clone());
    let done = desk
        .write(move |conn, actor| {
            let path = match checked(conn, Some(&before), &form)? {
                Ok(path) => path,
                Err(errors) => return Ok(Err(errors)),
            };
            let html = SanitizedHtml::new(&form.html);
            pages::change(conn, before.id, &form.title, &html, &path, actor.now)?;
            let detail = if before.path == path {
                String::new()
            } else {
                format!("from {} to {path}", before.path)
            };
            actor.did(conn, &event("changed", before.id, &form.title, &detail))?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/pages", "The page is saved."),
        Err(errors) => page(&desk, Some(&there), &typed, errors),
    }
}

/// `POST /admin/pages/{id}/delete`
pub async fn delete(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let (there, _) = find(&desk).await?;
    desk.write(move |conn, actor| {
        pages::delete(conn, there.id)?;
        actor.did(conn, &event("deleted", there.id, &there.title, &there.path))
    })
    .await?;
    desk.see_other("/admin/pages", "The page is deleted.")
}
