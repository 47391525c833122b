//! What people read most: in the last 24 hours, in the last 7 days, ever.

use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Desk, Rendered, answer, take};
use crate::{
    app::App,
    error::Result,
    popular::Window,
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        picture::Place,
    },
};

/// How many stories are ranked.
const LENGTH: usize = 20;

/// A window with its address, and whether it is the one that is shown.
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
pub async fn day(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| make(desk, Window::Day)).await
}

/// `GET /most-popular/week`
pub async fn week(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| make(desk, Window::Week)).await
}

/// `GET /most-popular/ever`
pub async fn ever(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| make(desk, Window::Ever)).await
}

fn make(desk: &mut Desk<'_>, window: Window) -> Result<Rendered> {
    let ranked = desk.ranked(window)?;
    let cards = desk.cards(&ranked)?;
    let cards = take(&cards, &ranked, &mut HashSet::new(), LENGTH)
        .into_iter()
        .map(|card| Card::new(card, &desk.site, Place::Thumbnail))
        .collect();
    let texts = desk.texts();
    let windows = [
        (Window::Day, &texts.most_popular_day, "/most-popular"),
        (Window::Week, &texts.most_popular_week, "/most-popular/week"),
        (Window::Ever, &texts.most_popular_ever, "/most-popular/ever"),
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
    let chosen = chosen.unwrap_or_else(|| Link::new(&texts.most_popular, "/most-popular"));
    let title = format!("{} – {}", texts.most_popular, chosen.text);
    let trail = [Link::new(&texts.most_popular, "/most-popular")];
    let head = Head {
        description: format!("{title} – {}", desk.site.settings.name),
        title,
        canonical: chosen.url,
        breadcrumb: breadcrumb::from_home(&desk.site, trail),
        ..Head::default()
    };
    Rendered::new(&MostPopularPage {
        layout: desk.layout(head),
        choices,
        cards,
    })
}
