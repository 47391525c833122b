//! Public pages in a real browser: accessibility, layout and use without JavaScript, on the demo's pages.

use std::{process::Command, sync::LazyLock};

use chrono::NaiveDate;
use dateline::{
    models::article::{Dateline, Draft},
    text::SanitizedHtml,
};
use fantoccini::key::Key;

use crate::{
    demo,
    support::{
        app::TestApp,
        browser::{Browser, ColorScheme, Options},
        npm_file, skip,
    },
};

const PHONE: u32 = 375;
const DESKTOP: u32 = 1280;

/// The demo site, shared by the tests of this module, which only read it.
static DEMO: LazyLock<DemoSite> = LazyLock::new(DemoSite::publish);

struct DemoSite {
    app: TestApp,
    /// The path of an article with all optional parts.
    article: String,
    /// One path for each kind of page.
    pages: Vec<String>,
}

impl DemoSite {
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
            "/corrections".to_owned(),
            // Article paths begin with the date: /2026/03/01/its-headline.
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

/// The violations that axe finds on these pages: URL, rule and elements.
pub fn accessibility_violations(browser: &Browser, axe: &str, urls: &[String]) -> Vec<String> {
    let script = format!(
        "{axe};
         const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
         const result = await axe.run(document, {{ runOnly: tags, resultTypes: ['violations'] }});
         if (result.passes.length < 20) throw new Error('axe has run too few checks');
         return result.violations.map((violation) =>
           violation.id + ' (' + violation.help + '): '
           + violation.nodes.map((node) => node.target.join(' ')).join(', '));"
    );
    let mut found = vec![];
    for url in urls {
        browser.open(url);
        let violations = browser.eval(&script);
        let violations = violations.as_array().expect("axe returns a list");
        found.extend(
            violations
                .iter()
                .map(|violation| format!("{url}: {violation}")),
        );
    }
    found
}

#[track_caller]
fn check_accessibility(width: u32, scheme: ColorScheme) {
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
    assert_eq!(
        dark,
        scheme == ColorScheme::Dark,
        "the colour scheme is {scheme:?}"
    );
    assert_eq!(browser.eval("return innerWidth"), width);
    let axe = std::fs::read_to_string(axe).unwrap();
    let demo_site = &*DEMO;
    let urls: Vec<_> = demo_site
        .pages
        .iter()
        .map(|path| demo_site.url(path))
        .collect();
    let found = accessibility_violations(&browser, &axe, &urls);
    assert!(
        found.is_empty(),
        "at {width} px, {scheme:?}:\n{}",
        found.join("\n")
    );
}

#[test]
fn pages_have_no_accessibility_violations_on_phones() {
    check_accessibility(PHONE, ColorScheme::Light);
}

#[test]
fn pages_have_no_accessibility_violations_on_phones_in_dark_mode() {
    check_accessibility(PHONE, ColorScheme::Dark);
}

#[test]
fn pages_have_no_accessibility_violations_on_desktops() {
    check_accessibility(DESKTOP, ColorScheme::Light);
}

#[test]
fn pages_have_no_accessibility_violations_on_desktops_in_dark_mode() {
    check_accessibility(DESKTOP, ColorScheme::Dark);
}

#[test]
fn every_kind_of_page_is_valid_html() {
    let Some(checker) = npm_file("vnu-jar/build/dist/vnu.jar") else {
        return;
    };
    if Command::new("java").arg("-version").output().is_err() {
        return skip(
            "browser",
            "Java, which the HTML checker needs, is not installed",
        );
    }
    let demo_site = &*DEMO;
    let folder = tempfile::tempdir().unwrap();
    for (n, path) in demo_site.pages.iter().enumerate() {
        let name = format!("{n}{}.html", path.replace(['/', '?', '='], "_"));
        std::fs::write(folder.path().join(name), demo_site.app.get(path).body).unwrap();
    }
    let checked = Command::new("java")
        .arg("-jar")
        .arg(checker)
        .args(["--format", "json", "--errors-only"])
        .arg(folder.path())
        .output()
        .unwrap();
    // The checker reports on standard error.
    let report: serde_json::Value = serde_json::from_slice(&checked.stderr)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&checked.stderr)));
    let found: Vec<_> = report["messages"]
        .as_array()
        .expect("the checker returns a list")
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

#[test]
fn pages_have_no_layout_shift() {
    for width in [PHONE, DESKTOP] {
        let options = Options {
            width,
            ..Options::default()
        };
        // A new browser with an empty cache, on a network that delays the fonts.
        let Some(browser) = Browser::start(options) else {
            return;
        };
        browser.slow_network();
        for path in ["/", &DEMO.article] {
            browser.open(&DEMO.url(path));
            browser.eval(
                "window.shifts = [];
                 new PerformanceObserver((list) => shifts.push(...list.getEntries()))
                   .observe({ type: 'layout-shift', buffered: true });",
            );
            browser.scroll_through();
            let fonts = browser.eval(
                "await document.fonts.ready;
                 return [...document.fonts].filter((font) => font.status === 'loaded').length;",
            );
            assert_ne!(fonts, 0, "{path} at {width} px: no font was loaded");
            let shifts = browser.eval(
                "return shifts.map((shift) => [shift.value, ...shift.sources.map((source) =>
                   source.node?.parentElement?.outerHTML.slice(0, 120))]);",
            );
            let sum: f64 = shifts
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|shift| shift[0].as_f64())
                .sum();
            assert!(
                sum < 0.01,
                "{path} at {width} px has a layout shift of {sum}: {shifts:#}"
            );
        }
    }
}

#[test]
fn pages_do_not_scroll_horizontally() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let mut found = vec![];
    for path in &DEMO.pages {
        browser.open(&DEMO.url(path));
        for width in [320, PHONE, 768, DESKTOP, 1920] {
            browser.resize(width, 800);
            found.extend(overflow(&browser).map(|what| format!("{path} at {width} px: {what}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn very_long_words_do_not_make_pages_scroll_horizontally() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let app = TestApp::on_sqlite();
    let word = "Taumatawhakatangihangakoauauotamateaturipukakapikimaunga".repeat(2);
    let section = app.section("news", "News");
    for hours in 0..40 {
        app.story(section, &format!("{word} {hours}"), hours);
    }
    let article = app.path(app.publish(&Draft {
        standfirst: word.clone(),
        body: SanitizedHtml::new(&format!("<h2>{word}</h2><p>{word}</p>")),
        ..app.draft(section, &word)
    }));
    app.update_search_index();
    let search = format!("/search?q={word}");
    for path in ["/", &article, "/news", "/latest", "/most-popular", &search] {
        browser.open(&app.url(path));
        for width in [320, PHONE, 768, DESKTOP] {
            browser.resize(width, 800);
            assert_eq!(overflow(&browser), None, "{path} at {width} px");
        }
    }
}

/// The elements that overflow the page horizontally; `None` if it cannot be scrolled sideways.
pub fn overflow(browser: &Browser) -> Option<String> {
    let outside = browser.eval(
        "if (document.documentElement.scrollWidth <= innerWidth) return null;
         const overflows = (element) => {
           const { left, right } = element.getBoundingClientRect();
           return right > innerWidth || left < 0;
         };
         return [...document.body.querySelectorAll('*:not(.menu *, .scroll *)')]
           .filter((element) => overflows(element) && !overflows(element.parentElement))
           .map((element) => element.outerHTML.split('>')[0] + '>');",
    );
    (!outside.is_null()).then(|| outside.to_string())
}

#[test]
fn pictures_load_without_third_party_requests_or_console_errors() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let mut pictures = 0;
    for path in &DEMO.pages {
        browser.open(&DEMO.url(path));
        browser.scroll_through();
        let shown = browser.eval(
            "return [...document.images].filter((image) => image.getClientRects().length)
               .map((image) => ({ image, box: image.getBoundingClientRect() }))
               .map(({ image, box }) => ({
                 html: image.outerHTML,
                 proportionate: !image.closest('.portrait') || Math.abs(box.width - box.height) < 1,
                 largeEnough: image.currentSrc.endsWith(image.srcset.match(/\\S+(?= \\w+$)/)[0])
                   || image.currentSrc.match(/-(\\d+)\\.jpg$/)[1] >= box.width,
                 loaded: image.naturalWidth > 0,
                 hasDimensions: image.hasAttribute('width') && image.hasAttribute('height'),
               }));",
        );
        for picture in shown.as_array().unwrap() {
            assert_eq!(picture["loaded"], true, "{path}: {picture} is not loaded");
            assert_eq!(
                picture["hasDimensions"], true,
                "{path}: {picture} has no dimensions"
            );
            assert_eq!(
                picture["largeEnough"], true,
                "{path}: {picture} is too small"
            );
            assert_eq!(
                picture["proportionate"], true,
                "{path}: {picture} is distorted"
            );
            pictures += 1;
        }
        let third_party = browser.eval(
            "return performance.getEntriesByType('resource').map((entry) => entry.name)
               .filter((url) => new URL(url).origin !== location.origin);",
        );
        assert_eq!(third_party, serde_json::json!([]), "{path}");
        let console_errors = browser.console_errors();
        // Chromium logs the intended 404.
        let console_errors: Vec<_> = console_errors
            .iter()
            .filter(|error| !(path.contains("no/such") && error.contains("404")))
            .collect();
        assert!(console_errors.is_empty(), "{path}: {console_errors:?}");
    }
    assert!(pictures > 50, "only {pictures} pictures were shown");
}

#[test]
fn embeds_load_only_after_a_click() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let path = DEMO.pages.iter().find(|path| path.contains("open-film"));
    browser.open(&DEMO.url(path.unwrap()));
    browser.scroll_through();
    assert_eq!(
        browser.eval("return document.querySelectorAll('iframe').length"),
        0
    );
    let player = browser.eval("return document.querySelector('.embed-load').dataset.player");
    browser.click(".embed-load");
    browser.wait_until("document.querySelector('.embed iframe')");
    assert_eq!(
        browser.eval("return document.querySelector('.embed iframe').src"),
        player
    );
    assert_eq!(
        browser.eval("return document.querySelectorAll('.embed-load').length"),
        0
    );
    assert_eq!(
        browser.eval("return document.activeElement.tagName"),
        "IFRAME"
    );
    let console_errors = browser.console_errors();
    let refused = console_errors
        .iter()
        .any(|text| text.contains("Content Security Policy"));
    assert!(!refused, "{console_errors:?}");
}

#[test]
fn public_pages_work_without_javascript() {
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = Browser::start(options) else {
        return;
    };
    let headline = || browser.eval("return document.querySelector('h1').textContent");
    browser.open(&DEMO.url("/"));
    let lead = browser.eval("return document.querySelector('.front-lead h3').textContent");
    browser.click(".front-lead h3 a");
    let lead = lead.as_str().unwrap();
    assert!(lead.ends_with(headline().as_str().unwrap()), "{lead}");

    let section =
        browser.eval("return document.querySelector('.breadcrumb li:nth-child(2) a').textContent");
    browser.click(".breadcrumb li:nth-child(2) a");
    assert_eq!(headline(), section);

    browser.open(&DEMO.url("/latest"));
    browser.follow(".pages a[rel=next]");
    let page = browser.eval("return document.querySelector('.pages [aria-current]').textContent");
    assert_eq!(page, "2");
    assert!(
        browser
            .eval("return document.querySelectorAll('.stories .card-headline').length")
            .as_u64()
            > Some(0)
    );

    // Without JavaScript the embed is a link to the video's page.
    let film = DEMO.pages.iter().find(|path| path.contains("open-film"));
    browser.open(&DEMO.url(film.unwrap()));
    let link = browser.eval("return document.querySelector('.embed-load').href");
    assert!(link.as_str().unwrap().starts_with("https://"), "{link}");
}

#[test]
fn the_header_leaves_the_first_screen_to_the_page() {
    for (width, heights) in [(PHONE, [100, 96]), (DESKTOP, [170, 96])] {
        let options = Options {
            width,
            ..Options::default()
        };
        let Some(browser) = Browser::start(options) else {
            return;
        };
        for (path, max) in ["/", "/news/diplomatic-news"].into_iter().zip(heights) {
            browser.open(&DEMO.url(path));
            let height = browser.eval("return document.querySelector('.masthead').offsetHeight");
            assert!(
                height.as_i64() <= Some(max),
                "{path} at {width}: {height} px"
            );
        }
    }
}

#[test]
fn the_front_page_shows_many_stories_on_its_first_screen() {
    for (width, height, least, longest) in [(PHONE, 812, 4, 6_500), (DESKTOP, 800, 14, 5_700)] {
        let options = Options {
            width,
            height,
            ..Options::default()
        };
        let Some(browser) = Browser::start(options) else {
            return;
        };
        browser.open(&DEMO.url("/"));
        let stories = browser.eval(
            "return [...document.querySelectorAll('main .card-headline, main .popular li')].filter((one) =>
               one.offsetHeight > 0 && one.getBoundingClientRect().bottom <= innerHeight).length",
        );
        assert!(
            stories.as_i64() >= Some(least),
            "{width}: {stories} stories"
        );
        let length = browser.eval("return document.documentElement.scrollHeight");
        assert!(length.as_i64() <= Some(longest), "{width}: {length} px");
    }
}

#[test]
fn the_text_of_an_article_begins_on_the_first_screen_of_a_phone() {
    let options = Options {
        width: PHONE,
        ..Options::default()
    };
    let Some(browser) = Browser::start(options) else {
        return;
    };
    for path in DEMO
        .app
        .get("/latest")
        .attributes(".card-headline a", "href")
    {
        browser.open(&DEMO.url(&path));
        let top =
            browser.eval("return document.querySelector('.body > *').getBoundingClientRect().top");
        assert!(top.as_f64() <= Some(620.0), "{path}: {top} px");
    }
}

#[test]
fn the_menu_opens_without_javascript_and_leads_to_every_section() {
    let options = Options {
        width: PHONE,
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = Browser::start(options) else {
        return;
    };
    browser.open(&DEMO.url("/latest"));
    browser.click(".sheet summary");
    browser.follow(".sheet a[href='/economy/markets']");
    assert_eq!(browser.text("h1"), "Markets");
}

#[test]
fn the_skip_link_moves_the_focus_to_the_content() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    for path in ["/", &DEMO.article] {
        browser.open(&DEMO.url(path));
        browser.press(Key::Tab.into());
        let focused = browser.eval(
            "const { top, left } = document.activeElement.getBoundingClientRect();
             return [document.activeElement.className, top >= 0 && left >= 0];",
        );
        assert_eq!(focused, serde_json::json!(["skip", true]), "{path}");
        browser.press(Key::Enter.into());
        browser.wait_until("document.activeElement.tagName === 'MAIN'");
        browser.press(Key::Tab.into());
        let inside = browser.eval("return document.activeElement.closest('main') !== null");
        assert_eq!(
            inside, true,
            "{path}: the next focused link is in the content"
        );
    }
}

#[test]
fn an_arabic_site_is_laid_out_from_right_to_left() {
    let app = TestApp::on_sqlite();
    app.update_settings(|settings| {
        settings.name = "صحيفة المرفأ".to_owned();
        settings.tagline = "أخبار المصب والبحر من ورائه".to_owned();
        settings.language = "ar".to_owned();
        settings.time_zone = chrono_tz::Africa::Cairo;
        settings.agency = "ص.م".to_owned();
    });
    let news = app.section("news", "أخبار");
    let diplomacy = app.section("news/diplomacy", "دبلوماسية");
    let author = app.author("ليلى الحداد");
    let topic = app.topic("مفاوضات السلام");
    let text = "بحث وزيرا الخارجية في جنيف سبل تعزيز التعاون بين البلدين، وتبادلا الآراء في القضايا الإقليمية.";
    let id = app.publish(&Draft {
        kicker: "محادثات".to_owned(),
        standfirst: "اتفق الوزيران على مواصلة الحوار في الشهر المقبل".to_owned(),
        dateline: Some(Dateline {
            place: "جنيف".to_owned(),
            date: NaiveDate::from_ymd_opt(2023, 12, 15),
            agency: "ص.م".to_owned(),
        }),
        author_ids: vec![author],
        topic_ids: vec![topic],
        body: SanitizedHtml::new(&format!(
            "<p>{text}</p><h2>ردود الفعل</h2><p>{text}</p><blockquote><p>{text}</p></blockquote>\
             <ul><li>النقطة الأولى</li><li>النقطة الثانية</li></ul>"
        )),
        ..app.draft(diplomacy, "وزيرا الخارجية يجريان محادثات ثنائية في جنيف")
    });
    for n in 1..=4 {
        app.story(news, &format!("خبر آخر من المرفأ رقم {n}"), n + 1);
    }
    let article = app.path(id);
    let Some(browser) = Browser::start(Options {
        width: PHONE,
        ..Options::default()
    }) else {
        return;
    };
    let paths = [
        "/",
        &article,
        "/news",
        "/authors",
        "/archive",
        "/search?q=جنيف",
    ];
    for path in paths {
        browser.open(&app.url(path));
        let written = browser.eval(
            "const { lang, dir } = document.documentElement;
             const { direction, textAlign } = getComputedStyle(document.querySelector('main'));
             return [lang, dir, direction, textAlign];",
        );
        assert_eq!(
            written,
            serde_json::json!(["ar", "rtl", "rtl", "start"]),
            "{path}"
        );
        assert_eq!(overflow(&browser), None, "{path}");
    }

    browser.open(&app.url(&article));
    let paragraph = browser.eval(
        "const paragraph = document.querySelector('.body p');
         const words = document.createRange();
         words.selectNodeContents(paragraph);
         const right = Math.max(...[...words.getClientRects()].map((part) => part.right));
         return [paragraph.textContent, paragraph.getBoundingClientRect().right - right];",
    );
    let dateline = paragraph[0].as_str().unwrap();
    assert!(dateline.contains("١٥ ديسمبر ٢٠٢٣"), "{dateline}");
    assert!(
        paragraph[1].as_f64() < Some(2.0),
        "the lines are not aligned to the right"
    );
    let times = browser.eval("return document.querySelector('.times').textContent");
    let times = times.as_str().unwrap();
    assert!(
        !times.contains(|c: char| c.is_ascii_digit())
            && times.contains(|c| ('٠'..='٩').contains(&c)),
        "{times}"
    );

    let Some(axe) = npm_file("axe-core/axe.min.js") else {
        return;
    };
    let axe = std::fs::read_to_string(axe).unwrap();
    let urls = paths.map(|path| app.url(path));
    let found = accessibility_violations(&browser, &axe, &urls);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
