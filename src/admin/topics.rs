//! Topics: a long list to search in; adding, renaming, merging and deleting one.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    Layout, Newsroom, Nothing, Posted, checks,
    pager::{self, Pager},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, River},
    },
    error::{Error, Result},
    models::{
        history::NewEvent,
        river,
        topic::{self, Change, Topic},
    },
    text,
    view::form::{Errors, Field},
};

struct Row {
    id: i64,
    name: String,
    path: String,
    stories: String,
}

#[derive(Template)]
#[template(path = "admin/topics.html")]
struct ListPage {
    layout: Layout,
    q: String,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /admin/topics?q=…&after=…`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let q = checks::line(&desk.query("q"));
    let after = checks::line(&desk.query("after"));
    // Slugs are searched, which have neither accents nor capital letters.
    let (search, from) = (text::slug(&q), after.clone());
    let nothing = search.is_empty() && !q.is_empty();
    let (mut topics, stories) = desk
        .read(move |conn| {
            if nothing {
                return Ok(Default::default());
            }
            let topics = topic::list(conn, &search, &from, pager::WITH_NEXT)?;
            let ids: Vec<i64> = topics.iter().map(|topic| topic.id).collect();
            Ok((topics, river::totals(conn, River::Topic, &ids)?))
        })
        .await?;
    let pager = Pager::cut("/admin/topics", &q, &after, &mut topics, |topic| {
        &topic.slug
    });
    let rows = topics
        .into_iter()
        .map(|topic| Row {
            stories: desk.stories(stories.get(&topic.id)),
            id: topic.id,
            name: topic.name,
            path: topic.path,
        })
        .collect();
    desk.page(&ListPage {
        layout: desk.layout("Topics", "/admin/topics"),
        q,
        rows,
        pager,
    })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TopicForm {
    name: String,
    slug: String,
    description: String,
}

impl TopicForm {
    fn cleaned(self) -> Self {
        Self {
            name: checks::line(&self.name),
            slug: checks::line(&self.slug),
            description: checks::lines(&self.description),
        }
    }
}

impl From<&Topic> for TopicForm {
    fn from(topic: &Topic) -> Self {
        Self {
            name: topic.name.clone(),
            slug: topic.slug.clone(),
            description: topic.description.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/topic.html")]
struct TopicPage {
    layout: Layout,
    action: String,
    /// Of a topic that is there.
    path: Option<String>,
    name: Field,
    slug: Field,
    description: Field,
    into: Field,
    errors: Errors,
}

fn page(
    desk: &Newsroom,
    topic: Option<&Topic>,
    typed: &TopicForm,
    into: &str,
    errors: Errors,
) -> Result<HttpResponse> {
    let page = TopicPage {
        layout: desk.layout(
            topic.map_or("New topic", |topic| &topic.name),
            "/admin/topics",
        ),
        action: match topic {
            Some(topic) => format!("/admin/topics/{}", topic.id),
            None => "/admin/topics".to_owned(),
        },
        path: topic.map(|topic| topic.path.clone()),
        name: Field::new("name", "Name")
            .value(&typed.name)
            .required()
            .errors(&errors),
        slug: Field::new("slug", "Address")
            .value(&typed.slug)
            .hint(checks::slug_hint(topic.map(|topic| topic.path.as_str())))
            .errors(&errors),
        description: Field::new("description", "Description")
            .value(&typed.description)
            .errors(&errors),
        into: Field::new("into", "The topic to merge it into")
            .value(into)
            .hint("Its name, or the last part of its address")
            .required()
            .errors(&errors),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// What was typed, checked: the slug.
fn checked(
    conn: &mut AnyConnection,
    id: Option<i64>,
    typed: &TopicForm,
) -> Result<Result<String, Errors>> {
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
    if errors.is_empty()
        && let Some(why) = checks::taken(conn, &topic::path(&slug), AddressKind::Topic, id)?
    {
        errors.add("slug", why);
    }
    Ok(if errors.is_empty() {
        Ok(slug)
    } else {
        Err(errors)
    })
}

/// `GET /admin/topics/new`
pub async fn create(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, None, &TopicForm::default(), "", Errors::default())
}

/// `POST /admin/topics`
pub async fn add(desk: Newsroom, posted: Posted<TopicForm>) -> Result<HttpResponse> {
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let done = desk
        .write(move |conn, actor| {
            let slug = match checked(conn, None, &form)? {
                Ok(slug) => slug,
                Err(errors) => return Ok(Err(errors)),
            };
            let id = topic::insert(conn, &slug, &form.name, &form.description)?;
            actor.did(conn, &event("added", id, &form.name, ""))?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/topics", "The topic is added."),
        Err(errors) => page(&desk, None, &typed, "", errors),
    }
}

fn event<'a>(action: &'a str, id: i64, name: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: "topic",
        object_id: Some(id),
        object: name,
        detail,
    }
}

async fn find(desk: &Newsroom) -> Result<Topic> {
    let id = desk.id("id")?;
    desk.read(move |conn| topic::find(conn, id)?.ok_or(Error::NotFound))
        .await
}

/// `GET /admin/topics/{id}`
pub async fn edit(desk: Newsroom) -> Result<HttpResponse> {
    let topic = find(&desk).await?;
    let typed = TopicForm::from(&topic);
    page(&desk, Some(&topic), &typed, "", Errors::default())
}

/// `POST /admin/topics/{id}`
pub async fn change(desk: Newsroom, posted: Posted<TopicForm>) -> Result<HttpResponse> {
    let topic = find(&desk).await?;
    let typed = posted.form.cleaned();
    let (form, before) = (typed.clone(), topic.clone());
    let done = desk
        .write(move |conn, actor| {
            let slug = match checked(conn, Some(before.id), &form)? {
                Ok(slug) => slug,
                Err(errors) => return Ok(Err(errors)),
            };
            let change = Change {
                slug: &slug,
                name: &form.name,
                description: &form.description,
            };
            topic::change(conn, before.id, &change)?;
            let detail = if before.slug == slug {
                String::new()
            } else {
                format!("from {} to {}", before.path, topic::path(&slug))
            };
            actor.did(conn, &event("changed", before.id, &form.name, &detail))?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/topics", "The topic is saved."),
        Err(errors) => page(&desk, Some(&topic), &typed, "", errors),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
}

/// `POST /admin/topics/{id}/merge`: everything of this topic becomes another one's.
pub async fn merge(desk: Newsroom, posted: Posted<MergeForm>) -> Result<HttpResponse> {
    let topic = find(&desk).await?;
    let into = checks::line(&posted.form.into);
    // The path that it has, or just the last part.
    let slug = text::slug(into.rsplit('/').next().unwrap_or_default());
    let time_zone = desk.site.settings.time_zone;
    let merged = topic.clone();
    let done = desk
        .write(move |conn, actor| {
            let Some(other) = topic::find_by_slug(conn, &slug)? else {
                return Ok(Err("There is no such topic"));
            };
            if other.id == merged.id {
                return Ok(Err("It cannot be merged into itself"));
            }
            topic::merge(conn, merged.id, other.id, time_zone)?;
            let detail = format!("into {}", other.name);
            actor.did(conn, &event("merged", merged.id, &merged.name, &detail))?;
            Ok(Ok(other))
        })
        .await?;
    match done {
        Ok(other) => desk.see_other(
            &format!("/admin/topics/{}", other.id),
            "The topics are one now.",
        ),
        Err(why) => {
            let mut errors = Errors::default();
            errors.add("into", why);
            page(&desk, Some(&topic), &TopicForm::from(&topic), &into, errors)
        }
    }
}

/// `POST /admin/topics/{id}/delete`
pub async fn delete(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let topic = find(&desk).await?;
    desk.write(move |conn, actor| {
        let articles = topic::articles_of(conn, topic.id)?;
        if articles > 0 {
            return Err(Error::Refused(format!(
                "{} is used: {articles} {} (drafts and the trash included) have it. Merge it into \
                 another topic instead.",
                topic.name,
                if articles == 1 { "article" } else { "articles" },
            )));
        }
        topic::delete(conn, topic.id)?;
        actor.did(conn, &event("deleted", topic.id, &topic.name, &topic.path))
    })
    .await?;
    desk.see_other("/admin/topics", "The topic is deleted.")
}
