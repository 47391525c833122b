//! Writing in a real browser, with and without JavaScript.

use dateline::db::types::UserRole;

use super::{logged_in_browser, wait_for_notice};
use crate::support::{
    app::TestApp,
    browser::{Browser, Options},
};

/// The CSS selector of the body editor.
const EDITOR: &str = ".ProseMirror";

/// Waits until all changes have been saved.
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
fn an_article_is_written_and_published_without_javascript() {
    let app = TestApp::on_sqlite();
    let section = app.section("news", "News").to_string();
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = logged_in_browser(&app, "ada@example.org", UserRole::Author, options)
    else {
        return;
    };
    assert_eq!(browser.path(), "/admin");
    browser.click(".bar-new a");
    browser.wait_for_path("/new");
    browser.fill("[name=headline]", "Written without a script");
    browser.fill("[name=body]", "<p>Plain words.</p>");
    browser.select("[name=section]", &section);
    browser.click("button[value=publish]");
    browser.wait_for_path("/publish");
    browser.click("form[action$='/publish'] button.primary");
    wait_for_notice(&browser, "Published.");
    let latest = app.get("/latest");
    assert_eq!(
        latest.texts(".stories .card-headline"),
        ["Written without a script"]
    );

    // Edit it again, then log out.
    browser.fill("[name=headline]", "Changed without a script");
    browser.click("button[value=save]");
    wait_for_notice(&browser, "Saved.");
    browser.click(".menu button.as-link");
    browser.wait_for_path("/admin/login");
}

#[test]
fn text_is_autosaved_and_can_still_be_undone() {
    let app = TestApp::on_sqlite();
    let Some(browser) = logged_in_browser(
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
    assert_eq!(body(), "<p>The first words.</p>", "the undo was saved too");
    let console_errors = browser.console_errors();
    assert!(console_errors.is_empty(), "{console_errors:?}");
}

/// Makes every fetch of the page's scripts fail, as if the server were unreachable, or work again.
fn set_offline(browser: &Browser, offline: bool) {
    let fetch = if offline {
        "window.originalFetch ??= window.fetch;
         window.fetch = () => Promise.reject(new TypeError('offline'));"
    } else {
        "window.fetch = window.originalFetch;
         dispatchEvent(new Event('online'));"
    };
    browser.eval(fetch);
}

#[test]
fn text_entered_while_offline_is_kept_and_saved_later() {
    let app = TestApp::on_sqlite();
    let Some(browser) = logged_in_browser(
        &app,
        "ada@example.org",
        UserRole::Author,
        Options::default(),
    ) else {
        return;
    };
    let headline = || browser.eval("return document.querySelector('[name=headline]').value");
    let is_stored_locally =
        "document.querySelector('[data-state]').textContent.includes('kept in this browser')";
    browser.click(".bar-new a");
    browser.fill("[name=headline]", "Before");
    wait_until_saved(&browser);
    let path = browser.path();
    set_offline(&browser, true);
    browser.type_into("[name=headline]", " the");
    browser.wait_until(is_stored_locally);
    set_offline(&browser, false);
    wait_until_saved(&browser);

    // Offline again; this time the page is left before the connection is back.
    set_offline(&browser, true);
    browser.type_into("[name=headline]", " storm");
    browser.wait_until(is_stored_locally);
    assert!(browser.warns_before_leaving());
    browser.open("about:blank");
    browser.open(&app.url(&path));
    assert_eq!(headline(), "Before the");
    assert!(browser.text("[data-key=copy]").contains("unsaved changes"));
    browser.click("[data-key=copy] button");
    wait_until_saved(&browser);
    browser.open(&app.url(&path));
    assert_eq!(headline(), "Before the storm");
}

#[test]
fn a_conflicting_save_is_detected_and_both_texts_are_shown() {
    let app = TestApp::on_sqlite();
    let Some(ada) = logged_in_browser(
        &app,
        "ada@example.org",
        UserRole::Editor,
        Options::default(),
    ) else {
        return;
    };
    let Some(bob) = logged_in_browser(
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
