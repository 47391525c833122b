//! Imports the WordPress community's "theme unit test" file, whose path is in `THEME_UNIT_TEST`.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use dateline::transfer::Report;
use regex::Regex;
use scraper::{Html, Selector};

use crate::{
    import::wordpress::import,
    on_both_engines,
    support::{
        app::TestApp,
        page::Page,
        skip,
        xml::{self, Element},
    },
};

/// An item of the export file.
struct Item {
    kind: String,
    status: String,
    path: String,
    content: String,
    is_protected: bool,
    /// The URL of an attachment's file.
    upload: String,
}

impl Item {
    fn new(item: &Element) -> Self {
        let url = url::Url::parse(&item.text("link")).unwrap();
        let query = url.query().map(|query| format!("?{query}"));
        Self {
            kind: item.text("wp:post_type"),
            status: item.text("wp:status"),
            path: format!("{}{}", url.path(), query.unwrap_or_default()),
            content: item.text("content:encoded"),
            upload: item.texts("wp:attachment_url").concat(),
            is_protected: !item.text("wp:post_password").is_empty(),
        }
    }

    fn is_text(&self) -> bool {
        matches!(self.kind.as_str(), "post" | "page")
    }

    fn is_public(&self) -> bool {
        self.is_text() && self.status == "publish" && !self.is_protected
    }
}

/// The file's path and its items; `None` if `THEME_UNIT_TEST` is not set.
fn export() -> Option<(String, Vec<Item>)> {
    let Ok(file) = std::env::var("THEME_UNIT_TEST") else {
        skip("theme-test", "THEME_UNIT_TEST is not set");
        return None;
    };
    let export = xml::parse(&std::fs::read_to_string(&file).unwrap());
    let items = export.all("item").into_iter().map(Item::new).collect();
    Some((file, items))
}

fn page(app: &TestApp, item: &Item) -> Page {
    let page = app.get(&item.path);
    match page.status {
        301 => app.get(&app.redirect_target(&item.path)),
        _ => page,
    }
}

/// The words of a text, without markup.
fn words(content: &str) -> HashSet<String> {
    let html = Html::parse_fragment(content);
    let text: Vec<&str> = html.root_element().text().collect();
    text.join(" ")
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A folder with a generated picture for each attachment.
fn uploads(items: &[Item]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let attachments = items.iter().filter(|item| item.kind == "attachment");
    for (index, attachment) in (0..).zip(attachments) {
        // Different sizes, because identical files would become one picture.
        let pixels = image::RgbImage::from_pixel(64 + index, 48, image::Rgb([90, 20, 60]));
        let (_, below) = attachment.upload.split_once(".com/").unwrap();
        let path = folder
            .path()
            .join(below.trim_start_matches("wp-content/uploads/"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Attachments that are not pictures are skipped.
        if image::ImageFormat::from_path(&path).is_ok() {
            pixels.save(&path).unwrap();
        }
    }
    folder
}

/// Imports the file with its pictures; returns the public items and the report.
fn public_texts(app: &TestApp) -> Option<(Vec<Item>, Report)> {
    let (file, items) = export()?;
    let uploads = uploads(&items);
    let report = import(app, Path::new(&file), Some(uploads.path().to_owned()));
    let public = items
        .into_iter()
        .filter(|item| item.is_public() && item.path != "/");
    Some((public.collect(), report))
}

on_both_engines! {
    fn the_report_counts_every_kind_and_state_of_post(app: &TestApp) {
        let Some((file, items)) = export() else { return };
        let report = import(app, Path::new(&file), None);
        let count = |predicate: &dyn Fn(&Item) -> bool| items.iter().filter(|item| predicate(item)).count() as u64;
        assert!(report.unreadable.is_empty(), "{report}");
        assert_eq!(report.taken["articles"], count(&|item| item.kind == "post"));
        assert_eq!(report.taken["pages"], count(&|item| item.kind == "page"));
        let mut states = BTreeMap::new();
        for item in items.iter().filter(|item| item.kind == "post") {
            let state = if item.is_protected { "password-protected" } else { &item.status };
            *states.entry(state.to_owned()).or_insert(0) += 1;
        }
        assert_eq!(report.states, states);
    }

    fn public_addresses_answer_and_hidden_ones_do_not(app: &TestApp) {
        let Some((file, items)) = export() else { return };
        import(app, Path::new(&file), None);
        for item in items.iter().filter(|item| item.is_text() && item.path != "/") {
            let status = page(app, item).status;
            assert_eq!(status, if item.is_public() { 200 } else { 404 }, "{}", item.path);
        }
    }

    fn no_word_of_a_text_is_lost(app: &TestApp) {
        let Some((items, report)) = public_texts(app) else { return };
        // Shortcodes, which WordPress replaces, and the URLs of embeds.
        let not_words = Regex::new(r"\[/?[a-z]+[^\]]*\]|https?://\S+").unwrap();
        for item in &items {
            let imported = page(app, item);
            assert_eq!(imported.status, 200, "{}", item.path);
            let imported_words = words(&imported.html("main h1, main .standfirst, main .body"));
            let original_words = words(&not_words.replace_all(&item.content, " "));
            let lost: Vec<&String> = original_words.difference(&imported_words).collect();
            assert!(lost.is_empty(), "{}: {lost:?}\n{report}", item.path);
        }
    }

    fn tables_lists_quotes_and_pictures_are_all_imported(app: &TestApp) {
        let Some((items, report)) = public_texts(app) else { return };
        for item in &items {
            let imported = page(app, item);
            let content = Html::parse_fragment(&item.content);
            let count_original = |what: &str| content.select(&Selector::parse(what).unwrap()).count();
            for what in ["blockquote", "table", "tr", "th", "td", "li"] {
                // WordPress galleries are lists.
                let expected = count_original(what) - count_original(&format!(".blocks-gallery-grid {what}, .wp-block-gallery {what}"));
                let actual = imported.texts(&format!("main .body {what}")).len();
                assert_eq!(actual, expected, "{what} of {}", item.path);
            }
            let shown = imported.attributes("main .body img", "src").len();
            assert!(shown >= count_original("img"), "{shown} pictures of {}\n{report}", item.path);
        }
    }
}
