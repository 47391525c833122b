//! Publishing an article now or at a time, unpublishing, review, and the trash.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Tabs,
    checks::{self, Check},
    find_editable, find_publishable, find_viewable, path,
};
use crate::{
    admin::{Actor, CsrfForm, EmptyForm, Layout, StaffRequest, checks as form_checks},
    db::{
        AnyConnection,
        types::{HistoryAction, Status},
    },
    error::{Error, Result},
    locale::Locale,
    models::{
        article::{self, Record},
        revision::{self, Content, NotPublished, ReviewedState},
    },
    view::form::{Choice, Errors, Field},
};

#[derive(Template)]
#[template(path = "admin/article/publish.html")]
struct PublishPage {
    layout: Layout,
    tabs: Tabs,
    revision: i64,
    status: &'static str,
    blocking: Vec<Check>,
    advice: Vec<Check>,
    when: Field,
    at: Field,
    is_live: bool,
    is_published: bool,
    in_review: bool,
    in_trash: bool,
    update: Field,
    may_publish: bool,
    unchanged: bool,
    /// The text of the button.
    button: &'static str,
    errors: Errors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    revision: i64,
    /// The state of the article when the page was opened.
    status: String,
    /// `now`, `at`, or `keep` for the current time of publication.
    when: String,
    at: String,
    update: String,
}

/// The data that the page shows.
struct PageData {
    record: Record,
    live_path: Option<String>,
    content: Content,
    checks: Vec<Check>,
}

fn load(conn: &mut AnyConnection, actor: &Actor, base_url: &str, id: i64) -> Result<PageData> {
    let record = find_editable(conn, &actor.user, id)?;
    let content = revision::working_copy(conn, &record)?;
    let mut checks = checks::run(
        conn,
        actor.texts(),
        &actor.site,
        base_url,
        Some(id),
        &content,
        actor.now,
    )?;
    let others = revision::others_in_byline(conn, &record, &content.author_ids, Some(&actor.user))?;
    if super::may_publish(&actor.user, &record) && !others.is_empty() {
        checks.insert(
            0,
            Check {
                text: others_byline(&actor.locale(), &others),
                field: "author",
                blocks: true,
            },
        );
    }
    Ok(PageData {
        checks,
        live_path: path(conn, id)?,
        record,
        content,
    })
}

/// Why a user who is no editor cannot publish under the byline of these authors.
fn others_byline(locale: &Locale, names: &[String]) -> String {
    locale.newsroom().publish.others_byline(locale.list(names))
}

fn page(
    request: &StaffRequest,
    data: PageData,
    form: Option<PublishForm>,
    errors: Errors,
) -> Result<HttpResponse> {
    let PageData {
        record,
        live_path,
        content,
        checks,
    } = data;
    let newsroom = request.texts();
    let texts = &newsroom.publish;
    let is_live = record.is_live(request.now);
    let form = form.unwrap_or_else(|| {
        // The scheduled time takes precedence over the one in the article form.
        let at = record
            .published_at
            .filter(|_| record.is_published() && !is_live)
            .map_or_else(
                || content.publish_at.clone(),
                |time| request.locale.input(time.and_utc()),
            );
        let when = match () {
            () if is_live => "keep",
            () if at.is_empty() => "now",
            () => "at",
        };
        PublishForm {
            revision: record.revision_id.unwrap_or_default(),
            status: record.status.as_str().to_owned(),
            when: when.to_owned(),
            at,
            update: String::new(),
        }
    });
    let choice = |value: &str, text: &str| Choice::new(value, text, form.when == value);
    let mut choices = Vec::new();
    if let Some(time) = record.published_at.filter(|_| is_live) {
        let time = request.locale.date_and_time(time.and_utc());
        choices.push(choice("keep", &texts.keep_time(time)));
    } else {
        choices.push(choice("now", texts.now));
    }
    choices.push(choice(
        "at",
        if is_live {
            texts.another_time
        } else {
            texts.at_time
        },
    ));
    let (blocking, advice): (Vec<Check>, Vec<Check>) =
        checks.into_iter().partition(|check| check.blocks);
    let may_publish = super::may_publish(&request.user, &record);
    let zone = request.site.settings.time_zone;
    let page = PublishPage {
        layout: request.layout(newsroom.common.publish, "/admin/articles"),
        revision: form.revision,
        status: record.status.as_str(),
        blocking,
        advice,
        when: Field::new("when", texts.when)
            .choices(choices)
            .errors(&errors),
        at: Field::new("at", texts.date_and_time)
            .value(&form.at)
            .hint(texts.time_zone(zone))
            .errors(&errors),
        is_live,
        is_published: record.is_published(),
        in_review: record.status == Status::Review,
        in_trash: record.status == Status::Trashed,
        update: Field::new("update", texts.mark_updated)
            .hint(texts.mark_updated_hint)
            .checked(!form.update.is_empty()),
        may_publish,
        unchanged: is_live && !record.has_unpublished_changes(),
        button: if is_live {
            texts.publish_changes
        } else {
            newsroom.common.publish
        },
        tabs: Tabs::new(request, &record, live_path, "publish"),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// `GET /admin/articles/{id}/publish`
pub async fn ask(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let actor = request.actor();
    let base_url = request.app.base_url.clone();
    let data = request
        .read(move |conn| load(conn, &actor, &base_url, id))
        .await?;
    page(&request, data, None, Errors::default())
}

/// `POST /admin/articles/{id}/publish`
pub async fn publish(request: StaffRequest, posted: CsrfForm<PublishForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let form = posted.form;
    let newsroom = request.texts();
    let texts = &newsroom.publish;
    let entered = match form.when.as_str() {
        "at" if form.at.trim().is_empty() => {
            let mut errors = Errors::default();
            errors.add("at", texts.time_needed);
            return show_errors(&request, id, form, errors).await;
        }
        "at" => Some(request.locale.moment(&form.at)),
        _ => None,
    };
    let at = match entered {
        Some(Err(error)) => {
            let mut errors = Errors::default();
            errors.add("at", form_checks::typed_time(newsroom, error));
            return show_errors(&request, id, form, errors).await;
        }
        Some(Ok(at)) => Some(at),
        None => None,
    };
    let (keep, is_update, revision_id) =
        (form.when == "keep", !form.update.is_empty(), form.revision);
    let status = form.status.parse::<Status>();
    let published = request
        .write(move |conn, actor| {
            let record = find_publishable(conn, &actor.user, id)?;
            let record = lock(conn, record)?;
            let before = record.published_at.map(|time| time.and_utc());
            let at = at
                .or(before.filter(|_| keep && record.is_published()))
                .unwrap_or(actor.now);
            let Ok(status) = status else {
                return Err(Error::Refused(texts.form_incomplete.to_owned()));
            };
            if record.status == Status::Trashed {
                return Err(Error::Refused(texts.restore_first.to_owned()));
            }
            let edit_context = actor.edit_context();
            let reviewed = ReviewedState {
                revision_id,
                status,
            };
            let result = revision::publish(conn, id, reviewed, at, is_update, &edit_context)?;
            if result.is_ok() {
                let now = article::record(conn, id)?.ok_or(Error::NotFound)?;
                audit_publication(conn, actor, id, &now.headline, &record, at)?;
            }
            // A refusal has changed nothing, so the transaction can be committed.
            Ok(result.map(|()| at))
        })
        .await?;
    let here = format!("/admin/articles/{id}");
    let mut errors = Errors::default();
    match published {
        Ok(at) if at > request.now => {
            let time = request.locale.date_and_time(at);
            return request.see_other(&here, &texts.scheduled_notice(time));
        }
        Ok(_) => return request.see_other(&here, texts.published_notice),
        Err(NotPublished::Gone) => return Err(Error::NotFound),
        Err(NotPublished::Newer) => errors.add("when", texts.newer_version),
        Err(NotPublished::Moved) => errors.add("when", texts.state_changed),
        Err(NotPublished::OthersByline(names)) => {
            errors.add("when", others_byline(&request.locale, &names));
        }
        Err(NotPublished::NoHeadline) => errors.add("when", texts.no_headline),
        Err(NotPublished::NoSection) => errors.add("when", texts.no_section),
    }
    show_errors(&request, id, form, errors).await
}

/// Shows the form again with its errors and the newest revision.
async fn show_errors(
    request: &StaffRequest,
    id: i64,
    form: PublishForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let actor = request.actor();
    let base_url = request.app.base_url.clone();
    let data = request
        .read(move |conn| load(conn, &actor, &base_url, id))
        .await?;
    let form = PublishForm {
        revision: data.record.revision_id.unwrap_or_default(),
        status: data.record.status.as_str().to_owned(),
        ..form
    };
    page(request, data, Some(form), errors)
}

fn audit_publication(
    conn: &mut AnyConnection,
    actor: &Actor,
    id: i64,
    headline: &str,
    before: &Record,
    at: DateTime<Utc>,
) -> Result<()> {
    let action = match () {
        () if at > actor.now => HistoryAction::Scheduled,
        () if before.is_live(actor.now) => HistoryAction::PublishedChanges,
        () => HistoryAction::Published,
    };
    let detail = if at > actor.now {
        actor
            .texts()
            .history_details
            .scheduled_for(at.format("%F %R"))
    } else {
        String::new()
    };
    actor.audit(conn, &super::event(action, id, headline, &detail))
}

/// Locks the article and reads it again.
fn lock(conn: &mut AnyConnection, record: Record) -> Result<Record> {
    article::locked(conn, record.id)?.ok_or(Error::NotFound)
}

/// Changes the state of an article and adds it to the history.
fn set_status(
    conn: &mut AnyConnection,
    actor: &Actor,
    record: &Record,
    status: Status,
    action: HistoryAction,
) -> Result<()> {
    revision::withdraw(conn, record.id, status, &actor.edit_context())?;
    actor.audit(
        conn,
        &super::event(
            action,
            record.id,
            &super::title(actor.texts(), &record.headline),
            "",
        ),
    )
}

/// `POST /admin/articles/{id}/review`: asks an editor to review it.
pub async fn review(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let texts = &request.texts().publish;
    request
        .write_unversioned(move |conn, actor| {
            let record = find_editable(conn, &actor.user, id)?;
            let record = lock(conn, record)?;
            if record.status != Status::Draft {
                return Err(Error::Refused(texts.not_draft.to_owned()));
            }
            set_status(
                conn,
                actor,
                &record,
                Status::Review,
                HistoryAction::SentForReview,
            )
        })
        .await?;
    request.see_other(
        &format!("/admin/articles/{id}"),
        texts.sent_for_review_notice,
    )
}

/// `POST /admin/articles/{id}/send-back`: makes it a draft.
pub async fn send_back(
    request: StaffRequest,
    _posted: CsrfForm<EmptyForm>,
) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let texts = &request.texts().publish;
    request
        .write_unversioned(move |conn, actor| {
            let record = find_editable(conn, &actor.user, id)?;
            let record = lock(conn, record)?;
            if record.status != Status::Review {
                return Err(Error::Refused(texts.not_in_review.to_owned()));
            }
            set_status(conn, actor, &record, Status::Draft, HistoryAction::SentBack)
        })
        .await?;
    request.see_other(&format!("/admin/articles/{id}"), texts.sent_back_notice)
}

/// `POST /admin/articles/{id}/unpublish`
pub async fn unpublish(
    request: StaffRequest,
    _posted: CsrfForm<EmptyForm>,
) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let texts = &request.texts().publish;
    request
        .write(move |conn, actor| {
            let record = find_publishable(conn, &actor.user, id)?;
            let record = lock(conn, record)?;
            if !record.is_published() {
                return Err(Error::Refused(texts.not_published.to_owned()));
            }
            set_status(
                conn,
                actor,
                &record,
                Status::Draft,
                HistoryAction::Unpublished,
            )
        })
        .await?;
    request.see_other(&format!("/admin/articles/{id}"), texts.unpublished_notice)
}

/// `POST /admin/articles/{id}/trash`
pub async fn trash(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let texts = &request.texts().publish;
    request
        .write(move |conn, actor| {
            let record = find_editable(conn, &actor.user, id)?;
            let record = lock(conn, record)?;
            if record.is_published() && !super::may_publish(&actor.user, &record) {
                return Err(Error::Forbidden);
            }
            set_status(
                conn,
                actor,
                &record,
                Status::Trashed,
                HistoryAction::Trashed,
            )
        })
        .await?;
    request.see_other("/admin/articles", texts.trashed_notice)
}

/// `POST /admin/articles/{id}/restore`
pub async fn restore(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let texts = &request.texts().publish;
    request
        .write_unversioned(move |conn, actor| {
            let record = find_viewable(conn, &actor.user, id)?;
            let record = lock(conn, record)?;
            if record.status != Status::Trashed {
                return Err(Error::Refused(texts.not_in_trash.to_owned()));
            }
            set_status(conn, actor, &record, Status::Draft, HistoryAction::Restored)
        })
        .await?;
    request.see_other(&format!("/admin/articles/{id}"), texts.restored_notice)
}
