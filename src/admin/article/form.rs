//! The article form: what reporters have open all day. It works as a plain form; its script saves by
//! itself a second after the last keystroke.

use std::collections::HashSet;

use actix_web::{HttpResponse, http::StatusCode, http::header};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    Tabs,
    checks::{self, Check},
    opened_to_edit, path,
    revisions::{Difference, differences},
};
use crate::{
    admin::{Actor, Layout, Newsroom, Posted, json as json_answer},
    db::{
        AnyConnection,
        types::{RevisionKind, UserRole},
    },
    error::{Error, Result},
    models::{
        address, article, author,
        media::{self, Media},
        presence,
        revision::{self, Content, Filing, Saved},
        section::SectionTree,
    },
    text::{SanitizedHtml, Translation, slug},
    view::{
        form::{Choice, Errors, Field},
        picture::{Picture, Place},
    },
};

/// The form as it is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ArticleForm {
    /// The revision that it started from; empty for an article without any.
    base: String,
    /// The open form: random, made when it was opened.
    page: String,
    /// `autosave`, `save`, `preview`, `review` or `publish`.
    intent: String,
    kicker: String,
    headline: String,
    standfirst: String,
    dateline_place: String,
    dateline_date: String,
    dateline_agency: String,
    body: String,
    author: Vec<String>,
    section: String,
    further: Vec<String>,
    topics: String,
    lead_media: String,
    slug: String,
    publish_at: String,
    search_title: String,
    search_description: String,
    also_read: String,
    translations: String,
}

/// In characters: longer is a slip of the hand.
const LONGEST_LINE: usize = 500;
const LONGEST_TEXT: usize = 5_000;

impl ArticleForm {
    fn new(content: &Content, base: Option<i64>) -> Self {
        let list = |ids: &[i64]| ids.iter().map(i64::to_string).collect();
        let id = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
        Self {
            base: id(base),
            page: format!("{:032x}", rand::random::<u128>()),
            intent: String::new(),
            kicker: content.kicker.clone(),
            headline: content.headline.clone(),
            standfirst: content.standfirst.clone(),
            dateline_place: content.dateline_place.clone(),
            dateline_date: content.dateline_date.clone(),
            dateline_agency: content.dateline_agency.clone(),
            body: content.body.as_str().to_owned(),
            author: list(&content.author_ids),
            section: id(content.section_id),
            further: list(&content.further_section_ids),
            topics: content.topics.join(", "),
            lead_media: id(content.lead_media_id),
            slug: content.slug.clone(),
            publish_at: content.publish_at.clone(),
            search_title: content.search_title.clone(),
            search_description: content.search_description.clone(),
            also_read: content.also_read.join("\n"),
            translations: content.translations.clone(),
        }
    }

    fn base(&self) -> Option<i64> {
        self.base.parse().ok()
    }

    fn is_autosave(&self) -> bool {
        self.intent == "autosave"
    }

    /// What was typed, as far as it can be kept, and what is wrong with it. `before` is what the
    /// fields keep that the user's form does not show.
    fn content(
        &self,
        conn: &mut AnyConnection,
        actor: &Actor,
        base_url: &str,
        before: &Content,
    ) -> Result<(Content, Errors)> {
        let mut errors = Errors::default();
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let typed_topics: Vec<String> = self
            .topics
            .split([',', '\n'])
            .map(line)
            .filter(|name| !name.is_empty())
            .collect();
        let also_read: Vec<String> = self
            .also_read
            .lines()
            .map(|typed| typed.trim())
            .filter(|typed| !typed.is_empty())
            .map(|typed| typed.strip_prefix(base_url).unwrap_or(typed).to_owned())
            .collect();
        let mut content = Content {
            kicker: line(&self.kicker),
            headline: line(&self.headline),
            standfirst: line(&self.standfirst),
            dateline_place: line(&self.dateline_place),
            dateline_date: self.dateline_date.trim().to_owned(),
            dateline_agency: line(&self.dateline_agency),
            body: SanitizedHtml::new(&self.body).trimmed(),
            author_ids: numbers(&self.author),
            section_id: self.section.parse().ok(),
            further_section_ids: numbers(&self.further),
            topics: typed_topics,
            lead_media_id: self.lead_media.trim().parse().ok(),
            slug: if self.slug.trim().is_empty() {
                String::new()
            } else {
                slug(&self.slug)
            },
            publish_at: self.publish_at.trim().to_owned(),
            search_title: line(&self.search_title),
            search_description: line(&self.search_description),
            also_read,
            translations: self.translations.trim().replace('\r', ""),
        };
        if actor.user.role < UserRole::Author {
            // Their form does not show who is named in the byline.
            content.author_ids.clone_from(&before.author_ids);
        }

        for (field, text, longest) in [
            ("headline", &content.headline, LONGEST_LINE),
            ("kicker", &content.kicker, LONGEST_LINE),
            ("standfirst", &content.standfirst, LONGEST_TEXT),
            ("dateline_place", &content.dateline_place, LONGEST_LINE),
            ("dateline_agency", &content.dateline_agency, LONGEST_LINE),
            ("search_title", &content.search_title, LONGEST_LINE),
            (
                "search_description",
                &content.search_description,
                LONGEST_TEXT,
            ),
        ] {
            if text.chars().count() > longest {
                errors.add(field, format!("At most {longest} characters"));
            }
        }
        if !content.dateline_date.is_empty() && content.date().is_none() {
            errors.add(
                "dateline_date",
                "Write the date like 2026-03-29: year, month, day",
            );
        }
        let locale = actor.locale();
        if !content.publish_at.is_empty()
            && let Err(wrong) = locale.moment(&content.publish_at)
        {
            errors.add("publish_at", wrong.to_string());
        }
        // What is not there (any more) cannot be referred to.
        let sections = &actor.site.sections;
        if content
            .section_id
            .is_some_and(|id| sections.get(id).is_none())
        {
            errors.add("section", "This section is gone");
            content.section_id = None;
        }
        content
            .further_section_ids
            .retain(|id| sections.get(*id).is_some());
        let known = author::existing(conn, &content.author_ids)?;
        if content.author_ids.iter().any(|id| !known.contains(id)) {
            errors.add("author", "One of these authors is gone");
            content.author_ids.retain(|id| known.contains(id));
        }
        let typed = self.lead_media.trim();
        let lead: Vec<i64> = content.lead_media_id.into_iter().collect();
        if !typed.is_empty() && media::find_all(conn, &lead)?.is_empty() {
            errors.add("lead_media", "There is no picture of this number");
            content.lead_media_id = None;
        }
        let found = address::articles_at(conn, &content.also_read)?.len();
        if found < content.also_read.iter().collect::<HashSet<_>>().len() {
            errors.add("also_read", "One of these addresses leads to no article");
        }
        match Translation::parse_all(&content.translations) {
            Ok(all) => {
                let lines: Vec<String> = all.iter().map(Translation::to_string).collect();
                content.translations = lines.join("\n");
            }
            Err(wrong) => errors.add("translations", wrong),
        }
        Ok((content, errors))
    }
}

/// The numbers among what was chosen, each once.
fn numbers(chosen: &[String]) -> Vec<i64> {
    let mut numbers: Vec<i64> = Vec::new();
    for id in chosen.iter().filter_map(|text| text.parse().ok()) {
        if !numbers.contains(&id) {
            numbers.push(id);
        }
    }
    numbers
}

/// A save that was refused, because somebody else saved meanwhile.
struct Conflict {
    who: String,
    when: String,
    differences: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "admin/article/form.html")]
struct ArticlePage {
    layout: Layout,
    tabs: Option<Tabs>,
    /// Where the form is sent to.
    action: String,
    base: String,
    page: String,
    /// Whether what is in the form has not been saved, because something is wrong with it.
    is_unsaved: bool,
    headline: Field,
    kicker: Field,
    standfirst: Field,
    dateline_place: Field,
    dateline_date: Field,
    dateline_agency: Field,
    body: Field,
    /// One drop-down list for each author in the byline, and an empty one. None for those whose
    /// byline editors write.
    authors: Vec<Vec<Choice>>,
    author_error: String,
    section: Field,
    further: Field,
    topics: Field,
    lead_media: Field,
    lead: Option<Picture>,
    slug: Field,
    publish_at: Field,
    search_title: Field,
    search_description: Field,
    also_read: Field,
    translations: Field,
    errors: Errors,
    checks: Vec<Check>,
    conflict: Option<Conflict>,
    /// Who else has it open, in words.
    others: String,
    saved: String,
    has_unpublished_changes: bool,
    may_publish: bool,
    language: String,
    direction: &'static str,
    article_script: String,
    editor_script: String,
    editor_stylesheet: String,
}

/// What the page is made of.
struct Making {
    record: Option<article::Record>,
    live_path: Option<String>,
    form: ArticleForm,
    errors: Errors,
    checks: Vec<Check>,
    authors: Vec<(i64, String)>,
    lead: Option<Media>,
    conflict: Option<Conflict>,
    /// Who else has the article open.
    others: Vec<String>,
}

impl Making {
    fn new(
        conn: &mut AnyConnection,
        actor: &Actor,
        base_url: &str,
        record: Option<article::Record>,
        (form, content, errors): (ArticleForm, &Content, Errors),
    ) -> Result<Self> {
        let id = record.as_ref().map(|record| record.id);
        let lead: Vec<i64> = content.lead_media_id.into_iter().collect();
        Ok(Self {
            checks: checks::of(conn, &actor.site, base_url, id, content, actor.now)?,
            live_path: match id {
                Some(id) => path(conn, id)?,
                None => None,
            },
            authors: author::names(conn)?,
            lead: media::find_all(conn, &lead)?.pop(),
            record,
            form,
            errors,
            conflict: None,
            others: Vec::new(),
        })
    }
}

fn page(desk: &Newsroom, status: StatusCode, making: Making) -> Result<HttpResponse> {
    let Making {
        record,
        live_path,
        form,
        errors,
        checks,
        authors,
        lead,
        conflict,
        others,
    } = making;
    let id = record.as_ref().map(|record| record.id);
    let sections = &desk.site.sections;
    let field =
        |name, label: &str, value: &str| Field::new(name, label).value(value).errors(&errors);
    let author_rows = if desk.may(UserRole::Author) {
        form.author
            .iter()
            .filter(|chosen| !chosen.is_empty())
            .map(Some)
            .chain([None])
            .map(|chosen| author_choices(&authors, chosen.map(String::as_str)))
            .collect()
    } else {
        Vec::new()
    };
    let settings = &desk.site.settings;
    let assets = &desk.app.assets;
    let title = record.as_ref().map_or("New article".to_owned(), |record| {
        super::title(&record.headline)
    });
    let may_publish = record.as_ref().map_or_else(
        || desk.may(UserRole::Author),
        |record| super::may_publish(&desk.user, record),
    );
    let page = ArticlePage {
        layout: desk.layout(&title, "/admin/articles"),
        action: id.map_or_else(
            || "/admin/articles/new".to_owned(),
            |id| format!("/admin/articles/{id}"),
        ),
        base: form.base.clone(),
        page: form.page.clone(),
        is_unsaved: !errors.is_empty() || conflict.is_some(),
        headline: field("headline", "Headline", &form.headline),
        kicker: field("kicker", "Kicker", &form.kicker).hint("The short label above the headline"),
        standfirst: field("standfirst", "Standfirst", &form.standfirst)
            .hint("The sentence or two below the headline"),
        dateline_place: field("dateline_place", "Place", &form.dateline_place),
        dateline_date: field("dateline_date", "Date", &form.dateline_date),
        dateline_agency: field("dateline_agency", "Agency", &form.dateline_agency),
        body: field("body", "Text", &form.body),
        authors: author_rows,
        author_error: errors.of("author").to_owned(),
        section: field("section", "Section", "").choices(section_choices(sections, &form.section)),
        further: field("further", "Also in", "").choices(
            sections
                .called_by_trail()
                .into_iter()
                .map(|(id, name)| {
                    let value = id.to_string();
                    let chosen = form.further.contains(&value);
                    Choice::new(value, name, chosen)
                })
                .collect(),
        ),
        topics: field("topics", "Topics", &form.topics)
            .hint("Separated by commas; new ones are made when the article is published"),
        lead_media: field("lead_media", "Lead picture", &form.lead_media)
            .hint("Its number in the media library"),
        lead: lead.as_ref().map(|media| Picture::new(media, Place::Card)),
        slug: field("slug", "End of the address", &form.slug).hint(
            "Made of the headline while it is empty. Changing it keeps the old address working",
        ),
        publish_at: Field {
            name: "publish_at",
            ..field("publish_at", "Publish at", &form.publish_at).hint(format!(
                "Empty: when you publish it. Time zone: {}",
                settings.time_zone
            ))
        },
        search_title: field(
            "search_title",
            "Title for search results",
            &form.search_title,
        )
        .hint("Instead of the headline, if that is longer than about 65 characters"),
        search_description: field(
            "search_description",
            "Description for search results",
            &form.search_description,
        )
        .hint("Instead of the standfirst"),
        also_read: field("also_read", "Also read", &form.also_read)
            .hint("Links below the text: addresses of articles of this site, one a line"),
        translations: field("translations", "In other languages", &form.translations)
            .hint("The same story elsewhere, one a line: de https://example.com/bericht"),
        checks,
        saved: record
            .as_ref()
            .filter(|_| errors.is_empty() && conflict.is_none())
            .map_or_else(String::new, |record| {
                format!(
                    "Saved {}",
                    desk.locale.date_and_time(record.changed_at.and_utc())
                )
            }),
        has_unpublished_changes: record
            .as_ref()
            .is_some_and(article::Record::has_unpublished_changes),
        may_publish,
        tabs: record.map(|record| Tabs::new(desk, &record, live_path, "form")),
        errors,
        conflict,
        others: match others.as_slice() {
            [] => String::new(),
            [one] => format!("{one} has this article open too."),
            several => format!("{} have this article open too.", desk.locale.list(several)),
        },
        language: settings.language.clone(),
        direction: &desk.site.locale.texts().direction,
        article_script: assets.url("js/article.js").to_owned(),
        editor_script: assets.url("js/editor.js").to_owned(),
        editor_stylesheet: assets.url("css/editor.css").to_owned(),
    };
    desk.page_as(status, &page)
}

fn author_choices(authors: &[(i64, String)], chosen: Option<&str>) -> Vec<Choice> {
    let none = Choice::new("", "–", chosen.is_none());
    std::iter::once(none)
        .chain(authors.iter().map(|(id, name)| {
            let value = id.to_string();
            let is_chosen = chosen == Some(value.as_str());
            Choice::new(value, name, is_chosen)
        }))
        .collect()
}

fn section_choices(sections: &SectionTree, chosen: &str) -> Vec<Choice> {
    std::iter::once(Choice::new("", "Choose a section", chosen.is_empty()))
        .chain(sections.called_by_trail().into_iter().map(|(id, name)| {
            let value = id.to_string();
            let is_chosen = value == chosen;
            Choice::new(value, name, is_chosen)
        }))
        .collect()
}

/// What a new article begins with.
fn fresh(actor: &Actor) -> Content {
    Content {
        author_ids: actor.user.author_id.into_iter().collect(),
        dateline_agency: actor.site.settings.agency.clone(),
        ..Content::default()
    }
}

/// `GET /admin/articles/new`
pub async fn new(desk: Newsroom) -> Result<HttpResponse> {
    let actor = desk.actor();
    let base_url = desk.app.base_url.clone();
    let making = desk
        .read(move |conn| {
            let content = fresh(&actor);
            let form = ArticleForm::new(&content, None);
            let made = (form, &content, Errors::default());
            Making::new(conn, &actor, &base_url, None, made)
        })
        .await?;
    page(&desk, StatusCode::OK, making)
}

/// `GET /admin/articles/{id}`
pub async fn edit(desk: Newsroom) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let actor = desk.actor();
    let base_url = desk.app.base_url.clone();
    let mut making = desk
        .read(move |conn| {
            let record = opened_to_edit(conn, &actor.user, id)?;
            let content = revision::working(conn, &record)?;
            let form = ArticleForm::new(&content, record.revision_id);
            let made = (form, &content, Errors::default());
            Making::new(conn, &actor, &base_url, Some(record), made)
        })
        .await?;
    let noted = desk
        .record(move |conn, actor| Ok(presence::note(conn, id, actor.user.id, actor.now)?))
        .await;
    match noted {
        Ok(others) => making.others = others,
        // The form can be read although the database takes nothing in just now.
        Err(error) => tracing::warn!(%error, "a presence could not be noted"),
    }
    page(&desk, StatusCode::OK, making)
}

/// What became of a save.
enum Outcome {
    Saved {
        article_id: i64,
        revision_id: i64,
        words: usize,
        checks: Vec<Check>,
    },
    /// Something is wrong with what was typed.
    Wrong(Box<Making>),
    Conflict(Box<Making>),
}

/// `POST /admin/articles/new`
pub async fn create(desk: Newsroom, posted: Posted<ArticleForm>) -> Result<HttpResponse> {
    save_form(desk, None, posted.form).await
}

/// `POST /admin/articles/{id}`
pub async fn save(desk: Newsroom, posted: Posted<ArticleForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    save_form(desk, Some(id), posted.form).await
}

async fn save_form(desk: Newsroom, id: Option<i64>, form: ArticleForm) -> Result<HttpResponse> {
    let base_url = desk.app.base_url.clone();
    let typed = form.clone();
    // Readers see nothing of it until it is published.
    let outcome = desk
        .record(move |conn, actor| save_in(conn, actor, &base_url, id, typed))
        .await?;
    let wants_json = desk
        .request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accepted| accepted.as_bytes().starts_with(b"application/json"));
    match outcome {
        Outcome::Saved {
            article_id,
            revision_id,
            words,
            checks,
        } if wants_json => Ok(desk.json(&json!({
            "id": article_id,
            "revision": revision_id,
            "saved": format!("Saved {}", desk.locale.date_and_time(desk.now)),
            "words": words,
            "checks": checks,
        }))),
        Outcome::Saved { article_id, .. } => {
            let here = format!("/admin/articles/{article_id}");
            match form.intent.as_str() {
                "publish" | "review" => desk.see_other(&format!("{here}/publish"), ""),
                "preview" => desk.see_other(&format!("{here}/preview"), ""),
                _ => desk.see_other(&here, "Saved."),
            }
        }
        Outcome::Wrong(making) => page(&desk, StatusCode::UNPROCESSABLE_ENTITY, *making),
        Outcome::Conflict(making) if wants_json => {
            let who = making
                .conflict
                .map_or_else(String::new, |conflict| conflict.who);
            let answer = json!({
                "error": format!("{who} has saved a newer version of this article."),
                "conflict": who,
            });
            Ok(json_answer(StatusCode::CONFLICT, &answer))
        }
        Outcome::Conflict(making) => page(&desk, StatusCode::CONFLICT, *making),
    }
}

/// Saves what was typed, in the transaction of `conn`.
fn save_in(
    conn: &mut AnyConnection,
    actor: &Actor,
    base_url: &str,
    id: Option<i64>,
    form: ArticleForm,
) -> Result<Outcome> {
    let record = match id {
        Some(id) => Some(opened_to_edit(conn, &actor.user, id)?),
        None => None,
    };
    let before = match &record {
        Some(record) => revision::working(conn, record)?,
        None => fresh(actor),
    };
    let (content, errors) = form.content(conn, actor, base_url, &before)?;
    let autosave = form.is_autosave();
    if !errors.is_empty() && !autosave {
        let made = (form, &content, errors);
        let making = Making::new(conn, actor, base_url, record, made)?;
        return Ok(Outcome::Wrong(Box::new(making)));
    }
    let kind = if autosave {
        RevisionKind::Autosave
    } else {
        RevisionKind::Save
    };
    let filing = Filing {
        page: &form.page,
        ..actor.filing()
    };
    let saved = match id {
        Some(id) => revision::save(conn, id, form.base(), &content, kind, &filing)?
            .ok_or(Error::NotFound)?,
        None => revision::begin(conn, &content, kind, &filing)?,
    };
    match saved {
        Saved::As {
            article_id,
            revision_id,
        } => {
            if !autosave || id.is_none() {
                let action = if id.is_none() { "began" } else { "saved" };
                actor.did(
                    conn,
                    &super::event(action, article_id, &super::title(&content.headline), ""),
                )?;
            }
            Ok(Outcome::Saved {
                article_id,
                revision_id,
                words: content.body.word_count(),
                checks: checks::of(
                    conn,
                    &actor.site,
                    base_url,
                    Some(article_id),
                    &content,
                    actor.now,
                )?,
            })
        }
        Saved::Refused { theirs } => {
            let their_content = revision::find(conn, id.unwrap_or_default(), theirs.id)?
                .map(|(_, content)| content)
                .unwrap_or_default();
            // From here on the form starts from theirs: the next save says which words stay.
            let form = ArticleForm {
                base: theirs.id.to_string(),
                ..form
            };
            let locale = actor.locale();
            let conflict = Conflict {
                differences: differences(conn, &actor.site, &their_content, &content)?,
                when: locale.date_and_time(theirs.made_at),
                who: if theirs.user_id == Some(actor.user.id) {
                    "You, in another window,".to_owned()
                } else {
                    theirs.who
                },
            };
            let made = (form, &content, errors);
            let mut making = Making::new(conn, actor, base_url, record, made)?;
            making.conflict = Some(conflict);
            Ok(Outcome::Conflict(Box::new(making)))
        }
    }
}
