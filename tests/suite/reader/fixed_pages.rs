//! Pages with fixed paths.

use dateline::paths::FIXED_PAGES;

use crate::support::app::TestApp;

#[test]
fn every_fixed_page_answers_and_listed_ones_are_in_the_sitemap() {
    let app = TestApp::on_sqlite();
    let sitemap = app.get("/sitemaps/site.xml").body;
    for page in &FIXED_PAGES {
        let answer = app.get(page.path);
        let expected: &[u16] = match page.path {
            "/favicon.ico" => &[301],
            // Empty until it is set in the settings.
            "/humans.txt" => &[404],
            _ => &[200],
        };
        assert!(
            expected.contains(&answer.status),
            "{}: {}",
            page.path,
            answer.status
        );
        let url = format!("<loc>{}</loc>", app.url(page.path));
        assert_eq!(sitemap.contains(&url), page.in_sitemap, "{}", page.path);
    }
}
