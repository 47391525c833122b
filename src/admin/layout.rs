//! The layout of admin pages: menu, notice and user.

use askama::{Template, filters::HtmlSafe};

use super::{StaffRequest, labels};
use crate::{
    db::types::UserRole,
    locale::{Newsroom, NewsroomLayout},
    web::session,
};

/// An entry of the menu.
pub struct Entry {
    pub text: &'static str,
    pub path: &'static str,
    pub current: bool,
}

/// A group of the menu.
pub struct Group {
    pub title: &'static str,
    pub entries: Vec<Entry>,
}

/// The data of `layouts/admin.html`.
pub struct Layout {
    pub title: String,
    pub site_name: String,
    pub user_name: String,
    pub user_id: i64,
    /// The language and the direction of the admin interface.
    pub lang: String,
    pub direction: &'static str,
    pub texts: &'static Newsroom,
    /// Of the published content.
    pub content_lang: String,
    pub content_dir: &'static str,
    pub user_role: &'static str,
    pub menu: Vec<Group>,
    /// The result of the last action; shown once.
    pub notice: Option<String>,
    /// The value of `<input name="csrf">`.
    pub csrf: String,
    pub stylesheet: String,
    /// The script that every page loads.
    pub script: String,
    pub icon: String,
    pub font: String,
}

/// An entry of [`MENU`]: text, path, and the lowest role that sees it.
type MenuEntry = (MenuText, &'static str, UserRole);
type MenuText = fn(&NewsroomLayout) -> &'static str;

/// The menu by group.
const MENU: &[(MenuText, &[MenuEntry])] = &[
    (
        |texts| texts.write,
        &[
            (|texts| texts.dashboard, "/admin", UserRole::Contributor),
            (
                |texts| texts.articles,
                "/admin/articles",
                UserRole::Contributor,
            ),
            (
                |texts| texts.calendar,
                "/admin/calendar",
                UserRole::Contributor,
            ),
            (|texts| texts.media, "/admin/media", UserRole::Contributor),
        ],
    ),
    (
        |texts| texts.arrange,
        &[
            (|texts| texts.edition, "/admin/edition", UserRole::Editor),
            (|texts| texts.sections, "/admin/sections", UserRole::Editor),
            (|texts| texts.topics, "/admin/topics", UserRole::Editor),
            (|texts| texts.authors, "/admin/authors", UserRole::Editor),
            (|texts| texts.pages, "/admin/pages", UserRole::Editor),
            (|texts| texts.menus, "/admin/menus", UserRole::Editor),
            (
                |texts| texts.redirects,
                "/admin/redirects",
                UserRole::Editor,
            ),
        ],
    ),
    (
        |texts| texts.run,
        &[
            (|texts| texts.history, "/admin/history", UserRole::Editor),
            (|texts| texts.users, "/admin/users", UserRole::Admin),
            (|texts| texts.import, "/admin/import", UserRole::Admin),
            (|texts| texts.settings, "/admin/settings", UserRole::Admin),
        ],
    ),
];

impl StaffRequest {
    /// The layout of a page. `path` is the current menu entry.
    pub fn layout(&self, title: &str, path: &str) -> Layout {
        Layout::new(self, title, path)
    }
}

impl Layout {
    pub fn menu_bar(&self) -> MenuBar<'_> {
        MenuBar { layout: self }
    }

    fn new(request: &StaffRequest, title: &str, path: &str) -> Self {
        let texts = request.texts();
        let menu = MENU
            .iter()
            .map(|(title, entries)| Group {
                title: title(&texts.layout),
                entries: entries
                    .iter()
                    .filter(|(_, _, role)| request.may(*role))
                    .map(|(text, entry_path, _)| Entry {
                        text: text(&texts.layout),
                        path: entry_path,
                        current: *entry_path == path,
                    })
                    .collect(),
            })
            .filter(|group| !group.entries.is_empty())
            .collect();
        let assets = &request.app.assets;
        Self {
            title: title.to_owned(),
            site_name: request.site.settings.name.clone(),
            user_name: request.user.name.clone(),
            user_id: request.user.id,
            lang: request.locale.tag().to_owned(),
            direction: request.locale.texts().direction,
            texts,
            content_lang: request.site.settings.language.clone(),
            content_dir: request.site.locale.texts().direction,
            user_role: labels::role(texts, request.user.role),
            menu,
            notice: session::notice(&request.app, &request.http),
            csrf: request.forms_token.clone(),
            stylesheet: assets.url("css/admin.css").to_owned(),
            script: assets.url("js/admin.js").to_owned(),
            icon: assets.url("icons/icon.svg").to_owned(),
            font: assets.url("fonts/newsreader-core.woff2").to_owned(),
        }
    }
}

/// The bar and the menu of every page: compiled once, whereas the layout is compiled with each page.
#[derive(Template)]
#[template(path = "components/menu_bar.html")]
pub struct MenuBar<'a> {
    layout: &'a Layout,
}

impl HtmlSafe for MenuBar<'_> {}
