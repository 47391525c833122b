//! The page for readers when a page cannot be rendered. It does not use the database.

use askama::Template;

use crate::{
    app::App,
    colour::Accents,
    http_cache::HTML,
    locale::{Locale, Texts},
};

#[derive(Template)]
#[template(path = "reader/failure.html")]
struct FailurePage {
    texts: &'static Texts,
    lang: String,
    site_name: String,
    stylesheet: String,
}

/// Sent with 500 or 503: content type and body.
pub(super) fn render(app: &App) -> (&'static str, String) {
    let settings = app
        .last_known_site()
        .map(|site| site.settings.clone())
        .unwrap_or_default();
    let locale = Locale::new(&settings.language, settings.time_zone, "");
    let page = FailurePage {
        texts: locale.texts(),
        lang: settings.language,
        site_name: settings.name,
        stylesheet: app.assets.reader_css_url(&Accents::new(&settings.accent)),
    };
    match page.render() {
        Ok(html) => (HTML, html),
        Err(error) => {
            tracing::error!(%error, "could not render the failure page");
            let text = locale.texts().server_error.to_owned();
            ("text/plain; charset=utf-8", text)
        }
    }
}
