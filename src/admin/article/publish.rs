//! What readers see of an article: asking before it goes out, publishing now or at a time, taking it
//! back, review, the trash.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Tabs,
    checks::{self, Check},
    opened, opened_to_edit, opened_to_publish, path,
};
use crate::{
    admin::{Actor, Layout, Newsroom, Nothing, Posted},
    db::{AnyConnection, types::Status},
    error::{Error, Result},
    models::{
        article::{self, Record},
        revision::{self, Content, LookedAt, NotPublished},
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
    /// What the button says.
    button: &'static str,
    errors: Errors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    revision: i64,
    /// The state that the article was in when the page was opened.
    status: String,
    /// `now`, `at`, or `keep` for the time that it has already.
    when: String,
    at: String,
    update: String,
}

/// What the page is made of.
struct Asked {
    record: Record,
    live_path: Option<String>,
    content: Content,
    checks: Vec<Check>,
}

fn asked(conn: &mut AnyConnection, actor: &Actor, base_url: &str, id: i64) -> Result<Asked> {
    let record = opened_to_edit(conn, &actor.user, id)?;
    let content = revision::working(conn, &record)?;
    Ok(Asked {
        checks: checks::of(conn, &actor.site, base_url, Some(id), &content, actor.now)?,
        live_path: path(conn, id)?,
        record,
        content,
    })
}

fn page(
    desk: &Newsroom,
    asked: Asked,
    form: Option<PublishForm>,
    errors: Errors,
) -> Result<HttpResponse> {
    let Asked {
        record,
        live_path,
        content,
        checks,
    } = asked;
    let is_live = record.is_live(desk.now);
    let form = form.unwrap_or_else(|| {
        // The time that was decided on here comes first, then what the article form says.
        let at = record
            .published_at
            .filter(|_| record.is_published() && !is_live)
            .map_or_else(
                || content.publish_at.clone(),
                |time| desk.locale.input(time.and_utc()),
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
        let time = desk.locale.date_and_time(time.and_utc());
        choices.push(choice("keep", &format!("Keep its time, {time}")));
    } else {
        choices.push(choice("now", "Now"));
    }
    choices.push(choice(
        "at",
        if is_live { "Another time" } else { "At a time" },
    ));
    let (blocking, advice): (Vec<Check>, Vec<Check>) =
        checks.into_iter().partition(|check| check.blocks);
    let may_publish = super::may_publish(&desk.user, &record);
    let zone = desk.site.settings.time_zone;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = PublishPage {
        layout: desk.layout("Before it goes out", "/admin/articles"),
        revision: form.revision,
        status: record.status.as_str(),
        blocking,
        advice,
        when: Field::new("when", "When").choices(choices).errors(&errors),
        at: Field::new("at", "Date and time")
            .value(&form.at)
            .hint(format!("Time zone: {zone}"))
            .errors(&errors),
        is_live,
        is_published: record.is_published(),
        in_review: record.status == Status::Review,
        in_trash: record.status == Status::Trashed,
        update: Field::new("update", "This is an update that readers should know of")
            .hint("They see “Updated” with the time. Leave it off for a typing error")
            .checked(!form.update.is_empty()),
        may_publish,
        unchanged: is_live && !record.has_unpublished_changes(),
        button: if is_live {
            "Publish the changes"
        } else {
            "Publish"
        },
        tabs: Tabs::new(desk, &record, live_path, "publish"),
        errors,
    };
    desk.page_as(status, &page)
}

/// `GET /admin/articles/{id}/publish`
pub async fn ask(desk: Newsroom) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let actor = desk.actor();
    let base_url = desk.app.base_url.clone();
    let asked = desk
        .read(move |conn| asked(conn, &actor, &base_url, id))
        .await?;
    page(&desk, asked, None, Errors::default())
}

/// `POST /admin/articles/{id}/publish`
pub async fn publish(desk: Newsroom, posted: Posted<PublishForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let form = posted.form;
    let typed = match form.when.as_str() {
        "at" => Some(desk.locale.moment(&form.at)),
        _ => None,
    };
    let at = match typed {
        Some(Err(wrong)) => {
            let mut errors = Errors::default();
            errors.add("at", wrong.to_string());
            return ask_again(&desk, id, form, errors).await;
        }
        Some(Ok(at)) => Some(at),
        None => None,
    };
    let (keep, is_update, revision_id) =
        (form.when == "keep", !form.update.is_empty(), form.revision);
    let status = form.status.parse::<Status>();
    let published = desk
        .write(move |conn, actor| {
            let record = opened_to_publish(conn, &actor.user, id)?;
            let record = locked(conn, record)?;
            let before = record.published_at.map(|time| time.and_utc());
            let at = at
                .or(before.filter(|_| keep && record.is_published()))
                .unwrap_or(actor.now);
            let Ok(status) = status else {
                return Err(Error::Refused("The form is not whole.".to_owned()));
            };
            if record.status == Status::Trashed {
                return Err(Error::Refused(
                    "It is in the trash. Restore it first, then publish it.".to_owned(),
                ));
            }
            let filing = actor.filing();
            let of = LookedAt {
                revision_id,
                status,
            };
            let done = revision::publish(conn, id, of, at, is_update, &filing)?;
            if done.is_ok() {
                let now = article::record(conn, id)?.ok_or(Error::NotFound)?;
                said(conn, actor, id, &now.headline, &record, at)?;
            }
            // Nothing was changed by what was not published; an error would say so too.
            Ok(done.map(|()| at))
        })
        .await?;
    let here = format!("/admin/articles/{id}");
    let mut errors = Errors::default();
    match published {
        Ok(at) if at > desk.now => {
            let time = desk.locale.date_and_time(at);
            return desk.see_other(&here, &format!("It goes out at {time}."));
        }
        Ok(_) => return desk.see_other(&here, "It is published."),
        Err(NotPublished::Gone) => return Err(Error::NotFound),
        Err(NotPublished::Newer) => errors.add(
            "when",
            "Somebody saved a newer version after this page was opened. Look at it, then publish it",
        ),
        Err(NotPublished::Moved) => errors.add(
            "when",
            "It was published, taken back or thrown away after this page was opened. Look again before you publish it",
        ),
        Err(NotPublished::NoHeadline) => errors.add("when", "It needs a headline first"),
        Err(NotPublished::NoSection) => errors.add("when", "It needs a section first"),
    }
    ask_again(&desk, id, form, errors).await
}

/// The page once more, with what is wrong; it is about the newest revision.
async fn ask_again(
    desk: &Newsroom,
    id: i64,
    form: PublishForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let actor = desk.actor();
    let base_url = desk.app.base_url.clone();
    let asked = desk
        .read(move |conn| asked(conn, &actor, &base_url, id))
        .await?;
    let form = PublishForm {
        revision: asked.record.revision_id.unwrap_or_default(),
        status: asked.record.status.as_str().to_owned(),
        ..form
    };
    page(desk, asked, Some(form), errors)
}

fn said(
    conn: &mut AnyConnection,
    actor: &Actor,
    id: i64,
    headline: &str,
    before: &Record,
    at: DateTime<Utc>,
) -> Result<()> {
    let action = match () {
        () if at > actor.now => "scheduled",
        () if before.is_live(actor.now) => "published changes of",
        () => "published",
    };
    let detail = if at > actor.now {
        format!("for {} UTC", at.format("%F %R"))
    } else {
        String::new()
    };
    actor.did(conn, &super::event(action, id, headline, &detail))
}

/// The article as it is now that nobody else can change it.
fn locked(conn: &mut AnyConnection, record: Record) -> Result<Record> {
    article::locked(conn, record.id)?.ok_or(Error::NotFound)
}

/// Moves an article to another state and says so in the history.
fn moved(
    conn: &mut AnyConnection,
    actor: &Actor,
    record: &Record,
    status: Status,
    action: &str,
) -> Result<()> {
    revision::withdraw(conn, record.id, status, &actor.filing())?;
    actor.did(
        conn,
        &super::event(action, record.id, &super::title(&record.headline), ""),
    )
}

/// `POST /admin/articles/{id}/review`: asks an editor to look at it.
pub async fn review(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.record(move |conn, actor| {
        let record = opened_to_edit(conn, &actor.user, id)?;
        let record = locked(conn, record)?;
        if record.status != Status::Draft {
            return Err(Error::Refused(
                "Only a draft can be sent for review.".to_owned(),
            ));
        }
        moved(conn, actor, &record, Status::Review, "sent for review")
    })
    .await?;
    desk.see_other(
        &format!("/admin/articles/{id}"),
        "It waits for an editor now. You can still change it.",
    )
}

/// `POST /admin/articles/{id}/send-back`: a draft again.
pub async fn send_back(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.record(move |conn, actor| {
        let record = opened_to_edit(conn, &actor.user, id)?;
        let record = locked(conn, record)?;
        if record.status != Status::Review {
            return Err(Error::Refused("It does not wait for review.".to_owned()));
        }
        moved(conn, actor, &record, Status::Draft, "sent back")
    })
    .await?;
    desk.see_other(&format!("/admin/articles/{id}"), "It is a draft again.")
}

/// `POST /admin/articles/{id}/unpublish`
pub async fn unpublish(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.write(move |conn, actor| {
        let record = opened_to_publish(conn, &actor.user, id)?;
        let record = locked(conn, record)?;
        if !record.is_published() {
            return Err(Error::Refused("It is not published.".to_owned()));
        }
        moved(conn, actor, &record, Status::Draft, "unpublished")
    })
    .await?;
    desk.see_other(
        &format!("/admin/articles/{id}"),
        "Readers cannot see it any more. It is a draft.",
    )
}

/// `POST /admin/articles/{id}/trash`
pub async fn trash(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.write(move |conn, actor| {
        let record = opened_to_edit(conn, &actor.user, id)?;
        let record = locked(conn, record)?;
        if record.is_published() && !super::may_publish(&actor.user, &record) {
            return Err(Error::Forbidden);
        }
        moved(conn, actor, &record, Status::Trashed, "trashed")
    })
    .await?;
    desk.see_other(
        "/admin/articles",
        "It is in the trash, and can be restored from there.",
    )
}

/// `POST /admin/articles/{id}/restore`
pub async fn restore(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.record(move |conn, actor| {
        let record = opened(conn, &actor.user, id)?;
        let record = locked(conn, record)?;
        if record.status != Status::Trashed {
            return Err(Error::Refused("It is not in the trash.".to_owned()));
        }
        moved(conn, actor, &record, Status::Draft, "restored")
    })
    .await?;
    desk.see_other(&format!("/admin/articles/{id}"), "It is back, as a draft.")
}
