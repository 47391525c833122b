//! The drawn picture of an article that has none of its own, for those who link to it elsewhere.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Rendered, answer};
use crate::{
    app::App,
    error::Error,
    media::share_picture::{self, Words},
    models::article,
    view::colour,
};

/// Where an article's is.
pub(super) fn path(article_id: i64) -> String {
    format!("/share/{article_id}.png")
}

/// `GET /share/{article}.png`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let file = request.match_info().get("file").unwrap_or_default();
    let id: Option<i64> = file.strip_suffix(".png").and_then(|id| id.parse().ok());
    // One address for each.
    let id = id.filter(|id| path(*id).ends_with(&format!("/{file}")));
    answer(app, request, move |desk| {
        let id = id.ok_or(Error::NotFound)?;
        let cards = desk.cards(&[id])?;
        let card: &article::Card = cards
            .get(&id)
            .filter(|card| card.picture.is_none() && share_picture::can_say(&card.headline))
            .ok_or(Error::NotFound)?;
        let settings = &desk.site.settings;
        let section = desk.site.sections.get(card.section_id);
        let words = Words {
            headline: card.headline.clone(),
            section: section
                .map(|section| section.name.clone())
                .unwrap_or_default(),
            site_name: settings.name.clone(),
            language: settings.language.clone(),
        };
        let png = share_picture::draw(&words, colour::ground(&settings.accent))?;
        Ok(Rendered::file("image/png", png))
    })
    .await
}
