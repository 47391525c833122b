//! The edition: pinned stories, conflicting arrangements and breaking news.

use chrono::TimeDelta;
use chrono_tz::Tz;
use dateline::{
    db::types::{Status, UserRole},
    models::{article::Draft, edition},
};

use super::{logged_in_browser, wait_for_notice};
use crate::{
    on_both_engines,
    support::{app::TestApp, browser::Options, page::Page, staff::Staff},
};

/// The fields that the page's form submits: hidden fields and current values.
fn fields(page: &Page) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for name in ["section", "base", "breaking_base"] {
        let value = page.attributes(&format!("[data-edition] [name={name}]"), "value");
        fields.extend(value.into_iter().map(|value| (name.to_owned(), value)));
    }
    for name in [
        "article",
        "until",
        "q",
        "add",
        "breaking_text",
        "breaking_link",
        "breaking_until",
    ] {
        for value in page.attributes(&format!("[name={name}]"), "value") {
            fields.push((name.to_owned(), value));
        }
    }
    fields
}

/// Presses a button of a page that was opened before, with some fields changed.
fn press(editor: &Staff<'_>, page: &Page, button: &str, values: &[(&str, &str)]) -> Page {
    let mut fields = fields(page);
    for (name, value) in values {
        let field = fields
            .iter_mut()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("there is no field {name}"));
        field.1 = (*value).to_owned();
    }
    fields.push(("do".to_owned(), button.to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    editor.post("/admin/edition", &fields)
}

/// The ids of the pinned articles, in order.
fn pinned_ids(page: &Page) -> Vec<i64> {
    let ids = page.attributes("[name=article]", "value");
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

/// Adds stories 1 to `n`, the first the newest; returns their ids.
fn stories(app: &TestApp, n: i64) -> Vec<i64> {
    let news = app.section("news", "News");
    (1..=n)
        .map(|hours| app.story(news, &format!("Story {hours}"), hours))
        .collect()
}

on_both_engines! {
    fn pinned_stories_are_added_moved_and_removed_and_shown_once_saved(app: &TestApp) {
        let ids = stories(app, 20);
        let editor = app.staff(UserRole::Editor);
        let mut page = editor.get("/admin/edition");
        assert_eq!(page.text(".preview-card.lead h3"), "Story 1");
        assert!(!page.texts(".preview-card .tag").contains(&"Placed".to_owned()));
        // A story is added by its id, its URL, its admin URL or from the search results.
        for (input, expected) in [
            (ids[7].to_string(), vec![ids[7]]),
            (app.url(&app.path(ids[4])), vec![ids[7], ids[4]]),
            (format!("/admin/articles/{}/revisions", ids[9]), vec![ids[7], ids[4], ids[9]]),
        ] {
            page = press(&editor, &page, "show", &[("add", &input)]);
            assert_eq!((page.status, pinned_ids(&page)), (200, expected), "{input}");
            assert_eq!(page.attributes("[name=add]", "value"), [""]);
        }
        page = press(&editor, &page, "show", &[("q", "story")]);
        let found = page.attributes("[data-part=found] button", "value");
        assert!(found.contains(&format!("pin:{}", ids[2])), "{found:?}");
        assert!(!found.contains(&format!("pin:{}", ids[7])), "it is already pinned");
        for (button, id, expected) in [
            ("pin", 2, [7, 4, 9, 2].as_slice()),
            ("lead", 3, &[3, 7, 4, 9, 2]),
            ("up", 9, &[3, 7, 9, 4, 2]),
            ("down", 3, &[7, 3, 9, 4, 2]),
            ("up", 7, &[7, 3, 9, 4, 2]),
            ("down", 2, &[7, 3, 9, 4, 2]),
            ("remove", 3, &[7, 9, 4, 2]),
        ] {
            page = press(&editor, &page, &format!("{button}:{}", ids[id]), &[]);
            let expected: Vec<i64> = expected.iter().map(|index| ids[*index]).collect();
            assert_eq!(pinned_ids(&page), expected, "{button} {id}");
            assert_eq!(page.attributes("[name=q]", "value"), ["story"], "the search words stay");
        }
        assert_eq!(page.text(".preview-card.lead h3"), "Story 8");
        assert_eq!(page.texts(".preview-beside h3"), ["Story 10", "Story 5"]);
        assert_eq!(page.texts(".preview-below h3"), ["Story 3", "Story 1"]);
        assert_eq!(page.text(".preview-card.lead .tag"), "Placed");
        assert_eq!(page.texts(".preview-below .tag"), ["Placed", "Automatic"]);
        assert_eq!(page.texts("#placed .tag"), ["Not saved yet"]);
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 1", "unsaved changes are not public");

        let saved = press(&editor, &page, "save", &[]);
        assert_eq!(saved.header("location"), Some("/admin/edition"));
        let front = app.get("/");
        assert_eq!(front.text(".front-lead .card-headline"), "Story 8");
        assert_eq!(front.texts(".front-side .card-headline"), ["Story 10", "Story 5"]);
        assert_eq!(editor.get("/admin/edition").texts("#placed .tag"), [""; 0]);
        let history = editor.get("/admin/history?kind=edition").texts(".events p");
        assert!(history[0].ends_with("arranged edition “Front page”"), "{history:?}");
        assert_eq!(history[1], "lead “Story 8”; added “Story 8”, “Story 10”, “Story 5”, “Story 3”");
    }

    fn the_preview_matches_the_front_page(app: &TestApp) {
        let ids = stories(app, 30);
        let editor = app.staff(UserRole::Editor);
        app.pin(None, &[ids[20], ids[3], ids[25], ids[9]]);
        let page = editor.get("/admin/edition");
        let front = app.get("/");
        assert_eq!(page.texts(".preview-card.lead h3"), front.texts(".front-lead .card.lead .card-headline"));
        assert_eq!(page.texts(".preview-beside h3"), front.texts(".front-side .card-headline"));
        assert_eq!(page.texts(".preview-below h3"), front.texts(".front-below .card-headline"));
        assert_eq!(page.texts(".preview-rest h3"), front.texts(".latest .card-headline"));
    }

    fn a_section_page_has_its_own_arrangement(app: &TestApp) {
        let ids = stories(app, 6);
        let section = app.write(|conn| {
            Ok(dateline::models::section::tree(conn)?.children(None).next().unwrap().id)
        });
        let editor = app.staff(UserRole::Editor);
        let page = editor.get(&format!("/admin/edition?section={section}"));
        assert!(page.texts("#breaking").is_empty());
        let page = press(&editor, &page, "show", &[("add", &ids[4].to_string())]);
        let saved = press(&editor, &page, "save", &[]);
        assert_eq!(saved.header("location"), Some(format!("/admin/edition?section={section}").as_str()));
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 1");
        let news = app.get("/news").texts("main .card-headline");
        assert_eq!(news[..3], ["Story 5", "Story 1", "Story 2"]);
        let page = editor.get(&format!("/admin/edition?section={section}"));
        assert_eq!(page.texts(".preview-card h3")[..3], ["Story 5", "Story 1", "Story 2"]);
        for wrong in ["999", "x", "-1"] {
            assert_eq!(editor.get(&format!("/admin/edition?section={wrong}")).status, 404);
        }
    }

    fn a_pin_ends_at_its_time_and_invalid_times_are_reported(app: &TestApp) {
        app.update_settings(|settings| settings.time_zone = Tz::Europe__Berlin);
        let ids = stories(app, 4);
        let editor = app.staff(UserRole::Editor);
        let page = editor.get("/admin/edition");
        let page = press(&editor, &page, "show", &[("add", &ids[3].to_string())]);
        for (until, error) in [
            ("2021-03-04T10:00", "This time is in the past"),
            ("2099-03-29T02:30", "This time does not exist"),
            ("tomorrow", "Use the form"),
        ] {
            let page = press(&editor, &page, "save", &[("until", until)]);
            assert_eq!(page.status, 422, "{until}");
            assert!(page.text(".pin-until .error").starts_with(error), "{until}");
            assert_eq!(page.attributes(".pins [name=until]", "value"), [until], "kept as entered");
            assert_eq!(page.attributes(".summary a", "href"), [format!("#until-{}", ids[3])]);
        }
        let end = app.now().with_timezone(&Tz::Europe__Berlin) + TimeDelta::hours(2);
        let value = end.format("%Y-%m-%dT%H:%M").to_string();
        assert_eq!(press(&editor, &page, "save", &[("until", &value)]).status, 303);
        let page = editor.get("/admin/edition");
        assert_eq!(page.attributes(".pins [name=until]", "value"), [value]);
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 4");
        app.app.clock.advance(TimeDelta::hours(3));
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 1");
        let page = editor.get("/admin/edition");
        assert!(pinned_ids(&page).is_empty());
        // An expired pin does not prevent a later save.
        let page = press(&editor, &page, "show", &[("add", &ids[2].to_string())]);
        assert_eq!(press(&editor, &page, "save", &[]).status, 303);
    }

    fn articles_that_cannot_be_pinned_are_reported_beside_the_field(app: &TestApp) {
        let ids = stories(app, 2);
        let news = app.section("more", "More");
        let draft = app.publish(&Draft { status: Status::Draft, ..app.draft(news, "Only a draft") });
        let later = Some(app.now() + TimeDelta::hours(5));
        let scheduled = app.publish(&Draft { published_at: later, ..app.draft(news, "Not yet") });
        let editor = app.staff(UserRole::Editor);
        app.pin(None, &[ids[0]]);
        let page = editor.get("/admin/edition");
        for (input, error) in [
            ("999999", "No such article"),
            ("/not/there", "No such article"),
            ("/news", "No such article"),
            (&draft.to_string(), "This article is neither published nor scheduled"),
            (&ids[0].to_string(), "It is already on the list"),
        ] {
            for button in ["show", "save"] {
                let page = press(&editor, &page, button, &[("add", input)]);
                assert_eq!(page.status, 422, "{input}");
                assert_eq!(page.text("#error-add"), error);
                assert_eq!(page.attributes("[name=add]", "value"), [input]);
                assert_eq!(pinned_ids(&page), [ids[0]]);
            }
        }
        let refused = press(&editor, &page, &format!("pin:{draft}"), &[]);
        assert_eq!(pinned_ids(&refused), [ids[0]]);
        assert_eq!(press(&editor, &page, "up:x", &[]).status, 404);
        // A scheduled article may be pinned before its time.
        let page = press(&editor, &page, "show", &[("add", &scheduled.to_string())]);
        assert!(page.text(".pins .tag").starts_with("Visible from"));
        assert_eq!(press(&editor, &page, "save", &[]).status, 303);
        assert!(!app.get("/").body.contains("Not yet"));
        app.app.clock.advance(TimeDelta::hours(6));
        assert!(app.get("/").texts(".front-side .card-headline").contains(&"Not yet".to_owned()));
    }

    fn a_conflicting_arrangement_is_refused_and_both_are_shown(app: &TestApp) {
        let ids = stories(app, 8);
        let (ada, bob) = (app.staff(UserRole::Editor), app.staff(UserRole::Editor));
        let add = |editor: &Staff<'_>, page: &Page, index: usize| {
            press(editor, page, "show", &[("add", &ids[index].to_string())])
        };
        let adas_page = add(&ada, &ada.get("/admin/edition"), 5);
        let bobs_page = add(&bob, &bob.get("/admin/edition"), 7);
        assert_eq!(press(&ada, &adas_page, "save", &[]).status, 303);
        let refused = press(&bob, &bobs_page, "save", &[]);
        assert_eq!(refused.status, 409);
        assert_eq!(refused.texts(".theirs li"), ["Story 6"]);
        assert!(refused.text("#conflict").contains("saved another version of this edition"));
        assert_eq!(pinned_ids(&refused), [ids[7]], "Bob's arrangement is kept in the form");
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 6", "Ada's arrangement is kept on the site");
        // After having seen both, Bob can save a merged arrangement.
        let merged = add(&bob, &refused, 5);
        assert_eq!(press(&bob, &merged, "save", &[]).status, 303);
        let stored = app.write(|conn| Ok(edition::arrangement(conn, None)?));
        let stored: Vec<i64> = stored.iter().map(|slot| slot.article_id).collect();
        assert_eq!(stored, [ids[7], ids[5]]);
        // Saving the stored arrangement again is not a conflict.
        let late = press(&ada, &press(&ada, &adas_page, &format!("lead:{}", ids[7]), &[]), "save", &[]);
        assert_eq!(late.status, 303);
    }

    fn breaking_news_is_shown_changed_and_removed(app: &TestApp) {
        app.update_settings(|settings| settings.time_zone = Tz::Asia__Karachi);
        let ids = stories(app, 3);
        let path = app.path(ids[0]);
        let editor = app.staff(UserRole::Editor);
        let until = (app.now() + TimeDelta::hours(2)).with_timezone(&Tz::Asia__Karachi);
        let until = until.format("%Y-%m-%dT%H:%M").to_string();
        let page = editor.get("/admin/edition");
        let page = press(&editor, &page, "show", &[("add", &ids[2].to_string())]);
        let right = [
            ("breaking_text", "Harbour closed"),
            ("breaking_link", path.as_str()),
            ("breaking_until", until.as_str()),
        ];
        for (field, wrong) in [
            ("breaking_text", " "),
            ("breaking_text", &"long ".repeat(60)),
            ("breaking_link", "https://elsewhere.example/"),
            ("breaking_link", "//elsewhere.example/"),
            ("breaking_link", "javascript:alert(1)"),
            ("breaking_link", "/\\elsewhere.example"),
            ("breaking_link", "/not/there"),
            ("breaking_until", ""),
            ("breaking_until", "2020-01-01T10:00"),
        ] {
            let values = right.map(|(name, value)| (name, if name == field { wrong } else { value }));
            let page = press(&editor, &page, "breaking-on", &values);
            assert_eq!(page.status, 422, "{field} {wrong}");
            assert_eq!(page.attributes(".summary a", "href"), [format!("#field-{field}")]);
            assert_eq!(pinned_ids(&page), [ids[2]], "the arrangement is kept");
        }
        assert!(!app.get("/").body.contains("class=\"breaking\""));
        let shown = press(&editor, &page, "breaking-on", &right);
        assert_eq!(shown.status, 200);
        assert_eq!(pinned_ids(&shown), [ids[2]], "the arrangement is kept");
        assert_eq!(shown.texts("#placed .tag"), ["Not saved yet"]);
        assert_eq!(app.get("/latest").text(".breaking a"), "Harbour closed");
        assert_eq!(app.get("/").attributes(".breaking a", "href"), [path]);

        let other = press(&editor, &shown, "breaking-on", &[("breaking_text", "Harbour open again")]);
        assert_eq!(app.get("/").text(".breaking a"), "Harbour open again");
        // A page opened before the change cannot remove the newer text.
        let late = press(&editor, &shown, "breaking-off", &[]);
        assert_eq!(late.status, 409);
        assert!(late.text("#error-breaking_text").contains("Harbour open again"));
        assert_eq!(app.get("/").text(".breaking a"), "Harbour open again");
        assert_eq!(press(&editor, &other, "breaking-off", &[]).status, 200);
        assert!(!app.get("/").body.contains("class=\"breaking\""));
        let history = editor.get("/admin/history?q=harbour").texts(".events p:first-child");
        let verbs: Vec<_> = history.iter().map(|text| text.split(' ').nth(1).unwrap()).collect();
        assert_eq!(verbs, ["removed", "changed", "added"], "{history:?}");
        app.app.clock.advance(TimeDelta::hours(3));
        assert_eq!(editor.get("/admin/edition").text("#breaking .tag"), "Not shown");
    }
}

/// A script expression: the ids of the pinned articles, joined by commas.
const PINNED_IDS: &str =
    "[...document.querySelectorAll('[name=article]')].map((field) => field.value).join()";

#[test]
fn a_story_is_found_pinned_and_saved_without_javascript() {
    let app = TestApp::on_sqlite();
    let ids = stories(&app, 5);
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = logged_in_browser(&app, "ada@example.org", UserRole::Editor, options)
    else {
        return;
    };
    browser.open(&app.url("/admin/edition"));
    browser.fill("[name=q]", "story");
    browser.click(".with-button button");
    browser.click(&format!("button[value='lead:{}']", ids[3]));
    browser.click(&format!("button[value='pin:{}']", ids[2]));
    browser.click(&format!("button[value='up:{}']", ids[2]));
    browser.click("button[value=save]");
    wait_for_notice(&browser, "Edition saved.");
    assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 3");
}

#[test]
fn stories_are_moved_by_keyboard_and_pointer_without_reload() {
    let app = TestApp::on_sqlite();
    let ids = stories(&app, 5);
    app.pin(None, &ids[..3]);
    let Some(browser) = logged_in_browser(
        &app,
        "ada@example.org",
        UserRole::Editor,
        Options::default(),
    ) else {
        return;
    };
    browser.open(&app.url("/admin/edition"));
    browser.eval("window.samePage = true");
    let list = |order: [usize; 3]| order.map(|index| ids[index].to_string()).join(",");
    let down = format!("button[value='down:{}']", ids[0]);
    browser.click(&down);
    browser.wait_until(&format!("{PINNED_IDS} === '{}'", list([1, 0, 2])));
    browser.wait_until(
        "document.querySelector('[data-announcement]').textContent.includes('number 2 of 3')",
    );
    let focused = browser.eval("return document.activeElement.value");
    assert_eq!(
        focused,
        format!("down:{}", ids[0]),
        "the focus stays on the button"
    );
    // The last story is dragged to the top.
    browser.eval(
        "const grips = document.querySelectorAll('.grip');
         const [first, last] = [grips[0], grips[grips.length - 1]];
         last.setPointerCapture = () => {};
         const at = (type, grip) => last.dispatchEvent(new PointerEvent(type, {
           bubbles: true, button: 0, pointerId: 1, clientY: grip.getBoundingClientRect().top - 5 }));
         at('pointerdown', last); at('pointermove', first); at('pointerup', first);",
    );
    browser.wait_until(
        "document.querySelector('[data-announcement]').textContent.includes('number 1 of 3')",
    );
    assert_eq!(
        browser.eval(&format!("return {PINNED_IDS}")),
        list([2, 1, 0])
    );
    assert_eq!(browser.text(".preview-card.lead h3"), "Story 3");
    assert_eq!(browser.eval("return window.samePage"), true);
    assert!(browser.warns_before_leaving());
    browser.click("button[value=save]");
    wait_for_notice(&browser, "Edition saved.");
    assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 3");
    let console_errors = browser.console_errors();
    assert!(console_errors.is_empty(), "{console_errors:?}");
}
