//! Previews: an article's latest revision as readers will see it, for staff and for holders of a preview link.

use actix_web::web::Bytes;

use super::article::{Story, render_story};
use crate::{
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    http_cache::{CachePolicy, NoQuery, PageContext, RenderedPage},
    models::{self, author, correction, media, preview_link, revision, topic},
    web::headers,
};

pub const CACHE: CachePolicy = CachePolicy::uncached();

/// A preview for staff.
pub struct Preview {
    pub html: Bytes,
    /// The content security policy, if it differs from the usual one.
    pub policy: Option<&'static str>,
}

/// Renders the latest revision of an article for staff.
pub fn render(conn: &mut AnyConnection, app: &App, article_id: i64) -> Result<Preview> {
    let mut ctx = PageContext::uncached(conn, app)?;
    let rendered = page(&mut ctx, article_id)?;
    Ok(Preview {
        html: rendered.body,
        policy: rendered
            .has_players
            .then_some(headers::CONTENT_SECURITY_POLICY_WITH_PLAYERS),
    })
}

/// `GET /preview/{link}`
pub fn linked(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let link = ctx.path.rsplit('/').next().unwrap_or_default().to_owned();
    let article_id = preview_link::article_of(ctx.conn, &link, ctx.now)?.ok_or(Error::NotFound)?;
    page(ctx, article_id)
}

/// The headers of a linked preview: it is neither stored nor indexed.
pub const HEADERS: [(&str, &str); 2] = [("cache-control", "no-store"), ("x-robots-tag", "noindex")];

fn page(ctx: &mut PageContext<'_>, id: i64) -> Result<RenderedPage> {
    let record = models::article::record(ctx.conn, id)?.ok_or(Error::NotFound)?;
    let content = revision::working_copy(ctx.conn, &record)?;
    let published_at = record
        .published_at
        .filter(|_| record.is_published())
        .map_or(ctx.now, |time| time.and_utc());
    let draft = content.draft(ctx.conn, false)?;
    let lead: Vec<i64> = content.lead_media_id.into_iter().collect();
    let mut topics = topic::find_all(ctx.conn, &draft.topic_ids)?;
    topics.sort_by_key(|topic| draft.topic_ids.iter().position(|id| *id == topic.id));
    let mut authors = author::find_all(ctx.conn, &draft.author_ids)?;
    authors.sort_by_key(|author| draft.author_ids.iter().position(|id| *id == author.id));
    let story = Story {
        article: models::article::Article {
            id,
            word_count: i32::try_from(draft.body.word_count()).unwrap_or(i32::MAX),
            dateline: content.dateline(),
            section_id: content.section_id.unwrap_or_default(),
            published_at,
            updated_at: record.updated_at.map(|time| time.and_utc()),
            path: models::article::paths(ctx.conn, &[id])?
                .remove(&id)
                .unwrap_or_default(),
            picture: media::find_all(ctx.conn, &lead)?.pop(),
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
        notes: correction::of_article(ctx.conn, id)?,
        also_read: draft.also_read_ids,
        is_preview: true,
    };
    render_story(ctx, story)
}

/// A page needs a heading, even if the article has none yet.
fn untitled(headline: String) -> String {
    if headline.is_empty() {
        "Untitled".to_owned()
    } else {
        headline
    }
}
