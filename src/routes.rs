//! Every URL of the site, grouped by who may call it.

use std::future::Future;

use actix_web::{HttpRequest, HttpResponse, Resource, Route, guard, web};
use serde::de::DeserializeOwned;

use crate::{
    admin::{self, Newsroom, Posted, WithFiles},
    app::App,
    db::types::UserRole,
    error::Result,
    reader,
    web::assets,
    web::media_file,
};

/// Pages with a path of their own. All others are looked up in the database.
const FIXED_PAGES: [&str; 17] = [
    "/",
    "/feed.xml",
    "/feed.atom",
    "/feed.json",
    "/sitemap.xml",
    "/robots.txt",
    "/humans.txt",
    "/site.webmanifest",
    "/favicon.ico",
    "/latest",
    "/authors",
    "/archive",
    "/corrections",
    "/search",
    "/most-popular",
    "/most-popular/week",
    "/most-popular/ever",
];

/// What stands below these is the program's own.
const OWN_FOLDERS: [&str; 9] = [
    "admin",
    "assets",
    "media",
    "healthz",
    "readyz",
    "preview",
    "share",
    "sitemaps",
    ".well-known",
];

/// Whether nothing that the newsroom makes may have this path: a page that is always there has it,
/// or the program needs it.
pub fn is_reserved(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    OWN_FOLDERS.contains(&first) || is_fixed_page(path) || reader::is_feed(path)
}

/// Whether a path is that of a page which is there without an address in the database.
pub fn is_fixed_page(path: &str) -> bool {
    let is_date = || {
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() <= 3 && digits(parts[0], 4) && parts[1..].iter().all(|part| digits(part, 2))
    };
    FIXED_PAGES.contains(&path) || is_date()
}

/// The whole site.
pub fn configure(config: &mut web::ServiceConfig) {
    // First, or the patterns of all other routes would be tried for every article.
    config.service(addresses().guard(guard::fn_guard(|asked| {
        !is_reserved(asked.head().uri.path())
    })));
    way_in(config);
    newsroom(&mut Rooms::new(config));
    readers(config);
}

/// What is answered to those who watch over the process, on an address of its own.
pub fn operations(config: &mut web::ServiceConfig) {
    config
        .route("/metrics", page().to(metrics))
        .route("/healthz", page().to(alive))
        .route("/readyz", page().to(ready));
}

/// `GET /metrics`
async fn metrics(app: web::Data<App>) -> HttpResponse {
    match crate::metrics::text(&app).await {
        Ok(text) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .insert_header(("Cache-Control", "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The dashboard and one's own account.
fn account(rooms: &mut Rooms<'_>) {
    rooms
        .needing(UserRole::Contributor)
        .page("/admin", admin::dashboard)
        .form("/admin/logout", admin::log_out)
        .page("/admin/account", admin::account)
        .form("/admin/account", admin::account_update)
        .form("/admin/account/password", admin::change_password)
        .form("/admin/account/sessions/end", admin::end_session)
        .form(
            "/admin/account/sessions/end-others",
            admin::end_other_sessions,
        )
        .page("/admin/account/second-factor", admin::second_factor)
        .form("/admin/account/second-factor", admin::second_factor_on)
        .form("/admin/account/second-factor/off", admin::second_factor_off)
        .form("/admin/account/recovery-codes", admin::new_recovery_codes);
}

/// What the newsroom writes: articles, pictures.
fn writing(rooms: &mut Rooms<'_>) {
    // Before the articles' own addresses, which would take it for one.
    rooms
        .needing(UserRole::Editor)
        .form("/admin/articles/bulk", admin::change_articles);
    rooms
        .needing(UserRole::Contributor)
        .page("/admin/articles", admin::articles)
        .page("/admin/articles.json", admin::pick_articles)
        .page("/admin/articles/new", admin::new_article)
        .form("/admin/articles/new", admin::create_article)
        .page("/admin/articles/{id}", admin::edit_article)
        .form("/admin/articles/{id}", admin::save_article)
        .form("/admin/articles/{id}/presence.json", admin::note_presence)
        .form("/admin/articles/{id}/leave.json", admin::leave_article)
        .page("/admin/articles/{id}/preview", preview)
        .page("/admin/articles/{id}/preview-links", admin::preview_links)
        .form(
            "/admin/articles/{id}/preview-links",
            admin::make_preview_link,
        )
        .form(
            "/admin/articles/{id}/preview-links/revoke",
            admin::revoke_preview_link,
        )
        .page("/admin/articles/{id}/revisions", admin::revisions)
        .page("/admin/articles/{id}/revisions/{revision}", admin::revision)
        .form(
            "/admin/articles/{id}/revisions/{revision}/restore",
            admin::restore_revision,
        )
        .page("/admin/articles/{id}/publish", admin::ask_to_publish)
        .form("/admin/articles/{id}/review", admin::review)
        .form("/admin/articles/{id}/send-back", admin::send_back)
        .form("/admin/articles/{id}/trash", admin::trash)
        .form("/admin/articles/{id}/restore", admin::restore_article)
        .page("/admin/articles/{id}/corrections", admin::corrections);
    rooms
        .needing(UserRole::Author)
        .form("/admin/articles/{id}/publish", admin::publish)
        .form("/admin/articles/{id}/unpublish", admin::unpublish)
        .form("/admin/articles/{id}/corrections", admin::add_correction)
        .form(
            "/admin/articles/{id}/corrections/remove",
            admin::remove_correction,
        );
    rooms
        .needing(UserRole::Contributor)
        .page("/admin/calendar", admin::calendar)
        .page("/admin/media", admin::media)
        .upload("/admin/media", admin::add_media)
        .page("/admin/media.json", admin::media_json)
        .upload("/admin/media.json", admin::take_media_json)
        .page("/admin/media/{id}", admin::media_item)
        .form("/admin/media/{id}", admin::describe_media);
    rooms
        .needing(UserRole::Editor)
        .upload("/admin/media/{id}/replace", admin::replace_media)
        .form("/admin/media/{id}/delete", admin::delete_media);
}

/// Every page of the newsroom, and what each needs.
fn newsroom(rooms: &mut Rooms<'_>) {
    account(rooms);
    writing(rooms);
    manage(rooms);
    // What the pages above do not match.
    rooms
        .needing(UserRole::Contributor)
        .page("/admin/{rest:.*}", admin::nowhere);
}

/// The newsroom's preview, which is a readers' page: this is where the two meet.
async fn preview(desk: Newsroom) -> Result<HttpResponse> {
    admin::preview(desk, |conn, app, article_id| {
        let preview = reader::render_preview(conn, app, article_id)?;
        Ok((preview.html, preview.policy))
    })
    .await
}

/// What the newsroom manages: edition, sections, topics, authors, pages, menus, redirects, users,
/// settings.
fn manage(rooms: &mut Rooms<'_>) {
    rooms
        .needing(UserRole::Editor)
        .page("/admin/edition", admin::edition)
        .form("/admin/edition", admin::update_edition)
        .page("/admin/history", admin::history)
        .page("/admin/authors", admin::authors)
        .form("/admin/authors", admin::add_author)
        .page("/admin/authors/new", admin::new_author)
        .form("/admin/authors/{id}/delete", admin::delete_author)
        .page("/admin/menus", admin::menus)
        .form("/admin/menus", admin::save_menus)
        .page("/admin/pages", admin::pages)
        .form("/admin/pages", admin::add_page)
        .page("/admin/pages/new", admin::new_page)
        .page("/admin/pages/{id}", admin::page)
        .form("/admin/pages/{id}", admin::change_page)
        .form("/admin/pages/{id}/delete", admin::delete_page)
        .page("/admin/redirects", admin::redirects)
        .form("/admin/redirects", admin::add_redirect)
        .form("/admin/redirects/delete", admin::delete_redirect)
        .form("/admin/redirects/forget", admin::forget_missing_path);
    // The handlers let somebody below an editor in only to the author that they are.
    rooms
        .needing(UserRole::Contributor)
        .page("/admin/authors/{id}", admin::author)
        .form("/admin/authors/{id}", admin::change_author);
    rooms
        .needing(UserRole::Editor)
        .page("/admin/topics", admin::topics)
        .form("/admin/topics", admin::add_topic)
        .page("/admin/topics/new", admin::new_topic)
        .page("/admin/topics/{id}", admin::topic)
        .form("/admin/topics/{id}", admin::change_topic)
        .form("/admin/topics/{id}/merge", admin::merge_topic)
        .form("/admin/topics/{id}/delete", admin::delete_topic);
    rooms
        .needing(UserRole::Editor)
        .page("/admin/sections", admin::sections)
        .form("/admin/sections", admin::add_section)
        .page("/admin/sections/new", admin::new_section)
        .page("/admin/sections/{id}", admin::section)
        .form("/admin/sections/{id}", admin::change_section)
        .form("/admin/sections/{id}/shift", admin::shift_section)
        .form("/admin/sections/{id}/delete", admin::delete_section);
    rooms
        .needing(UserRole::Admin)
        .page("/admin/import", admin::imports)
        .upload("/admin/import", admin::begin_import)
        .page("/admin/import/{id}", admin::import)
        .page("/admin/import/{id}/progress.json", admin::import_progress)
        .page("/admin/import/{id}/report.json", admin::import_report)
        .form("/admin/import/{id}/stop", admin::stop_import)
        .page("/admin/settings", admin::settings)
        .form("/admin/settings", admin::save_settings)
        .page("/admin/users", admin::users)
        .form("/admin/users", admin::add_user)
        .page("/admin/users/new", admin::new_user)
        .page("/admin/users/{id}", admin::user)
        .form("/admin/users/{id}", admin::change_user)
        .form("/admin/users/{id}/link", admin::make_user_link)
        .form("/admin/users/{id}/sessions/end", admin::end_user_sessions)
        .form(
            "/admin/users/{id}/second-factor/off",
            admin::take_second_factor,
        );
}

/// The way into the newsroom, for those who have not logged in.
fn way_in(config: &mut web::ServiceConfig) {
    config
        .route("/admin/login", stranger(admin::login))
        .route("/admin/login", strangers_form(admin::log_in))
        .route("/admin/login/code", stranger(admin::login_code))
        .route("/admin/login/code", strangers_form(admin::log_in_with_code))
        .route("/admin/password", stranger(admin::forgotten_password))
        .route("/admin/password", strangers_form(admin::send_reset_link))
        .route("/admin/password/{link}", stranger(admin::new_password))
        .route(
            "/admin/password/{link}",
            strangers_form(admin::set_new_password),
        );
}

/// For everybody.
fn readers(config: &mut web::ServiceConfig) {
    config
        .route("/", page().to(reader::home))
        .route("/feed.xml", page().to(reader::feed_rss))
        .route("/feed.atom", page().to(reader::feed_atom))
        .route("/feed.json", page().to(reader::feed_json))
        .route("/sitemap.xml", page().to(reader::sitemap_index))
        .route("/sitemaps/{file}", page().to(reader::sitemap_file))
        .route("/robots.txt", page().to(reader::robots))
        .route("/humans.txt", page().to(reader::humans))
        .route("/site.webmanifest", page().to(reader::manifest))
        .route("/favicon.ico", page().to(reader::favicon))
        .route("/.well-known/security.txt", page().to(reader::security_txt))
        .route("/latest", page().to(reader::latest))
        .route("/authors", page().to(reader::authors))
        .route("/corrections", page().to(reader::corrections))
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
        .route("/share/{file}", page().to(reader::share_picture))
        .route("/preview/{link}", page().to(reader::linked_preview))
        .route("/healthz", page().to(alive))
        .route("/readyz", page().to(ready))
        // What stands where no page of ours is.
        .service(addresses());
}

/// What the newsroom gave an address, and whatever else is nowhere.
fn addresses() -> Resource {
    web::resource("/{path:.*}")
        .route(page().to(reader::address))
        .default_service(web::to(only_reading))
}

/// A route of the newsroom, as tests walk them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub method: &'static str,
    pub path: &'static str,
    pub needs: UserRole,
}

/// Every route of the newsroom with the role that it needs.
pub fn newsroom_routes() -> Vec<Listed> {
    let mut listed = Vec::new();
    // Building an application is what makes a configuration; it is thrown away.
    let _ = actix_web::App::new().configure(|config| {
        let mut rooms = Rooms::new(config);
        newsroom(&mut rooms);
        listed = rooms.listed;
    });
    listed
}

/// Takes the newsroom's routes down. There is no way to add one but through [`Rooms::needing`].
struct Rooms<'c> {
    config: &'c mut web::ServiceConfig,
    listed: Vec<Listed>,
}

impl<'c> Rooms<'c> {
    fn new(config: &'c mut web::ServiceConfig) -> Self {
        Self {
            config,
            listed: Vec::new(),
        }
    }

    /// The routes that need this role.
    fn needing(&mut self, role: UserRole) -> Room<'_, 'c> {
        Room { rooms: self, role }
    }
}

/// Routes that need the same role.
struct Room<'r, 'c> {
    rooms: &'r mut Rooms<'c>,
    role: UserRole,
}

impl Room<'_, '_> {
    /// A page, or an answer to a script.
    fn page<H, F>(self, path: &'static str, handler: H) -> Self
    where
        H: Fn(Newsroom) -> F + Clone + 'static,
        F: Future<Output = Result<HttpResponse>> + 'static,
    {
        let needs = self.role;
        let route = page().to(move |request: HttpRequest| {
            let handler = handler.clone();
            admin::meet(request, needs, handler)
        });
        self.add("GET", path, route)
    }

    /// What a form is sent to.
    fn form<T, H, F>(self, path: &'static str, handler: H) -> Self
    where
        T: DeserializeOwned + 'static,
        H: Fn(Newsroom, Posted<T>) -> F + Clone + 'static,
        F: Future<Output = Result<HttpResponse>> + 'static,
    {
        let needs = self.role;
        let route = web::post().to(move |request: HttpRequest, payload: web::Payload| {
            let handler = handler.clone();
            admin::meet_form(request, payload, needs, handler)
        });
        self.add("POST", path, route)
    }

    /// What a form with files is sent to.
    fn upload<T, H, F>(self, path: &'static str, handler: H) -> Self
    where
        T: WithFiles + 'static,
        H: Fn(Newsroom, T) -> F + Clone + 'static,
        F: Future<Output = Result<HttpResponse>> + 'static,
    {
        let needs = self.role;
        let route = web::post().to(move |request: HttpRequest, payload: web::Payload| {
            let handler = handler.clone();
            admin::meet_files(request, payload, needs, handler)
        });
        self.add("POST", path, route)
    }

    fn add(self, method: &'static str, path: &'static str, route: Route) -> Self {
        self.rooms.config.route(path, route);
        self.rooms.listed.push(Listed {
            method,
            path,
            needs: self.role,
        });
        self
    }
}

/// A page for those who have not logged in.
fn stranger<H, F>(handler: H) -> Route
where
    H: Fn(web::Data<App>, HttpRequest) -> F + Clone + 'static,
    F: Future<Output = Result<HttpResponse>> + 'static,
{
    page().to(move |request: HttpRequest| {
        let handler = handler.clone();
        admin::meet_stranger(request, handler)
    })
}

/// What a form of theirs is sent to; the handler reads it with its token.
fn strangers_form<H, F>(handler: H) -> Route
where
    H: Fn(web::Data<App>, HttpRequest, web::Payload) -> F + Clone + 'static,
    F: Future<Output = Result<HttpResponse>> + 'static,
{
    web::post().to(move |request: HttpRequest, payload: web::Payload| {
        let handler = handler.clone();
        admin::meet_stranger(request, move |app, request| handler(app, request, payload))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_needs_is_reserved_and_nothing_else_whatever_is_asked_for() {
        for path in [
            "/",
            "/latest",
            "/2026",
            "/2026/11/26",
            "/admin",
            "/admin/articles/7",
            "/news/feed.xml",
            "/share/7.png",
        ] {
            assert!(is_reserved(path), "{path}");
        }
        // The last two are what CONNECT and OPTIONS ask for.
        for path in ["/news", "/2026/11/26/a-story", "/administration", "", "*"] {
            assert!(!is_reserved(path), "{path}");
        }
    }
}
