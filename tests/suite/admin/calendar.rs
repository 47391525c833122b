//! The calendar of published and scheduled articles.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use dateline::{
    db::{
        schema::articles,
        types::{Status, UserRole},
    },
    models::article::Draft,
};
use diesel::prelude::*;

use crate::{
    on_both_engines,
    support::{app::TestApp, staff::Staff},
};

/// Adds an article published at this time and owned by this user; returns its id.
fn publish_at(app: &TestApp, section: i64, headline: &str, time: &str, owner: Option<i64>) -> i64 {
    let time: DateTime<Utc> = time.parse().unwrap();
    let id = app.publish(&Draft {
        published_at: Some(time),
        ..app.draft(section, headline)
    });
    app.write(|conn| {
        diesel::update(articles::table.find(id))
            .set(articles::owner_id.eq(owner))
            .execute(conn)?;
        Ok(())
    });
    id
}

/// The texts of the days of a month that have articles.
fn days(staff: &Staff<'_>, month: &str) -> Vec<String> {
    staff
        .get(&format!("/admin/calendar?month={month}"))
        .texts(".calendar td:has(li)")
}

on_both_engines! {
    fn days_are_those_of_the_site_time_zone(app: &TestApp) {
        app.update_settings(|settings| settings.time_zone = Tz::Asia__Karachi);
        let news = app.section("news", "News");
        let editor = app.staff(UserRole::Editor);
        // UTC+5: 19:00 UTC on the last day of November is 1 December in Karachi.
        publish_at(app, news, "Late", "2023-11-30T18:59:00Z", None);
        publish_at(app, news, "Early", "2023-11-30T19:00:00Z", None);
        let id = publish_at(app, news, "Noon", "2023-12-15T07:00:00Z", None);
        app.publish(&Draft { status: Status::Draft, ..app.draft(news, "Only a draft") });
        assert_eq!(days(&editor, "2023-11"), ["30Thursday, 30 November 202323:59 Late"]);
        assert_eq!(days(&editor, "2023-12"), [
            "1Friday, 1 December 202300:00 Early",
            "15Friday, 15 December 202312:00 Noon",
        ]);
        let page = editor.get("/admin/calendar?month=2023-12");
        assert!(page.attributes(".calendar a", "href").contains(&format!("/admin/articles/{id}")));
        assert_eq!(page.attributes("a[rel=prev]", "href"), ["/admin/calendar?month=2023-11"]);
        assert_eq!(page.attributes("a[rel=next]", "href"), ["/admin/calendar?month=2024-01"]);
        // 1 December 2023 is a Friday: the first row begins with four days of November.
        assert_eq!(page.texts("tbody tr:first-child td.outside").len(), 4);
        assert_eq!(page.texts("tbody td").len(), 35);
        assert!(page.texts(".today").is_empty());
        assert_eq!(editor.get("/admin/calendar").texts("td[aria-current=date]").len(), 1);
    }

    fn a_busy_day_shows_six_articles_and_the_number_of_others(app: &TestApp) {
        let news = app.section("news", "News");
        let editor = app.staff(UserRole::Editor);
        for minute in 0..18 {
            publish_at(app, news, "Story", &format!("2023-12-15T10:{minute:02}:00Z"), None);
        }
        let page = editor.get("/admin/calendar?month=2023-12");
        assert_eq!(page.texts(".calendar li").len(), 6);
        assert_eq!(page.texts(".more"), ["and 12 more"]);
        assert_eq!(page.attributes(".more a", "href"), ["/2023/12/15"]);
    }

    fn contributors_see_live_articles_and_their_own_scheduled_ones(app: &TestApp) {
        let news = app.section("news", "News");
        let (editor, writer) = (app.staff(UserRole::Editor), app.staff(UserRole::Contributor));
        let soon = (app.now() + TimeDelta::days(400)).format("%Y-%m").to_string();
        let time = format!("{soon}-10T10:00:00Z");
        publish_at(app, news, "Long public", "2023-12-15T10:00:00Z", None);
        let own = publish_at(app, news, "My own", "2023-12-15T11:00:00Z", Some(writer.id));
        publish_at(app, news, "Theirs, scheduled", &time, Some(editor.id));
        publish_at(app, news, "Mine, scheduled", &time, Some(writer.id));
        let page = writer.get("/admin/calendar?month=2023-12");
        assert_eq!(page.texts(".calendar li"), ["10:00 Long public", "11:00 My own"]);
        assert_eq!(page.attributes(".calendar li a", "href"), [format!("/admin/articles/{own}")]);
        let path = format!("/admin/calendar?month={soon}");
        assert_eq!(writer.get(&path).texts(".calendar li"), ["10:00 Scheduled Mine, scheduled"]);
        assert_eq!(editor.get(&path).texts(".calendar li").len(), 2);
    }

    fn invalid_months_answer_404(app: &TestApp) {
        let writer = app.staff(UserRole::Contributor);
        for month in ["2023-13", "x", "2023", "-1-01", "99999-01", "2023-1-1", "0000-01"] {
            assert_eq!(writer.get(&format!("/admin/calendar?month={month}")).status, 404, "{month}");
        }
        assert!(writer.get("/admin/calendar?month=9999-12").texts("a[rel=next]").is_empty());
        assert_eq!(days(&writer, "1000-01"), [""; 0]);
    }
}
