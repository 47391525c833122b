//! Sections: the tree; adding, changing, moving and deleting a section.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{CsrfForm, EmptyForm, FormOutcome, Layout, StaffRequest, checks};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, HistoryAction, HistoryKind, TimelineKind},
    },
    error::{Error, Result},
    locale::Newsroom,
    models::{
        history::NewEvent,
        section::{self, Change, NewSection, SectionTree},
        timeline,
    },
    view::form::{Choice, Errors, Field},
};

/// A section in the list.
struct Row {
    id: i64,
    name: String,
    path: String,
    /// From 0 to [`MAX_DEPTH`].
    depth: usize,
    stories: String,
    first: bool,
    last: bool,
}

#[derive(Template)]
#[template(path = "admin/sections.html")]
struct ListPage {
    layout: Layout,
    rows: Vec<Row>,
}

/// The deepest indentation that the style sheet defines.
const MAX_DEPTH: usize = 5;

/// `GET /admin/sections`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let site = request.site.clone();
    let sections = site.sections.walk(None);
    let ids: Vec<i64> = sections.iter().map(|(_, section)| section.id).collect();
    let stories = request
        .read(move |conn| Ok(timeline::totals(conn, TimelineKind::Section, &ids)?))
        .await?;
    let rows = sections
        .into_iter()
        .map(|(depth, section)| {
            let siblings: Vec<i64> = site
                .sections
                .children(section.parent_id)
                .map(|sibling| sibling.id)
                .collect();
            Row {
                id: section.id,
                name: section.name.clone(),
                path: section.path.clone(),
                depth: depth.min(MAX_DEPTH),
                stories: request.count_of_articles(stories.get(&section.id)),
                first: siblings.first() == Some(&section.id),
                last: siblings.last() == Some(&section.id),
            }
        })
        .collect();
    request.page(&ListPage {
        layout: request.layout(request.texts().sections.title, "/admin/sections"),
        rows,
    })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SectionForm {
    name: String,
    slug: String,
    parent: String,
    description: String,
}

impl SectionForm {
    fn cleaned(self) -> Self {
        Self {
            name: checks::line(&self.name),
            slug: checks::line(&self.slug),
            parent: self.parent,
            description: checks::lines(&self.description),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/section.html")]
struct SectionPage {
    layout: Layout,
    /// The URL that the form is submitted to.
    action: String,
    /// The address of an existing section.
    path: Option<String>,
    name: Field,
    slug: Field,
    parent: Field,
    description: Field,
    errors: Errors,
}

fn page(
    request: &StaffRequest,
    id: Option<i64>,
    form: &SectionForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let texts = request.texts();
    let tree = &request.site.sections;
    let section = id.and_then(|id| tree.get(id));
    let parents = tree
        .walk(None)
        .into_iter()
        // A section cannot be its own ancestor.
        .filter(|(_, parent)| id.is_none_or(|id| !tree.is_within(parent.id, id)))
        .map(|(depth, parent)| {
            let value = parent.id.to_string();
            let chosen = value == form.parent;
            Choice::new(
                value,
                format!("{}{}", "– ".repeat(depth), parent.name),
                chosen,
            )
        });
    let page = SectionPage {
        layout: request.layout(
            section.map_or(texts.sections.new_section, |section| &section.name),
            "/admin/sections",
        ),
        action: match id {
            Some(id) => format!("/admin/sections/{id}"),
            None => "/admin/sections".to_owned(),
        },
        path: section.map(|section| section.path.clone()),
        name: Field::new("name", texts.common.name)
            .value(&form.name)
            .required()
            .errors(&errors),
        slug: Field::new("slug", texts.sections.address)
            .value(&form.slug)
            .hint(checks::slug_hint(
                texts,
                section.map(|section| section.path.as_str()),
            ))
            .errors(&errors),
        parent: Field::new("parent", texts.sections.parent)
            .choices(
                [Choice::new(
                    "",
                    texts.sections.no_parent,
                    form.parent.is_empty(),
                )]
                .into_iter()
                .chain(parents)
                .collect(),
            )
            .errors(&errors),
        description: Field::new("description", texts.sections.description)
            .value(&form.description)
            .hint(texts.sections.description_hint)
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// The validated values of the form.
struct ValidSection {
    parent_id: Option<i64>,
    slug: String,
}

fn validate(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    tree: &SectionTree,
    id: Option<i64>,
    form: &SectionForm,
) -> Result<FormOutcome<ValidSection>> {
    let mut errors = Errors::default();
    checks::required(
        &mut errors,
        texts,
        "name",
        &form.name,
        [texts.sections.a_name, texts.sections.the_name],
        100,
    );
    checks::max_chars(
        &mut errors,
        texts,
        "description",
        &form.description,
        texts.sections.the_description,
        1_000,
    );
    let slug = checks::slug(&mut errors, texts, &form.slug, &form.name);
    let parent_id = form.parent.parse().ok();
    if !form.parent.is_empty() && parent_id.and_then(|parent| tree.get(parent)).is_none() {
        errors.add("parent", texts.sections.parent_deleted);
    } else if let (Some(id), Some(parent)) = (id, parent_id)
        && tree.is_within(parent, id)
    {
        errors.add("parent", texts.sections.parent_within);
    }
    if errors.is_empty() {
        let paths = match id {
            Some(id) => tree.paths_after(id, parent_id, &slug),
            None => vec![(0, tree.path_below(parent_id, &slug))],
        };
        for (section_id, path) in paths {
            let own = (section_id != 0).then_some(section_id);
            if let Some(message) =
                checks::path_conflict(conn, texts, &path, AddressKind::Section, own)?
            {
                errors.add("slug", message);
                break;
            }
        }
    }
    Ok(FormOutcome::new(ValidSection { parent_id, slug }, errors))
}

/// `GET /admin/sections/new`
pub async fn create(request: StaffRequest) -> Result<HttpResponse> {
    let form = SectionForm {
        parent: request.query("parent"),
        ..SectionForm::default()
    };
    page(&request, None, &form, Errors::default())
}

/// `POST /admin/sections`
pub async fn add(request: StaffRequest, posted: CsrfForm<SectionForm>) -> Result<HttpResponse> {
    let form = posted.form.cleaned();
    let input = form.clone();
    let outcome = request
        .write(move |conn, actor| {
            let texts = actor.texts();
            let tree = section::tree_to_change(conn)?;
            validate(conn, texts, &tree, None, &input)?.save(|ValidSection { parent_id, slug }| {
                let new = NewSection {
                    parent_id,
                    slug: &slug,
                    name: &input.name,
                    description: &input.description,
                    position: section::next_position(conn)?,
                };
                let id = section::insert(conn, &new, &tree.path_below(parent_id, &slug))?;
                actor.audit(
                    conn,
                    &NewEvent {
                        action: HistoryAction::Added,
                        kind: HistoryKind::Section,
                        object_id: Some(id),
                        object: &input.name,
                        detail: "",
                    },
                )
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => {
            request.see_other("/admin/sections", request.texts().sections.added)
        }
        FormOutcome::Invalid(errors) => page(&request, None, &form, errors),
    }
}

/// `GET /admin/sections/{id}`
pub async fn edit(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let section = request.site.sections.get(id).ok_or(Error::NotFound)?;
    let form = SectionForm {
        name: section.name.clone(),
        slug: section.slug.clone(),
        parent: section
            .parent_id
            .map(|parent| parent.to_string())
            .unwrap_or_default(),
        description: section.description.clone(),
    };
    page(&request, Some(id), &form, Errors::default())
}

/// `POST /admin/sections/{id}`
pub async fn change(request: StaffRequest, posted: CsrfForm<SectionForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let form = posted.form.cleaned();
    let input = form.clone();
    let time_zone = request.site.settings.time_zone;
    let outcome = request
        .write(move |conn, actor| {
            let texts = actor.texts();
            let tree = section::tree_to_change(conn)?;
            let before = tree.get(id).ok_or(Error::NotFound)?;
            validate(conn, texts, &tree, Some(id), &input)?.save(
                |ValidSection { parent_id, slug }| {
                    let change = Change {
                        parent_id,
                        slug: &slug,
                        name: &input.name,
                        description: &input.description,
                    };
                    section::change(conn, &tree, id, &change, time_zone)?;
                    let moved = tree.paths_after(id, parent_id, &slug);
                    let detail = moved
                        .first()
                        .map(|(_, path)| actor.texts().history_details.from_to(&before.path, path));
                    actor.audit(
                        conn,
                        &NewEvent {
                            action: if detail.is_some() {
                                HistoryAction::Moved
                            } else {
                                HistoryAction::Changed
                            },
                            kind: HistoryKind::Section,
                            object_id: Some(id),
                            object: &input.name,
                            detail: &detail.unwrap_or_default(),
                        },
                    )
                },
            )
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => {
            request.see_other("/admin/sections", request.texts().sections.saved)
        }
        FormOutcome::Invalid(errors) => page(&request, Some(id), &form, errors),
    }
}

#[derive(Deserialize)]
pub struct ShiftForm {
    towards: Direction,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Top,
    End,
}

/// `POST /admin/sections/{id}/shift`: moves it one place up or down among its siblings.
pub async fn shift(request: StaffRequest, posted: CsrfForm<ShiftForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let up = matches!(posted.form.towards, Direction::Top);
    request
        .write(move |conn, actor| {
            let tree = section::tree_to_change(conn)?;
            let section = tree.get(id).ok_or(Error::NotFound)?;
            section::shift(conn, &tree, id, up)?;
            actor.audit(
                conn,
                &NewEvent {
                    action: if up {
                        HistoryAction::MovedUp
                    } else {
                        HistoryAction::MovedDown
                    },
                    kind: HistoryKind::Section,
                    object_id: Some(id),
                    object: &section.name,
                    detail: "",
                },
            )
        })
        .await?;
    request.see_other("/admin/sections", "")
}

/// `POST /admin/sections/{id}/delete`
pub async fn delete(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    request
        .write(move |conn, actor| {
            let tree = section::tree_to_change(conn)?;
            let section = tree.get(id).ok_or(Error::NotFound)?;
            let articles = section::articles_in(conn, id)?;
            let children = tree.children(Some(id)).count();
            if articles > 0 || children > 0 {
                let texts = &actor.texts().sections;
                return Err(Error::Refused(texts.not_empty(
                    &section.name,
                    texts.articles_within(articles),
                    texts.sections_within(children),
                )));
            }
            section::delete(conn, id)?;
            actor.audit(
                conn,
                &NewEvent {
                    action: HistoryAction::Deleted,
                    kind: HistoryKind::Section,
                    object_id: Some(id),
                    object: &section.name,
                    detail: &section.path,
                },
            )
        })
        .await?;
    request.see_other("/admin/sections", request.texts().sections.deleted)
}
