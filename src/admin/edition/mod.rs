//! The edition: the lead and the pinned articles of the front page or of a section, and the
//! breaking-news bar. Every button of the form submits the whole draft; readers see it once it is saved.

mod draft;
mod page;
mod preview;

use std::collections::HashMap;

use actix_web::HttpResponse;

use self::{
    draft::{EditionDraft, EditionForm, breaking_fingerprint, fingerprint},
    page::{name, page},
};
use super::{CsrfForm, StaffRequest};
use crate::{
    db::{
        AnyConnection,
        types::{HistoryAction, HistoryKind},
    },
    error::{Error, Result},
    locale::NewsroomHistoryDetails,
    models::{
        address,
        article::{self, Record},
        edition::{self, Slot},
        history::NewEvent,
        setting,
    },
    paths,
};

/// Parses the id of a section; empty is the front page.
fn parse_section(request: &StaffRequest, value: &str) -> Result<Option<i64>> {
    if value.is_empty() {
        return Ok(None);
    }
    let id = value.parse().map_err(|_| Error::NotFound)?;
    match request.site.sections.get(id) {
        Some(_) => Ok(Some(id)),
        None => Err(Error::NotFound),
    }
}

/// `GET /admin/edition?section=ID`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let section_id = parse_section(&request, &request.query("section"))?;
    let slots = request
        .read(move |conn| Ok(edition::arrangement(conn, section_id)?))
        .await?;
    let draft = EditionDraft::stored(&request, section_id, &slots, request.now.naive_utc());
    page(&request, draft).await
}

/// `POST /admin/edition`
pub async fn update(request: StaffRequest, posted: CsrfForm<EditionForm>) -> Result<HttpResponse> {
    let form = posted.form;
    let section_id = parse_section(&request, &form.section)?;
    let action = form.action.clone();
    let texts = &request.texts().edition;
    let mut draft = EditionDraft::from_form(form, section_id, &request.app.base_url);
    if let Some((action, id)) = action.split_once(':') {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        let record = request
            .read(move |conn| Ok(article::record(conn, id)?))
            .await?
            .ok_or(Error::NotFound)?;
        // A listed article can be moved or removed even after it was unpublished.
        if record.is_published() || draft.position(id).is_some() {
            draft.arrange(texts, action, id);
            draft.status = match draft.position(id) {
                Some(index) => texts.moved(record.headline, index + 1, draft.pins.len()),
                None if draft.errors.is_empty() => texts.removed(record.headline),
                None => String::new(),
            };
        }
    }
    if !draft.add.is_empty() {
        add_article(&request, &mut draft).await?;
    }
    match action.as_str() {
        "save" => save(&request, draft).await,
        "breaking-on" | "breaking-off" if section_id.is_none() => {
            set_breaking(&request, draft, action == "breaking-on").await
        }
        _ => page(&request, draft).await,
    }
}

/// Adds the article whose id or address was entered. Input that identifies no article stays in its field.
async fn add_article(request: &StaffRequest, draft: &mut EditionDraft) -> Result<()> {
    let address = draft.add.clone();
    let id = address.strip_prefix("/admin/articles/").unwrap_or(&address);
    let id = id.split('/').next().and_then(|part| part.parse().ok());
    let record = request
        .read(move |conn| {
            let id = match id {
                Some(id) => Some(id),
                None => address::articles_at(conn, &[address])?.pop(),
            };
            Ok(match id {
                Some(id) => article::record(conn, id)?,
                None => None,
            })
        })
        .await?;
    let texts = &request.texts().edition;
    match record {
        None => draft.errors.add("add", texts.no_such_article),
        Some(record) if !record.is_published() => draft.errors.add("add", texts.not_published),
        Some(record) if draft.position(record.id).is_some() => {
            draft.errors.add("add", texts.already_placed);
        }
        Some(record) => {
            draft.arrange(texts, "pin", record.id);
            if draft.errors.is_empty() {
                draft.add.clear();
                draft.status = texts.added(record.headline);
            }
        }
    }
    Ok(())
}

/// Saves the arrangement, unless another user saved one after the draft was begun.
async fn save(request: &StaffRequest, mut draft: EditionDraft) -> Result<HttpResponse> {
    let wanted = draft.slots(request);
    if draft.has_errors() {
        return page(request, draft).await;
    }
    let (section_id, base) = (draft.section_id, draft.base.clone());
    let name = name(request, section_id);
    let saved = request
        .write(move |conn, actor| {
            edition::lock(conn)?;
            let before = edition::arrangement(conn, section_id)?;
            let ids: Vec<i64> = before
                .iter()
                .chain(&wanted)
                .map(|slot| slot.article_id)
                .collect();
            let stories = edition::stories(conn, &ids)?;
            let mut wanted = wanted;
            wanted.retain(|slot| stories.contains_key(&slot.article_id));
            if before == wanted {
                return Ok(true);
            }
            if fingerprint(&before) != base {
                return Ok(false);
            }
            let slots: Vec<_> = wanted
                .iter()
                .map(|slot| (slot.article_id, slot.until))
                .collect();
            edition::place(conn, section_id, &slots)?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::Arranged,
                    kind: HistoryKind::Edition,
                    object_id: Some(section_id.unwrap_or(0)),
                    object: &name,
                    detail: &describe_change(
                        &actor.texts().history_details,
                        &before,
                        &wanted,
                        &stories,
                    ),
                },
            )?;
            Ok(true)
        })
        .await?;
    if saved {
        return request.see_other(&admin_path(section_id), request.texts().edition.saved);
    }
    draft.is_outdated = true;
    page(request, draft).await
}

/// The difference between two arrangements, as the history shows it.
fn describe_change(
    texts: &NewsroomHistoryDetails,
    before: &[Slot],
    after: &[Slot],
    stories: &HashMap<i64, Record>,
) -> String {
    let titles = |ids: Vec<i64>| {
        let names: Vec<String> = ids
            .iter()
            .filter_map(|id| stories.get(id))
            .map(|record| format!("“{}”", record.headline))
            .collect();
        names.join(", ")
    };
    let ids = |slots: &[Slot]| -> Vec<i64> { slots.iter().map(|slot| slot.article_id).collect() };
    let (old, new) = (ids(before), ids(after));
    let missing = |from: &[i64], other: &[i64]| -> Vec<i64> {
        from.iter()
            .filter(|id| !other.contains(id))
            .copied()
            .collect()
    };
    let (added, removed) = (missing(&new, &old), missing(&old, &new));
    let mut parts = Vec::new();
    if old.first() != new.first() {
        parts.push(match new.first() {
            Some(id) => texts.lead(titles(vec![*id])),
            None => texts.no_lead.to_owned(),
        });
    }
    if !added.is_empty() {
        parts.push(texts.added(titles(added.clone())));
    }
    if !removed.is_empty() {
        parts.push(texts.removed(titles(removed.clone())));
    }
    if added.is_empty() && removed.is_empty() && old != new {
        parts.push(texts.order.to_owned());
    }
    if after
        .iter()
        .any(|slot| slot.until.is_some() && !before.contains(slot))
    {
        parts.push(texts.ends_changed.to_owned());
    }
    if parts.is_empty() {
        parts.push(texts.ends_removed.to_owned());
    }
    parts.join("; ")
}

/// Shows, changes or removes the breaking-news bar.
async fn set_breaking(
    request: &StaffRequest,
    mut draft: EditionDraft,
    is_on: bool,
) -> Result<HttpResponse> {
    let mut bar = None;
    if is_on {
        let link = draft.breaking_link.clone();
        let link_exists = request.read(move |conn| link_exists(conn, &link)).await?;
        bar = draft.breaking(request, link_exists);
        if draft.has_errors() {
            return page(request, draft).await;
        }
    }
    let (wanted, base) = (bar.clone(), draft.breaking_base.clone());
    // The bar that another user saved after the draft was begun.
    let conflict = request
        .write(move |conn, actor| {
            edition::lock(conn)?;
            let mut settings = setting::load(conn)?;
            if settings.breaking == wanted {
                return Ok(None);
            }
            if breaking_fingerprint(settings.breaking.as_ref()) != base {
                return Ok(Some(settings.breaking));
            }
            let action = match (&settings.breaking, &wanted) {
                (Some(_), Some(_)) => HistoryAction::Changed,
                (None, _) => HistoryAction::Added,
                (_, None) => HistoryAction::Removed,
            };
            let shown = wanted.clone().or(settings.breaking);
            settings.breaking = wanted;
            setting::save(conn, &settings)?;
            actor.audit(
                conn,
                &NewEvent {
                    action,
                    kind: HistoryKind::BreakingNews,
                    object_id: None,
                    object: shown.as_ref().map_or("", |bar| &bar.text),
                    detail: shown.as_ref().map_or("", |bar| &bar.link),
                },
            )?;
            Ok(None)
        })
        .await?;
    let texts = &request.texts().edition;
    match conflict {
        None => {
            draft.breaking_base = breaking_fingerprint(bar.as_ref());
            let status = if is_on {
                texts.bar_shown
            } else {
                texts.bar_removed
            };
            draft.status = status.to_owned();
        }
        Some(current) => {
            draft.breaking_base = breaking_fingerprint(current.as_ref());
            draft.is_outdated = true;
            draft.errors.add(
                "breaking_text",
                match current {
                    Some(bar) => texts.bar_changed_by_other(bar.text),
                    None => texts.bar_removed_by_other.to_owned(),
                },
            );
        }
    }
    page(request, draft).await
}

/// The path of the page for the front page or for a section.
fn admin_path(section_id: Option<i64>) -> String {
    match section_id {
        Some(id) => format!("/admin/edition?section={id}"),
        None => "/admin/edition".to_owned(),
    }
}

/// Whether `link` is empty or the path of an existing page of this site.
fn link_exists(conn: &mut AnyConnection, link: &str) -> Result<bool> {
    if link.is_empty() {
        return Ok(true);
    }
    let path = link.split(['?', '#']).next().unwrap_or(link).to_owned();
    let is_path = path.starts_with('/')
        && !path.starts_with("//")
        && !link.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control());
    Ok(is_path && (paths::is_fixed_page(&path) || !address::known(conn, &[path])?.is_empty()))
}
