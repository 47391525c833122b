//! What the reader modes of browsers show, by Mozilla's Readability.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use dateline::{
    db::types::{CorrectionKind, Placement},
    models::article::{Dateline, Draft},
    text::SanitizedHtml,
};
use scraper::{Html, Selector};

use crate::support::{app::TestApp, npm_file, skip};

/// What Readability makes of a page; `None`, reported as skipped, if it is not installed.
fn readable(app: &TestApp, path: &str) -> Option<serde_json::Value> {
    npm_file("@mozilla/readability")?;
    npm_file("jsdom")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/support/reader_mode.mjs");
    let node = Command::new("node")
        .arg(script)
        .arg(app.url(path))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn();
    let Ok(mut node) = node else {
        skip("browser", "Node.js is not installed");
        return None;
    };
    let page = app.get(path);
    assert_eq!(page.status, 200);
    node.stdin
        .take()
        .unwrap()
        .write_all(page.body.as_bytes())
        .unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The text of the elements, in order.
fn texts(html: &Html, selector: &str) -> Vec<String> {
    html.select(&Selector::parse(selector).unwrap())
        .map(|element| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[test]
fn reader_modes_show_every_part_of_an_article() {
    let app = TestApp::on_sqlite();
    app.update_settings(|settings| settings.name = "The Test".to_owned());
    let section_id = app.section("news", "News");
    let paragraph = "<p>The ministers met for an hour, said little, and left, as ministers do.</p>";
    let embed = "https://www.youtube.com/watch?v=abc_DEF-1";
    let body = |paragraphs: usize| {
        format!(
            "{0}<blockquote><p>We talked, and we shall talk again.</p><footer>A minister, <cite>A journal</cite></footer>\
             </blockquote>{0}<div data-embed=\"{embed}\" data-title=\"The statement\"></div>{0}",
            paragraph.repeat(paragraphs)
        )
    };
    for (number, (paragraphs, standfirst, has_author, has_dateline)) in [
        (8, "What was said, and what was not.", true, true),
        // Without a full stop, and much shorter than the text.
        (80, "What was said", true, false),
        (8, "", true, true),
        (8, "What was said", false, true),
        (1, "What was said, and what was not.", true, true),
    ]
    .into_iter()
    .enumerate()
    {
        let id = app.publish(&Draft {
            standfirst: standfirst.to_owned(),
            author_ids: if has_author {
                vec![app.author(&format!("Aqsa Bibi {number}"))]
            } else {
                Vec::new()
            },
            dateline: has_dateline.then(|| Dateline {
                place: "Geneva".to_owned(),
                date: None,
                agency: String::new(),
            }),
            lead_media_id: Some(app.picture("Two ministers")),
            body: SanitizedHtml::new(&body(paragraphs)),
            ..app.draft(section_id, &format!("Ministers meet again {number}"))
        });
        app.add_correction(
            id,
            CorrectionKind::Correction,
            Placement::Below,
            "It was Tuesday.",
        );
        let Some(shown) = readable(&app, &app.path(id)) else {
            return;
        };
        let case = format!("{number}: {shown}");
        assert_eq!(
            shown["title"],
            format!("Ministers meet again {number}"),
            "{case}"
        );
        let author = format!("Aqsa Bibi {number}");
        let byline = if has_author {
            author.as_str()
        } else {
            "The Test"
        };
        assert_eq!(shown["byline"], byline, "{case}");
        let html = Html::parse_fragment(shown["content"].as_str().unwrap());
        let all = texts(&html, "#readability-page-1").concat();
        assert!(all.contains(standfirst), "{case}");
        assert_eq!(all.matches("Geneva:").count(), usize::from(has_dateline));
        let leads = Selector::parse("figure img[alt='Two ministers']").unwrap();
        assert_eq!(html.select(&leads).count(), 1, "{case}");
        assert_eq!(
            texts(&html, "figure figcaption")[0],
            "What it shows. A. Painter"
        );
        assert_eq!(
            texts(&html, "blockquote"),
            ["We talked, and we shall talk again.A minister, A journal"]
        );
        let links = Selector::parse(&format!("a[href='{embed}']")).unwrap();
        assert!(html.select(&links).count() > 0, "{case}");
        assert!(all.contains("It was Tuesday."), "{case}");
        assert_eq!(all.matches("said little").count(), 3 * paragraphs);
    }
}
