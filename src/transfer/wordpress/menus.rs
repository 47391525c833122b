//! Fills the menus from those of the old site.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    context::Context,
    plain::plain,
    survey::{self, Survey},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, Menu},
    },
    error::Error,
    models::{address, article, menu, page},
};

/// The slugs that themes use for the menus in the header and in the footer.
const HEADER_SLUGS: [&str; 4] = ["header", "primary", "main", "main-menu"];
const FOOTER_SLUGS: [&str; 2] = ["footer", "footer-menu"];

/// Fills the menus that are empty here. The header menu is the one with a usual slug, or else the largest.
pub(super) fn fill_menus(
    conn: &mut AnyConnection,
    survey: &Survey,
    context: &Context,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for item in survey.menu_items.iter().filter(|item| item.is_top) {
        *sizes.entry(&item.menu).or_default() += 1;
    }
    let find = |slugs: &[&'static str]| slugs.iter().copied().find(|slug| sizes.contains_key(slug));
    let footer = find(&FOOTER_SLUGS);
    let largest = sizes
        .iter()
        .filter(|(name, _)| Some(**name) != footer)
        .max_by_key(|(name, size)| (**size, **name))
        .map(|(name, _)| *name);
    for (menu, name) in [
        (Menu::Header, find(&HEADER_SLUGS).or(largest)),
        (Menu::Footer, footer),
    ] {
        let is_empty = menu::all(conn)?.iter().all(|item| item.menu != menu);
        if let Some(name) = name.filter(|_| is_empty) {
            fill_menu(conn, survey, context, now, (menu, name))?;
        }
    }
    Ok(())
}

fn fill_menu(
    conn: &mut AnyConnection,
    survey: &Survey,
    context: &Context,
    now: DateTime<Utc>,
    (menu, slug): (Menu, &str),
) -> Result<(), Error> {
    let mut entries: Vec<_> = survey
        .menu_items
        .iter()
        .filter(|item| item.menu == slug && item.is_top)
        .collect();
    entries.sort_by_key(|item| item.order);
    let mut items: Vec<(String, String)> = Vec::new();
    for item in entries {
        if item.kind == "custom" {
            if let Some(path) = survey::permalink(&item.url, &context.hosts)
                && let Some((kind, id)) = address::holder(conn, &path)?
                && is_public(conn, kind, id, now)?
            {
                items.push((plain(&item.label), path));
            }
            continue;
        }
        let object = item.object.to_string();
        let (kind, id) = match item.kind.as_str() {
            "taxonomy" => {
                let category = context.category_slugs.get(&item.object);
                let id = category.and_then(|slug| context.sections.get(slug));
                (AddressKind::Section, id.copied())
            }
            _ => match (context.pages.get(&object), context.articles.get(&object)) {
                (Some(known), _) => (AddressKind::Page, Some(known.target_id)),
                (None, known) => (AddressKind::Article, known.map(|known| known.target_id)),
            },
        };
        let Some(id) = id else { continue };
        if !is_public(conn, kind, Some(id), now)? {
            continue;
        }
        let Some(path) = address::canonical(conn, kind, id)? else {
            continue;
        };
        let label = match plain(&item.label) {
            label if !label.is_empty() => label,
            _ => match kind {
                AddressKind::Page => page::listed(conn, id)?.map(|page| page.title),
                AddressKind::Section => context.tree.get(id).map(|section| section.name.clone()),
                _ => article::record(conn, id)?.map(|record| record.headline),
            }
            .unwrap_or_default(),
        };
        if !label.is_empty() {
            items.push((label, path));
        }
    }
    let items: Vec<(&str, &str)> = items
        .iter()
        .map(|(label, path)| (label.as_str(), path.as_str()))
        .collect();
    if !items.is_empty() {
        menu::replace(conn, menu, &items)?;
    }
    Ok(())
}

/// Whether a menu may link to this target: not to an article that is hidden at `now`.
fn is_public(
    conn: &mut AnyConnection,
    kind: AddressKind,
    id: Option<i64>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    match (kind, id) {
        (AddressKind::Article, Some(id)) => Ok(article::is_live(conn, id, now.naive_utc())?),
        _ => Ok(true),
    }
}
