//! Every URL of the site.

use actix_web::{HttpResponse, Route, guard, web};

use crate::{app::App, reader, web::assets, web::media_file};

/// Pages with a path of their own. All others are looked up in the database.
const FIXED_PAGES: [&str; 8] = [
    "/",
    "/latest",
    "/authors",
    "/archive",
    "/search",
    "/most-popular",
    "/most-popular/week",
    "/most-popular/ever",
];

/// Whether a path is that of a page which is there without an address in the database.
pub fn is_fixed_page(path: &str) -> bool {
    let is_date = || {
        let parts: Vec<&str> = path[1..].split('/').collect();
        let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() <= 3 && digits(parts[0], 4) && parts[1..].iter().all(|part| digits(part, 2))
    };
    FIXED_PAGES.contains(&path) || is_date()
}

/// For everybody.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", page().to(reader::home))
        .route("/latest", page().to(reader::latest))
        .route("/authors", page().to(reader::authors))
        .route("/search", page().to(reader::search))
        .route("/most-popular", page().to(reader::popular_day))
        .route("/most-popular/week", page().to(reader::popular_week))
        .route("/most-popular/ever", page().to(reader::popular_ever))
        .route("/archive", page().to(reader::archive))
        .route(r"/{year:\d{4}}", page().to(reader::year))
        .route(r"/{year:\d{4}}/{month:\d{2}}", page().to(reader::month))
        .route(
            r"/{year:\d{4}}/{month:\d{2}}/{day:\d{2}}",
            page().to(reader::day),
        )
        .route("/assets/{file:.*}", page().to(assets::show))
        .route("/media/{file}", page().to(media_file::show))
        .route("/healthz", page().to(alive))
        .route("/readyz", page().to(ready))
        .service(
            web::resource("/{path:.*}")
                .route(page().to(reader::address))
                .default_service(web::to(only_reading)),
        );
}

/// What answers GET and HEAD.
fn page() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Readers' pages are read, and nothing else.
async fn only_reading() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header(("Allow", "GET, HEAD"))
        .finish()
}

/// `GET /healthz`: the process lives.
async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .body("alive\n")
}

/// `GET /readyz`: the database answers.
async fn ready(app: web::Data<App>) -> HttpResponse {
    let no_store = ("Cache-Control", "no-store");
    match app.db.read(|conn| Ok(crate::db::site_version(conn)?)).await {
        Ok(_) => HttpResponse::Ok().insert_header(no_store).body("ready\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            HttpResponse::ServiceUnavailable()
                .insert_header(no_store)
                .body("the database does not answer\n")
        }
    }
}
