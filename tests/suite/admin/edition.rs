//! The edition: what editors place stands where they placed it, and no one's arrangement is lost.

use chrono::TimeDelta;
use chrono_tz::Tz;
use dateline::{
    db::types::{Status, UserRole},
    models::{article::Draft, edition},
};

use super::writing::{logged_in, wait_for_notice};
use crate::{
    on_both_engines,
    support::{app::TestApp, browser::Options, page::Page, staff::Staff},
};

/// What the form of a page would send: its hidden fields and everything typed.
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

/// Presses a button of a page that was opened before, with some fields typed anew.
fn press(editor: &Staff<'_>, page: &Page, button: &str, typed: &[(&str, &str)]) -> Page {
    let mut fields = fields(page);
    for (name, value) in typed {
        let field = fields
            .iter_mut()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("there is a field {name}"));
        field.1 = (*value).to_owned();
    }
    fields.push(("do".to_owned(), button.to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    editor.post("/admin/edition", &fields)
}

/// The articles in the list, by number.
fn listed(page: &Page) -> Vec<i64> {
    let ids = page.attributes("[name=article]", "value");
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

/// Stories 1 to `n`, the first the newest.
fn stories(app: &TestApp, n: i64) -> Vec<i64> {
    let news = app.section("news", "News");
    (1..=n)
        .map(|hours| app.story(news, &format!("Story {hours}"), hours))
        .collect()
}

on_both_engines! {
    fn stories_are_placed_moved_and_taken_out_and_readers_see_it_once_it_is_saved(app: &TestApp) {
        let ids = stories(app, 20);
        let editor = app.staff(UserRole::Editor);
        let mut page = editor.get("/admin/edition");
        assert_eq!(page.text(".seen.lead h3"), "Story 1");
        assert!(!page.texts(".seen .tag").contains(&"Placed".to_owned()));
        // A story is added by its number, its address, or from what a search found.
        for (typed, expected) in [
            (ids[7].to_string(), vec![ids[7]]),
            (app.url(&app.path(ids[4])), vec![ids[7], ids[4]]),
            (format!("/admin/articles/{}/revisions", ids[9]), vec![ids[7], ids[4], ids[9]]),
        ] {
            page = press(&editor, &page, "show", &[("add", &typed)]);
            assert_eq!((page.status, listed(&page)), (200, expected), "{typed}");
            assert_eq!(page.attributes("[name=add]", "value"), [""]);
        }
        page = press(&editor, &page, "show", &[("q", "story")]);
        let found = page.attributes("[data-part=found] button", "value");
        assert!(found.contains(&format!("pin:{}", ids[2])), "{found:?}");
        assert!(!found.contains(&format!("pin:{}", ids[7])), "it is placed");
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
            assert_eq!(listed(&page), expected, "{button} {id}");
            assert_eq!(page.attributes("[name=q]", "value"), ["story"], "what was searched for stays");
        }
        assert_eq!(page.text(".seen.lead h3"), "Story 8");
        assert_eq!(page.texts(".looks-beside h3"), ["Story 10", "Story 5"]);
        assert_eq!(page.texts(".looks-below h3"), ["Story 3", "Story 1"]);
        assert_eq!(page.text(".seen.lead .tag"), "Placed");
        assert_eq!(page.texts(".looks-below .tag"), ["Placed", "By itself"]);
        assert_eq!(page.texts("#placed .tag"), ["Not saved yet"]);
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 1", "not saved, not seen");

        let saved = press(&editor, &page, "save", &[]);
        assert_eq!(saved.header("location"), Some("/admin/edition"));
        let front = app.get("/");
        assert_eq!(front.text(".front-lead .card-headline"), "Story 8");
        assert_eq!(front.texts(".front-side .card-headline"), ["Story 10", "Story 5"]);
        assert_eq!(editor.get("/admin/edition").texts("#placed .tag"), [""; 0]);
        let history = editor.get("/admin/history?kind=edition").texts(".deeds p");
        assert!(history[0].ends_with("arranged edition “Front page”"), "{history:?}");
        assert_eq!(history[1], "lead “Story 8”; added “Story 8”, “Story 10”, “Story 5”, “Story 3”");
    }

    fn the_preview_is_what_the_front_page_becomes(app: &TestApp) {
        let ids = stories(app, 30);
        let editor = app.staff(UserRole::Editor);
        app.place(None, &[ids[20], ids[3], ids[25], ids[9]]);
        let page = editor.get("/admin/edition");
        let front = app.get("/");
        assert_eq!(page.texts(".seen.lead h3"), front.texts(".front-lead .card.lead .card-headline"));
        assert_eq!(page.texts(".looks-beside h3"), front.texts(".front-side .card-headline"));
        assert_eq!(page.texts(".looks-below h3"), front.texts(".front-below .card-headline"));
        assert_eq!(page.texts(".looks-rest h3"), front.texts(".latest .card-headline"));
    }

    fn a_sections_top_is_arranged_by_itself(app: &TestApp) {
        let ids = stories(app, 6);
        let section = app.change(|conn| {
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
        assert_eq!(page.texts(".seen h3")[..3], ["Story 5", "Story 1", "Story 2"]);
        for wrong in ["999", "x", "-1"] {
            assert_eq!(editor.get(&format!("/admin/edition?section={wrong}")).status, 404);
        }
    }

    fn a_pin_ends_when_it_is_told_to_and_a_time_that_cannot_be_is_told_beside_its_field(app: &TestApp) {
        app.settings(|settings| settings.time_zone = Tz::Europe__Berlin);
        let ids = stories(app, 4);
        let editor = app.staff(UserRole::Editor);
        let page = editor.get("/admin/edition");
        let page = press(&editor, &page, "show", &[("add", &ids[3].to_string())]);
        for (until, error) in [
            ("2021-03-04T10:00", "This time is over"),
            ("2099-03-29T02:30", "This time does not exist"),
            ("tomorrow", "Write it like"),
        ] {
            let page = press(&editor, &page, "save", &[("until", until)]);
            assert_eq!(page.status, 422, "{until}");
            assert!(page.text(".pin-until .error").starts_with(error), "{until}");
            assert_eq!(page.attributes(".pins [name=until]", "value"), [until], "kept as it was typed");
            assert_eq!(page.attributes(".summary a", "href"), [format!("#until-{}", ids[3])]);
        }
        let end = app.now().with_timezone(&Tz::Europe__Berlin) + TimeDelta::hours(2);
        let typed = end.format("%Y-%m-%dT%H:%M").to_string();
        assert_eq!(press(&editor, &page, "save", &[("until", &typed)]).status, 303);
        let page = editor.get("/admin/edition");
        assert_eq!(page.attributes(".pins [name=until]", "value"), [typed]);
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 4");
        app.app.clock.advance(TimeDelta::hours(3));
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 1");
        let page = editor.get("/admin/edition");
        assert!(listed(&page).is_empty());
        // What has ended is no reason to refuse what comes after it.
        let page = press(&editor, &page, "show", &[("add", &ids[2].to_string())]);
        assert_eq!(press(&editor, &page, "save", &[]).status, 303);
    }

    fn what_cannot_be_placed_is_said_beside_the_field(app: &TestApp) {
        let ids = stories(app, 2);
        let news = app.section("more", "More");
        let draft = app.publish(&Draft { status: Status::Draft, ..app.draft(news, "Only a draft") });
        let later = Some(app.now() + TimeDelta::hours(5));
        let scheduled = app.publish(&Draft { published_at: later, ..app.draft(news, "Not yet") });
        let editor = app.staff(UserRole::Editor);
        app.place(None, &[ids[0]]);
        let page = editor.get("/admin/edition");
        for (typed, error) in [
            ("999999", "There is no article there"),
            ("/not/there", "There is no article there"),
            ("/news", "There is no article there"),
            (&draft.to_string(), "This article is not published, nor scheduled"),
            (&ids[0].to_string(), "It is on the list already"),
        ] {
            for button in ["show", "save"] {
                let page = press(&editor, &page, button, &[("add", typed)]);
                assert_eq!(page.status, 422, "{typed}");
                assert_eq!(page.text("#error-add"), error);
                assert_eq!(page.attributes("[name=add]", "value"), [typed]);
                assert_eq!(listed(&page), [ids[0]]);
            }
        }
        let refused = press(&editor, &page, &format!("pin:{draft}"), &[]);
        assert_eq!(listed(&refused), [ids[0]]);
        assert_eq!(press(&editor, &page, "up:x", &[]).status, 404);
        // A scheduled one may wait for its time.
        let page = press(&editor, &page, "show", &[("add", &scheduled.to_string())]);
        assert!(page.text(".pins .tag").starts_with("Readers see it from"));
        assert_eq!(press(&editor, &page, "save", &[]).status, 303);
        assert!(!app.get("/").body.contains("Not yet"));
        app.app.clock.advance(TimeDelta::hours(6));
        assert!(app.get("/").texts(".front-side .card-headline").contains(&"Not yet".to_owned()));
    }

    fn of_two_editors_the_second_is_shown_both_arrangements_and_loses_none(app: &TestApp) {
        let ids = stories(app, 8);
        let (ada, bob) = (app.staff(UserRole::Editor), app.staff(UserRole::Editor));
        let add = |editor: &Staff<'_>, page: &Page, index: usize| {
            press(editor, page, "show", &[("add", &ids[index].to_string())])
        };
        let of_ada = add(&ada, &ada.get("/admin/edition"), 5);
        let of_bob = add(&bob, &bob.get("/admin/edition"), 7);
        assert_eq!(press(&ada, &of_ada, "save", &[]).status, 303);
        let refused = press(&bob, &of_bob, "save", &[]);
        assert_eq!(refused.status, 409);
        assert_eq!(refused.texts(".theirs li"), ["Story 6"]);
        assert!(refused.text("#conflict").contains("has saved another arrangement meanwhile"));
        assert_eq!(listed(&refused), [ids[7]], "what he made is still there");
        assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 6", "and so is hers");
        // Having seen both, he may put both there.
        let merged = add(&bob, &refused, 5);
        assert_eq!(press(&bob, &merged, "save", &[]).status, 303);
        let stored = app.change(|conn| Ok(edition::arrangement(conn, None)?));
        let stored: Vec<i64> = stored.iter().map(|slot| slot.article_id).collect();
        assert_eq!(stored, [ids[7], ids[5]]);
        // To want what is there already is no conflict.
        let late = press(&ada, &press(&ada, &of_ada, &format!("lead:{}", ids[7]), &[]), "save", &[]);
        assert_eq!(late.status, 303);
    }

    fn the_breaking_news_bar_is_put_up_changed_and_taken_down(app: &TestApp) {
        app.settings(|settings| settings.time_zone = Tz::Asia__Karachi);
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
            let typed = right.map(|(name, value)| (name, if name == field { wrong } else { value }));
            let page = press(&editor, &page, "breaking-on", &typed);
            assert_eq!(page.status, 422, "{field} {wrong}");
            assert_eq!(page.attributes(".summary a", "href"), [format!("#field-{field}")]);
            assert_eq!(listed(&page), [ids[2]], "the arrangement is kept");
        }
        assert!(!app.get("/").body.contains("class=\"breaking\""));
        let up = press(&editor, &page, "breaking-on", &right);
        assert_eq!(up.status, 200);
        assert_eq!(listed(&up), [ids[2]], "the arrangement is kept");
        assert_eq!(up.texts("#placed .tag"), ["Not saved yet"]);
        assert_eq!(app.get("/latest").text(".breaking a"), "Harbour closed");
        assert_eq!(app.get("/").attributes(".breaking a", "href"), [path]);

        let other = press(&editor, &up, "breaking-on", &[("breaking_text", "Harbour open again")]);
        assert_eq!(app.get("/").text(".breaking a"), "Harbour open again");
        // Somebody who has the earlier bar before them does not take the later one down unseen.
        let late = press(&editor, &up, "breaking-off", &[]);
        assert_eq!(late.status, 409);
        assert!(late.text("#error-breaking_text").contains("Harbour open again"));
        assert_eq!(app.get("/").text(".breaking a"), "Harbour open again");
        assert_eq!(press(&editor, &other, "breaking-off", &[]).status, 200);
        assert!(!app.get("/").body.contains("class=\"breaking\""));
        let history = editor.get("/admin/history?q=harbour").texts(".deeds p:first-child");
        let verbs: Vec<_> = history.iter().map(|text| text.split(' ').nth(1).unwrap()).collect();
        assert_eq!(verbs, ["took", "changed", "put"], "{history:?}");
        app.app.clock.advance(TimeDelta::hours(3));
        assert_eq!(editor.get("/admin/edition").text("#breaking .tag"), "Down");
    }
}

/// The numbers in the list, as a browser shows it.
const LISTED: &str =
    "[...document.querySelectorAll('[name=article]')].map((field) => field.value).join()";

#[test]
fn without_javascript_a_story_is_found_placed_and_saved() {
    let app = TestApp::on_sqlite();
    let ids = stories(&app, 5);
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = logged_in(&app, "ada@example.org", UserRole::Editor, options) else {
        return;
    };
    browser.open(&app.url("/admin/edition"));
    browser.fill("[name=q]", "story");
    browser.click(".with-button button");
    browser.click(&format!("button[value='lead:{}']", ids[3]));
    browser.click(&format!("button[value='pin:{}']", ids[2]));
    browser.click(&format!("button[value='up:{}']", ids[2]));
    browser.click("button[value=save]");
    wait_for_notice(&browser, "The arrangement is saved.");
    assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 3");
}

#[test]
fn a_story_is_moved_by_keyboard_and_by_pointer_without_leaving_the_page() {
    let app = TestApp::on_sqlite();
    let ids = stories(&app, 5);
    app.place(None, &ids[..3]);
    let Some(browser) = logged_in(
        &app,
        "ada@example.org",
        UserRole::Editor,
        Options::default(),
    ) else {
        return;
    };
    browser.open(&app.url("/admin/edition"));
    browser.eval("window.here = true");
    let list = |order: [usize; 3]| order.map(|index| ids[index].to_string()).join(",");
    let down = format!("button[value='down:{}']", ids[0]);
    browser.click(&down);
    browser.wait_until(&format!("{LISTED} === '{}'", list([1, 0, 2])));
    browser
        .wait_until("document.querySelector('[data-said]').textContent.includes('number 2 of 3')");
    let focused = browser.eval("return document.activeElement.value");
    assert_eq!(
        focused,
        format!("down:{}", ids[0]),
        "the focus stays on the button"
    );
    // The last one is dragged to the top.
    browser.eval(
        "const grips = document.querySelectorAll('.grip');
         const [first, last] = [grips[0], grips[grips.length - 1]];
         last.setPointerCapture = () => {};
         const at = (type, grip) => last.dispatchEvent(new PointerEvent(type, {
           bubbles: true, button: 0, pointerId: 1, clientY: grip.getBoundingClientRect().top - 5 }));
         at('pointerdown', last); at('pointermove', first); at('pointerup', first);",
    );
    browser
        .wait_until("document.querySelector('[data-said]').textContent.includes('number 1 of 3')");
    assert_eq!(browser.eval(&format!("return {LISTED}")), list([2, 1, 0]));
    assert_eq!(browser.text(".seen.lead h3"), "Story 3");
    assert_eq!(browser.eval("return window.here"), true);
    assert!(browser.asks_before_leaving());
    browser.click("button[value=save]");
    wait_for_notice(&browser, "The arrangement is saved.");
    assert_eq!(app.get("/").text(".front-lead .card-headline"), "Story 3");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}
