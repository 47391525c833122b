//! Searching the newspaper.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Desk, Rendered, answer_once};
use crate::{
    app::App,
    error::Result,
    models::search,
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        locale::fill,
        picture::Place,
    },
};

/// How many stories are shown at most.
const LIMIT: i64 = 40;
/// In characters: what is typed beyond is cut off.
const LONGEST_QUERY: usize = 200;

#[derive(Template)]
#[template(path = "reader/search.html")]
struct SearchPage {
    layout: Layout,
    breadcrumb: Vec<Link>,
    words: String,
    /// What was found, in words; empty while nothing was searched for.
    result: String,
    cards: Vec<Card>,
}

/// `GET /search?q=…`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer_once(app, request, make).await
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    let words: String = url::form_urlencoded::parse(desk.query.as_bytes())
        .find(|(name, _)| name == "q")
        .map(|(_, value)| value.trim().chars().take(LONGEST_QUERY).collect())
        .unwrap_or_default();
    let ids = search::find(desk.conn, &words, desk.now.naive_utc(), LIMIT)?;
    let cards = desk.cards(&ids)?;
    let cards: Vec<Card> = ids
        .iter()
        .filter_map(|id| cards.get(id))
        .map(|card| Card::new(card, &desk.site, Place::Thumbnail))
        .collect();
    let locale = &desk.site.locale;
    let texts = desk.texts();
    let result = match cards.len() {
        _ if words.is_empty() => String::new(),
        0 => fill(&texts.search_empty, &[("words", &words)]),
        found => locale.count(
            &texts.search_results,
            i64::try_from(found).unwrap_or(i64::MAX),
        ),
    };
    let title = if words.is_empty() {
        texts.search.clone()
    } else {
        fill(&texts.search_title, &[("words", &words)])
    };
    let head = Head {
        title,
        description: texts.search_hint.clone(),
        canonical: "/search".to_owned(),
        noindex: true,
        ..Head::default()
    };
    Rendered::new(&SearchPage {
        layout: desk.layout(head),
        breadcrumb: breadcrumb::from_home(&desk.site, [Link::new(&texts.search, "/search")]),
        words,
        result,
        cards,
    })
}
