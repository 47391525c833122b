//! What readers see and do in a real browser, on the pages of the demo edition.

use std::{path::Path, process::Command, sync::LazyLock};

use crate::{
    demo,
    support::{
        app::TestApp,
        browser::{Browser, Options, Scheme},
        skip,
    },
};

const PHONE: u32 = 375;
const DESK: u32 = 1280;

/// The demo edition, for all tests here: they only read it.
static EDITION: LazyLock<Edition> = LazyLock::new(Edition::publish);

struct Edition {
    app: TestApp,
    /// The path of an article with everything that an article can have.
    article: String,
    /// One path of each kind of page.
    pages: Vec<String>,
}

impl Edition {
    fn publish() -> Self {
        let app = TestApp::on_sqlite();
        demo::publish(&app);
        let link = |on: &str, selector: &str| {
            let links = app.get(on).attributes(selector, "href");
            links
                .into_iter()
                .next()
                .unwrap_or_else(|| panic!("{on} has a {selector}"))
        };
        let article = link(
            "/news/diplomatic-news",
            "a[href*='corrane-and-ilmar-foreign-ministers']",
        );
        let pages = vec![
            "/".to_owned(),
            article.clone(),
            link("/latest", "a[href*='open-film-workshop']"),
            "/news".to_owned(),
            "/news/diplomatic-news".to_owned(),
            link(&article, "a[rel=author]"),
            "/authors".to_owned(),
            link(&article, "a[rel=tag]"),
            "/archive".to_owned(),
            // An article's path begins with its day: /2026/03/01/its-headline.
            article[..5].to_owned(),
            article[..8].to_owned(),
            article[..11].to_owned(),
            "/latest".to_owned(),
            "/most-popular".to_owned(),
            "/most-popular/ever".to_owned(),
            "/search".to_owned(),
            "/search?q=council".to_owned(),
            "/search?q=nothing+of+the+kind".to_owned(),
            link("/", ".foot-links a"),
            "/there/is/no/such/page".to_owned(),
        ];
        Self {
            app,
            article,
            pages,
        }
    }

    fn url(&self, path: &str) -> String {
        self.app.url(path)
    }
}

/// What `npm ci --prefix tests` has put there; `None`, said aloud, where it has not been run.
fn npm_file(name: &str) -> Option<std::path::PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/node_modules")
        .join(name);
    if !path.exists() {
        skip("browser", "`npm ci --prefix tests` has not been run");
        return None;
    }
    Some(path)
}

/// What axe finds on these pages: page, rule and the elements it is about.
fn accessibility_violations(browser: &Browser, axe: &str, urls: &[String]) -> Vec<String> {
    let script = format!(
        "{axe};
         const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
         const result = await axe.run(document, {{ runOnly: tags, resultTypes: ['violations'] }});
         if (result.passes.length < 20) throw new Error('axe has hardly looked');
         return result.violations.map((violation) =>
           violation.id + ' (' + violation.help + '): '
           + violation.nodes.map((node) => node.target.join(' ')).join(', '));"
    );
    let mut found = vec![];
    for url in urls {
        browser.open(url);
        let violations = browser.eval(&script);
        let violations = violations.as_array().expect("axe answers with a list");
        found.extend(
            violations
                .iter()
                .map(|violation| format!("{url}: {violation}")),
        );
    }
    found
}

#[track_caller]
fn no_page_shuts_readers_out(width: u32, scheme: Scheme) {
    let options = Options {
        width,
        scheme,
        ..Options::default()
    };
    let (Some(axe), Some(browser)) = (npm_file("axe-core/axe.min.js"), Browser::start(options))
    else {
        return;
    };
    let dark = browser.eval("return matchMedia('(prefers-color-scheme: dark)').matches");
    assert_eq!(dark, scheme == Scheme::Dark, "the browser wears {scheme:?}");
    assert_eq!(browser.eval("return innerWidth"), width);
    let axe = std::fs::read_to_string(axe).unwrap();
    let edition = &*EDITION;
    let urls: Vec<_> = edition.pages.iter().map(|path| edition.url(path)).collect();
    let found = accessibility_violations(&browser, &axe, &urls);
    assert!(
        found.is_empty(),
        "at {width} px, {scheme:?}:\n{}",
        found.join("\n")
    );
}

#[test]
fn no_page_has_an_accessibility_violation_on_a_telephone() {
    no_page_shuts_readers_out(PHONE, Scheme::Light);
}

#[test]
fn no_page_has_an_accessibility_violation_on_a_telephone_in_the_dark() {
    no_page_shuts_readers_out(PHONE, Scheme::Dark);
}

#[test]
fn no_page_has_an_accessibility_violation_on_a_desk() {
    no_page_shuts_readers_out(DESK, Scheme::Light);
}

#[test]
fn no_page_has_an_accessibility_violation_on_a_desk_in_the_dark() {
    no_page_shuts_readers_out(DESK, Scheme::Dark);
}

#[test]
fn every_page_is_valid_html() {
    let Some(checker) = npm_file("vnu-jar/build/dist/vnu.jar") else {
        return;
    };
    if Command::new("java").arg("-version").output().is_err() {
        return skip("browser", "there is no java for the HTML checker");
    }
    let edition = &*EDITION;
    let folder = tempfile::tempdir().unwrap();
    for (n, path) in edition.pages.iter().enumerate() {
        let name = format!("{n}{}.html", path.replace(['/', '?', '='], "_"));
        std::fs::write(folder.path().join(name), edition.app.get(path).body).unwrap();
    }
    let checked = Command::new("java")
        .arg("-jar")
        .arg(checker)
        .args(["--format", "json", "--errors-only"])
        .arg(folder.path())
        .output()
        .unwrap();
    // It reports on standard error.
    let report: serde_json::Value = serde_json::from_slice(&checked.stderr)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&checked.stderr)));
    let found: Vec<_> = report["messages"]
        .as_array()
        .expect("the checker answers with a list")
        .iter()
        .map(|message| {
            format!(
                "{} line {}: {} {}",
                message["url"], message["lastLine"], message["message"], message["extract"]
            )
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
