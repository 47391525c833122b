//! The menus in the header and footer of every page. One form holds both, and each of its buttons
//! submits all of it.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{CsrfForm, Layout, StaffRequest, checks};
use crate::{
    db::types::{HistoryAction, HistoryKind, Menu},
    error::Result,
    locale::NewsroomMenus,
    models::{history::NewEvent, menu},
    view::form::Errors,
};

/// An item of the form.
#[derive(Clone, Default, PartialEq, Eq)]
struct Item {
    label: String,
    path: String,
    /// The validation message; empty if the item is valid.
    error: String,
}

/// A menu of the form.
struct Part {
    menu: Menu,
    title: &'static str,
    hint: &'static str,
    items: Vec<Item>,
}

#[derive(Template)]
#[template(path = "admin/menus.html")]
struct MenusPage {
    layout: Layout,
    parts: [Part; 2],
    errors: Errors,
}

fn parts(texts: &NewsroomMenus, header: Vec<Item>, footer: Vec<Item>) -> [Part; 2] {
    [
        Part {
            menu: Menu::Header,
            title: texts.header,
            hint: texts.header_hint,
            items: header,
        },
        Part {
            menu: Menu::Footer,
            title: texts.footer,
            hint: texts.footer_hint,
            items: footer,
        },
    ]
}

fn page(request: &StaffRequest, parts: [Part; 2], errors: Errors) -> Result<HttpResponse> {
    let page = MenusPage {
        layout: request.layout(request.texts().menus.title, "/admin/menus"),
        parts,
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// `GET /admin/menus`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let of = |menu: Menu| {
        let items = request.site.menu_items.iter();
        items
            .filter(|item| item.menu == menu)
            .map(|item| Item {
                label: item.label.clone(),
                path: item.path.clone(),
                error: String::new(),
            })
            .collect()
    };
    let parts = parts(&request.texts().menus, of(Menu::Header), of(Menu::Footer));
    page(&request, parts, Errors::default())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MenusForm {
    header_label: Vec<String>,
    header_path: Vec<String>,
    footer_label: Vec<String>,
    footer_path: Vec<String>,
    /// The pressed button: empty to save, or `add:header`, `up:footer:2` and so on.
    step: String,
}

fn items(labels: &[String], paths: &[String]) -> Vec<Item> {
    labels
        .iter()
        .zip(paths)
        .map(|(label, path)| Item {
            label: checks::line(label),
            path: checks::line(path),
            error: String::new(),
        })
        .collect()
}

/// Applies a button to the items; ignores unknown values.
fn apply_step(parts: &mut [Part; 2], step: &str) {
    let mut words = step.split(':');
    let (action, menu) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let index: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let Some(part) = parts.iter_mut().find(|part| part.menu.as_str() == menu) else {
        return;
    };
    let items = &mut part.items;
    match action {
        "add" => items.push(Item::default()),
        "remove" if index < items.len() => {
            items.remove(index);
        }
        "up" if index > 0 && index < items.len() => items.swap(index, index - 1),
        "down" if index + 1 < items.len() => items.swap(index, index + 1),
        _ => {}
    }
}

/// The maximum number of items of a menu.
const MAX_ITEMS: usize = 40;
/// Limit in characters.
const MAX_LABEL_CHARS: usize = 60;

/// Validates the items; adds a message to each invalid item and to its menu.
fn validate(texts: &NewsroomMenus, parts: &mut [Part; 2]) -> Errors {
    let mut errors = Errors::default();
    for part in parts {
        let field = part.menu.as_str();
        for item in &mut part.items {
            item.error = if item.label.is_empty() {
                texts.label_required.to_owned()
            } else if item.label.chars().count() > MAX_LABEL_CHARS {
                texts.label_too_long(MAX_LABEL_CHARS)
            } else if !checks::is_link_target(&item.path) || item.path.chars().count() > 500 {
                texts.bad_link.to_owned()
            } else {
                continue;
            };
            errors.add(field, texts.item_error(part.title, &item.error));
        }
        if part.items.len() > MAX_ITEMS {
            errors.add(field, texts.too_many(MAX_ITEMS, part.title));
        }
    }
    errors
}

/// `POST /admin/menus`
pub async fn save(request: StaffRequest, posted: CsrfForm<MenusForm>) -> Result<HttpResponse> {
    let form = posted.form;
    let texts = &request.texts().menus;
    let mut parts = parts(
        texts,
        items(&form.header_label, &form.header_path),
        items(&form.footer_label, &form.footer_path),
    );
    if !form.step.is_empty() {
        apply_step(&mut parts, &form.step);
        return page(&request, parts, Errors::default());
    }
    for part in &mut parts {
        part.items
            .retain(|item| !item.label.is_empty() || !item.path.is_empty());
    }
    let errors = validate(texts, &mut parts);
    if !errors.is_empty() {
        return page(&request, parts, errors);
    }
    request
        .write(move |conn, actor| {
            for part in &parts {
                let items: Vec<(&str, &str)> = part
                    .items
                    .iter()
                    .map(|item| (item.label.as_str(), item.path.as_str()))
                    .collect();
                menu::replace(conn, part.menu, &items)?;
            }
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::Changed,
                    kind: HistoryKind::Menu,
                    object_id: None,
                    object: texts.title,
                    detail: "",
                },
            )
        })
        .await?;
    request.see_other("/admin/menus", texts.saved)
}
