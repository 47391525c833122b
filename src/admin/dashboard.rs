//! The dashboard: what is being read, what is due, what waits, what was done last.

use actix_web::HttpResponse;
use askama::Template;

use super::{Layout, Newsroom};
use crate::{error::Result, models::history};

/// How many of the last changes are shown.
const CHANGES: i64 = 12;

#[derive(Template)]
#[template(path = "admin/dashboard.html")]
struct DashboardPage {
    layout: Layout,
    changes: Vec<Change>,
}

/// Something that somebody did.
struct Change {
    who: String,
    what: String,
    when: String,
}

/// `GET /admin`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let changes = desk
        .read(|conn| Ok(history::newest(conn, CHANGES)?))
        .await?;
    desk.page(&DashboardPage {
        layout: desk.layout("Dashboard", "/admin"),
        changes: changes
            .into_iter()
            .map(|event| Change {
                who: event.who,
                what: format!("{} {} “{}”", event.action, event.kind, event.object),
                when: desk.locale.date_and_time(event.made_at.and_utc()),
            })
            .collect(),
    })
}
