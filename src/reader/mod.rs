//! What readers see: one file per page, with its cache policy, its view model and a function that renders it.

pub mod address;
pub mod archive;
pub mod article;
pub mod asset;
mod author;
pub mod authors;
mod body;
mod cards;
pub mod corrections;
mod failure;
pub mod feed;
pub mod home;
pub mod latest;
mod list;
pub mod most_popular;
mod not_found;
mod pasted;
pub mod preview;
pub mod search;
mod section;
pub mod share_picture;
pub mod sitemap;
mod standing_page;
mod topic;
pub mod well_known;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    http_cache::{ErrorPages, PageContext},
    locale::Texts,
    view::layout::{Head, Layout},
};

/// The pages that are sent with 404 and with 5xx.
pub const ERROR_PAGES: ErrorPages = ErrorPages {
    not_found: not_found::render,
    failure: failure::render,
};

/// A time as feeds and sitemaps contain it (RFC 3339), in UTC.
fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl PageContext<'_> {
    fn texts(&self) -> &'static Texts {
        self.site.locale.texts()
    }

    /// The layout of the page: metadata, menus, footer.
    fn layout(&self, head: Head) -> Layout {
        let app = self.app;
        Layout::new(&app.assets, &app.base_url, &self.site, self.now, head)
    }
}

/// Rendering in unit tests.
#[cfg(test)]
pub(crate) mod testing {
    use std::sync::Arc;

    use crate::{
        app::App,
        config::Sources,
        error::Result,
        http_cache::{CachePolicy, PageContext, PageQuery, RenderedPage},
    };

    /// The body of a page, rendered with an empty SQLite database.
    pub fn render<Q: PageQuery>(
        policy: CachePolicy<Q>,
        render: fn(&mut PageContext<'_>, Q) -> Result<RenderedPage>,
    ) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::default();
        let data_dir = folder.path().display().to_string();
        sources.flag("data_dir", Some(data_dir)).unwrap();
        let app = Arc::new(App::open(sources.finish().unwrap(), "http://localhost").unwrap());
        let rendered = app.db.read_blocking(|conn| {
            let mut ctx = PageContext::uncached(conn, &app)?;
            let query = ctx.apply(policy)?;
            render(&mut ctx, query)
        });
        String::from_utf8(rendered.unwrap().body.to_vec()).unwrap()
    }

    #[test]
    fn an_empty_site_has_a_front_page() {
        let html = render(super::home::CACHE, super::home::render);
        assert!(html.contains("</html>"), "{html}");
    }
}
