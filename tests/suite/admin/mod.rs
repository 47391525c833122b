//! The newsroom at `/admin`.

mod access_control;
mod accessibility;
mod article;
mod article_browser;
mod articles;
mod authors;
mod calendar;
mod dashboard;
mod edition;
mod end_to_end;
mod history;
mod hostile_input;
mod imports;
mod login;
mod media;
mod media_browser;
mod menus;
mod pages;
mod redirects;
mod sections;
mod settings;
mod topics;
mod users;
mod xss;

use dateline::db::types::UserRole;

use crate::support::{
    app::TestApp,
    browser::{Browser, Options},
    staff::PASSWORD,
};

/// Adds a user of this role and logs in as them; `None` if there is no browser.
fn logged_in_browser(
    app: &TestApp,
    email: &str,
    role: UserRole,
    options: Options,
) -> Option<Browser> {
    app.user(email, role);
    let browser = Browser::start(options)?;
    log_in(app, &browser, email, PASSWORD);
    Some(browser)
}

/// Fills in and submits the login form.
fn log_in(app: &TestApp, browser: &Browser, email: &str, password: &str) {
    browser.open(&app.url("/admin/login"));
    browser.fill("[name=email]", email);
    browser.fill("[name=password]", password);
    browser.follow("button.primary");
}

/// Waits until the page confirms an action with this text.
fn wait_for_notice(browser: &Browser, text: &str) {
    browser.wait_until(&format!(
        "document.querySelector('.notice[role=status]')?.textContent.includes('{text}')"
    ));
}
