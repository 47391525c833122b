//! The layout of public pages: head, nameplate, menus, footer.

use std::borrow::Cow;

use askama::{Template, filters::HtmlSafe};
use chrono::{DateTime, Utc};

use super::{
    Link,
    json_ld::JsonLd,
    picture::{Picture, Place},
    share,
};
use crate::{
    assets::Assets,
    db::types::Menu,
    locale::Texts,
    site::Site,
    text::{Translation, visible},
};

/// The metadata of a page.
#[derive(Default)]
pub struct Head {
    pub title: String,
    /// Replaces the title in search results unless empty.
    pub search_title: String,
    pub description: String,
    /// The canonical path.
    pub canonical: String,
    /// Asks search engines not to index the page.
    pub noindex: bool,
    /// The Open Graph type; `website` if `None`.
    pub kind: Option<&'static str>,
    pub image: Option<Image>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub authors: Vec<String>,
    /// All translations including this page; empty if there are none.
    pub languages: Vec<Translation>,
    /// The breadcrumb trail; empty on the front page.
    pub breadcrumb: Vec<Link>,
    pub json_ld: Vec<JsonLd>,
    /// The path of the section that is current in the menu.
    pub open_section: Option<String>,
    /// The path of the section, author or topic of this page, which has its own feeds.
    pub feeds_of: Option<String>,
}

impl Head {
    /// Removes invisible characters, which would show in search results and link previews.
    fn without_invisible(&mut self) {
        let alt = self.image.as_mut().map(|image| &mut image.alt);
        [
            &mut self.title,
            &mut self.search_title,
            &mut self.description,
        ]
        .into_iter()
        .chain(alt)
        .for_each(|text| {
            if let Cow::Owned(shown) = visible(text) {
                *text = shown;
            }
        });
    }
}

/// The preview picture of a page.
pub struct Image {
    pub url: String,
    pub width: i32,
    pub height: i32,
    pub alt: String,
}

pub struct MenuLink {
    pub text: String,
    pub url: String,
    pub current: bool,
}

/// The child sections of the current section or of the one above it.
pub struct Submenu {
    pub section: String,
    pub links: Vec<MenuLink>,
}

/// A section in the footer, with its children.
pub struct Directory {
    pub section: Link,
    pub children: Vec<Link>,
}

pub struct BreakingBar {
    pub text: String,
    pub url: String,
}

pub struct Layout {
    pub texts: &'static Texts,
    pub lang: String,
    pub site_name: String,
    pub tagline: String,
    pub logo: Option<Picture>,
    pub head: Head,
    /// The title of the page, followed by the name of the site.
    pub window_title: String,
    pub base_url: String,
    pub stylesheet: String,
    /// Preloaded.
    pub fonts: [String; 2],
    pub icon: String,
    pub today: String,
    pub is_front_page: bool,
    pub menu: Vec<MenuLink>,
    /// The current top-level section, if it has child sections.
    pub submenu: Option<Submenu>,
    pub footer_menu: Vec<Link>,
    pub directory: Vec<Directory>,
    pub social_links: Vec<Link>,
    pub follow_labels: Vec<String>,
    pub breaking: Option<BreakingBar>,
    pub copyright: String,
    pub accent: String,
}

impl Layout {
    pub fn new(
        assets: &Assets,
        base_url: &str,
        site: &Site,
        now: DateTime<Utc>,
        mut head: Head,
    ) -> Self {
        let settings = &site.settings;
        let site_name = visible(&settings.name).into_owned();
        let tagline = visible(&settings.tagline);
        head.without_invisible();
        if !head.breadcrumb.is_empty() {
            head.json_ld
                .push(JsonLd::breadcrumb(&head.breadcrumb, base_url));
        }
        if head.description.is_empty() {
            head.description = if head.title.is_empty() {
                site_name.clone()
            } else {
                format!("{} – {site_name}", head.title)
            };
        }
        let locale = &site.locale;
        let texts = locale.texts();
        let items = |menu: Menu| site.menu_items.iter().filter(move |item| item.menu == menu);
        let mut menu: Vec<MenuLink> = items(Menu::Header)
            .map(|item| menu_link(&item.label, &item.path, &head))
            .collect();
        // The default menu has the top-level sections.
        if menu.is_empty() {
            menu = site
                .sections
                .children(None)
                .map(|section| menu_link(&section.name, &section.path, &head))
                .collect();
        }
        let directory = site
            .sections
            .children(None)
            .map(|section| Directory {
                section: Link::new(&section.name, &section.path),
                children: site
                    .sections
                    .children(Some(section.id))
                    .map(|child| Link::new(&child.name, &child.path))
                    .collect(),
            })
            .collect();
        let logo = site
            .logo
            .as_ref()
            .map(|media| Picture::new(media, Place::Lead));
        let social_links = share::profiles(&settings.social_links);
        let year = locale.year(now);
        Self {
            texts,
            lang: locale.tag().to_owned(),
            window_title: if head.title.is_empty() {
                if tagline.is_empty() {
                    site_name.clone()
                } else {
                    format!("{site_name} – {tagline}")
                }
            } else if head.search_title.is_empty() {
                format!("{} – {site_name}", head.title)
            } else {
                format!("{} – {site_name}", head.search_title)
            },
            site_name,
            tagline: settings.tagline.clone(),
            base_url: base_url.to_owned(),
            stylesheet: assets.reader_css_url(&site.accents),
            fonts: ["fonts/newsreader-core.woff2", "fonts/source-sans-3.woff2"]
                .map(|font| assets.url(font).to_owned()),
            icon: logo
                .as_ref()
                .and_then(Picture::square)
                .unwrap_or_else(|| assets.url("icons/icon.svg"))
                .to_owned(),
            logo,
            today: locale.date_with_weekday(now),
            is_front_page: head.canonical == "/",
            submenu: submenu(site, &head),
            menu,
            footer_menu: items(Menu::Footer)
                .map(|item| Link::new(&item.label, &item.path))
                .collect(),
            directory,
            follow_labels: social_links
                .iter()
                .map(|link| texts.follow_on(&settings.name, &link.text))
                .collect(),
            social_links,
            breaking: settings
                .breaking
                .as_ref()
                .filter(|breaking| breaking.until > now)
                .map(|breaking| BreakingBar {
                    text: breaking.text.clone(),
                    url: breaking.link.clone(),
                }),
            copyright: texts.copyright(&year, &settings.name),
            accent: site.accents.on_light.clone(),
            head,
        }
    }
}

impl Layout {
    pub fn is_article(&self) -> bool {
        self.head.kind == Some("article")
    }
}

/// Declares the components that every page has: templates that print as HTML in its layout. A component is compiled once,
/// the layout itself with each page.
macro_rules! components {
    ($($name:ident = $method:ident, $path:literal;)+) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            pub struct $name<'a> {
                layout: &'a Layout,
            }

            impl HtmlSafe for $name<'_> {}
        )+

        impl Layout {
            $(
                pub fn $method(&self) -> $name<'_> {
                    $name { layout: self }
                }
            )+
        }
    };
}

components! {
    Metadata = metadata, "components/metadata.html";
    Masthead = masthead, "components/masthead.html";
    Breadcrumb = breadcrumb, "components/breadcrumb.html";
    Footer = footer, "components/footer.html";
}

fn submenu(site: &Site, head: &Head) -> Option<Submenu> {
    head.open_section.as_ref()?;
    let link = |name: &str, path: &str| menu_link(name, path, head);
    let section = site
        .sections
        .children(None)
        .find(|section| link(&section.name, &section.path).current)?;
    let links: Vec<MenuLink> = site
        .sections
        .children(Some(section.id))
        .map(|child| link(&child.name, &child.path))
        .collect();
    (!links.is_empty()).then(|| Submenu {
        section: section.name.clone(),
        links,
    })
}

fn menu_link(label: &str, path: &str, head: &Head) -> MenuLink {
    let open = head.open_section.as_deref().unwrap_or(&head.canonical);
    let below = open
        .strip_prefix(path)
        .is_some_and(|rest| rest.starts_with('/'));
    MenuLink {
        text: label.to_owned(),
        url: path.to_owned(),
        current: open == path || (below && path != "/"),
    }
}
