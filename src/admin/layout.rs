//! What surrounds every page of the newsroom: menu, notice, who is logged in.

use super::Newsroom;
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

pub struct Layout {
    pub title: String,
    pub site_name: String,
    pub user_name: String,
    pub user_id: i64,
    /// Of what the newspaper says, as against what the newsroom does.
    pub content_lang: String,
    pub content_dir: &'static str,
    pub user_role: &'static str,
    pub menu: Vec<Group>,
    /// What has just been done, told once.
    pub notice: Option<String>,
    /// For `<input name="csrf">`.
    pub csrf: String,
    pub stylesheet: String,
    /// Every page's script.
    pub script: String,
    pub icon: String,
    pub font: String,
}

/// Text and path of an entry, and the role that sees it.
type MenuEntry = (&'static str, &'static str, UserRole);

/// The menu, by group.
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

impl Layout {
    pub(super) fn new(desk: &Newsroom, title: &str, path: &str) -> Self {
        let menu = MENU
            .iter()
            .map(|(title, entries)| Group {
                title,
                entries: entries
                    .iter()
                    .filter(|(_, _, role)| desk.may(*role))
                    .map(|(text, entry_path, _)| Entry {
                        text,
                        path: entry_path,
                        current: *entry_path == path,
                    })
                    .collect(),
            })
            .filter(|group| !group.entries.is_empty())
            .collect();
        let assets = &desk.app.assets;
        Self {
            title: title.to_owned(),
            site_name: desk.site.settings.name.clone(),
            user_name: desk.user.name.clone(),
            user_id: desk.user.id,
            content_lang: desk.site.settings.language.clone(),
            content_dir: &desk.site.locale.texts().direction,
            user_role: desk.user.role.as_str(),
            menu,
            notice: session::notice(&desk.app, &desk.request),
            csrf: desk.forms_token.clone(),
            stylesheet: assets.url("css/admin.css").to_owned(),
            script: assets.url("js/admin.js").to_owned(),
            icon: assets.url("icons/icon.svg").to_owned(),
            font: assets.url("fonts/newsreader-core.woff2").to_owned(),
        }
    }
}
