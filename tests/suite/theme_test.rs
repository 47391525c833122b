//! The test file of WordPress's own community arrives whole, wherever it is at hand: `THEME_UNIT_TEST` names it.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use dateline::transfer::Report;
use regex::Regex;
use scraper::{Html, Selector};

use crate::{
    import::import,
    on_both_engines,
    support::{
        app::TestApp,
        page::Page,
        skip,
        xml::{self, Element},
    },
};

/// An item of the export as the file has it.
struct Item {
    kind: String,
    status: String,
    path: String,
    content: String,
    is_protected: bool,
    /// Where the file of an attachment is.
    upload: String,
}

impl Item {
    fn of(item: &Element) -> Self {
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

/// The items, if the file is at hand.
fn export() -> Option<(String, Vec<Item>)> {
    let Ok(file) = std::env::var("THEME_UNIT_TEST") else {
        skip("theme-test", "THEME_UNIT_TEST names no file");
        return None;
    };
    let export = xml::read(&std::fs::read_to_string(&file).unwrap());
    let items = export.all("item").into_iter().map(Item::of).collect();
    Some((file, items))
}

fn page(app: &TestApp, item: &Item) -> Page {
    let page = app.get(&item.path);
    match page.status {
        301 => app.get(&app.moved(&item.path)),
        _ => page,
    }
}

/// The words that a reader of the text would see there.
fn words(content: &str) -> HashSet<String> {
    let html = Html::parse_fragment(content);
    let text: Vec<&str> = html.root_element().text().collect();
    text.join(" ")
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A folder with a picture for each of those that the file names.
fn uploads(items: &[Item]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let attachments = items.iter().filter(|item| item.kind == "attachment");
    for (more, attachment) in (0..).zip(attachments) {
        // No two are the same file: they would become one picture.
        let pixels = image::RgbImage::from_pixel(64 + more, 48, image::Rgb([90, 20, 60]));
        let (_, below) = attachment.upload.split_once(".com/").unwrap();
        let path = folder
            .path()
            .join(below.trim_start_matches("wp-content/uploads/"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // What is no picture has no format of one.
        if image::ImageFormat::from_path(&path).is_ok() {
            pixels.save(&path).unwrap();
        }
    }
    folder
}

/// Imports it with its pictures; the texts that are public then, and what the import says.
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
    fn every_kind_and_state_is_counted_as_the_file_has_them(app: &TestApp) {
        let Some((file, items)) = export() else { return };
        let report = import(app, Path::new(&file), None);
        let count = |is: &dyn Fn(&Item) -> bool| items.iter().filter(|item| is(item)).count() as u64;
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

    fn every_address_of_it_answers_and_no_hidden_one_does(app: &TestApp) {
        let Some((file, items)) = export() else { return };
        import(app, Path::new(&file), None);
        for item in items.iter().filter(|item| item.is_text() && item.path != "/") {
            let status = page(app, item).status;
            assert_eq!(status, if item.is_public() { 200 } else { 404 }, "{}", item.path);
        }
    }

    fn no_word_of_its_texts_is_lost(app: &TestApp) {
        let Some((items, report)) = public_texts(app) else { return };
        // What WordPress replaces, and the addresses of embeds.
        let not_words = Regex::new(r"\[/?[a-z]+[^\]]*\]|https?://\S+").unwrap();
        for item in &items {
            let here = page(app, item);
            assert_eq!(here.status, 200, "{}", item.path);
            let here = words(&here.html("main h1, main .standfirst, main .body"));
            let there = words(&not_words.replace_all(&item.content, " "));
            let lost: Vec<&String> = there.difference(&here).collect();
            assert!(lost.is_empty(), "{}: {lost:?}\n{report}", item.path);
        }
    }

    fn tables_lists_quotes_and_pictures_are_as_many_as_they_were(app: &TestApp) {
        let Some((items, report)) = public_texts(app) else { return };
        for item in &items {
            let here = page(app, item);
            let content = Html::parse_fragment(&item.content);
            let there = |what: &str| content.select(&Selector::parse(what).unwrap()).count();
            for what in ["blockquote", "table", "tr", "th", "td", "li"] {
                // Galleries are lists there.
                let theirs = there(what) - there(&format!(".blocks-gallery-grid {what}, .wp-block-gallery {what}"));
                let ours = here.texts(&format!("main .body {what}")).len();
                assert_eq!(ours, theirs, "{what} of {}", item.path);
            }
            let shown = here.attributes("main .body img", "src").len();
            assert!(shown >= there("img"), "{shown} pictures of {}\n{report}", item.path);
        }
    }
}
