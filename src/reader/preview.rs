//! An article as readers will see it, for those who may see it before: whoever has a preview link, and
//! the newsroom.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes},
};

use super::{
    Desk, answer_once,
    article::{Story, shown},
};
use crate::{
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    models::{self, author, correction, media, preview_link, revision, topic},
    web::headers,
};

/// A preview, ready to be sent, and the content security policy that it needs if it is not the usual
/// one.
pub struct Preview {
    pub html: Bytes,
    pub policy: Option<&'static str>,
}

/// The page of what the newsroom saved last of an article.
pub fn render(conn: &mut AnyConnection, app: &App, article_id: i64) -> Result<Preview> {
    let mut desk = Desk::new(conn, app, String::new(), String::new())?;
    let rendered = page(&mut desk, article_id)?;
    Ok(Preview {
        html: rendered.body,
        policy: rendered
            .has_players
            .then_some(headers::CONTENT_SECURITY_POLICY_WITH_PLAYERS),
    })
}

/// `GET /preview/{link}`
pub async fn linked(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let link = request
        .match_info()
        .get("link")
        .unwrap_or_default()
        .to_owned();
    let mut response = answer_once(app, request, move |desk| {
        let article_id =
            preview_link::article_of(desk.conn, &link, desk.now)?.ok_or(Error::NotFound)?;
        page(desk, article_id)
    })
    .await;
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        header::HeaderName::from_static("x-robots-tag"),
        header::HeaderValue::from_static("noindex"),
    );
    response
}

fn page(desk: &mut Desk<'_>, id: i64) -> Result<super::Rendered> {
    let record = models::article::record(desk.conn, id)?.ok_or(Error::NotFound)?;
    let content = revision::working(desk.conn, &record)?;
    let published_at = record
        .published_at
        .filter(|_| record.is_published())
        .map_or(desk.now, |time| time.and_utc());
    let draft = content.draft(desk.conn, false)?;
    let lead: Vec<i64> = content.lead_media_id.into_iter().collect();
    let mut topics = topic::find_all(desk.conn, &draft.topic_ids)?;
    topics.sort_by_key(|topic| draft.topic_ids.iter().position(|id| *id == topic.id));
    let mut authors = author::find_all(desk.conn, &draft.author_ids)?;
    authors.sort_by_key(|author| draft.author_ids.iter().position(|id| *id == author.id));
    let story = Story {
        article: models::article::Article {
            id,
            word_count: i32::try_from(draft.body.word_count()).unwrap_or(i32::MAX),
            dateline: content.dateline(),
            section_id: content.section_id.unwrap_or_default(),
            published_at,
            updated_at: record.updated_at.map(|time| time.and_utc()),
            path: models::article::paths(desk.conn, &[id])?
                .remove(&id)
                .unwrap_or_default(),
            picture: media::find_all(desk.conn, &lead)?.pop(),
            body: draft.body,
            kicker: content.kicker,
            headline: untitled(content.headline),
            standfirst: content.standfirst,
            search_title: content.search_title,
            search_description: content.search_description,
            translations: content.translations,
        },
        authors,
        topics,
        notes: correction::of_article(desk.conn, id)?,
        also_read: draft.also_read_ids,
        is_preview: true,
    };
    shown(desk, story)
}

/// A page needs a heading, also while the article has none.
fn untitled(headline: String) -> String {
    if headline.is_empty() {
        "Untitled".to_owned()
    } else {
        headline
    }
}
