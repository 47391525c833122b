//! The list of articles: filtered, searched, sorted, several at once; and what the pickers ask for.

use actix_web::HttpResponse;
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;
use serde_json::json;

use super::{Actor, Layout, Newsroom, Posted};
use crate::{
    db::{
        AnyConnection,
        types::{Status, UserRole},
    },
    error::{Error, Result},
    models::{
        article,
        article_list::{self, Filter, Listed, Place, Sort, State},
        author,
        related::{self, Subject},
        revision, river,
        section::SectionTree,
    },
    view::form::{Choice, Field},
};

/// Articles on a page.
const PAGE: i64 = 50;
/// A state as the tabs have it: in the address, in words.
const STATES: [(State, &str, &str); 6] = [
    (State::Any, "", "All"),
    (State::Draft, "draft", "Drafts"),
    (State::Review, "review", "Waiting for review"),
    (State::Scheduled, "scheduled", "Scheduled"),
    (State::Live, "published", "Published"),
    (State::Trashed, "trash", "Trash"),
];

struct Tab {
    text: &'static str,
    url: String,
    current: bool,
}

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

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    q: String,
    section: String,
    author: String,
    sort: String,
    /// Where the page before ended.
    after: String,
}

impl Asked {
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

    /// The address of the list with another state, or from another place on.
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
            // Whose it is not, it is not there for.
            owner_id: (actor.user.role < UserRole::Editor).then_some(actor.user.id),
        }
    }
}

/// A section and those below it.
fn with_children(sections: &SectionTree, id: i64) -> Vec<i64> {
    let mut ids = vec![id];
    let mut at = 0;
    while let Some(parent) = ids.get(at).copied() {
        for child in sections.children(Some(parent)) {
            if !ids.contains(&child.id) {
                ids.push(child.id);
            }
        }
        at += 1;
    }
    ids
}

fn found(
    conn: &mut AnyConnection,
    actor: &Actor,
    asked: &Asked,
) -> Result<(Vec<Listed>, Option<Place>)> {
    let filter = asked.filter(actor);
    if !asked.q.trim().is_empty() {
        let found = article_list::find(conn, &filter, &asked.q, PAGE * 2, actor.now)?;
        return Ok((found, None));
    }
    let (sort, after) = (asked.sort(), asked.after());
    let page = article_list::page(conn, &filter, sort, after.as_ref(), PAGE, actor.now)?;
    let full = i64::try_from(page.len()).is_ok_and(|rows| rows == PAGE);
    let end = page
        .last()
        .filter(|_| full)
        .map(|listed| listed.place(sort));
    Ok((page, end))
}

/// `GET /admin/articles`
pub async fn list(desk: Newsroom) -> Result<HttpResponse> {
    let asked: Asked = serde_html_form::from_str(desk.request.query_string()).unwrap_or_default();
    let actor = desk.actor();
    let of_query = asked.clone();
    let (listed, end, names, authors) = desk
        .read(move |conn| {
            let (listed, end) = found(conn, &actor, &of_query)?;
            let ids: Vec<i64> = listed.iter().map(|listed| listed.record.id).collect();
            Ok((
                listed,
                end,
                author::names_of_articles(conn, &ids)?,
                author::names(conn)?,
            ))
        })
        .await?;
    let choice = |value: String, text: &str, chosen: &str| {
        let is_chosen = value == chosen;
        Choice::new(value, text, is_chosen)
    };
    let all = |text: &str, chosen: &str| Choice::new("", text, chosen.is_empty());
    let sections = &desk.site.sections;
    let state = asked.state();
    let page = ArticlesPage {
        layout: desk.layout("Articles", "/admin/articles"),
        tabs: STATES
            .iter()
            .map(|(of_tab, word, text)| Tab {
                text,
                url: asked.url(word, None),
                current: *of_tab == state,
            })
            .collect(),
        state: STATES
            .iter()
            .find(|(of_tab, ..)| *of_tab == state)
            .map_or("", |(_, word, _)| word),
        words: Field::new("q", "Words").value(&asked.q),
        section: Field::new("section", "Section").choices(
            std::iter::once(all("All", &asked.section))
                .chain(
                    sections
                        .called_by_trail()
                        .into_iter()
                        .map(|(id, name)| choice(id.to_string(), &name, &asked.section)),
                )
                .collect(),
        ),
        author: Field::new("author", "Author").choices(
            std::iter::once(all("All", &asked.author))
                .chain(
                    authors
                        .iter()
                        .map(|(id, name)| choice(id.to_string(), name, &asked.author)),
                )
                .collect(),
        ),
        sort: Field::new("sort", "Sorted by").choices(
            [
                ("", "Last changed"),
                ("published", "Time of publication"),
                ("views", "Views"),
            ]
            .into_iter()
            .map(|(value, text)| choice(value.to_owned(), text, &asked.sort))
            .collect(),
        ),
        rows: listed
            .iter()
            .map(|listed| row(&desk, listed, &names))
            .collect(),
        older: end.map(|end| asked.url(&asked.state, Some(&end))),
        newest: (!asked.after.is_empty()).then(|| asked.url(&asked.state, None)),
        is_editor: desk.may(UserRole::Editor),
        in_trash: state == State::Trashed,
        is_filtered: [&asked.q, &asked.section, &asked.author]
            .iter()
            .any(|value| !value.is_empty()),
    };
    desk.page(&page)
}

fn row(desk: &Newsroom, listed: &Listed, names: &[(i64, String)]) -> Row {
    let record = &listed.record;
    let (state, state_class) = super::article::state(desk, record);
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
        headline: super::article::title(&record.headline),
        state,
        state_class,
        has_unpublished_changes: record.has_unpublished_changes(),
        section: record
            .section_id
            .and_then(|id| desk.site.sections.get(id))
            .map_or_else(String::new, |section| section.name.clone()),
        authors: desk.locale.list(&authors),
        views: desk.locale.number(listed.views),
        when: desk.locale.date_and_time(time.and_utc()),
        may_edit: super::article::may_edit(&desk.user, record),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    id: Vec<i64>,
    /// `trash`, `restore` or `unpublish`.
    action: String,
    /// The tab to go back to.
    state: String,
}

/// `POST /admin/articles/bulk`: several at once. What an action does not apply to is left as it is.
pub async fn bulk(desk: Newsroom, posted: Posted<BulkForm>) -> Result<HttpResponse> {
    let BulkForm { id, action, state } = posted.form;
    let (to, said): (Status, &'static str) = match action.as_str() {
        "trash" => (Status::Trashed, "trashed"),
        "restore" => (Status::Draft, "restored"),
        "unpublish" => (Status::Draft, "unpublished"),
        _ => return Err(Error::Refused("Choose what to do with them.".to_owned())),
    };
    if id.len() > usize::try_from(PAGE * 2).unwrap_or(0) {
        return Err(Error::Refused("Those are too many at once.".to_owned()));
    }
    let done = desk
        .write(move |conn, actor| {
            let mut done = 0;
            for listed in article_list::listed(conn, &id)? {
                let record = listed.record;
                let applies = match said {
                    "trashed" => record.status != Status::Trashed,
                    "restored" => record.status == Status::Trashed,
                    _ => record.is_published(),
                };
                if applies {
                    revision::withdraw(conn, record.id, to, &actor.filing())?;
                    actor.did(
                        conn,
                        &super::article::event(
                            said,
                            record.id,
                            &super::article::title(&record.headline),
                            "",
                        ),
                    )?;
                    done += 1;
                }
            }
            Ok(done)
        })
        .await?;
    let back = Asked {
        state: state.clone(),
        ..Asked::default()
    };
    let notice = match done {
        0 => "Nothing was chosen that this applies to.".to_owned(),
        1 => format!("One article was {said}."),
        many => format!("{many} articles were {said}."),
    };
    desk.see_other(&back.url(&state, None), &notice)
}

/// How many articles a picker is shown.
const PICKED: i64 = 10;

/// The stories nearest to what was saved last of an article: what its writer may want to link to.
fn in_the_same_vein(conn: &mut AnyConnection, actor: &Actor, id: i64) -> Result<Vec<i64>> {
    let Some(record) =
        article::record(conn, id)?.filter(|record| super::article::may_open(&actor.user, record))
    else {
        return Ok(Vec::new());
    };
    let content = revision::working(conn, &record)?;
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

/// `GET /admin/articles.json?q=…`, `?ids=1,2` or `?like=3`: what the pickers ask for. Everybody may link to
/// what readers see, and to what they may open themselves.
pub async fn pick(desk: Newsroom) -> Result<HttpResponse> {
    let words = desk.query("q");
    let like: Option<i64> = desk.query("like").parse().ok();
    let ids: Vec<i64> = desk
        .query("ids")
        .split(',')
        .filter_map(|id| id.parse().ok())
        .take(100)
        .collect();
    let actor = desk.actor();
    let (listed, paths) = desk
        .read(move |conn| {
            let mut ids = match like {
                Some(id) => in_the_same_vein(conn, &actor, id)?,
                None => ids,
            };
            if ids.is_empty() && words.trim().is_empty() {
                ids = river::newest(conn, river::SITE, actor.now.naive_utc(), PICKED)?;
            }
            let mut listed = if ids.is_empty() {
                article_list::find(conn, &Filter::default(), &words, PICKED, actor.now)?
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
                .and_then(|id| desk.site.sections.get(id))
                .map(|section| section.name.as_str());
            json!({
                "id": record.id,
                "headline": super::article::title(&record.headline),
                "path": paths.get(&record.id),
                "when": desk.locale.date(time.and_utc()),
                "section": section,
                "live": record.is_live(desk.now),
            })
        })
        .collect();
    Ok(desk.json(&json!({ "items": items })))
}
