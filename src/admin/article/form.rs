//! The article form. It works without JavaScript; its script autosaves one second after the last
//! keystroke.

use std::collections::HashSet;

use actix_web::{HttpResponse, http::StatusCode, http::header, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use serde_json::json;

use super::{
    Tabs,
    checks::{self, Check},
    find_editable, path,
    revisions::{Difference, differences},
};
use crate::{
    admin::{Actor, CsrfForm, Layout, StaffRequest, checks as form_checks, json as json_answer},
    db::{
        AnyConnection,
        types::{HistoryAction, RevisionKind, UserRole},
    },
    error::{Error, Result},
    locale::{NewsroomArticleForm, YEARS},
    models::{
        address, article, author,
        media::{self, Media},
        presence,
        revision::{self, Content, EditContext, Revision, Saved},
        section::SectionTree,
    },
    text::{SanitizedHtml, Translation, TranslationError, slug},
    view::{
        form::{Choice, Errors, Field},
        picture::{Picture, Place},
    },
};

/// The submitted form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ArticleForm {
    /// The id of the revision that the form started from; empty for an article without any.
    base: String,
    /// A random id of the open page.
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

/// Limits in characters.
const MAX_LINE_CHARS: usize = 500;
const MAX_TEXT_CHARS: usize = 5_000;
/// The maximum number of authors, topics, further sections, links and translations, each.
const MAX_ENTRIES: usize = 100;

/// A form whose fields were parsed, before the database confirms that what they refer to exists. It is made before a
/// transaction begins: parsing a long text takes time, in which a transaction would block all other writers.
struct ParsedForm {
    form: ArticleForm,
    content: Content,
    words: usize,
    errors: Errors,
    /// Whether the content has the whole text and all entries of the form. Otherwise nothing may be saved.
    is_whole: bool,
}

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

    /// Parses the fields. The time depends on their length, so call it on a blocking thread.
    fn parse(self, actor: &Actor, base_url: &str) -> ParsedForm {
        let newsroom = actor.texts();
        let texts = &newsroom.article_form;
        let mut errors = Errors::default();
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let topics: Vec<String> = self
            .topics
            .split([',', '\n'])
            .map(line)
            .filter(|name| !name.is_empty())
            .collect();
        let also_read: Vec<String> = self
            .also_read
            .lines()
            .map(str::trim)
            .filter(|address| !address.is_empty())
            .map(|address| address.strip_prefix(base_url).unwrap_or(address).to_owned())
            .collect();
        let body = SanitizedHtml::try_new(&self.body);
        let mut is_whole = body.is_ok();
        if !is_whole {
            errors.add("body", newsroom.common.too_complex);
        }
        let mut content = Content {
            kicker: line(&self.kicker),
            headline: line(&self.headline),
            standfirst: line(&self.standfirst),
            dateline_place: line(&self.dateline_place),
            dateline_date: self.dateline_date.trim().to_owned(),
            dateline_agency: line(&self.dateline_agency),
            body: body.unwrap_or_default().trimmed(),
            author_ids: parse_ids(&self.author),
            section_id: self.section.parse().ok(),
            further_section_ids: parse_ids(&self.further),
            topics,
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
        for (field, text, max) in [
            ("headline", &content.headline, MAX_LINE_CHARS),
            ("kicker", &content.kicker, MAX_LINE_CHARS),
            ("standfirst", &content.standfirst, MAX_TEXT_CHARS),
            ("dateline_place", &content.dateline_place, MAX_LINE_CHARS),
            ("dateline_agency", &content.dateline_agency, MAX_LINE_CHARS),
            ("search_title", &content.search_title, MAX_LINE_CHARS),
            (
                "search_description",
                &content.search_description,
                MAX_TEXT_CHARS,
            ),
        ] {
            if text.chars().count() > max {
                errors.add(field, texts.too_long(max));
            }
        }
        match content.date() {
            None if !content.dateline_date.is_empty() => {
                errors.add("dateline_date", texts.date_form);
            }
            Some(date) if !YEARS.contains(&date.year()) => {
                errors.add("dateline_date", newsroom.common.time_year);
            }
            _ => {}
        }
        for (field, entries) in [
            ("author", content.author_ids.len()),
            ("further", content.further_section_ids.len()),
            ("topics", content.topics.len()),
            ("also_read", content.also_read.len()),
            ("translations", content.translations.lines().count()),
        ] {
            if entries > MAX_ENTRIES {
                errors.add(field, texts.too_many(MAX_ENTRIES));
                is_whole = false;
            }
        }
        content.author_ids.truncate(MAX_ENTRIES);
        content.further_section_ids.truncate(MAX_ENTRIES);
        content.topics.truncate(MAX_ENTRIES);
        content.also_read.truncate(MAX_ENTRIES);
        let locale = actor.locale();
        if !content.publish_at.is_empty()
            && let Err(error) = locale.moment(&content.publish_at)
        {
            errors.add("publish_at", form_checks::typed_time(newsroom, error));
        }
        let sections = &actor.site.sections;
        if content
            .section_id
            .is_some_and(|id| sections.get(id).is_none())
        {
            errors.add("section", texts.section_deleted);
            content.section_id = None;
        }
        content
            .further_section_ids
            .retain(|id| sections.get(*id).is_some());
        match Translation::parse_all(&content.translations) {
            Ok(all) => {
                let lines: Vec<String> = all.iter().map(Translation::to_string).collect();
                content.translations = lines.join("\n");
            }
            Err(error) => errors.add("translations", translation_error(texts, &error)),
        }
        ParsedForm {
            words: content.body.word_count(),
            form: self,
            content,
            errors,
            is_whole,
        }
    }
}

impl ParsedForm {
    /// Removes references to objects that do not exist, with an error for each. Fields that the user's form does not show
    /// are taken from `before`.
    fn confirm(&mut self, conn: &mut AnyConnection, actor: &Actor, before: &Content) -> Result<()> {
        let newsroom = actor.texts();
        let texts = &newsroom.article_form;
        let Self {
            form,
            content,
            errors,
            ..
        } = self;
        if actor.user.role < UserRole::Author {
            // The form of contributors does not contain the byline.
            content.author_ids.clone_from(&before.author_ids);
        }
        let known = author::existing(conn, &content.author_ids)?;
        if content.author_ids.iter().any(|id| !known.contains(id)) {
            errors.add("author", texts.author_deleted);
            content.author_ids.retain(|id| known.contains(id));
        }
        let lead: Vec<i64> = content.lead_media_id.into_iter().collect();
        if !form.lead_media.trim().is_empty() && media::find_all(conn, &lead)?.is_empty() {
            errors.add("lead_media", newsroom.common.no_such_picture);
            content.lead_media_id = None;
        }
        let found = address::articles_at(conn, &content.also_read)?.len();
        if found < content.also_read.iter().collect::<HashSet<_>>().len() {
            errors.add("also_read", texts.also_read_unknown);
        }
        Ok(())
    }

    /// Whether the form is shown again instead of being saved. Autosaves keep invalid fields, so that nothing is lost.
    fn is_refused(&self) -> bool {
        !self.is_whole || (!self.errors.is_empty() && !self.form.is_autosave())
    }
}

/// The message for an invalid list of translations.
fn translation_error(texts: &NewsroomArticleForm, error: &TranslationError) -> String {
    match error {
        TranslationError::NotATag(language) => texts.translation_not_a_tag(language),
        TranslationError::NotAnAddress(language) => texts.translation_not_an_address(language),
        TranslationError::Twice(language) => texts.translation_twice(language),
    }
}

/// Parses ids; skips invalid values and duplicates.
fn parse_ids(chosen: &[String]) -> Vec<i64> {
    let mut seen = HashSet::new();
    chosen
        .iter()
        .filter_map(|text| text.parse().ok())
        .filter(|id| seen.insert(*id))
        .collect()
}

/// A save that was refused because another user had saved a newer revision.
struct Conflict {
    title: String,
    /// The title without the time.
    short_title: String,
    /// The name of the other user, for the script.
    who: String,
    differences: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "admin/article/form.html")]
struct ArticlePage {
    layout: Layout,
    tabs: Option<Tabs>,
    /// The URL that the form is submitted to.
    action: String,
    base: String,
    page: String,
    /// Whether the form was not saved because of errors or a conflict.
    is_unsaved: bool,
    headline: Field,
    kicker: Field,
    standfirst: Field,
    dateline_place: Field,
    dateline_date: Field,
    dateline_agency: Field,
    body: Field,
    /// One drop-down list for each author in the byline, and an empty one. No lists for contributors,
    /// whose bylines editors set.
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
    /// A sentence that names the other users who have the article open.
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

/// The data that the page shows.
struct PageData {
    record: Option<article::Record>,
    live_path: Option<String>,
    form: ArticleForm,
    errors: Errors,
    checks: Vec<Check>,
    authors: Vec<(i64, String)>,
    lead: Option<Media>,
    conflict: Option<Conflict>,
    /// The names of other users who have the article open.
    others: Vec<String>,
}

impl PageData {
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
            checks: checks::run(
                conn,
                actor.texts(),
                &actor.site,
                base_url,
                id,
                content,
                actor.now,
            )?,
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

fn page(request: &StaffRequest, status: StatusCode, data: PageData) -> Result<HttpResponse> {
    let PageData {
        record,
        live_path,
        form,
        errors,
        checks,
        authors,
        lead,
        conflict,
        others,
    } = data;
    let newsroom = request.texts();
    let texts = &newsroom.article_form;
    let id = record.as_ref().map(|record| record.id);
    let sections = &request.site.sections;
    let field =
        |name, label: &str, value: &str| Field::new(name, label).value(value).errors(&errors);
    let author_rows = if request.may(UserRole::Author) {
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
    let settings = &request.site.settings;
    let assets = &request.app.assets;
    let title = record.as_ref().map_or_else(
        || newsroom.layout.new_article.to_owned(),
        |record| super::title(newsroom, &record.headline),
    );
    let may_publish = record.as_ref().map_or_else(
        || request.may(UserRole::Author),
        |record| super::may_publish(&request.user, record),
    );
    let page = ArticlePage {
        layout: request.layout(&title, "/admin/articles"),
        action: id.map_or_else(
            || "/admin/articles/new".to_owned(),
            |id| format!("/admin/articles/{id}"),
        ),
        base: form.base.clone(),
        page: form.page.clone(),
        is_unsaved: !errors.is_empty() || conflict.is_some(),
        headline: field("headline", texts.headline, &form.headline),
        kicker: field("kicker", texts.kicker, &form.kicker).hint(texts.kicker_hint),
        standfirst: field("standfirst", texts.standfirst, &form.standfirst)
            .hint(texts.standfirst_hint),
        dateline_place: field("dateline_place", texts.dateline_place, &form.dateline_place),
        dateline_date: field("dateline_date", texts.dateline_date, &form.dateline_date),
        dateline_agency: field(
            "dateline_agency",
            texts.dateline_agency,
            &form.dateline_agency,
        ),
        body: field("body", texts.body, &form.body),
        authors: author_rows,
        author_error: errors.of("author").to_owned(),
        section: field("section", texts.section, "").choices(section_choices(
            texts,
            sections,
            &form.section,
        )),
        further: field("further", texts.also_in, "").choices(
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
        topics: field("topics", texts.topics, &form.topics).hint(texts.topics_hint),
        lead_media: field("lead_media", texts.lead_image, &form.lead_media)
            .hint(texts.lead_image_hint),
        lead: lead.as_ref().map(|media| Picture::new(media, Place::Card)),
        slug: field("slug", texts.slug, &form.slug).hint(texts.slug_hint),
        publish_at: Field {
            name: "publish_at",
            ..field("publish_at", texts.publish_at, &form.publish_at)
                .hint(texts.publish_at_hint(settings.time_zone))
        },
        search_title: field("search_title", texts.search_title, &form.search_title)
            .hint(texts.search_title_hint),
        search_description: field(
            "search_description",
            texts.search_description,
            &form.search_description,
        )
        .hint(texts.search_description_hint),
        also_read: field("also_read", texts.also_read, &form.also_read).hint(texts.also_read_hint),
        translations: field("translations", texts.translations, &form.translations)
            .hint(texts.translations_hint),
        checks,
        saved: record
            .as_ref()
            .filter(|_| errors.is_empty() && conflict.is_none())
            .map_or_else(String::new, |record| {
                texts.saved(request.locale.date_and_time(record.changed_at.and_utc()))
            }),
        has_unpublished_changes: record
            .as_ref()
            .is_some_and(article::Record::has_unpublished_changes),
        may_publish,
        tabs: record.map(|record| Tabs::new(request, &record, live_path, "form")),
        errors,
        conflict,
        others: match others.as_slice() {
            [] => String::new(),
            names => texts.others(names.len(), request.locale.list(names)),
        },
        language: settings.language.clone(),
        direction: request.site.locale.texts().direction,
        article_script: assets.url("js/article.js").to_owned(),
        editor_script: assets.url("js/editor.js").to_owned(),
        editor_stylesheet: assets.url("css/editor.css").to_owned(),
    };
    request.page_as(status, &page)
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

fn section_choices(
    texts: &NewsroomArticleForm,
    sections: &SectionTree,
    chosen: &str,
) -> Vec<Choice> {
    std::iter::once(Choice::new("", texts.choose_section, chosen.is_empty()))
        .chain(sections.called_by_trail().into_iter().map(|(id, name)| {
            let value = id.to_string();
            let is_chosen = value == chosen;
            Choice::new(value, name, is_chosen)
        }))
        .collect()
}

/// The initial content of a new article.
fn initial_content(actor: &Actor) -> Content {
    Content {
        author_ids: actor.user.author_id.into_iter().collect(),
        dateline_agency: actor.site.settings.agency.clone(),
        ..Content::default()
    }
}

/// `GET /admin/articles/new`
pub async fn new(request: StaffRequest) -> Result<HttpResponse> {
    let actor = request.actor();
    let base_url = request.app.base_url.clone();
    let data = request
        .read(move |conn| {
            let content = initial_content(&actor);
            let form = ArticleForm::new(&content, None);
            let parsed = (form, &content, Errors::default());
            PageData::new(conn, &actor, &base_url, None, parsed)
        })
        .await?;
    page(&request, StatusCode::OK, data)
}

/// `GET /admin/articles/{id}`
pub async fn edit(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let actor = request.actor();
    let base_url = request.app.base_url.clone();
    let mut data = request
        .read(move |conn| {
            let record = find_editable(conn, &actor.user, id)?;
            let content = revision::working_copy(conn, &record)?;
            let form = ArticleForm::new(&content, record.revision_id);
            let parsed = (form, &content, Errors::default());
            PageData::new(conn, &actor, &base_url, Some(record), parsed)
        })
        .await?;
    let presence = request
        .write_unversioned(move |conn, actor| {
            Ok(presence::note(conn, id, actor.user.id, actor.now)?)
        })
        .await;
    match presence {
        Ok(others) => data.others = others,
        // The form stays readable while the database cannot be written to.
        Err(error) => tracing::warn!(%error, "could not update the presence of a user"),
    }
    page(&request, StatusCode::OK, data)
}

/// The result of a save.
enum SaveOutcome {
    Saved {
        article_id: i64,
        revision_id: i64,
    },
    /// A field is invalid.
    Invalid,
    /// Another revision, which had been saved since the form was loaded.
    Conflict(Box<Revision>),
}

/// `POST /admin/articles/new`
pub async fn create(request: StaffRequest, posted: CsrfForm<ArticleForm>) -> Result<HttpResponse> {
    save_form(request, None, posted.form).await
}

/// `POST /admin/articles/{id}`
pub async fn save(request: StaffRequest, posted: CsrfForm<ArticleForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    save_form(request, Some(id), posted.form).await
}

async fn save_form(
    request: StaffRequest,
    id: Option<i64>,
    form: ArticleForm,
) -> Result<HttpResponse> {
    let texts = &request.texts().article_form;
    let (actor, base_url) = (request.actor(), request.app.base_url.clone());
    let mut parsed = web::block(move || form.parse(&actor, &base_url)).await?;
    // Readers see changes once they are published.
    let (outcome, parsed) = request
        .write_unversioned(move |conn, actor| {
            let outcome = save_in(conn, actor, id, &mut parsed)?;
            Ok((outcome, parsed))
        })
        .await?;
    let wants_json = request
        .http
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accepted| accepted.as_bytes().starts_with(b"application/json"));
    match outcome {
        SaveOutcome::Saved {
            article_id,
            revision_id,
        } if wants_json => {
            let (actor, base_url) = (request.actor(), request.app.base_url.clone());
            let words = parsed.words;
            let checks = request
                .read(move |conn| {
                    checks::run(
                        conn,
                        actor.texts(),
                        &actor.site,
                        &base_url,
                        Some(article_id),
                        &parsed.content,
                        actor.now,
                    )
                })
                .await?;
            Ok(request.json(&json!({
                "id": article_id,
                "revision": revision_id,
                "saved": texts.saved(request.locale.date_and_time(request.now)),
                "words": words,
                "checks": checks,
            })))
        }
        SaveOutcome::Saved { article_id, .. } => {
            let here = format!("/admin/articles/{article_id}");
            match parsed.form.intent.as_str() {
                "publish" | "review" => request.see_other(&format!("{here}/publish"), ""),
                "preview" => request.see_other(&format!("{here}/preview"), ""),
                _ => request.see_other(&here, texts.saved_notice),
            }
        }
        SaveOutcome::Invalid => {
            let data = unsaved(&request, id, parsed, None).await?;
            page(&request, StatusCode::UNPROCESSABLE_ENTITY, data)
        }
        SaveOutcome::Conflict(theirs) => {
            let data = unsaved(&request, id, parsed, Some(*theirs)).await?;
            if !wants_json {
                return page(&request, StatusCode::CONFLICT, data);
            }
            let (error, who) = data.conflict.map_or_else(Default::default, |conflict| {
                (conflict.short_title, conflict.who)
            });
            let body = json!({ "error": error, "conflict": who });
            Ok(json_answer(StatusCode::CONFLICT, &body))
        }
    }
}

/// Saves the form in the transaction of `conn`.
fn save_in(
    conn: &mut AnyConnection,
    actor: &Actor,
    id: Option<i64>,
    parsed: &mut ParsedForm,
) -> Result<SaveOutcome> {
    let before = match id {
        Some(id) => {
            let record = find_editable(conn, &actor.user, id)?;
            revision::working_copy(conn, &record)?
        }
        None => initial_content(actor),
    };
    parsed.confirm(conn, actor, &before)?;
    if parsed.is_refused() {
        return Ok(SaveOutcome::Invalid);
    }
    let ParsedForm { form, content, .. } = parsed;
    let autosave = form.is_autosave();
    let kind = if autosave {
        RevisionKind::Autosave
    } else {
        RevisionKind::Save
    };
    let edit_context = EditContext {
        page: &form.page,
        ..actor.edit_context()
    };
    let saved = match id {
        Some(id) => revision::save(conn, id, form.base(), content, kind, &edit_context)?
            .ok_or(Error::NotFound)?,
        None => revision::begin(conn, content, kind, &edit_context)?,
    };
    match saved {
        Saved::As {
            article_id,
            revision_id,
        } => {
            if !autosave || id.is_none() {
                let action = if id.is_none() {
                    HistoryAction::Began
                } else {
                    HistoryAction::Saved
                };
                actor.audit(
                    conn,
                    &super::event(
                        action,
                        article_id,
                        &super::title(actor.texts(), &content.headline),
                        "",
                    ),
                )?;
            }
            Ok(SaveOutcome::Saved {
                article_id,
                revision_id,
            })
        }
        Saved::Refused { theirs } => Ok(SaveOutcome::Conflict(Box::new(theirs))),
    }
}

/// The form as it was submitted, with its errors, or with the differences from the revision `theirs`.
async fn unsaved(
    request: &StaffRequest,
    id: Option<i64>,
    parsed: ParsedForm,
    theirs: Option<Revision>,
) -> Result<PageData> {
    let (actor, base_url) = (request.actor(), request.app.base_url.clone());
    request
        .read(move |conn| {
            let record = match id {
                Some(id) => Some(find_editable(conn, &actor.user, id)?),
                None => None,
            };
            let ParsedForm {
                mut form,
                content,
                errors,
                ..
            } = parsed;
            let conflict = match theirs {
                Some(theirs) => {
                    // The form now starts from the other revision, so that the next save replaces it.
                    form.base = theirs.id.to_string();
                    let id = id.unwrap_or_default();
                    Some(Conflict::new(conn, &actor, id, theirs, &content)?)
                }
                None => None,
            };
            let parsed = (form, &content, errors);
            let mut data = PageData::new(conn, &actor, &base_url, record, parsed)?;
            data.conflict = conflict;
            Ok(data)
        })
        .await
}

impl Conflict {
    /// `theirs` is a revision of the article `id`, `content` the refused one.
    fn new(
        conn: &mut AnyConnection,
        actor: &Actor,
        id: i64,
        theirs: Revision,
        content: &Content,
    ) -> Result<Self> {
        let newsroom = actor.texts();
        let texts = &newsroom.article_form;
        let their_content = revision::find(conn, id, theirs.id)?
            .map(|(_, content)| content)
            .unwrap_or_default();
        let when = actor.locale().date_and_time(theirs.made_at);
        let (title, short_title, who) = if theirs.user_id == Some(actor.user.id) {
            (
                texts.conflict_own(when),
                texts.conflict_short_own.to_owned(),
                texts.conflict_you.to_owned(),
            )
        } else {
            (
                texts.conflict(&theirs.who, when),
                texts.conflict_short(&theirs.who),
                theirs.who,
            )
        };
        Ok(Self {
            title,
            short_title,
            who,
            differences: differences(conn, newsroom, &actor.site, &their_content, content)?,
        })
    }
}
