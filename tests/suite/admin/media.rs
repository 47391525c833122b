//! The media library: uploads, refused files, permissions, search and uses.

use std::{
    io::Cursor,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use dateline::{
    db::types::{
        HistoryKind,
        UserRole::{Author, Contributor, Editor},
    },
    jobs::finish_media,
    models::{article::Draft, history, media},
    text::SanitizedHtml,
};
use image::{ImageFormat, Rgb, RgbImage};

use crate::{
    on_both_engines,
    support::{
        app::TestApp,
        fixtures::one_colour,
        page::Page,
        staff::{MULTIPART, Staff, multipart},
    },
};

const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A small picture that is unique to this seed.
fn picture(seed: u8, format: ImageFormat) -> Vec<u8> {
    encoded(seed, 210, 140, format)
}

fn encoded(seed: u8, width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let of = |n: u32, all: u32| u8::try_from(n * 255 / all).unwrap();
    let picture = RgbImage::from_fn(width, height, |x, y| {
        Rgb([seed, of(x, width), of(y, height)])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Files as the media library's form sends them: field, name, content.
fn as_form_files<'f>(files: &[(&'f str, &'f [u8])]) -> Vec<(&'f str, &'f str, &'f [u8])> {
    let files = files.iter();
    files
        .map(|(name, content)| ("file", *name, *content))
        .collect()
}

fn upload_files(staff: &Staff<'_>, path: &str, files: &[(&str, &[u8])]) -> Page {
    staff.send_files(path, &[], &as_form_files(files))
}

fn parsed(page: &Page) -> serde_json::Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{} {}", page.status, page.body))
}

/// Uploads a picture through the JSON endpoint; returns its id.
fn upload(staff: &Staff<'_>, seed: u8) -> i64 {
    let name = format!("picture-{seed}.jpg");
    let page = upload_files(
        staff,
        "/admin/media.json",
        &[(&name, &picture(seed, ImageFormat::Jpeg))],
    );
    assert_eq!(page.status, 201, "{}", page.body);
    parsed(&page)["item"]["id"].as_i64().unwrap()
}

fn finish_processing(app: &TestApp) {
    actix_web::rt::System::new()
        .block_on(finish_media::once(&app.app))
        .unwrap();
}

fn item(app: &TestApp, id: i64) -> media::Item {
    app.write(|conn| Ok(media::item(conn, id)?)).unwrap()
}

/// Publishes an article in `section` with this lead picture and this picture in its text.
fn article_with(
    app: &TestApp,
    section: i64,
    headline: &str,
    lead: Option<i64>,
    in_body: Option<i64>,
) -> i64 {
    let body = in_body.map_or_else(
        || "<p>Text.</p>".to_owned(),
        |id| format!("<p>Text.</p><figure data-media=\"{id}\" data-alt=\"A\"></figure>"),
    );
    app.publish(&Draft {
        lead_media_id: lead,
        body: SanitizedHtml::new(&body),
        ..app.draft(section, headline)
    })
}

on_both_engines! {
    fn an_upload_is_usable_before_it_is_fully_processed(app: &TestApp) {
        let staff = app.staff(Contributor);
        let page = upload_files(&staff, "/admin/media.json", &[("photos/harbour.jpg", &encoded(1, 1400, 900, ImageFormat::Jpeg))]);
        assert_eq!(page.status, 201, "{}", page.body);
        let answer = parsed(&page);
        let new = &answer["item"];
        assert_eq!(new["name"], "harbour.jpg");
        for url in [&new["thumb"], &new["src"]] {
            let file = app.get(url.as_str().unwrap());
            assert_eq!(file.status, 200);
            assert_eq!(file.header("content-type"), Some("image/jpeg"));
            assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        }
        finish_processing(app);
        let id = new["id"].as_i64().unwrap();
        let done = item(app, id).media;
        assert_eq!(done.widths, "160,320,640,960,1280,1400");
        assert!(done.has_crops());
        let crop = app.get(&format!("/media/{}-16x9-500-500.webp", done.hash));
        assert_eq!((crop.status, crop.header("content-type")), (200, Some("image/webp")));
    }

    fn articles_offer_webp_to_readers_and_crops_to_search_engines(app: &TestApp) {
        let section = app.section("news", "News");
        let staff = app.staff(Author);
        let id = upload(&staff, 2);
        finish_processing(app);
        article_with(app, section, "Harbour opens", Some(id), None);
        let path = app.get("/news").attributes(".card-headline a", "href").remove(0);
        let page = app.get(&path);
        let sources = page.attributes(".lead-picture source[type='image/webp']", "srcset");
        assert!(sources[0].contains("-160.webp 160w"));
        let images = page.json_ld("NewsArticle")["image"].clone();
        assert_eq!(images.as_array().unwrap().len(), 3);
        for image in images.as_array().unwrap() {
            let path = image.as_str().unwrap().strip_prefix(&app.app.base_url).unwrap();
            assert_eq!(app.status(path), 200, "{path}");
        }
    }

    fn several_files_are_uploaded_and_each_refusal_is_explained(app: &TestApp) {
        let staff = app.staff(Contributor);
        let page = upload_files(&staff, "/admin/media", &[
            ("good.png", &picture(3, ImageFormat::Png)),
            ("drawing.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("page.jpg", b"<!doctype html><script>alert(1)</script>"),
        ]);
        assert_eq!(page.status, 422);
        let why = page.texts(".summary li");
        assert_eq!(why.len(), 2);
        assert!(why[0].starts_with("drawing.jpg: SVG drawings cannot be used."));
        assert!(why[1].starts_with("page.jpg: The file is not a picture"));
        assert_eq!(page.texts(".tile-name"), ["good.png"]);
        let page = upload_files(&staff, "/admin/media", &[("other.jpg", &picture(4, ImageFormat::Jpeg))]);
        assert_eq!(page.status, 303);
        let picture_page = staff.get(page.header("location").unwrap());
        assert_eq!(picture_page.text("h1"), "other.jpg");
        assert_eq!(upload_files(&staff, "/admin/media", &[("", b"")]).status, 303, "no file was selected");
    }

    fn duplicate_uploads_are_stored_once(app: &TestApp) {
        let staff = app.staff(Contributor);
        let first = upload(&staff, 5);
        let again = parsed(&upload_files(&staff, "/admin/media.json", &[("copy.png", &picture(5, ImageFormat::Jpeg))]));
        assert_eq!(again["item"]["id"], first);
        assert_eq!(again["new"], false);
        assert_eq!(again["item"]["name"], "picture-5.jpg");
    }

    fn files_that_are_not_pictures_are_refused_and_not_stored(app: &TestApp) {
        let staff = app.staff(Contributor);
        let jpeg = picture(6, ImageFormat::Jpeg);
        for content in [b"".as_slice(), b"%PDF-1.7", &jpeg[..jpeg.len() / 2]] {
            let page = upload_files(&staff, "/admin/media.json", &[("a.jpg", content)]);
            assert_eq!(page.status, 422, "{}", page.body);
            assert!(parsed(&page)["error"].as_str().unwrap().ends_with('.'));
        }
        assert_eq!(upload_files(&staff, "/admin/media.json", &[]).status, 422, "no file at all");
        assert_eq!(staff.get_json("/admin/media.json")["items"].as_array().unwrap().len(), 0);
        assert!(app.app.media.hashes().unwrap().is_empty());
    }

    fn oversized_uploads_are_refused_quickly(app: &TestApp) {
        let staff = app.staff(Contributor);
        let large = vec![0xff; 51_000_000];
        for path in ["/admin/media", "/admin/media.json"] {
            let start = Instant::now();
            let page = upload_files(&staff, path, &[("large.jpg", &large)]);
            assert_eq!(page.status, 413);
            assert!(page.body.contains("50 MB"), "{}", page.body);
            let parts = vec![("x.jpg", b"x".as_slice()); 1000];
            assert_eq!(upload_files(&staff, path, &parts).status, 422);
            assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        }
        assert_eq!(staff.get("/admin/media").status, 200);
    }

    fn uploads_whose_first_part_is_not_the_token_are_refused(app: &TestApp) {
        let staff = app.staff(Editor);
        let jpeg = picture(7, ImageFormat::Jpeg);
        let kind = MULTIPART;
        let files = as_form_files(&[("a.jpg", &jpeg)]);
        let good = multipart(&[("csrf", &staff.csrf())], &files);
        let other = multipart(&[("csrf", &app.staff(Editor).csrf())], &files);
        let token = format!("--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n", staff.csrf());
        let file_first = [&good[token.len()..good.len() - 10], token.as_bytes(), b"--edge--\r\n"].concat();
        for path in ["/admin/media", "/admin/media.json", "/admin/media/1/replace"] {
            for (body, headers) in [
                (&good, vec![]),
                (&good, vec![("sec-fetch-site", "cross-site")]),
                (&other, vec![SAME_ORIGIN]),
                (&file_first, vec![SAME_ORIGIN]),
                (&b"--edge--\r\n".to_vec(), vec![SAME_ORIGIN]),
                (&b"nonsense".to_vec(), vec![SAME_ORIGIN]),
            ] {
                let page = staff.send(path, kind, body, &headers);
                assert_eq!(page.status, 400, "{path} {headers:?}");
            }
        }
        assert!(app.app.media.hashes().unwrap().is_empty());
    }

    fn a_changed_focal_point_is_saved_and_crops_are_recreated(app: &TestApp) {
        let staff = app.staff(Author);
        let id = upload(&staff, 8);
        finish_processing(app);
        let path = format!("/admin/media/{id}");
        let fields = [("alt", "Ships <in> port"), ("caption", "At dawn"), ("credit", "A. Bibi"), ("focal_x", "12.5"), ("focal_y", "100")];
        assert_eq!(staff.post(&path, &fields).status, 303);
        let described = item(app, id).media;
        assert_eq!((described.focal_x, described.focal_y), (125, 1000));
        finish_processing(app);
        assert_eq!(app.status(&format!("/media/{}-1x1-125-1000.jpg", described.hash)), 200);
        let page = staff.get(&path);
        assert_eq!(page.text("textarea[name=alt]"), "Ships <in> port");
        assert_eq!(page.attributes("input[name=focal_x]", "value"), ["12.5"]);
        let crops = page.attributes(".crop", "viewBox");
        assert_eq!(crops.len(), 3);
        assert_eq!(crops[2], "0 0 140 140");
    }

    fn invalid_texts_are_reported_and_values_are_kept(app: &TestApp) {
        let staff = app.staff(Author);
        let path = format!("/admin/media/{}", upload(&staff, 9));
        let long = "x".repeat(1001);
        let page = staff.post(&path, &[("alt", &long), ("caption", "Kept"), ("credit", ""), ("focal_x", "101"), ("focal_y", "left")]);
        assert_eq!(page.status, 422);
        assert_eq!(page.texts(".summary li").len(), 3);
        assert_eq!(page.text("textarea[name=caption]"), "Kept");
        assert_eq!(page.attributes("input[name=focal_y]", "value"), ["left"]);
    }

    fn markup_in_names_and_texts_never_runs(app: &TestApp) {
        let staff = app.staff(Author);
        let payload = "<img src=x onerror=alert(1)>";
        let page = upload_files(&staff, "/admin/media.json", &[("<script>alert(1)<script>.jpg", &picture(10, ImageFormat::Jpeg))]);
        let id = parsed(&page)["item"]["id"].as_i64().unwrap();
        let path = format!("/admin/media/{id}");
        staff.post(&path, &[("alt", payload), ("caption", payload), ("credit", payload), ("focal_x", "50"), ("focal_y", "50")]);
        for path in [path.as_str(), "/admin/media"] {
            let page = staff.get(path);
            assert!(!page.body.contains("<img src=x") && !page.body.contains("<script>alert"), "{path}");
        }
    }

    fn the_library_is_searched_in_all_texts_and_paginated(app: &TestApp) {
        let staff = app.staff(Author);
        let ids: Vec<i64> = (20..24).map(|seed| upload(&staff, seed)).collect();
        let texts = [("alt", "Harbour at 50% tide"), ("caption", ""), ("credit", "Nour_Aziz"), ("focal_x", "50"), ("focal_y", "50")];
        staff.post(&format!("/admin/media/{}", ids[1]), &texts);
        let found = |query: &str| -> Vec<i64> {
            let answer = staff.get_json(&format!("/admin/media.json?{query}"));
            answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
        };
        let newest_first: Vec<i64> = ids.iter().rev().copied().collect();
        assert_eq!(found(""), newest_first);
        assert_eq!(found("q=HARBOUR+nour"), [ids[1]]);
        assert_eq!(found("q=50%25"), [ids[1]], "a percent sign matches itself");
        assert_eq!(found("q=r_a"), [ids[1]], "an underscore matches itself");
        assert_eq!(found("q=picture-23"), [ids[3]], "by file name");
        assert_eq!(found("q=a%00b%27%22%5C"), Vec::<i64>::new());
        assert_eq!(found(&format!("before={}", ids[2])), [ids[1], ids[0]]);
        assert_eq!(found(&format!("ids={},{},x,-1", ids[2], ids[0])), [ids[2], ids[0]]);
        let page = staff.get("/admin/media?q=harbour");
        assert_eq!(page.texts(".tile").len(), 1);
        assert!(staff.get("/admin/media?q=nothing").text("#empty").contains("nothing"));
    }

    fn only_editors_replace_or_delete_pictures(app: &TestApp) {
        let owner = app.staff(Contributor);
        let other = app.staff(Contributor);
        let author = app.staff(Author);
        let path = format!("/admin/media/{}", upload(&owner, 30));
        let texts = [("alt", "A"), ("caption", ""), ("credit", ""), ("focal_x", "50"), ("focal_y", "50")];
        assert_eq!(owner.post(&path, &texts).status, 303);
        assert_eq!(other.post(&path, &texts).status, 403);
        assert!(other.get(&path).texts("form[method=post] textarea").is_empty());
        assert_eq!(author.post(&path, &texts).status, 303);
        let jpeg = picture(31, ImageFormat::Jpeg);
        assert_eq!(upload_files(&author, &format!("{path}/replace"), &[("b.jpg", &jpeg)]).status, 403);
        assert_eq!(author.post(&format!("{path}/delete"), &[]).status, 403);
        assert_eq!(author.get("/admin/media/987654").status, 404);
    }

    fn a_replaced_picture_is_updated_wherever_it_is_used(app: &TestApp) {
        let section = app.section("news", "News");
        let editor = app.staff(Editor);
        let id = upload(&editor, 32);
        let second = upload(&editor, 33);
        finish_processing(app);
        article_with(app, section, "Replaced", Some(id), None);
        let before = item(app, id).media.hash;
        let path = format!("/admin/media/{id}/replace");
        let taken = upload_files(&editor, &path, &[("again.jpg", &picture(33, ImageFormat::Jpeg))]);
        assert_eq!(taken.status, 422, "the file belongs to picture {second}");
        assert_eq!(upload_files(&editor, &path, &[("broken.jpg", b"GIF89a")]).status, 422);
        assert_eq!(upload_files(&editor, &path, &[("new.jpg", &picture(34, ImageFormat::Jpeg))]).status, 303);
        let after = item(app, id);
        assert_ne!(after.media.hash, before);
        assert_eq!(after.name, "new.jpg");
        assert!(app.get("/news").body.contains(&after.media.hash));
        finish_processing(app);
        assert!(item(app, id).media.has_crops());
    }

    fn a_picture_in_use_cannot_be_deleted_and_its_uses_are_listed(app: &TestApp) {
        let section = app.section("news", "News");
        let editor = app.staff(Editor);
        let [lead, in_body, in_standing_page, portrait, logo, unused] = [40, 41, 45, 42, 43, 44].map(|seed| upload(&editor, seed));
        article_with(app, section, "Lead story", Some(lead), None);
        article_with(app, section, "Inside story", None, Some(in_body));
        app.standing_page("About us", &format!("<figure data-media=\"{in_standing_page}\"></figure>"), "/about");
        let author = app.author("Aqsa Bibi");
        app.write(|conn| {
            use dateline::db::schema::authors;
            use diesel::prelude::*;
            let author = diesel::update(authors::table.find(author));
            Ok(author.set(authors::portrait_id.eq(portrait)).execute(conn)?)
        });
        app.update_settings(|settings| settings.logo_media_id = Some(logo));
        for (id, named) in [(lead, "Article Lead story"), (in_body, "Article Inside story"), (in_standing_page, "Page About us"), (portrait, "Portrait of Aqsa Bibi"), (logo, "Logo in the settings")] {
            let path = format!("/admin/media/{id}");
            assert!(editor.get(&path).texts(".rows li").contains(&named.to_owned()), "{named}");
            let refused = editor.post(&format!("{path}/delete"), &[]);
            assert_eq!(refused.status, 409, "{named}");
            assert!(refused.texts(".rows li").contains(&named.to_owned()), "{named}");
        }
        let path = format!("/admin/media/{unused}");
        assert_eq!(editor.get(&path).text("[aria-labelledby=field-uses] .soft"), "Not used.");
        assert_eq!(editor.post(&format!("{path}/delete"), &[]).status, 303);
        assert_eq!(editor.get(&path).status, 404);
    }

    fn contributors_do_not_see_headlines_of_others_drafts(app: &TestApp) {
        let section = app.section("news", "News");
        let contributor = app.staff(Contributor);
        let id = upload(&contributor, 45);
        article_with(app, section, "Confidential", Some(id), None);
        let page = contributor.get(&format!("/admin/media/{id}"));
        assert_eq!(page.texts(".rows li"), ["1 article by other authors"]);
        assert!(!page.body.contains("Confidential"));
    }

    fn orphaned_files_are_deleted_after_an_hour(app: &TestApp) {
        let editor = app.staff(Editor);
        let [kept, gone] = [50, 51].map(|seed| upload(&editor, seed));
        finish_processing(app);
        let hash_of = |id| item(app, id).media.hash;
        let (kept_hash, gone_hash) = (hash_of(kept), hash_of(gone));
        editor.post(&format!("/admin/media/{gone}/delete"), &[]);
        finish_processing(app);
        assert_eq!(app.app.media.hashes().unwrap().len(), 2, "an upload may be in progress");
        app.app.clock.advance(TimeDelta::hours(2));
        finish_processing(app);
        let left: Vec<String> = app.app.media.hashes().unwrap().into_keys().collect();
        assert_eq!(left, std::slice::from_ref(&kept_hash));
        assert_eq!(app.status(&format!("/media/{gone_hash}.jpg")), 404);
        assert_eq!(app.status(&format!("/media/{kept_hash}.jpg")), 200);
    }

    fn files_are_kept_if_the_database_has_no_pictures_at_all(app: &TestApp) {
        app.app.media.begin(&one_colour(20, 20, 0)).unwrap();
        app.app.clock.advance(TimeDelta::hours(2));
        finish_processing(app);
        assert_eq!(app.app.media.hashes().unwrap().len(), 1);
    }

    fn changed_texts_of_a_picture_are_in_its_history(app: &TestApp) {
        let owner = app.staff(Contributor);
        let author = app.staff(Author);
        let id = upload(&owner, 53);
        let path = format!("/admin/media/{id}");
        let texts = |caption: &'static str| [("alt", "A ship"), ("caption", caption), ("credit", ""), ("focal_x", "50"), ("focal_y", "50")];
        assert_eq!(owner.post(&path, &texts("At dawn")).status, 303);
        assert_eq!(author.post(&path, &texts("At <dusk>")).status, 303);
        let events = app.write(|conn| Ok(history::of_object(conn, HistoryKind::Media, id, 10)?));
        assert_eq!(events[0].user_id, Some(author.id));
        assert_eq!(events[0].detail, "caption: “At dawn” → “At <dusk>”");
        assert_eq!(events[1].detail, "alternative text: “” → “A ship”; caption: “” → “At dawn”");
        let page = owner.get(&path);
        let shown = page.texts("[aria-labelledby=changes] li");
        assert_eq!(shown.len(), 3);
        assert!(shown[0].contains("caption: “At dawn” → “At <dusk>”"), "{shown:?}");
        assert!(app.staff(Contributor).get(&path).texts("[aria-labelledby=changes] li").is_empty());
        assert!(app.staff(Editor).get("/admin/history?q=dusk").text(".events").contains("At dawn"));
    }

    fn changes_to_pictures_are_recorded_in_the_history(app: &TestApp) {
        let editor = app.staff(Editor);
        let id = upload(&editor, 52);
        let texts = [("alt", "A"), ("caption", ""), ("credit", ""), ("focal_x", "50"), ("focal_y", "50")];
        editor.post(&format!("/admin/media/{id}"), &texts);
        editor.post(&format!("/admin/media/{id}/delete"), &[]);
        let events = app.write(|conn| Ok(history::of_object(conn, HistoryKind::Media, id, 10)?));
        let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["deleted", "described", "uploaded"]);
    }
}
