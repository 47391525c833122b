//! The layout of admin pages: menu, notice and user.

use super::StaffRequest;
use crate::{db::types::UserRole, web::session};

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
    /// Of the published content; the admin interface itself is in English.
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
type MenuEntry = (&'static str, &'static str, UserRole);

/// The menu by group.
const MENU: &[(&str, &[MenuEntry])] = &[
    (
        "Write",
        &[
            ("Dashboard", "/admin", UserRole::Contributor),
            ("Articles", "/admin/articles", UserRole::Contributor),
            ("Calendar", "/admin/calendar", UserRole::Contributor),
            ("Media", "/admin/media", UserRole::Contributor),
        ],
    ),
    (
        "Arrange",
        &[
            ("Edition", "/admin/edition", UserRole::Editor),
            ("Sections", "/admin/sections", UserRole::Editor),
            ("Topics", "/admin/topics", UserRole::Editor),
            ("Authors", "/admin/authors", UserRole::Editor),
            ("Pages", "/admin/pages", UserRole::Editor),
            ("Menus", "/admin/menus", UserRole::Editor),
            ("Redirects", "/admin/redirects", UserRole::Editor),
        ],
    ),
    (
        "Run",
        &[
            ("History", "/admin/history", UserRole::Editor),
            ("Users", "/admin/users", UserRole::Admin),
            ("Import", "/admin/import", UserRole::Admin),
            ("Settings", "/admin/settings", UserRole::Admin),
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
    fn new(request: &StaffRequest, title: &str, path: &str) -> Self {
        let menu = MENU
            .iter()
            .map(|(title, entries)| Group {
                title,
                entries: entries
                    .iter()
                    .filter(|(_, _, role)| request.may(*role))
                    .map(|(text, entry_path, _)| Entry {
                        text,
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
            content_lang: request.site.settings.language.clone(),
            content_dir: &request.site.locale.texts().direction,
            user_role: request.user.role.as_str(),
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
