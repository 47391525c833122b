//! Who you are: logging in and out, second factors, forgotten passwords, sessions.

use chrono::TimeDelta;
use dateline::{
    db::types::UserRole,
    models::{reset_link, user},
    secrets::{second_factor, token},
};

use crate::{
    on_both_engines,
    support::{
        app::TestApp,
        mail::MailServer,
        staff::{PASSWORD, Staff},
    },
};

/// The code that the user's authenticator app shows now.
fn code(app: &TestApp, secret: &str) -> String {
    second_factor::code_at(secret, u64::try_from(app.now().timestamp()).unwrap()).unwrap()
}

/// Sets up a second factor; returns its secret and the recovery codes.
fn with_second_factor(staff: &Staff<'_>) -> (String, Vec<String>) {
    let page = staff.get("/admin/account/second-factor");
    let secret = page.attributes("input[name=secret]", "value").remove(0);
    let code = code(staff.app, &secret);
    let page = staff.post(
        "/admin/account/second-factor",
        &[("secret", &secret), ("code", &code), ("password", PASSWORD)],
    );
    assert_eq!(page.status, 200, "{}", page.body);
    (secret, page.texts(".codes code"))
}

#[test]
fn a_forgotten_password_is_helped_by_a_message_where_there_is_a_mail_server() {
    let mail = MailServer::start();
    let app = TestApp::with_settings(&[("smtp_url", &mail.url), ("mail_from", "desk@example.org")]);
    let ada = app.staff(UserRole::Author);
    let stranger = app.stranger();
    stranger.get("/admin/password");
    let known = stranger.post("/admin/password", &[("email", &ada.email)]);
    assert_eq!(known.status, 200);
    let message = mail.message().expect("a message comes");
    assert!(message.contains(&format!("To: {}", ada.email)), "{message}");
    let plain = message.replace("=\n", "");
    let link = plain
        .split("/admin/password/")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let page = stranger.get(&format!("/admin/password/{}", link.trim()));
    assert_eq!(
        (page.status, page.text("h1").as_str()),
        (200, "Choose a new password")
    );

    let unknown = stranger.post("/admin/password", &[("email", "nobody@example.org")]);
    assert_eq!(
        unknown.body.replace("nobody@example.org", &ada.email),
        known.body,
        "it is not told who is here"
    );
    assert_eq!(mail.message(), None);
    for _ in 0..10 {
        stranger.post("/admin/password", &[("email", &ada.email)]);
    }
    assert_eq!(
        stranger
            .post("/admin/password", &[("email", &ada.email)])
            .status,
        429
    );
}

#[test]
fn without_a_mail_server_the_page_says_what_to_do() {
    let app = TestApp::on_sqlite();
    let page = app.get("/admin/password");
    assert!(page.body.contains("dateline user reset"));
    let stranger = app.stranger();
    stranger.get("/admin/password");
    assert_eq!(
        stranger
            .post("/admin/password", &[("email", "a@b.example")])
            .status,
        404
    );
}

on_both_engines! {
    fn a_login_leads_to_what_was_asked_for_and_logging_out_ends_it(app: &TestApp) {
        app.user("ada@example.org", UserRole::Editor);
        let ada = app.browser_of("Ada@Example.org ");
        let page = ada.get("/admin/account?x=1");
        assert_eq!(page.status, 303);
        let login = page.header("location").unwrap().to_owned();
        assert_eq!(login, "/admin/login?next=%2Fadmin%2Faccount%3Fx%3D1");
        let page = ada.get(&login);
        assert_eq!(page.text("h1"), "Log in");
        let next = page.attributes("input[name=next]", "value").remove(0);
        let page = ada.post(
            "/admin/login",
            &[("email", &ada.email), ("password", PASSWORD), ("next", &next)],
        );
        assert_eq!((page.status, page.header("location")), (303, Some("/admin/account?x=1")));
        assert_eq!(ada.get("/admin").text("h1"), "Dashboard");

        let before = ada.cookie("session").unwrap();
        assert_eq!(ada.post("/admin/logout", &[]).status, 303);
        ada.set_cookie("session", &before);
        assert_eq!(ada.get("/admin").status, 303, "the old cookie is worth nothing");
    }

    fn every_login_has_a_token_of_its_own_and_the_cookie_is_well_kept(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let first = ada.cookie("session").unwrap();
        assert_eq!(first.len(), 43);
        let page = ada.log_in(PASSWORD);
        assert_ne!(ada.cookie("session").unwrap(), first);
        let cookie = page.headers_named("set-cookie").into_iter()
            .find(|cookie| cookie.starts_with("session=")).unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Max-Age"), "it ends with the browser: {cookie}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(ada.get("/").headers_named("set-cookie"), [""; 0], "readers get no cookie");
    }

    fn a_wrong_password_and_an_unknown_address_are_told_the_same(app: &TestApp) {
        app.user("known@example.org", UserRole::Author);
        let told = |email: &str| {
            let staff = app.browser_of(email);
            let page = staff.log_in("not the password");
            assert_eq!(page.status, 422);
            let token = page.attributes("input[name=csrf]", "value").remove(0);
            page.body.replace(email, "EMAIL").replace(&token, "TOKEN")
        };
        let known = told("known@example.org");
        assert!(known.contains("do not belong together"), "{known}");
        assert_eq!(known, told("nobody@example.org"));
    }

    fn guessing_passwords_is_stopped_and_the_owner_still_gets_in_from_elsewhere(app: &TestApp) {
        app.user("ada@example.org", UserRole::Author);
        let guess = app.browser_of("ada@example.org");
        for _ in 0..10 {
            assert_eq!(guess.log_in("not the password").status, 422);
        }
        let page = guess.log_in(PASSWORD);
        assert_eq!(page.status, 429, "even the right password is not looked at");
        assert!(page.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
        // The harness speaks from one address; the limit is per account and address.
        let now = app.now();
        let elsewhere = app.app.db.record_blocking(|conn| {
            Ok::<_, dateline::error::Error>(dateline::models::login_failure::wait(conn, "ada@example.org", "203.0.113.9", now)?)
        }).unwrap();
        assert_eq!(elsewhere, None);
        app.app.clock.advance(TimeDelta::minutes(16));
        assert_eq!(guess.log_in(PASSWORD).status, 303);
    }

    fn a_session_ends_when_it_is_idle_or_after_the_days_it_was_to_be_kept(app: &TestApp) {
        let idle = app.staff(UserRole::Author);
        let kept = idle.elsewhere();
        kept.get("/admin/login");
        let page = kept.post("/admin/login", &[("email", &kept.email), ("password", PASSWORD), ("keep", "yes")]);
        let cookie = page.headers_named("set-cookie").join(" ");
        assert!(cookie.contains("Max-Age=2592000"), "{cookie}");
        app.app.clock.advance(TimeDelta::hours(7));
        assert_eq!(idle.get("/admin").status, 200);
        app.app.clock.advance(TimeDelta::hours(7));
        assert_eq!(idle.get("/admin").status, 200, "it was used in between");
        app.app.clock.advance(TimeDelta::hours(9));
        assert_eq!(idle.get("/admin").status, 303);
        app.app.clock.advance(TimeDelta::days(28));
        assert_eq!(kept.get("/admin").status, 200);
        app.app.clock.advance(TimeDelta::days(2));
        assert_eq!(kept.get("/admin").status, 303);
    }

    fn a_second_factor_is_asked_for_and_no_code_works_twice(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let old = ada.elsewhere();
        assert_eq!(old.log_in(PASSWORD).status, 303);
        let (secret, recovery) = with_second_factor(&ada);
        assert_eq!(recovery.len(), 10);
        assert_eq!(old.get("/admin").status, 303, "a login with the password alone has ended");
        assert_eq!(ada.get("/admin").status, 200);

        app.app.clock.advance(TimeDelta::minutes(2));
        let phone = ada.elsewhere();
        let page = phone.log_in(PASSWORD);
        assert!(page.header("location").unwrap().starts_with("/admin/login/code"));
        let half = phone.cookie("session").unwrap();
        assert_eq!(phone.get("/admin").status, 303, "half a login is none");
        assert_eq!(phone.get("/admin").header("location"), Some("/admin/login/code"));
        assert_eq!(phone.get("/admin/login/code").status, 200);
        assert_eq!(phone.post("/admin/login/code", &[("code", "000000")]).status, 422);
        let code = code(app, &secret);
        assert_eq!(phone.post("/admin/login/code", &[("code", &code)]).status, 303);
        assert_eq!(phone.get("/admin").status, 200);
        assert_ne!(phone.cookie("session").unwrap(), half, "the login has a new token");

        let other = ada.elsewhere();
        other.log_in(PASSWORD);
        assert_eq!(other.post("/admin/login/code", &[("code", &code)]).status, 422, "used already");
        assert_eq!(other.post("/admin/login/code", &[("code", &recovery[0])]).status, 303);
        assert_eq!(other.get("/admin").status, 200);
        let again = ada.elsewhere();
        again.log_in(PASSWORD);
        assert_eq!(again.post("/admin/login/code", &[("code", &recovery[0])]).status, 422);
        for _ in 0..9 {
            again.post("/admin/login/code", &[("code", "111111")]);
        }
        assert_eq!(again.post("/admin/login/code", &[("code", &recovery[1])]).status, 429);
    }

    fn somebodys_devices_can_be_ended_one_by_one_and_only_by_themselves(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let phone = ada.elsewhere();
        phone.log_in(PASSWORD);
        let page = ada.get("/admin/account");
        assert_eq!(page.texts(".rows li").len(), 2);
        let id = page.attributes(".rows input[name=id]", "value").remove(0);
        let eve = app.staff(UserRole::Admin);
        assert_eq!(eve.post("/admin/account/sessions/end", &[("id", &id)]).status, 404);
        assert_eq!(phone.get("/admin").status, 200);
        assert_eq!(ada.post("/admin/account/sessions/end", &[("id", &id)]).status, 303);
        assert_eq!(phone.get("/admin").status, 303);
        assert_eq!(ada.get("/admin").status, 200);
    }

    fn a_changed_password_ends_every_other_session(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let phone = ada.elsewhere();
        phone.log_in(PASSWORD);
        let change = |old: &str, new: &str| {
            ada.post("/admin/account/password", &[("old_password", old), ("new_password", new)])
        };
        let page = change("not mine", "short");
        assert_eq!(page.status, 422);
        assert_eq!(page.text("#error-old_password"), "This is not your password");
        assert!(page.text("#error-new_password").contains("too short"));
        assert_eq!(change(PASSWORD, "password1234").status, 422, "everybody knows it");
        assert_eq!(change(PASSWORD, "seven quiet magpies").status, 303);
        assert_eq!(ada.get("/admin").status, 200);
        assert_eq!(phone.get("/admin").status, 303);
        assert_eq!(phone.log_in("seven quiet magpies").status, 303);
    }

    fn a_link_to_a_new_password_works_once_and_for_two_hours(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let make = || {
            let now = app.now();
            app.app.db.record_blocking(|conn| {
                Ok::<_, dateline::error::Error>(reset_link::make(conn, ada.id, now)?)
            }).unwrap()
        };
        let late = make();
        app.app.clock.advance(TimeDelta::minutes(121));
        assert_eq!(app.stranger().get(&format!("/admin/password/{late}")).status, 400);
        let first = make();
        let link = format!("/admin/password/{}", make());
        let stranger = app.stranger();
        assert_eq!(stranger.get(&format!("/admin/password/{first}")).status, 400, "a later one replaced it");
        assert_eq!(stranger.get(&link).status, 200);
        assert_eq!(stranger.post(&link, &[("password", "1234567890")]).status, 422);
        assert_eq!(stranger.post(&link, &[("password", "seven quiet magpies")]).status, 303);
        assert_eq!(stranger.post(&link, &[("password", "another one of mine")]).status, 400);
        assert_eq!(ada.get("/admin").status, 303, "every session has ended");
        assert_eq!(ada.log_in("seven quiet magpies").status, 303);
    }

    fn a_disabled_user_is_out_at_the_next_request_and_the_last_admin_stays(app: &TestApp) {
        let admin = app.staff(UserRole::Admin);
        let ada = app.staff(UserRole::Editor);
        let change = |id: i64, email: &str, role: UserRole, disabled: bool| {
            let change = user::Change { email, name: "x", role, author_id: None, disabled };
            app.app.db.record_blocking(|conn| user::change(conn, id, &change))
        };
        change(ada.id, &ada.email, UserRole::Editor, true).unwrap();
        assert_eq!(ada.get("/admin").status, 303);
        assert_eq!(ada.log_in(PASSWORD).status, 422);
        assert!(change(admin.id, &admin.email, UserRole::Editor, false).is_err());
        assert!(change(admin.id, &admin.email, UserRole::Admin, true).is_err());
        let second = app.staff(UserRole::Admin);
        change(admin.id, &admin.email, UserRole::Editor, false).unwrap();
        assert_eq!(admin.get("/admin").status, 303, "a lowered role ends the sessions");
        assert_eq!(second.get("/admin").status, 200);
    }

    fn a_login_form_is_tied_to_the_browser_that_opened_it(app: &TestApp) {
        let ada = app.staff(UserRole::Author).email.clone();
        let stranger = app.stranger();
        stranger.get("/admin/login");
        let fields = [("email", ada.as_str()), ("password", PASSWORD)];
        let page = stranger.post_with("/admin/login", &fields, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(page.status, 400, "without its token");
        let token = token::for_forms(&stranger.cookie("login").unwrap());
        let other = app.stranger();
        other.get("/admin/login");
        let stolen = [fields[0], fields[1], ("csrf", token.as_str())];
        let page = other.post_with("/admin/login", &stolen, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(page.status, 400, "with another browser's token");
        let page = stranger.post_with("/admin/login", &stolen, &[("sec-fetch-site", "cross-site")]);
        assert_eq!(page.status, 400, "from another site");
        assert_eq!(stranger.post_with("/admin/login", &stolen, &[("origin", &app.app.base_url)]).status, 303);
    }

    fn three_hundred_logins_at_once_are_no_more_tries_than_one_by_one_and_readers_go_on(app: &TestApp) {
        app.user("ada@example.org", UserRole::Author);
        let statuses = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..300)
                .map(|_| scope.spawn(|| app.browser_of("ada@example.org").log_in("not the password").status))
                .collect();
            for _ in 0..20 {
                assert_eq!(app.status("/latest"), 200);
            }
            tries.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        let looked_at = statuses.iter().filter(|status| **status == 422).count();
        let refused = statuses.iter().filter(|status| **status == 429).count();
        assert_eq!((looked_at, refused), (10, 290), "{statuses:?}");
    }
}
