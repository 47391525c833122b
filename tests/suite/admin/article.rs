//! Writing and publishing: no word is lost, and nothing is seen sooner than it should be.

use chrono::TimeDelta;
use chrono_tz::Tz;
use dateline::db::types::UserRole;

use crate::{
    on_both_engines,
    support::{app::TestApp, page::Page, staff::Staff},
};

/// A form with nothing in it but these fields.
fn with<'f>(fields: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    fields.to_vec()
}

/// The article's number, of the address that a save leads to.
fn number(page: &Page) -> i64 {
    assert_eq!(page.status, 303, "{}", page.body);
    let to = page.header("location").unwrap();
    to.trim_start_matches("/admin/articles/")
        .split('/')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

/// Begins an article; returns its number.
fn begin(staff: &Staff<'_>, fields: &[(&str, &str)]) -> i64 {
    number(&staff.post("/admin/articles/new", fields))
}

/// The revision that an article's form starts from.
fn base(staff: &Staff<'_>, id: i64) -> String {
    let page = staff.get(&format!("/admin/articles/{id}"));
    assert_eq!(page.status, 200);
    page.attributes("input[name=base]", "value").remove(0)
}

/// Saves over what is newest.
fn save(staff: &Staff<'_>, id: i64, fields: &[(&str, &str)]) -> Page {
    let base = base(staff, id);
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("base", base.as_str())])
        .collect();
    staff.post(&format!("/admin/articles/{id}"), &fields)
}

fn publish(staff: &Staff<'_>, id: i64, fields: &[(&str, &str)]) -> Page {
    let page = staff.get(&format!("/admin/articles/{id}/publish"));
    let of_form = |name: &str| {
        let values = page.attributes(&format!("form input[name={name}]"), "value");
        values.into_iter().next().unwrap_or_default()
    };
    let (revision, status) = (of_form("revision"), of_form("status"));
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("revision", revision.as_str()), ("status", status.as_str())])
        .collect();
    staff.post(&format!("/admin/articles/{id}/publish"), &fields)
}

/// Saves as the form's script does.
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
    fn an_article_is_written_published_and_read(app: &TestApp) {
        app.settings(|settings| settings.agency = "TDI".to_owned());
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
        let id = begin(&writer, &with(&[
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
        ]));
        assert_eq!(app.status("/topic/iran"), 404, "a draft makes no topic");
        assert!(!app.get("/latest").body.contains("hold talks"));
        let page = publish(&writer, id, &[("when", "now")]);
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

        // The form shows what was saved.
        let page = writer.get(&format!("/admin/articles/{id}"));
        assert_eq!(page.text("#field-headline"), "Ministers hold talks");
        assert_eq!(page.attributes("#field-topics", "value"), ["Iran, Gaza talks, iran"]);
        let chosen = page.attributes("select[name=author] option[selected]", "value");
        assert_eq!(chosen, [second.as_str(), author.as_str(), ""]);
    }

    fn a_draft_needs_nothing_but_itself(app: &TestApp) {
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
        assert_eq!(page.attributes("#field-dateline_date", "value"), ["2023-"], "kept as it was typed");
        assert_eq!(page.text("#field-also_read"), "/not/yet/there");
        assert!(answer["checks"].as_array().unwrap().iter().any(|check| check["blocks"] == true));

        // A save that somebody asked for says what is wrong, beside the fields, and keeps them.
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

    fn autosaves_of_one_sitting_are_one_revision_and_every_save_is_kept(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        // Sittings are whole ten minutes of the clock.
        let into = app.now().timestamp() % 600;
        app.app.clock.advance(TimeDelta::seconds(600 - into));
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
        assert_eq!(revisions().len(), 2, "another sitting");
        let (_, again) = autosave(&writer, &path, &[("headline", "Later"), ("base", &revision)]);
        assert_eq!(again["revision"].to_string(), revision, "the same words are no new revision");
        app.app.clock.advance(TimeDelta::minutes(20));
        save(&writer, id, &[("headline", "Saved")]);
        app.app.clock.advance(TimeDelta::minutes(1));
        save(&writer, id, &[("headline", "Saved again")]);
        assert_eq!(revisions().len(), 4, "{:?}", revisions());
    }

    fn a_save_on_top_of_somebody_elses_is_refused_and_nothing_is_lost(app: &TestApp) {
        let ada = app.staff(UserRole::Editor);
        let bob = app.staff(UserRole::Editor);
        let id = begin(&ada, &[("headline", "Talks"), ("body", "<p>The first text.</p><p>Same.</p>")]);
        let path = format!("/admin/articles/{id}");
        let started_from = base(&bob, id);
        save(&ada, id, &[("headline", "Talks begin"), ("body", "<p>The first text of Ada.</p><p>Same.</p>")]);

        let bobs = [("headline", "Talks"), ("body", "<p>The first text of Bob.</p><p>Same.</p>"), ("base", started_from.as_str())];
        let (status, answer) = autosave(&bob, &path, &bobs);
        assert_eq!(status, 409, "{answer}");
        assert_eq!(answer["conflict"], ada.email.split('@').next().unwrap());
        let page = bob.post(&path, &bobs);
        assert_eq!(page.status, 409);
        assert!(page.text("#conflict").contains("saved a newer version"));
        assert_eq!(page.texts(".difference h3"), ["Headline", "Text"]);
        assert!(page.texts(".difference del").join(" ").contains("Ada"));
        assert!(page.texts(".difference ins").join(" ").contains("Bob"));
        assert!(page.text("#field-body").contains("of Bob"), "the form has Bob's words");
        assert!(ada.get(&path).text("#field-body").contains("of Ada"), "the article has Ada's");
        let set_aside = ada.get(&format!("{path}/revisions"));
        assert!(set_aside.body.contains("set aside"), "and Bob's are among the revisions");

        // Bob merges the two in the form that he was given, and saves.
        let base = page.attributes("input[name=base]", "value").remove(0);
        let merged = "<p>The first text of Ada and Bob.</p><p>Same.</p>";
        let page = bob.post(&path, &[("headline", "Talks begin"), ("body", merged), ("base", &base)]);
        assert_eq!(page.status, 303, "{}", page.body);
        assert!(ada.get(&path).text("#field-body").contains("Ada and Bob"));
    }

    fn the_form_shows_who_else_has_it_open(app: &TestApp) {
        let ada = app.staff(UserRole::Editor);
        let bob = app.staff(UserRole::Editor);
        let id = begin(&ada, &[("headline", "Talks")]);
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
        let shown = bob.get(&format!("/admin/articles/{id}")).text("[data-others]");
        assert_eq!(shown, format!("{name} has this article open too."), "without a script too");
        app.app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(presence(&bob)["others"], serde_json::json!([]), "who is silent has gone");
    }

    fn a_published_article_changes_for_readers_only_when_the_changes_are_published(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("headline", "Talks fail"), ("section", &section), ("body", "<p>Old text.</p>")]);
        publish(&editor, id, &[("when", "now")]);
        let path = app.path(id);
        app.app.clock.advance(TimeDelta::hours(1));
        save(&editor, id, &[("headline", "Talks succeed"), ("section", &section), ("body", "<p>New text.</p>")]);
        let page = app.get(&path);
        assert_eq!(page.text("h1"), "Talks fail");
        assert!(page.text(".body").contains("Old text."));
        assert!(app.get("/search?q=succeed").body.contains("Nothing was found"));
        let form = editor.get(&format!("/admin/articles/{id}"));
        assert!(form.texts(".notice").concat().contains("changes that readers do not see yet"));
        assert_eq!(publish(&editor, id, &[("when", "keep")]).status, 303);
        let page = app.get(&path);
        assert_eq!(page.text("h1"), "Talks succeed");
        assert!(!page.text(".times").contains("Updated"), "nobody said that it is an update");
        assert_eq!(app.path(id), path, "its address stays");

        app.app.clock.advance(TimeDelta::hours(1));
        save(&editor, id, &[("headline", "Talks succeed"), ("section", &section), ("body", "<p>Newer text.</p>"), ("slug", "Peace at last!")]);
        publish(&editor, id, &[("when", "keep"), ("update", "yes")]);
        let moved = app.moved(&path);
        assert!(moved.ends_with("/peace-at-last"), "{moved}");
        assert!(app.get(&moved).text(".times").contains("Updated"));
        let versions = editor.get(&format!("/admin/articles/{id}/revisions")).texts(".rows .tag");
        assert_eq!(versions, ["Version 3", "Readers see this", "Newest", "Version 2", "Version 1"]);
    }

    fn a_scheduled_article_is_nowhere_before_its_time_and_there_by_itself_at_it(app: &TestApp) {
        app.settings(|settings| settings.time_zone = Tz::Europe__Berlin);
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("headline", "Embargoed talks"), ("section", &section), ("body", "<p>Canaryword.</p>")]);
        let at = app.now() + TimeDelta::minutes(90);
        let local = at.with_timezone(&Tz::Europe__Berlin).format("%Y-%m-%dT%H:%M").to_string();
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

        // A time that the clocks skip is refused, and what was typed stays.
        let second = begin(&editor, &[("headline", "Another"), ("section", &section)]);
        let page = publish(&editor, second, &[("when", "at"), ("at", "2027-03-28T02:30")]);
        assert_eq!(page.status, 422);
        assert!(page.text("#error-at").contains("does not exist"));
        assert_eq!(page.attributes("#field-at", "value"), ["2027-03-28T02:30"]);
        assert_eq!(publish(&editor, second, &[("when", "at"), ("at", "soon")]).status, 422);
    }

    fn what_is_unpublished_or_trashed_answers_like_what_never_was(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("headline", "Talks fail"), ("section", &section), ("body", "<p>Text.</p>")]);
        publish(&editor, id, &[("when", "now")]);
        let path = app.path(id);
        let to = |action: &str| editor.post(&format!("/admin/articles/{id}/{action}"), &[]).status;
        assert_eq!(to("unpublish"), 303);
        let (gone, never) = (app.get(&path), app.get("/2020/01/01/never-was"));
        assert_eq!((gone.status, gone.body.replace(&path, "")), (404, never.body.replace("/2020/01/01/never-was", "")));
        assert_eq!(to("unpublish"), 400, "it is a draft already");
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303);
        assert_eq!(app.status(&path), 200);
        assert_eq!(to("trash"), 303);
        assert_eq!(app.status(&path), 404);
        assert!(!app.get("/latest").body.contains("Talks fail"));
        assert_eq!(to("restore"), 303);
        assert_eq!(app.status(&path), 404, "restored as a draft");
        assert_eq!(editor.get(&format!("/admin/articles/{id}")).text(".head .tag"), "Draft");
    }

    fn an_older_revision_can_be_looked_at_and_made_the_newest_again(app: &TestApp) {
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("headline", "First"), ("body", "<p>Old words.</p>")]);
        let first = base(&editor, id);
        app.app.clock.advance(TimeDelta::minutes(1));
        save(&editor, id, &[("headline", "Second"), ("body", "<p>New words.</p>")]);
        let second = base(&editor, id);
        let path = format!("/admin/articles/{id}/revisions");
        let page = editor.get(&format!("{path}/{second}"));
        assert_eq!(page.texts(".difference h3"), ["Headline", "Text"]);
        assert!(page.texts(".difference del").join(" ").contains("Old"));
        let page = editor.post(&format!("{path}/{first}/restore"), &[("base", &first)]);
        assert!(page.header("location").unwrap().ends_with("/revisions"), "somebody saved meanwhile");
        let page = editor.post(&format!("{path}/{first}/restore"), &[("base", &second)]);
        assert_eq!(page.header("location").unwrap(), format!("/admin/articles/{id}"));
        assert_eq!(editor.get(&format!("/admin/articles/{id}")).text("#field-headline"), "First");
        assert_eq!(editor.get(&path).texts(".rows li").len(), 3, "as a new revision");
        assert_eq!(editor.get(&format!("/admin/articles/{id}/revisions/999999")).status, 404);
    }

    fn an_article_from_elsewhere_keeps_what_it_said_as_its_first_revision(app: &TestApp) {
        let section = app.section("news", "News");
        let id = app.story(section, "Imported", 5);
        let editor = app.staff(UserRole::Editor);
        let text = section.to_string();
        assert_eq!(base(&editor, id), "");
        save(&editor, id, &[("headline", "Imported and edited"), ("section", &text), ("body", "<p>Edited.</p>")]);
        let page = editor.get(&format!("/admin/articles/{id}/revisions"));
        assert_eq!(page.texts(".rows .tag"), ["Newest", "Version 1", "Readers see this"]);
        let path = app.path(id);
        assert_eq!(app.get(&path).text("h1"), "Imported");
        assert_eq!(publish(&editor, id, &[("when", "keep")]).status, 303);
        assert_eq!(app.get(&path).text("h1"), "Imported and edited");
    }

    fn a_preview_shows_what_was_saved_to_those_with_the_link_until_it_ends(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let writer = app.staff(UserRole::Contributor);
        let id = begin(&writer, &[("headline", "Secret talks"), ("section", &section), ("body", "<p>Hush.</p>"), ("topics", "Secrets")]);
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

    fn a_correction_stands_with_the_article(app: &TestApp) {
        let section = app.section("news", "News");
        let id = app.story(section, "Talks", 5);
        let editor = app.staff(UserRole::Editor);
        let path = format!("/admin/articles/{id}/corrections");
        let page = editor.post(&path, &[("kind", "rant"), ("placement", "above"), ("text", "Typed with care")]);
        assert_eq!(page.status, 422);
        assert_eq!(page.text("#field-text"), "Typed with care");
        assert_eq!(editor.post(&path, &[("kind", "correction"), ("placement", "above"), ("text", " ")]).status, 422);
        let text = "It was <b>Tuesday</b>.";
        assert_eq!(editor.post(&path, &[("kind", "correction"), ("placement", "above"), ("text", text)]).status, 303);
        assert!(app.get(&app.path(id)).text(".note").contains("It was <b>Tuesday</b>."));

        // It may have stood since an earlier time, not since a later one; and a slip is taken back.
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
        let elsewhere = format!("/admin/articles/{other}/corrections/remove");
        assert_eq!(editor.post(&elsewhere, &[("note", &notes[0])]).status, 404);
        assert_eq!(editor.post(&format!("{path}/remove"), &[("note", &notes[0])]).status, 303);
        assert_eq!(app.get(&app.path(id)).texts(".note").len(), 1);
    }

    fn contributors_and_authors_touch_only_their_own_work(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let contributor = app.staff(UserRole::Contributor);
        let author = app.staff(UserRole::Author);
        let other = app.staff(UserRole::Author);
        let editor = app.staff(UserRole::Editor);
        let id = begin(&author, &[("headline", "Mine"), ("section", &section)]);
        let revision = base(&author, id);
        for stranger in [&contributor, &other] {
            let here = format!("/admin/articles/{id}");
            for path in ["", "/publish", "/revisions", "/preview", "/preview-links", "/corrections", &format!("/revisions/{revision}")] {
                assert_eq!(stranger.get(&format!("{here}{path}")).status, 404, "{path}");
            }
            assert_eq!(stranger.post(&here, &[("headline", "Stolen"), ("base", &revision)]).status, 404);
            for path in ["/trash", "/review", "/preview-links", "/presence.json"] {
                assert_eq!(stranger.post(&format!("{here}{path}"), &[]).status, 404, "{path}");
            }
            let page = stranger.post(&format!("{here}/revisions/{revision}/restore"), &[("base", &revision)]);
            assert_eq!(page.status, 404);
        }
        let page = other.post(&format!("/admin/articles/{id}/publish"), &[("when", "now"), ("revision", &revision)]);
        assert_eq!(page.status, 404);
        assert_eq!(author.get(&format!("/admin/articles/{id}")).text("#field-headline"), "Mine");

        // A contributor's own can be sent for review, and published by an editor only.
        let drafts = begin(&contributor, &[("headline", "Draft"), ("section", &section)]);
        let page = contributor.post(&format!("/admin/articles/{drafts}/publish"), &[("when", "now"), ("revision", &base(&contributor, drafts))]);
        assert_eq!(page.status, 403);
        assert_eq!(contributor.post(&format!("/admin/articles/{drafts}/review"), &[]).status, 303);
        assert_eq!(publish(&editor, drafts, &[("when", "now")]).status, 303);
        assert_eq!(contributor.get(&format!("/admin/articles/{drafts}")).status, 403, "it is out of their hands");
        assert_eq!(contributor.post(&format!("/admin/articles/{drafts}/trash"), &[]).status, 403);
        assert_eq!(contributor.post(&format!("/admin/articles/{drafts}/unpublish"), &[]).status, 403);
        assert_eq!(app.status(&app.path(drafts)), 200);
    }

    fn a_form_takes_the_fields_that_it_shows_and_no_others(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let boss = app.author("The Boss").to_string();
        let contributor = app.staff(UserRole::Contributor);
        let id = begin(&contributor, &[
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
        assert_eq!(page.texts(".by a"), [""; 0], "the byline is the editors'");
        assert_eq!(contributor.get(&format!("/admin/articles/{id}")).text(".head .tag"), "Draft");
        assert!(!app.get("/latest").body.contains("Mine"));
        assert_eq!(contributor.get("/admin/users").status, 403);
    }

    fn only_what_would_break_the_page_keeps_an_article_from_being_published(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        app.story(section.parse().unwrap(), "The same headline", 3);
        let small = app.picture("");
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("body", "<p>Text.</p>")]);
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 422);
        save(&editor, id, &[("headline", "x"), ("body", "<p>Text.</p>")]);
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 422);
        let long = "The same headline ".repeat(8);
        let body = format!("<p><a href=\"/no/such/page\">gone</a> <a href=\"/latest\">there</a></p><figure data-media=\"{small}\"></figure>");
        save(&editor, id, &[("headline", &long), ("section", &section), ("body", &body)]);
        let advice = editor.get(&format!("/admin/articles/{id}/publish")).texts(".checks li");
        for said in ["no standfirst", "byline", "cards cut it off", "Search results cut", "no lead picture", "no alt text", "/no/such/page leads nowhere"] {
            assert!(advice.iter().any(|text| text.contains(said)), "{said}: {advice:?}");
        }
        assert!(!advice.iter().any(|text| text.contains("/latest")), "{advice:?}");
        save(&editor, id, &[("headline", "The same headline!"), ("section", &section)]);
        let advice = editor.get(&format!("/admin/articles/{id}/publish")).texts(".checks li");
        assert!(advice.iter().any(|text| text.contains("same headline")), "{advice:?}");
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303, "advice does not block");
    }

    fn a_page_that_was_opened_before_a_newer_save_publishes_nothing(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("headline", "One"), ("section", &section)]);
        let looked_at = base(&editor, id);
        save(&editor, id, &[("headline", "Two"), ("section", &section)]);
        let page = editor.post(&format!("/admin/articles/{id}/publish"), &[("when", "now"), ("revision", &looked_at), ("status", "draft")]);
        assert_eq!(page.status, 422);
        assert!(page.text("#error-when").contains("newer version"));
        assert_eq!(app.get("/latest").texts(".stories h2"), [""; 0]);
    }

    fn script_in_any_field_of_an_article_never_runs(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let evil = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";
        let id = begin(&editor, &[
            ("headline", evil), ("kicker", evil), ("standfirst", evil), ("dateline_place", evil),
            ("dateline_agency", evil), ("topics", evil), ("search_title", evil), ("search_description", evil),
            ("slug", evil), ("body", evil), ("section", &section),
        ]);
        assert_eq!(publish(&editor, id, &[("when", "now")]).status, 303);
        editor.post(&format!("/admin/articles/{id}/corrections"), &[("kind", "update"), ("placement", "below"), ("text", evil)]);
        let path = app.path(id);
        let here = format!("/admin/articles/{id}");
        let of_admin = ["", "/publish", "/revisions", "/corrections", "/preview"].map(|part| format!("{here}{part}"));
        for url in of_admin.iter().map(String::as_str).chain(["/admin"]) {
            let page = editor.get(url);
            assert_eq!(page.status, 200, "{url}");
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{url}");
        }
        for url in [path.as_str(), "/", "/latest", "/news", "/search?q=script"] {
            let page = app.get(url);
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{url}");
        }
    }

    fn restoring_a_revision_takes_nothing_from_what_was_written_last(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        let id = begin(&writer, &[("headline", "First")]);
        let first = base(&writer, id);
        let path = format!("/admin/articles/{id}");
        let (_, answer) = autosave(&writer, &path, &[("headline", "An hour of work"), ("base", &first)]);
        let newest = answer["revision"].to_string();
        writer.post(&format!("{path}/revisions/{first}/restore"), &[("base", &newest)]);
        assert_eq!(writer.get(&path).text("#field-headline"), "First");
        let page = writer.get(&format!("{path}/revisions/{newest}"));
        assert_eq!(page.status, 200, "what was written last is still there");
        assert!(page.body.contains("An hour of work"));
    }

    fn a_save_whose_answer_got_lost_is_no_conflict_with_itself(app: &TestApp) {
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
        assert_eq!(status, 409, "another window is another matter");
    }

    fn what_a_form_held_when_the_login_ended_is_shown_to_be_sent_again(app: &TestApp) {
        let writer = app.staff(UserRole::Author);
        let before = writer.csrf();
        writer.post("/admin/logout", &[]);
        let words = [("headline", "Hours of work"), ("body", "<p>All of it.</p>"), ("csrf", before.as_str())];
        let here = [("sec-fetch-site", "same-origin")];
        let page = writer.post_with("/admin/articles/new", &words, &here);
        assert_eq!(page.status, 401);
        assert_eq!(page.attributes("input[name=body]", "value"), ["<p>All of it.</p>"]);
        writer.log_in(crate::support::staff::PASSWORD);
        let page = writer.post_with("/admin/articles/new", &words, &here);
        assert_eq!(page.status, 400, "the token is of the login that ended");
        let token = page.attributes("input[name=csrf]", "value").remove(0);
        let again = [words[0], words[1], ("csrf", token.as_str())];
        assert_eq!(writer.post_with("/admin/articles/new", &again, &here).status, 303);
        let elsewhere = writer.post_with("/admin/articles/new", &words, &[("sec-fetch-site", "cross-site")]);
        assert!(elsewhere.attributes("input[name=body]", "value").is_empty(), "not what another site sent");
    }

    fn a_page_opened_before_an_article_was_thrown_away_does_not_bring_it_back(app: &TestApp) {
        let section = app.section("news", "News").to_string();
        let editor = app.staff(UserRole::Editor);
        let id = begin(&editor, &[("headline", "Withdrawn"), ("section", &section)]);
        publish(&editor, id, &[("when", "now")]);
        let path = app.path(id);
        let opened = [("when", "keep"), ("revision", &base(&editor, id)), ("status", "published")].map(|(name, value)| (name, value.to_owned()));
        let send = || {
            let fields: Vec<_> = opened.iter().map(|(name, value)| (*name, value.as_str())).collect();
            editor.post(&format!("/admin/articles/{id}/publish"), &fields).status
        };
        editor.post(&format!("/admin/articles/{id}/unpublish"), &[]);
        assert_eq!(send(), 422);
        editor.post(&format!("/admin/articles/{id}/trash"), &[]);
        assert_eq!(send(), 400);
        assert_eq!(app.status(&path), 404);
    }

    fn an_article_from_elsewhere_is_unpublished_and_published_again_at_its_own_address(app: &TestApp) {
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
