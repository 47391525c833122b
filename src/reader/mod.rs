//! What the public sees: one file per page, and the desk at which pages are made.

mod address;
mod archive;
mod article;
mod author;
mod authors;
mod corrections;
mod home;
mod latest;
mod most_popular;
mod not_found;
mod page;
mod preview;
mod search;
mod section;
mod topic;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use askama::Template;
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

pub use address::show as address;
pub use archive::{day, index as archive, month, year};
pub use authors::show as authors;
pub use corrections::show as corrections;
pub use home::show as home;
pub use latest::show as latest;
pub use most_popular::{day as popular_day, ever as popular_ever, week as popular_week};
pub use preview::{linked as linked_preview, render as render_preview};
pub use search::show as search;

use crate::{
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    models::{self, river},
    site::Site,
    view::{
        card::Card,
        layout::{Head, Layout},
        locale::{Texts, fill},
        pagination::{self, Pagination},
        picture::Place,
    },
    web::{headers, request_log, session, visitor},
};

/// Where a page is made: a connection, the publication as it stands, the moment, what was asked.
pub struct Desk<'a> {
    pub conn: &'a mut AnyConnection,
    pub app: &'a App,
    pub site: Arc<Site>,
    pub now: DateTime<Utc>,
    /// As it was asked for.
    pub path: String,
    pub query: String,
}

/// A page that is ready to be sent.
pub struct Rendered {
    html: String,
    /// The article whose view this is.
    article_id: Option<i64>,
    has_players: bool,
}

impl Rendered {
    fn new(page: &impl Template) -> Result<Self> {
        Ok(Self {
            html: page.render()?,
            article_id: None,
            has_players: false,
        })
    }
}

/// Browsers ask again, so that a correction is seen at once, and so is an address that changed back.
const REVALIDATE: &str = "public, max-age=0, must-revalidate";

/// Makes a page on the blocking pool, in one hop, and sends it; or sends what there is to say
/// instead.
async fn answer(
    app: web::Data<App>,
    request: HttpRequest,
    make: impl FnOnce(&mut Desk<'_>) -> Result<Rendered> + Send + 'static,
) -> HttpResponse {
    let path = request.path().to_owned();
    let query = request.query_string().to_owned();
    let worker = app.clone();
    let made = app
        .db
        .read(move |conn| {
            let mut desk = Desk {
                site: worker.site(conn)?,
                conn,
                now: worker.clock.now(),
                app: &worker,
                path,
                query,
            };
            match make(&mut desk) {
                Ok(page) => Ok((StatusCode::OK, page)),
                Err(Error::NotFound) => Ok((StatusCode::NOT_FOUND, not_found::page(&mut desk)?)),
                Err(error) => Err(error),
            }
        })
        .await;
    match made {
        Ok((status, page)) => {
            if status == StatusCode::NOT_FOUND
                && visitor::counted(&request, &app.config.trusted_proxies).is_some()
                && let Ok(path) = percent_decode_str(request.path()).decode_utf8()
            {
                app.misses.count(&path);
            }
            let is_staff = session::cookie(&app, &request, session::Name::Session).is_some();
            if let Some(article_id) = page.article_id
                && !is_staff
                && let Some(visitor) = visitor::counted(&request, &app.config.trusted_proxies)
            {
                app.views.count(article_id, &visitor, app.clock.now());
            }
            let mut response = HttpResponse::build(status);
            response.content_type("text/html; charset=utf-8");
            response.insert_header((header::CACHE_CONTROL, REVALIDATE));
            if page.has_players {
                response.insert_header((
                    header::CONTENT_SECURITY_POLICY,
                    headers::CONTENT_SECURITY_POLICY_WITH_PLAYERS,
                ));
            }
            response.body(page.html)
        }
        Err(Error::Moved(to)) => HttpResponse::MovedPermanently()
            .insert_header((
                header::LOCATION,
                format!("{}{}", app.base_url, encoded(&to)),
            ))
            .insert_header((header::CACHE_CONTROL, REVALIDATE))
            .finish(),
        Err(error) => failure(&app, &request, &error),
    }
}

/// A path, perhaps with a query, as a header may hold it.
fn encoded(path: &str) -> String {
    const NOT_PLAIN: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
    utf8_percent_encode(path, NOT_PLAIN).to_string()
}

#[derive(Template)]
#[template(path = "reader/failure.html")]
struct FailurePage {
    texts: &'static Texts,
    lang: String,
    site_name: String,
    stylesheet: String,
}

/// A calm page for the reader, and one line with the cause for the operator.
fn failure(app: &App, request: &HttpRequest, error: &Error) -> HttpResponse {
    let id = request_log::id(request);
    tracing::error!(id, %error, path = request_log::shown(request.path()), "a page could not be made");
    let settings = app
        .last_known_site()
        .map(|site| site.settings.clone())
        .unwrap_or_default();
    let locale = crate::view::locale::Locale::new(&settings.language, settings.time_zone, "");
    let (on_light, on_dark) = crate::view::colour::accents(&settings.accent);
    let page = FailurePage {
        texts: locale.texts(),
        lang: settings.language,
        site_name: settings.name,
        stylesheet: app.assets.reader_css_url(&on_light, &on_dark),
    };
    let mut response = HttpResponse::build(error.status());
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if error.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "5"));
    }
    match page.render() {
        Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "the page that says so could not be made either");
            response
                .content_type("text/plain; charset=utf-8")
                .body(locale.texts().server_error.clone())
        }
    }
}

/// How many stories a page of a list shows.
const PAGE_SIZE: i64 = 20;

/// A page of a list of stories.
struct StoryList {
    cards: Vec<Card>,
    pagination: Option<Pagination>,
    /// "1,234 stories"
    count: String,
    number: i64,
}

impl Desk<'_> {
    fn texts(&self) -> &'static Texts {
        self.site.locale.texts()
    }

    fn layout(&self, head: Head) -> Layout {
        Layout::new(self.app, &self.site, self.now, head)
    }

    /// The cards of the live ones among these articles, by id.
    fn cards(&mut self, ids: &[i64]) -> Result<HashMap<i64, models::article::Card>> {
        Ok(models::article::cards(
            self.conn,
            ids,
            self.now.naive_utc(),
        )?)
    }

    /// Which page of a list was asked for. Only pages that there could be: 404 otherwise.
    fn page_number(&self) -> Result<i64> {
        let mut number = 1;
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if name == "page" {
                let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                number = value
                    .parse()
                    .ok()
                    .filter(|n| plain && *n > 0)
                    .ok_or(Error::NotFound)?;
                // The first page has one address.
                if number == 1 || value.starts_with('0') {
                    return Err(Error::Moved(pagination::url(&self.path, number)));
                }
            }
        }
        Ok(number)
    }

    /// The page that was asked for of a river, or of the part of it that lies in `period`.
    fn list(&mut self, source: river::Source, period: river::Period) -> Result<StoryList> {
        Ok(self.list_and_cards(source, period, &[])?.0)
    }

    /// The same, and the cards of `others` that the page shows besides: one query brings all.
    fn list_and_cards(
        &mut self,
        source: river::Source,
        period: river::Period,
        others: &[i64],
    ) -> Result<(StoryList, HashMap<i64, models::article::Card>)> {
        let number = self.page_number()?;
        let now = self.now.naive_utc();
        let time_zone = self.site.locale.time_zone();
        let page = river::page(self.conn, source, period, time_zone, now, number, PAGE_SIZE)?
            .ok_or(Error::NotFound)?;
        let ids: Vec<i64> = page.article_ids.iter().chain(others).copied().collect();
        let cards = self.cards(&ids)?;
        let locale = &self.site.locale;
        let list = StoryList {
            cards: page
                .article_ids
                .iter()
                .filter_map(|id| cards.get(id))
                .map(|card| Card::new(card, &self.site, Place::Thumbnail))
                .collect(),
            pagination: Pagination::new(&self.site, &self.path, number, page.pages),
            count: locale.count(&locale.texts().stories, page.entries),
            number,
        };
        Ok((list, cards))
    }

    /// A list's title with the number of the page, if it is not the first.
    fn title_of_page(&self, title: &str, number: i64) -> String {
        if number == 1 {
            return title.to_owned();
        }
        let number = self.site.locale.number(number);
        format!("{title} – {}", fill(&self.texts().page, &[("n", &number)]))
    }
}

/// The first `limit` cards of `ids` that are there and that no earlier call took.
fn take<'c>(
    cards: &'c HashMap<i64, models::article::Card>,
    ids: &[i64],
    taken: &mut HashSet<i64>,
    limit: usize,
) -> Vec<&'c models::article::Card> {
    let mut chosen = Vec::with_capacity(limit);
    for card in ids.iter().filter_map(|id| cards.get(id)) {
        if chosen.len() == limit {
            break;
        }
        if taken.insert(card.id) {
            chosen.push(card);
        }
    }
    chosen
}
