//! The picture of an article without one, for link previews on other sites: its headline, drawn.

use crate::{
    colour,
    error::{Error, Result},
    http_cache::{CachePolicy, NoQuery, PageContext, RenderedPage},
    media::share_picture::{self, Labels},
    models::article,
};

pub const CACHE: CachePolicy = CachePolicy::site_version();

/// The path of an article's picture.
pub(super) fn path(article_id: i64) -> String {
    format!("/share/{article_id}.png")
}

/// `GET /share/{article}.png`
pub fn render(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let file = ctx.path.rsplit('/').next().unwrap_or_default();
    let id: Option<i64> = file.strip_suffix(".png").and_then(|id| id.parse().ok());
    // Every picture has one address.
    let id = id
        .filter(|id| path(*id).ends_with(&format!("/{file}")))
        .ok_or(Error::NotFound)?;
    let cards = ctx.cards(&[id])?;
    let card: &article::Card = cards
        .get(&id)
        .filter(|card| card.picture.is_none() && share_picture::is_drawable(&card.headline))
        .ok_or(Error::NotFound)?;
    let settings = &ctx.site.settings;
    let section = ctx.site.sections.get(card.section_id);
    let labels = Labels {
        headline: card.headline.clone(),
        section: section
            .map(|section| section.name.clone())
            .unwrap_or_default(),
        site_name: settings.name.clone(),
        language: settings.language.clone(),
    };
    let png = share_picture::draw(&labels, colour::ground(&settings.accent))?;
    Ok(RenderedPage::file("image/png", png))
}
