//! The list of articles with filters, search, sorting and bulk actions, and the JSON for article pickers.

use actix_web::HttpResponse;
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;
use serde_json::json;

use super::{Actor, CsrfForm, Layout, StaffRequest};
use crate::{
    db::{
        AnyConnection,
        types::{HistoryAction, Status, UserRole},
    },
    error::{Error, Result},
    locale::Newsroom,
    models::{
        article,
        article_list::{self, Filter, Listed, Place, Sort, State},
        author,
        related::{self, Subject},
        revision,
        section::SectionTree,
        timeline,
    },
    view::form::{Choice, Field},
};

/// Selects a text of the current language.
type Label = fn(&Newsroom) -> &'static str;

/// Articles on a page.
const PAGE_SIZE: i64 = 50;
/// The tabs: state, query value, text.
const STATES: [(State, &str, Label); 6] = [
    (State::Any, "", |texts| texts.common.all),
    (State::Draft, "draft", |texts| texts.articles.drafts),
    (State::Review, "review", |texts| texts.articles.waiting),
    (State::Scheduled, "scheduled", |texts| {
        texts.articles.scheduled
    }),
    (State::Live, "published", |texts| texts.articles.published),
    (State::Trashed, "trash", |texts| texts.articles.trash),
];

/// A tab above the list.
struct Tab {
    text: &'static str,
    url: String,
    current: bool,
}

/// An article in the list.
struct Row {
    id: i64,
    headline: String,
    state: &'static str,
    state_class: &'static str,
    has_unpublished_changes: bool,
    section: String,
    authors: String,
    views: String,
    when: String,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "admin/articles.html")]
struct ArticlesPage {
    layout: Layout,
    tabs: Vec<Tab>,
    state: &'static str,
    words: Field,
    section: Field,
    author: Field,
    sort: Field,
    rows: Vec<Row>,
    older: Option<String>,
    newest: Option<String>,
    is_editor: bool,
    in_trash: bool,
    is_filtered: bool,
}

/// The query string of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    state: String,
    q: String,
    section: String,
    author: String,
    sort: String,
    /// The position after which the page begins.
    after: String,
}

impl ListQuery {
    fn state(&self) -> State {
        STATES
            .iter()
            .find(|(_, word, _)| *word == self.state)
            .map_or(State::Any, |(state, ..)| *state)
    }

    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "published" => Sort::Published,
            "views" => Sort::Views,
            _ => Sort::Changed,
        }
    }

    /// `2026-11-25T10:00:00_17` or `1234_17`.
    fn after(&self) -> Option<Place> {
        let (key, id) = self.after.split_once('_')?;
        let id = id.parse().ok()?;
        match self.sort() {
            Sort::Views => Some(Place::Views(key.parse().ok()?, id)),
            _ => {
                let time = NaiveDateTime::parse_from_str(key, "%Y-%m-%dT%H:%M:%S").ok()?;
                Some(Place::Time(time, id))
            }
        }
    }

    /// The URL of the list with this state, from `after` on.
    fn url(&self, state: &str, after: Option<&Place>) -> String {
        let after = after.map(|place| match place {
            Place::Time(time, id) => format!("{}_{id}", time.format("%Y-%m-%dT%H:%M:%S")),
            Place::Views(views, id) => format!("{views}_{id}"),
        });
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("state", state),
            ("q", &self.q),
            ("section", &self.section),
            ("author", &self.author),
            ("sort", &self.sort),
            ("after", after.as_deref().unwrap_or_default()),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            none if none.is_empty() => "/admin/articles".to_owned(),
            query => format!("/admin/articles?{query}"),
        }
    }

    fn filter(&self, actor: &Actor) -> Filter {
        Filter {
            state: self.state(),
            section_ids: self
                .section
                .parse()
                .map_or_else(|_| Vec::new(), |id| with_children(&actor.site.sections, id)),
            author_id: self.author.parse().ok(),
            // Writers see their own articles only.
            owner_id: (actor.user.role < UserRole::Editor).then_some(actor.user.id),
        }
    }
}

/// The ids of a section and its descendants.
fn with_children(sections: &SectionTree, id: i64) -> Vec<i64> {
    let mut ids = vec![id];
    let mut index = 0;
    while let Some(parent) = ids.get(index).copied() {
        for child in sections.children(Some(parent)) {
            if !ids.contains(&child.id) {
                ids.push(child.id);
            }
        }
        index += 1;
    }
    ids
}

/// A page of the list, and the position after which the next one begins.
fn find(
    conn: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<(Vec<Listed>, Option<Place>)> {
    let filter = query.filter(actor);
    if !query.q.trim().is_empty() {
        let found = article_list::find(conn, &filter, &query.q, PAGE_SIZE * 2, actor.now)?;
        return Ok((found, None));
    }
    let (sort, after) = (query.sort(), query.after());
    let page = article_list::page(conn, &filter, sort, after.as_ref(), PAGE_SIZE, actor.now)?;
    let is_full = i64::try_from(page.len()).is_ok_and(|rows| rows == PAGE_SIZE);
    let next = page
        .last()
        .filter(|_| is_full)
        .map(|listed| listed.place(sort));
    Ok((page, next))
}

/// `GET /admin/articles`
pub async fn list(request: StaffRequest) -> Result<HttpResponse> {
    let query: ListQuery =
        serde_html_form::from_str(request.http.query_string()).unwrap_or_default();
    let actor = request.actor();
    let list_query = query.clone();
    let (listed, next, names, authors) = request
        .read(move |conn| {
            let (listed, next) = find(conn, &actor, &list_query)?;
            let ids: Vec<i64> = listed.iter().map(|listed| listed.record.id).collect();
            Ok((
                listed,
                next,
                author::names_of_articles(conn, &ids)?,
                author::names(conn)?,
            ))
        })
        .await?;
    let choice = |value: String, text: &str, chosen: &str| {
        let is_chosen = value == chosen;
        Choice::new(value, text, is_chosen)
    };
    let newsroom = request.texts();
    let texts = &newsroom.articles;
    let all = |chosen: &str| Choice::new("", newsroom.common.all, chosen.is_empty());
    let sections = &request.site.sections;
    let state = query.state();
    let page = ArticlesPage {
        layout: request.layout(texts.title, "/admin/articles"),
        tabs: STATES
            .iter()
            .map(|(of_tab, word, text)| Tab {
                text: text(newsroom),
                url: query.url(word, None),
                current: *of_tab == state,
            })
            .collect(),
        state: STATES
            .iter()
            .find(|(of_tab, ..)| *of_tab == state)
            .map_or("", |(_, word, _)| word),
        words: Field::new("q", texts.words).value(&query.q),
        section: Field::new("section", texts.section).choices(
            std::iter::once(all(&query.section))
                .chain(
                    sections
                        .called_by_trail()
                        .into_iter()
                        .map(|(id, name)| choice(id.to_string(), &name, &query.section)),
                )
                .collect(),
        ),
        author: Field::new("author", texts.author).choices(
            std::iter::once(all(&query.author))
                .chain(
                    authors
                        .iter()
                        .map(|(id, name)| choice(id.to_string(), name, &query.author)),
                )
                .collect(),
        ),
        sort: Field::new("sort", texts.sort).choices(
            [
                ("", texts.sort_changed),
                ("published", texts.sort_published),
                ("views", texts.views),
            ]
            .into_iter()
            .map(|(value, text)| choice(value.to_owned(), text, &query.sort))
            .collect(),
        ),
        rows: listed
            .iter()
            .map(|listed| row(&request, listed, &names))
            .collect(),
        older: next.map(|next| query.url(&query.state, Some(&next))),
        newest: (!query.after.is_empty()).then(|| query.url(&query.state, None)),
        is_editor: request.may(UserRole::Editor),
        in_trash: state == State::Trashed,
        is_filtered: [&query.q, &query.section, &query.author]
            .iter()
            .any(|value| !value.is_empty()),
    };
    request.page(&page)
}

fn row(request: &StaffRequest, listed: &Listed, names: &[(i64, String)]) -> Row {
    let record = &listed.record;
    let (state, state_class) = super::article::state(request, record);
    let authors: Vec<String> = names
        .iter()
        .filter(|(id, _)| *id == record.id)
        .map(|(_, name)| name.clone())
        .collect();
    let time = match record.published_at {
        Some(time) if record.is_published() => time,
        _ => record.changed_at,
    };
    Row {
        id: record.id,
        headline: super::article::title(request.texts(), &record.headline),
        state,
        state_class,
        has_unpublished_changes: record.has_unpublished_changes(),
        section: record
            .section_id
            .and_then(|id| request.site.sections.get(id))
            .map_or_else(String::new, |section| section.name.clone()),
        authors: request.locale.list(&authors),
        views: request.locale.number(listed.views),
        when: request.locale.date_and_time(time.and_utc()),
        may_edit: super::article::may_edit(&request.user, record),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    id: Vec<i64>,
    /// `trash`, `restore` or `unpublish`.
    action: String,
    /// The tab to return to.
    state: String,
}

/// `POST /admin/articles/bulk`: changes several articles. Those that the action does not apply
/// to are skipped.
pub async fn bulk(request: StaffRequest, posted: CsrfForm<BulkForm>) -> Result<HttpResponse> {
    let BulkForm { id, action, state } = posted.form;
    let texts = &request.texts().articles;
    let (status, verb) = match action.as_str() {
        "trash" => (Status::Trashed, HistoryAction::Trashed),
        "restore" => (Status::Draft, HistoryAction::Restored),
        "unpublish" => (Status::Draft, HistoryAction::Unpublished),
        _ => return Err(Error::Refused(texts.choose_action.to_owned())),
    };
    if id.len() > usize::try_from(PAGE_SIZE * 2).unwrap_or(0) {
        return Err(Error::Refused(texts.too_many.to_owned()));
    }
    let changed = request
        .write(move |conn, actor| {
            let mut changed = 0_usize;
            for listed in article_list::listed(conn, &id)? {
                let record = listed.record;
                let applies = match verb {
                    HistoryAction::Trashed => record.status != Status::Trashed,
                    HistoryAction::Restored => record.status == Status::Trashed,
                    _ => record.is_published(),
                };
                if applies {
                    revision::withdraw(conn, record.id, status, &actor.edit_context())?;
                    actor.audit(
                        conn,
                        &super::article::event(
                            verb,
                            record.id,
                            &super::article::title(actor.texts(), &record.headline),
                            "",
                        ),
                    )?;
                    changed += 1;
                }
            }
            Ok(changed)
        })
        .await?;
    let back = ListQuery {
        state: state.clone(),
        ..ListQuery::default()
    };
    let notice = match verb {
        _ if changed == 0 => texts.none_changed.to_owned(),
        HistoryAction::Trashed => texts.trashed(changed),
        HistoryAction::Restored => texts.restored(changed),
        _ => texts.unpublished(changed),
    };
    request.see_other(&back.url(&state, None), &notice)
}

/// Articles in a response to a picker.
const PICKER_SIZE: i64 = 10;

/// Stories related to the latest revision of an article, as suggestions for links.
fn related_to(conn: &mut AnyConnection, actor: &Actor, id: i64) -> Result<Vec<i64>> {
    let Some(record) =
        article::record(conn, id)?.filter(|record| super::article::may_open(&actor.user, record))
    else {
        return Ok(Vec::new());
    };
    let content = revision::working_copy(conn, &record)?;
    let draft = content.draft(conn, false)?;
    let subject = Subject {
        article_id: id,
        headline: &draft.headline,
        standfirst: &draft.standfirst,
        section_id: draft.section_id,
        topic_ids: &draft.topic_ids,
    };
    Ok(related::rank(conn, &subject, actor.now.naive_utc())?)
}

/// `GET /admin/articles.json?q=…`, `?ids=1,2` or `?like=3`: articles for the
/// pickers. Users may link to live articles and to those that they may open.
pub async fn pick(request: StaffRequest) -> Result<HttpResponse> {
    let words = request.query("q");
    let like: Option<i64> = request.query("like").parse().ok();
    let ids: Vec<i64> = request
        .query("ids")
        .split(',')
        .filter_map(|id| id.parse().ok())
        .take(100)
        .collect();
    let actor = request.actor();
    let (listed, paths) = request
        .read(move |conn| {
            let mut ids = match like {
                Some(id) => related_to(conn, &actor, id)?,
                None => ids,
            };
            if ids.is_empty() && words.trim().is_empty() {
                ids = timeline::newest(conn, timeline::SITE, actor.now.naive_utc(), PICKER_SIZE)?;
            }
            let mut listed = if ids.is_empty() {
                article_list::find(conn, &Filter::default(), &words, PICKER_SIZE, actor.now)?
            } else {
                article_list::listed(conn, &ids)?
            };
            listed.retain(|listed| {
                listed.record.is_live(actor.now)
                    || super::article::may_open(&actor.user, &listed.record)
            });
            let ids: Vec<i64> = listed.iter().map(|listed| listed.record.id).collect();
            let paths = article::paths(conn, &ids)?;
            Ok((listed, paths))
        })
        .await?;
    let items: Vec<_> = listed
        .iter()
        .map(|Listed { record, .. }| {
            let time = record.published_at.unwrap_or(record.changed_at);
            let section = record
                .section_id
                .and_then(|id| request.site.sections.get(id))
                .map(|section| section.name.as_str());
            json!({
                "id": record.id,
                "headline": super::article::title(request.texts(), &record.headline),
                "path": paths.get(&record.id),
                "when": request.locale.date(time.and_utc()),
                "section": section,
                "live": record.is_live(request.now),
            })
        })
        .collect();
    Ok(request.json(&json!({ "items": items })))
}
