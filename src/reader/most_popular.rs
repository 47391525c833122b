//! The articles read most: in the last 24 hours, in the last 7 days, of all time.

use std::collections::HashSet;

use askama::Template;

use super::cards::take;
use crate::{
    error::Result,
    http_cache::{CachePolicy, NoQuery, PageContext, RenderedPage},
    popular::Window,
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        picture::Place,
    },
};

/// The ranking is computed every minute.
pub const CACHE: CachePolicy = CachePolicy::site_version().until_next_minute();

/// Stories shown.
const LENGTH: usize = 20;

/// A window with its address, and whether it is the current one.
struct Choice {
    link: Link,
    current: bool,
}

#[derive(Template)]
#[template(path = "reader/most_popular.html")]
struct MostPopularPage {
    layout: Layout,
    choices: Vec<Choice>,
    cards: Vec<Card>,
}

/// `GET /most-popular`
pub fn day(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    render(ctx, Window::Day)
}

/// `GET /most-popular/week`
pub fn week(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    render(ctx, Window::Week)
}

/// `GET /most-popular/ever`
pub fn ever(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    render(ctx, Window::Ever)
}

fn render(ctx: &mut PageContext<'_>, window: Window) -> Result<RenderedPage> {
    let ranked = ctx.ranked(window)?;
    let cards = ctx.cards(&ranked)?;
    let cards = take(&cards, &ranked, &mut HashSet::new(), LENGTH)
        .into_iter()
        .map(|card| Card::new(card, &ctx.site, Place::Thumbnail))
        .collect();
    let texts = ctx.texts();
    let windows = [
        (Window::Day, texts.most_popular_day, "/most-popular"),
        (Window::Week, texts.most_popular_week, "/most-popular/week"),
        (Window::Ever, texts.most_popular_ever, "/most-popular/ever"),
    ];
    let choices: Vec<Choice> = windows
        .iter()
        .map(|(other, text, path)| Choice {
            link: Link::new(*text, *path),
            current: *other == window,
        })
        .collect();
    let chosen = choices
        .iter()
        .find(|choice| choice.current)
        .map(|choice| choice.link.clone());
    let chosen = chosen.unwrap_or_else(|| Link::new(texts.most_popular, "/most-popular"));
    let title = format!("{} – {}", texts.most_popular, chosen.text);
    let trail = [Link::new(texts.most_popular, "/most-popular")];
    let head = Head {
        description: format!("{title} – {}", ctx.site.settings.name),
        title,
        canonical: chosen.url,
        breadcrumb: breadcrumb::from_home(&ctx.site, trail),
        ..Head::default()
    };
    RenderedPage::html(&MostPopularPage {
        layout: ctx.layout(head),
        choices,
        cards,
    })
}
