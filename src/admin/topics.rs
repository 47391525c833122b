//! Topics: the searchable list; adding, renaming, merging and deleting a topic.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    CsrfForm, EmptyForm, FormOutcome, Layout, StaffRequest, checks,
    pager::{self, Pager},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, HistoryAction, HistoryKind, TimelineKind},
    },
    error::{Error, Result},
    locale::Newsroom,
    models::{
        history::NewEvent,
        timeline,
        topic::{self, Change, Topic},
    },
    text,
    view::form::{Errors, Field},
};

/// A topic in the list.
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
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let q = checks::line(&request.query("q"));
    let after = checks::line(&request.query("after"));
    // The search compares slugs, which have neither accents nor capital letters.
    let (search, from) = (text::slug(&q), after.clone());
    let matches_nothing = search.is_empty() && !q.is_empty();
    let (mut topics, stories) = request
        .read(move |conn| {
            if matches_nothing {
                return Ok(Default::default());
            }
            let topics = topic::list(conn, &search, &from, pager::QUERY_LIMIT)?;
            let ids: Vec<i64> = topics.iter().map(|topic| topic.id).collect();
            Ok((topics, timeline::totals(conn, TimelineKind::Topic, &ids)?))
        })
        .await?;
    let pager = Pager::truncate("/admin/topics", &q, &after, &mut topics, |topic| {
        &topic.slug
    });
    let rows = topics
        .into_iter()
        .map(|topic| Row {
            stories: request.count_of_articles(stories.get(&topic.id)),
            id: topic.id,
            name: topic.name,
            path: topic.path,
        })
        .collect();
    request.page(&ListPage {
        layout: request.layout(request.texts().topics.title, "/admin/topics"),
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
    /// The address of an existing topic.
    path: Option<String>,
    name: Field,
    slug: Field,
    description: Field,
    into: Field,
    errors: Errors,
}

fn page(
    request: &StaffRequest,
    topic: Option<&Topic>,
    form: &TopicForm,
    into: &str,
    errors: Errors,
) -> Result<HttpResponse> {
    let texts = request.texts();
    let page = TopicPage {
        layout: request.layout(
            topic.map_or(texts.topics.new_topic, |topic| &topic.name),
            "/admin/topics",
        ),
        action: match topic {
            Some(topic) => format!("/admin/topics/{}", topic.id),
            None => "/admin/topics".to_owned(),
        },
        path: topic.map(|topic| topic.path.clone()),
        name: Field::new("name", texts.common.name)
            .value(&form.name)
            .required()
            .errors(&errors),
        slug: Field::new("slug", texts.topics.address)
            .value(&form.slug)
            .hint(checks::slug_hint(
                texts,
                topic.map(|topic| topic.path.as_str()),
            ))
            .errors(&errors),
        description: Field::new("description", texts.topics.description)
            .value(&form.description)
            .errors(&errors),
        into: Field::new("into", texts.topics.merge_into)
            .value(into)
            .hint(texts.topics.merge_into_hint)
            .required()
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// Validates the form; returns the slug.
fn validate(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    id: Option<i64>,
    form: &TopicForm,
) -> Result<FormOutcome<String>> {
    let mut errors = Errors::default();
    checks::required(
        &mut errors,
        texts,
        "name",
        &form.name,
        [texts.topics.a_name, texts.topics.the_name],
        100,
    );
    checks::max_chars(
        &mut errors,
        texts,
        "description",
        &form.description,
        texts.topics.the_description,
        1_000,
    );
    let slug = checks::slug(&mut errors, texts, &form.slug, &form.name);
    if errors.is_empty()
        && let Some(message) =
            checks::path_conflict(conn, texts, &topic::path(&slug), AddressKind::Topic, id)?
    {
        errors.add("slug", message);
    }
    Ok(FormOutcome::new(slug, errors))
}

/// `GET /admin/topics/new`
pub async fn create(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, None, &TopicForm::default(), "", Errors::default())
}

/// `POST /admin/topics`
pub async fn add(request: StaffRequest, posted: CsrfForm<TopicForm>) -> Result<HttpResponse> {
    let form = posted.form.cleaned();
    let input = form.clone();
    let outcome = request
        .write(move |conn, actor| {
            validate(conn, actor.texts(), None, &input)?.save(|slug| {
                let id = topic::insert(conn, &slug, &input.name, &input.description)?;
                actor.audit(conn, &event(HistoryAction::Added, id, &input.name, ""))
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => {
            request.see_other("/admin/topics", request.texts().topics.added)
        }
        FormOutcome::Invalid(errors) => page(&request, None, &form, "", errors),
    }
}

fn event<'a>(action: HistoryAction, id: i64, name: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: HistoryKind::Topic,
        object_id: Some(id),
        object: name,
        detail,
    }
}

async fn find(request: &StaffRequest) -> Result<Topic> {
    let id = request.id("id")?;
    request
        .read(move |conn| topic::find(conn, id)?.ok_or(Error::NotFound))
        .await
}

/// `GET /admin/topics/{id}`
pub async fn edit(request: StaffRequest) -> Result<HttpResponse> {
    let topic = find(&request).await?;
    let form = TopicForm::from(&topic);
    page(&request, Some(&topic), &form, "", Errors::default())
}

/// `POST /admin/topics/{id}`
pub async fn change(request: StaffRequest, posted: CsrfForm<TopicForm>) -> Result<HttpResponse> {
    let topic = find(&request).await?;
    let form = posted.form.cleaned();
    let (input, before) = (form.clone(), topic.clone());
    let outcome = request
        .write(move |conn, actor| {
            validate(conn, actor.texts(), Some(before.id), &input)?.save(|slug| {
                let change = Change {
                    slug: &slug,
                    name: &input.name,
                    description: &input.description,
                };
                topic::change(conn, before.id, &change)?;
                let detail = if before.slug == slug {
                    String::new()
                } else {
                    actor
                        .texts()
                        .history_details
                        .from_to(&before.path, topic::path(&slug))
                };
                actor.audit(
                    conn,
                    &event(HistoryAction::Changed, before.id, &input.name, &detail),
                )
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => {
            request.see_other("/admin/topics", request.texts().topics.saved)
        }
        FormOutcome::Invalid(errors) => page(&request, Some(&topic), &form, "", errors),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
}

/// `POST /admin/topics/{id}/merge`: moves the articles of this topic to another one.
pub async fn merge(request: StaffRequest, posted: CsrfForm<MergeForm>) -> Result<HttpResponse> {
    let topic = find(&request).await?;
    let into = checks::line(&posted.form.into);
    // Either a path or its last part.
    let slug = text::slug(into.rsplit('/').next().unwrap_or_default());
    let time_zone = request.site.settings.time_zone;
    let merged = topic.clone();
    let outcome = request
        .write(move |conn, actor| {
            let texts = &actor.texts().topics;
            let Some(other) = topic::find_by_slug(conn, &slug)? else {
                return Ok(FormOutcome::invalid("into", texts.no_such_topic));
            };
            if other.id == merged.id {
                return Ok(FormOutcome::invalid("into", texts.merge_itself));
            }
            topic::merge(conn, merged.id, other.id, time_zone)?;
            let detail = actor.texts().history_details.into_other(&other.name);
            actor.audit(
                conn,
                &event(HistoryAction::Merged, merged.id, &merged.name, &detail),
            )?;
            Ok(FormOutcome::Accepted(other))
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(other) => request.see_other(
            &format!("/admin/topics/{}", other.id),
            request.texts().topics.merged,
        ),
        FormOutcome::Invalid(errors) => page(
            &request,
            Some(&topic),
            &TopicForm::from(&topic),
            &into,
            errors,
        ),
    }
}

/// `POST /admin/topics/{id}/delete`
pub async fn delete(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let topic = find(&request).await?;
    request
        .write(move |conn, actor| {
            let articles = topic::articles_of(conn, topic.id)?;
            if articles > 0 {
                let texts = &actor.texts().topics;
                return Err(Error::Refused(texts.in_use(articles, &topic.name)));
            }
            topic::delete(conn, topic.id)?;
            actor.audit(
                conn,
                &event(HistoryAction::Deleted, topic.id, &topic.name, &topic.path),
            )
        })
        .await?;
    request.see_other("/admin/topics", request.texts().topics.deleted)
}
