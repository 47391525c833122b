//! End-to-end workflow in Chromium, from a new reporter's account to a corrected lead story.

use chrono::TimeDelta;
use dateline::{db::types::UserRole, secrets::second_factor};

use super::{log_in, logged_in_browser, wait_for_notice};
use crate::support::{
    app::TestApp,
    browser::{Browser, Options},
    staff::PASSWORD,
};

const REPORTER: &str = "aqsa@example.org";
const HEADLINE: &str = "Iran, Japan foreign ministers hold bilateral talks";

/// The current code of an authenticator app.
fn code(app: &TestApp, secret: &str) -> String {
    second_factor::code_at(secret, u64::try_from(app.now().timestamp()).unwrap()).unwrap()
}

/// Sets the value of a field and fires its input event.
fn set(browser: &Browser, name: &str, value: &str) {
    browser.eval(&format!(
        "const field = document.querySelector('[name={name}]');
         field.value = '{value}';
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ));
}

fn wait_until_saved(browser: &Browser) {
    browser.wait_until("document.querySelector('[data-state]').textContent.startsWith('Saved')");
}

#[test]
fn an_article_goes_from_reporter_to_correction_in_a_browser() {
    let app = TestApp::on_sqlite();
    let news = app.section("news", "News");
    let section = app.section("news/diplomatic-news", "Diplomatic News");
    let older = app.story(news, "What was agreed the last time", 30);
    let picture = app.picture("Two ministers at a table");
    let Some(admin) = logged_in_browser(
        &app,
        "chief@example.org",
        UserRole::Admin,
        Options::default(),
    ) else {
        return;
    };

    // An admin adds a reporter and passes on the link.
    admin.open(&app.url("/admin/users/new"));
    admin.fill("[name=name]", "Aqsa Bibi");
    admin.fill("[name=email]", REPORTER);
    admin.click("input[name=role][value=author]");
    admin.click("main button.primary");
    admin.wait_until("document.querySelector('.one-time code')");
    let link = admin.text(".one-time code");

    // The reporter chooses a password, sets up a second factor and logs in with it.
    let reporter = Browser::start(Options::default()).unwrap();
    reporter.open(&link);
    reporter.fill("[name=password]", PASSWORD);
    reporter.click("button.primary");
    reporter.wait_for_path("/admin/login");
    log_in(&app, &reporter, REPORTER, PASSWORD);
    reporter.wait_for_path("/admin");
    reporter.open(&app.url("/admin/account/second-factor"));
    let secret = reporter.eval("return document.querySelector('[name=secret]').value");
    let secret = secret.as_str().unwrap();
    reporter.fill("[name=code]", &code(&app, secret));
    reporter.fill("[name=password]", PASSWORD);
    reporter.click("main button.primary");
    reporter.wait_until("document.querySelectorAll('.codes code').length === 10");
    reporter.click(".menu button.as-link");
    reporter.wait_for_path("/admin/login");
    app.app.clock.advance(TimeDelta::minutes(2));
    log_in(&app, &reporter, REPORTER, PASSWORD);
    reporter.wait_for_path("/admin/login/code");
    reporter.fill("[name=code]", &code(&app, secret));
    reporter.click("button.primary");
    reporter.wait_for_path("/admin");

    // The reporter writes an article, waits until it is saved and submits it for review.
    reporter.click(".bar-new a");
    reporter.wait_until("document.querySelector('.ProseMirror')");
    reporter.fill("[name=headline]", HEADLINE);
    reporter.fill(
        "[name=standfirst]",
        "They agreed to meet again in the spring.",
    );
    reporter.fill("[name=dateline_place]", "Geneva");
    set(&reporter, "dateline_date", "2023-12-15");
    reporter.fill("[name=dateline_agency]", "TDI");
    reporter.select("[name=section]", &section.to_string());
    reporter.type_into(".ProseMirror", "The ministers met for two hours.");
    wait_until_saved(&reporter);
    reporter.wait_until("document.querySelector('[name=body]').value.includes('two hours')");
    let body = format!(
        "<p>The ministers met for two hours.</p><h2>What was said</h2><p>Little, and politely.</p>\
         <aside data-also-read=\"{older}\"></aside>\
         <figure data-media=\"{picture}\" data-caption=\"Before the talks\"></figure>\
         <aside class=\"pull-quote\"><p>We will meet again</p></aside>"
    );
    reporter.eval(&format!(
        "document.querySelector('[name=body]').dispatchEvent(
           new CustomEvent('editor:replace', {{ detail: `{body}` }}));"
    ));
    reporter.wait_until("document.querySelector('[name=body]').value.includes('pull-quote')");
    reporter.wait_until("!location.pathname.endsWith('/new')");
    wait_until_saved(&reporter);
    let path = reporter.path();
    reporter.click("button[value=publish]");
    reporter.wait_for_path("/publish");
    reporter.click("form[action$='/review'] button");
    wait_for_notice(&reporter, "Sent for review.");
    let assert_hidden = |when: &str| {
        for url in [
            "/",
            "/latest",
            "/news/diplomatic-news",
            "/search?q=ministers",
        ] {
            assert!(!app.get(url).body.contains("bilateral"), "{when}: {url}");
        }
    };
    assert_hidden("waiting for review");

    // An editor finds it on the dashboard, edits it and schedules it.
    let editor = logged_in_browser(
        &app,
        "editor@example.org",
        UserRole::Editor,
        Options::default(),
    )
    .unwrap();
    assert!(editor.text("[aria-labelledby=waiting]").contains(HEADLINE));
    editor.open(&app.url(&path));
    editor.wait_until("document.querySelector('.ProseMirror')");
    editor.fill("[name=kicker]", "Diplomacy");
    editor.click("button[value=publish]");
    editor.wait_for_path("/publish");
    let publication_time = app.now() + TimeDelta::hours(3);
    editor.click("input[name=when][value=at]");
    set(
        &editor,
        "at",
        &publication_time.format("%Y-%m-%dT%H:%M").to_string(),
    );
    editor.click("form[action$='/publish'] button.primary");
    wait_for_notice(&editor, "Scheduled for");
    assert_hidden("scheduled");

    // It appears at its time.
    app.app
        .clock
        .advance(TimeDelta::hours(3) + TimeDelta::minutes(1));
    let id: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
    let address = app.path(id);
    let page = app.get(&address);
    assert_eq!(page.text("h1"), HEADLINE);
    assert_eq!(
        page.texts(".breadcrumb a"),
        ["Home", "News", "Diplomatic News", HEADLINE]
    );
    assert_eq!(page.text(".dateline"), "Geneva, 15 December 2023 (TDI):");
    assert_eq!(page.texts(".body h2"), ["What was said"]);
    assert_eq!(
        page.texts(".also-read a"),
        ["What was agreed the last time"]
    );
    assert_eq!(
        page.attributes(".picture img", "alt"),
        ["Two ministers at a table"]
    );
    assert!(page.text(".pull-quote").contains("We will meet again"));

    // It is pinned as the lead although newer stories exist.
    for hours in 0..3 {
        app.story(news, &format!("Something newer {hours}"), hours);
    }
    editor.open(&app.url("/admin/edition"));
    editor.fill("[name=add]", &app.url(&address));
    editor.click("[data-edition] button[value=show]:not([hidden])");
    editor.wait_until("document.querySelector('.pins')?.textContent.includes('bilateral')");
    editor.click("button[value=save]");
    wait_for_notice(&editor, "Edition saved.");
    assert!(app.get("/").text(".front-lead h3").contains(HEADLINE));

    // A conflicting save by a second editor is detected.
    editor.open(&app.url(&path));
    admin.open(&app.url(&path));
    admin.fill("[name=standfirst]", "They agreed to meet again in March.");
    admin.click("button[value=save]");
    wait_for_notice(&admin, "Saved.");
    editor.fill("[name=standfirst]", "They agreed on little.");
    editor.wait_until("document.querySelector('[data-key=conflict]')");
    editor.click("[data-key=conflict] button");
    editor.wait_until("document.querySelector('.conflict')");
    assert!(editor.text(".conflict").contains("in March"));
    assert!(
        !app.get(&address).body.contains("in March"),
        "readers see the published text"
    );

    // A correction is added, and readers see it.
    editor.open(&app.url(&format!("{path}/corrections")));
    editor.fill("[name=text]", "The talks took two hours, not three.");
    editor.click("main button.primary");
    wait_for_notice(&editor, "Correction added.");
    assert!(
        app.get(&address)
            .text(".note")
            .contains("two hours, not three")
    );
    assert!(
        app.get("/corrections")
            .body
            .contains("two hours, not three")
    );
}
