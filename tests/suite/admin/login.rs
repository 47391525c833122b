//! Authentication: login and logout, second factors, password resets, sessions.

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

/// The current code of the user's authenticator app.
fn code(app: &TestApp, secret: &str) -> String {
    second_factor::code_at(secret, u64::try_from(app.now().timestamp()).unwrap()).unwrap()
}

/// Sets up a second factor; returns its secret and the recovery codes.
fn set_up_second_factor(staff: &Staff<'_>) -> (String, Vec<String>) {
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
fn a_password_reset_link_is_sent_by_mail() {
    let mail = MailServer::start();
    let app = TestApp::with_settings(&[("smtp_url", &mail.url), ("mail_from", "desk@example.org")]);
    let ada = app.staff(UserRole::Author);
    let anonymous = app.anonymous();
    anonymous.get("/admin/password");
    let known = anonymous.post("/admin/password", &[("email", &ada.email)]);
    assert_eq!(known.status, 200);
    let message = mail.message().expect("a message is sent");
    assert!(message.contains(&format!("To: {}", ada.email)), "{message}");
    let plain = message.replace("=\n", "");
    let link = plain
        .split("/admin/password/")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let page = anonymous.get(&format!("/admin/password/{}", link.trim()));
    assert_eq!(
        (page.status, page.text("h1").as_str()),
        (200, "Choose a new password")
    );

    let unknown = anonymous.post("/admin/password", &[("email", "nobody@example.org")]);
    assert_eq!(
        unknown.body.replace("nobody@example.org", &ada.email),
        known.body,
        "the page does not reveal which users exist"
    );
    assert_eq!(mail.message(), None);
    for _ in 0..10 {
        anonymous.post("/admin/password", &[("email", &ada.email)]);
    }
    assert_eq!(
        anonymous
            .post("/admin/password", &[("email", &ada.email)])
            .status,
        429
    );
}

#[test]
fn without_a_mail_server_the_page_explains_how_to_reset() {
    let app = TestApp::on_sqlite();
    let page = app.get("/admin/password");
    assert!(page.body.contains("dateline user reset"));
    let anonymous = app.anonymous();
    anonymous.get("/admin/password");
    assert_eq!(
        anonymous
            .post("/admin/password", &[("email", "a@b.example")])
            .status,
        404
    );
}

on_both_engines! {
    fn login_redirects_to_the_requested_page_and_logout_ends_it(app: &TestApp) {
        app.user("ada@example.org", UserRole::Editor);
        let ada = app.browser_for("Ada@Example.org ");
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
        assert_eq!(ada.get("/admin").status, 303, "the old cookie is no longer valid");
    }

    fn every_login_has_a_new_token_in_a_protected_cookie(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let first = ada.cookie("session").unwrap();
        assert_eq!(first.len(), 43);
        let page = ada.log_in(PASSWORD);
        assert_ne!(ada.cookie("session").unwrap(), first);
        let cookie = page.header_values("set-cookie").into_iter()
            .find(|cookie| cookie.starts_with("session=")).unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Max-Age"), "it is a session cookie: {cookie}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(ada.get("/").header_values("set-cookie"), [""; 0], "public pages set no cookie");
    }

    fn a_wrong_password_and_an_unknown_user_get_the_same_answer(app: &TestApp) {
        app.user("known@example.org", UserRole::Author);
        let failed_login = |email: &str| {
            let staff = app.browser_for(email);
            let page = staff.log_in("not the password");
            assert_eq!(page.status, 422);
            let token = page.attributes("input[name=csrf]", "value").remove(0);
            page.body.replace(email, "EMAIL").replace(&token, "TOKEN")
        };
        let known = failed_login("known@example.org");
        assert!(known.contains("Wrong e-mail address or password"), "{known}");
        assert_eq!(known, failed_login("nobody@example.org"));
    }

    fn password_guessing_is_limited_per_account_and_address(app: &TestApp) {
        app.user("ada@example.org", UserRole::Author);
        let attacker = app.browser_for("ada@example.org");
        for _ in 0..10 {
            assert_eq!(attacker.log_in("not the password").status, 422);
        }
        let page = attacker.log_in(PASSWORD);
        assert_eq!(page.status, 429, "even the right password is refused");
        assert!(page.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
        // All test requests have the same IP address; the limit is per account and IP address.
        let now = app.now();
        let wait_from_another_address = app.app.db.write_unversioned_blocking(|conn| {
            Ok::<_, dateline::error::Error>(dateline::models::login_failure::wait(conn, "ada@example.org", "203.0.113.9", now)?)
        }).unwrap();
        assert_eq!(wait_from_another_address, None);
        app.app.clock.advance(TimeDelta::minutes(16));
        assert_eq!(attacker.log_in(PASSWORD).status, 303);
    }

    fn sessions_end_when_idle_or_after_their_maximum_age(app: &TestApp) {
        let idle = app.staff(UserRole::Author);
        let remembered = idle.another_browser();
        remembered.get("/admin/login");
        let page = remembered.post("/admin/login", &[("email", &remembered.email), ("password", PASSWORD), ("keep", "yes")]);
        let cookie = page.header_values("set-cookie").join(" ");
        assert!(cookie.contains("Max-Age=2592000"), "{cookie}");
        let unused = idle.another_browser();
        unused.log_in(PASSWORD);
        app.app.clock.advance(TimeDelta::hours(7));
        assert_eq!(idle.get("/admin").status, 200);
        app.app.clock.advance(TimeDelta::minutes(4 * 60 + 50));
        assert_eq!(idle.get("/admin").status, 200, "it was used in the meantime");
        assert_eq!(unused.get("/admin").status, 303, "it was not used for 8 hours");
        app.app.clock.advance(TimeDelta::minutes(11));
        assert_eq!(idle.get("/admin").status, 303, "it is older than 12 hours");
        for _ in 0..29 {
            app.app.clock.advance(TimeDelta::days(1));
            assert_eq!(remembered.get("/admin").status, 200);
        }
        app.app.clock.advance(TimeDelta::hours(12));
        assert_eq!(remembered.get("/admin").status, 303, "it is older than 30 days, and was used every day");
    }

    fn a_session_that_waits_for_its_second_factor_ends_too(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        set_up_second_factor(&ada);
        let phone = ada.another_browser();
        phone.log_in(PASSWORD);
        app.update_settings(|settings| { settings.session_hours = 48; settings.session_max_hours = 2 });
        assert_eq!(phone.get("/admin/login/code").status, 200);
        app.app.clock.advance(TimeDelta::minutes(121));
        assert_eq!(phone.get("/admin/login/code").status, 303);
        assert_eq!(ada.get("/admin").status, 303, "the longest session is shorter than the timeout");
    }

    fn a_second_factor_is_required_and_no_code_works_twice(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let old = ada.another_browser();
        assert_eq!(old.log_in(PASSWORD).status, 303);
        let (secret, recovery) = set_up_second_factor(&ada);
        assert_eq!(recovery.len(), 10);
        assert_eq!(old.get("/admin").status, 303, "sessions with the password alone have ended");
        assert_eq!(ada.get("/admin").status, 200);

        app.app.clock.advance(TimeDelta::minutes(2));
        let phone = ada.another_browser();
        let page = phone.log_in(PASSWORD);
        assert!(page.header("location").unwrap().starts_with("/admin/login/code"));
        let first_step_session = phone.cookie("session").unwrap();
        assert_eq!(phone.get("/admin").status, 303, "the password alone is not enough");
        assert_eq!(phone.get("/admin").header("location"), Some("/admin/login/code"));
        assert_eq!(phone.get("/admin/login/code").status, 200);
        assert_eq!(phone.post("/admin/login/code", &[("code", "000000")]).status, 422);
        let code = code(app, &secret);
        assert_eq!(phone.post("/admin/login/code", &[("code", &code)]).status, 303);
        assert_eq!(phone.get("/admin").status, 200);
        assert_ne!(phone.cookie("session").unwrap(), first_step_session, "the session token changes");

        let other = ada.another_browser();
        other.log_in(PASSWORD);
        assert_eq!(other.post("/admin/login/code", &[("code", &code)]).status, 422, "already used");
        assert_eq!(other.post("/admin/login/code", &[("code", &recovery[0])]).status, 303);
        assert_eq!(other.get("/admin").status, 200);
        let again = ada.another_browser();
        again.log_in(PASSWORD);
        assert_eq!(again.post("/admin/login/code", &[("code", &recovery[0])]).status, 422);
        for _ in 0..9 {
            again.post("/admin/login/code", &[("code", "111111")]);
        }
        assert_eq!(again.post("/admin/login/code", &[("code", &recovery[1])]).status, 429);
    }

    fn users_can_end_only_their_own_sessions_one_by_one(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let phone = ada.another_browser();
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
        let phone = ada.another_browser();
        phone.log_in(PASSWORD);
        let change = |old: &str, new: &str| {
            ada.post("/admin/account/password", &[("old_password", old), ("new_password", new)])
        };
        let page = change("not mine", "short");
        assert_eq!(page.status, 422);
        assert_eq!(page.text("#error-old_password"), "Wrong password");
        assert!(page.text("#error-new_password").contains("too short"));
        assert_eq!(change(PASSWORD, "password1234").status, 422, "it is a common password");
        assert_eq!(change(PASSWORD, "seven quiet magpies").status, 303);
        assert_eq!(ada.get("/admin").status, 200);
        assert_eq!(phone.get("/admin").status, 303);
        assert_eq!(phone.log_in("seven quiet magpies").status, 303);
    }

    fn a_password_reset_link_works_once_and_for_60_minutes(app: &TestApp) {
        let ada = app.staff(UserRole::Author);
        let new_link = || {
            let now = app.now();
            app.app.db.write_unversioned_blocking(|conn| {
                Ok::<_, dateline::error::Error>(reset_link::make(conn, ada.id, now)?)
            }).unwrap()
        };
        let expired = format!("/admin/password/{}", new_link());
        let late = app.anonymous();
        app.app.clock.advance(TimeDelta::minutes(59));
        assert_eq!(late.get(&expired).status, 200);
        app.app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(late.get(&expired).status, 400);
        assert_eq!(late.post(&expired, &[("password", "seven quiet magpies")]).status, 400);
        let first = new_link();
        let link = format!("/admin/password/{}", new_link());
        let anonymous = app.anonymous();
        assert_eq!(anonymous.get(&format!("/admin/password/{first}")).status, 400, "a newer link replaced it");
        assert_eq!(anonymous.get(&link).status, 200);
        assert_eq!(anonymous.post(&link, &[("password", "1234567890")]).status, 422);
        assert_eq!(anonymous.post(&link, &[("password", "seven quiet magpies")]).status, 303);
        assert_eq!(anonymous.post(&link, &[("password", "another one of mine")]).status, 400);
        assert_eq!(ada.get("/admin").status, 303, "all sessions have ended");
        assert_eq!(ada.log_in("seven quiet magpies").status, 303);
    }

    fn disabling_a_user_ends_their_session_but_not_the_last_admin(app: &TestApp) {
        let admin = app.staff(UserRole::Admin);
        let ada = app.staff(UserRole::Editor);
        let change = |id: i64, email: &str, role: UserRole, disabled: bool| {
            let change = user::Change { email, name: "x", role, author_id: None, disabled };
            app.app.db.write_unversioned_blocking(|conn| user::change(conn, id, &change))
        };
        change(ada.id, &ada.email, UserRole::Editor, true).unwrap();
        assert_eq!(ada.get("/admin").status, 303);
        assert_eq!(ada.log_in(PASSWORD).status, 422);
        assert!(change(admin.id, &admin.email, UserRole::Editor, false).is_err());
        assert!(change(admin.id, &admin.email, UserRole::Admin, true).is_err());
        let second = app.staff(UserRole::Admin);
        change(admin.id, &admin.email, UserRole::Editor, false).unwrap();
        assert_eq!(admin.get("/admin").status, 303, "a lower role ends the sessions");
        assert_eq!(second.get("/admin").status, 200);
    }

    fn a_login_form_is_tied_to_the_browser_that_opened_it(app: &TestApp) {
        let ada = app.staff(UserRole::Author).email.clone();
        let anonymous = app.anonymous();
        anonymous.get("/admin/login");
        let fields = [("email", ada.as_str()), ("password", PASSWORD)];
        let page = anonymous.post_with("/admin/login", &fields, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(page.status, 400, "without its token");
        let token = token::for_forms(&anonymous.cookie("login").unwrap());
        let other = app.anonymous();
        other.get("/admin/login");
        let stolen = [fields[0], fields[1], ("csrf", token.as_str())];
        let page = other.post_with("/admin/login", &stolen, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(page.status, 400, "with another browser's token");
        let page = anonymous.post_with("/admin/login", &stolen, &[("sec-fetch-site", "cross-site")]);
        assert_eq!(page.status, 400, "from another site");
        assert_eq!(anonymous.post_with("/admin/login", &stolen, &[("origin", &app.app.base_url)]).status, 303);
    }

    fn parallel_logins_are_limited_and_do_not_block_readers(app: &TestApp) {
        app.user("ada@example.org", UserRole::Author);
        let statuses = std::thread::scope(|scope| {
            let attempts: Vec<_> = (0..300)
                .map(|_| scope.spawn(|| app.browser_for("ada@example.org").log_in("not the password").status))
                .collect();
            for _ in 0..20 {
                assert_eq!(app.status("/latest"), 200);
            }
            attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect::<Vec<_>>()
        });
        let checked = statuses.iter().filter(|status| **status == 422).count();
        let refused = statuses.iter().filter(|status| **status == 429).count();
        assert_eq!((checked, refused), (10, 290), "{statuses:?}");
    }
}
