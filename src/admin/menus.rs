//! Menus: what stands at the head and at the foot of every page. One form holds both; each of its
//! buttons sends everything that was typed, so nothing is lost between them.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Layout, Newsroom, Posted, checks};
use crate::{
    db::types::Menu,
    error::Result,
    models::{history::NewEvent, menu},
    view::form::Errors,
};

/// An item as it was typed.
#[derive(Clone, Default, PartialEq, Eq)]
struct Item {
    label: String,
    path: String,
    /// What is wrong with it, or empty.
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

fn parts(header: Vec<Item>, footer: Vec<Item>) -> [Part; 2] {
    [
        Part {
            menu: Menu::Header,
            title: "At the head",
            hint: "Without an item, the sections stand there in their order.",
            items: header,
        },
        Part {
            menu: Menu::Footer,
            title: "At the foot",
            hint: "The lists of authors and of the archive follow these.",
            items: footer,
        },
    ]
}

fn page(desk: &Newsroom, parts: [Part; 2], errors: Errors) -> Result<HttpResponse> {
    let page = MenusPage {
        layout: desk.layout("Menus", "/admin/menus"),
        parts,
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// `GET /admin/menus`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let of = |menu: Menu| {
        let items = desk.site.menu_items.iter();
        items
            .filter(|item| item.menu == menu)
            .map(|item| Item {
                label: item.label.clone(),
                path: item.path.clone(),
                error: String::new(),
            })
            .collect()
    };
    let parts = parts(of(Menu::Header), of(Menu::Footer));
    page(&desk, parts, Errors::default())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MenusForm {
    header_label: Vec<String>,
    header_path: Vec<String>,
    footer_label: Vec<String>,
    footer_path: Vec<String>,
    /// Which button: empty to save, or `add:header`, `up:footer:2` and so on.
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

/// Does what a button says to the items; nothing for what no button says.
fn take_step(parts: &mut [Part; 2], step: &str) {
    let mut words = step.split(':');
    let (action, menu) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let at: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let Some(part) = parts.iter_mut().find(|part| part.menu.as_str() == menu) else {
        return;
    };
    let items = &mut part.items;
    match action {
        "add" => items.push(Item::default()),
        "remove" if at < items.len() => {
            items.remove(at);
        }
        "up" if at > 0 && at < items.len() => items.swap(at, at - 1),
        "down" if at + 1 < items.len() => items.swap(at, at + 1),
        _ => {}
    }
}

/// More items than anybody would want to read.
const MOST: usize = 40;

/// Says what is wrong, beside each item and of each menu.
fn check(parts: &mut [Part; 2]) -> Errors {
    let mut errors = Errors::default();
    for part in parts {
        let field = part.menu.as_str();
        for item in &mut part.items {
            item.error = if item.label.is_empty() {
                "A label is needed".to_owned()
            } else if item.label.chars().count() > 60 {
                "The label is too long: 60 characters are allowed".to_owned()
            } else if !checks::is_target(&item.path) || item.path.chars().count() > 500 {
                "It leads to a path of this site, such as /about, or to an address that begins \
                 with https://"
                    .to_owned()
            } else {
                continue;
            };
            errors.add(field, format!("{}: {}", part.title, item.error));
        }
        if part.items.len() > MOST {
            errors.add(field, format!("{}: {MOST} items are enough", part.title));
        }
    }
    errors
}

/// `POST /admin/menus`
pub async fn save(desk: Newsroom, posted: Posted<MenusForm>) -> Result<HttpResponse> {
    let form = posted.form;
    let mut parts = parts(
        items(&form.header_label, &form.header_path),
        items(&form.footer_label, &form.footer_path),
    );
    if !form.step.is_empty() {
        take_step(&mut parts, &form.step);
        return page(&desk, parts, Errors::default());
    }
    for part in &mut parts {
        part.items
            .retain(|item| !item.label.is_empty() || !item.path.is_empty());
    }
    let errors = check(&mut parts);
    if !errors.is_empty() {
        return page(&desk, parts, errors);
    }
    desk.write(move |conn, actor| {
        for part in &parts {
            let items: Vec<(&str, &str)> = part
                .items
                .iter()
                .map(|item| (item.label.as_str(), item.path.as_str()))
                .collect();
            menu::replace(conn, part.menu, &items)?;
        }
        actor.did(
            conn,
            &NewEvent {
                action: "changed",
                kind: "menu",
                object: "Menus",
                ..NewEvent::default()
            },
        )
    })
    .await?;
    desk.see_other("/admin/menus", "The menus are saved.")
}
