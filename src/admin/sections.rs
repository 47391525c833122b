//! Sections: the tree with its order and nesting; adding, changing, moving and deleting one.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Layout, Newsroom, Nothing, Posted, checks};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, River},
    },
    error::{Error, Result},
    models::{
        history::NewEvent,
        river,
        section::{self, Change, NewSection, SectionTree},
    },
    view::form::{Choice, Errors, Field},
};

/// A section in the list.
struct Row {
    id: i64,
    name: String,
    path: String,
    /// From 0; the style sheet knows so many.
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

/// The depth from which on sections are indented alike.
const DEEPEST: usize = 5;

/// `GET /admin/sections`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let site = desk.site.clone();
    let sections = site.sections.walk(None);
    let ids: Vec<i64> = sections.iter().map(|(_, section)| section.id).collect();
    let stories = desk
        .read(move |conn| Ok(river::totals(conn, River::Section, &ids)?))
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
                depth: depth.min(DEEPEST),
                stories: desk.stories(stories.get(&section.id)),
                first: siblings.first() == Some(&section.id),
                last: siblings.last() == Some(&section.id),
            }
        })
        .collect();
    desk.page(&ListPage {
        layout: desk.layout("Sections", "/admin/sections"),
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
    /// Where the form goes.
    action: String,
    /// Of a section that is there.
    path: Option<String>,
    name: Field,
    slug: Field,
    parent: Field,
    description: Field,
    errors: Errors,
}

fn page(
    desk: &Newsroom,
    id: Option<i64>,
    typed: &SectionForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let tree = &desk.site.sections;
    let section = id.and_then(|id| tree.get(id));
    let parents = tree
        .walk(None)
        .into_iter()
        // A section cannot stand below itself.
        .filter(|(_, parent)| id.is_none_or(|id| !tree.is_within(parent.id, id)))
        .map(|(depth, parent)| {
            let value = parent.id.to_string();
            let chosen = value == typed.parent;
            Choice::new(
                value,
                format!("{}{}", "– ".repeat(depth), parent.name),
                chosen,
            )
        });
    let page = SectionPage {
        layout: desk.layout(
            section.map_or("New section", |section| &section.name),
            "/admin/sections",
        ),
        action: match id {
            Some(id) => format!("/admin/sections/{id}"),
            None => "/admin/sections".to_owned(),
        },
        path: section.map(|section| section.path.clone()),
        name: Field::new("name", "Name")
            .value(&typed.name)
            .required()
            .errors(&errors),
        slug: Field::new("slug", "Address")
            .value(&typed.slug)
            .hint(checks::slug_hint(
                section.map(|section| section.path.as_str()),
            ))
            .errors(&errors),
        parent: Field::new("parent", "Stands in")
            .choices(
                [Choice::new(
                    "",
                    "Nothing: a section of its own",
                    typed.parent.is_empty(),
                )]
                .into_iter()
                .chain(parents)
                .collect(),
            )
            .errors(&errors),
        description: Field::new("description", "Description")
            .value(&typed.description)
            .hint("A sentence or two below the name, and what search engines show")
            .errors(&errors),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// What was typed, checked: parent and slug.
fn checked(
    conn: &mut AnyConnection,
    tree: &SectionTree,
    id: Option<i64>,
    typed: &SectionForm,
) -> Result<Result<(Option<i64>, String), Errors>> {
    let mut errors = Errors::default();
    checks::needed(&mut errors, "name", &typed.name, "A name", 100);
    checks::short(
        &mut errors,
        "description",
        &typed.description,
        "This",
        1_000,
    );
    let slug = checks::slug(&mut errors, &typed.slug, &typed.name);
    let parent_id = typed.parent.parse().ok();
    if !typed.parent.is_empty() && parent_id.and_then(|parent| tree.get(parent)).is_none() {
        errors.add("parent", "This section is no more");
    } else if let (Some(id), Some(parent)) = (id, parent_id)
        && tree.is_within(parent, id)
    {
        errors.add(
            "parent",
            "A section cannot stand in itself, nor in one of its own",
        );
    }
    if errors.is_empty() {
        let paths = match id {
            Some(id) => tree.paths_after(id, parent_id, &slug),
            None => vec![(0, tree.path_below(parent_id, &slug))],
        };
        for (section_id, path) in paths {
            let own = (section_id != 0).then_some(section_id);
            if let Some(why) = checks::taken(conn, &path, AddressKind::Section, own)? {
                errors.add("slug", why);
                break;
            }
        }
    }
    Ok(if errors.is_empty() {
        Ok((parent_id, slug))
    } else {
        Err(errors)
    })
}

/// `GET /admin/sections/new`
pub async fn create(desk: Newsroom) -> Result<HttpResponse> {
    let typed = SectionForm {
        parent: desk.query("parent"),
        ..SectionForm::default()
    };
    page(&desk, None, &typed, Errors::default())
}

/// `POST /admin/sections`
pub async fn add(desk: Newsroom, posted: Posted<SectionForm>) -> Result<HttpResponse> {
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let done = desk
        .write(move |conn, actor| {
            let tree = section::tree_to_change(conn)?;
            let (parent_id, slug) = match checked(conn, &tree, None, &form)? {
                Ok(checked) => checked,
                Err(errors) => return Ok(Err(errors)),
            };
            let new = NewSection {
                parent_id,
                slug: &slug,
                name: &form.name,
                description: &form.description,
                position: section::next_position(conn)?,
            };
            let id = section::insert(conn, &new, &tree.path_below(parent_id, &slug))?;
            actor.did(
                conn,
                &NewEvent {
                    action: "added",
                    kind: "section",
                    object_id: Some(id),
                    object: &form.name,
                    detail: "",
                },
            )?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/sections", "The section is added."),
        Err(errors) => page(&desk, None, &typed, errors),
    }
}

/// `GET /admin/sections/{id}`
pub async fn edit(desk: Newsroom) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let section = desk.site.sections.get(id).ok_or(Error::NotFound)?;
    let typed = SectionForm {
        name: section.name.clone(),
        slug: section.slug.clone(),
        parent: section
            .parent_id
            .map(|parent| parent.to_string())
            .unwrap_or_default(),
        description: section.description.clone(),
    };
    page(&desk, Some(id), &typed, Errors::default())
}

/// `POST /admin/sections/{id}`
pub async fn change(desk: Newsroom, posted: Posted<SectionForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let time_zone = desk.site.settings.time_zone;
    let done = desk
        .write(move |conn, actor| {
            let tree = section::tree_to_change(conn)?;
            let before = tree.get(id).ok_or(Error::NotFound)?;
            let (parent_id, slug) = match checked(conn, &tree, Some(id), &form)? {
                Ok(checked) => checked,
                Err(errors) => return Ok(Err(errors)),
            };
            let change = Change {
                parent_id,
                slug: &slug,
                name: &form.name,
                description: &form.description,
            };
            section::change(conn, &tree, id, &change, time_zone)?;
            let moved = tree.paths_after(id, parent_id, &slug);
            let detail = moved
                .first()
                .map(|(_, path)| format!("from {} to {path}", before.path));
            actor.did(
                conn,
                &NewEvent {
                    action: if detail.is_some() { "moved" } else { "changed" },
                    kind: "section",
                    object_id: Some(id),
                    object: &form.name,
                    detail: &detail.unwrap_or_default(),
                },
            )?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/sections", "The section is saved."),
        Err(errors) => page(&desk, Some(id), &typed, errors),
    }
}

#[derive(Deserialize)]
pub struct ShiftForm {
    towards: Towards,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Towards {
    Top,
    End,
}

/// `POST /admin/sections/{id}/shift`: one place up or down among those that stand in the same.
pub async fn shift(desk: Newsroom, posted: Posted<ShiftForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let up = matches!(posted.form.towards, Towards::Top);
    desk.write(move |conn, actor| {
        let tree = section::tree_to_change(conn)?;
        let section = tree.get(id).ok_or(Error::NotFound)?;
        section::shift(conn, &tree, id, up)?;
        actor.did(
            conn,
            &NewEvent {
                action: if up { "moved up" } else { "moved down" },
                kind: "section",
                object_id: Some(id),
                object: &section.name,
                detail: "",
            },
        )
    })
    .await?;
    desk.see_other("/admin/sections", "")
}

/// `POST /admin/sections/{id}/delete`
pub async fn delete(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.write(move |conn, actor| {
        let tree = section::tree_to_change(conn)?;
        let section = tree.get(id).ok_or(Error::NotFound)?;
        let articles = section::articles_in(conn, id)?;
        let children = tree.children(Some(id)).count();
        if articles > 0 || children > 0 {
            return Err(Error::Refused(format!(
                "{} is not empty: {articles} {} (drafts and the trash included) and {children} {} \
                 stand in it. Move them first.",
                section.name,
                if articles == 1 { "article" } else { "articles" },
                if children == 1 { "section" } else { "sections" },
            )));
        }
        section::delete(conn, id)?;
        actor.did(
            conn,
            &NewEvent {
                action: "deleted",
                kind: "section",
                object_id: Some(id),
                object: &section.name,
                detail: &section.path,
            },
        )
    })
    .await?;
    desk.see_other("/admin/sections", "The section is deleted.")
}
