//! What readers see and do in a real browser, on the pages of the demo edition.

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
        browser::{Browser, Options, Scheme},
        npm_file, skip,
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
            "/corrections".to_owned(),
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

/// What axe finds on these pages: page, rule and the elements it is about.
pub fn accessibility_violations(browser: &Browser, axe: &str, urls: &[String]) -> Vec<String> {
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

#[test]
fn nothing_moves_once_it_is_drawn() {
    for width in [PHONE, DESK] {
        let options = Options {
            width,
            ..Options::default()
        };
        // With nothing kept from another page, and a network on which the fonts come late.
        let Some(browser) = Browser::start(options) else {
            return;
        };
        browser.slow_network();
        for path in ["/", &EDITION.article] {
            browser.open(&EDITION.url(path));
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
            assert_ne!(fonts, 0, "{path} at {width} px: its fonts are loaded");
            let moved = browser.eval(
                "return shifts.map((shift) => [shift.value, ...shift.sources.map((source) =>
                   source.node?.parentElement?.outerHTML.slice(0, 120))]);",
            );
            let sum: f64 = moved
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|shift| shift[0].as_f64())
                .sum();
            assert!(sum < 0.01, "{path} at {width} px moves by {sum}: {moved:#}");
        }
    }
}

#[test]
fn no_page_has_to_be_scrolled_sideways() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let mut found = vec![];
    for path in &EDITION.pages {
        browser.open(&EDITION.url(path));
        for width in [320, PHONE, 768, DESK, 1920] {
            browser.size(width, 800);
            found.extend(overflow(&browser).map(|what| format!("{path} at {width} px: {what}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_word_is_so_long_that_a_page_has_to_be_scrolled_sideways_for_it() {
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
    app.finish_index();
    let search = format!("/search?q={word}");
    for path in ["/", &article, "/news", "/latest", "/most-popular", &search] {
        browser.open(&app.url(path));
        for width in [320, PHONE, 768, DESK] {
            browser.size(width, 800);
            assert_eq!(overflow(&browser), None, "{path} at {width} px");
        }
    }
}

/// What sticks out of the page at its side, if the page can be scrolled there.
pub fn overflow(browser: &Browser) -> Option<String> {
    let outside = browser.eval(
        "if (document.documentElement.scrollWidth <= innerWidth) return null;
         const sticks_out = (element) => {
           const { left, right } = element.getBoundingClientRect();
           return right > innerWidth || left < 0;
         };
         return [...document.body.querySelectorAll('*:not(.menu *, .scroll *)')]
           .filter((element) => sticks_out(element) && !sticks_out(element.parentElement))
           .map((element) => element.outerHTML.split('>')[0] + '>');",
    );
    (!outside.is_null()).then(|| outside.to_string())
}

#[test]
fn every_picture_loads_and_nothing_comes_from_elsewhere_or_is_complained_of() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let mut pictures = 0;
    for path in &EDITION.pages {
        browser.open(&EDITION.url(path));
        browser.scroll_through();
        let shown = browser.eval(
            "return [...document.images].filter((image) => image.getClientRects().length)
               .map((image) => ({ image, box: image.getBoundingClientRect() }))
               .map(({ image, box }) => ({
                 html: image.outerHTML,
                 round: !image.closest('.portrait') || Math.abs(box.width - box.height) < 1,
                 sharp: image.currentSrc.endsWith(image.srcset.match(/\\S+(?= \\w+$)/)[0])
                   || image.currentSrc.match(/-(\\d+)\\.jpg$/)[1] >= box.width,
                 drawn: image.naturalWidth > 0,
                 room: image.hasAttribute('width') && image.hasAttribute('height'),
               }));",
        );
        for picture in shown.as_array().unwrap() {
            assert_eq!(picture["drawn"], true, "{path}: {picture} is loaded");
            assert_eq!(picture["room"], true, "{path}: {picture} has its room");
            assert_eq!(picture["sharp"], true, "{path}: {picture} is large enough");
            assert_eq!(picture["round"], true, "{path}: {picture} is not squeezed");
            pictures += 1;
        }
        let elsewhere = browser.eval(
            "return performance.getEntriesByType('resource').map((entry) => entry.name)
               .filter((url) => new URL(url).origin !== location.origin);",
        );
        assert_eq!(elsewhere, serde_json::json!([]), "{path}");
        let complaints = browser.complaints();
        // That a page is not there is what its test is about, and Chromium notes it.
        let complaints: Vec<_> = complaints
            .iter()
            .filter(|complaint| !(path.contains("no/such") && complaint.contains("404")))
            .collect();
        assert!(complaints.is_empty(), "{path}: {complaints:?}");
    }
    assert!(pictures > 50, "only {pictures} pictures were shown");
}

#[test]
fn an_embed_loads_nothing_until_it_is_clicked() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    let path = EDITION.pages.iter().find(|path| path.contains("open-film"));
    browser.open(&EDITION.url(path.unwrap()));
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
    let complaints = browser.complaints();
    let refused = complaints
        .iter()
        .any(|text| text.contains("Content Security Policy"));
    assert!(!refused, "{complaints:?}");
}

#[test]
fn the_newspaper_can_be_read_without_javascript() {
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = Browser::start(options) else {
        return;
    };
    let headline = || browser.eval("return document.querySelector('h1').textContent");
    browser.open(&EDITION.url("/"));
    let lead = browser.eval("return document.querySelector('.front-lead h3').textContent");
    browser.click(".front-lead h3 a");
    let lead = lead.as_str().unwrap();
    assert!(lead.ends_with(headline().as_str().unwrap()), "{lead}");

    let section =
        browser.eval("return document.querySelector('.breadcrumb li:nth-child(2) a').textContent");
    browser.click(".breadcrumb li:nth-child(2) a");
    assert_eq!(headline(), section);

    browser.open(&EDITION.url("/latest"));
    browser.follow(".pages a[rel=next]");
    let page = browser.eval("return document.querySelector('.pages [aria-current]').textContent");
    assert_eq!(page, "2");
    assert!(
        browser
            .eval("return document.querySelectorAll('.stories h2').length")
            .as_u64()
            > Some(0)
    );

    // The embed's link leads to the player's own page where no script takes its place.
    let film = EDITION.pages.iter().find(|path| path.contains("open-film"));
    browser.open(&EDITION.url(film.unwrap()));
    let link = browser.eval("return document.querySelector('.embed-load').href");
    assert!(link.as_str().unwrap().starts_with("https://"), "{link}");
}

#[test]
fn the_keyboard_reaches_the_content_by_the_skip_link() {
    let Some(browser) = Browser::start(Options::default()) else {
        return;
    };
    for path in ["/", &EDITION.article] {
        browser.open(&EDITION.url(path));
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
        assert_eq!(inside, true, "{path}: the next link is one of the content");
    }
}

#[test]
fn an_arabic_newspaper_reads_from_right_to_left() {
    let app = TestApp::on_sqlite();
    app.settings(|settings| {
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
        "its lines begin at the right"
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
