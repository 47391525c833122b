//! Settings of the site.

use dateline::{db::types::UserRole::Admin, models::setting::Breaking};

use crate::{on_both_engines, support::app::TestApp};

/// The fields of the settings form, with some values changed.
fn fields<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let valid = [
        ("name", "The Example"),
        ("tagline", "All of it"),
        ("language", "en-GB"),
        ("time_zone", "Europe/London"),
        ("date_format", ""),
        ("accent", "#005588"),
        ("agency", "TE"),
        ("email", "desk@example.org"),
        ("logo", ""),
        ("session_hours", "8"),
        ("session_max_hours", "12"),
        ("session_days", "30"),
    ];
    let kept = valid
        .into_iter()
        .filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed.iter().copied()).collect()
}

on_both_engines! {
    fn saved_settings_are_shown_to_readers(app: &TestApp) {
        let admin = app.staff(Admin);
        let breaking = Breaking { text: "It happened".to_owned(), link: String::new(), until: app.now() + chrono::TimeDelta::hours(1) };
        app.update_settings(|settings| settings.breaking = Some(breaking));
        let page = admin.post("/admin/settings", &fields(&[
            ("date_format", "%Y/%m/%d"), ("network", "Mastodon"), ("url", "https://social.example/@x"),
            ("network", ""), ("url", ""),
        ]));
        assert_eq!(page.status, 303, "{}", page.body);
        let front = app.get("/");
        assert!(front.body.contains("The Example") && front.body.contains("All of it"));
        assert!(front.attributes("a", "href").contains(&"https://social.example/@x".to_owned()));
        assert!(front.body.contains("It happened"), "breaking news is set elsewhere and stays");
        let page = admin.get("/admin/settings");
        let today = app.now().with_timezone(&chrono_tz::Europe::London).format("%Y/%m/%d").to_string();
        assert!(page.text("#hint-date_format").contains(&today));
        assert_eq!(page.attributes("#field-time_zone option[selected]", "value"), ["Europe/London"]);
        assert_eq!(page.attributes("input[name=network]", "value")[0], "mastodon");
    }

    fn invalid_fields_are_reported_and_values_are_kept(app: &TestApp) {
        let admin = app.staff(Admin);
        for (field, wrong) in [
            ("name", " "), ("language", "e"), ("time_zone", "Mars/Olympus"), ("date_format", "%Q"),
            ("date_format", "%H:%M"), ("accent", "red"), ("accent", "#12345é"), ("email", "desk"),
            ("logo", "77"), ("logo", "x"), ("session_hours", "0"), ("session_max_hours", "0"),
            ("session_max_hours", "8761"), ("session_max_hours", ""), ("session_days", "366"), ("session_days", "a"),
        ] {
            let page = admin.post("/admin/settings", &fields(&[(field, wrong), ("tagline", "entered")]));
            assert_eq!(page.status, 422, "{field} {wrong}");
            assert_eq!(page.texts(".summary li").len(), 1, "{field} {wrong}");
            assert!(!page.text(&format!("#error-{field}")).is_empty());
            assert_eq!(page.attributes("#field-tagline", "value"), ["entered"]);
        }
        for (network, url) in [("x", "javascript:alert(1)"), ("x", "nowhere"), ("", "https://a.example")] {
            let page = admin.post("/admin/settings", &fields(&[("network", network), ("url", url)]));
            assert_eq!(page.status, 422, "{network} {url}");
            assert_eq!(page.attributes("input[name=url]", "value")[0], url);
            assert!(!page.text("#error-social_links").is_empty());
        }
        assert_eq!(admin.get("/admin/settings").attributes("#field-name", "value"), ["Dateline"]);
    }

    fn a_shorter_session_length_applies_immediately(app: &TestApp) {
        let admin = app.staff(Admin);
        assert_eq!(admin.post("/admin/settings", &fields(&[("session_hours", "1")])).status, 303);
        app.app.clock.advance(chrono::TimeDelta::minutes(61));
        assert_eq!(admin.get("/admin").status, 303);
    }

    fn a_shorter_longest_session_applies_to_a_session_in_use(app: &TestApp) {
        let admin = app.staff(Admin);
        assert_eq!(admin.post("/admin/settings", &fields(&[("session_max_hours", "1")])).status, 303);
        assert_eq!(admin.get("/admin/settings").attributes("#field-session_max_hours", "value"), ["1"]);
        app.app.clock.advance(chrono::TimeDelta::minutes(40));
        assert_eq!(admin.get("/admin").status, 200);
        app.app.clock.advance(chrono::TimeDelta::minutes(21));
        assert_eq!(admin.get("/admin").status, 303);
    }

    fn a_logo_is_chosen_from_the_media_library(app: &TestApp) {
        let admin = app.staff(Admin);
        let id = app.picture("The nameplate").to_string();
        assert_eq!(admin.post("/admin/settings", &fields(&[("logo", &id)])).status, 303);
        assert!(app.get("/").body.contains("The nameplate") || app.get("/").body.contains("/media/"));
    }
}
