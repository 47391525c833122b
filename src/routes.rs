//! All routes, grouped by who may request them.

use std::future::Future;

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route, guard,
    http::header::{HeaderName, HeaderValue},
    web,
};
use serde::de::DeserializeOwned;

use crate::{
    admin::{self, CsrfForm, StaffRequest, WithFiles},
    app::App,
    db::types::UserRole,
    error::Result,
    http_cache::{
        CachePolicy, HttpCache, PageContext, PageQuery, RenderedPage, respond_cached,
        respond_uncached,
    },
    ops,
    paths::is_reserved,
    reader,
    web::{media_file, visitor},
};

/// The whole site.
pub fn configure(config: &mut web::ServiceConfig) {
    // First: otherwise the patterns of all other routes would be tried for every article.
    config.service(addresses().guard(guard::fn_guard(|request| {
        !is_reserved(request.head().uri.path())
    })));
    login_routes(config);
    newsroom(&mut AdminRoutes::new(config));
    readers(config);
}

/// The routes for monitoring, on a separate address.
pub fn operations(config: &mut web::ServiceConfig) {
    config
        .route("/metrics", get().to(ops::metrics))
        .route("/healthz", get().to(ops::healthz))
        .route("/readyz", get().to(ops::readyz));
}

/// The dashboard, and the user's own account.
fn account(routes: &mut AdminRoutes<'_>) {
    routes
        .require_role(UserRole::Contributor)
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

/// Articles and pictures.
fn writing(routes: &mut AdminRoutes<'_>) {
    // Before `/admin/articles/{id}`, which would match it.
    routes
        .require_role(UserRole::Editor)
        .form("/admin/articles/bulk", admin::change_articles);
    routes
        .require_role(UserRole::Contributor)
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
    routes
        .require_role(UserRole::Author)
        .form("/admin/articles/{id}/publish", admin::publish)
        .form("/admin/articles/{id}/unpublish", admin::unpublish)
        .form("/admin/articles/{id}/corrections", admin::add_correction)
        .form(
            "/admin/articles/{id}/corrections/remove",
            admin::remove_correction,
        );
    routes
        .require_role(UserRole::Contributor)
        .page("/admin/calendar", admin::calendar)
        .page("/admin/media", admin::media)
        .upload("/admin/media", admin::add_media)
        .page("/admin/media.json", admin::media_json)
        .upload("/admin/media.json", admin::take_media_json)
        .page("/admin/media/{id}", admin::media_item)
        .form("/admin/media/{id}", admin::describe_media);
    routes
        .require_role(UserRole::Editor)
        .upload("/admin/media/{id}/replace", admin::replace_media)
        .form("/admin/media/{id}/delete", admin::delete_media);
}

/// All routes of the newsroom with the roles that they require.
fn newsroom(routes: &mut AdminRoutes<'_>) {
    account(routes);
    writing(routes);
    manage(routes);
    // All other paths below `/admin`.
    routes
        .require_role(UserRole::Contributor)
        .page("/admin/{rest:.*}", admin::not_found);
}

/// The newsroom's preview, which is rendered as a reader page.
async fn preview(request: StaffRequest) -> Result<HttpResponse> {
    admin::preview(request, |conn, app, article_id| {
        let preview = reader::preview::render(conn, app, article_id)?;
        Ok((preview.html, preview.policy))
    })
    .await
}

/// Edition, sections, topics, authors, pages, menus, redirects, users, settings, imports.
fn manage(routes: &mut AdminRoutes<'_>) {
    routes
        .require_role(UserRole::Editor)
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
    // The handlers admit users below editor to their own author profile only.
    routes
        .require_role(UserRole::Contributor)
        .page("/admin/authors/{id}", admin::author)
        .form("/admin/authors/{id}", admin::change_author);
    routes
        .require_role(UserRole::Editor)
        .page("/admin/topics", admin::topics)
        .form("/admin/topics", admin::add_topic)
        .page("/admin/topics/new", admin::new_topic)
        .page("/admin/topics/{id}", admin::topic)
        .form("/admin/topics/{id}", admin::change_topic)
        .form("/admin/topics/{id}/merge", admin::merge_topic)
        .form("/admin/topics/{id}/delete", admin::delete_topic);
    routes
        .require_role(UserRole::Editor)
        .page("/admin/sections", admin::sections)
        .form("/admin/sections", admin::add_section)
        .page("/admin/sections/new", admin::new_section)
        .page("/admin/sections/{id}", admin::section)
        .form("/admin/sections/{id}", admin::change_section)
        .form("/admin/sections/{id}/shift", admin::shift_section)
        .form("/admin/sections/{id}/delete", admin::delete_section);
    routes
        .require_role(UserRole::Admin)
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

/// Login and password reset, for users who are not logged in.
fn login_routes(config: &mut web::ServiceConfig) {
    config
        .route("/admin/login", anonymous_page(admin::login))
        .route("/admin/login", anonymous_form(admin::log_in))
        .route("/admin/login/code", anonymous_page(admin::login_code))
        .route("/admin/login/code", anonymous_form(admin::log_in_with_code))
        .route("/admin/password", anonymous_page(admin::forgotten_password))
        .route("/admin/password", anonymous_form(admin::send_reset_link))
        .route(
            "/admin/password/{link}",
            anonymous_page(admin::new_password),
        )
        .route(
            "/admin/password/{link}",
            anonymous_form(admin::set_new_password),
        );
}

/// The pages for readers.
fn readers(config: &mut web::ServiceConfig) {
    use reader::*;
    config
        .route("/", page(home::CACHE, home::render))
        .route("/feed.xml", page(feed::CACHE, feed::rss))
        .route("/feed.atom", page(feed::CACHE, feed::atom))
        .route("/feed.json", page(feed::CACHE, feed::json))
        .route("/sitemap.xml", page(sitemap::CACHE, sitemap::index))
        .route(
            "/sitemaps/news.xml",
            page(sitemap::NEWS_CACHE, sitemap::news),
        )
        .route("/sitemaps/{file}", page(sitemap::CACHE, sitemap::file))
        .route("/robots.txt", page(well_known::CACHE, well_known::robots))
        .route("/humans.txt", page(well_known::CACHE, well_known::humans))
        .route(
            "/site.webmanifest",
            page(well_known::CACHE, well_known::manifest),
        )
        .route("/favicon.ico", get().to(well_known::favicon))
        .route(
            "/.well-known/security.txt",
            page(well_known::CACHE, well_known::security),
        )
        .route("/latest", page(latest::CACHE, latest::render))
        .route("/authors", page(authors::CACHE, authors::render))
        .route(
            "/corrections",
            page(corrections::CACHE, corrections::render),
        )
        .route("/search", get().to(search))
        .route(
            "/most-popular",
            page(most_popular::CACHE, most_popular::day),
        )
        .route(
            "/most-popular/week",
            page(most_popular::CACHE, most_popular::week),
        )
        .route(
            "/most-popular/ever",
            page(most_popular::CACHE, most_popular::ever),
        )
        .route("/archive", page(archive::CACHE, archive::render))
        .route(r"/{year:\d{4}}", page(archive::CACHE, archive::render))
        .route(
            r"/{year:\d{4}}/{month:\d{2}}",
            page(archive::CACHE, archive::render),
        )
        .route(
            r"/{year:\d{4}}/{month:\d{2}}/{day:\d{2}}",
            page(archive::CACHE, archive::render),
        )
        .route(
            "/share/{file}",
            page(share_picture::CACHE, share_picture::render),
        )
        .route("/preview/{link}", get().to(linked_preview))
        .route("/assets/{file:.*}", get().to(asset::show))
        .route("/media/{file}", get().to(media_file::show))
        .route("/healthz", get().to(ops::healthz))
        .route("/readyz", get().to(ops::readyz))
        // All paths that no route above matches.
        .service(addresses());
}

/// Addresses from the database, and 404 for all other paths.
fn addresses() -> Resource {
    web::resource("/{path:.*}")
        .route(page(reader::address::CACHE, reader::address::render))
        .default_service(web::to(method_not_allowed))
}

/// The route of a reader page with its cache policy.
fn page<Q: PageQuery>(
    policy: CachePolicy<Q>,
    render: fn(&mut PageContext<'_>, Q) -> Result<RenderedPage>,
) -> Route {
    get().to(move |cache: web::Data<HttpCache>, request: HttpRequest| {
        respond_cached(cache, request, policy, render)
    })
}

/// `GET /search`
async fn search(cache: web::Data<HttpCache>, request: HttpRequest) -> HttpResponse {
    let is_person = visitor::is_person(&cache.app, request.head());
    respond_uncached(cache, request, reader::search::CACHE, move |ctx, query| {
        reader::search::render(ctx, query, is_person)
    })
    .await
}

/// `GET /preview/{link}`
async fn linked_preview(cache: web::Data<HttpCache>, request: HttpRequest) -> HttpResponse {
    let policy = reader::preview::CACHE;
    let mut response = respond_uncached(cache, request, policy, reader::preview::linked).await;
    for (name, value) in reader::preview::HEADERS {
        response.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

/// A route of the newsroom, for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub method: &'static str,
    pub path: &'static str,
    pub needs: UserRole,
}

/// All routes of the newsroom with the roles that they require.
pub fn newsroom_routes() -> Vec<Listed> {
    let mut listed = Vec::new();
    // Only building an application yields a `ServiceConfig`; the application is dropped.
    let _ = actix_web::App::new().configure(|config| {
        let mut routes = AdminRoutes::new(config);
        newsroom(&mut routes);
        listed = routes.listed;
    });
    listed
}

/// Registers the routes of the newsroom. [`AdminRoutes::require_role`] is the only way to add one.
struct AdminRoutes<'c> {
    config: &'c mut web::ServiceConfig,
    listed: Vec<Listed>,
}

impl<'c> AdminRoutes<'c> {
    fn new(config: &'c mut web::ServiceConfig) -> Self {
        Self {
            config,
            listed: Vec::new(),
        }
    }

    /// Begins routes that require this role.
    fn require_role(&mut self, role: UserRole) -> RoleScope<'_, 'c> {
        RoleScope { routes: self, role }
    }
}

/// Routes that require the same role.
struct RoleScope<'r, 'c> {
    routes: &'r mut AdminRoutes<'c>,
    role: UserRole,
}

impl RoleScope<'_, '_> {
    /// A page, or JSON for a script.
    fn page<H, F>(self, path: &'static str, handler: H) -> Self
    where
        H: Fn(StaffRequest) -> F + Clone + 'static,
        F: Future<Output = Result<HttpResponse>> + 'static,
    {
        let needs = self.role;
        let route = get().to(move |request: HttpRequest| {
            let handler = handler.clone();
            admin::handle(request, needs, handler)
        });
        self.add("GET", path, route)
    }

    /// The target of a form.
    fn form<T, H, F>(self, path: &'static str, handler: H) -> Self
    where
        T: DeserializeOwned + 'static,
        H: Fn(StaffRequest, CsrfForm<T>) -> F + Clone + 'static,
        F: Future<Output = Result<HttpResponse>> + 'static,
    {
        let needs = self.role;
        let route = web::post().to(move |request: HttpRequest, payload: web::Payload| {
            let handler = handler.clone();
            admin::handle_form(request, payload, needs, handler)
        });
        self.add("POST", path, route)
    }

    /// The target of a form with files.
    fn upload<T, H, F>(self, path: &'static str, handler: H) -> Self
    where
        T: WithFiles + 'static,
        H: Fn(StaffRequest, T) -> F + Clone + 'static,
        F: Future<Output = Result<HttpResponse>> + 'static,
    {
        let needs = self.role;
        let route = web::post().to(move |request: HttpRequest, payload: web::Payload| {
            let handler = handler.clone();
            admin::handle_upload(request, payload, needs, handler)
        });
        self.add("POST", path, route)
    }

    fn add(self, method: &'static str, path: &'static str, route: Route) -> Self {
        self.routes.config.route(path, route);
        self.routes.listed.push(Listed {
            method,
            path,
            needs: self.role,
        });
        self
    }
}

/// A page for users who are not logged in.
fn anonymous_page<H, F>(handler: H) -> Route
where
    H: Fn(web::Data<App>, HttpRequest) -> F + Clone + 'static,
    F: Future<Output = Result<HttpResponse>> + 'static,
{
    get().to(move |request: HttpRequest| {
        let handler = handler.clone();
        admin::handle_anonymous(request, handler)
    })
}

/// The target of a form for users who are not logged in. The handler reads the form and checks its token.
fn anonymous_form<H, F>(handler: H) -> Route
where
    H: Fn(web::Data<App>, HttpRequest, web::Payload) -> F + Clone + 'static,
    F: Future<Output = Result<HttpResponse>> + 'static,
{
    web::post().to(move |request: HttpRequest, payload: web::Payload| {
        let handler = handler.clone();
        admin::handle_anonymous(request, move |app, request| handler(app, request, payload))
    })
}

/// A route for GET and HEAD.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Reader pages accept GET and HEAD only.
async fn method_not_allowed() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header(("Allow", "GET, HEAD"))
        .finish()
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test};

    use super::*;
    use crate::paths::FIXED_PAGES;

    #[actix_web::test]
    async fn every_fixed_page_has_a_route() {
        let app = test::init_service(App::new().configure(readers)).await;
        for fixed in &FIXED_PAGES {
            let request = test::TestRequest::with_uri(fixed.path).to_request();
            let response = test::call_service(&app, request).await;
            let pattern = response.request().match_pattern();
            assert_eq!(pattern.as_deref(), Some(fixed.path));
        }
    }
}
