//! Writing and publishing articles: no text is lost, and nothing is visible before it is published.

use chrono::TimeDelta;
use chrono_tz::Tz;
use dateline::db::types::UserRole;

use crate::{
    on_both_engines,
    support::{app::TestApp, page::Page, staff::Staff},
};

/// The article's id, from the redirect that follows a save.
fn article_id(page: &Page) -> i64 {
    assert_eq!(page.status, 303, "{}", page.body);
    let location = page.header("location").unwrap();
    location
        .trim_start_matches("/admin/articles/")
        .split('/')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

/// Creates an article; returns its id.
fn create(staff: &Staff<'_>, fields: &[(&str, &str)]) -> i64 {
    article_id(&staff.post("/admin/articles/new", fields))
}

/// The revision that the article's form is based on.
fn base_revision(staff: &Staff<'_>, id: i64) -> String {
    let page = staff.get(&format!("/admin/articles/{id}"));
    assert_eq!(page.status, 200);
    page.attributes("input[name=base]", "value").remove(0)
}

/// Saves on top of the newest revision.
fn save(staff: &Staff<'_>, id: i64, fields: &[(&str, &str)]) -> Page {
    let base_revision = base_revision(staff, id);
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("base", base_revision.as_str())])
        .collect();
    staff.post(&format!("/admin/articles/{id}"), &fields)
}

fn publish(staff: &Staff<'_>, id: i64, fields: &[(&str, &str)]) -> Page {
    let page = staff.get(&format!("/admin/articles/{id}/publish"));
    let form_value = |name: &str| {
        let values = page.attributes(&format!("form input[name={name}]"), "value");
        values.into_iter().next().unwrap_or_default()
    };
    let (revision, status) = (form_value("revision"), form_value("status"));
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("revision", revision.as_str()), ("status", status.as_str())])
        .collect();
    staff.post(&format!("/admin/articles/{id}/publish"), &fields)
}

/// Autosaves as the form's script does: the status and the JSON response.
fn autosave(staff: &Staff<'_>, path: &str, fields: &[(&str, &str)]) -> (u16, serde_json::Value) {
    let csrf = staff.csrf();
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("intent", "autosave"), ("csrf", csrf.as_str())])
        .collect();
    let headers = [
        ("accept", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let page = staff.post_with(path, &fields, &headers);
    (page.status, serde_json::from_str(&page.body).unwrap())
}

on_both_engines! {
    fn an_article_is_drafted_published_and_shown_to_readers(app: &TestApp) {
        app.update_settings(|settings| settings.agency = "TDI".to_owned());
        let section = app.section("news", "News").to_string();
        let sport = app.section("sport", "Sport").to_string();
        let author = app.author("Aqsa Bibi").to_string();
        let second = app.author("Ben Zed").to_string();
        let other = app.story(section.parse().unwrap(), "Something else", 5);
        let other_path = app.path(other);
        let picture = app.picture("Two ministers").to_string();
        let writer = app.staff(UserRole::Author);
        let page = writer.get("/admin/articles/new");
        assert_eq!(page.attributes("#field-dateline_agency", "value"), ["TDI"]);
        let body = format!(
            "<p>The ministers met.</p><script>alert(1)</script><h2>Talks</h2>\
             <aside data-also-read=\"{other}\"></aside><aside class=\"pull-quote\"><p>At last</p></aside>"
        );
        let id = create(&writer, &[
            ("headline", "  Ministers hold   talks "),
            ("kicker", "Diplomacy"),
            ("standfirst", "They agreed to meet again."),
            ("dateline_place", "Geneva"),
            ("dateline_date", "2023-12-15"),
            ("dateline_agency", "TDI"),
            ("body", &body),
            ("author", &second),
            ("author", ""),
            ("author", &author),
            ("section", &section),
            ("further", &sport),
            ("topics", "Iran, Gaza talks, iran"),
            ("lead_media", &picture),
            ("also_read", &other_path),
            ("search_title", "Talks in Geneva"),
            ("translations", " de https://example.com/gespraeche \r\n"),
        ]);
        assert_eq!(app.status("/topic/iran"), 404, "a draft creates no topic");
        assert!(!app.get("/latest").body.contains("hold talks"));
        let page = publish(&app.staff(UserRole::Editor), id, &[("when", "now")]);
        assert_eq!(page.status, 303, "{}", page.body);
        let path = app.path(id);
        assert!(path.ends_with("/ministers-hold-talks"), "{path}");
        let page = app.get(&path);
        assert_eq!(page.text("h1"), "Ministers hold talks");
        assert_eq!(page.text("title"), "Talks in Geneva – Dateline");
        assert_eq!(page.texts(".by a"), ["Ben Zed", "Aqsa Bibi"]);
        assert_eq!(page.texts(".dateline"), ["Geneva, 15 December 2023 (TDI):"]);
        assert_eq!(page.texts(".topics a"), ["Iran", "Gaza talks"]);
        assert_eq!(page.texts(".also-read a"), ["Something else", "Something else"]);
        assert_eq!(page.attributes(".lead-picture img", "alt"), ["Two ministers"]);
        assert_eq!(page.attributes(".translations a", "href"), ["https://example.com/gespraeche"]);
        assert!(!page.body.contains("alert(1)"));
        assert!(app.get("/sport").body.contains("Ministers hold talks"));
        assert!(app.get("/topic/gaza-talks").body.contains("Ministers hold talks"));

        // The form shows the saved values.
        let page = writer.get(&format!("/admin/articles/{id}"));
        assert_eq!(page.text("#field-headline"), "Ministers hold talks");
        assert_eq!(page.attributes("#field-topics", "value"), ["Iran, Gaza talks, iran"]);
        let chosen = page.attributes("select[name=author] option[selected]", "value");
        assert_eq!(chosen, [second.as_str(), author.as_str(), ""]);
    }

    fn autosave_accepts_invalid_fields_and_save_reports_them(app: &TestApp) {
        let writer = app.staff(UserRole::Contributor);
        let (status, answer) = autosave(&writer, "/admin/articles/new", &[
            ("headline", "Half a"),
            ("dateline_place", "Gen"),
            ("dateline_date", "2023-"),
            ("publish_at", "tomorrow"),
            ("lead_media", "x"),
            ("section", ""),
            ("also_read", "/not/yet/there"),
        ]);
        assert_eq!(status, 200, "{answer}");
        let id = answer["id"].as_i64().unwrap();
        let page = writer.get(&format!("/admin/articles/{id}"));
        assert_eq!(page.attributes("#field-dateline_date", "value"), ["2023-"], "kept as entered");
        assert_eq!(page.text("#field-also_read"), "/not/yet/there");
        assert!(answer["checks"].as_array().unwrap().iter().any(|check| check["blocks"] == true));

        // An explicit save reports the errors beside the fields and keeps the values.
        let page = save(&writer, id, &[
            ("headline", "Half a headline"),
            ("dateline_date", "2023-"),
            ("publish_at", "tomorrow"),
            ("lead_media", "999"),
            ("section", "999"),
            ("also_read", "/not/yet/there"),
            ("translations", "de /gespraeche"),
            ("body", "<p>Words that took an hour</p>"),
        ]);
        assert_eq!(page.status, 422);
        for field in ["dateline_date", "publish_at", "lead_media", "section", "also_read", "translations"] {
            let link = format!(".summary a[href='#field-{field}']");
            assert_eq!(page.texts(&link).len(), 1, "{field}");
        }
        assert!(page.text("#field-body").contains("Words that took an hour"));
        assert_eq!(page.text("#field-headline"), "Half a headline");
    }

    fn years_that_are_typing_errors_are_refused_beside_the_field(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "Dated"), ("section", &section)]);
        for year in ["0026", "0001", "1399", "2201", "9999"] {
            let (time, date) = (format!("{year}-03-29T10:00"), format!("{year}-03-29"));
            let page = publish(&editor, id, &[("when", "at"), ("at", &time)]);
            assert_eq!((page.status, page.text("#error-at").as_str()), (422, "Enter a year from 1400 to 2200"), "{year}");
            assert_eq!(page.attributes("#field-at", "value"), [time.as_str()]);
            let page = save(&editor, id, &[("headline", "Dated"), ("section", &section), ("publish_at", &time), ("dateline_place", "Rome"), ("dateline_date", &date)]);
            assert_eq!(page.status, 422, "{year}");
            for field in ["publish_at", "dateline_date"] {
                assert_eq!(page.text(&format!("#error-{field}")), "Enter a year from 1400 to 2200", "{year}");
            }
        }
        assert!(!app.get("/latest").body.contains("Dated"));
        let page = publish(&editor, id, &[("when", "at"), ("at", "1400-01-01T10:00")]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert_eq!(app.get(&app.path(id)).text("h1"), "Dated");
    }

    fn autosaves_share_a_revision_and_each_save_adds_one(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        // Autosaves share a revision within ten minutes, aligned to the clock.
        let seconds_into_window = app.now().timestamp() % 600;
        app.app.clock.advance(TimeDelta::seconds(600 - seconds_into_window));
        let (_, first) = autosave(&writer, "/admin/articles/new", &[("headline", "One")]);
        let id = first["id"].as_i64().unwrap();
        let path = format!("/admin/articles/{id}");
        let mut revision = first["revision"].to_string();
        for headline in ["One two", "One two three"] {
            app.app.clock.advance(TimeDelta::minutes(4));
            let (status, answer) = autosave(&writer, &path, &[("headline", headline), ("base", &revision)]);
            assert_eq!(status, 200, "{answer}");
            revision = answer["revision"].to_string();
        }
        let revisions = || writer.get(&format!("{path}/revisions")).texts(".rows li");
        assert_eq!(revisions().len(), 1, "{:?}", revisions());
        app.app.clock.advance(TimeDelta::minutes(11));
        let (_, answer) = autosave(&writer, &path, &[("headline", "Later"), ("base", &revision)]);
        let revision = answer["revision"].to_string();
        assert_eq!(revisions().len(), 2, "another ten minutes");
        let (_, again) = autosave(&writer, &path, &[("headline", "Later"), ("base", &revision)]);
        assert_eq!(again["revision"].to_string(), revision, "an unchanged text adds no revision");
        app.app.clock.advance(TimeDelta::minutes(20));
        save(&writer, id, &[("headline", "Saved")]);
        app.app.clock.advance(TimeDelta::minutes(1));
        save(&writer, id, &[("headline", "Saved again")]);
        assert_eq!(revisions().len(), 4, "{:?}", revisions());
    }

    fn a_conflicting_save_is_refused_and_both_texts_are_kept(app: &TestApp) {
        let ada = app.staff(UserRole::Editor);
        let bob = app.staff(UserRole::Editor);
        let id = create(&ada, &[("headline", "Talks"), ("body", "<p>The first text.</p><p>Same.</p>")]);
        let path = format!("/admin/articles/{id}");
        let bobs_base = base_revision(&bob, id);
        save(&ada, id, &[("headline", "Talks begin"), ("body", "<p>The first text of Ada.</p><p>Same.</p>")]);

        let bobs = [("headline", "Talks"), ("body", "<p>The first text of Bob.</p><p>Same.</p>"), ("base", bobs_base.as_str())];
        let (status, answer) = autosave(&bob, &path, &bobs);
        assert_eq!(status, 409, "{answer}");
        assert_eq!(answer["conflict"], ada.email.split('@').next().unwrap());
        let page = bob.post(&path, &bobs);
        assert_eq!(page.status, 409);
        assert!(page.text("#conflict").contains("saved a newer version"));
        assert_eq!(page.texts(".difference h3"), ["Headline", "Text"]);
        assert!(page.texts(".difference del").join(" ").contains("Ada"));
        assert!(page.texts(".difference ins").join(" ").contains("Bob"));
        assert!(page.text("#field-body").contains("of Bob"), "the form has Bob's text");
        assert!(ada.get(&path).text("#field-body").contains("of Ada"), "the article has Ada's text");
        let set_aside = ada.get(&format!("{path}/revisions"));
        assert!(set_aside.body.contains("conflict: another user"), "Bob's text is among the revisions");

        // Bob merges both texts in the form that the response contains, and saves.
        let base_revision = page.attributes("input[name=base]", "value").remove(0);
        let merged = "<p>The first text of Ada and Bob.</p><p>Same.</p>";
        let page = bob.post(&path, &[("headline", "Talks begin"), ("body", merged), ("base", &base_revision)]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert!(ada.get(&path).text("#field-body").contains("Ada and Bob"));
    }

    fn the_form_shows_who_else_has_the_article_open(app: &TestApp) {
        let ada = app.staff(UserRole::Editor);
        let bob = app.staff(UserRole::Editor);
        let id = create(&ada, &[("headline", "Talks")]);
        let presence = |staff: &Staff<'_>| {
            let page = staff.post(&format!("/admin/articles/{id}/presence.json"), &[]);
            serde_json::from_str::<serde_json::Value>(&page.body).unwrap()
        };
        assert_eq!(presence(&ada)["others"], serde_json::json!([]));
        let name = ada.email.split('@').next().unwrap();
        assert_eq!(presence(&bob)["others"], serde_json::json!([name]));
        ada.post(&format!("/admin/articles/{id}/leave.json"), &[]);
        assert_eq!(presence(&bob)["others"], serde_json::json!([]));
        presence(&ada);
        let others = bob.get(&format!("/admin/articles/{id}")).text("[data-others]");
        assert_eq!(others, format!("{name} also has this article open."), "also without JavaScript");
        app.app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(presence(&bob)["others"], serde_json::json!([]), "presence expires after a minute");
    }

    fn edits_reach_readers_only_when_they_are_published(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "Talks fail"), ("section", &section), ("body", "<p>Old text.</p>")]);
        publish(&editor, id, &[("when", "now")]);
        let path = app.path(id);
        app.app.clock.advance(TimeDelta::hours(1));
        save(&editor, id, &[("headline", "Talks succeed"), ("section", &section), ("body", "<p>New text.</p>")]);
        let page = app.get(&path);
        assert_eq!(page.text("h1"), "Talks fail");
        assert!(page.text(".body").contains("Old text."));
        assert!(app.get("/search?q=succeed").body.contains("No results"));
        let form = editor.get(&format!("/admin/articles/{id}"));
        assert!(form.texts(".notice").concat().contains("unpublished changes"));
        assert_eq!(publish(&editor, id, &[("when", "keep")]).status, 303);
        let page = app.get(&path);
        assert_eq!(page.text("h1"), "Talks succeed");
        assert!(!page.text(".times").contains("Updated"), "it was not marked as an update");
        assert_eq!(app.path(id), path, "the path stays the same");

        app.app.clock.advance(TimeDelta::hours(1));
        save(&editor, id, &[("headline", "Talks succeed"), ("section", &section), ("body", "<p>Newer text.</p>"), ("slug", "Peace at last!")]);
        publish(&editor, id, &[("when", "keep"), ("update", "yes")]);
        let new_path = app.redirect_target(&path);
        assert!(new_path.ends_with("/peace-at-last"), "{new_path}");
        assert!(app.get(&new_path).text(".times").contains("Updated"));
        let versions = editor.get(&format!("/admin/articles/{id}/revisions")).texts(".rows .tag");
        assert_eq!(versions, ["Version 3", "Published", "Newest", "Version 2", "Version 1"]);
    }

    fn a_scheduled_article_is_hidden_until_its_time(app: &TestApp) {
        app.update_settings(|settings| settings.time_zone = Tz::Europe__Berlin);
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "Embargoed talks"), ("section", &section), ("body", "<p>Canaryword.</p>")]);
        let publish_at = app.now() + TimeDelta::minutes(90);
        let local = publish_at.with_timezone(&Tz::Europe__Berlin).format("%Y-%m-%dT%H:%M").to_string();
        let page = publish(&editor, id, &[("when", "at"), ("at", &local)]);
        assert_eq!(page.status, 303, "{}", page.body);
        let path = app.path(id);
        for url in [path.as_str(), "/", "/news", "/latest", "/search?q=canaryword", "/most-popular"] {
            assert!(!app.get(url).body.contains("Embargoed talks"), "{url}");
        }
        assert_eq!(app.status(&path), 404);
        app.app.clock.advance(TimeDelta::minutes(91));
        assert_eq!(app.get(&path).text("h1"), "Embargoed talks");
        assert!(app.get("/").body.contains("Embargoed talks"));

        // A time skipped by daylight saving is refused, and the entered value stays.
        let second = create(&editor, &[("headline", "Another"), ("section", &section)]);
        let page = publish(&editor, second, &[("when", "at"), ("at", "2027-03-28T02:30")]);
        assert_eq!(page.status, 422);
        assert!(page.text("#error-at").contains("does not exist"));
        assert_eq!(page.attributes("#field-at", "value"), ["2027-03-28T02:30"]);
        assert_eq!(publish(&editor, second, &[("when", "at"), ("at", "soon")]).status, 422);
    }

    fn unpublished_and_trashed_articles_answer_404(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "Talks fail"), ("section", &section), ("body", "<p>Text.</p>")]);
        publish(&editor, id, &[("when", "now")]);
        let path = app.path(id);
        let change_status = |action: &str| editor.post(&format!("/admin/articles/{id}/{action}"), &[]).status;
        assert_eq!(change_status("unpublish"), 303);
        let (unpublished, missing) = (app.get(&path), app.get("/2020/01/01/never-was"));
        assert_eq!((unpublished.status, unpublished.body.replace(&path, "")), (404, missing.body.replace("/2020/01/01/never-was", "")));
        assert_eq!(change_status("unpublish"), 400, "it is already a draft");
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303);
        assert_eq!(app.status(&path), 200);
        assert_eq!(change_status("trash"), 303);
        assert_eq!(app.status(&path), 404);
        assert!(!app.get("/latest").body.contains("Talks fail"));
        assert_eq!(change_status("restore"), 303);
        assert_eq!(app.status(&path), 404, "restored as a draft");
        assert_eq!(editor.get(&format!("/admin/articles/{id}")).text(".head .tag"), "Draft");
    }

    fn an_older_revision_can_be_viewed_and_restored(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "First"), ("body", "<p>Old words.</p>")]);
        let first = base_revision(&editor, id);
        app.app.clock.advance(TimeDelta::minutes(1));
        save(&editor, id, &[("headline", "Second"), ("body", "<p>New words.</p>")]);
        let second = base_revision(&editor, id);
        let path = format!("/admin/articles/{id}/revisions");
        let page = editor.get(&format!("{path}/{second}"));
        assert_eq!(page.texts(".difference h3"), ["Headline", "Text"]);
        assert!(page.texts(".difference del").join(" ").contains("Old"));
        let page = editor.post(&format!("{path}/{first}/restore"), &[("base", &first)]);
        assert!(page.header("location").unwrap().ends_with("/revisions"), "refused because of a newer save");
        let page = editor.post(&format!("{path}/{first}/restore"), &[("base", &second)]);
        assert_eq!(page.header("location").unwrap(), format!("/admin/articles/{id}"));
        assert_eq!(editor.get(&format!("/admin/articles/{id}")).text("#field-headline"), "First");
        assert_eq!(editor.get(&path).texts(".rows li").len(), 3, "as a new revision");
        assert_eq!(editor.get(&format!("/admin/articles/{id}/revisions/999999")).status, 404);
    }

    fn an_imported_article_keeps_its_text_as_the_first_revision(app: &TestApp) {
        let section = app.section("news", "News");
        let id = app.story(section, "Imported", 5);
        let editor = app.staff(UserRole::Editor);
        let section_id = section.to_string();
        assert_eq!(base_revision(&editor, id), "");
        save(&editor, id, &[("headline", "Imported and edited"), ("section", &section_id), ("body", "<p>Edited.</p>")]);
        let page = editor.get(&format!("/admin/articles/{id}/revisions"));
        assert_eq!(page.texts(".rows .tag"), ["Newest", "Version 1", "Published"]);
        let path = app.path(id);
        assert_eq!(app.get(&path).text("h1"), "Imported");
        assert_eq!(publish(&editor, id, &[("when", "keep")]).status, 303);
        assert_eq!(app.get(&path).text("h1"), "Imported and edited");
    }

    fn a_preview_link_works_until_it_is_revoked_or_expires(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let writer = app.staff(UserRole::Contributor);
        let id = create(&writer, &[("headline", "Secret talks"), ("section", &section), ("body", "<p>Hush.</p>"), ("topics", "Secrets")]);
        let page = writer.get(&format!("/admin/articles/{id}/preview"));
        assert_eq!((page.status, page.text("h1").as_str()), (200, "Secret talks"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.body.contains("noindex"));
        assert_eq!(app.status(&format!("/admin/articles/{id}/preview")), 303, "not without a login");

        let links = format!("/admin/articles/{id}/preview-links");
        let link = writer.post(&links, &[]).text(".key");
        let link = link.strip_prefix(&app.app.base_url).unwrap().to_owned();
        let page = app.get(&link);
        assert_eq!((page.status, page.text("h1").as_str()), (200, "Secret talks"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("x-robots-tag"), Some("noindex"));
        assert!(page.attributes("link[rel=canonical]", "href").is_empty());
        assert_eq!(app.status(&format!("{link}x")), 404);

        let revoke = writer.get(&links).attributes("input[name=link]", "value").remove(0);
        assert_eq!(writer.post(&format!("{links}/revoke"), &[("link", &revoke)]).status, 303);
        assert_eq!(app.status(&link), 404, "revoked");
        let link = writer.post(&links, &[]).text(".key");
        let link = link.strip_prefix(&app.app.base_url).unwrap().to_owned();
        app.app.clock.advance(TimeDelta::days(8));
        assert_eq!(app.status(&link), 404, "expired");
    }

    fn corrections_are_shown_with_the_article(app: &TestApp) {
        let section = app.section("news", "News");
        let id = app.story(section, "Talks", 5);
        let editor = app.staff(UserRole::Editor);
        let path = format!("/admin/articles/{id}/corrections");
        let page = editor.post(&path, &[("kind", "rant"), ("placement", "above"), ("text", "Entered with care")]);
        assert_eq!(page.status, 422);
        assert_eq!(page.text("#field-text"), "Entered with care");
        assert_eq!(editor.post(&path, &[("kind", "correction"), ("placement", "above"), ("text", " ")]).status, 422);
        let text = "It was <b>Tuesday</b>.";
        assert_eq!(editor.post(&path, &[("kind", "correction"), ("placement", "above"), ("text", text)]).status, 303);
        assert!(app.get(&app.path(id)).text(".note").contains("It was <b>Tuesday</b>."));

        // Its time may be in the past but not in the future; and it can be removed.
        let earlier = [("kind", "clarification"), ("placement", "below"), ("text", "It rained."), ("made_at", "2023-12-15T10:00")];
        assert_eq!(editor.post(&path, &earlier).status, 303);
        assert!(app.get(&app.path(id)).texts(".note").concat().contains("15 December 2023"));
        for wrong in ["2999-01-01T00:00", "yesterday"] {
            let fields = [earlier[0], earlier[1], earlier[2], ("made_at", wrong)];
            assert_eq!(editor.post(&path, &fields).status, 422, "{wrong}");
        }
        let notes = editor.get(&path).attributes("input[name=note]", "value");
        assert_eq!(notes.len(), 2);
        let other = app.story(section, "Another", 6);
        let wrong_article = format!("/admin/articles/{other}/corrections/remove");
        assert_eq!(editor.post(&wrong_article, &[("note", &notes[0])]).status, 404);
        assert_eq!(editor.post(&format!("{path}/remove"), &[("note", &notes[0])]).status, 303);
        assert_eq!(app.get(&app.path(id)).texts(".note").len(), 1);
    }

    fn contributors_and_authors_can_access_only_their_own_articles(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let contributor = app.staff(UserRole::Contributor);
        let author = app.staff(UserRole::Author);
        let other = app.staff(UserRole::Author);
        let editor = app.staff(UserRole::Editor);
        let id = create(&author, &[("headline", "Mine"), ("section", &section)]);
        let revision = base_revision(&author, id);
        for outsider in [&contributor, &other] {
            let article_url = format!("/admin/articles/{id}");
            for path in ["", "/publish", "/revisions", "/preview", "/preview-links", "/corrections", &format!("/revisions/{revision}")] {
                assert_eq!(outsider.get(&format!("{article_url}{path}")).status, 404, "{path}");
            }
            assert_eq!(outsider.post(&article_url, &[("headline", "Stolen"), ("base", &revision)]).status, 404);
            for path in ["/trash", "/review", "/preview-links", "/presence.json"] {
                assert_eq!(outsider.post(&format!("{article_url}{path}"), &[]).status, 404, "{path}");
            }
            let page = outsider.post(&format!("{article_url}/revisions/{revision}/restore"), &[("base", &revision)]);
            assert_eq!(page.status, 404);
        }
        let page = other.post(&format!("/admin/articles/{id}/publish"), &[("when", "now"), ("revision", &revision)]);
        assert_eq!(page.status, 404);
        assert_eq!(author.get(&format!("/admin/articles/{id}")).text("#field-headline"), "Mine");

        // A contributor can submit an article for review; only an editor can publish it.
        let drafts = create(&contributor, &[("headline", "Draft"), ("section", &section)]);
        let page = contributor.post(&format!("/admin/articles/{drafts}/publish"), &[("when", "now"), ("revision", &base_revision(&contributor, drafts))]);
        assert_eq!(page.status, 403);
        assert_eq!(contributor.post(&format!("/admin/articles/{drafts}/review"), &[]).status, 303);
        assert_eq!(publish(&editor, drafts, &[("when", "now")]).status, 303);
        assert_eq!(contributor.get(&format!("/admin/articles/{drafts}")).status, 403, "a published article is closed to its contributor");
        assert_eq!(contributor.post(&format!("/admin/articles/{drafts}/trash"), &[]).status, 403);
        assert_eq!(contributor.post(&format!("/admin/articles/{drafts}/unpublish"), &[]).status, 403);
        assert_eq!(app.status(&app.path(drafts)), 200);
    }

    fn an_author_publishes_under_another_byline_only_after_an_editor(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let (own, other, third) = (app.author("Ada Own"), app.author("Ben Other"), app.author("Cyd Third"));
        let (writer, editor) = (app.staff(UserRole::Author), app.staff(UserRole::Editor));
        let linked = dateline::models::user::Change {
            email: &writer.email, name: "Ada", role: UserRole::Author, author_id: Some(own), disabled: false,
        };
        app.app.db.write_unversioned_blocking(|conn| dateline::models::user::change(conn, writer.id, &linked)).unwrap();
        let (own, other, third) = (own.to_string(), other.to_string(), third.to_string());
        let article = |headline: &str, authors: &[&str]| {
            let mut fields = vec![("headline", headline), ("section", section.as_str())];
            fields.extend(authors.iter().map(|author| ("author", *author)));
            create(&writer, &fields)
        };
        let alone = article("Alone", &[&own]);
        assert_eq!(publish(&writer, alone, &[("when", "now")]).status, 303);
        let without = article("Without a byline", &[]);
        assert_eq!(publish(&writer, without, &[("when", "now")]).status, 303);

        let id = article("Together", &[&own, &other]);
        let form = writer.get(&format!("/admin/articles/{id}/publish"));
        assert!(form.text(".checks .blocks").contains("Ben Other"), "{}", form.text(".checks"));
        for when in [[("when", "now"), ("at", "")], [("when", "at"), ("at", "2030-01-01T10:00")]] {
            let page = publish(&writer, id, &when);
            assert_eq!(page.status, 422, "{when:?}");
            assert!(page.text(".summary").contains("byline of Ben Other."), "{}", page.text(".summary"));
        }
        assert!(!app.get("/latest").body.contains("Together"));
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303);
        assert_eq!(app.get(&app.path(id)).texts(".by a"), ["Ada Own", "Ben Other"]);

        // Later changes keep the byline that the editor published; another name needs an editor again.
        let mut change = vec![("headline", "Together again"), ("section", section.as_str()), ("author", other.as_str())];
        assert_eq!(save(&writer, id, &change).status, 303);
        assert_eq!(publish(&writer, id, &[("when", "keep")]).status, 303);
        assert_eq!(app.get(&app.path(id)).texts(".by a"), ["Ben Other"]);
        change[2].1 = &third;
        assert_eq!(save(&writer, id, &change).status, 303);
        assert_eq!(publish(&writer, id, &[("when", "keep")]).status, 422);
        assert_eq!(app.get(&app.path(id)).texts(".by a"), ["Ben Other"]);

        // A byline that an editor has saved is approved.
        change[0].1 = "Edited";
        assert_eq!(save(&editor, id, &change).status, 303);
        change[0].1 = "Under the third name";
        assert_eq!(save(&writer, id, &change).status, 303);
        assert_eq!(publish(&writer, id, &[("when", "keep")]).status, 303);
        assert_eq!(app.get(&app.path(id)).texts(".by a"), ["Cyd Third"]);
    }

    fn fields_that_the_form_does_not_have_are_ignored(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let boss = app.author("The Boss").to_string();
        let contributor = app.staff(UserRole::Contributor);
        let id = create(&contributor, &[
            ("headline", "Mine"),
            ("section", &section),
            ("author", &boss),
            ("status", "published"),
            ("published_at", "2020-01-01T00:00"),
            ("owner_id", "1"),
            ("views", "1000000"),
            ("role", "admin"),
        ]);
        assert_eq!(contributor.get("/admin").status, 200);
        let page = contributor.get(&format!("/admin/articles/{id}/preview"));
        assert_eq!(page.texts(".by a"), [""; 0], "contributors cannot set the byline");
        assert_eq!(contributor.get(&format!("/admin/articles/{id}")).text(".head .tag"), "Draft");
        assert!(!app.get("/latest").body.contains("Mine"));
        assert_eq!(contributor.get("/admin/users").status, 403);
    }

    fn missing_essentials_block_publishing_and_advice_does_not(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        app.story(section.parse().unwrap(), "The same headline", 3);
        let small = app.picture("");
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("body", "<p>Text.</p>")]);
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 422);
        save(&editor, id, &[("headline", "x"), ("body", "<p>Text.</p>")]);
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 422);
        let long = "The same headline ".repeat(8);
        let body = format!("<p><a href=\"/no/such/page\">gone</a> <a href=\"/latest\">there</a></p><figure data-media=\"{small}\"></figure>");
        save(&editor, id, &[("headline", &long), ("section", &section), ("body", &body)]);
        let advice = editor.get(&format!("/admin/articles/{id}/publish")).texts(".checks li");
        for expected in ["no standfirst", "byline", "cards truncate it", "Search results truncate", "no lead picture", "no alt text", "/no/such/page is broken"] {
            assert!(advice.iter().any(|text| text.contains(expected)), "{expected}: {advice:?}");
        }
        assert!(!advice.iter().any(|text| text.contains("/latest")), "{advice:?}");
        save(&editor, id, &[("headline", "The same headline!"), ("section", &section)]);
        let advice = editor.get(&format!("/admin/articles/{id}/publish")).texts(".checks li");
        assert!(advice.iter().any(|text| text.contains("same headline")), "{advice:?}");
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303, "advice does not block");
    }

    fn a_stale_publish_page_publishes_nothing(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "One"), ("section", &section)]);
        let opened_revision = base_revision(&editor, id);
        save(&editor, id, &[("headline", "Two"), ("section", &section)]);
        let page = editor.post(&format!("/admin/articles/{id}/publish"), &[("when", "now"), ("revision", &opened_revision), ("status", "draft")]);
        assert_eq!(page.status, 422);
        assert!(page.text("#error-when").contains("newer version"));
        assert_eq!(app.get("/latest").texts(".stories .card-headline"), [""; 0]);
    }

    fn scripts_in_article_fields_never_run(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let evil = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";
        let id = create(&editor, &[
            ("headline", evil), ("kicker", evil), ("standfirst", evil), ("dateline_place", evil),
            ("dateline_agency", evil), ("topics", evil), ("search_title", evil), ("search_description", evil),
            ("slug", evil), ("body", evil), ("section", &section),
        ]);
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303);
        editor.post(&format!("/admin/articles/{id}/corrections"), &[("kind", "update"), ("placement", "below"), ("text", evil)]);
        let path = app.path(id);
        let article_url = format!("/admin/articles/{id}");
        let admin_pages = ["", "/publish", "/revisions", "/corrections", "/preview"].map(|part| format!("{article_url}{part}"));
        for url in admin_pages.iter().map(String::as_str).chain(["/admin"]) {
            let page = editor.get(url);
            assert_eq!(page.status, 200, "{url}");
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{url}");
        }
        for url in [path.as_str(), "/", "/latest", "/news", "/search?q=script"] {
            let page = app.get(url);
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{url}");
        }
    }

    fn restoring_a_revision_keeps_the_newest_revision(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        let id = create(&writer, &[("headline", "First")]);
        let first = base_revision(&writer, id);
        let path = format!("/admin/articles/{id}");
        let (_, answer) = autosave(&writer, &path, &[("headline", "An hour of work"), ("base", &first)]);
        let newest = answer["revision"].to_string();
        writer.post(&format!("{path}/revisions/{first}/restore"), &[("base", &newest)]);
        assert_eq!(writer.get(&path).text("#field-headline"), "First");
        let page = writer.get(&format!("{path}/revisions/{newest}"));
        assert_eq!(page.status, 200, "the newest revision still exists");
        assert!(page.body.contains("An hour of work"));
    }

    fn a_save_whose_response_was_lost_does_not_conflict_with_itself(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        let page = ("page", "0123456789abcdef");
        let (_, first) = autosave(&writer, "/admin/articles/new", &[("headline", "On a"), page]);
        let (status, again) = autosave(&writer, "/admin/articles/new", &[("headline", "On a train"), page]);
        assert_eq!((status, &again["id"]), (200, &first["id"]), "one article, not two");
        let path = format!("/admin/articles/{}", first["id"]);
        let stale = first["revision"].to_string();
        let (status, _) = autosave(&writer, &path, &[("headline", "On a train in a tunnel"), ("base", &stale), page]);
        assert_eq!(status, 200);
        let (status, _) = autosave(&writer, &path, &[("headline", "Elsewhere"), ("base", &stale), ("page", "another")]);
        assert_eq!(status, 409, "a save from another window is a conflict");
    }

    fn a_form_sent_after_the_session_ended_can_be_resubmitted(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        let before = writer.csrf();
        writer.post("/admin/logout", &[]);
        let fields = [("headline", "Hours of work"), ("body", "<p>All of it.</p>"), ("csrf", before.as_str())];
        let headers = [("sec-fetch-site", "same-origin")];
        let page = writer.post_with("/admin/articles/new", &fields, &headers);
        assert_eq!(page.status, 401);
        assert_eq!(page.attributes("input[name=body]", "value"), ["<p>All of it.</p>"]);
        writer.log_in(crate::support::staff::PASSWORD);
        let page = writer.post_with("/admin/articles/new", &fields, &headers);
        assert_eq!(page.status, 400, "the token belongs to the ended session");
        let token = page.attributes("input[name=csrf]", "value").remove(0);
        let resubmitted = [fields[0], fields[1], ("csrf", token.as_str())];
        assert_eq!(writer.post_with("/admin/articles/new", &resubmitted, &headers).status, 303);
        let cross_site = writer.post_with("/admin/articles/new", &fields, &[("sec-fetch-site", "cross-site")]);
        assert!(cross_site.attributes("input[name=body]", "value").is_empty(), "a cross-site form is not shown");
    }

    fn a_stale_publish_page_does_not_restore_a_trashed_article(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = create(&editor, &[("headline", "Withdrawn"), ("section", &section)]);
        publish(&editor, id, &[("when", "now")]);
        let path = app.path(id);
        let stale_form = [("when", "keep"), ("revision", &base_revision(&editor, id)), ("status", "published")].map(|(name, value)| (name, value.to_owned()));
        let submit_stale_form = || {
            let fields: Vec<_> = stale_form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            editor.post(&format!("/admin/articles/{id}/publish"), &fields).status
        };
        editor.post(&format!("/admin/articles/{id}/unpublish"), &[]);
        assert_eq!(submit_stale_form(), 422);
        editor.post(&format!("/admin/articles/{id}/trash"), &[]);
        assert_eq!(submit_stale_form(), 400);
        assert_eq!(app.status(&path), 404);
    }

    fn an_imported_article_can_be_unpublished_and_published_again(app: &TestApp) {
        let section = app.section("news", "News");
        let id = app.story(section, "From elsewhere", 30);
        let path = app.path(id);
        let editor = app.staff(UserRole::Editor);
        assert_eq!(editor.post(&format!("/admin/articles/{id}/unpublish"), &[]).status, 303);
        assert_eq!(app.status(&path), 404);
        let page = publish(&editor, id, &[("when", "now")]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert_eq!(app.get(&app.path(id)).text("h1"), "From elsewhere");
    }
}
