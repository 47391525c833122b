//! Writing in a real browser: with the form's script, and without any.

use dateline::db::types::UserRole;

use crate::support::{
    app::TestApp,
    browser::{Browser, Options},
    staff::PASSWORD,
};

/// Logs somebody of this role in; `None` where there is no browser.
pub fn logged_in(app: &TestApp, email: &str, role: UserRole, options: Options) -> Option<Browser> {
    app.user(email, role);
    let browser = Browser::start(options)?;
    log_in(app, &browser, email, PASSWORD);
    Some(browser)
}

/// Fills in the login form.
pub fn log_in(app: &TestApp, browser: &Browser, email: &str, password: &str) {
    browser.open(&app.url("/admin/login"));
    browser.fill("[name=email]", email);
    browser.fill("[name=password]", password);
    browser.follow("button.primary");
}

/// The text in the body editor.
const EDITOR: &str = ".ProseMirror";

/// Waits until a page tells what was done.
pub fn wait_for_notice(browser: &Browser, text: &str) {
    browser.wait_until(&format!(
        "document.querySelector('.notice[role=status]')?.textContent.includes('{text}')"
    ));
}

/// Waits until everything that was typed has reached the server.
fn wait_until_saved(browser: &Browser) {
    browser.wait_until(
        "(() => {
           const leaving = new Event('beforeunload', { cancelable: true });
           dispatchEvent(leaving);
           return !leaving.defaultPrevented
             && document.querySelector('[data-state]').textContent.startsWith('Saved');
         })()",
    );
}

#[test]
fn without_javascript_an_article_is_written_and_published_in_three_clicks() {
    let app = TestApp::on_sqlite();
    let section = app.section("news", "News").to_string();
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = logged_in(&app, "ada@example.org", UserRole::Author, options) else {
        return;
    };
    assert_eq!(browser.path(), "/admin");
    browser.click(".bar-new a");
    browser.wait_for_path("/new");
    browser.fill("[name=headline]", "Written without a script");
    browser.fill("[name=body]", "<p>Plain words.</p>");
    browser.choose("[name=section]", &section);
    browser.click("button[value=publish]");
    browser.wait_for_path("/publish");
    browser.click("form[action$='/publish'] button.primary");
    wait_for_notice(&browser, "It is published.");
    let latest = app.get("/latest");
    assert_eq!(latest.texts(".stories h2"), ["Written without a script"]);

    // Leaving, and coming back to change it.
    browser.fill("[name=headline]", "Changed without a script");
    browser.click("button[value=save]");
    wait_for_notice(&browser, "Saved.");
    browser.click(".menu button.as-link");
    browser.wait_for_path("/admin/login");
}

#[test]
fn words_are_saved_a_second_after_the_last_keystroke_and_undo_survives_it() {
    let app = TestApp::on_sqlite();
    let Some(browser) = logged_in(
        &app,
        "ada@example.org",
        UserRole::Author,
        Options::default(),
    ) else {
        return;
    };
    browser.click(".bar-new a");
    browser.wait_until(&format!("document.querySelector('{EDITOR}')"));
    browser.type_into(EDITOR, "The first words.");
    wait_until_saved(&browser);
    let path = browser.path();
    assert!(
        path.starts_with("/admin/articles/") && !path.ends_with("/new"),
        "{path}"
    );
    browser.type_into(EDITOR, " And more.");
    wait_until_saved(&browser);
    let body = || browser.eval("return document.querySelector('[name=body]').value");
    assert_eq!(body(), "<p>The first words. And more.</p>");
    browser.eval(&format!("document.querySelector('{EDITOR}').focus()"));
    browser.click(".editor-toolbar button[aria-label^=Undo]");
    browser.wait_until("!document.querySelector('[name=body]').value.includes('And more')");
    wait_until_saved(&browser);
    browser.open(&app.url(&path));
    browser.wait_until(&format!("document.querySelector('{EDITOR}')"));
    assert_eq!(
        body(),
        "<p>The first words.</p>",
        "what was undone was saved too"
    );
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

/// Makes every request of the page's script fail, as while the server is away, or go through again.
fn server_is_away(browser: &Browser, away: bool) {
    let fetch = if away {
        "window.atHome ??= window.fetch;
         window.fetch = () => Promise.reject(new TypeError('away'));"
    } else {
        "window.fetch = window.atHome;
         dispatchEvent(new Event('online'));"
    };
    browser.eval(fetch);
}

#[test]
fn words_typed_while_the_server_is_away_are_kept_and_saved_when_it_is_back() {
    let app = TestApp::on_sqlite();
    let Some(browser) = logged_in(
        &app,
        "ada@example.org",
        UserRole::Author,
        Options::default(),
    ) else {
        return;
    };
    let headline = || browser.eval("return document.querySelector('[name=headline]').value");
    let kept =
        "document.querySelector('[data-state]').textContent.includes('kept in this browser')";
    browser.click(".bar-new a");
    browser.fill("[name=headline]", "Before");
    wait_until_saved(&browser);
    let path = browser.path();
    server_is_away(&browser, true);
    browser.type_into("[name=headline]", " the");
    browser.wait_until(kept);
    server_is_away(&browser, false);
    wait_until_saved(&browser);

    // Away once more, and this time the window is closed before it is back.
    server_is_away(&browser, true);
    browser.type_into("[name=headline]", " storm");
    browser.wait_until(kept);
    assert!(browser.asks_before_leaving());
    browser.open("about:blank");
    browser.open(&app.url(&path));
    assert_eq!(headline(), "Before the");
    assert!(
        browser
            .text("[data-key=copy]")
            .contains("did not reach the server")
    );
    browser.click("[data-key=copy] button");
    wait_until_saved(&browser);
    browser.open(&app.url(&path));
    assert_eq!(headline(), "Before the storm");
}

#[test]
fn a_second_editors_conflicting_save_is_caught_and_both_texts_are_shown() {
    let app = TestApp::on_sqlite();
    let Some(ada) = logged_in(
        &app,
        "ada@example.org",
        UserRole::Editor,
        Options::default(),
    ) else {
        return;
    };
    let Some(bob) = logged_in(
        &app,
        "bob@example.org",
        UserRole::Editor,
        Options::default(),
    ) else {
        return;
    };
    ada.click(".bar-new a");
    ada.fill("[name=headline]", "Talks");
    wait_until_saved(&ada);
    let path = ada.path();
    bob.open(&app.url(&path));
    bob.wait_until("document.querySelector('[data-others]').textContent.includes('ada')");
    ada.type_into("[name=headline]", " begin");
    wait_until_saved(&ada);
    bob.type_into("[name=headline]", " are off");
    bob.wait_until("document.querySelector('[data-key=conflict]')");
    assert!(
        bob.text("[data-key=conflict]")
            .contains("ada saved a newer version")
    );
    bob.click("[data-key=conflict] button");
    bob.wait_until("document.querySelector('.conflict')");
    assert_eq!(bob.text(".difference td:first-child"), "Talks begin");
    assert_eq!(bob.text(".difference td:last-child"), "Talks are off");
    assert_eq!(
        bob.eval("return document.querySelector('[name=headline]').value"),
        "Talks are off"
    );
    bob.fill("[name=headline]", "Talks begin and are off again");
    bob.click("button[value=save]");
    wait_for_notice(&bob, "Saved.");
    ada.open(&app.url(&path));
    assert_eq!(
        ada.eval("return document.querySelector('[name=headline]').value"),
        "Talks begin and are off again"
    );
}
